ALTER TABLE users DROP COLUMN second_factor_at;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE email_changes;
DROP TABLE password_resets;
