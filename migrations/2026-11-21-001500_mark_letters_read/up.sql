ALTER TABLE outbox ADD COLUMN read_at timestamptz;
CREATE INDEX outbox_user_idx ON outbox (user_id, created_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX outbox_unread_idx ON outbox (user_id, kind) WHERE user_id IS NOT NULL AND read_at IS NULL;
COMMENT ON COLUMN outbox.read_at IS 'When the person read it as a notification in the portal; null before.';
