-- The APIs that tokens are for (RFC 8707). identifier_key is what all spellings of an identifier have in common. clients:
-- who may ask for tokens, one public id a line; null: every client. And the resources that a request picked, where it
-- waits, and in what comes of it.
CREATE TABLE resources (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    identifier TEXT NOT NULL,
    identifier_key TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    token_format TEXT,
    token_alg TEXT,
    access_lifetime BIGINT,
    clients TEXT,
    introspectors TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX resources_identifier ON resources (tenant_id, identifier_key);

ALTER TABLE login_challenges ADD COLUMN resources TEXT;
ALTER TABLE authorization_codes ADD COLUMN resources TEXT;
ALTER TABLE device_requests ADD COLUMN resources TEXT;
ALTER TABLE user_consents ADD COLUMN resources TEXT;
