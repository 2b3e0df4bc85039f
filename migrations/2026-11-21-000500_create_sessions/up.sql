-- No grant to the page roles: only access::session reads these, as the tables' owner.
CREATE TABLE sessions (
  id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
  token_hash bytea NOT NULL CONSTRAINT sessions_token_key UNIQUE CONSTRAINT sessions_token_length CHECK (octet_length(token_hash) = 32),
  user_id uuid NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  auth_version integer NOT NULL,
  membership_id uuid CONSTRAINT sessions_membership_fkey REFERENCES memberships (id) ON DELETE SET NULL,
  program_id uuid CONSTRAINT sessions_program_fkey REFERENCES programs (id) ON DELETE SET NULL,
  state jsonb NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX sessions_user_idx ON sessions (user_id, last_seen_at);
COMMENT ON TABLE sessions IS 'Signed-in browsers. A row is never written back once it ended.';
COMMENT ON COLUMN sessions.id IS 'Key; safe to show.';
COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the cookie''s token: the table holds nothing to sign in with.';
COMMENT ON COLUMN sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN sessions.auth_version IS 'users.auth_version at sign-in; the session is dead when they differ.';
COMMENT ON COLUMN sessions.membership_id IS 'The membership the person acts with now.';
COMMENT ON COLUMN sessions.program_id IS 'The program a system administrator looks at now.';
COMMENT ON COLUMN sessions.state IS 'Small values between two requests, such as a notice.';
COMMENT ON COLUMN sessions.address IS 'Network address at sign-in.';
COMMENT ON COLUMN sessions.agent IS 'Browser at sign-in.';
COMMENT ON COLUMN sessions.created_at IS 'Sign-in; the absolute limit counts from it.';
COMMENT ON COLUMN sessions.last_seen_at IS 'Last request, to the minute; the idle limit counts from it.';
COMMENT ON COLUMN sessions.ended_at IS 'Signed out, or ended by the person or an administrator.';

CREATE TABLE attempts (
  key text CONSTRAINT attempts_pkey PRIMARY KEY,
  window_start timestamptz NOT NULL,
  count integer NOT NULL
);
COMMENT ON TABLE attempts IS 'Limited tries, shared by all instances: so many in a window that begins with the first.';
COMMENT ON COLUMN attempts.key IS 'What is limited and for whom; addresses of people only as a keyed hash.';
COMMENT ON COLUMN attempts.window_start IS 'When the window began.';
COMMENT ON COLUMN attempts.count IS 'Tries in this window.';
