-- a copy for tests must not authorize or be signed for: the keys go, the shops stay
UPDATE gtg_marketplace_app SET partner_key = NULL, push_key = NULL, state = 'draft';
UPDATE gtg_marketplace_shop SET state = 'draft';
DELETE FROM gtg_marketplace_connect;
