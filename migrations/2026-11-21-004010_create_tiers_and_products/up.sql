CREATE TABLE tiers (
  id uuid CONSTRAINT tiers_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT tiers_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT tiers_name_length CHECK (char_length(name) BETWEEN 1 AND 40),
  precedence integer NOT NULL CONSTRAINT tiers_precedence_range CHECK (precedence BETWEEN 1 AND 50),
  description text NOT NULL DEFAULT '' CONSTRAINT tiers_description_length CHECK (char_length(description) <= 1000),
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL,
  updated_by_name text NOT NULL,
  CONSTRAINT tiers_program_id_key UNIQUE (program_id, id),
  CONSTRAINT tiers_precedence_key UNIQUE (program_id, precedence) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE UNIQUE INDEX tiers_name_key ON tiers (program_id, lower(name));
COMMENT ON TABLE tiers IS 'The ranks of a program''s customers, in order.';
COMMENT ON COLUMN tiers.id IS 'Key.';
COMMENT ON COLUMN tiers.program_id IS 'The program.';
COMMENT ON COLUMN tiers.name IS 'Shown; unique in the program ignoring case.';
COMMENT ON COLUMN tiers.precedence IS 'Its place: 1 is the highest tier; unique in the program.';
COMMENT ON COLUMN tiers.description IS 'What it takes and brings, for CSRs.';
COMMENT ON COLUMN tiers.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN tiers.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN tiers.updated_by_name IS 'Who edited it last.';

CREATE TABLE products (
  id uuid CONSTRAINT products_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  sku text NOT NULL CONSTRAINT products_sku_length CHECK (char_length(sku) BETWEEN 1 AND 64),
  name text NOT NULL CONSTRAINT products_name_length CHECK (char_length(name) BETWEEN 1 AND 160),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  kind text NOT NULL CONSTRAINT products_kind_known CHECK (kind IN ('product', 'service')),
  category text NOT NULL DEFAULT '' CONSTRAINT products_category_length CHECK (char_length(category) <= 60),
  description text NOT NULL DEFAULT '' CONSTRAINT products_description_length CHECK (char_length(description) <= 5000),
  currency text NOT NULL DEFAULT 'points' CONSTRAINT products_currency_form CHECK (currency = 'points' OR currency ~ '^[A-Z]{3}$'),
  price bigint CONSTRAINT products_price_range CHECK (price BETWEEN 0 AND 1000000000000),
  image_sha256 text,
  status text NOT NULL DEFAULT 'active' CONSTRAINT products_status_known CHECK (status IN ('active', 'archived')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT products_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT products_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id)
);
CREATE UNIQUE INDEX products_sku_key ON products (partner_id, lower(sku));
CREATE INDEX products_program_name_idx ON products (program_id, sort_name, id);
CREATE INDEX products_partner_name_idx ON products (partner_id, sort_name, id);
CREATE INDEX products_program_updated_idx ON products (program_id, updated_at, id);
CREATE INDEX products_program_id_idx ON products (program_id, id);
CREATE INDEX products_search_idx ON products USING gin ((sku || ' ' || name) gin_trgm_ops);
COMMENT ON TABLE products IS 'What partners offer to the program''s customers: products and services.';
COMMENT ON COLUMN products.id IS 'Key.';
COMMENT ON COLUMN products.program_id IS 'The partner''s program.';
COMMENT ON COLUMN products.partner_id IS 'Whose it is, for ever.';
COMMENT ON COLUMN products.sku IS 'The partner''s own key for it; unique there ignoring case.';
COMMENT ON COLUMN products.name IS 'Shown.';
COMMENT ON COLUMN products.sort_name IS 'The name in lower case, for order.';
COMMENT ON COLUMN products.kind IS 'product or service.';
COMMENT ON COLUMN products.category IS 'A word to group by; may be empty.';
COMMENT ON COLUMN products.description IS 'Shown below the name.';
COMMENT ON COLUMN products.currency IS 'points, or a currency of ISO 4217.';
COMMENT ON COLUMN products.price IS 'In points, or in the smallest unit of the currency; null when there is none.';
COMMENT ON COLUMN products.image_sha256 IS 'Digest of the picture; null when there is none.';
COMMENT ON COLUMN products.status IS 'active; archived: nobody sees or redeems it.';
COMMENT ON COLUMN products.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN products.created_at IS 'When it was created.';
COMMENT ON COLUMN products.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN products.updated_by IS 'Who edited it last; null for the command line.';
COMMENT ON COLUMN products.updated_by_name IS 'Their name at that moment.';

CREATE TABLE product_images (
  product_id uuid CONSTRAINT product_images_pkey PRIMARY KEY,
  partner_id uuid NOT NULL,
  png bytea NOT NULL CONSTRAINT product_images_size CHECK (octet_length(png) BETWEEN 1 AND 2097152),
  CONSTRAINT product_images_product_fkey FOREIGN KEY (partner_id, product_id) REFERENCES products (partner_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE product_images IS 'Pictures of products.';
COMMENT ON COLUMN product_images.product_id IS 'The product.';
COMMENT ON COLUMN product_images.partner_id IS 'Whose it is.';
COMMENT ON COLUMN product_images.png IS 'Encoded anew by the portal.';

ALTER TABLE tiers ENABLE ROW LEVEL SECURITY;
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
ALTER TABLE product_images ENABLE ROW LEVEL SECURITY;
CREATE POLICY tiers_partner ON tiers TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY tiers_host ON tiers TO portico_host USING (true);
CREATE POLICY products_partner ON products TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY products_host ON products TO portico_host USING (true);
CREATE POLICY product_images_partner ON product_images TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY product_images_host ON product_images TO portico_host USING (true);
GRANT SELECT ON tiers, products, product_images TO portico_partner, portico_host;
GRANT INSERT, DELETE ON tiers, products, product_images TO portico_host;
GRANT UPDATE (name, precedence, description, version, updated_at, updated_by_name) ON tiers TO portico_host;
GRANT UPDATE (sku, name, kind, category, description, currency, price, image_sha256, status, version, updated_at, updated_by, updated_by_name)
  ON products TO portico_host;
GRANT UPDATE (png) ON product_images TO portico_host;
