DROP TRIGGER activity_is_queued ON activity;
DROP FUNCTION activity_waits_for_its_place();
DROP TABLE activity_unchained;
DROP TABLE activity_chain;
DROP FUNCTION activity_chain_is_append_only();
