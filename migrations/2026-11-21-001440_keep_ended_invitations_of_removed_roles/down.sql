COMMENT ON COLUMN invitations.role_id IS 'The program''s own role; null for the built-in ones.';
-- Ended invitations to roles that are gone get the least role, so that the older rule holds.
UPDATE invitations SET role = 'user' WHERE role = 'custom' AND role_id IS NULL;
ALTER TABLE invitations
  DROP CONSTRAINT invitations_role_fkey,
  DROP CONSTRAINT invitations_role_custom,
  ADD CONSTRAINT invitations_role_fkey FOREIGN KEY (program_id, role_id) REFERENCES roles (program_id, id),
  ADD CONSTRAINT invitations_role_custom CHECK ((role = 'custom') = (role_id IS NOT NULL));
