ALTER TABLE programs DROP COLUMN second_factor_roles;
DROP INDEX memberships_added_idx;
DELETE FROM memberships WHERE role = 'custom';
ALTER TABLE memberships
  DROP CONSTRAINT memberships_role_fkey,
  DROP CONSTRAINT memberships_role_custom,
  DROP CONSTRAINT memberships_role_known,
  ADD CONSTRAINT memberships_role_known CHECK (role IN ('admin', 'user', 'reviewer', 'csr', 'auditor')),
  DROP COLUMN role_id,
  DROP COLUMN suspended_at,
  DROP COLUMN suspended_reason;
COMMENT ON COLUMN memberships.role IS 'admin is Hosting admin at a hosting partner and Partner admin elsewhere.';
DROP TABLE roles;
