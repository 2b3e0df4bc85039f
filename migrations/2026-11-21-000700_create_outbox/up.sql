CREATE TABLE outbox (
  id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
  program_id uuid,
  partner_id uuid,
  user_id uuid,
  letter jsonb NOT NULL,
  recipient text NOT NULL,
  message_id text NOT NULL CONSTRAINT outbox_message_id_key UNIQUE,
  state text NOT NULL CONSTRAINT outbox_state_known CHECK (state IN ('queued', 'sent', 'retrying', 'failed')),
  run_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  last_error text,
  created_at timestamptz NOT NULL,
  sent_at timestamptz
);
CREATE INDEX outbox_due_idx ON outbox (run_at, id) WHERE state IN ('queued', 'retrying');
CREATE INDEX outbox_program_idx ON outbox (program_id, created_at DESC, id DESC);
COMMENT ON TABLE outbox IS 'Letters, written in the transaction that causes them and sent after it.';
COMMENT ON COLUMN outbox.id IS 'Key.';
COMMENT ON COLUMN outbox.program_id IS 'The program it is about; null above programs.';
COMMENT ON COLUMN outbox.partner_id IS 'The partner it is about.';
COMMENT ON COLUMN outbox.user_id IS 'Whom it is for.';
COMMENT ON COLUMN outbox.letter IS 'Which letter and its ids; the text is written when sending. No secret is kept.';
COMMENT ON COLUMN outbox.recipient IS 'Address at the moment of writing.';
COMMENT ON COLUMN outbox.message_id IS 'Message-ID header: the same at each attempt, so that a second copy can be known.';
COMMENT ON COLUMN outbox.state IS 'queued, sent, retrying, failed.';
COMMENT ON COLUMN outbox.run_at IS 'Not to be sent before.';
COMMENT ON COLUMN outbox.attempts IS 'Attempts so far.';
COMMENT ON COLUMN outbox.locked_until IS 'A worker has it until then.';
COMMENT ON COLUMN outbox.last_error IS 'Why the last attempt failed, in words.';
COMMENT ON COLUMN outbox.created_at IS 'When it was written.';
COMMENT ON COLUMN outbox.sent_at IS 'When the mail server took it.';

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY outbox_partner ON outbox TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY outbox_host ON outbox TO portico_host USING (true);
GRANT INSERT ON outbox TO portico_partner, portico_host;
GRANT SELECT ON outbox TO portico_host;
