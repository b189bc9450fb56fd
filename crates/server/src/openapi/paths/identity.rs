//! The **identity** contract: `/v1/admin/oauth-clients`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{new_secret, overlap};
use crate::call::schema::Schema;
use crate::contracts::identity::{self, CreatedIdentityClient, IdentityClientList, OneIdentityClient};

const ID: (&str, &str, &str) =
    ("id", "The client's row id or client_id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const CLIENTS: &str = "/v1/admin/oauth-clients";
const CLIENT: &str = "/v1/admin/oauth-clients/{id}";
const ROTATE: &str = "/v1/admin/oauth-clients/{id}/rotate-secret";

fn example() -> Value {
    json!({
        "id": ID.2,
        "client_id": "cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
        "client_name": "Loop",
        "client_uri": "https://app.example.com",
        "logo_uri": null,
        "client_type": "confidential",
        "redirect_uris": ["https://app.example.com/callback"],
        "allowed_scopes": ["openid", "email"],
        "allowed_origins": [],
        "owner_id": null,
        "brand_id": "019ab3c4-0000-7f80-9a1b-2c3d4e5f6071",
        "is_first_party": false,
        "enabled": true,
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    })
}

fn one() -> (Schema, Value) {
    (Schema::of::<OneIdentityClient<'_>>(), json!({ "client": example() }))
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Identity);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    vec![
        new(("GET", CLIENTS), "listIdentityClients").summary("List the clients").paged().answers(
            200,
            "A page of clients, newest first.",
            (Schema::of::<IdentityClientList<'_>>(), json!({ "clients": [example()], "total": 1 })),
        ),
        new(("POST", CLIENTS), "createIdentityClient")
            .summary("Register a client")
            .about("Unknown members are refused.")
            .takes(
                identity::draft_schema(),
                json!({
                    "client_name": "Loop",
                    "redirect_uris": ["https://app.example.com/callback"],
                    "allowed_scopes": ["openid", "email"],
                }),
            )
            .answers(
                201,
                "The client, with its secret.",
                (
                    Schema::of::<CreatedIdentityClient<'_>>(),
                    json!({ "client": example(), "client_secret": "csec_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz" }),
                ),
            )
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", CLIENT), "getIdentityClient"))
            .summary("Show a client")
            .answers(200, "The client.", one())
            .versioned(),
        with_id(new(("PATCH", CLIENT), "updateIdentityClient"))
            .summary("Change a client")
            .about("Changes only what is sent. Unknown members are refused.")
            .takes(
                identity::patch_schema(),
                json!({ "is_first_party": true, "enabled": true }),
            )
            .answers(200, "The client, changed.", one())
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", CLIENT), "deleteIdentityClient"))
            .summary("Remove a client")
            .about("All of its tokens end at once.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        overlap(with_id(new(("POST", ROTATE), "rotateIdentityClientSecret")))
            .summary("Give a client a new secret")
            .answers(200, "The new secret.", new_secret())
            .refuses(&[ErrorCode::Conflict]),
    ]
}
