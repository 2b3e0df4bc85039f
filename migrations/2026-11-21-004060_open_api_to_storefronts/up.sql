ALTER TABLE redemptions ADD COLUMN sku text NOT NULL DEFAULT '';
ALTER TABLE redemptions ADD COLUMN tier_name text NOT NULL DEFAULT '';
ALTER TABLE redemptions ADD COLUMN by_partner boolean NOT NULL DEFAULT false;
ALTER TABLE redemptions ADD COLUMN request_hash bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN redemptions.sku IS 'The product''s SKU at that moment.';
COMMENT ON COLUMN redemptions.tier_name IS 'The name of the customer''s tier at that moment; empty for none.';
COMMENT ON COLUMN redemptions.by_partner IS 'Whether the partner''s own key recorded it, and not the program''s.';
COMMENT ON COLUMN redemptions.request_hash IS 'SHA-256 of the request that it answers.';
-- Callers choose their keys without knowing of each other: a partner's must not meet another's.
ALTER TABLE redemptions DROP CONSTRAINT redemptions_key_key;
ALTER TABLE redemptions DROP CONSTRAINT redemptions_key_length;
ALTER TABLE redemptions ADD CONSTRAINT redemptions_key_length CHECK (char_length(key) BETWEEN 1 AND 255);
CREATE UNIQUE INDEX redemptions_caller_key ON redemptions (program_id, (CASE WHEN by_partner THEN partner_id ELSE program_id END), key);
CREATE INDEX redemptions_program_at_idx ON redemptions (program_id, at, id);
CREATE INDEX redemptions_partner_at_idx ON redemptions (partner_id, at, id);
CREATE INDEX products_program_category_idx ON products (program_id, category, sort_name, id);

-- What a redemption stands on must not change until it is recorded. Neither role may lock rows that it may not change, so
-- this does it, and nothing more: whoever ends an assignment, pauses a campaign, archives a product, suspends a partner,
-- moves tiers or switches them off waits for the redemption, or it for them.
CREATE FUNCTION portico_hold_offer(wanted uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  owner uuid;
  program uuid;
BEGIN
  SELECT partner_id, program_id INTO owner, program FROM products
    WHERE id = wanted AND program_id = portico_program_id() AND (portico_partner_id() IS NULL OR partner_id = portico_partner_id())
    FOR SHARE;
  PERFORM FROM programs WHERE id = program FOR SHARE;
  PERFORM FROM partners WHERE id = owner FOR SHARE;
  PERFORM FROM tier_assignments WHERE partner_id = owner AND (product_id = wanted OR product_id IS NULL) ORDER BY id FOR SHARE;
  PERFORM FROM campaigns WHERE id IN (
      SELECT campaign_id FROM tier_assignments WHERE partner_id = owner AND (product_id = wanted OR product_id IS NULL)
    ) ORDER BY id FOR SHARE;
END $$;
COMMENT ON FUNCTION portico_hold_offer IS 'Locks what decides about a product of the transaction''s own scope, until the end of the transaction.';
REVOKE ALL ON FUNCTION portico_hold_offer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_hold_offer TO portico_partner, portico_host;
