CREATE TABLE forms (
  program_id uuid NOT NULL CONSTRAINT forms_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT forms_kind_known CHECK (kind IN ('partner', 'integration')),
  activates boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL,
  updated_by_name text NOT NULL,
  CONSTRAINT forms_pkey PRIMARY KEY (program_id, kind)
);
COMMENT ON TABLE forms IS 'Choices about a form of a program; no row means that nothing was chosen.';
COMMENT ON COLUMN forms.program_id IS 'The program whose form it is.';
COMMENT ON COLUMN forms.kind IS 'partner: answered once by each partner; integration: for each integration.';
COMMENT ON COLUMN forms.activates IS 'Whether a pending partner becomes active by itself when it sends the form.';
COMMENT ON COLUMN forms.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN forms.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN forms.updated_by_name IS 'Who edited it last.';

CREATE TABLE form_versions (
  id uuid CONSTRAINT form_versions_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT form_versions_program_fkey REFERENCES programs (id) ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT form_versions_kind_known CHECK (kind IN ('partner', 'integration')),
  number integer NOT NULL CONSTRAINT form_versions_number_positive CHECK (number > 0),
  state text NOT NULL CONSTRAINT form_versions_state_known CHECK (state IN ('draft', 'live', 'retired')),
  questions jsonb NOT NULL DEFAULT '[]',
  renew_number integer,
  renew_by date,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL,
  changed_by_name text NOT NULL,
  published_at timestamptz,
  published_by_name text,
  CONSTRAINT form_versions_number_key UNIQUE (program_id, kind, number),
  CONSTRAINT form_versions_program_id_key UNIQUE (program_id, id),
  CONSTRAINT form_versions_published CHECK ((state = 'draft') = (published_at IS NULL)),
  CONSTRAINT form_versions_renewed CHECK ((renew_number IS NULL) = (renew_by IS NULL))
);
CREATE UNIQUE INDEX form_versions_draft_key ON form_versions (program_id, kind) WHERE state = 'draft';
CREATE UNIQUE INDEX form_versions_live_key ON form_versions (program_id, kind) WHERE state = 'live';
COMMENT ON TABLE form_versions IS 'The questions of a form, version by version. Only a draft can be edited.';
COMMENT ON COLUMN form_versions.id IS 'Key.';
COMMENT ON COLUMN form_versions.program_id IS 'The program whose form it is.';
COMMENT ON COLUMN form_versions.kind IS 'partner or integration.';
COMMENT ON COLUMN form_versions.number IS 'Counts from 1 in each form.';
COMMENT ON COLUMN form_versions.state IS 'draft, live, retired.';
COMMENT ON COLUMN form_versions.questions IS 'List of questions, in order.';
COMMENT ON COLUMN form_versions.renew_number IS 'Answers to versions before this number are asked for again; null when none are.';
COMMENT ON COLUMN form_versions.renew_by IS 'The last day for that.';
COMMENT ON COLUMN form_versions.version IS 'Grows by one with each edit; compared when saving.';
COMMENT ON COLUMN form_versions.changed_at IS 'When it was last edited.';
COMMENT ON COLUMN form_versions.changed_by_name IS 'Who edited it last.';
COMMENT ON COLUMN form_versions.published_at IS 'When it became live; null for a draft.';
COMMENT ON COLUMN form_versions.published_by_name IS 'Who published it.';

CREATE TABLE form_answers (
  id uuid CONSTRAINT form_answers_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT form_answers_kind_known CHECK (kind IN ('partner', 'integration')),
  subject_id uuid NOT NULL,
  version_id uuid NOT NULL,
  form_number integer NOT NULL,
  number integer NOT NULL,
  content jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL,
  changed_by uuid,
  changed_by_name text NOT NULL,
  sent_at timestamptz,
  CONSTRAINT form_answers_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT form_answers_number_key UNIQUE (partner_id, kind, subject_id, number),
  CONSTRAINT form_answers_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE,
  CONSTRAINT form_answers_version_fkey FOREIGN KEY (program_id, version_id) REFERENCES form_versions (program_id, id),
  CONSTRAINT form_answers_draft CHECK (number >= 0 AND (number = 0) = (sent_at IS NULL))
);
CREATE INDEX form_answers_version_idx ON form_answers (version_id);
COMMENT ON TABLE form_answers IS 'What a partner answered: one draft at the most, and every submission as it was sent.';
COMMENT ON COLUMN form_answers.id IS 'Key.';
COMMENT ON COLUMN form_answers.program_id IS 'The partner''s program.';
COMMENT ON COLUMN form_answers.partner_id IS 'Who answers.';
COMMENT ON COLUMN form_answers.kind IS 'The form that is answered.';
COMMENT ON COLUMN form_answers.subject_id IS 'What the answers are about: the partner itself, or its integration.';
COMMENT ON COLUMN form_answers.version_id IS 'The version of the form.';
COMMENT ON COLUMN form_answers.form_number IS 'That version''s number.';
COMMENT ON COLUMN form_answers.number IS '0 for the draft; submissions count from 1.';
COMMENT ON COLUMN form_answers.content IS 'A draft: what was typed, by question. A submission: each question as it was asked, with its answer.';
COMMENT ON COLUMN form_answers.version IS 'Grows by one with each edit of the draft; compared when saving.';
COMMENT ON COLUMN form_answers.changed_at IS 'When it was last saved.';
COMMENT ON COLUMN form_answers.changed_by IS 'Who saved or sent it.';
COMMENT ON COLUMN form_answers.changed_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN form_answers.sent_at IS 'When it was sent; null for the draft.';

