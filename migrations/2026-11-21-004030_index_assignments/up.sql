-- What decides about a product is asked for twice: its own assignments, and those of its partner as a whole.
CREATE INDEX tier_assignments_whole_partner_idx ON tier_assignments (partner_id) WHERE product_id IS NULL AND state = 'live';
