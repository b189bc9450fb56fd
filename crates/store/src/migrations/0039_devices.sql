-- Devices that wait for their person (RFC 8628): found by their own code's id, and by what the person types; removed in the
-- order of ids, which is that of time. code_id is the authorization code that came of a yes. And the device that a
-- challenge is for.

CREATE TABLE device_requests (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    user_code TEXT NOT NULL,
    scope TEXT NOT NULL,
    ip_address TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    code_id BLOB
) WITHOUT ROWID;

CREATE UNIQUE INDEX device_requests_user_code ON device_requests (tenant_id, user_code);

ALTER TABLE login_challenges ADD COLUMN device_id BLOB;
