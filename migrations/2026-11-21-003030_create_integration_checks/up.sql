CREATE TABLE integration_checks (
  id uuid CONSTRAINT integration_checks_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT integration_checks_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  position integer NOT NULL CONSTRAINT integration_checks_position_positive CHECK (position > 0),
  page text NOT NULL CONSTRAINT integration_checks_page_known CHECK (page IN ('general', 'listing', 'configure', 'media', 'legal')),
  spot text NOT NULL DEFAULT '' CONSTRAINT integration_checks_spot_length CHECK (char_length(spot) <= 60),
  kind text NOT NULL CONSTRAINT integration_checks_kind_known CHECK (kind IN
    ('required', 'pattern', 'length', 'image-size', 'screenshots', 'link', 'other', 'credentials', 'look-at')),
  argument jsonb NOT NULL DEFAULT '{}',
  words text NOT NULL CONSTRAINT integration_checks_words_length CHECK (char_length(words) BETWEEN 1 AND 300),
  is_blocking boolean NOT NULL DEFAULT true,
  is_live boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL,
  updated_by_name text NOT NULL,
  CONSTRAINT integration_checks_looked_at CHECK (kind <> 'look-at' OR NOT is_blocking)
);
CREATE INDEX integration_checks_program_idx ON integration_checks (program_id, position, id);
COMMENT ON TABLE integration_checks IS 'What a program checks integrations by before they are submitted, and what its reviewers look at.';
COMMENT ON COLUMN integration_checks.id IS 'Key.';
COMMENT ON COLUMN integration_checks.program_id IS 'The program whose check it is.';
COMMENT ON COLUMN integration_checks.position IS 'Its place in the list.';
COMMENT ON COLUMN integration_checks.page IS 'The page that it is about.';
COMMENT ON COLUMN integration_checks.spot IS 'The field, or question-<id>; empty for the whole page.';
COMMENT ON COLUMN integration_checks.kind IS 'What is checked; look-at is ticked by a reviewer, everything else is found out by the portal.';
COMMENT ON COLUMN integration_checks.argument IS 'What the kind asks for: a pattern, limits, sizes, another field.';
COMMENT ON COLUMN integration_checks.words IS 'What the host says about it, to partners and reviewers.';
COMMENT ON COLUMN integration_checks.is_blocking IS 'Whether it keeps an integration from being submitted; else it is advice.';
COMMENT ON COLUMN integration_checks.is_live IS 'Whether it is in use.';
COMMENT ON COLUMN integration_checks.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN integration_checks.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN integration_checks.updated_by_name IS 'Who edited it last.';

CREATE TABLE check_marks (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  submission integer NOT NULL CONSTRAINT check_marks_submission_positive CHECK (submission > 0),
  check_id uuid NOT NULL,
  page text NOT NULL CONSTRAINT check_marks_page_known CHECK (page IN ('general', 'listing', 'configure', 'media', 'legal')),
  spot text NOT NULL CONSTRAINT check_marks_spot_length CHECK (char_length(spot) <= 60),
  words text NOT NULL,
  marked_at timestamptz NOT NULL,
  marked_by uuid,
  marked_by_name text NOT NULL,
  CONSTRAINT check_marks_pkey PRIMARY KEY (integration_id, submission, check_id),
  CONSTRAINT check_marks_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX check_marks_partner_idx ON check_marks (partner_id, integration_id);
COMMENT ON TABLE check_marks IS 'What a reviewer has looked at in a submission, and ticked. It stays when the check is removed.';
COMMENT ON COLUMN check_marks.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN check_marks.integration_id IS 'The integration.';
COMMENT ON COLUMN check_marks.submission IS 'The number of the submission.';
COMMENT ON COLUMN check_marks.check_id IS 'The check, which may be gone.';
COMMENT ON COLUMN check_marks.page IS 'The page that it was about.';
COMMENT ON COLUMN check_marks.spot IS 'The field; empty for the whole page.';
COMMENT ON COLUMN check_marks.words IS 'The words of the check at that moment.';
COMMENT ON COLUMN check_marks.marked_at IS 'When it was ticked.';
COMMENT ON COLUMN check_marks.marked_by IS 'Who ticked it.';
COMMENT ON COLUMN check_marks.marked_by_name IS 'Their name at that moment.';

ALTER TABLE integration_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE check_marks ENABLE ROW LEVEL SECURITY;
-- Partners check themselves by what is in use; what is being prepared is the hosts' own, and so are their ticks.
CREATE POLICY integration_checks_partner ON integration_checks TO portico_partner USING (program_id = portico_program_id() AND is_live);
CREATE POLICY integration_checks_host ON integration_checks TO portico_host USING (true);
CREATE POLICY check_marks_host ON check_marks TO portico_host USING (true);
GRANT SELECT ON integration_checks TO portico_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON integration_checks TO portico_host;
GRANT SELECT, INSERT, DELETE ON check_marks TO portico_host;
