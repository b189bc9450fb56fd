-- The secret of a client that signs with it, sealed under the master key; then there is no hash. Assertions that clients
-- have used, until nobody takes them any more: the hash of the client and its jti.

ALTER TABLE client_secrets ADD COLUMN sealed BLOB;

CREATE TABLE used_assertions (
    name BLOB PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);
