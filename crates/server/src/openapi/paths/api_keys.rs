//! `/api/v1/api-keys`.

use serde_json::json;
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{confirm_lockout, display_name, networks, page, permissions};
use crate::call::schema::{Schema, SchemaMember, optional, required};

const ID: (&str, &str, &str) = ("id", "The key's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const KEYS: &str = "/api/v1/api-keys";
const KEY: &str = "/api/v1/api-keys/{id}";

fn members() -> [SchemaMember; 8] {
    [
        required("id", Schema::uuid()),
        required("name", display_name()),
        required("masked", Schema::text().about("What the key begins and ends with.")),
        required("permissions", permissions()),
        required("created_at", Schema::time()),
        required("expires_at", Schema::time().or_null()),
        required("allowed_networks", networks().about("From where it may be used; none: from everywhere.")),
        required("last_used_at", Schema::time().or_null().about("Some seconds late.")),
    ]
}

fn view() -> Schema {
    Schema::object(members()).named("ApiKey")
}

fn made() -> Schema {
    let secret = Schema::text().like("^sk_live_").about("The key itself: shown this once.");
    Schema::object(members().into_iter().chain([required("api_key", secret)])).named("CreatedApiKey")
}

fn example() -> serde_json::Value {
    json!({
        "id": ID.2,
        "name": "CI",
        "masked": "sk_live_••••••••••••••••••••••••wxyz",
        "permissions": ["oauth:read", "oauth:write"],
        "created_at": "2026-11-20T09:00:00Z",
        "expires_at": null,
        "allowed_networks": [],
        "last_used_at": null,
    })
}

fn made_example() -> serde_json::Value {
    let mut example = example();
    if let Some(members) = example.as_object_mut() {
        members.insert("api_key".to_owned(), "sk_live_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz".into());
    }
    example
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let expires_at = || Schema::time().or_null().about("When it stops working; null: never.");
    vec![
        new(("GET", KEYS), "listApiKeys").summary("List the API keys").paged().answers(
            200,
            "A page of keys.",
            (page("api_keys", view()), json!({ "api_keys": [example()], "total": 1 })),
        ),
        new(("POST", KEYS), "createApiKey")
            .summary("Make an API key")
            .about("Nobody gives a key more permissions than they have themselves.")
            .takes(
                Schema::object([
                    required("name", display_name()),
                    required("permissions", permissions()),
                    optional("expires_at", expires_at()),
                    optional("allowed_networks", networks().or_null()),
                ]),
                json!({ "name": "CI", "permissions": ["oauth:read", "oauth:write"] }),
            )
            .answers(201, "The key, with the one chance to see it.", (made(), made_example()))
            .versioned()
            .repeatable(),
        new(("GET", KEY), "getApiKey")
            .summary("Show an API key")
            .path(ID.0, ID.1, ID.2)
            .answers(200, "The key, masked.", (view(), example()))
            .versioned(),
        new(("PUT", KEY), "updateApiKey")
            .summary("Change an API key")
            .about("Changes only what is sent.")
            .path(ID.0, ID.1, ID.2)
            .takes(
                Schema::object([
                    optional("name", display_name().or_null()),
                    optional("permissions", permissions().or_null()),
                    optional("expires_at", expires_at()),
                    optional("allowed_networks", networks().or_null()),
                    confirm_lockout(),
                ]),
                json!({ "name": "CI, production" }),
            )
            .answers(200, "The key, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        new(("DELETE", KEY), "revokeApiKey")
            .summary("Revoke an API key")
            .path(ID.0, ID.1, ID.2)
            .answers_nothing(204, "It works no more.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}
