CREATE TABLE tenants (
  id uuid CONSTRAINT tenants_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT tenants_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  external_id text NOT NULL CONSTRAINT tenants_external_id_length CHECK (char_length(external_id) BETWEEN 1 AND 120),
  state text NOT NULL DEFAULT 'connecting' CONSTRAINT tenants_state_known CHECK (state IN
    ('connecting', 'active', 'paused', 'failing', 'disconnected', 'archived')),
  state_since timestamptz NOT NULL,
  schedule text NOT NULL DEFAULT 'manual' CONSTRAINT tenants_schedule_known CHECK (schedule IN ('manual', 'hourly', 'daily', 'weekly')),
  note text NOT NULL DEFAULT '' CONSTRAINT tenants_note_length CHECK (char_length(note) <= 5000),
  last_run_at timestamptz,
  last_outcome text CONSTRAINT tenants_last_outcome_known CHECK (last_outcome IN ('running', 'succeeded', 'partly', 'failed')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by_name text NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT tenants_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT tenants_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT tenants_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id),
  CONSTRAINT tenants_last_run CHECK ((last_run_at IS NULL) = (last_outcome IS NULL))
);
CREATE UNIQUE INDEX tenants_external_key ON tenants (integration_id, external_id) WHERE state <> 'archived';
CREATE INDEX tenants_integration_idx ON tenants (partner_id, integration_id, state);
CREATE INDEX tenants_program_name_idx ON tenants (program_id, sort_name, id);
CREATE INDEX tenants_partner_name_idx ON tenants (partner_id, sort_name, id);
CREATE INDEX tenants_program_run_idx ON tenants (program_id, coalesce(last_run_at, '1970-01-01 00:00:00+00'::timestamptz), id);
CREATE INDEX tenants_program_state_idx ON tenants (program_id, state);
CREATE INDEX tenants_search_idx ON tenants USING gin ((name || ' ' || external_id) gin_trgm_ops);
COMMENT ON TABLE tenants IS 'Customers'' installs of published integrations.';
COMMENT ON COLUMN tenants.id IS 'Key.';
COMMENT ON COLUMN tenants.program_id IS 'The partner''s program.';
COMMENT ON COLUMN tenants.partner_id IS 'Whose integration it is an install of.';
COMMENT ON COLUMN tenants.integration_id IS 'The integration, for ever.';
COMMENT ON COLUMN tenants.name IS 'The customer.';
COMMENT ON COLUMN tenants.sort_name IS 'The name in lower case, for order.';
COMMENT ON COLUMN tenants.external_id IS 'What the partner''s own system calls it; unique for the integration while not archived.';
COMMENT ON COLUMN tenants.state IS 'Where it stands.';
COMMENT ON COLUMN tenants.state_since IS 'Since when.';
COMMENT ON COLUMN tenants.schedule IS 'How often it runs.';
COMMENT ON COLUMN tenants.note IS 'What its partner noted about the connector.';
COMMENT ON COLUMN tenants.last_run_at IS 'When the latest run began; null before any.';
COMMENT ON COLUMN tenants.last_outcome IS 'How that ended.';
COMMENT ON COLUMN tenants.version IS 'Grows by one with each edit and change of state, not with each run; compared when saving.';
COMMENT ON COLUMN tenants.created_at IS 'When it was created.';
COMMENT ON COLUMN tenants.created_by_name IS 'Who created it.';
COMMENT ON COLUMN tenants.updated_at IS 'When it was last edited or moved.';
COMMENT ON COLUMN tenants.updated_by IS 'Who did that; null for an API token.';
COMMENT ON COLUMN tenants.updated_by_name IS 'Their name at that moment.';

-- What the code's table of moves forbids, the database forbids as well.
CREATE FUNCTION tenants_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('connecting', 'active'), ('connecting', 'disconnected'), ('connecting', 'archived'),
    ('active', 'paused'), ('active', 'failing'), ('active', 'disconnected'),
    ('failing', 'paused'), ('failing', 'active'), ('failing', 'disconnected'),
    ('paused', 'active'), ('paused', 'disconnected'),
    ('disconnected', 'connecting'), ('disconnected', 'archived')
  ) THEN
    RAISE EXCEPTION 'a tenant does not go from % to %', OLD.state, NEW.state;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION tenants_move IS 'Refuses a step between states that no move takes.';
