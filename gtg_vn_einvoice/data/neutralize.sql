-- a copy for tests must not be able to issue legal documents
UPDATE gtg_einvoice_account
   SET state = 'draft', username = NULL, password = NULL,
       misa_client_id = NULL, misa_client_secret = NULL,
       vnpt_service_user = NULL, vnpt_service_password = NULL;
