CREATE TABLE partners (
  id uuid CONSTRAINT partners_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT partners_program_fkey REFERENCES programs (id),
  code text NOT NULL CONSTRAINT partners_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9_-]{1,31}$'),
  name text NOT NULL CONSTRAINT partners_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  kind text NOT NULL CONSTRAINT partners_kind_known CHECK (kind IN ('external', 'own', 'department')),
  category text NOT NULL CONSTRAINT partners_category_known CHECK (category IN ('accrual', 'redemption', 'both')),
  type_id uuid NOT NULL,
  status text NOT NULL CONSTRAINT partners_status_known CHECK (status IN ('planned', 'pending', 'active', 'suspended', 'offboarding', 'archived')),
  is_hosting boolean NOT NULL DEFAULT false,
  time_zone text NOT NULL,
  support_phone text,
  support_email text,
  notes text NOT NULL DEFAULT '' CONSTRAINT partners_notes_length CHECK (char_length(notes) <= 5000),
  primary_contact_id uuid,
  code_fixed boolean NOT NULL DEFAULT false,
  logo_sha256 text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT partners_code_key UNIQUE (program_id, code),
  CONSTRAINT partners_program_id_key UNIQUE (program_id, id),
  CONSTRAINT partners_type_fkey FOREIGN KEY (program_id, type_id) REFERENCES partner_types (program_id, id)
);
CREATE INDEX partners_name_idx ON partners (program_id, sort_name, id);
CREATE INDEX partners_updated_idx ON partners (program_id, updated_at, id);
CREATE INDEX partners_status_name_idx ON partners (program_id, status, sort_name, id);
CREATE INDEX partners_status_updated_idx ON partners (program_id, status, updated_at, id);
CREATE INDEX partners_type_idx ON partners (program_id, type_id, sort_name, id);
CREATE INDEX partners_hosting_idx ON partners (program_id) WHERE is_hosting;
CREATE INDEX partners_search_idx ON partners USING gin ((name || ' ' || code || ' ' || coalesce(support_email, '')) gin_trgm_ops);
COMMENT ON TABLE partners IS 'An organisation, or a department of one, that takes part in a program.';
COMMENT ON COLUMN partners.id IS 'Key.';
COMMENT ON COLUMN partners.program_id IS 'The program it takes part in.';
COMMENT ON COLUMN partners.code IS 'Unique in the program; stable in addresses and the API; fixed once the partner was active.';
COMMENT ON COLUMN partners.name IS 'Shown; may repeat.';
COMMENT ON COLUMN partners.sort_name IS 'The name in lower case, for order.';
COMMENT ON COLUMN partners.kind IS 'external organisation, own company, or a department of it.';
COMMENT ON COLUMN partners.category IS 'Its part in loyalty: accrual, redemption or both.';
COMMENT ON COLUMN partners.type_id IS 'Industry; one of the program''s partner types.';
COMMENT ON COLUMN partners.status IS 'planned, pending, active, suspended, offboarding, archived.';
COMMENT ON COLUMN partners.is_hosting IS 'Hosting partners own the program and see every partner.';
COMMENT ON COLUMN partners.time_zone IS 'IANA name; its dates are shown in it.';
COMMENT ON COLUMN partners.support_phone IS 'E.164; whom to call when something is down.';
COMMENT ON COLUMN partners.support_email IS 'Whom to write to when something is down.';
COMMENT ON COLUMN partners.notes IS 'Plans and intended access; seen by the hosting partners only.';
COMMENT ON COLUMN partners.primary_contact_id IS 'The user who is mailed by default; one of its members.';
COMMENT ON COLUMN partners.code_fixed IS 'True once the partner was active: its code is in use.';
COMMENT ON COLUMN partners.logo_sha256 IS 'Hash of the stored logo; null means initials.';
COMMENT ON COLUMN partners.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN partners.created_at IS 'When it was created.';
COMMENT ON COLUMN partners.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN partners.updated_by IS 'Who edited it last; null for the command line.';
COMMENT ON COLUMN partners.updated_by_name IS 'Their name at that moment.';

CREATE TABLE memberships (
  id uuid CONSTRAINT memberships_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT memberships_user_fkey REFERENCES users (id),
  role text NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('admin', 'user', 'reviewer', 'csr', 'auditor')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  CONSTRAINT memberships_once UNIQUE (partner_id, user_id),
  CONSTRAINT memberships_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT memberships_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE
);
CREATE INDEX memberships_user_idx ON memberships (user_id, created_at);
CREATE INDEX memberships_program_idx ON memberships (program_id, partner_id);
ALTER TABLE partners ADD CONSTRAINT partners_primary_contact_fkey FOREIGN KEY (id, primary_contact_id)
  REFERENCES memberships (partner_id, user_id) ON DELETE SET NULL (primary_contact_id) DEFERRABLE;
COMMENT ON TABLE memberships IS 'Joins a user, a partner and a role.';
COMMENT ON COLUMN memberships.id IS 'Key.';
COMMENT ON COLUMN memberships.program_id IS 'The partner''s program.';
COMMENT ON COLUMN memberships.partner_id IS 'The partner.';
COMMENT ON COLUMN memberships.user_id IS 'The person.';
COMMENT ON COLUMN memberships.role IS 'admin is Hosting admin at a hosting partner and Partner admin elsewhere.';
COMMENT ON COLUMN memberships.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN memberships.created_at IS 'When the person joined.';

CREATE TABLE partner_logos (
  partner_id uuid CONSTRAINT partner_logos_pkey PRIMARY KEY CONSTRAINT partner_logos_partner_fkey REFERENCES partners (id) ON DELETE CASCADE,
  png bytea NOT NULL CONSTRAINT partner_logos_size CHECK (octet_length(png) <= 2097152)
);
COMMENT ON TABLE partner_logos IS 'Logos, decoded and encoded again as PNG.';
COMMENT ON COLUMN partner_logos.partner_id IS 'The partner; its only logo.';
COMMENT ON COLUMN partner_logos.png IS 'At most 256 pixels a side, no metadata.';

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE partners ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE partner_logos ENABLE ROW LEVEL SECURITY;
CREATE POLICY partners_partner ON partners TO portico_partner USING (id = portico_partner_id());
CREATE POLICY partners_host ON partners TO portico_host USING (true);
CREATE POLICY memberships_partner ON memberships TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY memberships_host ON memberships TO portico_host USING (true);
CREATE POLICY partner_logos_partner ON partner_logos TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY partner_logos_host ON partner_logos TO portico_host USING (true);
CREATE POLICY users_partner ON users TO portico_partner
  USING (EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.partner_id = portico_partner_id()));
CREATE POLICY users_host ON users TO portico_host USING (true);
-- Columns: a partner's own people change its contacts and logo, never its flags, status or place.
GRANT SELECT, UPDATE (support_phone, support_email, time_zone, primary_contact_id, logo_sha256, version, updated_at, updated_by, updated_by_name)
  ON partners TO portico_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON partners TO portico_host;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships, partner_logos TO portico_partner, portico_host;
-- Columns, so that no query of a page can read a password hash.
GRANT SELECT (id, email, name, status, is_system, time_zone, theme, single_keys, last_seen_at, version, created_at, updated_at)
  ON users TO portico_partner, portico_host;
