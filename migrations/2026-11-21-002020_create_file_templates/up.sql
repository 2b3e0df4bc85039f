CREATE TABLE file_templates (
  id uuid CONSTRAINT file_templates_pkey PRIMARY KEY,
  program_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT file_templates_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  sort_name text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  process text NOT NULL CONSTRAINT file_templates_process_known CHECK (process IN ('accrual', 'redemption', 'enrolment', 'reconciliation', 'other')),
  format text NOT NULL CONSTRAINT file_templates_format_known CHECK (format IN ('csv', 'fixed-width', 'json-lines', 'xml')),
  layout jsonb NOT NULL CONSTRAINT file_templates_layout_object CHECK (jsonb_typeof(layout) = 'object'),
  field_count integer NOT NULL CONSTRAINT file_templates_field_count_range CHECK (field_count BETWEEN 1 AND 100),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  updated_by_name text NOT NULL,
  CONSTRAINT file_templates_partner_id_key UNIQUE (partner_id, id),
  CONSTRAINT file_templates_name_key UNIQUE (partner_id, sort_name),
  CONSTRAINT file_templates_partner_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partners (program_id, id) ON DELETE CASCADE
);
CREATE INDEX file_templates_program_name_idx ON file_templates (program_id, sort_name, id);
CREATE INDEX file_templates_program_updated_idx ON file_templates (program_id, updated_at, id);
CREATE INDEX file_templates_partner_updated_idx ON file_templates (partner_id, updated_at, id);
COMMENT ON TABLE file_templates IS 'Templates: what a partner''s files look like, field by field.';
COMMENT ON COLUMN file_templates.id IS 'Key.';
COMMENT ON COLUMN file_templates.program_id IS 'The partner''s program.';
COMMENT ON COLUMN file_templates.partner_id IS 'Whose files; a template belongs to one partner for good.';
COMMENT ON COLUMN file_templates.name IS 'Shown; unique in the partner, whatever the case.';
COMMENT ON COLUMN file_templates.sort_name IS 'The name in lower case, for order and uniqueness.';
COMMENT ON COLUMN file_templates.process IS 'What the files are for.';
COMMENT ON COLUMN file_templates.format IS 'How the files are written.';
COMMENT ON COLUMN file_templates.layout IS 'Delimiter, quote, encoding, heading, record element, and the fields in order.';
COMMENT ON COLUMN file_templates.field_count IS 'How many fields the layout has, for lists.';
COMMENT ON COLUMN file_templates.version IS 'Grows by one with each change; compared when saving.';
COMMENT ON COLUMN file_templates.created_at IS 'When it was made.';
COMMENT ON COLUMN file_templates.updated_at IS 'When it was changed last.';
COMMENT ON COLUMN file_templates.updated_by IS 'Who changed it last; null for the command line.';
COMMENT ON COLUMN file_templates.updated_by_name IS 'Their name at that moment.';

ALTER TABLE file_templates ENABLE ROW LEVEL SECURITY;
CREATE POLICY file_templates_partner ON file_templates TO portico_partner USING (partner_id = portico_partner_id());
CREATE POLICY file_templates_host ON file_templates TO portico_host USING (true);
GRANT SELECT, INSERT, DELETE,
  UPDATE (name, process, format, layout, field_count, version, updated_at, updated_by, updated_by_name)
  ON file_templates TO portico_partner, portico_host;
