CREATE TABLE review_marks (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT review_marks_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  page text NOT NULL CONSTRAINT review_marks_page_known CHECK (page IN ('general', 'listing', 'configure', 'media', 'legal')),
  submission integer NOT NULL CONSTRAINT review_marks_submission_positive CHECK (submission > 0),
  viewed_at timestamptz NOT NULL,
  CONSTRAINT review_marks_pkey PRIMARY KEY (integration_id, user_id, page, submission),
  CONSTRAINT review_marks_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX review_marks_partner_idx ON review_marks (partner_id, integration_id);
COMMENT ON TABLE review_marks IS 'Which pages of which submission a reviewer has looked at.';
COMMENT ON COLUMN review_marks.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN review_marks.integration_id IS 'The integration.';
COMMENT ON COLUMN review_marks.user_id IS 'The reviewer.';
COMMENT ON COLUMN review_marks.page IS 'The page.';
COMMENT ON COLUMN review_marks.submission IS 'The submission whose page it was.';
COMMENT ON COLUMN review_marks.viewed_at IS 'When.';

CREATE TABLE review_readers (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT review_readers_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  user_name text NOT NULL,
  seen_at timestamptz NOT NULL,
  CONSTRAINT review_readers_pkey PRIMARY KEY (integration_id, user_id),
  CONSTRAINT review_readers_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX review_readers_partner_idx ON review_readers (partner_id, integration_id);
COMMENT ON TABLE review_readers IS 'Who had the review of an integration open last, so that two reviewers know of each other.';
COMMENT ON COLUMN review_readers.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN review_readers.integration_id IS 'The integration.';
COMMENT ON COLUMN review_readers.user_id IS 'The reviewer.';
COMMENT ON COLUMN review_readers.user_name IS 'Their name at that moment.';
COMMENT ON COLUMN review_readers.seen_at IS 'When the page was last asked for.';

CREATE TABLE review_snoozes (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT review_snoozes_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  until timestamptz NOT NULL,
  CONSTRAINT review_snoozes_pkey PRIMARY KEY (integration_id, user_id),
  CONSTRAINT review_snoozes_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX review_snoozes_partner_idx ON review_snoozes (partner_id, integration_id);
CREATE INDEX review_snoozes_user_idx ON review_snoozes (user_id, until);
COMMENT ON TABLE review_snoozes IS 'What a reviewer does not want to be led to for a while; nobody else is affected.';
COMMENT ON COLUMN review_snoozes.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN review_snoozes.integration_id IS 'The integration.';
COMMENT ON COLUMN review_snoozes.user_id IS 'The reviewer.';
COMMENT ON COLUMN review_snoozes.until IS 'Until when.';

-- Reviewers alone read these, and the portal writes them: they are nobody's act.
ALTER TABLE review_marks ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_readers ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_snoozes ENABLE ROW LEVEL SECURITY;
CREATE POLICY review_marks_host ON review_marks TO portico_host USING (true);
CREATE POLICY review_readers_host ON review_readers TO portico_host USING (true);
CREATE POLICY review_snoozes_host ON review_snoozes TO portico_host USING (true);
GRANT SELECT ON review_marks, review_readers, review_snoozes TO portico_host;
