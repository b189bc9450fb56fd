//! The **clients** contract: `/v1/clients`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{new_secret, overlap};
use crate::call::schema::Schema;
use crate::contracts::clients::{self, ClientObject, ClientObjectList, CreatedClientObject};

const ID: (&str, &str, &str) =
    ("id", "The row id in its cli_ form, or the client_id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");
const CLIENTS: &str = "/v1/clients";
const CLIENT: &str = "/v1/clients/{id}";
const ROTATE: &str = "/v1/clients/{id}/rotate-secret";

fn example() -> Value {
    json!({
        "id": ID.2,
        "tenant_id": "tnt_01HABCDEF1G2H3J4K5M6N7P8QA",
        "name": "My Web App",
        "type": "web",
        "client_id": ID.2,
        "redirect_uris": ["https://app.example.com/auth/callback"],
        "allowed_origins": ["https://app.example.com"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "email", "profile"],
        "post_logout_redirect_uris": ["https://app.example.com/logout"],
        "created_at": "2026-11-20T09:00:00Z",
    })
}

fn list() -> (Schema, Value) {
    let row_example = json!({
        "id": ID.2,
        "name": "My Web App",
        "type": "web",
        "redirect_uris": ["https://app.example.com/auth/callback"],
        "created_at": "2026-11-20T09:00:00Z",
    });
    (Schema::of::<ClientObjectList<'_>>(), json!({ "data": [row_example] }))
}

fn created() -> (Schema, Value) {
    let example = json!({
        "id": ID.2,
        "client_id": ID.2,
        "name": "My React App",
        "type": "spa",
        "redirect_uris": ["https://app.example.com/auth/callback", "http://localhost:3000/auth/callback"],
    });
    (Schema::of::<CreatedClientObject<'_>>(), example)
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Clients);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    vec![
        new(("GET", CLIENTS), "listRegisteredClients")
            .summary("List the clients")
            .paged()
            .answers(200, "A page of clients, newest first.", list()),
        new(("POST", CLIENTS), "registerClient")
            .summary("Register a client")
            .takes(
                clients::draft_schema(),
                json!({
                    "name": "My React App",
                    "type": "spa",
                    "redirect_uris": ["https://app.example.com/auth/callback", "http://localhost:3000/auth/callback"],
                    "allowed_origins": ["https://app.example.com", "http://localhost:3000"],
                }),
            )
            .answers(201, "The client, with its secret where it has one.", created())
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", CLIENT), "getRegisteredClient"))
            .summary("Show a client")
            .answers(200, "The client.", (Schema::of::<ClientObject<'_>>(), example()))
            .versioned(),
        with_id(new(("PATCH", CLIENT), "updateRegisteredClient"))
            .summary("Change a client")
            .about("Each list replaces the one before. Type and grant types are fixed when it is made.")
            .takes(
                clients::patch_schema(),
                json!({ "name": "My Web App, renamed" }),
            )
            .answers(200, "The client, changed.", (Schema::of::<ClientObject<'_>>(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", CLIENT), "deleteRegisteredClient"))
            .summary("Remove a client")
            .about("All of its tokens end at once; people stay signed in.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        overlap(with_id(new(("POST", ROTATE), "rotateRegisteredClientSecret")))
            .summary("Give a web or machine client a new secret")
            .answers(200, "The new secret.", new_secret())
            .refuses(&[ErrorCode::Conflict]),
    ]
}
