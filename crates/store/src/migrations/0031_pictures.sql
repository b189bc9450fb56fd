-- Logos of tenants, as they are served: PNG, made anew from what was sent. The name follows from the content.
CREATE TABLE pictures (
    name TEXT NOT NULL,
    tenant_id BLOB NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (name, tenant_id)
) WITHOUT ROWID;
CREATE INDEX pictures_tenant ON pictures (tenant_id);
