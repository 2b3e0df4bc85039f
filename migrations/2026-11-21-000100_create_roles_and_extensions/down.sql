-- The roles stay: they belong to the server, and other databases may use them.
DROP FUNCTION portico_program_id();
DROP FUNCTION portico_partner_id();
REVOKE USAGE ON SCHEMA public FROM portico_partner, portico_host;
DROP EXTENSION pg_trgm;
