//! What is said of each route, a file a contract.

mod account;
mod api_keys;
mod clients;
mod consents;
mod console;
mod flow;
mod groups;
mod identity;
mod identity_providers;
mod looks;
mod oauth2_clients;
mod oauth2_monitoring;
mod oauth2_scopes;
mod operations;
mod own_clients;
mod protocol;
mod registration;
mod resources;
mod roles;
mod signing_keys;
mod tenant;
mod tenants;
mod users;

use std::sync::LazyLock;

use super::operation::Operation;
use crate::call::queries::Queries;
use crate::call::schema::{Schema, SchemaMember, optional, required};
use crate::contracts::wire::NewSecret;

/// The descriptions of each file, in the order of the document.
const PATHS: [fn() -> Vec<Operation>; 22] = [
    protocol::all,
    flow::all,
    consents::all,
    oauth2_monitoring::all,
    users::all,
    account::all,
    console::all,
    tenant::all,
    identity::all,
    oauth2_clients::all,
    own_clients::all,
    oauth2_scopes::all,
    resources::all,
    clients::all,
    registration::all,
    identity_providers::all,
    api_keys::all,
    roles::all,
    groups::all,
    tenants::all,
    signing_keys::all,
    operations::all,
];

/// Every description, in the order of the document.
pub fn all() -> Vec<Operation> {
    each().collect()
}

/// The same, a file after the other: whoever starts the server needs little of them, and not at once.
fn each() -> impl Iterator<Item = Operation> {
    PATHS.into_iter().flat_map(|paths| paths())
}

/// What lists take of a query: what is described, and nothing else.
pub fn queries() -> &'static Queries {
    static QUERIES: LazyLock<Queries> = LazyLock::new(|| {
        Queries::new(each().filter_map(|one| Some((one.method, one.path, one.list_takes()?))))
    });
    &QUERIES
}

/// A page of a list in the oauth2 style: the rows under a name, `total`, and the next cursor.
fn page(rows: &'static str, row: Schema) -> Schema {
    Schema::object([required(rows, Schema::list(row)), total(), next_cursor()])
}

fn total() -> SchemaMember {
    required("total", Schema::integer().about("How many there are in all."))
}

fn next_cursor() -> SchemaMember {
    optional(
        "next_cursor",
        Schema::text().about("What `cursor` takes for the next page; absent on the last."),
    )
}

/// An allow list.
fn networks() -> Schema {
    let network =
        Schema::text().about("An address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32.");
    Schema::list(network).at_most(writ_core::networks::LIST_LIMIT)
}

/// What is said to shutting oneself out by an allow list.
fn confirm_lockout() -> SchemaMember {
    let schema = Schema::flag().or_null();
    optional("confirm_lockout", schema.about("Whether an allow list may shut out the address that sets it."))
}

/// How long the secret before the new one works on.
fn overlap(operation: Operation) -> Operation {
    let schema = Schema::integer().within(0, writ_core::client::Overlap::LIMIT).default_is(0);
    operation.query("overlap", "Seconds that the secret before works on beside the new one.", schema)
}

/// A new secret, as three of the contracts show it.
fn new_secret() -> (Schema, serde_json::Value) {
    let schema = Schema::of::<NewSecret<'_>>();
    let example = serde_json::json!({
        "client_id": "cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
        "client_secret": "csec_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz",
        "rotated_at": "2026-11-20T10:00:00Z",
    });
    (schema, example)
}

/// Names of permissions.
fn permissions() -> Schema {
    Schema::list(Schema::word(
        writ_core::authority::Permission::ALL.iter().map(|permission| permission.name()),
    ))
}

/// A signing algorithm.
fn algorithm() -> Schema {
    Schema::word(writ_jose::Algorithm::ALL.map(writ_jose::Algorithm::name))
}

/// A display name.
fn display_name() -> Schema {
    Schema::text().between(1, 255)
}
