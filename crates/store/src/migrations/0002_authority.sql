-- Roles that tenants define, and clients through which people may act.

CREATE TABLE roles (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    permissions BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name);

ALTER TABLE clients ADD COLUMN first_party BIGINT NOT NULL DEFAULT 0;
