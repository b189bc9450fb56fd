//! Rows as older versions wrote them, for the tests of migrations on both engines, and what the tests read afterwards.

/// What the tests of both engines write before the migration to registrations.
pub(crate) const CLIENTS_OF_BEFORE: &str = "
    INSERT INTO clients (id, tenant_id, client_id, name, kind, grant_types, scope, audience, token_format,
        access_lifetime, refresh_lifetime, enabled, generation, version, created_at, updated_at)
    SELECT id, id, name, name, 'web', '', scope, '', 'jwt', 1, 1, 1, 0, 1, 1, 1 FROM (
        SELECT CAST('1234567890123456' AS BLOB) AS id, 'a' AS name, 'openid oauth:read' AS scope
        UNION ALL SELECT CAST('2234567890123456' AS BLOB), 'b', 'x'
        UNION ALL SELECT CAST('3234567890123456' AS BLOB), 'c', '') AS given;";

/// What they read then.
pub(crate) const SCOPES_TAKEN_APART: &str = "SELECT c.client_id || ':' || s.name FROM client_scopes s \
    JOIN clients c ON c.id = s.client_id AND c.tenant_id = s.tenant_id ORDER BY c.client_id, s.name DESC";

/// What they write, beside [`CLIENTS_OF_BEFORE`], before refresh tokens stood in lists and clients were counted: two
/// tenants, one with all the clients and a grant with a refresh token that was used and one that was not.
pub(crate) const LISTS_OF_BEFORE: &str = "
    INSERT INTO tenants (id, slug, name, enabled, generation, version, created_at, updated_at)
        SELECT CAST('t234567890123456' AS BLOB), 'full', 'Full', 1, 0, 1, 1, 1
        UNION ALL SELECT CAST('e234567890123456' AS BLOB), 'empty', 'Empty', 1, 0, 1, 1, 1;
    UPDATE clients SET tenant_id = CAST('t234567890123456' AS BLOB);
    INSERT INTO grants (id, tenant_id, client_id, user_id, created_at)
        SELECT CAST('g234567890123456' AS BLOB), tenant_id, id, CAST('u234567890123456' AS BLOB), 1 FROM clients WHERE client_id = 'a';
    INSERT INTO refresh_tokens (id, hash, tenant_id, client_id, grant_id, issued_at, expires_at, used_at)
        SELECT CAST('r234567890123456' AS BLOB), id, tenant_id, client_id, id, 1, 2, NULL FROM grants
        UNION ALL SELECT CAST('s234567890123456' AS BLOB), id, tenant_id, client_id, id, 1, 2, 2 FROM grants;";

/// What they read then: the users of refresh tokens; whose list has which token; how many clients a tenant has.
pub(crate) const LISTS_SINCE: [&str; 3] = [
    "SELECT CAST(COUNT(*) AS TEXT) FROM refresh_tokens WHERE user_id = CAST('u234567890123456' AS BLOB)",
    "SELECT CAST(COUNT(*) AS TEXT) FROM token_index WHERE id = CAST('r234567890123456' AS BLOB) \
        UNION ALL SELECT CAST(COUNT(DISTINCT owner_id) AS TEXT) FROM token_index \
        UNION ALL SELECT CAST(COUNT(*) AS TEXT) FROM token_index",
    "SELECT slug || ':' || CAST(client_count AS TEXT) FROM tenants ORDER BY slug",
];

