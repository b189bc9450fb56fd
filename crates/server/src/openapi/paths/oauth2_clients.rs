//! The **oauth2** contract: `/api/v1/oauth/clients`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, ErrorShape, Operation};
use super::{new_secret, overlap, tenant};
use crate::call::schema::Schema;
use crate::contracts::oauth2_clients::{self, ClientSecrets, OAuthClientList, OAuthClientView};

const ID: (&str, &str, &str) = ("client_id", "The client_id or row id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");
const CLIENTS: &str = "/api/v1/oauth/clients";
const CLIENT: &str = "/api/v1/oauth/clients/{client_id}";
const SECRETS: &str = "/api/v1/oauth/clients/{client_id}/secrets";
const ROTATE: &str = "/api/v1/oauth/clients/{client_id}/rotate-secret";

fn view() -> Schema {
    Schema::of::<OAuthClientView<'_>>()
}

fn example() -> Value {
    json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "client_id": ID.2,
        "name": "My Application",
        "redirect_uris": ["https://app.example.com/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "read write",
        "confidential": true,
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    })
}

fn created_example() -> Value {
    let mut example = example();
    if let Some(members) = example.as_object_mut() {
        members.insert("client_secret".to_owned(), "csec_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz".into());
    }
    example
}

fn secrets() -> (Schema, Value) {
    let example = json!({ "secrets": [{
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
        "masked": "csec_••••••••••••••••••••••••wxyz",
        "created_at": "2026-11-20T09:00:00Z",
        "expires_at": null,
        "last_used_at": "2026-11-20T09:30:00Z",
    }], "total": 1 });
    (Schema::of::<ClientSecrets>(), example)
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Oauth2);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    let (public, _) = tenant::public_information();
    vec![
        new(("GET", CLIENTS), "listClients")
            .summary("List the clients")
            .paged()
            .query(
                "unused_for_days",
                "Only those that were made longer ago than so many days and got no token since.",
                Schema::integer().within(1, 36_500),
            )
            .answers(
                200,
                "A page of clients, newest first.",
                (Schema::of::<OAuthClientList<'_>>(), json!({ "clients": [example()], "total": 1 })),
            ),
        new(("POST", CLIENTS), "createClient")
            .summary("Register a client")
            .takes(
                oauth2_clients::schema().requiring(&["name"]),
                json!({
                    "name": "My Application",
                    "redirect_uris": ["https://app.example.com/callback"],
                    "grant_types": ["authorization_code", "refresh_token"],
                    "scope": "read write",
                    "confidential": true,
                }),
            )
            .answers(201, "The client, with its secret.", (view(), created_example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", CLIENT), "getClient"))
            .summary("Show a client")
            .about("To a person: what the tenant contract lets everybody know, in its envelope.")
            .answers(200, "The client.", (Schema::either([view(), public]), example()))
            .errs(ErrorShape::ByCredential)
            .versioned(),
        with_id(new(("PUT", CLIENT), "updateClient"))
            .summary("Change a client")
            .about("Changes only what is sent.")
            .takes(oauth2_clients::schema(), json!({ "name": "My Application, renamed" }))
            .answers(200, "The client, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", CLIENT), "deleteClient"))
            .summary("Remove a client")
            .about("All of its tokens end at once.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("GET", SECRETS), "listClientSecrets"))
            .summary("List the secrets of a client")
            .about("Masked, oldest first.")
            .answers(200, "Its secrets.", secrets()),
        overlap(with_id(new(("POST", ROTATE), "rotateClientSecret")))
            .summary("Give a client a new secret")
            .answers(200, "The new secret.", new_secret())
            .refuses(&[ErrorCode::Conflict]),
    ]
}
