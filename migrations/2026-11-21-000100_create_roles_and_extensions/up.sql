-- Two roles that every transaction of the portal takes on (SET LOCAL ROLE): neither owns a table.
-- Roles belong to the whole server, so another database may have made them already.
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['portico_partner', 'portico_host'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', wanted, current_user);
    END IF;
  END LOOP;
END $$;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

GRANT USAGE ON SCHEMA public TO portico_partner, portico_host;

-- The partner that the present transaction may see; no setting means no row.
CREATE FUNCTION portico_partner_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('portico.partner', true), '')::uuid $$;
CREATE FUNCTION portico_program_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('portico.program', true), '')::uuid $$;
COMMENT ON FUNCTION portico_partner_id() IS 'The partner scope of this transaction, set by db::ReadTx; null outside one.';
COMMENT ON FUNCTION portico_program_id() IS 'The program of this transaction, set by db::ReadTx; null outside one.';
