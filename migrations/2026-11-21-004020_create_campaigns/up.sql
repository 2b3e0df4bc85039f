CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE programs ADD COLUMN campaign_approval boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN programs.campaign_approval IS 'Whether a campaign takes a second person''s approval before it counts.';

CREATE TABLE campaigns (
  id uuid CONSTRAINT campaigns_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT campaigns_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  code text NOT NULL CONSTRAINT campaigns_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{1,31}$'),
  name text NOT NULL CONSTRAINT campaigns_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  description text NOT NULL DEFAULT '' CONSTRAINT campaigns_description_length CHECK (char_length(description) <= 5000),
  display text NOT NULL DEFAULT 'filter' CONSTRAINT campaigns_display_known CHECK (display IN ('filter', 'show-all')),
  messages jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'draft' CONSTRAINT campaigns_state_known CHECK (state IN ('draft', 'awaiting_approval', 'approved', 'paused', 'archived')),
  time_zone text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  period tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED,
  owner_id uuid,
  owner_name text NOT NULL,
  approved_by uuid,
  approved_by_name text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT campaigns_program_id_key UNIQUE (program_id, id),
  CONSTRAINT campaigns_code_key UNIQUE (program_id, code),
  CONSTRAINT campaigns_dates CHECK (ends_at IS NULL OR starts_at < ends_at)
);
CREATE INDEX campaigns_program_name_idx ON campaigns (program_id, sort_name, id);
CREATE INDEX campaigns_program_start_idx ON campaigns (program_id, starts_at, id);
CREATE INDEX campaigns_program_updated_idx ON campaigns (program_id, updated_at, id);
COMMENT ON TABLE campaigns IS 'What links partners and tiers for a time.';
COMMENT ON COLUMN campaigns.id IS 'Key.';
COMMENT ON COLUMN campaigns.program_id IS 'The program.';
COMMENT ON COLUMN campaigns.code IS 'For files and the API; unique in the program.';
COMMENT ON COLUMN campaigns.name IS 'Shown.';
COMMENT ON COLUMN campaigns.sort_name IS 'The name in lower case, for order.';
COMMENT ON COLUMN campaigns.description IS 'What it is for.';
COMMENT ON COLUMN campaigns.display IS 'filter: storefronts show only what a customer may have; show-all: everything, with a message.';
COMMENT ON COLUMN campaigns.messages IS 'What to tell customers of what they may not have, by reason.';
COMMENT ON COLUMN campaigns.state IS 'draft and awaiting_approval have no effect, nor have paused and archived; whether an approved one is scheduled, active or ended follows from its dates.';
COMMENT ON COLUMN campaigns.time_zone IS 'The zone in which its dates were entered.';
COMMENT ON COLUMN campaigns.starts_at IS 'The beginning of its first day.';
COMMENT ON COLUMN campaigns.ends_at IS 'The end of its last day, excluded; null when it has none.';
COMMENT ON COLUMN campaigns.period IS 'Both, as a half-open range.';
COMMENT ON COLUMN campaigns.owner_id IS 'Who looks after it.';
COMMENT ON COLUMN campaigns.owner_name IS 'Their name at that moment.';
COMMENT ON COLUMN campaigns.approved_by IS 'The second person; null where none was needed or none came yet.';
COMMENT ON COLUMN campaigns.approved_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN campaigns.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN campaigns.created_at IS 'When it was created.';
COMMENT ON COLUMN campaigns.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN campaigns.updated_by IS 'Who edited it last.';
COMMENT ON COLUMN campaigns.updated_by_name IS 'Their name at that moment.';

