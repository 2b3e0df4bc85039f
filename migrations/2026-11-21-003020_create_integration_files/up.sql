CREATE TABLE integration_images (
  id uuid CONSTRAINT integration_images_pkey PRIMARY KEY,
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT integration_images_name_length CHECK (char_length(name) BETWEEN 1 AND 80),
  media text NOT NULL CONSTRAINT integration_images_media_known CHECK (media IN ('image/png', 'image/jpeg')),
  width integer NOT NULL CONSTRAINT integration_images_width_range CHECK (width BETWEEN 1 AND 4096),
  height integer NOT NULL CONSTRAINT integration_images_height_range CHECK (height BETWEEN 1 AND 4096),
  content bytea NOT NULL CONSTRAINT integration_images_size CHECK (octet_length(content) BETWEEN 1 AND 33554432),
  created_at timestamptz NOT NULL,
  CONSTRAINT integration_images_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT integration_images_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX integration_images_integration_idx ON integration_images (partner_id, integration_id);
COMMENT ON TABLE integration_images IS 'Pictures of integrations; kept while any submission or version may show them.';
COMMENT ON COLUMN integration_images.id IS 'Key; random, so that no address can be guessed.';
COMMENT ON COLUMN integration_images.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_images.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_images.name IS 'What the partner calls the file; shown, never used as a path.';
COMMENT ON COLUMN integration_images.media IS 'How the portal encoded it.';
COMMENT ON COLUMN integration_images.width IS 'In pixels.';
COMMENT ON COLUMN integration_images.height IS 'In pixels.';
COMMENT ON COLUMN integration_images.content IS 'The portal''s own encoding of what was uploaded.';
COMMENT ON COLUMN integration_images.created_at IS 'When it was uploaded.';

CREATE TABLE integration_credentials (
  integration_id uuid CONSTRAINT integration_credentials_pkey PRIMARY KEY,
  partner_id uuid NOT NULL,
  stored_at timestamptz NOT NULL,
  stored_by_name text NOT NULL,
  secret bytea NOT NULL,
  secret_key_id text NOT NULL,
  CONSTRAINT integration_credentials_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX integration_credentials_partner_idx ON integration_credentials (partner_id, integration_id);
CREATE INDEX integration_credentials_key_idx ON integration_credentials (secret_key_id, integration_id);
COMMENT ON TABLE integration_credentials IS 'With which a reviewer tries an integration.';
COMMENT ON COLUMN integration_credentials.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_credentials.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_credentials.secret IS 'What the partner typed; encrypted, bound to the integration. Pages may write it and not read it.';
COMMENT ON COLUMN integration_credentials.secret_key_id IS 'Which of the portal''s keys encrypted it.';
COMMENT ON COLUMN integration_credentials.stored_at IS 'When.';
COMMENT ON COLUMN integration_credentials.stored_by_name IS 'Who put it in.';

ALTER TABLE integration_images ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_credentials ENABLE ROW LEVEL SECURITY;
CREATE POLICY integration_images_partner ON integration_images TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_images_host ON integration_images TO portico_host USING (true);
CREATE POLICY integration_credentials_partner ON integration_credentials TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_credentials_host ON integration_credentials TO portico_host USING (true);
GRANT SELECT, INSERT, DELETE ON integration_images TO portico_partner, portico_host;
GRANT SELECT (integration_id, partner_id, stored_at, stored_by_name) ON integration_credentials TO portico_partner, portico_host;
GRANT INSERT ON integration_credentials TO portico_partner, portico_host;
GRANT UPDATE (secret, secret_key_id, stored_at, stored_by_name) ON integration_credentials TO portico_partner, portico_host;
GRANT DELETE ON integration_credentials TO portico_partner, portico_host;
