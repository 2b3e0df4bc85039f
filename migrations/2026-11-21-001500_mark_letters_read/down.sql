DROP INDEX outbox_unread_idx;
DROP INDEX outbox_user_idx;
ALTER TABLE outbox DROP COLUMN read_at;