CREATE TABLE campaign_partners (
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  linked_at timestamptz NOT NULL,
  linked_by_name text NOT NULL,
  CONSTRAINT campaign_partners_pkey PRIMARY KEY (campaign_id, partner_id),
  CONSTRAINT campaign_partners_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT campaign_partners_campaign_fkey FOREIGN KEY (program_id, campaign_id) REFERENCES campaigns (program_id, id)
);
CREATE INDEX campaign_partners_partner_idx ON campaign_partners (partner_id, campaign_id);
COMMENT ON TABLE campaign_partners IS 'Which partners take part in which campaigns.';
COMMENT ON COLUMN campaign_partners.program_id IS 'The program of both.';
COMMENT ON COLUMN campaign_partners.partner_id IS 'The partner.';
COMMENT ON COLUMN campaign_partners.campaign_id IS 'The campaign.';
COMMENT ON COLUMN campaign_partners.linked_at IS 'Since when.';
COMMENT ON COLUMN campaign_partners.linked_by_name IS 'Who linked them.';

CREATE TABLE tier_assignments (
  id uuid CONSTRAINT tier_assignments_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  product_id uuid,
  tier_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'live' CONSTRAINT tier_assignments_state_known CHECK (state IN ('draft', 'live')),
  time_zone text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  period tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED,
  ended_early boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by_name text NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by_name text NOT NULL,
  CONSTRAINT tier_assignments_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT tier_assignments_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT tier_assignments_link_fkey FOREIGN KEY (campaign_id, partner_id) REFERENCES campaign_partners (campaign_id, partner_id),
  CONSTRAINT tier_assignments_product_fkey FOREIGN KEY (partner_id, product_id) REFERENCES products (partner_id, id),
  CONSTRAINT tier_assignments_tier_fkey FOREIGN KEY (program_id, tier_id) REFERENCES tiers (program_id, id),
  CONSTRAINT tier_assignments_dates CHECK (ends_at IS NULL OR starts_at < ends_at),
  CONSTRAINT tier_assignments_overlap EXCLUDE USING gist (
    campaign_id WITH =, partner_id WITH =, (coalesce(product_id, '00000000-0000-0000-0000-000000000000'::uuid)) WITH =, period WITH &&
  ) WHERE (state = 'live')
);
CREATE INDEX tier_assignments_product_idx ON tier_assignments (product_id) WHERE product_id IS NOT NULL;
CREATE INDEX tier_assignments_partner_idx ON tier_assignments (partner_id, campaign_id);
CREATE INDEX tier_assignments_campaign_idx ON tier_assignments (campaign_id, starts_at, id);
CREATE INDEX tier_assignments_ending_idx ON tier_assignments (program_id, ends_at) WHERE state = 'live';
CREATE INDEX tier_assignments_tier_idx ON tier_assignments (tier_id);
COMMENT ON TABLE tier_assignments IS 'From when until when a partner, or one of its products, asks for a tier in a campaign.';
COMMENT ON COLUMN tier_assignments.id IS 'Key.';
COMMENT ON COLUMN tier_assignments.program_id IS 'The program of all.';
COMMENT ON COLUMN tier_assignments.partner_id IS 'The partner.';
COMMENT ON COLUMN tier_assignments.campaign_id IS 'The campaign; the partner is linked to it.';
COMMENT ON COLUMN tier_assignments.product_id IS 'One product of the partner; null for all that have no assignment of their own in the campaign.';
COMMENT ON COLUMN tier_assignments.tier_id IS 'The tier that is asked for.';
COMMENT ON COLUMN tier_assignments.state IS 'live; draft: has no effect yet.';
COMMENT ON COLUMN tier_assignments.time_zone IS 'The zone in which its dates were entered.';
COMMENT ON COLUMN tier_assignments.starts_at IS 'The beginning of its first day.';
COMMENT ON COLUMN tier_assignments.ends_at IS 'The end of its last day, excluded; null when it has none.';
COMMENT ON COLUMN tier_assignments.period IS 'Both, as a half-open range.';
COMMENT ON COLUMN tier_assignments.ended_early IS 'Whether somebody ended it before its last day.';
COMMENT ON COLUMN tier_assignments.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN tier_assignments.created_at IS 'When it was created.';
COMMENT ON COLUMN tier_assignments.created_by_name IS 'Who created it.';
COMMENT ON COLUMN tier_assignments.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN tier_assignments.updated_by_name IS 'Who edited it last.';

