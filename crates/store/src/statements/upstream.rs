//! Statements on other identity providers.

use crate::sql::statements;

macro_rules! provider_columns {
    () => {
        "p.id, p.tenant_id, p.slug, p.name, p.enabled, p.settings, p.secret, p.created_at, p.updated_at, p.version"
    };
}

statements! {
    /// Makes a provider known.
    PROVIDER_INSERT = "INSERT INTO identity_providers (id, tenant_id, slug, name, enabled, settings, secret, created_at, updated_at, \
        version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)";
    /// Changes one.
    PROVIDER_UPDATE = "UPDATE identity_providers SET name = $4, enabled = $5, settings = $6, secret = $7, updated_at = $8, \
        version = version + 1 WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Removes one.
    PROVIDER_DELETE = "DELETE FROM identity_providers WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// The providers of a tenant, oldest first.
    PROVIDERS_OF = concat!("SELECT ", provider_columns!(), " FROM identity_providers p WHERE p.tenant_id = $1 ORDER BY p.id");
    /// One by its place in addresses.
    PROVIDER_BY_SLUG = concat!("SELECT ", provider_columns!(), " FROM identity_providers p WHERE p.tenant_id = $1 AND p.slug = $2");
    /// One by its id.
    PROVIDER_BY_ID = concat!("SELECT ", provider_columns!(), " FROM identity_providers p WHERE p.id = $1 AND p.tenant_id = $2");
    /// Keeps what a browser is sent away with.
    REQUEST_INSERT = "INSERT INTO upstream_requests (id, hash, tenant_id, provider_id, sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// What it was sent away with.
    REQUEST_BY_ID = "SELECT id, hash, provider_id, sealed, expires_at, used_at FROM upstream_requests WHERE id = $1 AND tenant_id = $2";
    /// What it came back with is used.
    REQUEST_USE = "UPDATE upstream_requests SET used_at = $3 WHERE id = $1 AND tenant_id = $2 AND used_at IS NULL";
    /// Removes what browsers were sent away with long ago; an id bears its time.
    REQUESTS_DELETE_OLD = "DELETE FROM upstream_requests WHERE id IN (SELECT id FROM upstream_requests WHERE id < $1 ORDER BY id LIMIT $2)";
    /// Connects an account with somebody at a provider that is still there.
    LINK_INSERT = "INSERT INTO upstream_links (provider_id, subject, tenant_id, user_id, label, created_at, used_at) \
        SELECT p.id, $2, p.tenant_id, u.id, $5, CAST($6 AS BIGINT), CAST($6 AS BIGINT) FROM identity_providers p JOIN users u ON u.tenant_id = p.tenant_id \
        WHERE p.id = $1 AND p.tenant_id = $3 AND u.id = $4";
    /// Somebody signed in so.
    LINK_USE = "UPDATE upstream_links SET used_at = $5 WHERE provider_id = $1 AND subject = $2 AND tenant_id = $3 AND user_id = $4";
    /// And when they last did is written down with their account.
    USER_SIGNED_IN = "UPDATE users SET last_login_at = $3 WHERE id = $1 AND tenant_id = $2";
    /// Takes a link away.
    LINK_DELETE = "DELETE FROM upstream_links WHERE user_id = $1 AND provider_id = $2 AND tenant_id = $3";
    /// Whose account somebody at a provider is connected with.
    LINK_OWNER = "SELECT user_id FROM upstream_links WHERE provider_id = $1 AND subject = $2 AND tenant_id = $3";
    /// Whom an account is connected with.
    LINKS_OF = "SELECT l.provider_id, p.name, l.subject, l.label, l.created_at, l.used_at FROM upstream_links l \
        LEFT JOIN identity_providers p ON p.id = l.provider_id WHERE l.user_id = $1 AND l.tenant_id = $2 ORDER BY l.created_at, l.provider_id";
    /// Removes all links to a provider.
    PROVIDER_DELETE_LINKS = "DELETE FROM upstream_links WHERE provider_id = $1";
    /// Removes all links of a person.
    USER_DELETE_UPSTREAM_LINKS = "DELETE FROM upstream_links WHERE user_id = $1";
    /// Removes all links of a tenant.
    TENANT_DELETE_UPSTREAM_LINKS = "DELETE FROM upstream_links WHERE tenant_id = $1";
    /// Removes the providers of a tenant.
    TENANT_DELETE_PROVIDERS = "DELETE FROM identity_providers WHERE tenant_id = $1";
}
