DROP FUNCTION portico_is_settled;
DROP FUNCTION portico_queue_places;
DROP TABLE integration_reminders;
ALTER TABLE programs DROP COLUMN reminded_on;
