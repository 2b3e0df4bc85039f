REVOKE ALL ON users FROM portico_partner, portico_host;
REVOKE SELECT (id, email, name, status, is_system, time_zone, theme, single_keys, last_seen_at, version, created_at, updated_at)
  ON users FROM portico_partner, portico_host;
DROP POLICY users_host ON users;
DROP POLICY users_partner ON users;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
DROP TABLE partner_logos;
ALTER TABLE partners DROP CONSTRAINT partners_primary_contact_fkey;
DROP TABLE memberships;
DROP TABLE partners;
