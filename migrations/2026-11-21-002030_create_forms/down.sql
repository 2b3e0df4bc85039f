DROP FUNCTION portico_activate_answered(timestamptz, uuid, text);
DROP TABLE form_requests, form_files, form_answers, form_versions, forms;
DROP FUNCTION form_answers_stay();
