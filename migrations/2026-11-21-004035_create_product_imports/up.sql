CREATE TABLE product_imports (
  id uuid CONSTRAINT product_imports_pkey PRIMARY KEY,
  program_id uuid NOT NULL CONSTRAINT product_imports_program_fkey REFERENCES programs (id),
  file_name text NOT NULL,
  content bytea NOT NULL,
  plan jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL CONSTRAINT product_imports_state_known CHECK (state IN ('uploaded', 'checked', 'applied', 'undone')),
  report jsonb NOT NULL DEFAULT '{}',
  uploaded_by_name text NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX product_imports_program_idx ON product_imports (program_id, created_at DESC, id DESC);
COMMENT ON TABLE product_imports IS 'Files of products: uploaded, checked, applied, perhaps undone.';
COMMENT ON COLUMN product_imports.id IS 'Key.';
COMMENT ON COLUMN product_imports.program_id IS 'The program it is imported into.';
COMMENT ON COLUMN product_imports.file_name IS 'As the person called it.';
COMMENT ON COLUMN product_imports.content IS 'The file.';
COMMENT ON COLUMN product_imports.plan IS 'Which column holds which field.';
COMMENT ON COLUMN product_imports.state IS 'uploaded, checked, applied, undone.';
COMMENT ON COLUMN product_imports.report IS 'What becomes, or became, of each row, with the values from before for an undo.';
COMMENT ON COLUMN product_imports.uploaded_by_name IS 'Who brought the file.';
COMMENT ON COLUMN product_imports.created_at IS 'When it was uploaded.';
COMMENT ON COLUMN product_imports.finished_at IS 'When it was applied or undone.';

ALTER TABLE product_imports ENABLE ROW LEVEL SECURITY;
CREATE POLICY product_imports_host ON product_imports TO portico_host USING (true);
GRANT SELECT, INSERT ON product_imports TO portico_host;
GRANT UPDATE (plan, state, report, finished_at) ON product_imports TO portico_host;
