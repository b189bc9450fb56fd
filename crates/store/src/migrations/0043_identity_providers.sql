-- Other servers at which a tenant's people may sign in, and who they are there.
CREATE TABLE identity_providers (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    settings TEXT NOT NULL,
    secret BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX identity_providers_slug ON identity_providers (tenant_id, slug);

CREATE TABLE upstream_links (
    provider_id BLOB NOT NULL,
    subject TEXT NOT NULL,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (provider_id, subject)
) WITHOUT ROWID;
CREATE UNIQUE INDEX upstream_links_user ON upstream_links (user_id, provider_id);
CREATE INDEX upstream_links_tenant ON upstream_links (tenant_id);

-- Browsers that were sent to one, until they come back.
CREATE TABLE upstream_requests (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;
