ALTER TABLE sessions DROP COLUMN view_membership_id, DROP COLUMN view_until, DROP COLUMN view_reason;
