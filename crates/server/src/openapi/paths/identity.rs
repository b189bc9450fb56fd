//! The **identity** contract: `/v1/admin/oauth-clients`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::super::schema::{Member, Schema, optional, required};
use super::{display_name, new_secret, overlap, page, texts, uris};

const ID: (&str, &str, &str) =
    ("id", "The client's row id or client_id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const CLIENTS: &str = "/v1/admin/oauth-clients";
const CLIENT: &str = "/v1/admin/oauth-clients/{id}";
const ROTATE: &str = "/v1/admin/oauth-clients/{id}/rotate-secret";

fn kind() -> Schema {
    Schema::word(["confidential", "public"])
}

fn view() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("client_id", Schema::text()),
        required("client_name", display_name()),
        required("client_uri", Schema::uri().or_null()),
        required("logo_uri", Schema::uri().or_null()),
        required("client_type", kind()),
        required("redirect_uris", uris()),
        required("allowed_scopes", texts()),
        required("allowed_origins", texts()),
        required("owner_id", Schema::uuid().or_null().about("The person who made it.")),
        required("brand_id", Schema::uuid().about("The tenant.")),
        required("is_first_party", Schema::flag()),
        required("enabled", Schema::flag()),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
    ])
    .named("IdentityClient")
}

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
    (Schema::object([required("client", view())]), json!({ "client": example() }))
}

fn members() -> [Member; 4] {
    [
        optional("client_type", kind().or_null()),
        optional("allowed_origins", texts().or_null()),
        // The empty text is none.
        optional("client_uri", Schema::text().or_null()),
        optional("logo_uri", Schema::text().or_null()),
    ]
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Identity);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    let wanted = [
        required("client_name", display_name()),
        required("redirect_uris", uris().at_least(1)),
        required("allowed_scopes", texts().at_least(1)),
    ];
    let changed = [
        optional("client_name", display_name()),
        optional("redirect_uris", uris().at_least(1)),
        optional("allowed_scopes", texts().at_least(1)),
        optional("is_first_party", Schema::flag()),
        optional("enabled", Schema::flag()),
    ];
    let secret = Schema::text().or_null().about("Shown this once; null for a public client.");
    vec![
        new(("GET", CLIENTS), "listIdentityClients").summary("List the clients").paged().answers(
            200,
            "A page of clients, newest first.",
            (page("clients", view()), json!({ "clients": [example()], "total": 1 })),
        ),
        new(("POST", CLIENTS), "createIdentityClient")
            .summary("Register a client")
            .about("Unknown members are refused.")
            .takes(
                Schema::object(wanted.into_iter().chain(members())).closed(),
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
                    Schema::object([required("client", view()), required("client_secret", secret)]),
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
                Schema::object(changed.into_iter().chain(members())).closed(),
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
