-- One table for all kinds of records that come from a file and are checked while the person waits.
ALTER TABLE product_imports RENAME TO file_imports;
ALTER TABLE file_imports RENAME CONSTRAINT product_imports_pkey TO file_imports_pkey;
ALTER TABLE file_imports RENAME CONSTRAINT product_imports_program_fkey TO file_imports_program_fkey;
ALTER TABLE file_imports RENAME CONSTRAINT product_imports_state_known TO file_imports_state_known;
ALTER POLICY product_imports_host ON file_imports RENAME TO file_imports_host;
ALTER TABLE file_imports ADD COLUMN kind text NOT NULL DEFAULT 'products'
  CONSTRAINT file_imports_kind_known CHECK (kind IN ('products', 'assignments'));
ALTER TABLE file_imports ALTER COLUMN kind DROP DEFAULT;
DROP INDEX product_imports_program_idx;
CREATE INDEX file_imports_program_idx ON file_imports (program_id, kind, created_at DESC, id DESC);
COMMENT ON TABLE file_imports IS 'Files of records: uploaded, checked, applied, perhaps undone.';
COMMENT ON COLUMN file_imports.kind IS 'What its rows are: products, assignments.';

-- How long it takes to set a campaign up, and how well it goes.
ALTER TABLE campaigns ADD COLUMN set_up_at timestamptz;
ALTER TABLE campaigns ADD COLUMN caught integer NOT NULL DEFAULT 0
  CONSTRAINT campaigns_caught_range CHECK (caught >= 0);
ALTER TABLE campaigns ADD COLUMN left_over integer CONSTRAINT campaigns_left_over_range CHECK (left_over >= 0);
COMMENT ON COLUMN campaigns.set_up_at IS 'When it was first submitted or started; null until then.';
COMMENT ON COLUMN campaigns.caught IS 'Problems that a form named and that were put right before it was saved.';
COMMENT ON COLUMN campaigns.left_over IS 'Problems that the configuration check listed for it when it was first submitted or started; null until then.';
GRANT UPDATE (set_up_at, caught, left_over) ON campaigns TO portico_host;
