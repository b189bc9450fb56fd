//! Statements on logos of clients.

use crate::sql::statements;

statements! {
    /// The logo at an address is wanted.
    LOGO_WANT = "INSERT INTO client_logos (client_id, tenant_id, uri, due_at, good_until, failures) VALUES ($1, $2, $3, $4, $4, 0)";
    /// Keeps a logo that somebody sent.
    LOGO_PUT = "INSERT INTO client_logos (client_id, tenant_id, name, content, good_until, failures) VALUES ($1, $2, $3, $4, $5, 0)";
    /// Removes the logo of a client.
    LOGO_DELETE = "DELETE FROM client_logos WHERE client_id = $1";
    /// The logo of a client.
    LOGO_OF = "SELECT name, uri, due_at, good_until FROM client_logos WHERE client_id = $1 AND tenant_id = $2";
    /// What is in a logo, whoever's it is: who knows the name has seen it.
    LOGO_BY_NAME = "SELECT content FROM client_logos WHERE name = $1 LIMIT 1";
    /// How many logos a tenant has of clients, but for one of them.
    LOGOS_COUNT = "SELECT COUNT(*) FROM client_logos WHERE tenant_id = $1 AND name > '' AND client_id <> $2";
    /// Logos that are to be fetched, those first that have been for the longest.
    LOGOS_DUE = "SELECT client_id, tenant_id, uri, failures FROM client_logos WHERE due_at <= $1 AND uri IS NOT NULL \
        ORDER BY due_at LIMIT $2";
    /// One that was shown after its time is to be fetched.
    LOGO_STALE = "UPDATE client_logos SET due_at = $2 WHERE client_id = $1 AND due_at IS NULL AND good_until <= $2 \
        AND uri IS NOT NULL";
    /// It was fetched from there.
    LOGO_FOUND = "UPDATE client_logos SET name = $3, content = $4, good_until = $5, due_at = NULL, failures = 0 \
        WHERE client_id = $1 AND uri = $2";
    /// It could not be fetched, and is tried again.
    LOGO_AGAIN = "UPDATE client_logos SET due_at = $3, failures = failures + 1 WHERE client_id = $1 AND uri = $2";
    /// It could not be fetched for so long that there is none.
    LOGO_WITHOUT = "UPDATE client_logos SET name = NULL, content = NULL, due_at = NULL, good_until = $3 \
        WHERE client_id = $1 AND uri = $2";
    /// Removes the logos of a tenant's clients.
    TENANT_DELETE_LOGOS = "DELETE FROM client_logos WHERE tenant_id = $1";
}
