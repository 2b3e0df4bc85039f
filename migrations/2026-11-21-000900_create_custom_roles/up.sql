CREATE TABLE roles (
  id uuid CONSTRAINT roles_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT roles_program_fkey REFERENCES programs (id),
  name text NOT NULL CONSTRAINT roles_name_length CHECK (char_length(name) BETWEEN 1 AND 60),
  copied_from text NOT NULL DEFAULT '',
  program_wide boolean NOT NULL,
  permissions jsonb NOT NULL CONSTRAINT roles_permissions_list CHECK (jsonb_typeof(permissions) = 'array'),
  second_factor boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT roles_program_id_key UNIQUE (program_id, id)
);
CREATE UNIQUE INDEX roles_name_key ON roles (program_id, lower(name));
COMMENT ON TABLE roles IS 'Roles that a program made for itself, beside the seven built-in ones.';
COMMENT ON COLUMN roles.id IS 'Key.';
COMMENT ON COLUMN roles.program_id IS 'The program that uses it.';
COMMENT ON COLUMN roles.name IS 'Shown; unique in the program ignoring case.';
COMMENT ON COLUMN roles.copied_from IS 'Name of the role it began as a copy of; empty when it began empty.';
COMMENT ON COLUMN roles.program_wide IS 'Whether its people see all partners, at a hosting partner; else they see their own partner.';
COMMENT ON COLUMN roles.permissions IS 'Keys of the permissions it holds; a key that nobody knows any more grants nothing.';
COMMENT ON COLUMN roles.second_factor IS 'Whether its people must use a second factor.';
COMMENT ON COLUMN roles.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN roles.created_at IS 'When it was created.';
COMMENT ON COLUMN roles.updated_at IS 'When it was last edited.';

ALTER TABLE memberships
  ADD COLUMN role_id uuid,
  ADD COLUMN suspended_at timestamptz,
  ADD COLUMN suspended_reason text NOT NULL DEFAULT '',
  DROP CONSTRAINT memberships_role_known,
  ADD CONSTRAINT memberships_role_known CHECK (role IN ('admin', 'user', 'reviewer', 'csr', 'auditor', 'custom')),
  ADD CONSTRAINT memberships_role_custom CHECK ((role = 'custom') = (role_id IS NOT NULL)),
  ADD CONSTRAINT memberships_role_fkey FOREIGN KEY (program_id, role_id) REFERENCES roles (program_id, id);
CREATE INDEX memberships_role_idx ON memberships (role_id) WHERE role_id IS NOT NULL;
CREATE INDEX memberships_added_idx ON memberships (program_id, created_at DESC, id DESC);
COMMENT ON COLUMN memberships.role IS 'admin is Hosting admin at a hosting partner and Partner admin elsewhere; custom is the role that role_id names.';
COMMENT ON COLUMN memberships.role_id IS 'The program''s own role; null for the built-in ones.';
COMMENT ON COLUMN memberships.suspended_at IS 'Since when the person may not act for this partner; null while they may.';
COMMENT ON COLUMN memberships.suspended_reason IS 'Why, in words.';

ALTER TABLE programs ADD COLUMN second_factor_roles jsonb NOT NULL DEFAULT '[]'
  CONSTRAINT programs_second_factor_roles_list CHECK (jsonb_typeof(second_factor_roles) = 'array');
COMMENT ON COLUMN programs.second_factor_roles IS 'Built-in roles whose people must use a second factor.';

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY roles_partner ON roles TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY roles_host ON roles TO portico_host USING (true);
GRANT SELECT ON roles TO portico_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON roles TO portico_host;
