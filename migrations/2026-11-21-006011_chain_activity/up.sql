-- Each line of the activity log is bound to all before it by a hash: whoever changes, removes or slips in a line has to
-- make anew everything after it. Lines wait in a queue, from which one instance at a time takes them: writers wait for
-- nobody.
CREATE TABLE activity_chain (
  seq bigint CONSTRAINT activity_chain_pkey PRIMARY KEY CONSTRAINT activity_chain_begins_with_one CHECK (seq > 0),
  activity_at timestamptz NOT NULL,
  activity_id uuid NOT NULL,
  version smallint NOT NULL,
  hash bytea NOT NULL CONSTRAINT activity_chain_hash_is_sha256 CHECK (octet_length(hash) = 32),
  CONSTRAINT activity_chain_names_a_line_once UNIQUE (activity_at, activity_id)
);
COMMENT ON TABLE activity_chain IS 'The hash chain over the activity log; see docs/audit.md.';
COMMENT ON COLUMN activity_chain.seq IS 'Its place: 1, 2, 3 and so on without gaps.';
COMMENT ON COLUMN activity_chain.activity_at IS 'When the line happened; with the id its key.';
COMMENT ON COLUMN activity_chain.activity_id IS 'The line.';
COMMENT ON COLUMN activity_chain.version IS 'How the line is written as bytes; the first of them.';
COMMENT ON COLUMN activity_chain.hash IS 'SHA-256 of the hash before it and of the line''s bytes.';

CREATE TABLE activity_unchained (
  activity_at timestamptz NOT NULL,
  activity_id uuid NOT NULL,
  CONSTRAINT activity_unchained_pkey PRIMARY KEY (activity_at, activity_id)
);
COMMENT ON TABLE activity_unchained IS 'Lines of the activity log that wait for their place in the chain; for seconds, while a portal runs.';
COMMENT ON COLUMN activity_unchained.activity_at IS 'When the line happened; with the id its key.';
COMMENT ON COLUMN activity_unchained.activity_id IS 'The line.';

CREATE FUNCTION activity_chain_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the chain of the activity log is append-only';
END $$;
COMMENT ON FUNCTION activity_chain_is_append_only() IS 'Refuses, also for the owner of the table.';
CREATE TRIGGER activity_chain_append_only BEFORE UPDATE OR DELETE ON activity_chain FOR EACH ROW EXECUTE FUNCTION activity_chain_is_append_only();
CREATE TRIGGER activity_chain_no_truncate BEFORE TRUNCATE ON activity_chain FOR EACH STATEMENT EXECUTE FUNCTION activity_chain_is_append_only();

-- As the tables' owner: the roles of pages reach neither table. Once for a statement, so that many lines cost little.
-- A line that is put into a partition past the log is not queued, and verifying finds it for that.
CREATE FUNCTION activity_waits_for_its_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.activity_unchained (activity_at, activity_id) SELECT at, id FROM written ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION activity_waits_for_its_place() IS 'Puts new lines of the activity log into the queue of the chain.';
REVOKE ALL ON FUNCTION activity_waits_for_its_place() FROM PUBLIC;
CREATE TRIGGER activity_is_queued AFTER INSERT ON activity REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION activity_waits_for_its_place();

INSERT INTO activity_unchained SELECT at, id FROM activity;
