//! What is said of each route, a file a contract.

mod api_keys;
mod consents;
mod flow;
mod oauth2_monitoring;
mod operations;
mod protocol;
mod roles;
mod signing_keys;
mod tenants;
mod users;

use super::operation::Operation;
use super::schema::{Member, Schema, optional, required};

/// Every description, in the order of the document.
pub fn all() -> Vec<Operation> {
    [
        protocol::all(),
        flow::all(),
        consents::all(),
        oauth2_monitoring::all(),
        users::all(),
        api_keys::all(),
        roles::all(),
        tenants::all(),
        signing_keys::all(),
        operations::all(),
    ]
    .concat()
}

/// A page of a list in the oauth2 style: the rows under a name, `total`, and the next cursor.
fn page(rows: &'static str, row: Schema) -> Schema {
    Schema::object([required(rows, Schema::list(row)), total(), next_cursor()])
}

fn total() -> Member {
    required("total", Schema::integer().about("How many there are in all."))
}

fn next_cursor() -> Member {
    optional(
        "next_cursor",
        Schema::text().about("What `cursor` takes for the next page; absent on the last."),
    )
}

/// Names of permissions.
fn permissions() -> Schema {
    Schema::list(Schema::word(
        writ_core::authority::Permission::ALL.iter().map(|permission| permission.name()),
    ))
}

/// A signing algorithm.
fn algorithm() -> Schema {
    Schema::word(writ_core::jose::Algorithm::ALL.map(writ_core::jose::Algorithm::name))
}

/// A display name.
fn display_name() -> Schema {
    Schema::text().between(1, 255)
}
