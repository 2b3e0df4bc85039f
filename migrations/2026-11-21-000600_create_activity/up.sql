CREATE TABLE activity (
  id uuid CONSTRAINT activity_pkey PRIMARY KEY,
  at timestamptz NOT NULL,
  program_id uuid,
  partner_id uuid,
  actor_id uuid,
  actor_name text NOT NULL,
  actor_role text NOT NULL,
  on_behalf boolean NOT NULL,
  hosts_only boolean NOT NULL,
  kind text NOT NULL,
  event jsonb NOT NULL,
  changes jsonb NOT NULL,
  request_id text NOT NULL,
  address text NOT NULL
);
CREATE INDEX activity_program_idx ON activity (program_id, at DESC, id DESC);
CREATE INDEX activity_partner_idx ON activity (partner_id, at DESC, id DESC);
CREATE INDEX activity_actor_idx ON activity (actor_id, at DESC, id DESC);
COMMENT ON TABLE activity IS 'Everything that happened; written in the transaction that did it, and never changed. No foreign keys: the record outlives what it tells of.';
COMMENT ON COLUMN activity.id IS 'Key; version 7, so in order of time.';
COMMENT ON COLUMN activity.at IS 'When it happened.';
COMMENT ON COLUMN activity.program_id IS 'The program it happened in; null above programs.';
COMMENT ON COLUMN activity.partner_id IS 'The partner it touched; null when it touched the program.';
COMMENT ON COLUMN activity.actor_id IS 'Who did it; null for the command line.';
COMMENT ON COLUMN activity.actor_name IS 'Their name at that moment.';
COMMENT ON COLUMN activity.actor_role IS 'Their role at that moment.';
COMMENT ON COLUMN activity.on_behalf IS 'True when somebody from outside the partner did it for the partner.';
COMMENT ON COLUMN activity.hosts_only IS 'True for what the partner''s own people must not read, such as notes about them.';
COMMENT ON COLUMN activity.kind IS 'The event''s name.';
COMMENT ON COLUMN activity.event IS 'The event with its ids and names.';
COMMENT ON COLUMN activity.changes IS 'List of field, before, after.';
COMMENT ON COLUMN activity.request_id IS 'The request, as in the log.';
COMMENT ON COLUMN activity.address IS 'Network address of the person.';

CREATE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'activity is append-only';
END $$;
COMMENT ON FUNCTION activity_is_append_only() IS 'Refuses, also for the owner of the table.';
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER activity_no_truncate BEFORE TRUNCATE ON activity FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();

ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY activity_partner ON activity TO portico_partner USING (partner_id = portico_partner_id() AND NOT hosts_only);
CREATE POLICY activity_host ON activity TO portico_host USING (true);
GRANT SELECT, INSERT ON activity TO portico_partner, portico_host;
