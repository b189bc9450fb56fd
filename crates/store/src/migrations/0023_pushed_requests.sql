-- Authorization requests that clients have left with the server (RFC 9126), found by their own id and removed in the order
-- of ids, which is that of time; and the request that a challenge came as.

CREATE TABLE pushed_requests (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    form TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;

ALTER TABLE login_challenges ADD COLUMN pushed_id BLOB;
