DROP INDEX activity_about_idx;
ALTER TABLE activity DROP COLUMN about_id;
DROP INDEX users_email_search_idx;
DROP INDEX users_name_search_idx;
DROP INDEX products_category_idx;
DROP INDEX integrations_assignee_idx;
DROP INDEX tenants_program_state_idx;
CREATE INDEX tenants_program_state_idx ON tenants (program_id, state);
