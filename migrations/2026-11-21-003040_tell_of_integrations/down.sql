DROP FUNCTION portico_queue_before;
DROP FUNCTION portico_recipients;
