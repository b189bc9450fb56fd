//! Statements on what was registered of a client.

use crate::sql::statements;

/// The columns of a registration, behind those of its client, in the order in which `reads.rs` reads them.
macro_rules! registration_columns {
    () => {
        ", r.description, r.redirect_uris, r.post_logout_redirect_uris, r.allowed_origins, r.client_uri, \
         r.logo_uri, r.owner_id, r.require_pkce, r.jwks, r.metadata, c.created_at, c.updated_at"
    };
}

statements! {
    /// A client of a tenant with all that was registered.
    REGISTERED_BY_ID: Together = concat!("SELECT ", client_columns!(), registration_columns!(),
        " FROM clients c JOIN client_registrations r ON r.client_id = c.id WHERE c.id = $1 AND c.tenant_id = $2");
    /// A client by its public id with all that was registered, and its tenant.
    REGISTERED_BY_CLIENT_ID: Together = concat!("SELECT ", client_columns!(), registration_columns!(), ", ", tenant_columns!(),
        " FROM clients c JOIN client_registrations r ON r.client_id = c.id JOIN tenants t ON t.id = c.tenant_id \
         WHERE c.client_id = $1 AND c.taken_by = $2");
    /// Which client a public id names, its version and its tenant's.
    CLIENT_VERSIONS: Together = "SELECT c.id, c.version, t.version FROM clients c JOIN tenants t ON t.id = c.tenant_id \
        WHERE c.client_id = $1 AND c.taken_by = $2";
    /// A page of a tenant's clients, newest first.
    CLIENTS_PAGE = concat!("SELECT ", client_columns!(), registration_columns!(),
        " FROM clients c JOIN client_registrations r ON r.client_id = c.id \
         WHERE c.tenant_id = $1 AND (c.created_at, c.id) < ($2, $3) ORDER BY c.created_at DESC, c.id DESC LIMIT $4");
    /// A page of those of a tenant's clients in whose name or public id there is a text, newest first.
    CLIENTS_SEARCH = concat!("SELECT ", client_columns!(), registration_columns!(),
        " FROM clients c JOIN client_registrations r ON r.client_id = c.id \
         WHERE c.tenant_id = $1 AND (c.created_at, c.id) < ($2, $3) \
         AND (LOWER(c.name) LIKE $4 ESCAPE '!' OR c.name LIKE $5 ESCAPE '!' OR LOWER(c.client_id) LIKE $4 ESCAPE '!') \
         ORDER BY c.created_at DESC, c.id DESC LIMIT $6");
    /// The secrets of the clients of a page, each client's oldest first: from its first row down to its last.
    CLIENTS_PAGE_SECRETS = "SELECT s.id, s.keyed_hash, s.slow_hash, s.sealed, s.prefix, s.last_four, s.created_at, s.expires_at, s.client_id \
        FROM clients c JOIN client_secrets s ON s.client_id = c.id \
        WHERE c.tenant_id = $1 AND (c.created_at, c.id) <= ($2, $3) AND (c.created_at, c.id) >= ($4, $5) ORDER BY s.id";
    /// How many clients a tenant has.
    CLIENTS_COUNT = "SELECT client_count FROM tenants WHERE id = $1";
    /// Counts a client that came to a tenant; 0 rows where the tenant is gone.
    CLIENTS_COUNTED = "UPDATE tenants SET client_count = client_count + 1 WHERE id = $1";
    /// A page of the clients that got no token since `$5`, and were there then, newest first.
    CLIENTS_UNUSED_PAGE = concat!("SELECT ", client_columns!(), registration_columns!(),
        " FROM clients c JOIN client_registrations r ON r.client_id = c.id LEFT JOIN client_notes n ON n.client_id = c.id \
         WHERE c.tenant_id = $1 AND (c.created_at, c.id) < ($2, $3) AND c.created_at < $5 \
         AND (n.last_used_at IS NULL OR n.last_used_at < $5) ORDER BY c.created_at DESC, c.id DESC LIMIT $4");
    /// How many clients got no token since `$2`, and were there then.
    CLIENTS_UNUSED_COUNT = "SELECT COUNT(*) FROM clients c LEFT JOIN client_notes n ON n.client_id = c.id \
        WHERE c.tenant_id = $1 AND c.created_at < $2 AND (n.last_used_at IS NULL OR n.last_used_at < $2)";
    /// The secrets of a client with their last use, oldest first.
    CLIENT_SECRETS_SHOWN = "SELECT id, keyed_hash, slow_hash, sealed, prefix, last_four, created_at, expires_at, last_used_at \
        FROM client_secrets WHERE client_id = $1 ORDER BY id";
    /// Notes when a secret was last used.
    CLIENT_SECRET_NOTE: Independent = "UPDATE client_secrets SET last_used_at = $2 WHERE id = $1";
    /// Makes what was registered of a client.
    REGISTRATION_INSERT = "INSERT INTO client_registrations (client_id, description, redirect_uris, post_logout_redirect_uris, \
        allowed_origins, client_uri, logo_uri, owner_id, require_pkce, jwks, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Changes what was registered of a client, after [`CLIENT_UPDATE`].
    REGISTRATION_UPDATE = "UPDATE client_registrations SET description = $2, redirect_uris = $3, post_logout_redirect_uris = $4, \
        allowed_origins = $5, client_uri = $6, logo_uri = $7, owner_id = $8, require_pkce = $9, jwks = $10, metadata = $11 \
        WHERE client_id = $1";
    /// Removes what was registered of a client.
    REGISTRATION_DELETE = "DELETE FROM client_registrations WHERE client_id = $1";
    /// Changes a client that still is as decided on.
    CLIENT_UPDATE = "UPDATE clients SET name = $4, grant_types = $5, scope = $6, audience = $7, token_format = $8, \
        access_lifetime = $9, refresh_lifetime = $10, enabled = $11, first_party = $12, version = version + 1, updated_at = $13, \
        refresh_rotation = $14, id_token_alg = $15, id_token_recipient = $16, access_token_recipient = $17, \
        allowed_networks = $18, token_endpoint_auth_method = $19, token_choices = $20, kind = $21, sector = $22, \
        answer_recipients = $23, exchange = $24 \
        WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Makes every cached copy of a client stale, on condition that it is as decided on.
    CLIENT_TOUCH_VERSION = "UPDATE clients SET version = version + 1, updated_at = $4 WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Adds an origin of a client.
    ORIGIN_INSERT = "INSERT INTO client_origins (tenant_id, origin, client_id) VALUES ($1, $2, $3)";
    /// Removes the origins of a client.
    ORIGINS_DELETE = "DELETE FROM client_origins WHERE client_id = $1";
    /// Whether any enabled client of a tenant may be called from an origin.
    ORIGIN_IN_TENANT = "SELECT 1 FROM client_origins o JOIN clients c ON c.id = o.client_id \
        WHERE o.tenant_id = $1 AND o.origin = $2 AND c.enabled = 1 LIMIT 1";
    /// Whether a client may be called from an origin.
    ORIGIN_OF_CLIENT = "SELECT 1 FROM client_origins WHERE tenant_id = $1 AND origin = $2 AND client_id = $3";
    /// Removes what was registered of a tenant's clients.
    TENANT_DELETE_REGISTRATIONS = "DELETE FROM client_registrations WHERE client_id IN (SELECT id FROM clients WHERE tenant_id = $1)";
    /// Removes the origins of a tenant's clients.
    TENANT_DELETE_ORIGINS = "DELETE FROM client_origins WHERE tenant_id = $1";
}
