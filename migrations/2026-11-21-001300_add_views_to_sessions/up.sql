ALTER TABLE sessions
  ADD COLUMN view_membership_id uuid CONSTRAINT sessions_view_membership_fkey REFERENCES memberships (id) ON DELETE SET NULL,
  ADD COLUMN view_until timestamptz,
  ADD COLUMN view_reason text;
COMMENT ON COLUMN sessions.view_membership_id IS 'Whose view of the portal its owner looks at, reading only; null for their own.';
COMMENT ON COLUMN sessions.view_until IS 'When that ends by itself.';
COMMENT ON COLUMN sessions.view_reason IS 'Why they look, in words.';
