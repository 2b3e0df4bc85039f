ALTER TABLE programs ADD COLUMN reminded_on date;
COMMENT ON COLUMN programs.reminded_on IS 'The last day, in its own zone, for which reminders were made; so several instances make them once.';

CREATE TABLE integration_reminders (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT integration_reminders_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT integration_reminders_kind_known CHECK (kind IN ('late', 'owed')),
  sent_at timestamptz NOT NULL,
  CONSTRAINT integration_reminders_pkey PRIMARY KEY (integration_id, kind, user_id),
  CONSTRAINT integration_reminders_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX integration_reminders_partner_idx ON integration_reminders (partner_id, integration_id);
COMMENT ON TABLE integration_reminders IS 'When somebody was reminded last of an integration that waits; written and read by the clock alone.';
COMMENT ON COLUMN integration_reminders.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_reminders.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_reminders.user_id IS 'Who was reminded.';
COMMENT ON COLUMN integration_reminders.kind IS 'late: a review past its expected date; owed: changes that nobody made yet.';
COMMENT ON COLUMN integration_reminders.sent_at IS 'When.';
ALTER TABLE integration_reminders ENABLE ROW LEVEL SECURITY;

-- A partner's people may know how many are before them, and nothing else about those (beyond.md, 5).
CREATE FUNCTION portico_queue_places() RETURNS TABLE (integration uuid, place bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT own.id, (SELECT count(*) + 1 FROM integrations o WHERE o.program_id = own.program_id
      AND o.expected_at IS NOT NULL AND (o.expected_at, o.id) < (own.expected_at, own.id))
  FROM integrations own WHERE own.partner_id = portico_partner_id() AND own.expected_at IS NOT NULL
$$;
COMMENT ON FUNCTION portico_queue_places IS 'The places of the transaction''s own partner in the queue of its program.';
REVOKE ALL ON FUNCTION portico_queue_places FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_queue_places TO portico_partner;

-- A letter that failed is somebody's business until another one took its place, or nobody waits for it any more.
CREATE FUNCTION portico_is_settled(failed outbox) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM outbox o WHERE o.program_id IS NOT DISTINCT FROM failed.program_id AND o.created_at > failed.created_at
      AND (o.about_id = failed.about_id OR (o.recipient = failed.recipient AND o.letter = failed.letter)))
    OR EXISTS (SELECT FROM invitations i WHERE i.id = failed.about_id AND (i.accepted_at IS NOT NULL OR i.revoked_at IS NOT NULL))
$$;
COMMENT ON FUNCTION portico_is_settled IS 'Whether a letter was sent anew since, or what it was about is over.';
