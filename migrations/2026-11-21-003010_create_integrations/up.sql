ALTER TABLE partner_types ADD COLUMN review text NOT NULL DEFAULT 'reviewed'
  CONSTRAINT partner_types_review_known CHECK (review IN ('reviewed', 'self-publish'));
COMMENT ON COLUMN partner_types.review IS 'reviewed: a host publishes what such partners build; self-publish: they do, once the checks pass.';

CREATE TABLE review_settings (
  program_id uuid CONSTRAINT review_settings_pkey PRIMARY KEY CONSTRAINT review_settings_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  target_days integer NOT NULL DEFAULT 3 CONSTRAINT review_settings_target_range CHECK (target_days BETWEEN 1 AND 60),
  second_approver boolean NOT NULL DEFAULT false,
  partners_republish boolean NOT NULL DEFAULT false,
  reviewed_fields jsonb NOT NULL DEFAULT '[]',
  categories jsonb NOT NULL DEFAULT '[]',
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL,
  updated_by_name text NOT NULL
);
COMMENT ON TABLE review_settings IS 'How a program reviews integrations; no row means that nothing was chosen.';
COMMENT ON COLUMN review_settings.program_id IS 'The program.';
COMMENT ON COLUMN review_settings.target_days IS 'Business days in which a submission should be answered.';
COMMENT ON COLUMN review_settings.second_approver IS 'Whether publishing takes two people.';
COMMENT ON COLUMN review_settings.partners_republish IS 'Whether a partner may publish again, unchanged, what was unpublished.';
COMMENT ON COLUMN review_settings.reviewed_fields IS 'List of fields that a host changes by a reviewed revision only, never directly.';
COMMENT ON COLUMN review_settings.categories IS 'List of the categories that listings choose from.';
COMMENT ON COLUMN review_settings.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN review_settings.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN review_settings.updated_by_name IS 'Who edited it last.';

