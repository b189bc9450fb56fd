-- What people prove besides their password: apps that show codes, and codes that they keep on paper.
CREATE TABLE factors (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX factors_user ON factors (user_id);
CREATE INDEX factors_tenant ON factors (tenant_id);

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;
CREATE INDEX recovery_codes_tenant ON recovery_codes (tenant_id);
