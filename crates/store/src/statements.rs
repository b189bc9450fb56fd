//! Every statement that runs after the migrations.

use crate::sql::statements;

/// The columns of a tenant, in the order in which `read.rs` reads them.
macro_rules! tenant_columns {
    () => {
        "t.id, t.slug, t.name, t.settings, t.enabled, t.version"
    };
}

/// The columns of a client, in the order in which `read.rs` reads them.
macro_rules! client_columns {
    () => {
        "c.id, c.tenant_id, c.client_id, c.name, c.kind, c.grant_types, c.scope, c.audience, \
         c.token_format, c.access_lifetime, c.refresh_lifetime, c.enabled, c.version, c.first_party, \
         c.refresh_rotation, c.id_token_alg, c.id_token_recipient, c.access_token_recipient, c.allowed_networks, \
         c.token_endpoint_auth_method, c.token_choices, c.sector, c.answer_recipients, c.exchange"
    };
}

mod clients;
mod encryption_keys;
pub(crate) mod factors;
pub(crate) mod flow;
pub(crate) mod groups;
pub(crate) mod logos;
pub(crate) mod logouts;
mod people;
pub(crate) mod registering;
mod resources;
mod scopes;
pub(crate) mod upstream;

pub(crate) use clients::*;
pub(crate) use encryption_keys::*;
pub(crate) use people::*;
pub(crate) use resources::*;
pub(crate) use scopes::*;