CREATE FUNCTION form_answers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'answers that were sent stay as they are';
END $$;
COMMENT ON FUNCTION form_answers_stay IS 'Refuses to change a submission.';
CREATE TRIGGER form_answers_stay BEFORE UPDATE ON form_answers FOR EACH ROW WHEN (OLD.number > 0) EXECUTE FUNCTION form_answers_stay();

CREATE TABLE form_files (
  id uuid CONSTRAINT form_files_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT form_files_name_length CHECK (char_length(name) BETWEEN 1 AND 80),
  media text NOT NULL,
  content bytea NOT NULL CONSTRAINT form_files_size CHECK (octet_length(content) BETWEEN 1 AND 10485760),
  created_at timestamptz NOT NULL,
  CONSTRAINT form_files_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT form_files_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE form_files IS 'Files in answers.';
COMMENT ON COLUMN form_files.id IS 'Key; random, so that no address can be guessed.';
COMMENT ON COLUMN form_files.program_id IS 'The partner''s program.';
COMMENT ON COLUMN form_files.partner_id IS 'Whose file it is.';
COMMENT ON COLUMN form_files.name IS 'What they call it; shown, never used as a path.';
COMMENT ON COLUMN form_files.media IS 'What it is by its content.';
COMMENT ON COLUMN form_files.content IS 'At most 10 MB.';
COMMENT ON COLUMN form_files.created_at IS 'When it was sent.';

CREATE TABLE form_requests (
  id uuid CONSTRAINT form_requests_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT form_requests_kind_known CHECK (kind IN ('partner', 'integration')),
  subject_id uuid NOT NULL,
  note text NOT NULL CONSTRAINT form_requests_note_length CHECK (char_length(note) <= 5000),
  due_on date NOT NULL,
  asked_at timestamptz NOT NULL,
  asked_by_name text NOT NULL,
  CONSTRAINT form_requests_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT form_requests_subject_key UNIQUE (partner_id, kind, subject_id),
  CONSTRAINT form_requests_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE form_requests IS 'The last time that a host asked a partner to look at its answers again.';
COMMENT ON COLUMN form_requests.id IS 'Key.';
COMMENT ON COLUMN form_requests.program_id IS 'The partner''s program.';
COMMENT ON COLUMN form_requests.partner_id IS 'Who is asked.';
COMMENT ON COLUMN form_requests.kind IS 'The form that is asked for.';
COMMENT ON COLUMN form_requests.subject_id IS 'What the answers are about.';
COMMENT ON COLUMN form_requests.note IS 'Why, in words.';
COMMENT ON COLUMN form_requests.due_on IS 'The last day for it.';
COMMENT ON COLUMN form_requests.asked_at IS 'When; answers sent later settle it.';
COMMENT ON COLUMN form_requests.asked_by_name IS 'Who asked.';

-- A partner's own people may not write its status. This one step they cause is taken here, and only when the program
-- chose it and the partner sent its form.
CREATE FUNCTION portico_activate_answered(moment timestamptz, who uuid, who_name text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  own uuid := nullif(current_setting('portico.partner', true), '')::uuid;
BEGIN
  UPDATE partners p SET status = 'active', code_fixed = true, version = p.version + 1,
      updated_at = moment, updated_by = who, updated_by_name = who_name
    WHERE p.id = own AND p.status = 'pending'
      AND EXISTS (SELECT 1 FROM forms f WHERE f.program_id = p.program_id AND f.kind = 'partner' AND f.activates)
      AND EXISTS (SELECT 1 FROM form_answers a JOIN form_versions v ON v.id = a.version_id AND v.state = 'live'
                  WHERE a.partner_id = p.id AND a.kind = 'partner' AND a.number > 0);
  RETURN FOUND;
END $$;
COMMENT ON FUNCTION portico_activate_answered IS 'Makes the pending partner of the transaction active when it sent its form and the program chose that.';
REVOKE ALL ON FUNCTION portico_activate_answered FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_activate_answered TO portico_partner;

ALTER TABLE forms ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_requests ENABLE ROW LEVEL SECURITY;
CREATE POLICY forms_partner ON forms TO portico_partner USING (program_id = portico_program_id());
CREATE POLICY forms_host ON forms TO portico_host USING (true);
-- A partner's people never see what is not published yet.
CREATE POLICY form_versions_partner ON form_versions TO portico_partner USING (program_id = portico_program_id() AND state <> 'draft');
CREATE POLICY form_versions_host ON form_versions TO portico_host USING (true);
CREATE POLICY form_answers_partner ON form_answers TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY form_answers_host ON form_answers TO portico_host USING (true);
CREATE POLICY form_files_partner ON form_files TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY form_files_host ON form_files TO portico_host USING (true);
CREATE POLICY form_requests_partner ON form_requests TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY form_requests_host ON form_requests TO portico_host USING (true);
GRANT SELECT ON forms, form_versions, form_requests TO portico_partner;
GRANT SELECT, INSERT, UPDATE ON forms TO portico_host;
GRANT SELECT, INSERT, UPDATE, DELETE ON form_versions TO portico_host;
GRANT SELECT, INSERT, UPDATE ON form_requests TO portico_host;
GRANT SELECT, INSERT, UPDATE ON form_answers TO portico_partner, portico_host;
GRANT SELECT, INSERT, DELETE ON form_files TO portico_partner, portico_host;
