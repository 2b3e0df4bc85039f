-- Counts and lists of one state are walked in order, and end after a page or a thousand.
DROP INDEX tenants_program_state_idx;
CREATE INDEX tenants_program_state_idx ON tenants (program_id, state, sort_name, id);
-- What somebody reviews, among all that nobody does.
CREATE INDEX integrations_assignee_idx ON integrations (program_id, assignee_id, updated_at, id) WHERE assignee_id IS NOT NULL;
-- The categories that are in use are found by skipping from one to the next.
CREATE INDEX products_category_idx ON products (program_id, category);
CREATE INDEX users_name_search_idx ON users USING gin (name gin_trgm_ops);
CREATE INDEX users_email_search_idx ON users USING gin (email gin_trgm_ops);
-- The history of one thing. A column of its own, not an expression: row-level security lets an index be used only for
-- conditions that cannot leak, and looking into JSON is none.
ALTER TABLE activity ADD COLUMN about_id uuid GENERATED ALWAYS AS (
  coalesce(event ->> 'tenant', event ->> 'integration', event ->> 'product', event ->> 'connection', event ->> 'campaign')::uuid
) STORED;
COMMENT ON COLUMN activity.about_id IS 'The tenant, integration, product, connection or campaign that it tells of; null for other things.';
CREATE INDEX activity_about_idx ON activity (about_id, at DESC, id DESC) WHERE about_id IS NOT NULL;
