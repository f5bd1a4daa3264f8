-- a copy for tests must not reach the carrier, nor accept its messages
UPDATE gtg_carrier_account
   SET ghn_token = NULL, webhook_secret = NULL, state = 'draft',
       environment = CASE WHEN environment = 'production' THEN 'test' ELSE environment END;
