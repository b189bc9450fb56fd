//! `/api/v1/roles`.

use serde_json::json;
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{page, permissions};
use crate::call::schema::{Schema, optional, required};

const NAME: (&str, &str, &str) = ("name", "The role's name.", "auditor");
const ROLES: &str = "/api/v1/roles";
const ROLE: &str = "/api/v1/roles/{name}";

fn name() -> Schema {
    Schema::text().like("^[a-z0-9_-]{1,63}$")
}

fn view() -> Schema {
    Schema::object([required("name", name()), required("permissions", permissions())]).named("Role")
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let example = || json!({ "name": "auditor", "permissions": ["audit:read"] });
    vec![
        new(("GET", ROLES), "listRoles")
            .summary("List the roles")
            .about("The tenant's own, newest first, then those that every tenant has.")
            .paged()
            .answers(
                200,
                "A page of roles.",
                (page("roles", view()), json!({ "roles": [example()], "total": 1 })),
            ),
        new(("POST", ROLES), "createRole")
            .summary("Make a role")
            .about("Nobody makes a role with more permissions than they have themselves.")
            .takes(
                Schema::object([required("name", name()), required("permissions", permissions())]),
                example(),
            )
            .answers(201, "The role.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        new(("GET", ROLE), "getRole")
            .summary("Show a role")
            .path(NAME.0, NAME.1, NAME.2)
            .answers(200, "The role.", (view(), example()))
            .versioned(),
        new(("PUT", ROLE), "updateRole")
            .summary("Change what a role may do")
            .path(NAME.0, NAME.1, NAME.2)
            .takes(
                Schema::object([
                    optional("name", Schema::text().or_null().about("Only the one that it has.")),
                    required("permissions", permissions()),
                ]),
                json!({ "permissions": ["audit:read", "users:read"] }),
            )
            .answers(200, "The role, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        new(("DELETE", ROLE), "deleteRole")
            .summary("Remove a role")
            .about("Only one that nobody has.")
            .path(NAME.0, NAME.1, NAME.2)
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}
