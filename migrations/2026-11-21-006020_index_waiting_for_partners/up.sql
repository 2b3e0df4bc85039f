-- What waits for its partner, whether new or an update: two columns say so, and an index of either alone would read both.
CREATE INDEX integrations_changes_idx ON integrations (program_id, updated_at, id)
  WHERE state = 'changes_requested' OR revision = 'changes_requested';