/// Every statement, from all files: what the tests prepare on each engine.
#[cfg(test)]
pub(crate) fn every() -> impl Iterator<Item = &'static crate::sql::Sql> {
    [
        ALL,
        clients::ALL,
        encryption_keys::ALL,
        factors::ALL,
        flow::ALL,
        groups::ALL,
        logos::ALL,
        logouts::ALL,
        people::ALL,
        registering::ALL,
        resources::ALL,
        scopes::ALL,
        upstream::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The columns of an API key as its owner sees it.
macro_rules! api_key_columns {
    () => {
        "k.id, k.tenant_id, k.name, k.permissions, k.expires_at, k.allowed_networks, k.last_four, k.created_at, \
         k.last_used_at, k.version"
    };
}

/// The columns of a role.
macro_rules! role_columns {
    () => {
        "r.id, r.tenant_id, r.name, r.permissions, r.created_at, r.updated_at, r.version, r.entitlements"
    };
}

/// A token with the present state of all it depends on, joined by primary keys alone.
macro_rules! token_columns {
    () => {
        "a.id, a.client_id, a.user_id, a.grant_id, a.hash, a.scope, a.audience, a.issued_at, a.expires_at, \
         a.revoked_at, a.client_generation, a.tenant_generation, a.user_generation, \
         c.client_id, c.generation, t.generation, u.generation, g.id, g.ended_at, \
         c.issued_before, t.issued_before, u.issued_before, g.issued_before, a.cnf, u.username, u.roles, c.sector, \
         g.actors, CASE WHEN g.id IS NULL THEN 0 ELSE (SELECT COUNT(*) FROM grant_lines l LEFT JOIN grants p ON p.id = l.parent_id \
         LEFT JOIN clients q ON q.id = l.client_id WHERE l.grant_id = g.id AND (p.id IS NULL OR p.ended_at IS NOT NULL \
         OR p.issued_before > a.issued_at OR q.id IS NULL OR q.generation <> l.client_generation OR q.issued_before > a.issued_at)) END, \
         g.auth_time, g.amr"
    };
}

macro_rules! token_joins {
    () => {
        "LEFT JOIN access_tokens a ON a.id = $1 AND a.tenant_id = t.id \
         LEFT JOIN clients c ON c.id = a.client_id AND c.tenant_id = t.id \
         LEFT JOIN users u ON u.id = a.user_id AND u.tenant_id = t.id \
         LEFT JOIN grants g ON g.id = a.grant_id AND g.tenant_id = t.id"
    };
}

/// The parents of a token `a` that was found otherwise, and when it was last used.
macro_rules! listed_columns {
    () => {
        concat!(token_columns!(), ", a.last_used_at")
    };
}

macro_rules! listed_joins {
    () => {
        "JOIN tenants t ON t.id = a.tenant_id \
         LEFT JOIN clients c ON c.id = a.client_id AND c.tenant_id = t.id \
         LEFT JOIN users u ON u.id = a.user_id AND u.tenant_id = t.id \
         LEFT JOIN grants g ON g.id = a.grant_id AND g.tenant_id = t.id"
    };
}

/// Which tokens a list takes: not those that anybody can see to be dead.
macro_rules! listed_filter {
    () => {
        "a.tenant_id = $1 AND a.id >= $2 AND a.id < $3 AND a.expires_at > $4 AND a.revoked_at IS NULL \
         AND (a.client_id = $5 OR $5 IS NULL) AND (a.user_id = $6 OR $6 IS NULL)"
    };
}

/// A refresh token `r` as a token of the list: its scope and generations are those of its grant, and it is for nobody.
macro_rules! refresh_columns {
    () => {
        "r.id, r.client_id, r.user_id, r.grant_id, r.hash, g.scope, '', r.issued_at, r.expires_at, \
         r.used_at, g.client_generation, g.tenant_generation, g.user_generation, \
         c.client_id, c.generation, t.generation, u.generation, g.id, g.ended_at, \
         c.issued_before, t.issued_before, u.issued_before, g.issued_before, g.cnf, u.username, u.roles, c.sector, \
         g.actors, 0, g.auth_time, g.amr, CAST(NULL AS BIGINT)"
    };
}

macro_rules! refresh_joins {
    () => {
        "JOIN tenants t ON t.id = r.tenant_id \
         JOIN grants g ON g.id = r.grant_id AND g.tenant_id = t.id \
         LEFT JOIN clients c ON c.id = r.client_id AND c.tenant_id = t.id \
         LEFT JOIN users u ON u.id = r.user_id AND u.tenant_id = t.id"
    };
}

macro_rules! refresh_filter {
    () => {
        "r.tenant_id = $1 AND r.id >= $2 AND r.id < $3 AND r.expires_at > $4 AND r.used_at IS NULL \
         AND (r.client_id = $5 OR $5 IS NULL) AND (r.user_id = $6 OR $6 IS NULL)"
    };
}

/// The columns of an audit record.
macro_rules! audit_columns {
    () => {
        "l.id, l.at, l.actor_type, l.actor_id, l.actor_name, l.action, l.target_type, l.target_id, l.outcome, \
         l.ip_address, l.user_agent, l.request_id, l.details"
    };
}

statements! {
    /// A value of the server's own.
    META_GET = "SELECT value FROM meta WHERE name = $1";
    /// Marks the database as initialised; 0 rows where it already is.
    META_PUT_ONCE = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Replaces a value of the server's own.
    META_REPLACE = "UPDATE meta SET value = $3 WHERE name = $1 AND value = $2";
    /// Replaces the sealed half of a signing key.
    SIGNING_KEY_RESEAL = "UPDATE signing_keys SET sealed = $3 WHERE id = $1 AND sealed = $2";
    /// Replaces the sealed half of a key that clients encrypt to.
    ENCRYPTION_KEY_RESEAL = "UPDATE encryption_keys SET sealed = $3 WHERE id = $1 AND sealed = $2";
    /// The sealed half of every one of them.
    SEALED_ENCRYPTION_KEYS = "SELECT id, sealed FROM encryption_keys ORDER BY id";
    /// The sealed half of every signing key.
    SEALED_KEYS = "SELECT id, sealed FROM signing_keys ORDER BY id";

    /// A tenant by slug.
    TENANT_BY_SLUG: Together = concat!("SELECT ", tenant_columns!(), " FROM tenants t WHERE t.slug = $1");
    /// A tenant by row id.
    TENANT_BY_ID: Together = concat!("SELECT ", tenant_columns!(), " FROM tenants t WHERE t.id = $1");
    /// Makes a tenant.
    TENANT_INSERT = "INSERT INTO tenants (id, slug, name, settings, enabled, generation, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, 1, 0, 1, $5, $5)";
    /// Ends every token of a tenant.
    TENANT_END_TOKENS = "UPDATE tenants SET generation = generation + 1, version = version + 1 WHERE id = $1";
    /// Makes every cached copy of a tenant stale.
    TENANT_TOUCH = "UPDATE tenants SET version = version + 1 WHERE id = $1";

    /// A client by its public id, and the tenant that has taken it where it is the address of a document.
    CLIENT_BY_CLIENT_ID: Together = concat!("SELECT ", client_columns!(), ", ", tenant_columns!(),
        " FROM clients c JOIN tenants t ON t.id = c.tenant_id WHERE c.client_id = $1 AND c.taken_by = $2");
    /// The secrets of a client, oldest first.
    CLIENT_SECRETS: Together = "SELECT id, keyed_hash, slow_hash, sealed, prefix, last_four, created_at, expires_at \
        FROM client_secrets WHERE client_id = $1 ORDER BY id";
    /// Makes a client.
    CLIENT_INSERT = "INSERT INTO clients (id, tenant_id, client_id, name, kind, grant_types, scope, audience, token_format, \
        access_lifetime, refresh_lifetime, enabled, generation, version, created_at, updated_at, first_party, refresh_rotation, id_token_alg, \
        id_token_recipient, access_token_recipient, allowed_networks, token_endpoint_auth_method, token_choices, sector, \
        answer_recipients, taken_by, exchange) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 1, $13, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";
    /// Makes a client secret.
    CLIENT_SECRET_INSERT = "INSERT INTO client_secrets (id, client_id, keyed_hash, slow_hash, prefix, last_four, created_at, expires_at, \
        sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The keys of a client that signs its assertions with them, or where they are.
    CLIENT_KEYS = "SELECT jwks, metadata FROM client_registrations WHERE client_id = $1";
    /// The secrets of all clients that sign with them, sealed.
    SEALED_SECRETS = "SELECT id, sealed FROM client_secrets WHERE sealed IS NOT NULL ORDER BY id";
    /// Puts a sealed secret under another master key, if it still is what was opened.
    CLIENT_SECRET_RESEAL = "UPDATE client_secrets SET sealed = $3 WHERE id = $1 AND sealed = $2";
    /// Uses an assertion: 0 rows where it has been used, and somebody might still take it.
    ASSERTION_USE = "INSERT INTO used_assertions (name, expires_at) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at WHERE used_assertions.expires_at <= $3";
    /// Whether an assertion has been used that somebody might still take.
    ASSERTION_USED = "SELECT expires_at FROM used_assertions WHERE name = $1 AND expires_at > $2";
    /// Forgets assertions that nobody takes any more.
    ASSERTIONS_DELETE_OLD = "DELETE FROM used_assertions WHERE name IN \
        (SELECT name FROM used_assertions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    /// Makes every cached copy of a client stale; 0 rows where it is gone.
    CLIENT_TOUCH = "UPDATE clients SET version = version + 1, updated_at = $3 WHERE id = $1 AND tenant_id = $2";
    /// Lets a secret work until a time and no longer.
    CLIENT_SECRET_END = "UPDATE client_secrets SET expires_at = $3 WHERE id = $1 AND client_id = $2 AND (expires_at IS NULL OR expires_at > $3)";
    /// Removes a secret.
    CLIENT_SECRET_DELETE = "DELETE FROM client_secrets WHERE id = $1 AND client_id = $2";
    /// Lets a client get tokens, or no more.
    CLIENT_SET_ENABLED = "UPDATE clients SET enabled = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND tenant_id = $2";
    /// Removes a client; where a version is given, only while it has that one.
    CLIENT_DELETE = "DELETE FROM clients WHERE id = $1 AND tenant_id = $2 AND version = COALESCE(CAST($3 AS BIGINT), version)";
    /// Removes the secrets of a client.
    CLIENT_SECRETS_DELETE = "DELETE FROM client_secrets WHERE client_id = $1";
    /// Removes what was noted of a client.
    CLIENT_NOTES_DELETE = "DELETE FROM client_notes WHERE client_id = $1";
    /// Ends every token of a client.
    CLIENT_END_TOKENS = "UPDATE clients SET generation = generation + 1, version = version + 1 WHERE id = $1 AND tenant_id = $2";
    /// Notes when a client last got a token and how often it asked for scopes it may not have.
    CLIENT_NOTE: Independent = "INSERT INTO client_notes (client_id, last_used_at, scope_refusals, scope_refused_at) \
        SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM clients WHERE id = $1 \
        ON CONFLICT (client_id) DO UPDATE SET last_used_at = COALESCE(excluded.last_used_at, client_notes.last_used_at), \
        scope_refusals = client_notes.scope_refusals + excluded.scope_refusals, \
        scope_refused_at = COALESCE(excluded.scope_refused_at, client_notes.scope_refused_at)";
    /// What was noted of a client.
    CLIENT_NOTES = "SELECT last_used_at, scope_refusals, scope_refused_at FROM client_notes WHERE client_id = $1";

    /// Makes a user.
    USER_INSERT = "INSERT INTO users (id, tenant_id, username, username_key, email, name, password_hash, roles, enabled, generation, version, created_at, updated_at, email_verified_at, subject, address) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, 1, $9, $9, $10, $11, $12)";
    /// Lets a user in, or locks them out and ends their tokens.
    USER_SET_ENABLED = "UPDATE users SET enabled = CAST($3 AS BIGINT), generation = generation + (1 - CAST($3 AS BIGINT)), \
        new_email = CASE WHEN CAST($3 AS BIGINT) = 1 THEN new_email END, version = version + 1, updated_at = $4 \
        WHERE id = $1 AND tenant_id = $2";
    /// Gives a user other roles, on condition that they are as decided on.
    USER_SET_ROLES = "UPDATE users SET roles = $4, version = version + 1, updated_at = $5 WHERE id = $1 AND tenant_id = $2 AND roles = $3";
    /// Removes a user, perhaps only while the account has a version.
    USER_DELETE = "DELETE FROM users WHERE id = $1 AND tenant_id = $2 AND version = COALESCE(CAST($3 AS BIGINT), version)";

    /// Makes a grant.
    GRANT_INSERT = "INSERT INTO grants (id, tenant_id, client_id, user_id, scope, auth_time, amr, created_at, expires_at, \
        client_generation, tenant_generation, user_generation, audience, cnf, actors) \
        SELECT $1, t.id, c.id, u.id, $5, $6, $7, $8, $9, c.generation, t.generation, u.generation, $10, $11, $12 \
        FROM clients c JOIN tenants t ON t.id = c.tenant_id JOIN users u ON u.id = $4 AND u.tenant_id = t.id \
        WHERE c.id = $3 AND c.tenant_id = $2";
    /// Ends a grant.
    GRANT_END = "UPDATE grants SET ended_at = $3 WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL";

    /// Makes an API key.
    API_KEY_INSERT = "INSERT INTO api_keys (id, tenant_id, name, hash, last_four, permissions, created_at, expires_at, \
        allowed_networks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// An API key by its keyed hash, with its tenant.
    API_KEY_BY_HASH: Together = concat!("SELECT k.id, k.tenant_id, k.name, k.permissions, k.expires_at, k.allowed_networks, ", tenant_columns!(),
        " FROM api_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.hash = $1");
    /// Notes when an API key was last used.
    API_KEY_NOTE: Independent = "UPDATE api_keys SET last_used_at = $2 WHERE id = $1";

    /// Makes a signing key where the tenant has none of that algorithm that still signs.
    SIGNING_KEY_INSERT: UnderTenant = "INSERT INTO signing_keys (id, tenant_id, algorithm, kid, public_jwk, sealed, created_at, active_from, longest_lifetime) \
        SELECT $1, t.id, $3, $4, $5, $6, $7, $8, $9 FROM tenants t WHERE t.id = $2 AND NOT EXISTS \
        (SELECT 1 FROM signing_keys s WHERE s.tenant_id = $2 AND s.algorithm = $3 AND (s.retired_at IS NULL OR s.retired_at > $7))";
    /// The signing keys of a tenant, oldest first.
    SIGNING_KEYS = "SELECT id, algorithm, kid, public_jwk, sealed, created_at, active_from, retired_at, compromised_at, longest_lifetime \
        FROM signing_keys WHERE tenant_id = $1 ORDER BY id";
    /// Makes every cached copy of a tenant stale, on condition that it is as decided on.
    TENANT_TOUCH_VERSION = "UPDATE tenants SET version = version + 1 WHERE id = $1 AND version = $2";
    /// Adds a signing key, after [`TENANT_TOUCH_VERSION`].
    SIGNING_KEY_ADD = "INSERT INTO signing_keys (id, tenant_id, algorithm, kid, public_jwk, sealed, created_at, active_from, longest_lifetime) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Changes the times of a signing key, after [`TENANT_TOUCH_VERSION`].
    SIGNING_KEY_TIMES = "UPDATE signing_keys SET active_from = $3, retired_at = $4, compromised_at = $5 WHERE id = $1 AND tenant_id = $2";
    /// Lets a signing key sign tokens that live longer.
    SIGNING_KEY_RAISE = "UPDATE signing_keys SET longest_lifetime = $3 WHERE id = $1 AND tenant_id = $2 AND longest_lifetime < $3";
    /// Since when the key that signs has signed, by algorithm, where it has longest of all tenants.
    SIGNING_KEYS_OLDEST = "SELECT q.algorithm, MIN(q.since) FROM (SELECT tenant_id, algorithm, MAX(active_from) AS since \
        FROM signing_keys WHERE active_from <= $1 AND compromised_at IS NULL GROUP BY tenant_id, algorithm) q GROUP BY q.algorithm";
    /// A page of the tenants with a key that has signed since `$2` or longer and has no successor.
    SIGNING_KEYS_DUE = "SELECT DISTINCT tenant_id FROM signing_keys \
        WHERE tenant_id > $1 AND active_from <= $2 AND retired_at IS NULL ORDER BY tenant_id LIMIT $3";

    /// Records an access token of a machine, on condition that its client and tenant are as decided on.
    ACCESS_TOKEN_INSERT: Issue = "INSERT INTO access_tokens (id, tenant_id, client_id, user_id, grant_id, hash, scope, audience, \
        issued_at, expires_at, client_generation, tenant_generation, cnf) \
        SELECT $1, t.id, c.id, NULL, NULL, $4, $5, $6, $7, $8, c.generation, t.generation, $11 \
        FROM clients c JOIN tenants t ON t.id = c.tenant_id \
        WHERE c.id = $2 AND c.tenant_id = $3 AND c.version = $9 AND t.version = $10";
    /// Records an access token of a person, on condition that its user is there and its grant goes on.
    ACCESS_TOKEN_INSERT_PERSON = "INSERT INTO access_tokens (id, tenant_id, client_id, user_id, grant_id, hash, scope, audience, \
        issued_at, expires_at, client_generation, tenant_generation, user_generation, cnf) \
        SELECT $1, t.id, c.id, u.id, $13, $4, $5, $6, $7, $8, c.generation, t.generation, u.generation, $11 \
        FROM clients c JOIN tenants t ON t.id = c.tenant_id JOIN users u ON u.id = $12 AND u.tenant_id = t.id \
        WHERE c.id = $2 AND c.tenant_id = $3 AND c.version = $9 AND t.version = $10 AND u.enabled = 1";
    /// Revokes an access token, on condition that the client that asks is as decided on.
    ACCESS_TOKEN_REVOKE: Revoke = "UPDATE access_tokens SET revoked_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL \
        AND EXISTS (SELECT 1 FROM clients c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $4 AND c.version = $5 AND t.version = $6)";
    /// A token as a client caller sees it: the caller's versions first, then the token or nulls.
    TOKEN_FOR_CLIENT: Together = concat!("SELECT k.version, t.version, ", token_columns!(),
        " FROM clients k JOIN tenants t ON t.id = k.tenant_id ", token_joins!(), " WHERE k.id = $2");
    /// A token of a tenant, for callers whose own facts were read afresh.
    TOKEN_IN_TENANT: Together = concat!("SELECT 0, t.version, ", token_columns!(), " FROM tenants t ", token_joins!(), " WHERE t.id = $2");
    /// A token of a person that is to be exchanged, with what it comes from.
    TOKEN_EXCHANGED = concat!("SELECT ", token_columns!(), ", g.audience, c.exchange FROM tenants t ",
        token_joins!(), " WHERE t.id = $2");
    /// A token wherever it is, with its tenant: how a bearer's token finds its tenant.
    TOKEN_ANYWHERE: Together = concat!("SELECT t.id, ", token_columns!(),
        " FROM access_tokens a JOIN tenants t ON t.id = a.tenant_id \
         LEFT JOIN clients c ON c.id = a.client_id AND c.tenant_id = t.id \
         LEFT JOIN users u ON u.id = a.user_id AND u.tenant_id = t.id \
         LEFT JOIN grants g ON g.id = a.grant_id AND g.tenant_id = t.id WHERE a.id = $1");
    /// Notes when a token was last presented.
    ACCESS_TOKEN_NOTE: Independent = "UPDATE access_tokens SET last_used_at = $2 WHERE id = $1";
    /// Revokes an access token, whoever it was issued to.
    ACCESS_TOKEN_END = "UPDATE access_tokens SET revoked_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL";
    /// Ends every token of a user, and what was begun for them and is not done.
    USER_END_TOKENS = "UPDATE users SET generation = generation + 1, new_email = NULL, version = version + 1 WHERE id = $1 AND tenant_id = $2";
    /// Ends every token of a tenant that was issued before a time.
    TENANT_ISSUED_BEFORE = "UPDATE tenants SET issued_before = CASE WHEN issued_before < $2 THEN $2 ELSE issued_before END WHERE id = $1";
    /// Ends every token of a client that was issued before a time.
    CLIENT_ISSUED_BEFORE = "UPDATE clients SET issued_before = CASE WHEN issued_before < $3 THEN $3 ELSE issued_before END \
        WHERE id = $1 AND tenant_id = $2";
    /// Ends every token of a user that was issued before a time.
    USER_ISSUED_BEFORE = "UPDATE users SET issued_before = CASE WHEN issued_before < $3 THEN $3 ELSE issued_before END, \
        new_email = NULL, version = version + 1 \
        WHERE id = $1 AND tenant_id = $2";
    /// Ends every token between a user and a client that was issued before a time.
    GRANTS_ISSUED_BEFORE = "UPDATE grants SET issued_before = CASE WHEN issued_before < $4 THEN $4 ELSE issued_before END \
        WHERE user_id = $1 AND client_id = $2 AND tenant_id = $3 AND ended_at IS NULL";
    /// Ends every grant between a user and a client.
    GRANTS_END_BETWEEN = "UPDATE grants SET ended_at = $4 WHERE user_id = $1 AND client_id = $2 AND tenant_id = $3 AND ended_at IS NULL";
    /// The generation of a client.
    CLIENT_GENERATION = "SELECT generation FROM clients WHERE id = $1 AND tenant_id = $2";
    /// The generation of a user.
    USER_GENERATION = "SELECT generation FROM users WHERE id = $1 AND tenant_id = $2";
    /// A client of a tenant, by its public id.
    CLIENT_ROW_ID = "SELECT id FROM clients WHERE client_id = $1 AND tenant_id = $2";
    /// The public id and the kind of a client of a tenant.
    CLIENT_PUBLIC_ID = "SELECT client_id, kind FROM clients WHERE id = $1 AND tenant_id = $2";

    /// A window of access tokens in the order of their ids: what the expiry sweep walks. Where the last column is
    /// null, the token is not in the list of its tenant.
    ACCESS_TOKEN_WINDOW = "SELECT a.id, a.expires_at, a.revoked_at, a.tenant_id, a.client_id, a.user_id, \
        (SELECT i.id FROM token_index i WHERE i.owner_id = a.tenant_id AND i.id = a.id) FROM access_tokens a WHERE a.id > $1 ORDER BY a.id LIMIT $2";
    /// A window of refresh tokens, likewise.
    REFRESH_WINDOW = "SELECT r.id, r.expires_at, r.used_at, r.tenant_id, r.client_id, r.user_id, \
        (SELECT i.id FROM token_index i WHERE i.owner_id = r.tenant_id AND i.id = r.id) FROM refresh_tokens r WHERE r.id > $1 ORDER BY r.id LIMIT $2";
    /// The id of the n-th token in a range.
    TOKENS_NTH = "SELECT id FROM access_tokens WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3";
    /// Puts a range of tokens into the lists of their tenants.
    TOKEN_INDEX_TENANTS = "INSERT INTO token_index (owner_id, id) SELECT tenant_id, id FROM access_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 ORDER BY tenant_id, id ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts a range of tokens into the lists of their clients.
    TOKEN_INDEX_CLIENTS = "INSERT INTO token_index (owner_id, id) SELECT client_id, id FROM access_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 ORDER BY client_id, id ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts a range of tokens into the lists of the people that they speak for.
    TOKEN_INDEX_USERS = "INSERT INTO token_index (owner_id, id) SELECT user_id, id FROM access_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 AND user_id IS NOT NULL ORDER BY user_id, id ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts a range of refresh tokens into the lists of their tenants.
    REFRESH_INDEX_TENANTS = "INSERT INTO token_index (owner_id, id) SELECT tenant_id, id FROM refresh_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 AND used_at IS NULL ORDER BY tenant_id, id ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts a range of refresh tokens into the lists of their clients.
    REFRESH_INDEX_CLIENTS = "INSERT INTO token_index (owner_id, id) SELECT client_id, id FROM refresh_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 AND used_at IS NULL ORDER BY client_id, id ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts a range of refresh tokens into the lists of the people whose grants they are of.
    REFRESH_INDEX_USERS = "INSERT INTO token_index (owner_id, id) SELECT user_id, id FROM refresh_tokens \
        WHERE id >= $1 AND id < $2 AND expires_at > $3 AND used_at IS NULL AND user_id IS NOT NULL ORDER BY user_id, id \
        ON CONFLICT (owner_id, id) DO NOTHING";
    /// Puts one token into a list.
    TOKEN_INDEX_ADD: Independent = "INSERT INTO token_index (owner_id, id) VALUES ($1, $2) ON CONFLICT (owner_id, id) DO NOTHING";
    /// Takes one token out of a list.
    TOKEN_INDEX_DELETE: Independent = "DELETE FROM token_index WHERE owner_id = $1 AND id = $2";
    /// Moves a mark forward.
    MARK_FORWARD = "INSERT INTO meta (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE meta.value < excluded.value";
    /// How far down a number of listed tokens reach.
    TOKEN_INDEX_EDGE = "SELECT id FROM token_index WHERE owner_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT 1 OFFSET $4";
    /// How far down a number of access tokens reach that are not listed yet.
    TOKENS_TAIL_EDGE = "SELECT id FROM access_tokens WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
    /// The same of refresh tokens.
    REFRESH_TAIL_EDGE = "SELECT id FROM refresh_tokens WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
    /// The listed access tokens in a range, newest first.
    TOKENS_INDEXED = concat!("SELECT ", listed_columns!(), " FROM token_index i JOIN access_tokens a ON a.id = i.id ", listed_joins!(),
        " WHERE i.owner_id = $7 AND i.id >= $2 AND i.id < $3 AND ", listed_filter!(), " ORDER BY i.id DESC");
    /// The listed refresh tokens in a range, newest first.
    REFRESH_INDEXED = concat!("SELECT ", refresh_columns!(), " FROM token_index i JOIN refresh_tokens r ON r.id = i.id ", refresh_joins!(),
        " WHERE i.owner_id = $7 AND i.id >= $2 AND i.id < $3 AND ", refresh_filter!(), " ORDER BY i.id DESC");
    /// The refresh tokens in a range that are not listed yet, newest first.
    REFRESH_TAIL = concat!("SELECT ", refresh_columns!(), " FROM refresh_tokens r ", refresh_joins!(),
        " WHERE ", refresh_filter!(), " ORDER BY r.id DESC");
    /// A refresh token of a tenant, as a token of the list.
    REFRESH_IN_TENANT = concat!("SELECT ", refresh_columns!(), " FROM refresh_tokens r ", refresh_joins!(),
        " WHERE r.id = $1 AND r.tenant_id = $2");
    /// The access tokens in a range that are not listed yet, newest first.
    TOKENS_TAIL = concat!("SELECT ", listed_columns!(), " FROM access_tokens a ", listed_joins!(),
        " WHERE ", listed_filter!(), " ORDER BY a.id DESC");
    /// Removes a token whose time is over.
    ACCESS_TOKEN_DELETE_EXPIRED: Independent = "DELETE FROM access_tokens WHERE id = $1 AND expires_at <= $2";
    /// Removes a refresh token whose time is over.
    REFRESH_DELETE_EXPIRED: Independent = "DELETE FROM refresh_tokens WHERE id = $1 AND expires_at <= $2";

    /// Writes an audit record.
    AUDIT_INSERT: Audit = "INSERT INTO audit_logs (id, tenant_id, at, actor_type, actor_id, actor_name, action, target_type, target_id, \
        outcome, ip_address, user_agent, request_id, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// Takes the audit records that [`AUDIT_DELETE_OLD`] removes out of their list.
    AUDIT_INDEX_DELETE_OLD = "DELETE FROM audit_index WHERE (tenant_id, id) IN \
        (SELECT tenant_id, id FROM audit_logs WHERE id < $1 ORDER BY id LIMIT $2)";
    /// The id of the n-th audit record in a range.
    AUDIT_NTH = "SELECT id FROM audit_logs WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3";
    /// Puts the issued tokens of a range into the list of their tenants.
    AUDIT_INDEX_FILL = "INSERT INTO audit_index (tenant_id, id) SELECT tenant_id, id FROM audit_logs \
        WHERE id >= $1 AND id < $2 AND action = 'access_token.issued' ORDER BY tenant_id, id ON CONFLICT (tenant_id, id) DO NOTHING";
    /// How far down a number of listed records of issued tokens reach.
    AUDIT_INDEX_EDGE = "SELECT id FROM audit_index WHERE tenant_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT 1 OFFSET $4";
    /// How far down a number of records of other acts reach.
    AUDIT_ACTS_EDGE = "SELECT id FROM audit_logs WHERE tenant_id = $1 AND action <> 'access_token.issued' AND id >= $2 AND id < $3 \
        ORDER BY id DESC LIMIT 1 OFFSET $4";
    /// How far down a number of records reach that are not listed yet.
    AUDIT_TAIL_EDGE = "SELECT id FROM audit_logs WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
    /// The listed records of issued tokens in a range.
    AUDIT_ISSUED = concat!("SELECT ", audit_columns!(), " FROM audit_index i JOIN audit_logs l ON l.id = i.id \
        WHERE i.tenant_id = $1 AND i.id >= $2 AND i.id < $3 ORDER BY i.id DESC");
    /// The records of other acts in a range.
    AUDIT_ACTS = concat!("SELECT ", audit_columns!(), " FROM audit_logs l \
        WHERE l.tenant_id = $1 AND l.action <> 'access_token.issued' AND l.id >= $2 AND l.id < $3 ORDER BY l.id DESC");
    /// The records of issued tokens in a range that are not listed yet.
    AUDIT_TAIL = concat!("SELECT ", audit_columns!(), " FROM audit_logs l \
        WHERE l.id >= $2 AND l.id < $3 AND l.tenant_id = $1 AND l.action = 'access_token.issued' ORDER BY l.id DESC");
    /// Removes the oldest audit records up to an id, which bears their time.
    AUDIT_DELETE_OLD = "DELETE FROM audit_logs WHERE id IN (SELECT id FROM audit_logs WHERE id < $1 ORDER BY id LIMIT $2)";
    /// The newest records of a tenant.
    AUDIT_NEWEST = "SELECT at, actor_type, actor_name, action, target_type FROM audit_logs WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2";

    /// A tenant as an operator sees it.
    TENANT_SHOWN = concat!("SELECT ", tenant_columns!(), ", t.created_at, t.updated_at FROM tenants t WHERE t.id = $1");
    /// A page of tenants, newest first.
    TENANTS_PAGE = concat!("SELECT ", tenant_columns!(), ", t.created_at, t.updated_at FROM tenants t \
        WHERE t.id < $1 ORDER BY t.id DESC LIMIT $2");
    /// How many tenants there are.
    TENANTS_COUNT = "SELECT COUNT(*) FROM tenants";
    /// Changes a tenant.
    TENANT_UPDATE = "UPDATE tenants SET name = $2, settings = $3, enabled = $4, version = version + 1, updated_at = $6 \
        WHERE id = $1 AND version = $5";
    /// Removes a tenant, perhaps only while it has a version; what is in it is dead with it and removed behind it.
    TENANT_DELETE = "DELETE FROM tenants WHERE id = $1 AND version = COALESCE(CAST($2 AS BIGINT), version)";
    /// Removes the secrets of a tenant's clients.
    TENANT_DELETE_SECRETS = "DELETE FROM client_secrets WHERE client_id IN (SELECT id FROM clients WHERE tenant_id = $1)";
    /// Removes what was noted of a tenant's clients.
    TENANT_DELETE_NOTES = "DELETE FROM client_notes WHERE client_id IN (SELECT id FROM clients WHERE tenant_id = $1)";
    /// Removes a tenant's clients.
    TENANT_DELETE_CLIENTS = "DELETE FROM clients WHERE tenant_id = $1";
    /// Removes a tenant's users.
    TENANT_DELETE_USERS = "DELETE FROM users WHERE tenant_id = $1";
    /// Removes a tenant's API keys.
    TENANT_DELETE_API_KEYS = "DELETE FROM api_keys WHERE tenant_id = $1";
    /// Removes a tenant's roles.
    TENANT_DELETE_ROLES = "DELETE FROM roles WHERE tenant_id = $1";
    /// Keeps a picture.
    PICTURE_INSERT = "INSERT INTO pictures (name, tenant_id, content, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (name, tenant_id) DO NOTHING";
    /// A picture, whoever's it is: who knows the name has seen it.
    PICTURE_BY_NAME = "SELECT content FROM pictures WHERE name = $1 LIMIT 1";
    /// Removes the pictures of a tenant but four.
    PICTURES_KEEP_ONLY = "DELETE FROM pictures WHERE tenant_id = $1 AND name NOT IN ($2, $3, $4, $5, $6, $7)";
    /// Removes a tenant's pictures.
    TENANT_DELETE_PICTURES = "DELETE FROM pictures WHERE tenant_id = $1";
    /// Removes the keys of a tenant that clients encrypt to.
    TENANT_DELETE_ENCRYPTION_KEYS = "DELETE FROM encryption_keys WHERE tenant_id = $1";
    /// Removes a tenant's signing keys.
    TENANT_DELETE_KEYS = "DELETE FROM signing_keys WHERE tenant_id = $1";

    /// An API key of a tenant.
    API_KEY_SHOWN = concat!("SELECT ", api_key_columns!(), " FROM api_keys k WHERE k.id = $1 AND k.tenant_id = $2");
    /// A page of a tenant's API keys, newest first.
    API_KEYS_PAGE = concat!("SELECT ", api_key_columns!(), " FROM api_keys k \
        WHERE k.tenant_id = $1 AND (k.created_at, k.id) < ($2, $3) ORDER BY k.created_at DESC, k.id DESC LIMIT $4");
    /// How many API keys a tenant has.
    API_KEYS_COUNT = "SELECT COUNT(*) FROM api_keys WHERE tenant_id = $1";
    /// Changes an API key that still is what was decided on.
    API_KEY_UPDATE = "UPDATE api_keys SET name = $3, permissions = $4, expires_at = $5, allowed_networks = $7, version = version + 1 \
        WHERE id = $1 AND tenant_id = $2 AND version = $6";
    /// Revokes an API key, perhaps only while it has a version.
    API_KEY_DELETE = "DELETE FROM api_keys WHERE id = $1 AND tenant_id = $2 AND version = COALESCE(CAST($3 AS BIGINT), version)";

    /// The roles of a tenant, by name.
    ROLES = concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.tenant_id = $1 ORDER BY r.name");
    /// A role by name.
    ROLE_BY_NAME = concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.tenant_id = $1 AND r.name = $2");
    /// How many users bear a role; `$2` is its name between spaces, for `LIKE`.
    ROLE_BEARERS = "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND (' ' || roles || ' ') LIKE $2 ESCAPE '!'";
    /// Makes a role.
    ROLE_INSERT = "INSERT INTO roles (id, tenant_id, name, permissions, created_at, updated_at, entitlements) \
        VALUES ($1, $2, $3, $4, $5, $5, $6)";
    /// Changes what a role may do.
    ROLE_UPDATE = "UPDATE roles SET permissions = $3, entitlements = $6, version = version + 1, updated_at = $5 \
        WHERE id = $1 AND tenant_id = $2 AND version = $4";
    /// Removes a role that nobody bears.
    ROLE_DELETE = "DELETE FROM roles WHERE id = $1 AND tenant_id = $2 AND version = $4 \
        AND NOT EXISTS (SELECT 1 FROM users WHERE tenant_id = $2 AND (' ' || roles || ' ') LIKE $3 ESCAPE '!')";

    /// Remembers an answer, on condition that none is remembered under this name that has not expired.
    REMEMBER = "INSERT INTO idempotency_keys (name, tenant_id, request, answer, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (name) DO UPDATE SET tenant_id = excluded.tenant_id, request = excluded.request, answer = excluded.answer, \
        created_at = excluded.created_at, expires_at = excluded.expires_at WHERE idempotency_keys.expires_at <= excluded.created_at";
    /// A remembered answer.
    REMEMBERED = "SELECT request, answer FROM idempotency_keys WHERE name = $1 AND expires_at > $2";
    /// Forgets answers whose time is over.
    FORGET = "DELETE FROM idempotency_keys WHERE name IN (SELECT name FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

    /// A user as far as their authority goes.
    USER_BY_ID = "SELECT id, tenant_id, username, roles, enabled FROM users WHERE id = $1 AND tenant_id = $2";

    /// Writes something small: whether the storage can be written.
    META_HEARTBEAT = "INSERT INTO meta (name, value) VALUES ('heartbeat', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    /// Asks the engine for an answer.
    PING = "SELECT 1";
}
