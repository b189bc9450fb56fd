//! The **oauth2** contract: `/api/v1/oauth/scopes`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::page;
use crate::call::schema::{Schema, optional, required};

const ID: (&str, &str, &str) =
    ("scope_id", "The scope's id or name.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const SCOPES: &str = "/api/v1/oauth/scopes";
const SCOPE: &str = "/api/v1/oauth/scopes/{scope_id}";

fn name() -> Schema {
    Schema::text().like("^[!#-\\[\\]-~]{1,128}$")
}

fn view() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("name", name()),
        required("description", Schema::text().or_null()),
        required("created_at", Schema::time()),
    ])
    .named("Scope")
}

fn example() -> Value {
    json!({
        "id": ID.2,
        "name": "read_profile",
        "description": "Read user profile information",
        "created_at": "2026-11-20T09:00:00Z",
    })
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Oauth2);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    let description = || optional("description", Schema::text().or_null());
    vec![
        new(("GET", SCOPES), "listScopes")
            .summary("List the scopes")
            .about("The tenant's own, newest first, then those that every tenant has.")
            .paged()
            .answers(
                200,
                "A page of scopes.",
                (page("scopes", view()), json!({ "scopes": [example()], "total": 18 })),
            ),
        new(("POST", SCOPES), "createScope")
            .summary("Add a scope")
            .takes(
                Schema::object([required("name", name()), description()]),
                json!({ "name": "read_profile", "description": "Read user profile information" }),
            )
            .answers(201, "The scope.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", SCOPE), "getScope"))
            .summary("Show a scope")
            .answers(200, "The scope.", (view(), example()))
            .versioned(),
        with_id(new(("PUT", SCOPE), "updateScope"))
            .summary("Change a scope")
            .about(
                "Changes only what is sent. A scope that is built in, or that a client has, keeps its name.",
            )
            .takes(
                Schema::object([optional("name", name().or_null()), description()]),
                json!({ "description": "See your profile" }),
            )
            .answers(200, "The scope, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", SCOPE), "deleteScope"))
            .summary("Remove a scope")
            .query("force", "Take it from the clients that have it.", Schema::flag().default_is(false))
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}
