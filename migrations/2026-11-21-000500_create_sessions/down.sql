DROP TABLE attempts;
DROP TABLE sessions;
