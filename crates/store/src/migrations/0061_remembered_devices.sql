-- Devices on which people are not asked for the second factor each time.
CREATE TABLE remembered_devices (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    user_generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip_address TEXT,
    user_agent TEXT
) WITHOUT ROWID;
CREATE INDEX remembered_devices_user ON remembered_devices (user_id);
CREATE INDEX remembered_devices_tenant ON remembered_devices (tenant_id);
CREATE INDEX remembered_devices_expires ON remembered_devices (expires_at);
