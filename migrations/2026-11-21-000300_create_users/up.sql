CREATE TABLE users (
  id uuid CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL CONSTRAINT users_email_form CHECK (email = lower(email) AND octet_length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT users_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  password_hash text,
  status text NOT NULL CONSTRAINT users_status_known CHECK (status IN ('invited', 'active', 'suspended', 'deactivated')),
  is_system boolean NOT NULL DEFAULT false,
  time_zone text,
  theme text NOT NULL DEFAULT 'system' CONSTRAINT users_theme_known CHECK (theme IN ('system', 'light', 'dark')),
  single_keys boolean NOT NULL DEFAULT true,
  auth_version integer NOT NULL DEFAULT 1,
  last_seen_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT users_email_key UNIQUE (email)
);
COMMENT ON TABLE users IS 'People who sign in. What they may do comes from their memberships.';
COMMENT ON COLUMN users.id IS 'Key.';
COMMENT ON COLUMN users.email IS 'ASCII, lower case; what they sign in with.';
COMMENT ON COLUMN users.name IS 'Shown beside what they did.';
COMMENT ON COLUMN users.password_hash IS 'argon2id in PHC form; null before the first password was set.';
COMMENT ON COLUMN users.status IS 'Only active users can sign in.';
COMMENT ON COLUMN users.is_system IS 'System administrator: above all programs.';
COMMENT ON COLUMN users.time_zone IS 'IANA name; null means the partner''s.';
COMMENT ON COLUMN users.theme IS 'system, light or dark.';
COMMENT ON COLUMN users.single_keys IS 'Whether single-key shortcuts are on.';
COMMENT ON COLUMN users.auth_version IS 'Sessions made under another number are dead: raising it ends them all, also one that is being made.';
COMMENT ON COLUMN users.last_seen_at IS 'Last request while signed in, to the minute.';
COMMENT ON COLUMN users.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN users.created_at IS 'When it was created.';
COMMENT ON COLUMN users.updated_at IS 'When it was last edited.';