/// What they write before there was `clients:trust`: a client, a key and a role with all that an administrator had (bits 0
/// to 8), others with less, and a scope of that name that was nobody's permission, wherever a scope stands.
pub(crate) const TRUST_OF_BEFORE: &str = "
    INSERT INTO clients (id, tenant_id, client_id, name, kind, grant_types, scope, audience, token_format,
        access_lifetime, refresh_lifetime, enabled, generation, version, created_at, updated_at, refresh_rotation)
    SELECT id, CAST('t234567890123456' AS BLOB), name, name, kind, '', scope, '', 'jwt', 1, 1, 1, 0, 1, 1, 1, 0 FROM (
        SELECT CAST('1234567890123456' AS BLOB) AS id, 'admin' AS name, 'web' AS kind, 'oauth:read oauth:write users:read users:write sessions:read sessions:write audit:read keys:read keys:write' AS scope
        UNION ALL SELECT CAST('2234567890123456' AS BLOB), 'writer', 'native', 'oauth:read oauth:write'
        UNION ALL SELECT CAST('3234567890123456' AS BLOB), 'named', 'spa', 'read clients:trust write') AS given;
    INSERT INTO client_scopes (client_id, name, tenant_id)
        SELECT c.id, n.name, c.tenant_id FROM clients c, (SELECT 'oauth:read' AS name UNION ALL SELECT 'oauth:write'
            UNION ALL SELECT 'users:read' UNION ALL SELECT 'users:write' UNION ALL SELECT 'sessions:read'
            UNION ALL SELECT 'sessions:write' UNION ALL SELECT 'audit:read' UNION ALL SELECT 'keys:read'
            UNION ALL SELECT 'keys:write' UNION ALL SELECT 'read' UNION ALL SELECT 'clients:trust' UNION ALL SELECT 'write') n
        WHERE ' ' || c.scope || ' ' LIKE '% ' || n.name || ' %';
    INSERT INTO scopes (tenant_id, id, name, version, created_at, updated_at)
        SELECT CAST('t234567890123456' AS BLOB), CAST('s234567890123456' AS BLOB), 'clients:trust', 1, 1, 1
        UNION ALL SELECT CAST('t234567890123456' AS BLOB), CAST('r234567890123456' AS BLOB), 'read', 1, 1, 1;
    INSERT INTO grants (id, tenant_id, client_id, scope, created_at)
        SELECT id, tenant_id, id, scope, 1 FROM clients;
    INSERT INTO access_tokens (id, tenant_id, client_id, hash, scope, audience, issued_at, expires_at,
            client_generation, tenant_generation)
        SELECT id, tenant_id, id, id, scope, '', 1, 2, 0, 0 FROM clients;
    INSERT INTO user_consents (id, tenant_id, user_id, client_id, scope, remembered, granted_at, used_at)
        SELECT id, tenant_id, id, id, scope, scope, 1, 1 FROM clients;
    INSERT INTO api_keys (id, tenant_id, name, hash, last_four, permissions, created_at)
        SELECT CAST('k234567890123456' AS BLOB), CAST('t234567890123456' AS BLOB), 'admin', CAST('a' AS BLOB), '', 511, 1
        UNION ALL SELECT CAST('l234567890123456' AS BLOB), CAST('t234567890123456' AS BLOB), 'operator', CAST('b' AS BLOB), '', 2047, 1
        UNION ALL SELECT CAST('m234567890123456' AS BLOB), CAST('t234567890123456' AS BLOB), 'writer', CAST('c' AS BLOB), '', 3, 1;
    INSERT INTO roles (id, tenant_id, name, permissions, created_at, updated_at)
        SELECT id, tenant_id, name, permissions, 1, 1 FROM api_keys;";

