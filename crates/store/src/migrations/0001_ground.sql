-- The ground floor. Written for both engines: BLOB reads BYTEA on PostgreSQL, WITHOUT ROWID is SQLite's alone.
-- Times are microseconds since the epoch; ids are the 16 bytes of a UUIDv7.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE tenants (
    id BLOB PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    access_token_alg TEXT,
    enabled BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX tenants_slug ON tenants (slug);

CREATE TABLE clients (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    token_format TEXT NOT NULL,
    access_lifetime BIGINT NOT NULL,
    refresh_lifetime BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX clients_client_id ON clients (client_id);
CREATE INDEX clients_tenant ON clients (tenant_id, created_at, id);

CREATE TABLE client_secrets (
    id BLOB PRIMARY KEY,
    client_id BLOB NOT NULL,
    keyed_hash BLOB,
    slow_hash TEXT,
    prefix TEXT NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
) WITHOUT ROWID;
CREATE INDEX client_secrets_client ON client_secrets (client_id, id);

-- What is noted of a client without a commit of its own; apart, so that notes never move a client's version.
CREATE TABLE client_notes (
    client_id BLOB PRIMARY KEY,
    last_used_at BIGINT,
    scope_refusals BIGINT NOT NULL,
    scope_refused_at BIGINT
) WITHOUT ROWID;

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    email TEXT,
    name TEXT,
    password_hash TEXT,
    roles TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX users_username ON users (tenant_id, username_key);

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    last_four TEXT NOT NULL,
    permissions BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, created_at, id);

CREATE TABLE signing_keys (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    kid TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    retired_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX signing_keys_kid ON signing_keys (tenant_id, kid);

CREATE TABLE grants (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    user_id BLOB,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
) WITHOUT ROWID;

-- Found by its own id and by nothing else: every further index would cost more than the commit.
CREATE TABLE access_tokens (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    user_id BLOB,
    grant_id BLOB,
    hash BLOB NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT,
    client_generation BIGINT NOT NULL,
    tenant_generation BIGINT NOT NULL,
    user_generation BIGINT
) WITHOUT ROWID;

CREATE TABLE audit_logs (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    at BIGINT NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT,
    action TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_id BLOB,
    outcome TEXT NOT NULL,
    ip_address TEXT,
    user_agent TEXT,
    request_id TEXT,
    details TEXT
) WITHOUT ROWID;
