DROP TABLE product_imports;
DROP INDEX tier_assignments_whole_partner_idx;
