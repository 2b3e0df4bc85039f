DROP TABLE check_marks, integration_checks;
