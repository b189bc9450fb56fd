-- Versions of what is managed, for If-Match; and the answers to requests that may be repeated.

ALTER TABLE api_keys ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE roles ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

CREATE TABLE idempotency_keys (
    name BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    request BLOB NOT NULL,
    answer BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
