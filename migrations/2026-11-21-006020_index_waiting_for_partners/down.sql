DROP INDEX integrations_changes_idx;