CREATE TABLE redemptions (
  id uuid CONSTRAINT redemptions_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  product_id uuid NOT NULL,
  key text NOT NULL CONSTRAINT redemptions_key_length CHECK (char_length(key) BETWEEN 1 AND 200),
  tier_precedence integer,
  rule text NOT NULL,
  quantity integer NOT NULL CONSTRAINT redemptions_quantity_range CHECK (quantity BETWEEN 1 AND 1000000),
  customer text NOT NULL DEFAULT '' CONSTRAINT redemptions_customer_length CHECK (char_length(customer) <= 200),
  at timestamptz NOT NULL,
  recorded_by_name text NOT NULL,
  CONSTRAINT redemptions_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT redemptions_key_key UNIQUE (program_id, key),
  CONSTRAINT redemptions_product_fkey FOREIGN KEY (partner_id, product_id) REFERENCES products (partner_id, id)
);
CREATE INDEX redemptions_product_idx ON redemptions (partner_id, product_id, at);
COMMENT ON TABLE redemptions IS 'What was redeemed; written only when the decision allowed it.';
COMMENT ON COLUMN redemptions.id IS 'Key.';
COMMENT ON COLUMN redemptions.program_id IS 'The program.';
COMMENT ON COLUMN redemptions.partner_id IS 'Whose product it was.';
COMMENT ON COLUMN redemptions.product_id IS 'The product.';
COMMENT ON COLUMN redemptions.key IS 'The caller''s own key for it: the same one again records nothing.';
COMMENT ON COLUMN redemptions.tier_precedence IS 'The customer''s tier; null for none.';
COMMENT ON COLUMN redemptions.rule IS 'The rule that allowed it.';
COMMENT ON COLUMN redemptions.quantity IS 'How many.';
COMMENT ON COLUMN redemptions.customer IS 'The caller''s own word for the customer; never looked into.';
COMMENT ON COLUMN redemptions.at IS 'When.';
COMMENT ON COLUMN redemptions.recorded_by_name IS 'The key to the API, or the person.';

ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_partners ENABLE ROW LEVEL SECURITY;
ALTER TABLE tier_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE redemptions ENABLE ROW LEVEL SECURITY;
-- A partner sees the campaigns that it takes part in, once they are more than drafts.
CREATE POLICY campaigns_partner ON campaigns TO portico_partner USING (program_id = portico_program_id()
  AND state IN ('approved', 'paused', 'archived')
  AND EXISTS (SELECT FROM campaign_partners link WHERE link.campaign_id = campaigns.id AND link.partner_id = portico_partner_id()));
CREATE POLICY campaigns_host ON campaigns TO portico_host USING (true);
CREATE POLICY campaign_partners_partner ON campaign_partners TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY campaign_partners_host ON campaign_partners TO portico_host USING (true);
CREATE POLICY tier_assignments_partner ON tier_assignments TO portico_partner USING (partner_id = portico_partner_id() AND state = 'live');
CREATE POLICY tier_assignments_host ON tier_assignments TO portico_host USING (true);
CREATE POLICY redemptions_partner ON redemptions TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY redemptions_host ON redemptions TO portico_host USING (true);
GRANT SELECT ON campaigns, campaign_partners, tier_assignments, redemptions TO portico_partner, portico_host;
GRANT INSERT ON campaigns, campaign_partners, tier_assignments, redemptions TO portico_host;
GRANT INSERT ON redemptions TO portico_partner;
GRANT DELETE ON campaign_partners, tier_assignments TO portico_host;
GRANT UPDATE (name, description, display, messages, state, time_zone, starts_at, ends_at, owner_id, owner_name, approved_by, approved_by_name,
  version, updated_at, updated_by, updated_by_name) ON campaigns TO portico_host;
GRANT UPDATE (tier_id, state, time_zone, starts_at, ends_at, ended_early, version, updated_at, updated_by_name) ON tier_assignments TO portico_host;