CREATE TABLE integrations (
  id uuid CONSTRAINT integrations_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT integrations_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  kind text NOT NULL CONSTRAINT integrations_kind_known CHECK (kind IN ('internal', 'external')),
  state text NOT NULL DEFAULT 'draft' CONSTRAINT integrations_state_known CHECK (state IN
    ('draft', 'in_review', 'changes_requested', 'approved', 'published', 'unpublished', 'suspended', 'rejected', 'archived')),
  revision text CONSTRAINT integrations_revision_known CHECK (revision IN ('draft', 'in_review', 'changes_requested', 'approved')),
  state_since timestamptz NOT NULL,
  reason_code text NOT NULL DEFAULT '' CONSTRAINT integrations_reason_code_length CHECK (char_length(reason_code) <= 40),
  reason text NOT NULL DEFAULT '' CONSTRAINT integrations_reason_length CHECK (char_length(reason) <= 5000),
  publish_at timestamptz,
  content jsonb NOT NULL,
  live_number integer,
  cycle integer NOT NULL DEFAULT 1 CONSTRAINT integrations_cycle_positive CHECK (cycle > 0),
  round integer NOT NULL DEFAULT 0 CONSTRAINT integrations_round_range CHECK (round >= 0),
  submission integer NOT NULL DEFAULT 0 CONSTRAINT integrations_submission_range CHECK (submission >= 0),
  submitted_at timestamptz,
  submitted_by uuid,
  submitted_by_name text NOT NULL DEFAULT '',
  assignee_id uuid,
  assignee_name text NOT NULL DEFAULT '',
  expected_at timestamptz,
  spent_minutes integer NOT NULL DEFAULT 0 CONSTRAINT integrations_spent_range CHECK (spent_minutes >= 0),
  approved_by uuid,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by_name text NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT integrations_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT integrations_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id),
  CONSTRAINT integrations_revision_published CHECK (revision IS NULL OR state = 'published'),
  CONSTRAINT integrations_live CHECK (state NOT IN ('published', 'unpublished', 'suspended') OR live_number IS NOT NULL),
  CONSTRAINT integrations_scheduled CHECK ((publish_at IS NOT NULL) = (state = 'approved' OR revision IS NOT DISTINCT FROM 'approved')),
  CONSTRAINT integrations_waiting CHECK ((expected_at IS NOT NULL) = (state = 'in_review' OR revision IS NOT DISTINCT FROM 'in_review'))
);
CREATE UNIQUE INDEX integrations_name_key ON integrations (partner_id, sort_name) WHERE state <> 'archived';
CREATE INDEX integrations_program_name_idx ON integrations (program_id, sort_name, id);
CREATE INDEX integrations_program_state_idx ON integrations (program_id, state, updated_at, id);
CREATE INDEX integrations_partner_state_idx ON integrations (partner_id, state, updated_at, id);
CREATE INDEX integrations_program_updated_idx ON integrations (program_id, updated_at, id);
CREATE INDEX integrations_partner_updated_idx ON integrations (partner_id, updated_at, id);
CREATE INDEX integrations_queue_idx ON integrations (program_id, expected_at, id) WHERE expected_at IS NOT NULL;
CREATE INDEX integrations_due_idx ON integrations (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX integrations_search_idx ON integrations USING gin (name gin_trgm_ops);
COMMENT ON TABLE integrations IS 'What partners build for the program, and where each stands in its review.';
COMMENT ON COLUMN integrations.id IS 'Key.';
COMMENT ON COLUMN integrations.program_id IS 'The partner''s program.';
COMMENT ON COLUMN integrations.partner_id IS 'The partner it belongs to, for ever.';
COMMENT ON COLUMN integrations.name IS 'The published name, or that of the draft before there is one; unique in the partner while not archived.';
COMMENT ON COLUMN integrations.sort_name IS 'The name in lower case, for order and for uniqueness.';
COMMENT ON COLUMN integrations.kind IS 'internal: runs on this program''s connections; external: a listing that leads elsewhere.';
COMMENT ON COLUMN integrations.state IS 'Where it stands.';
COMMENT ON COLUMN integrations.revision IS 'Where the unpublished changes of a published one stand; null when there are none.';
COMMENT ON COLUMN integrations.state_since IS 'Since when state and revision are what they are.';
COMMENT ON COLUMN integrations.reason_code IS 'Why it was rejected, suspended or unpublished, as a word; empty else.';
COMMENT ON COLUMN integrations.reason IS 'The same in sentences.';
COMMENT ON COLUMN integrations.publish_at IS 'When what was approved will be published.';
COMMENT ON COLUMN integrations.content IS 'The pages as they are being written.';
COMMENT ON COLUMN integrations.live_number IS 'The version that is or was published last; null before the first.';
COMMENT ON COLUMN integrations.cycle IS 'Counts reviews: the first one, and one for each revision; rounds begin anew with it.';
COMMENT ON COLUMN integrations.round IS 'Rounds of this cycle; 0 before the first submission.';
COMMENT ON COLUMN integrations.submission IS 'Number of the last submission; counts through all cycles.';
COMMENT ON COLUMN integrations.submitted_at IS 'When that was made.';
COMMENT ON COLUMN integrations.submitted_by IS 'Who made it.';
COMMENT ON COLUMN integrations.submitted_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN integrations.assignee_id IS 'The reviewer of this cycle; null while nobody claimed it.';
COMMENT ON COLUMN integrations.assignee_name IS 'Their name at that moment.';
COMMENT ON COLUMN integrations.expected_at IS 'By when the submission should be answered; null unless it waits for the host.';
COMMENT ON COLUMN integrations.spent_minutes IS 'Business minutes that the host used in earlier rounds of this cycle.';
COMMENT ON COLUMN integrations.approved_by IS 'The first of two approvers of this submission; null else.';
COMMENT ON COLUMN integrations.version IS 'Grows by one with each edit and move; compared when saving.';
COMMENT ON COLUMN integrations.created_at IS 'When it was created.';
COMMENT ON COLUMN integrations.created_by_name IS 'Who created it.';
COMMENT ON COLUMN integrations.updated_at IS 'When it was last edited or moved.';
COMMENT ON COLUMN integrations.updated_by IS 'Who did that; null for the clock.';
COMMENT ON COLUMN integrations.updated_by_name IS 'Their name at that moment.';

-- What the code's table of moves forbids, the database forbids as well.
CREATE FUNCTION integrations_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('draft', 'in_review'), ('draft', 'published'), ('draft', 'archived'),
    ('in_review', 'draft'), ('in_review', 'changes_requested'), ('in_review', 'published'), ('in_review', 'approved'), ('in_review', 'rejected'),
    ('changes_requested', 'in_review'),
    ('approved', 'published'), ('approved', 'in_review'),
    ('rejected', 'draft'), ('rejected', 'archived'),
    ('published', 'unpublished'), ('published', 'suspended'),
    ('unpublished', 'published'), ('unpublished', 'draft'), ('unpublished', 'archived'),
    ('suspended', 'published'), ('suspended', 'unpublished'),
    ('archived', 'draft')
  ) THEN
    RAISE EXCEPTION 'an integration does not go from % to %', OLD.state, NEW.state;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION integrations_move IS 'Refuses a step between states that no move takes.';
