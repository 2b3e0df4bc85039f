-- A role may be removed once nobody has it or is still invited to it; invitations that ended keep no hold on it.
ALTER TABLE invitations
  DROP CONSTRAINT invitations_role_fkey,
  DROP CONSTRAINT invitations_role_custom,
  ADD CONSTRAINT invitations_role_fkey FOREIGN KEY (program_id, role_id) REFERENCES roles (program_id, id)
    ON DELETE SET NULL (role_id),
  ADD CONSTRAINT invitations_role_custom CHECK (
    CASE WHEN role = 'custom' THEN role_id IS NOT NULL OR accepted_at IS NOT NULL OR revoked_at IS NOT NULL
    ELSE role_id IS NULL END);
COMMENT ON COLUMN invitations.role_id IS 'The program''s own role; null for the built-in ones, and once it was removed after the invitation ended.';
