-- No grant to the page roles: only the slice people reads these, as the tables' owner.
CREATE TABLE password_resets (
  user_id uuid CONSTRAINT password_resets_pkey PRIMARY KEY CONSTRAINT password_resets_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  link_version integer NOT NULL DEFAULT 1,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE password_resets IS 'The newest way back of each person who forgot their password. Its link is derived, and is not stored.';
COMMENT ON COLUMN password_resets.user_id IS 'Whose password.';
COMMENT ON COLUMN password_resets.link_version IS 'Raised by each new link: the older ones are dead.';
COMMENT ON COLUMN password_resets.expires_at IS 'From this moment on the link is refused.';
COMMENT ON COLUMN password_resets.used_at IS 'When it was used; a link works once.';
COMMENT ON COLUMN password_resets.created_at IS 'When the newest link was made.';

CREATE TABLE email_changes (
  user_id uuid CONSTRAINT email_changes_pkey PRIMARY KEY CONSTRAINT email_changes_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  email text NOT NULL CONSTRAINT email_changes_email_form CHECK (email = lower(email) AND octet_length(email) BETWEEN 3 AND 254),
  link_version integer NOT NULL DEFAULT 1,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE email_changes IS 'New addresses that wait for their owner to open the link sent there.';
COMMENT ON COLUMN email_changes.user_id IS 'Whose address.';
COMMENT ON COLUMN email_changes.email IS 'The new one.';
COMMENT ON COLUMN email_changes.link_version IS 'Raised by each new link: the older ones are dead.';
COMMENT ON COLUMN email_changes.expires_at IS 'From this moment on the link is refused.';
COMMENT ON COLUMN email_changes.used_at IS 'When it was confirmed.';
COMMENT ON COLUMN email_changes.created_at IS 'When it was asked for.';

CREATE TABLE second_factors (
  user_id uuid CONSTRAINT second_factors_pkey PRIMARY KEY CONSTRAINT second_factors_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  secret bytea NOT NULL,
  key_id text NOT NULL,
  confirmed_at timestamptz,
  last_step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE second_factors IS 'Authenticator apps (TOTP, RFC 6238), one for each person who uses one.';
COMMENT ON COLUMN second_factors.user_id IS 'Whose.';
COMMENT ON COLUMN second_factors.secret IS 'The shared secret, encrypted: nonce, then ChaCha20-Poly1305.';
COMMENT ON COLUMN second_factors.key_id IS 'Which key encrypted it.';
COMMENT ON COLUMN second_factors.confirmed_at IS 'When the first code was entered; null while it is being set up.';
COMMENT ON COLUMN second_factors.last_step IS 'The time step of the last code that was accepted: it and older ones are refused.';
COMMENT ON COLUMN second_factors.created_at IS 'When it was begun.';

CREATE TABLE recovery_codes (
  user_id uuid NOT NULL CONSTRAINT recovery_codes_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  code_hash bytea NOT NULL CONSTRAINT recovery_codes_hash_length CHECK (octet_length(code_hash) = 32),
  used_at timestamptz,
  CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE recovery_codes IS 'Codes for who lost the authenticator app; each works once.';
COMMENT ON COLUMN recovery_codes.user_id IS 'Whose.';
COMMENT ON COLUMN recovery_codes.code_hash IS 'Keyed hash of the code, which has 80 bits and needs no slow one.';
COMMENT ON COLUMN recovery_codes.used_at IS 'When it was used.';

ALTER TABLE users ADD COLUMN second_factor_at timestamptz;
COMMENT ON COLUMN users.second_factor_at IS 'Since when signing in asks for a second factor; null when it does not.';
GRANT SELECT (second_factor_at) ON users TO portico_partner, portico_host;
