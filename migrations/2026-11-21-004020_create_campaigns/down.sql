-- It looks into another table, which goes first.
DROP POLICY campaigns_partner ON campaigns;
DROP TABLE redemptions;
DROP TABLE tier_assignments;
DROP TABLE campaign_partners;
DROP TABLE campaigns;
ALTER TABLE programs DROP COLUMN campaign_approval;
