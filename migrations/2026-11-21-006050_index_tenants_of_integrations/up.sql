-- The tenants of one integration by name and by run, and a partner's by run: without them all of them are sorted for a
-- page of fifty.
CREATE INDEX tenants_integration_name_idx ON tenants (integration_id, sort_name, id);
CREATE INDEX tenants_integration_run_idx ON tenants
  (integration_id, coalesce(last_run_at, '1970-01-01 00:00:00+00'::timestamptz), id);
CREATE INDEX tenants_partner_run_idx ON tenants
  (partner_id, coalesce(last_run_at, '1970-01-01 00:00:00+00'::timestamptz), id);
