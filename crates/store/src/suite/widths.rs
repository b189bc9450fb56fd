//! How many columns each statement gives: what `reads.rs` and `store.rs` count on.

use crate::people::ACCOUNT_WIDTH;
use crate::reads::{CLIENT_WIDTH, REGISTERED_WIDTH, TENANT_WIDTH};
use crate::sql::Sql;
use crate::statements as sql;

/// A token with its parents.
const TOKEN_WIDTH: usize = 19;

/// The statements that give rows; every other one gives none.
pub(crate) static WIDTHS: &[(&Sql, usize)] = &[
    (&sql::META_GET, 1),
    (&sql::TENANT_BY_SLUG, TENANT_WIDTH),
    (&sql::TENANT_BY_ID, TENANT_WIDTH),
    (&sql::CLIENT_BY_CLIENT_ID, CLIENT_WIDTH + TENANT_WIDTH),
    (&sql::CLIENT_SECRETS, 7),
    (&sql::CLIENT_NOTES, 3),
    (&sql::REGISTERED_BY_ID, REGISTERED_WIDTH),
    (&sql::REGISTERED_BY_CLIENT_ID, REGISTERED_WIDTH + TENANT_WIDTH),
    (&sql::CLIENTS_PAGE, REGISTERED_WIDTH),
    (&sql::CLIENTS_PAGE_SECRETS, 8),
    (&sql::CLIENTS_COUNT, 1),
    (&sql::CLIENTS_UNUSED_PAGE, REGISTERED_WIDTH),
    (&sql::CLIENTS_UNUSED_COUNT, 1),
    (&sql::CLIENT_SECRETS_SHOWN, 8),
    (&sql::ORIGIN_IN_TENANT, 1),
    (&sql::ORIGIN_OF_CLIENT, 1),
    (&sql::SCOPE_BY_ID, 7),
    (&sql::SCOPE_BY_NAME, 7),
    (&sql::SCOPES_PAGE, 7),
    (&sql::SCOPES_REWORDED, 7),
    (&sql::SCOPES_COUNT, 1),
    (&sql::SCOPE_NAMES, 1),
    (&sql::SCOPE_USES, 1),
    (&sql::SCOPE_NEIGHBOURS, 1),
    (&sql::API_KEY_BY_HASH, 5 + TENANT_WIDTH),
    (&sql::SIGNING_KEYS, 10),
    (&sql::SIGNING_KEYS_DUE, 1),
    (&sql::SEALED_KEYS, 2),
    (&sql::TOKEN_FOR_CLIENT, 2 + TOKEN_WIDTH),
    (&sql::TOKEN_IN_TENANT, 2 + TOKEN_WIDTH),
    (&sql::TOKEN_ANYWHERE, 1 + TOKEN_WIDTH),
    (&sql::ACCESS_TOKEN_WINDOW, 2),
    (&sql::AUDIT_NEWEST, 5),
    (&sql::TENANT_SHOWN, TENANT_WIDTH + 2),
    (&sql::TENANTS_PAGE, TENANT_WIDTH + 2),
    (&sql::TENANTS_COUNT, 1),
    (&sql::API_KEY_SHOWN, 9),
    (&sql::API_KEYS_PAGE, 9),
    (&sql::API_KEYS_COUNT, 1),
    (&sql::ROLES, 7),
    (&sql::ROLE_BY_NAME, 7),
    (&sql::ROLE_BEARERS, 1),
    (&sql::REMEMBERED, 2),
    (&sql::USER_BY_ID, 5),
    (&sql::ACCOUNT_BY_ID, ACCOUNT_WIDTH),
    (&sql::ACCOUNTS_PAGE, ACCOUNT_WIDTH),
    (&sql::ACCOUNTS_COUNT, 1),
    (&sql::CANDIDATE, ACCOUNT_WIDTH + 2),
    (&sql::ATTEMPTS_KNOWN, 1),
    (&sql::PING, 1),
];
