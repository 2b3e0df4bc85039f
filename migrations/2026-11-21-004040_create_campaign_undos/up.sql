GRANT UPDATE (code) ON campaigns TO portico_host;
CREATE TABLE campaign_undos (
  id uuid CONSTRAINT campaign_undos_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  made_by uuid NOT NULL,
  words text NOT NULL CONSTRAINT campaign_undos_words_length CHECK (char_length(words) BETWEEN 1 AND 500),
  steps jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  CONSTRAINT campaign_undos_person_key UNIQUE (campaign_id, made_by),
  CONSTRAINT campaign_undos_campaign_fkey FOREIGN KEY (program_id, campaign_id) REFERENCES campaigns (program_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE campaign_undos IS 'The last thing that somebody did to the assignments of a campaign, so that they can take it back.';
COMMENT ON COLUMN campaign_undos.id IS 'Key.';
COMMENT ON COLUMN campaign_undos.program_id IS 'The campaign''s program.';
COMMENT ON COLUMN campaign_undos.campaign_id IS 'The campaign.';
COMMENT ON COLUMN campaign_undos.made_by IS 'Who did it; one row for each person and campaign.';
COMMENT ON COLUMN campaign_undos.words IS 'What was done, as a sentence.';
COMMENT ON COLUMN campaign_undos.steps IS 'The assignments as they were before, and the versions that they have since.';
COMMENT ON COLUMN campaign_undos.made_at IS 'When.';
ALTER TABLE campaign_undos ENABLE ROW LEVEL SECURITY;
CREATE POLICY campaign_undos_host ON campaign_undos TO portico_host USING (true);
GRANT SELECT, INSERT, DELETE ON campaign_undos TO portico_host;
CREATE INDEX campaigns_search_idx ON campaigns USING gin ((code || ' ' || name) gin_trgm_ops);
