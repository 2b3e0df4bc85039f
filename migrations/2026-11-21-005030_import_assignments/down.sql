ALTER TABLE campaigns DROP COLUMN left_over, DROP COLUMN caught, DROP COLUMN set_up_at;

DELETE FROM file_imports WHERE kind <> 'products';
DROP INDEX file_imports_program_idx;
ALTER TABLE file_imports DROP COLUMN kind;
ALTER POLICY file_imports_host ON file_imports RENAME TO product_imports_host;
ALTER TABLE file_imports RENAME CONSTRAINT file_imports_state_known TO product_imports_state_known;
ALTER TABLE file_imports RENAME CONSTRAINT file_imports_program_fkey TO product_imports_program_fkey;
ALTER TABLE file_imports RENAME CONSTRAINT file_imports_pkey TO product_imports_pkey;
ALTER TABLE file_imports RENAME TO product_imports;
CREATE INDEX product_imports_program_idx ON product_imports (program_id, created_at DESC, id DESC);
COMMENT ON TABLE product_imports IS 'Files of products: uploaded, checked, applied, perhaps undone.';
