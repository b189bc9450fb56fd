//! The **tenant** contract: `/api/v1/oauth/admin/clients`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation, Parameter, ParameterIn};
use super::overlap;
use crate::call::schema::Schema;
use crate::contracts::tenant::{
    self, Envelope, One, PublicView, Regenerated, TenantClientList, TenantClientView,
};

const ID: (&str, &str, &str) = ("id", "The client's row id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const CLIENTS: &str = "/api/v1/oauth/admin/clients";
const CLIENT: &str = "/api/v1/oauth/admin/clients/{id}";
const REGENERATE: &str = "/api/v1/oauth/admin/clients/{id}/regenerate-secret";

fn example() -> Value {
    json!({
        "id": ID.2,
        "tenantId": "019ab3c4-0000-7f80-9a1b-2c3d4e5f6071",
        "clientId": "cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
        "clientSecret": "sk_live_••••••••••••••••••••••••3d7f",
        "name": "Mobile App",
        "description": "iOS and Android customer-facing application",
        "grantTypes": ["authorization_code", "refresh_token"],
        "redirectURIs": ["https://app.example.com/callback", "com.example.app://callback"],
        "scopes": ["openid", "profile", "email"],
        "accessTokenTTL": 3600,
        "refreshTokenTTL": 2_592_000,
        "enabled": true,
        "createdAt": "2026-01-20T09:00:00Z",
        "updatedAt": "2026-02-14T15:30:00Z",
    })
}

fn one() -> (Schema, Value) {
    let schema = Schema::of::<Envelope<One<TenantClientView<'_>>>>();
    (schema, json!({ "success": true, "data": { "client": example() } }))
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Tenant);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    let if_match = Parameter {
        name: "If-Match",
        place: ParameterIn::Header,
        about: "Do it only while this is the version: an `ETag` of this object, or `*`. Otherwise 412.",
        schema: Schema::text(),
        example: None,
    };
    vec![
        new(("GET", CLIENTS), "listTenantClients").summary("List the clients").paged().answers(
            200,
            "A page of clients, newest first.",
            (Schema::of::<Envelope<TenantClientList<'_>>>(), json!({ "success": true, "data": { "clients": [example()], "total": 1 } })),
        ),
        new(("POST", CLIENTS), "createTenantClient")
            .summary("Register a client")
            .about("The secret is shown in full in this answer alone. Unknown members are refused.")
            .takes(
                tenant::draft_schema(),
                json!({
                    "name": "Internal Dashboard",
                    "description": "Internal analytics dashboard using client credentials",
                    "grantTypes": ["client_credentials"],
                    "scopes": ["analytics:read", "report:read"],
                    "accessTokenTTL": 1800,
                }),
            )
            .answers(201, "The client, with its secret.", one())
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", CLIENT), "getTenantClient"))
            .summary("Show a client")
            .answers(200, "The client, its secret masked.", one())
            .versioned(),
        with_id(new(("PUT", CLIENT), "updateTenantClient"))
            .summary("Change a client")
            .about("Changes only what is sent; null takes a field back to its default. Unknown members are refused.")
            .takes(tenant::patch_schema(), json!({ "scopes": ["analytics:read", "report:export"], "accessTokenTTL": 3600 }))
            .answers(200, "The client, changed.", one())
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", CLIENT), "deleteTenantClient"))
            .summary("Remove a client")
            .about("All of its tokens end at once.")
            .parameter(if_match)
            .answers(200, "It is gone.", (Schema::of::<Envelope<()>>(), json!({ "success": true, "data": null })))
            .refuses(&[ErrorCode::Conflict, ErrorCode::PreconditionFailed]),
        overlap(with_id(new(("POST", REGENERATE), "regenerateTenantClientSecret")))
            .summary("Give a client a new secret")
            .about("The one before dies at once, or after the overlap; tokens live on.")
            .answers(
                200,
                "The new secret.",
                (
                    Schema::of::<Envelope<Regenerated<'_>>>(),
                    json!({ "success": true, "data": {
                        "clientId": "cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
                        "clientSecret": "sk_live_aZ3bW5xQmR7yTpKsNvUeLoGhJcFi9dE2",
                    } }),
                ),
            )
            .refuses(&[ErrorCode::Conflict]),
    ]
}

/// What anybody who signs in may know of a client.
pub(super) fn public_information() -> (Schema, Value) {
    let example = json!({ "success": true, "data": { "client": {
        "clientId": "cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
        "name": "Mobile App",
        "description": null,
        "scopes": ["openid", "profile", "email"],
    } } });
    (Schema::of::<Envelope<One<PublicView<'_>>>>(), example)
}
