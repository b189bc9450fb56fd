//! Statements on clients that have registered themselves, and on initial access tokens.

use crate::sql::statements;

macro_rules! token_columns {
    () => {
        "id, tenant_id, name, hash, last_four, uses_left, uses, created_at, expires_at, last_used_at"
    };
}

statements! {
    /// One more client has registered itself, where the tenant has room for it.
    REGISTERED_COUNT_UP = "UPDATE tenants SET registered_count = registered_count + 1 WHERE id = $1 AND registered_count < $2";
    /// Takes a client that goes out of both counts.
    CLIENT_COUNTED_OUT = "UPDATE tenants SET client_count = client_count - 1, registered_count = registered_count - \
        (SELECT COUNT(*) FROM registered_clients r WHERE r.client_id = $2) WHERE id = $1";
    /// How many clients have registered themselves.
    REGISTERED_COUNT = "SELECT registered_count FROM tenants WHERE id = $1";
    /// Remembers how a client came.
    REGISTERED_ADD = "INSERT INTO registered_clients (client_id, tenant_id, hash, token_id, unused_until, idle) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// The hash of the token that a client manages itself with.
    REGISTERED_HASH = "SELECT hash FROM registered_clients WHERE client_id = $1";
    /// Gives a client another token to manage itself with.
    REGISTERED_ROTATE = "UPDATE registered_clients SET hash = $3 WHERE client_id = $1 AND hash = $2";
    /// Clients that have been used when their time for that is over stay from now on.
    REGISTERED_KEEP = "UPDATE registered_clients SET unused_until = NULL WHERE unused_until <= $1 AND idle IS NULL AND EXISTS \
        (SELECT 1 FROM client_notes n WHERE n.client_id = registered_clients.client_id AND n.last_used_at IS NOT NULL)";
    /// Those that stay only as long as they are used have their time from when they were used last.
    REGISTERED_PUT_OFF = "UPDATE registered_clients SET unused_until = idle + \
        (SELECT n.last_used_at FROM client_notes n WHERE n.client_id = registered_clients.client_id) \
        WHERE unused_until <= $1 AND idle IS NOT NULL AND EXISTS \
        (SELECT 1 FROM client_notes n WHERE n.client_id = registered_clients.client_id AND n.last_used_at + registered_clients.idle > $1)";
    /// Forgets how a client came.
    REGISTERED_DELETE = "DELETE FROM registered_clients WHERE client_id = $1";
    /// Clients whose time to be used is over.
    REGISTERED_UNUSED = "SELECT c.id, c.tenant_id, c.version, n.last_used_at FROM registered_clients r \
        JOIN clients c ON c.id = r.client_id LEFT JOIN client_notes n ON n.client_id = r.client_id \
        WHERE r.unused_until <= $1 AND (n.last_used_at IS NULL OR n.last_used_at + r.idle <= $1) ORDER BY r.unused_until LIMIT $2";
    /// Forgets how a tenant's clients came.
    TENANT_DELETE_REGISTERED = "DELETE FROM registered_clients WHERE tenant_id = $1";

    /// Makes an initial access token.
    REGISTRATION_TOKEN_INSERT = "INSERT INTO registration_tokens (id, tenant_id, name, hash, last_four, uses_left, uses, created_at, \
        expires_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)";
    /// An initial access token.
    REGISTRATION_TOKEN_BY_ID = concat!("SELECT ", token_columns!(), " FROM registration_tokens WHERE id = $1 AND tenant_id = $2");
    /// A page of a tenant's initial access tokens, newest first.
    REGISTRATION_TOKENS_PAGE = concat!("SELECT ", token_columns!(), " FROM registration_tokens \
        WHERE tenant_id = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4");
    /// How many initial access tokens a tenant has.
    REGISTRATION_TOKENS_COUNT = "SELECT COUNT(*) FROM registration_tokens WHERE tenant_id = $1";
    /// A client comes with an initial access token.
    REGISTRATION_TOKEN_USE = "UPDATE registration_tokens SET uses = uses + 1, uses_left = uses_left - 1, last_used_at = $3 \
        WHERE id = $1 AND tenant_id = $2 AND (uses_left IS NULL OR uses_left > 0) AND (expires_at IS NULL OR expires_at > $3)";
    /// Ends an initial access token.
    REGISTRATION_TOKEN_DELETE = "DELETE FROM registration_tokens WHERE id = $1 AND tenant_id = $2";
    /// Ends a tenant's initial access tokens.
    TENANT_DELETE_REGISTRATION_TOKENS = "DELETE FROM registration_tokens WHERE tenant_id = $1";
}
