-- a copy for tests must not be able to issue legal documents
UPDATE gtg_einvoice_account SET state = 'draft', username = NULL, password = NULL;
