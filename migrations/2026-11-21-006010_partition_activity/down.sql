CREATE TABLE activity_whole (
  id uuid CONSTRAINT activity_whole_pkey PRIMARY KEY,
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
  address text NOT NULL,
  about_id uuid GENERATED ALWAYS AS (
    coalesce(event ->> 'tenant', event ->> 'integration', event ->> 'product', event ->> 'connection', event ->> 'campaign')::uuid
  ) STORED
);
INSERT INTO activity_whole (id, at, program_id, partner_id, actor_id, actor_name, actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address)
  SELECT id, at, program_id, partner_id, actor_id, actor_name, actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address
  FROM activity;
DROP TABLE activity;
DROP FUNCTION activity_make_months(timestamptz, timestamptz);
DROP FUNCTION activity_add_partition(text, text, text);
ALTER TABLE activity_whole RENAME TO activity;
ALTER TABLE activity RENAME CONSTRAINT activity_whole_pkey TO activity_pkey;
CREATE INDEX activity_program_idx ON activity (program_id, at DESC, id DESC);
CREATE INDEX activity_partner_idx ON activity (partner_id, at DESC, id DESC);
CREATE INDEX activity_actor_idx ON activity (actor_id, at DESC, id DESC);
CREATE INDEX activity_about_idx ON activity (about_id, at DESC, id DESC) WHERE about_id IS NOT NULL;
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
COMMENT ON COLUMN activity.about_id IS 'The tenant, integration, product, connection or campaign that it tells of; null for other things.';
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER activity_no_truncate BEFORE TRUNCATE ON activity FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY activity_partner ON activity TO portico_partner USING (partner_id = portico_partner_id() AND NOT hosts_only);
CREATE POLICY activity_host ON activity TO portico_host USING (true);
GRANT SELECT, INSERT ON activity TO portico_partner, portico_host;
