//! `/api/v1/resources`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{algorithm, display_name};
use crate::call::schema::{Schema, SchemaMember, optional, required};
use crate::contracts::resources::{ResourceList, ResourceView};

const ID: (&str, &str, &str) =
    ("resource_id", "The row id, or the identifier.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
const RESOURCES: &str = "/api/v1/resources";
const RESOURCE: &str = "/api/v1/resources/{resource_id}";

fn example() -> Value {
    json!({
        "id": ID.2,
        "identifier": "https://invoices.example.com",
        "name": "Invoices",
        "scopes": ["invoices:read", "invoices:write"],
        "access_token_format": "jwt",
        "access_token_signed_response_alg": null,
        "access_token_lifetime": 600,
        "clients": null,
        "introspection_clients": ["cli_01HABCDEF1G2H3J4K5M6N7P8Q9"],
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    })
}

/// All but identifier and name.
fn rest() -> [SchemaMember; 6] {
    let clients = || Schema::list(Schema::text().between(1, 255)).at_most(1000).or_null();
    let scopes = Schema::list(Schema::text().between(1, 128)).at_most(100).or_null();
    [
        optional(
            "scopes",
            scopes.about(
                "The scopes that belong to it; the whole list. They are added to the registry of scopes.",
            ),
        ),
        optional(
            "access_token_format",
            Schema::word(["jwt", "opaque"]).or_null().about("null: as the client's are."),
        ),
        optional(
            "access_token_signed_response_alg",
            algorithm().or_null().about("null: what the client's, or the tenant's, are signed with."),
        ),
        optional(
            "access_token_lifetime",
            Schema::integer()
                .within(60, 86_400)
                .or_null()
                .about("Seconds; null: as long as the client's live."),
        ),
        optional(
            "clients",
            clients().about(
                "The clients that may ask for tokens for it, by client_id; null: every client of the tenant.",
            ),
        ),
        optional(
            "introspection_clients",
            clients()
                .about("The clients that may introspect its tokens, by client_id: the API itself, mostly."),
        ),
    ]
}

fn identifier() -> Schema {
    Schema::uri().about(
        "What `resource` and `aud` call it: an absolute URI without a fragment (RFC 8707), for a web API its address.",
    )
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    let view = || (Schema::of::<ResourceView<'_>>(), example());
    vec![
        new(("GET", RESOURCES), "listResources").summary("List the resources").about("Newest first.").paged().answers(
            200,
            "A page of resources.",
            (Schema::of::<ResourceList<'_>>(), json!({ "resources": [example()], "total": 1 })),
        ),
        new(("POST", RESOURCES), "createResource")
            .summary("Register a resource")
            .about(
                "An API that access tokens are for. Clients name it in `resource` (RFC 8707), or ask for a scope that belongs \
                 to it alone, and get a token with its identifier as `aud`.",
            )
            .takes(
                Schema::object(
                    [required("identifier", identifier()), required("name", display_name())].into_iter().chain(rest()),
                ),
                json!({
                    "identifier": "https://invoices.example.com",
                    "name": "Invoices",
                    "scopes": ["invoices:read", "invoices:write"],
                    "access_token_lifetime": 600,
                }),
            )
            .answers(201, "The resource.", view())
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", RESOURCE), "getResource"))
            .summary("Show a resource")
            .answers(200, "The resource.", view())
            .versioned(),
        with_id(new(("PATCH", RESOURCE), "updateResource"))
            .summary("Change a resource")
            .about("Changes only what is sent. The identifier stays as it is.")
            .takes(
                Schema::object(
                    [
                        optional("identifier", identifier().or_null()),
                        optional("name", display_name().or_null()),
                    ]
                    .into_iter()
                    .chain(rest()),
                ),
                json!({ "access_token_lifetime": 300 }),
            )
            .answers(200, "The resource, changed.", view())
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        with_id(new(("DELETE", RESOURCE), "deleteResource"))
            .summary("Remove a resource")
            .about("Nobody gets a token for it any more; those that there are live until they expire.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}
