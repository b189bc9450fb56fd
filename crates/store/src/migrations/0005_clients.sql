-- What of a client the token endpoint has no use for, and the registry of scopes.

CREATE TABLE client_registrations (
    client_id BLOB PRIMARY KEY,
    description TEXT,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    allowed_origins TEXT NOT NULL,
    client_uri TEXT,
    logo_uri TEXT,
    owner_id BLOB,
    require_pkce BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO client_registrations (client_id, redirect_uris, post_logout_redirect_uris, allowed_origins, require_pkce)
    SELECT id, '', '', '', 0 FROM clients;

-- The origins of all clients of a tenant, for preflights, which do not say which client they are for.
CREATE TABLE client_origins (
    tenant_id BLOB NOT NULL,
    origin TEXT NOT NULL,
    client_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, origin, client_id)
) WITHOUT ROWID;
CREATE INDEX client_origins_client ON client_origins (client_id);

-- The scopes that a tenant knows. A built-in one has a row once somebody has put it in other words; its created_at is 0.
CREATE TABLE scopes (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX scopes_name ON scopes (tenant_id, name);
CREATE INDEX scopes_tenant ON scopes (tenant_id, created_at, id);

-- Which client is registered for which scope.
CREATE TABLE client_scopes (
    client_id BLOB NOT NULL,
    name TEXT NOT NULL,
    tenant_id BLOB NOT NULL,
    PRIMARY KEY (client_id, name)
) WITHOUT ROWID;
CREATE INDEX client_scopes_name ON client_scopes (tenant_id, name, client_id);

-- Takes the scope of each client apart, a character at a time: no function for it has one name in both engines.
INSERT INTO client_scopes (client_id, name, tenant_id)
    WITH RECURSIVE walk (client_id, tenant_id, name, rest) AS (
        SELECT id, tenant_id, '', scope || ' ' FROM clients
        UNION ALL
        SELECT client_id, tenant_id,
            CASE WHEN substr(rest, 1, 1) = ' ' THEN '' ELSE name || substr(rest, 1, 1) END,
            substr(rest, 2)
        FROM walk WHERE rest <> ''
    )
    SELECT DISTINCT client_id, name, tenant_id FROM walk WHERE substr(rest, 1, 1) = ' ' AND name <> '';

ALTER TABLE client_secrets ADD COLUMN last_used_at BIGINT;
