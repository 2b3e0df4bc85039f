DROP TABLE api_answers;
DROP TABLE api_tokens;
DROP TABLE tenant_runs;
DROP TABLE tenants;
DROP FUNCTION tenants_move;
