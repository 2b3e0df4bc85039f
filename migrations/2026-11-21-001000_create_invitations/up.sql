CREATE TABLE invitations (
  id uuid CONSTRAINT invitations_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  email text NOT NULL CONSTRAINT invitations_email_form CHECK (email = lower(email) AND octet_length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT invitations_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  role text NOT NULL CONSTRAINT invitations_role_known CHECK (role IN ('admin', 'user', 'reviewer', 'csr', 'auditor', 'custom')),
  role_id uuid,
  link_version integer NOT NULL DEFAULT 1,
  expires_at timestamptz NOT NULL,
  letter_id uuid,
  opened_at timestamptz,
  asked_at timestamptz,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  invited_by uuid,
  invited_by_name text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  CONSTRAINT invitations_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT invitations_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE,
  CONSTRAINT invitations_role_fkey FOREIGN KEY (program_id, role_id) REFERENCES roles (program_id, id),
  CONSTRAINT invitations_role_custom CHECK ((role = 'custom') = (role_id IS NOT NULL)),
  CONSTRAINT invitations_one_end CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_open_key ON invitations (partner_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_partner_idx ON invitations (partner_id, created_at DESC, id DESC);
CREATE INDEX invitations_program_idx ON invitations (program_id, created_at DESC, id DESC);
CREATE INDEX invitations_role_idx ON invitations (role_id) WHERE role_id IS NOT NULL;
COMMENT ON TABLE invitations IS 'People asked to join a partner. Its link is derived from the key, the id, the link version and the address, and is not stored.';
COMMENT ON COLUMN invitations.id IS 'Key.';
COMMENT ON COLUMN invitations.program_id IS 'The partner''s program.';
COMMENT ON COLUMN invitations.partner_id IS 'The partner to join.';
COMMENT ON COLUMN invitations.email IS 'Whom the link was sent to; ASCII, lower case.';
COMMENT ON COLUMN invitations.name IS 'What the inviter calls them.';
COMMENT ON COLUMN invitations.role IS 'The role they get, as in memberships.';
COMMENT ON COLUMN invitations.role_id IS 'The program''s own role; null for the built-in ones.';
COMMENT ON COLUMN invitations.link_version IS 'Raised by each new link: the older ones are dead.';
COMMENT ON COLUMN invitations.expires_at IS 'From this moment on the link is refused.';
COMMENT ON COLUMN invitations.letter_id IS 'The letter that brought the newest link; its row in outbox tells how it fared.';
COMMENT ON COLUMN invitations.opened_at IS 'When the newest link was first opened; a mail scanner may have done it.';
COMMENT ON COLUMN invitations.asked_at IS 'When they asked for a new link.';
COMMENT ON COLUMN invitations.accepted_at IS 'When they joined; null before.';
COMMENT ON COLUMN invitations.accepted_by IS 'The account that joined.';
COMMENT ON COLUMN invitations.revoked_at IS 'When it was taken back.';
COMMENT ON COLUMN invitations.invited_by IS 'Who invited them; null for the command line.';
COMMENT ON COLUMN invitations.invited_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN invitations.version IS 'Grows by one with each change; compared when saving.';
COMMENT ON COLUMN invitations.created_at IS 'When they were first invited.';
COMMENT ON COLUMN invitations.sent_at IS 'When the newest link was made.';

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY invitations_partner ON invitations TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY invitations_host ON invitations TO portico_host USING (true);
GRANT SELECT, INSERT, UPDATE ON invitations TO portico_partner, portico_host;