CREATE TRIGGER integrations_move BEFORE UPDATE ON integrations FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION integrations_move();

CREATE TABLE integration_submissions (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT integration_submissions_number_positive CHECK (number > 0),
  cycle integer NOT NULL CONSTRAINT integration_submissions_cycle_positive CHECK (cycle > 0),
  round integer NOT NULL CONSTRAINT integration_submissions_round_positive CHECK (round > 0),
  content jsonb NOT NULL,
  note text NOT NULL CONSTRAINT integration_submissions_note_length CHECK (char_length(note) <= 5000),
  findings jsonb NOT NULL DEFAULT '[]',
  submitted_at timestamptz NOT NULL,
  submitted_by uuid,
  submitted_by_name text NOT NULL,
  outcome text CONSTRAINT integration_submissions_outcome_known CHECK (outcome IN ('withdrawn', 'changes_requested', 'published', 'approved', 'rejected')),
  summary text NOT NULL DEFAULT '' CONSTRAINT integration_submissions_summary_length CHECK (char_length(summary) <= 5000),
  answered_at timestamptz,
  answered_by uuid,
  answered_by_name text NOT NULL DEFAULT '',
  CONSTRAINT integration_submissions_pkey PRIMARY KEY (integration_id, number),
  CONSTRAINT integration_submissions_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE,
  CONSTRAINT integration_submissions_answered CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX integration_submissions_open_key ON integration_submissions (integration_id) WHERE outcome IS NULL;
CREATE INDEX integration_submissions_partner_idx ON integration_submissions (partner_id, integration_id);
CREATE INDEX integration_submissions_answered_idx ON integration_submissions (answered_at) WHERE answered_at IS NOT NULL;
COMMENT ON TABLE integration_submissions IS 'Every submission as it was sent: what the reviewer sees, and what came of it.';
COMMENT ON COLUMN integration_submissions.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_submissions.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_submissions.number IS 'Counts from 1 through all cycles.';
COMMENT ON COLUMN integration_submissions.cycle IS 'The review it belongs to.';
COMMENT ON COLUMN integration_submissions.round IS 'Counts from 1 in each cycle.';
COMMENT ON COLUMN integration_submissions.content IS 'The pages at that moment; never changed.';
COMMENT ON COLUMN integration_submissions.note IS 'What the submitter told the reviewer.';
COMMENT ON COLUMN integration_submissions.findings IS 'What the checks said at that moment.';
COMMENT ON COLUMN integration_submissions.submitted_at IS 'When.';
COMMENT ON COLUMN integration_submissions.submitted_by IS 'Who.';
COMMENT ON COLUMN integration_submissions.submitted_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN integration_submissions.outcome IS 'How it ended; null while it waits.';
COMMENT ON COLUMN integration_submissions.summary IS 'What the reviewer wrote to the partner with that.';
COMMENT ON COLUMN integration_submissions.answered_at IS 'When it ended.';
COMMENT ON COLUMN integration_submissions.answered_by IS 'Who ended it.';
COMMENT ON COLUMN integration_submissions.answered_by_name IS 'Their name at that moment.';

CREATE TABLE integration_versions (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT integration_versions_number_positive CHECK (number > 0),
  content jsonb NOT NULL,
  origin text NOT NULL CONSTRAINT integration_versions_origin_known CHECK (origin IN ('review', 'self', 'host-edit', 'rollback')),
  source integer,
  published_at timestamptz NOT NULL,
  published_by uuid,
  published_by_name text NOT NULL,
  CONSTRAINT integration_versions_pkey PRIMARY KEY (integration_id, number),
  CONSTRAINT integration_versions_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX integration_versions_partner_idx ON integration_versions (partner_id, integration_id);
ALTER TABLE integrations ADD CONSTRAINT integrations_live_fkey FOREIGN KEY (id, live_number)
  REFERENCES integration_versions (integration_id, number) DEFERRABLE INITIALLY DEFERRED;
COMMENT ON TABLE integration_versions IS 'Everything that was ever published; a rollback publishes an old one under a new number.';
COMMENT ON COLUMN integration_versions.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_versions.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_versions.number IS 'Counts from 1.';
COMMENT ON COLUMN integration_versions.content IS 'The pages as they were published; never changed.';
COMMENT ON COLUMN integration_versions.origin IS 'How it came about: review, self (no second party), host-edit, rollback.';
COMMENT ON COLUMN integration_versions.source IS 'The submission that was published, or the version that was rolled back to.';
COMMENT ON COLUMN integration_versions.published_at IS 'When.';
COMMENT ON COLUMN integration_versions.published_by IS 'Who; null for the clock.';
COMMENT ON COLUMN integration_versions.published_by_name IS 'Their name at that moment.';

CREATE TABLE integration_uses (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  place text NOT NULL CONSTRAINT integration_uses_place_known CHECK (place IN ('template', 'source', 'target')),
  stage text NOT NULL CONSTRAINT integration_uses_stage_known CHECK (stage IN ('work', 'live')),
  template_id uuid,
  connection_id uuid,
  CONSTRAINT integration_uses_pkey PRIMARY KEY (integration_id, place, stage),
  CONSTRAINT integration_uses_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE,
  CONSTRAINT integration_uses_template_fkey FOREIGN KEY (partner_id, template_id) REFERENCES file_templates (partner_id, id),
  CONSTRAINT integration_uses_connection_fkey FOREIGN KEY (partner_id, connection_id) REFERENCES connections (partner_id, id),
  CONSTRAINT integration_uses_one CHECK ((template_id IS NULL) <> (connection_id IS NULL) AND (template_id IS NOT NULL) = (place = 'template'))
);
CREATE INDEX integration_uses_template_idx ON integration_uses (partner_id, template_id) WHERE template_id IS NOT NULL;
CREATE INDEX integration_uses_connection_idx ON integration_uses (partner_id, connection_id) WHERE connection_id IS NOT NULL;
COMMENT ON TABLE integration_uses IS 'The connections and templates that an integration names, so that none is removed while it is in use.';
COMMENT ON COLUMN integration_uses.partner_id IS 'Whose they all are.';
COMMENT ON COLUMN integration_uses.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_uses.place IS 'What for: template, source, target.';
COMMENT ON COLUMN integration_uses.stage IS 'work: in what is being written; live: in the published version.';
COMMENT ON COLUMN integration_uses.template_id IS 'The template.';
COMMENT ON COLUMN integration_uses.connection_id IS 'The connection.';

CREATE TABLE feedback_threads (
  id uuid CONSTRAINT feedback_threads_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  page text NOT NULL CONSTRAINT feedback_threads_page_known CHECK (page IN ('general', 'listing', 'configure', 'media', 'legal')),
  field text CONSTRAINT feedback_threads_field_length CHECK (char_length(field) BETWEEN 1 AND 60),
  criterion text NOT NULL DEFAULT '' CONSTRAINT feedback_threads_criterion_length CHECK (char_length(criterion) <= 300),
  weight text NOT NULL CONSTRAINT feedback_threads_weight_known CHECK (weight IN ('blocking', 'advice', 'internal')),
  cycle integer NOT NULL,
  round integer NOT NULL,
  submission integer NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by uuid,
  opened_by_name text NOT NULL,
  resolved_at timestamptz,
  resolved_by_name text NOT NULL DEFAULT '',
  answered_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT feedback_threads_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT feedback_threads_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX feedback_threads_integration_idx ON feedback_threads (partner_id, integration_id, opened_at);
COMMENT ON TABLE feedback_threads IS 'One item of feedback on a page or a field, and whether it is settled.';
COMMENT ON COLUMN feedback_threads.id IS 'Key.';
COMMENT ON COLUMN feedback_threads.program_id IS 'The partner''s program.';
COMMENT ON COLUMN feedback_threads.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN feedback_threads.integration_id IS 'The integration.';
COMMENT ON COLUMN feedback_threads.page IS 'The page it is about.';
COMMENT ON COLUMN feedback_threads.field IS 'The field; null for the whole page.';
COMMENT ON COLUMN feedback_threads.criterion IS 'The check it follows from, in its words; empty when none.';
COMMENT ON COLUMN feedback_threads.weight IS 'blocking: has to be answered and settled; advice; internal: hosts only.';
COMMENT ON COLUMN feedback_threads.cycle IS 'The review in which it was opened.';
COMMENT ON COLUMN feedback_threads.round IS 'The round.';
COMMENT ON COLUMN feedback_threads.submission IS 'The submission it was written about; 0 when before any.';
COMMENT ON COLUMN feedback_threads.opened_at IS 'When.';
COMMENT ON COLUMN feedback_threads.opened_by IS 'Who.';
COMMENT ON COLUMN feedback_threads.opened_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN feedback_threads.resolved_at IS 'Since when it is settled; null while open.';
COMMENT ON COLUMN feedback_threads.resolved_by_name IS 'Who settled it.';
COMMENT ON COLUMN feedback_threads.answered_at IS 'When the partner wrote last, unless a host wrote after that; null while it owes an answer.';
COMMENT ON COLUMN feedback_threads.version IS 'Grows by one with each change; compared when saving.';

CREATE TABLE feedback_messages (
  id uuid CONSTRAINT feedback_messages_pkey PRIMARY KEY,
  partner_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  is_host boolean NOT NULL,
  body text NOT NULL CONSTRAINT feedback_messages_body_length CHECK (char_length(body) BETWEEN 1 AND 5000),
  at timestamptz NOT NULL,
  author_id uuid,
  author_name text NOT NULL,
  CONSTRAINT feedback_messages_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT feedback_messages_thread_fkey FOREIGN KEY (partner_id, thread_id) REFERENCES feedback_threads (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX feedback_messages_thread_idx ON feedback_messages (partner_id, thread_id, id);
COMMENT ON TABLE feedback_messages IS 'What was written in the items of feedback.';
COMMENT ON COLUMN feedback_messages.id IS 'Key; version 7, so in order of time.';
COMMENT ON COLUMN feedback_messages.partner_id IS 'Whose integration it is about.';
COMMENT ON COLUMN feedback_messages.thread_id IS 'The item.';
COMMENT ON COLUMN feedback_messages.is_host IS 'Whether somebody who sees the whole program wrote it.';
COMMENT ON COLUMN feedback_messages.body IS 'Markdown.';
COMMENT ON COLUMN feedback_messages.at IS 'When.';
COMMENT ON COLUMN feedback_messages.author_id IS 'Who.';
COMMENT ON COLUMN feedback_messages.author_name IS 'Their name at that moment.';

CREATE TABLE integration_followers (
  partner_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  user_id uuid NOT NULL CONSTRAINT integration_followers_user_fkey REFERENCES users (id) ON DELETE CASCADE,
  since timestamptz NOT NULL,
  CONSTRAINT integration_followers_pkey PRIMARY KEY (integration_id, user_id),
  CONSTRAINT integration_followers_integration_fkey FOREIGN KEY (partner_id, integration_id) REFERENCES integrations (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX integration_followers_partner_idx ON integration_followers (partner_id, integration_id);
COMMENT ON TABLE integration_followers IS 'Who wants to hear of an integration besides those who must.';
COMMENT ON COLUMN integration_followers.partner_id IS 'Whose integration it is.';
COMMENT ON COLUMN integration_followers.integration_id IS 'The integration.';
COMMENT ON COLUMN integration_followers.user_id IS 'The person; told only while they may still see it.';
COMMENT ON COLUMN integration_followers.since IS 'Since when.';

ALTER TABLE review_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE integrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_submissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_uses ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_threads ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_followers ENABLE ROW LEVEL SECURITY;
CREATE POLICY review_settings_partner ON review_settings TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY review_settings_host ON review_settings TO portico_host USING (true);
CREATE POLICY integrations_partner ON integrations TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integrations_host ON integrations TO portico_host USING (true);
CREATE POLICY integration_submissions_partner ON integration_submissions TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_submissions_host ON integration_submissions TO portico_host USING (true);
CREATE POLICY integration_versions_partner ON integration_versions TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_versions_host ON integration_versions TO portico_host USING (true);
CREATE POLICY integration_uses_partner ON integration_uses TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_uses_host ON integration_uses TO portico_host USING (true);
-- Internal notes are the hosts' own: a partner's people see neither them nor what stands in them.
CREATE POLICY feedback_threads_partner ON feedback_threads TO portico_partner
  USING (partner_id = portico_partner_id() AND weight <> 'internal');
CREATE POLICY feedback_threads_host ON feedback_threads TO portico_host USING (true);
CREATE POLICY feedback_messages_partner ON feedback_messages TO portico_partner
  USING (partner_id = portico_partner_id() AND EXISTS (SELECT FROM feedback_threads t WHERE t.id = thread_id AND t.weight <> 'internal'))
  WITH CHECK (partner_id = portico_partner_id() AND NOT is_host
    AND EXISTS (SELECT FROM feedback_threads t WHERE t.id = thread_id AND t.weight <> 'internal'));
CREATE POLICY feedback_messages_host ON feedback_messages TO portico_host USING (true);
CREATE POLICY integration_followers_partner ON integration_followers TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY integration_followers_host ON integration_followers TO portico_host USING (true);
GRANT SELECT ON review_settings TO portico_partner;
GRANT SELECT, INSERT, UPDATE ON review_settings TO portico_host;
GRANT SELECT, INSERT ON integrations, integration_submissions, integration_versions, feedback_threads, feedback_messages
  TO portico_host;
GRANT SELECT, INSERT ON integrations, integration_submissions, integration_versions, feedback_messages TO portico_partner;
GRANT SELECT ON feedback_threads TO portico_partner;
GRANT UPDATE (name, kind, state, revision, state_since, reason_code, reason, publish_at, content, live_number, cycle, round, submission,
  submitted_at, submitted_by, submitted_by_name, assignee_id, assignee_name, expected_at, spent_minutes, approved_by, version, updated_at,
  updated_by, updated_by_name) ON integrations TO portico_partner, portico_host;
GRANT UPDATE (outcome, summary, answered_at, answered_by, answered_by_name) ON integration_submissions TO portico_partner, portico_host;
GRANT UPDATE (resolved_at, resolved_by_name, answered_at, version) ON feedback_threads TO portico_host;
GRANT UPDATE (answered_at, version) ON feedback_threads TO portico_partner;
GRANT SELECT, INSERT, DELETE ON integration_uses, integration_followers TO portico_partner, portico_host;
