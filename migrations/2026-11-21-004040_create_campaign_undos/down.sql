DROP INDEX campaigns_search_idx;
DROP TABLE campaign_undos;
REVOKE UPDATE (code) ON campaigns FROM portico_host;
