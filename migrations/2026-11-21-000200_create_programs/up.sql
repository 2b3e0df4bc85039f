CREATE TABLE programs (
  id uuid CONSTRAINT programs_pkey PRIMARY KEY,
  code text NOT NULL CONSTRAINT programs_code_key UNIQUE CONSTRAINT programs_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9_-]{1,31}$'),
  name text NOT NULL CONSTRAINT programs_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  model text NOT NULL CONSTRAINT programs_model_known CHECK (model IN ('coalition', 'single')),
  time_zone text NOT NULL,
  tiers_enabled boolean NOT NULL DEFAULT false,
  hosting_limit integer NOT NULL DEFAULT 4 CONSTRAINT programs_hosting_limit_range CHECK (hosting_limit BETWEEN 1 AND 1000),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX programs_name_key ON programs (lower(name));
COMMENT ON TABLE programs IS 'A loyalty or integration program: it owns partners and settings.';
COMMENT ON COLUMN programs.id IS 'Key.';
COMMENT ON COLUMN programs.code IS 'Short name for people, addresses and commands; unique in the portal.';
COMMENT ON COLUMN programs.name IS 'Shown on every page; unique ignoring case.';
COMMENT ON COLUMN programs.model IS 'coalition: many partners; single: one partner that owns everything.';
COMMENT ON COLUMN programs.time_zone IS 'IANA name; for partners and people who have none of their own.';
COMMENT ON COLUMN programs.tiers_enabled IS 'Whether tiers have screens and effects.';
COMMENT ON COLUMN programs.hosting_limit IS 'More hosting partners than this show a warning.';
COMMENT ON COLUMN programs.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN programs.created_at IS 'When it was created.';
COMMENT ON COLUMN programs.updated_at IS 'When it was last edited.';

CREATE TABLE partner_types (
  id uuid CONSTRAINT partner_types_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT partner_types_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  key text NOT NULL CONSTRAINT partner_types_key_form CHECK (key ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text NOT NULL CONSTRAINT partner_types_name_length CHECK (char_length(name) BETWEEN 1 AND 40),
  position integer NOT NULL,
  CONSTRAINT partner_types_key_key UNIQUE (program_id, key),
  CONSTRAINT partner_types_program_id_key UNIQUE (program_id, id)
);
CREATE UNIQUE INDEX partner_types_name_key ON partner_types (program_id, lower(name));
COMMENT ON TABLE partner_types IS 'The industries that a program sorts its partners by.';
COMMENT ON COLUMN partner_types.id IS 'Key.';
COMMENT ON COLUMN partner_types.program_id IS 'The program that uses it.';
COMMENT ON COLUMN partner_types.key IS 'Word for imports and the API, like credit-card; fixed.';
COMMENT ON COLUMN partner_types.name IS 'Shown; unique in the program ignoring case.';
COMMENT ON COLUMN partner_types.position IS 'Order in lists and forms.';

ALTER TABLE programs ENABLE ROW LEVEL SECURITY;
ALTER TABLE partner_types ENABLE ROW LEVEL SECURITY;
CREATE POLICY programs_partner ON programs TO portico_partner USING (id = portico_program_id());
CREATE POLICY programs_host ON programs TO portico_host USING (true);
CREATE POLICY partner_types_partner ON partner_types TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY partner_types_host ON partner_types TO portico_host USING (true);
GRANT SELECT ON programs, partner_types TO portico_partner;
GRANT SELECT, INSERT, UPDATE ON programs TO portico_host;
GRANT SELECT, INSERT, UPDATE, DELETE ON partner_types TO portico_host;
