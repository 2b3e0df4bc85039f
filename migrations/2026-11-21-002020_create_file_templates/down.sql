DROP TABLE file_templates;