CREATE TRIGGER tenants_move BEFORE UPDATE ON tenants FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION tenants_move();

CREATE TABLE tenant_runs (
  id uuid CONSTRAINT tenant_runs_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  key text NOT NULL CONSTRAINT tenant_runs_key_length CHECK (char_length(key) BETWEEN 1 AND 100),
  outcome text NOT NULL CONSTRAINT tenant_runs_outcome_known CHECK (outcome IN ('running', 'succeeded', 'partly', 'failed')),
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  records_read bigint NOT NULL DEFAULT 0 CONSTRAINT tenant_runs_read_range CHECK (records_read >= 0),
  records_written bigint NOT NULL DEFAULT 0 CONSTRAINT tenant_runs_written_range CHECK (records_written >= 0),
  records_failed bigint NOT NULL DEFAULT 0 CONSTRAINT tenant_runs_failed_range CHECK (records_failed >= 0),
  message text NOT NULL DEFAULT '' CONSTRAINT tenant_runs_message_length CHECK (char_length(message) <= 1000),
  log text NOT NULL DEFAULT '' CONSTRAINT tenant_runs_log_length CHECK (octet_length(log) <= 65536),
  reported_at timestamptz NOT NULL,
  reported_by_name text NOT NULL,
  CONSTRAINT tenant_runs_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT tenant_runs_key_key UNIQUE (tenant_id, key),
  CONSTRAINT tenant_runs_tenant_fkey FOREIGN KEY (partner_id, tenant_id) REFERENCES tenants (partner_id, id) ON DELETE CASCADE,
  CONSTRAINT tenant_runs_finished CHECK ((finished_at IS NULL) = (outcome = 'running')),
  CONSTRAINT tenant_runs_order CHECK (finished_at >= started_at)
);
CREATE INDEX tenant_runs_tenant_idx ON tenant_runs (partner_id, tenant_id, started_at DESC, id DESC);
COMMENT ON TABLE tenant_runs IS 'Reports of tenants'' runs; the newest thousand of each tenant are kept.';
COMMENT ON COLUMN tenant_runs.id IS 'Key.';
COMMENT ON COLUMN tenant_runs.program_id IS 'The partner''s program.';
COMMENT ON COLUMN tenant_runs.partner_id IS 'Whose tenant it is.';
COMMENT ON COLUMN tenant_runs.tenant_id IS 'The tenant.';
COMMENT ON COLUMN tenant_runs.key IS 'What the reporting system calls the run: the same key is the same run.';
COMMENT ON COLUMN tenant_runs.outcome IS 'How it ended, or running.';
COMMENT ON COLUMN tenant_runs.started_at IS 'When it began.';
COMMENT ON COLUMN tenant_runs.finished_at IS 'When it ended; null while it runs.';
COMMENT ON COLUMN tenant_runs.records_read IS 'Records that it read.';
COMMENT ON COLUMN tenant_runs.records_written IS 'Records that it wrote.';
COMMENT ON COLUMN tenant_runs.records_failed IS 'Records that it could not take.';
COMMENT ON COLUMN tenant_runs.message IS 'One line about it.';
COMMENT ON COLUMN tenant_runs.log IS 'Its log, as text.';
COMMENT ON COLUMN tenant_runs.reported_at IS 'When the last report of it came.';
COMMENT ON COLUMN tenant_runs.reported_by_name IS 'Who reported that.';

