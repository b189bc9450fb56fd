//! Statements on logos of clients.

use crate::sql::statements;

statements! {
    /// The logo at an address is wanted, for all languages that have none of their own.
    LOGO_WANT = "INSERT INTO client_logos (client_id, tenant_id, uri, due_at, good_until, failures) VALUES ($1, $2, $3, $4, $4, 0)";
    /// The logo for one language is wanted, or is elsewhere now.
    LOGO_WANT_IN = "INSERT INTO client_logos (client_id, language, tenant_id, uri, due_at, good_until, failures) \
        SELECT c.id, $3, c.tenant_id, $4, $5, $5, 0 FROM clients c WHERE c.id = $1 AND c.tenant_id = $2 \
        ON CONFLICT (client_id, language) DO UPDATE SET uri = excluded.uri, name = NULL, content = NULL, \
        due_at = excluded.due_at, good_until = excluded.good_until, failures = 0 WHERE client_logos.uri <> excluded.uri";
    /// Keeps a logo that somebody sent.
    LOGO_PUT = "INSERT INTO client_logos (client_id, tenant_id, name, content, good_until, failures) VALUES ($1, $2, $3, $4, $5, 0)";
    /// Removes the logos of a client.
    LOGO_DELETE = "DELETE FROM client_logos WHERE client_id = $1";
    /// Removes those that a client has for single languages.
    LOGO_DELETE_IN = "DELETE FROM client_logos WHERE client_id = $1 AND language > ''";
    /// The logos of a client.
    LOGO_OF = "SELECT language, name, uri, due_at, good_until FROM client_logos WHERE client_id = $1 AND tenant_id = $2";
    /// What is in a logo, whoever's it is: who knows the name has seen it.
    LOGO_BY_NAME = "SELECT content FROM client_logos WHERE name = $1 LIMIT 1";
    /// How many logos a tenant has of clients, but for one of them.
    LOGOS_COUNT = "SELECT COUNT(*) FROM client_logos WHERE tenant_id = $1 AND name > '' AND client_id <> $2";
    /// Logos that are to be fetched, those first that have been for the longest.
    LOGOS_DUE = "SELECT client_id, tenant_id, language, uri, failures FROM client_logos WHERE due_at <= $1 AND uri IS NOT NULL \
        ORDER BY due_at LIMIT $2";
    /// One that was shown after its time is to be fetched.
    LOGO_STALE = "UPDATE client_logos SET due_at = $3 WHERE client_id = $1 AND language = $2 AND due_at IS NULL \
        AND good_until <= $3 AND uri IS NOT NULL";
    /// It was fetched from there.
    LOGO_FOUND = "UPDATE client_logos SET name = $4, content = $5, good_until = $6, due_at = NULL, failures = 0 \
        WHERE client_id = $1 AND language = $2 AND uri = $3";
    /// It could not be fetched, and is tried again.
    LOGO_AGAIN = "UPDATE client_logos SET due_at = $4, failures = failures + 1 \
        WHERE client_id = $1 AND language = $2 AND uri = $3";
    /// It could not be fetched for so long that there is none.
    LOGO_WITHOUT = "UPDATE client_logos SET name = NULL, content = NULL, due_at = NULL, good_until = $4 \
        WHERE client_id = $1 AND language = $2 AND uri = $3";
    /// Removes the logos of a tenant's clients.
    TENANT_DELETE_LOGOS = "DELETE FROM client_logos WHERE tenant_id = $1";
}
