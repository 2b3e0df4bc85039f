CREATE TABLE connections (
  id uuid CONSTRAINT connections_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT connections_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  kind text NOT NULL CONSTRAINT connections_kind_known CHECK (kind IN ('sftp', 'ftps', 'https', 's3')),
  direction text NOT NULL CONSTRAINT connections_direction_known CHECK (direction IN ('in', 'out', 'both')),
  host text NOT NULL CONSTRAINT connections_host_length CHECK (char_length(host) BETWEEN 1 AND 255),
  port integer NOT NULL CONSTRAINT connections_port_range CHECK (port BETWEEN 1 AND 65535),
  path text NOT NULL DEFAULT '' CONSTRAINT connections_path_length CHECK (char_length(path) <= 1000),
  region text NOT NULL DEFAULT '' CONSTRAINT connections_region_length CHECK (char_length(region) <= 63),
  bucket text NOT NULL DEFAULT '' CONSTRAINT connections_bucket_length CHECK (char_length(bucket) <= 63),
  prefix text NOT NULL DEFAULT '' CONSTRAINT connections_prefix_length CHECK (char_length(prefix) <= 1000),
  auth text NOT NULL CONSTRAINT connections_auth_known CHECK (auth IN ('none', 'password', 'key', 'bearer', 'basic', 'access-key')),
  username text NOT NULL DEFAULT '' CONSTRAINT connections_username_length CHECK (char_length(username) <= 128),
  secret bytea,
  secret_key_id text,
  host_key text NOT NULL DEFAULT '' CONSTRAINT connections_host_key_form CHECK (host_key ~ '^(SHA256:[A-Za-z0-9+/]{43})?$'),
  test_state text NOT NULL DEFAULT 'untested' CONSTRAINT connections_test_state_known CHECK (test_state IN ('untested', 'reached', 'failed')),
  test_words text NOT NULL DEFAULT '',
  tested_at timestamptz,
  tested_by_name text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT connections_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT connections_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT connections_secret_whole CHECK ((secret IS NULL) = (secret_key_id IS NULL) AND (secret IS NULL) = (auth = 'none')),
  CONSTRAINT connections_bucket_kind CHECK ((kind = 's3') = (bucket <> '')),
  CONSTRAINT connections_test_whole CHECK ((test_state = 'untested') = (tested_at IS NULL))
);
CREATE UNIQUE INDEX connections_name_key ON connections (partner_id, sort_name);
CREATE INDEX connections_program_name_idx ON connections (program_id, sort_name, id);
CREATE INDEX connections_program_updated_idx ON connections (program_id, updated_at, id);
CREATE INDEX connections_partner_updated_idx ON connections (partner_id, updated_at, id);
CREATE INDEX connections_search_idx ON connections USING gin ((name || ' ' || host || ' ' || bucket) gin_trgm_ops);
CREATE INDEX connections_key_idx ON connections (secret_key_id, id) WHERE secret IS NOT NULL;
COMMENT ON TABLE connections IS 'Where a partner''s files and messages are fetched from or sent to.';
COMMENT ON COLUMN connections.id IS 'Key.';
COMMENT ON COLUMN connections.program_id IS 'The partner''s program.';
COMMENT ON COLUMN connections.partner_id IS 'The partner it belongs to, for ever.';
COMMENT ON COLUMN connections.name IS 'What its people call it; unique in the partner, ignoring case.';
COMMENT ON COLUMN connections.sort_name IS 'The name in lower case, for order and for uniqueness.';
COMMENT ON COLUMN connections.kind IS 'sftp, ftps, https or s3; fixed once it is made.';
COMMENT ON COLUMN connections.direction IS 'in: Portico fetches; out: Portico sends; both.';
COMMENT ON COLUMN connections.host IS 'Host name or address, as it is parsed: never a number in disguise.';
COMMENT ON COLUMN connections.port IS 'TCP port.';
COMMENT ON COLUMN connections.path IS 'Folder of a file server, or path of an HTTPS endpoint.';
COMMENT ON COLUMN connections.region IS 'Region of a bucket.';
COMMENT ON COLUMN connections.bucket IS 'Name of a bucket.';
COMMENT ON COLUMN connections.prefix IS 'Beginning of all keys in a bucket.';
COMMENT ON COLUMN connections.auth IS 'How it signs in: none, password, key, bearer, basic, access-key.';
COMMENT ON COLUMN connections.username IS 'User name, or id of an access key.';
COMMENT ON COLUMN connections.secret IS 'Password, private key, token or secret key; encrypted, bound to the id. Pages may write it and not read it.';
COMMENT ON COLUMN connections.secret_key_id IS 'Which of the portal''s keys encrypted it.';
COMMENT ON COLUMN connections.host_key IS 'Expected fingerprint of an SSH host key; empty when none is expected.';
COMMENT ON COLUMN connections.test_state IS 'How the last test of what is stored now ended.';
COMMENT ON COLUMN connections.test_words IS 'What it found, in words; nothing that the other side sent.';
COMMENT ON COLUMN connections.tested_at IS 'When it was tested.';
COMMENT ON COLUMN connections.tested_by_name IS 'Who tested it.';
COMMENT ON COLUMN connections.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN connections.created_at IS 'When it was created.';
COMMENT ON COLUMN connections.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN connections.updated_by IS 'Who edited it last; null for the command line.';
COMMENT ON COLUMN connections.updated_by_name IS 'Their name at that moment.';

ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
CREATE POLICY connections_partner ON connections TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY connections_host ON connections TO portico_host USING (true);
-- The credentials themselves are read by the portal alone, when it connects.
GRANT SELECT (id, program_id, partner_id, name, sort_name, kind, direction, host, port, path, region, bucket, prefix, auth, username,
  secret_key_id, host_key, test_state, test_words, tested_at, tested_by_name, version, created_at, updated_at, updated_by, updated_by_name)
  ON connections TO portico_partner, portico_host;
GRANT INSERT (id, program_id, partner_id, name, kind, direction, host, port, path, region, bucket, prefix, auth, username, secret,
  secret_key_id, host_key, created_at, updated_at, updated_by, updated_by_name)
  ON connections TO portico_partner, portico_host;
GRANT UPDATE (name, direction, host, port, path, region, bucket, prefix, auth, username, secret, secret_key_id, host_key, test_state,
  test_words, tested_at, tested_by_name, version, updated_at, updated_by, updated_by_name)
  ON connections TO portico_partner, portico_host;
GRANT DELETE ON connections TO portico_partner, portico_host;