CREATE TABLE api_tokens (
  id uuid CONSTRAINT api_tokens_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT api_tokens_program_fkey REFERENCES programs (id),
  partner_id uuid,
  name text NOT NULL CONSTRAINT api_tokens_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  token_hash bytea NOT NULL CONSTRAINT api_tokens_hash_key UNIQUE CONSTRAINT api_tokens_hash_length CHECK (octet_length(token_hash) = 32),
  hint text NOT NULL CONSTRAINT api_tokens_hint_length CHECK (char_length(hint) = 4),
  scopes jsonb NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  created_by_name text NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by_name text NOT NULL DEFAULT '',
  CONSTRAINT api_tokens_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT api_tokens_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT api_tokens_expiry CHECK (expires_at > created_at)
);
CREATE UNIQUE INDEX api_tokens_name_key ON api_tokens (program_id, coalesce(partner_id, program_id), lower(name)) WHERE revoked_at IS NULL;
CREATE INDEX api_tokens_partner_idx ON api_tokens (partner_id, created_at DESC);
COMMENT ON TABLE api_tokens IS 'Keys to the JSON API; of each only a hash is stored.';
COMMENT ON COLUMN api_tokens.id IS 'Key.';
COMMENT ON COLUMN api_tokens.program_id IS 'The program.';
COMMENT ON COLUMN api_tokens.partner_id IS 'The partner whose token it is; null for one of the program.';
COMMENT ON COLUMN api_tokens.name IS 'What it is for; unique while not revoked.';
COMMENT ON COLUMN api_tokens.token_hash IS 'SHA-256 of the token; pages cannot read it.';
COMMENT ON COLUMN api_tokens.hint IS 'The token''s last four characters, to tell tokens apart.';
COMMENT ON COLUMN api_tokens.scopes IS 'List of what it may do.';
COMMENT ON COLUMN api_tokens.expires_at IS 'From when on it opens nothing.';
COMMENT ON COLUMN api_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN api_tokens.created_by IS 'Who made it.';
COMMENT ON COLUMN api_tokens.created_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN api_tokens.last_used_at IS 'When it was used last, to the minute; null while unused.';
COMMENT ON COLUMN api_tokens.revoked_at IS 'Since when it is revoked; null while it is not.';
COMMENT ON COLUMN api_tokens.revoked_by_name IS 'Who revoked it.';

CREATE TABLE api_answers (
  partner_id uuid NOT NULL,
  token_id uuid NOT NULL,
  key text NOT NULL CONSTRAINT api_answers_key_length CHECK (char_length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL,
  location text NOT NULL,
  body text NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT api_answers_pkey PRIMARY KEY (token_id, key),
  CONSTRAINT api_answers_token_fkey FOREIGN KEY (partner_id, token_id) REFERENCES api_tokens (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX api_answers_partner_idx ON api_answers (partner_id, token_id);
CREATE INDEX api_answers_at_idx ON api_answers (at);
COMMENT ON TABLE api_answers IS 'What requests with an Idempotency-Key were answered, for a day, so that the same request again does nothing twice.';
COMMENT ON COLUMN api_answers.partner_id IS 'Whose token it was.';
COMMENT ON COLUMN api_answers.token_id IS 'The token.';
COMMENT ON COLUMN api_answers.key IS 'The key that the client chose.';
COMMENT ON COLUMN api_answers.request_hash IS 'SHA-256 of the request''s body.';
COMMENT ON COLUMN api_answers.location IS 'The address of what was made.';
COMMENT ON COLUMN api_answers.body IS 'The answer''s body.';
COMMENT ON COLUMN api_answers.at IS 'When.';

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants_partner ON tenants TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY tenants_host ON tenants TO portico_host USING (true);
CREATE POLICY tenant_runs_partner ON tenant_runs TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY tenant_runs_host ON tenant_runs TO portico_host USING (true);
CREATE POLICY api_tokens_partner ON api_tokens TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY api_tokens_host ON api_tokens TO portico_host USING (true);
CREATE POLICY api_answers_partner ON api_answers TO portico_partner USING (partner_id = portico_partner_id());
GRANT SELECT, INSERT ON tenants TO portico_partner, portico_host;
GRANT UPDATE (name, external_id, state, state_since, schedule, note, last_run_at, last_outcome, version, updated_at, updated_by, updated_by_name)
  ON tenants TO portico_partner, portico_host;
GRANT SELECT, INSERT, DELETE ON tenant_runs TO portico_partner, portico_host;
GRANT UPDATE (outcome, started_at, finished_at, records_read, records_written, records_failed, message, log, reported_at, reported_by_name)
  ON tenant_runs TO portico_partner, portico_host;
-- The hash is for the portal alone.
GRANT SELECT (id, program_id, partner_id, name, hint, scopes, expires_at, created_at, created_by, created_by_name, last_used_at, revoked_at, revoked_by_name)
  ON api_tokens TO portico_partner, portico_host;
GRANT INSERT ON api_tokens TO portico_partner, portico_host;
GRANT UPDATE (revoked_at, revoked_by_name) ON api_tokens TO portico_partner, portico_host;
GRANT SELECT, INSERT, DELETE ON api_answers TO portico_partner;
