-- Whoever can write this table but has not the portal's key can make a whole chain anew, and no seal for it.
CREATE TABLE activity_seals (
  through bigint CONSTRAINT activity_seals_pkey PRIMARY KEY,
  after bigint NOT NULL CONSTRAINT activity_seals_after_range CHECK (after >= 0),
  sealed_at timestamptz NOT NULL,
  key_id text NOT NULL,
  seal bytea NOT NULL CONSTRAINT activity_seals_seal_is_sha256 CHECK (octet_length(seal) = 32),
  CONSTRAINT activity_seals_order CHECK (after < through)
);
COMMENT ON TABLE activity_seals IS 'Pieces of the audit log''s chain, each sealed with the portal''s key by whoever chained it; see docs/audit.md.';
COMMENT ON COLUMN activity_seals.through IS 'The last entry of the chain in this piece.';
COMMENT ON COLUMN activity_seals.after IS 'The last entry before this piece: where the piece before it ends. Nothing lies between.';
COMMENT ON COLUMN activity_seals.sealed_at IS 'When it was sealed; part of what is sealed.';
COMMENT ON COLUMN activity_seals.key_id IS 'Which of the portal''s keys sealed it.';
COMMENT ON COLUMN activity_seals.seal IS 'HMAC-SHA256 of both ends, the hash of the chain at the last entry, and the moment.';
ALTER TABLE activity_seals ENABLE ROW LEVEL SECURITY;

-- A moment and nothing else: who may read all of a program's activity may know how far it cannot be changed any more.
CREATE FUNCTION portico_sealed_until() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.activity_at FROM public.activity_chain c
  WHERE c.seq = (SELECT s.through FROM public.activity_seals s ORDER BY s.through DESC LIMIT 1)
$$;
COMMENT ON FUNCTION portico_sealed_until() IS 'When the newest line of the activity log happened that is chained and sealed.';
REVOKE ALL ON FUNCTION portico_sealed_until() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_sealed_until() TO portico_host;
