ALTER TABLE outbox
  ADD COLUMN kind text NOT NULL DEFAULT '',
  ADD COLUMN subject text NOT NULL DEFAULT '',
  ADD COLUMN recipient_name text NOT NULL DEFAULT '',
  ADD COLUMN about_id uuid,
  ADD COLUMN hosts_only boolean NOT NULL DEFAULT false,
  ADD COLUMN members_only boolean NOT NULL DEFAULT false,
  ADD COLUMN expires_at timestamptz,
  DROP CONSTRAINT outbox_state_known,
  ADD CONSTRAINT outbox_state_known CHECK (state IN ('queued', 'sent', 'retrying', 'failed', 'withdrawn'));
CREATE INDEX outbox_partner_idx ON outbox (partner_id, created_at DESC, id DESC);
CREATE INDEX outbox_program_state_idx ON outbox (program_id, state, created_at DESC, id DESC);
CREATE INDEX outbox_about_idx ON outbox (about_id) WHERE about_id IS NOT NULL;
COMMENT ON COLUMN outbox.state IS 'queued, sent, retrying, failed, withdrawn.';
COMMENT ON COLUMN outbox.kind IS 'The letter''s name.';
COMMENT ON COLUMN outbox.subject IS 'The subject line, as it is sent.';
COMMENT ON COLUMN outbox.recipient_name IS 'The person''s name at that moment.';
COMMENT ON COLUMN outbox.about_id IS 'The invitation that it brings.';
COMMENT ON COLUMN outbox.hosts_only IS 'True for letters to the hosts, which the partner''s own people must not see.';
COMMENT ON COLUMN outbox.members_only IS 'Sent only while the recipient is a member of the partner who may act.';
COMMENT ON COLUMN outbox.expires_at IS 'Not sent from this moment on: its link would be dead.';

DROP POLICY outbox_partner ON outbox;
CREATE POLICY outbox_partner ON outbox FOR SELECT TO portico_partner USING (partner_id = portico_partner_id() AND NOT hosts_only);
CREATE POLICY outbox_partner_writes ON outbox FOR INSERT TO portico_partner WITH CHECK (partner_id = portico_partner_id());
CREATE POLICY outbox_partner_withdraws ON outbox FOR UPDATE TO portico_partner USING (partner_id = portico_partner_id());
GRANT SELECT, UPDATE (state, last_error, run_at, locked_until) ON outbox TO portico_partner, portico_host;

CREATE TABLE letter_texts (
  program_id uuid NOT NULL CONSTRAINT letter_texts_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  letter text NOT NULL CONSTRAINT letter_texts_letter_known CHECK (letter IN ('Invitation')),
  subject text NOT NULL CONSTRAINT letter_texts_subject_length CHECK (char_length(subject) BETWEEN 1 AND 120),
  body text NOT NULL CONSTRAINT letter_texts_body_length CHECK (char_length(body) BETWEEN 1 AND 5000),
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL,
  CONSTRAINT letter_texts_pkey PRIMARY KEY (program_id, letter)
);
COMMENT ON TABLE letter_texts IS 'Letters whose words a program chose itself.';
COMMENT ON COLUMN letter_texts.program_id IS 'The program.';
COMMENT ON COLUMN letter_texts.letter IS 'Which letter.';
COMMENT ON COLUMN letter_texts.subject IS 'Its subject line, with words in braces for what varies.';
COMMENT ON COLUMN letter_texts.body IS 'Its paragraphs, plain text, with words in braces for what varies; the link always follows them.';
COMMENT ON COLUMN letter_texts.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN letter_texts.updated_at IS 'When it was last edited.';
ALTER TABLE letter_texts ENABLE ROW LEVEL SECURITY;
CREATE POLICY letter_texts_partner ON letter_texts TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY letter_texts_host ON letter_texts TO portico_host USING (true);
GRANT SELECT ON letter_texts TO portico_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON letter_texts TO portico_host;

-- No grant to the page roles: read by the worker, changed by the person themselves.
CREATE TABLE mail_choices (
  user_id uuid NOT NULL CONSTRAINT mail_choices_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  topic text NOT NULL,
  wanted boolean NOT NULL,
  CONSTRAINT mail_choices_pkey PRIMARY KEY (user_id, topic)
);
COMMENT ON TABLE mail_choices IS 'Which letters a person wants; no row means wanted. Security letters have no topic and cannot be muted.';
COMMENT ON COLUMN mail_choices.user_id IS 'The person.';
COMMENT ON COLUMN mail_choices.topic IS 'What the letters are about.';
COMMENT ON COLUMN mail_choices.wanted IS 'Whether they are sent.';
