-- Clients that have registered themselves (RFC 7591): the hash of the token that each manages itself with, and when it goes
-- unless it has been used. Initial access tokens. How many such clients a tenant has.

CREATE TABLE registered_clients (
    client_id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    token_id BLOB,
    unused_until BIGINT
) WITHOUT ROWID;
CREATE INDEX registered_clients_unused ON registered_clients (unused_until);
CREATE INDEX registered_clients_tenant ON registered_clients (tenant_id);

CREATE TABLE registration_tokens (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    last_four TEXT NOT NULL,
    uses_left BIGINT,
    uses BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX registration_tokens_tenant ON registration_tokens (tenant_id, created_at, id);

ALTER TABLE tenants ADD COLUMN registered_count BIGINT NOT NULL DEFAULT 0;