/// What they read then: bit 2048 for who had everything, and the scope gone from who merely had its name.
pub(crate) const TRUST_SINCE: [(&str, &[&str]); 9] = [
    (
        "SELECT name || ':' || CAST(permissions AS TEXT) FROM api_keys ORDER BY name",
        &["admin:2559", "operator:4095", "writer:3"],
    ),
    (
        "SELECT name || ':' || CAST(permissions AS TEXT) FROM roles ORDER BY name",
        &["admin:2559", "operator:4095", "writer:3"],
    ),
    ("SELECT client_id FROM clients WHERE ' ' || scope || ' ' LIKE '% clients:trust %'", &["admin"]),
    ("SELECT scope FROM clients WHERE client_id = 'named'", &["read write"]),
    (
        "SELECT c.client_id FROM client_scopes s JOIN clients c ON c.id = s.client_id WHERE s.name = 'clients:trust'",
        &["admin"],
    ),
    ("SELECT name FROM scopes", &["read"]),
    (
        "SELECT scope FROM grants UNION SELECT scope FROM access_tokens UNION SELECT scope FROM user_consents \
        UNION SELECT remembered FROM user_consents ORDER BY 1 DESC LIMIT 1",
        &["read write"],
    ),
    // Public clients rotate their refresh tokens, whatever they were set to.
    ("SELECT client_id FROM clients WHERE refresh_rotation = 1 ORDER BY client_id", &["named", "writer"]),
    // From where they may be used nobody had said.
    ("SELECT allowed_networks FROM clients UNION SELECT allowed_networks FROM api_keys", &[""]),
];

/// What they write before an address led to one account: usernames that are addresses with an email of another, proved
/// or not, taken or free, in two tenants.
pub(crate) const PEOPLE_OF_BEFORE: &str = "
    INSERT INTO users (id, tenant_id, username, username_key, email, email_verified_at, new_email, roles, enabled,
        generation, version, created_at, updated_at)
    SELECT CAST(id || '234567890123456' AS BLOB), CAST(tenant || '234567890123456' AS BLOB), username, LOWER(username),
        email, verified, wished, '', 1, 0, 1, 1, 1
    FROM (
        SELECT '1' AS id, 't' AS tenant, 'Own@example.org' AS username, 'own@Example.org' AS email, 5 AS verified, NULL AS wished
        UNION ALL SELECT '2', 't', 'moved@example.org', 'New@example.org', 5, 'wish@example.org'
        UNION ALL SELECT '3', 't', 'lying@example.org', 'stranger@example.org', NULL, 'wish@example.org'
        UNION ALL SELECT '4', 't', 'bare@example.org', NULL, NULL, NULL
        UNION ALL SELECT '5', 't', 'ada', 'Ada@example.org', 5, NULL
        UNION ALL SELECT '6', 't', 'ada2', 'ada@example.org', 5, NULL
        UNION ALL SELECT '7', 't', 'bob', 'bob@example.org', NULL, NULL
        UNION ALL SELECT '8', 't', 'carl', 'own@example.org', 5, NULL
        UNION ALL SELECT '9', 't', 'grabs@example.org', 'bare@example.org', 5, NULL
        UNION ALL SELECT 'u', 'u', 'other', 'ada@example.org', 5, NULL
    ) AS given;";

/// What they read then. The username, the email, whether it is verified, and what leads to the account.
pub(crate) const PEOPLE_SINCE: [(&str, &[&str]); 2] = [
    (
        "SELECT username || ' ' || COALESCE(email, '-') || ' ' || COALESCE(CAST(email_verified_at AS TEXT), '-') || ' ' || \
        COALESCE(address, '-') FROM users ORDER BY id",
        &[
            "Own@example.org own@Example.org 5 own@example.org",
            // Proved: they are called by that.
            "New@example.org New@example.org 5 new@example.org",
            // Not proved: it goes, and so does the wish.
            "lying@example.org lying@example.org - lying@example.org",
            "bare@example.org bare@example.org - bare@example.org",
            // The first of two who proved one address.
            "ada Ada@example.org 5 ada@example.org",
            "ada2 ada@example.org 5 -",
            "bob bob@example.org - -",
            // Somebody is called by it.
            "carl own@example.org 5 -",
            // Proved, but somebody else's name.
            "grabs@example.org grabs@example.org - grabs@example.org",
            // Another tenant is another world.
            "other ada@example.org 5 ada@example.org",
        ],
    ),
    ("SELECT username FROM users WHERE new_email IS NOT NULL", &[]),
];
