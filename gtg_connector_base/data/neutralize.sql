-- a copy for tests must call no provider and must not go on with work in the air
-- the rows stay: they are what connecting again writes to
UPDATE gtg_connector_token SET access_token = NULL, refresh_token = NULL, expires_at = NULL;
UPDATE gtg_connector_health SET is_open = FALSE, database_pin = NULL;
UPDATE gtg_connector_task
   SET state = 'failed', unsure = unsure OR state <> 'queued', error_text = 'Stopped: this database is a neutralized copy.'
 WHERE state IN ('queued', 'sending', 'unknown');
