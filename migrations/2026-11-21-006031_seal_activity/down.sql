DROP FUNCTION portico_sealed_until();
DROP TABLE activity_seals;
