DROP TABLE mail_choices;
DROP TABLE letter_texts;
REVOKE ALL ON outbox FROM portico_partner, portico_host;
REVOKE UPDATE (state, last_error, run_at, locked_until) ON outbox FROM portico_partner, portico_host;
DROP POLICY outbox_partner_withdraws ON outbox;
DROP POLICY outbox_partner_writes ON outbox;
DROP POLICY outbox_partner ON outbox;
CREATE POLICY outbox_partner ON outbox TO portico_partner USING (partner_id = portico_partner_id());
GRANT INSERT ON outbox TO portico_partner, portico_host;
GRANT SELECT ON outbox TO portico_host;
DROP INDEX outbox_about_idx;
DROP INDEX outbox_program_state_idx;
DROP INDEX outbox_partner_idx;
UPDATE outbox SET state = 'failed' WHERE state = 'withdrawn';
ALTER TABLE outbox
  DROP COLUMN kind,
  DROP COLUMN subject,
  DROP COLUMN recipient_name,
  DROP COLUMN about_id,
  DROP COLUMN hosts_only,
  DROP COLUMN members_only,
  DROP COLUMN expires_at,
  DROP CONSTRAINT outbox_state_known,
  ADD CONSTRAINT outbox_state_known CHECK (state IN ('queued', 'sent', 'retrying', 'failed'));
COMMENT ON COLUMN outbox.state IS 'queued, sent, retrying, failed.';
