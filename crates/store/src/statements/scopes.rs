//! Statements on the registry of scopes.

use crate::sql::statements;

/// The columns of a scope, in the order in which `reads.rs` reads them.
macro_rules! scope_columns {
    () => {
        "s.id, s.tenant_id, s.name, s.description, s.version, s.created_at, s.updated_at"
    };
}

statements! {
    /// A scope of a tenant.
    SCOPE_BY_ID = concat!("SELECT ", scope_columns!(), " FROM scopes s WHERE s.tenant_id = $1 AND s.id = $2");
    /// A scope of a tenant by name.
    SCOPE_BY_NAME = concat!("SELECT ", scope_columns!(), " FROM scopes s WHERE s.tenant_id = $1 AND s.name = $2");
    /// A page of the scopes that a tenant added, newest first.
    SCOPES_PAGE = concat!("SELECT ", scope_columns!(), " FROM scopes s WHERE s.tenant_id = $1 AND s.created_at > 0 \
        AND (s.created_at, s.id) < ($2, $3) ORDER BY s.created_at DESC, s.id DESC LIMIT $4");
    /// The built-in scopes that a tenant put in other words.
    SCOPES_REWORDED = concat!("SELECT ", scope_columns!(), " FROM scopes s WHERE s.tenant_id = $1 AND s.created_at = 0");
    /// How many scopes a tenant added.
    SCOPES_COUNT = "SELECT COUNT(*) FROM scopes WHERE tenant_id = $1 AND created_at > 0";
    /// The names of the scopes that a tenant added.
    SCOPE_NAMES = "SELECT name FROM scopes WHERE tenant_id = $1";
    /// Makes a scope.
    SCOPE_INSERT = "INSERT INTO scopes (tenant_id, id, name, description, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, 1, $5, $5)";
    /// Makes a scope where there is none of its name; one that is there is locked as it is until the unit's end.
    SCOPE_REGISTER = "INSERT INTO scopes (tenant_id, id, name, description, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, 1, $5, $5) ON CONFLICT (tenant_id, name) DO UPDATE SET version = scopes.version";
    /// Locks a scope until the unit's end: no client gets it meanwhile. Where a version is given, it has that one.
    SCOPE_LOCK = "UPDATE scopes SET version = version WHERE tenant_id = $1 AND id = $2 AND version = COALESCE(CAST($3 AS BIGINT), version)";
    /// Changes a scope that still is as decided on; its name, after [`SCOPE_LOCK`], only where no client has it.
    SCOPE_UPDATE = "UPDATE scopes SET name = $4, description = $5, version = version + 1, updated_at = $6 \
        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND (name = $4 OR NOT EXISTS \
        (SELECT 1 FROM client_scopes u WHERE u.tenant_id = scopes.tenant_id AND u.name = scopes.name))";
    /// Puts a built-in scope in other words, on condition that they are as decided on.
    SCOPE_REWORD = "INSERT INTO scopes (tenant_id, id, name, description, version, created_at, updated_at) \
        VALUES ($1, $2, $4, $5, 1, 0, $6) ON CONFLICT (tenant_id, id) DO UPDATE SET description = excluded.description, \
        version = scopes.version + 1, updated_at = excluded.updated_at WHERE scopes.version = $3";
    /// Removes a scope that no client has, after [`SCOPE_LOCK`].
    SCOPE_DELETE_UNUSED = "DELETE FROM scopes WHERE tenant_id = $1 AND id = $2 AND name = $3 AND NOT EXISTS \
        (SELECT 1 FROM client_scopes WHERE tenant_id = $1 AND name = $3)";
    /// Removes a scope, after [`SCOPE_LOCK`], where none of its clients has one of the scopes in `$4`, which stand
    /// between spaces, and, unless `$5` is null, none is first party or among the clients in it.
    SCOPE_DELETE_USED = "DELETE FROM scopes WHERE tenant_id = $1 AND id = $2 AND name = $3 AND NOT EXISTS \
        (SELECT 1 FROM client_scopes a JOIN client_scopes b ON b.client_id = a.client_id WHERE a.tenant_id = $1 AND a.name = $3 \
        AND REPLACE(CAST($4 AS TEXT), ' ' || b.name || ' ', '') <> CAST($4 AS TEXT)) \
        AND (CAST($5 AS TEXT) IS NULL OR NOT EXISTS (SELECT 1 FROM client_scopes a JOIN clients c ON c.id = a.client_id \
        WHERE a.tenant_id = $1 AND a.name = $3 AND (c.first_party = 1 \
        OR REPLACE(CAST($5 AS TEXT), ' ' || c.client_id || ' ', '') <> CAST($5 AS TEXT))))";
    /// Takes a scope from every client that has it, after [`SCOPE_DELETE_USED`].
    CLIENTS_LOSE_SCOPE = "UPDATE clients SET scope = TRIM(REPLACE(' ' || scope || ' ', ' ' || CAST($2 AS TEXT) || ' ', ' ')), \
        version = version + 1, updated_at = $3 WHERE id IN (SELECT client_id FROM client_scopes WHERE tenant_id = $1 AND name = $2)";
    /// Forgets which clients had a scope, after [`CLIENTS_LOSE_SCOPE`].
    SCOPE_FORGET_CLIENTS = "DELETE FROM client_scopes WHERE tenant_id = $1 AND name = $2";
    /// How many clients have a scope.
    SCOPE_USES = "SELECT COUNT(*) FROM client_scopes WHERE tenant_id = $1 AND name = $2";
    /// All scopes of the clients that have one.
    SCOPE_NEIGHBOURS = "SELECT DISTINCT b.name FROM client_scopes a JOIN client_scopes b ON b.client_id = a.client_id \
        WHERE a.tenant_id = $1 AND a.name = $2";
    /// How many of the clients that have a scope are first party, or among those in `$3`, which stand between spaces.
    SCOPE_TRUSTED = "SELECT COUNT(*) FROM client_scopes a JOIN clients c ON c.id = a.client_id \
        WHERE a.tenant_id = $1 AND a.name = $2 AND (c.first_party = 1 \
        OR REPLACE(CAST($3 AS TEXT), ' ' || c.client_id || ' ', '') <> CAST($3 AS TEXT))";
    /// Notes that a client has a scope.
    CLIENT_SCOPE_INSERT = "INSERT INTO client_scopes (client_id, name, tenant_id) VALUES ($1, $2, $3)";
    /// Forgets which scopes a client has.
    CLIENT_SCOPES_DELETE = "DELETE FROM client_scopes WHERE client_id = $1";
    /// Forgets which scopes a tenant's clients have.
    TENANT_DELETE_CLIENT_SCOPES = "DELETE FROM client_scopes WHERE tenant_id = $1";
    /// Removes a tenant's scopes.
    TENANT_DELETE_SCOPES = "DELETE FROM scopes WHERE tenant_id = $1";
}
