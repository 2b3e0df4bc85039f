CREATE TABLE imports (
  id uuid CONSTRAINT imports_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT imports_program_fkey REFERENCES programs (id),
  file_name text NOT NULL,
  content bytea NOT NULL,
  plan jsonb,
  state text NOT NULL CONSTRAINT imports_state_known CHECK (state IN ('uploaded', 'checked', 'running', 'applied', 'undone')),
  task text CONSTRAINT imports_task_known CHECK (task IN ('check', 'apply', 'undo')),
  run integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  done integer NOT NULL DEFAULT 0,
  created integer NOT NULL DEFAULT 0,
  updated integer NOT NULL DEFAULT 0,
  unchanged integer NOT NULL DEFAULT 0,
  refused integer NOT NULL DEFAULT 0,
  problem text,
  heartbeat_at timestamptz,
  uploaded_by uuid,
  uploaded_by_name text NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX imports_program_idx ON imports (program_id, created_at DESC, id DESC);
COMMENT ON TABLE imports IS 'Files of partners: uploaded, checked, applied, perhaps undone.';
COMMENT ON COLUMN imports.id IS 'Key.';
COMMENT ON COLUMN imports.program_id IS 'The program it is imported into.';
COMMENT ON COLUMN imports.file_name IS 'As the person called it.';
COMMENT ON COLUMN imports.content IS 'The file.';
COMMENT ON COLUMN imports.plan IS 'Columns, fixed values and translations; null before they were chosen.';
COMMENT ON COLUMN imports.state IS 'uploaded, checked, running, applied, undone.';
COMMENT ON COLUMN imports.task IS 'What the last job did or does: check, apply, undo.';
COMMENT ON COLUMN imports.run IS 'Number of the last job: one that was given up cannot write after the next has begun.';
COMMENT ON COLUMN imports.total IS 'Rows in the file.';
COMMENT ON COLUMN imports.done IS 'Rows worked through while checking, running or undoing.';
COMMENT ON COLUMN imports.created IS 'Rows that make a partner.';
COMMENT ON COLUMN imports.updated IS 'Rows that change a partner.';
COMMENT ON COLUMN imports.unchanged IS 'Rows that change nothing.';
COMMENT ON COLUMN imports.refused IS 'Rows that cannot be taken.';
COMMENT ON COLUMN imports.problem IS 'Why the last run stopped, in words.';
COMMENT ON COLUMN imports.heartbeat_at IS 'The running job''s last sign of life; silence means that it died and wrote nothing.';
COMMENT ON COLUMN imports.uploaded_by IS 'Who brought the file; null for the command line.';
COMMENT ON COLUMN imports.uploaded_by_name IS 'Their name at that moment.';
COMMENT ON COLUMN imports.created_at IS 'When the file was uploaded.';
COMMENT ON COLUMN imports.finished_at IS 'When it was applied or undone.';

CREATE TABLE import_rows (
  import_id uuid NOT NULL CONSTRAINT import_rows_import_fkey REFERENCES imports (id) ON DELETE CASCADE,
  line integer NOT NULL,
  outcome text NOT NULL CONSTRAINT import_rows_outcome_known CHECK (outcome IN ('refused', 'created', 'updated', 'unchanged')),
  rank integer NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  field text,
  reason text,
  hint text,
  warning text,
  changes jsonb NOT NULL DEFAULT '[]',
  target_id uuid,
  before jsonb,
  target_version integer,
  undo_note text,
  CONSTRAINT import_rows_pkey PRIMARY KEY (import_id, line)
);
CREATE INDEX import_rows_rank_idx ON import_rows (import_id, rank, line);
CREATE INDEX import_rows_outcome_idx ON import_rows (import_id, outcome, line);
COMMENT ON TABLE import_rows IS 'What an import does, or did, with each line of its file.';
COMMENT ON COLUMN import_rows.import_id IS 'The import.';
COMMENT ON COLUMN import_rows.line IS 'Line in the file; the heading is line 1.';
COMMENT ON COLUMN import_rows.outcome IS 'refused, created, updated, unchanged.';
COMMENT ON COLUMN import_rows.rank IS 'Order in the report: refused first.';
COMMENT ON COLUMN import_rows.code IS 'The code as the file has it.';
COMMENT ON COLUMN import_rows.name IS 'The name as the file has it.';
COMMENT ON COLUMN import_rows.field IS 'The field that was refused.';
COMMENT ON COLUMN import_rows.reason IS 'Why, in words.';
COMMENT ON COLUMN import_rows.hint IS 'What to do about it.';
COMMENT ON COLUMN import_rows.warning IS 'Taken, but worth a look.';
COMMENT ON COLUMN import_rows.changes IS 'List of field, before, after.';
COMMENT ON COLUMN import_rows.target_id IS 'The partner that was created or updated.';
COMMENT ON COLUMN import_rows.before IS 'Its values before, for undo.';
COMMENT ON COLUMN import_rows.target_version IS 'Its version after; undo touches it only while it still has it.';
COMMENT ON COLUMN import_rows.undo_note IS 'Why undo left this line alone.';

ALTER TABLE imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY imports_host ON imports TO portico_host USING (true);
CREATE POLICY import_rows_host ON import_rows TO portico_host USING (true);
GRANT SELECT, INSERT, UPDATE ON imports TO portico_host;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows TO portico_host;
