-- The log grows without end: a partition for each month, so that what is asked lately touches little, and what is old
-- is written never again. Its columns, rules and rights stay as they were.
DROP TRIGGER activity_append_only ON activity;
DROP TRIGGER activity_no_truncate ON activity;
DROP POLICY activity_partner ON activity;
DROP POLICY activity_host ON activity;
ALTER TABLE activity RENAME TO activity_whole;
ALTER TABLE activity_whole RENAME CONSTRAINT activity_pkey TO activity_whole_pkey;
DROP INDEX activity_program_idx, activity_partner_idx, activity_actor_idx, activity_about_idx;

CREATE TABLE activity (
  id uuid NOT NULL,
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
  ) STORED,
  CONSTRAINT activity_pkey PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
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

-- What lies before the first month and after the last. No DEFAULT partition: with one Postgres cannot read partitions
-- in order, and every list would ask each of them. These two make the months a whole line, so that a write never fails.
CREATE FUNCTION activity_add_partition(name text, lower text, upper text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF activity FOR VALUES FROM (%s) TO (%s)', name, lower, upper);
  EXECUTE format('CREATE TRIGGER activity_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only()', name);
END $$;
COMMENT ON FUNCTION activity_add_partition(text, text, text) IS 'Makes one partition of the activity log, which nobody truncates. Used by activity_make_months alone.';
REVOKE ALL ON FUNCTION activity_add_partition(text, text, text) FROM PUBLIC;

CREATE FUNCTION activity_make_months(first timestamptz, last timestamptz) RETURNS integer LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  wanted_first date := date_trunc('month', first);
  wanted_last date := date_trunc('month', last);
  months date[];
  lowest date;
  beyond date;
  fields text;
  month date;
  name text;
  made integer := 0;
BEGIN
  IF wanted_first > wanted_last OR wanted_first < '1970-01-01' OR wanted_last > '9000-01-01' THEN
    RAISE EXCEPTION 'no months from % to %', first, last;
  END IF;
  -- Two instances may look at the same moment.
  PERFORM pg_advisory_xact_lock(x'504f5254494d4f4e'::bigint);
  SELECT array_agg(to_date(right(c.relname, 7), 'YYYY_MM')) INTO months FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'activity'::regclass AND c.relname ~ '^activity_[0-9]{4}_[0-9]{2}$';
  SELECT min(m), max(m) + interval '1 month' INTO lowest, beyond FROM unnest(months) m;
  IF lowest <= wanted_first AND beyond > wanted_last THEN
    RETURN 0;
  END IF;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO fields FROM pg_attribute
    WHERE attrelid = 'activity'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  lowest := coalesce(lowest, wanted_first);
  beyond := coalesce(beyond, wanted_first);

  -- The months after the last: what was written there already moves into them. Its rows are copied and its table is
  -- dropped, because not even its owner deletes from it; put into the partitions themselves they are not new events.
  IF beyond <= wanted_last THEN
    IF to_regclass('activity_after') IS NOT NULL THEN
      ALTER TABLE activity DETACH PARTITION activity_after;
      ALTER TABLE activity_after RENAME TO activity_moved;
    END IF;
    FOR month IN SELECT generate_series(beyond, wanted_last, interval '1 month') LOOP
      name := to_char(month, '"activity_"YYYY_MM');
      PERFORM activity_add_partition(name, quote_literal(month), quote_literal((month + interval '1 month')::date));
      made := made + 1;
    END LOOP;
    PERFORM activity_add_partition('activity_after', quote_literal((wanted_last + interval '1 month')::date), 'MAXVALUE');
    IF to_regclass('activity_moved') IS NOT NULL THEN
      FOR month IN SELECT generate_series(beyond, wanted_last, interval '1 month') LOOP
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM activity_moved WHERE at >= %L AND at < %L',
          to_char(month, '"activity_"YYYY_MM'), fields, fields, month, month + interval '1 month');
      END LOOP;
      EXECUTE format('INSERT INTO activity_after (%s) SELECT %s FROM activity_moved WHERE at >= %L', fields, fields, wanted_last + interval '1 month');
      DROP TABLE activity_moved;
    END IF;
  END IF;

  -- And those before the first.
  IF lowest > wanted_first OR to_regclass('activity_before') IS NULL THEN
    IF to_regclass('activity_before') IS NOT NULL THEN
      ALTER TABLE activity DETACH PARTITION activity_before;
      ALTER TABLE activity_before RENAME TO activity_moved;
    END IF;
    FOR month IN SELECT generate_series(wanted_first, lowest - interval '1 month', interval '1 month') LOOP
      name := to_char(month, '"activity_"YYYY_MM');
      PERFORM activity_add_partition(name, quote_literal(month), quote_literal((month + interval '1 month')::date));
      made := made + 1;
    END LOOP;
    PERFORM activity_add_partition('activity_before', 'MINVALUE', quote_literal(wanted_first));
    IF to_regclass('activity_moved') IS NOT NULL THEN
      FOR month IN SELECT generate_series(wanted_first, lowest - interval '1 month', interval '1 month') LOOP
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM activity_moved WHERE at >= %L AND at < %L',
          to_char(month, '"activity_"YYYY_MM'), fields, fields, month, month + interval '1 month');
      END LOOP;
      EXECUTE format('INSERT INTO activity_before (%s) SELECT %s FROM activity_moved WHERE at < %L', fields, fields, wanted_first);
      DROP TABLE activity_moved;
    END IF;
  END IF;
  RETURN made;
END $$;
COMMENT ON FUNCTION activity_make_months(timestamptz, timestamptz) IS 'Gives each month from one moment''s to another''s a partition of the activity log, and returns how many it made. The months stay without gaps.';
REVOKE ALL ON FUNCTION activity_make_months(timestamptz, timestamptz) FROM PUBLIC;

-- The months of what there is, for twenty years at the most; what claims to be older lies before the first.
SELECT activity_make_months(
  greatest((SELECT coalesce(min(at), now()) FROM activity_whole WHERE at < now()), now() - interval '20 years'), now() + interval '3 months');

INSERT INTO activity (id, at, program_id, partner_id, actor_id, actor_name, actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address)
  SELECT id, at, program_id, partner_id, actor_id, actor_name, actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address
  FROM activity_whole;
DROP TABLE activity_whole;

CREATE INDEX activity_program_idx ON activity (program_id, at DESC, id DESC);
CREATE INDEX activity_partner_idx ON activity (partner_id, at DESC, id DESC);
CREATE INDEX activity_actor_idx ON activity (actor_id, at DESC, id DESC);
CREATE INDEX activity_about_idx ON activity (about_id, at DESC, id DESC) WHERE about_id IS NOT NULL;
-- Rows of partitions: Postgres gives each partition this trigger. Truncating: see activity_add_partition.
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER activity_no_truncate BEFORE TRUNCATE ON activity FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();

-- Partitions have no rights of their own: the roles of pages reach them through the log alone, whose policies hold.
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY activity_partner ON activity TO portico_partner USING (partner_id = portico_partner_id() AND NOT hosts_only);
CREATE POLICY activity_host ON activity TO portico_host USING (true);
GRANT SELECT, INSERT ON activity TO portico_partner, portico_host;
ANALYZE activity;
