//! From the descriptions of the routes to one document.

use serde_json::{Map, Value, json};
use writ_core::caller::{Needs, TenantHeader};

use super::errors;
use super::operation::{
    Access, BodyContent, Contract, DescribedReply, ErrorShape, Operation, Parameter, ParameterIn, Repeatable,
    Versioned,
};
use super::paths;
use crate::call::routes::RegisteredRoute;
use crate::call::schema::Schema;

/// What a management route was registered with.
type ManagedRoute = Option<(Needs, TenantHeader)>;

const ABOUT: &str = "Every path exists twice: at the root for the tenant of the credential (or the first tenant), and \
below `/t/{tenant}` for the tenant with that slug.\n\n\
Management routes accept HTTP Basic with the id and secret of a confidential client, or a Bearer credential: an access \
token for this server, or an API key. Each route names the permission that it needs.\n\n\
Which API for clients? Five APIs manage the same clients, and a client made through one is seen through all. For new code \
take `/api/v1/clients`: it has every field. The other four are published contracts, kept to the letter for tools that \
speak them. **tenant** (`/api/v1/oauth/admin/clients`): camelCase in an envelope, `X-Tenant-ID` required. **identity** \
(`/v1/admin/oauth-clients`): snake_case, two-member errors, first party and owner. **oauth2** (`/api/v1/oauth/clients`): \
the widest, with users, scopes, tokens and the audit log. **clients** (`/v1/clients`): `cli_…` ids, `X-Tenant-ID` \
required, cursors.\n\n\
Lists are newest first and have pages: `next_cursor` is there while there is more. All times are RFC 3339 in UTC.";

/// The document of all routes; of the management routes, what they were registered with.
pub fn document(registered: &[RegisteredRoute]) -> Value {
    let operations = paths::all();
    let mut items: Map<String, Value> = Map::new();
    for operation in &operations {
        let managed = registered
            .iter()
            .find(|route| (route.method, route.path) == (operation.method, operation.path))
            .map(|route| (route.needs, route.tenant));
        let item = items.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_ascii_lowercase(), described(operation, managed));
        }
    }
    let tags: Vec<_> = Contract::ALL
        .iter()
        .filter(|contract| operations.iter().any(|operation| operation.contract == **contract))
        .map(|contract| json!({ "name": contract.tag(), "description": contract.about() }))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Writ",
            "summary": "An OAuth 2.1 and OpenID Connect authorization server",
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [
            { "url": "/", "description": "The credential's tenant, or the first one" },
            {
                "url": "/t/{tenant}",
                "description": "The tenant with this slug",
                "variables": { "tenant": { "default": "acme", "description": "The tenant's slug" } },
            },
        ],
        "tags": tags,
        "paths": items,
        "components": {
            "schemas": components(&operations).0,
            "parameters": parameters(),
            "headers": {
                "ETag": {
                    "description": "The version of what is shown, for If-Match and If-None-Match.",
                    "schema": Schema::text().value(),
                    "example": "\"AZEYkCKzcw6a8Pq0uZ2lAw.1\"",
                },
            },
            "examples": errors::examples(),
            "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic", "description": "A confidential client's id and secret." },
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token with this server in its audience, or an API key (sk_live_…).",
                },
                "dpop": {
                    "type": "http",
                    "scheme": "dpop",
                    "description": "An access token that is bound to a key, with a proof of that key in the header DPoP (RFC 9449).",
                },
            },
        },
    })
}

/// Names that stand for more than one schema: there must be none, since only one of them would be described.
pub fn clashes() -> Vec<String> {
    components(&paths::all()).1
}

/// The named schemas, and the names that were given to different ones.
fn components(operations: &[Operation]) -> (Map<String, Value>, Vec<String>) {
    let (mut found, mut clashes) = (Map::new(), Vec::new());
    let shapes = [ErrorShape::Oauth, ErrorShape::Tenant, ErrorShape::Identity];
    let of_errors: Vec<_> = shapes.into_iter().map(errors::schema).collect();
    let contents = operations
        .iter()
        .flat_map(|operation| {
            operation.body.iter().chain(operation.replies.iter().flat_map(|reply| &reply.content))
        })
        .map(|content| &content.schema);
    for schema in contents.chain(&of_errors) {
        for (name, value) in schema.components() {
            match found.get(name) {
                None => drop(found.insert(name.clone(), value.clone())),
                Some(known) if known == value => {}
                Some(_) => clashes.push(name.clone()),
            }
        }
    }
    (found, clashes)
}

/// A token with which a person acts for themselves.
const INTERACTION: &str = "a token for this server alone, held by a client that the tenant's setting \
    `interaction_clients` names";

fn described(operation: &Operation, managed: ManagedRoute) -> Value {
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.contract.tag()],
        "security": security(operation.access, managed),
        "responses": responses(operation, managed),
    });
    let Some(members) = value.as_object_mut() else { return value };
    let mut about: Vec<String> = Vec::new();
    match managed {
        Some((Needs::Permission(permission), _)) => {
            about.push(format!("Needs the permission `{}`.", permission.name()));
            members.insert("x-permission".to_owned(), permission.name().into());
        }
        Some((Needs::Every(permissions), _)) => {
            let names: Vec<_> =
                permissions.iter().map(|permission| format!("`{}`", permission.name())).collect();
            about.push(format!("Needs the permissions {}.", names.join(" and ")));
        }
        Some((Needs::NotAPerson, _)) => about.push("For applications and API keys.".to_owned()),
        Some((Needs::OwnOr(permission), _)) => {
            about.push(format!(
                "For one's own without a permission: an application, or a person through a client that the tenant's \
                 setting `interaction_clients` names, with a token for this server alone. For others' with `{}`.",
                permission.name()
            ));
            members.insert("x-permission".to_owned(), permission.name().into());
        }
        Some((Needs::AnyPersonOr(permission), _)) => {
            let name = permission.name();
            about.push(format!("For any person; an application or API key needs the permission `{name}`."));
        }
        Some((Needs::PersonThroughInteraction, _)) => {
            about.push(format!("For a person, with {INTERACTION}."));
        }
        Some((Needs::InteractionOr(permission), _)) => {
            let name = permission.name();
            about.push(format!(
                "For a person about what is theirs, with {INTERACTION}; for applications and API keys, with the \
                 permission `{name}`."
            ));
            members.insert("x-permission".to_owned(), name.into());
        }
        Some((Needs::PersonOr(permission), _)) => {
            about.push(format!(
                "For a person about what is theirs, with {INTERACTION}; for all others, and about what is others', \
                 with the permission `{}`.",
                permission.name()
            ));
            members.insert("x-permission".to_owned(), permission.name().into());
        }
        Some((Needs::Anybody, _)) | None => {}
    }
    if !operation.about.is_empty() {
        about.push(operation.about.to_owned());
    }
    if !about.is_empty() {
        members.insert("description".to_owned(), about.join("\n\n").into());
    }
    let mut parameters: Vec<_> = operation.parameters.iter().map(parameter).collect();
    parameters.extend(shared_parameters(operation, managed));
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), parameters.into());
    }
    if !operation.body.is_empty() {
        let body = json!({ "required": true, "content": content(&operation.body) });
        members.insert("requestBody".to_owned(), body);
    }
    value
}

fn security(access: Access, managed: ManagedRoute) -> Value {
    let (basic, bearer, dpop) = (json!({ "basic": [] }), json!({ "bearer": [] }), json!({ "dpop": [] }));
    match (managed, access) {
        (
            Some((
                Needs::Permission(_)
                | Needs::Every(_)
                | Needs::OwnOr(_)
                | Needs::PersonOr(_)
                | Needs::InteractionOr(_)
                | Needs::AnyPersonOr(_)
                | Needs::Anybody
                | Needs::NotAPerson,
                _,
            )),
            _,
        )
        | (None, Access::ClientOrBearer) => {
            json!([basic, bearer, dpop])
        }
        (Some((Needs::PersonThroughInteraction, _)), _) | (None, Access::Bearer) => json!([bearer, dpop]),
        // A client may also name itself in the body.
        (None, Access::Client) => json!([basic, {}]),
        (None, Access::AnyoneOrBearer) => json!([{}, basic, bearer, dpop]),
        (None, Access::Anyone) => json!([]),
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let mut value = json!({
        "name": parameter.name,
        "in": parameter.place.name(),
        "required": parameter.place == ParameterIn::Path,
        "description": parameter.about,
        "schema": parameter.schema.value(),
    });
    if let (Some(example), Some(members)) = (&parameter.example, value.as_object_mut()) {
        members.insert("example".to_owned(), example.clone());
    }
    value
}

/// The parameters that many routes have, as references.
fn shared_parameters(operation: &Operation, managed: ManagedRoute) -> Vec<Value> {
    let mut names = Vec::new();
    match managed {
        Some((_, TenantHeader::Required)) => names.push("RequiredTenant"),
        Some((_, TenantHeader::Optional)) => names.push("Tenant"),
        None => {}
    }
    if operation.repeatable == Repeatable::ByKey {
        names.push("IdempotencyKey");
    }
    if operation.versioned == Versioned::Yes {
        match operation.method {
            "GET" => names.push("IfNoneMatch"),
            "PUT" | "PATCH" | "DELETE" => names.push("IfMatch"),
            _ => {}
        }
    }
    names.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect()
}

/// What the references lead to.
fn parameters() -> Value {
    let header = |name: &str, about: &str, schema: Schema| {
        json!({
            "name": name,
            "in": "header",
            "required": false,
            "description": about,
            "schema": schema.value(),
        })
    };
    let tenant = || Schema::text().like("^(tnt_)?[0-9A-Za-z-]{26,36}$");
    let mut required = header("X-Tenant-ID", "The tenant it is about: a UUID, or tnt_… .", tenant());
    if let Some(members) = required.as_object_mut() {
        members.insert("required".to_owned(), true.into());
    }
    let if_match = "Do it only while this is the version: an `ETag` of this object, or `*`. Otherwise 412.";
    let if_none_match = "Answer 304 while this is the version.";
    let key = "A name for this request, such as a UUID. The same key with the same body gives the same answer for a \
        day, and happens once; with another body, 409.";
    json!({
        "Tenant": header(
            "X-Tenant-ID",
            "The tenant it is about, where it is not the credential's own: for operators.",
            tenant(),
        ),
        "RequiredTenant": required,
        "IfMatch": header("If-Match", if_match, Schema::text()),
        "IfNoneMatch": header("If-None-Match", if_none_match, Schema::text()),
        "IdempotencyKey": header("Idempotency-Key", key, Schema::text().between(1, 255)),
    })
}

fn content(contents: &[BodyContent]) -> Value {
    let all: Map<String, Value> = contents
        .iter()
        .map(|content| {
            let media = json!({ "schema": content.schema.value(), "example": content.example });
            (content.media.name().to_owned(), media)
        })
        .collect();
    all.into()
}

fn responses(operation: &Operation, managed: ManagedRoute) -> Value {
    let mut responses = errors::responses(&errors::of(operation, managed), operation.errors);
    for reply in &operation.replies {
        responses.insert(reply.status.to_string(), replied(reply, operation.versioned));
    }
    if operation.versioned == Versioned::Yes && operation.method == "GET" {
        let headers = json!({ "ETag": { "$ref": "#/components/headers/ETag" } });
        let unchanged =
            json!({ "description": "It still has the version of If-None-Match.", "headers": headers });
        responses.insert("304".to_owned(), unchanged);
    }
    responses.into()
}

fn replied(reply: &DescribedReply, versioned: Versioned) -> Value {
    let mut value = json!({ "description": reply.about });
    let Some(members) = value.as_object_mut() else { return value };
    if !reply.content.is_empty() {
        members.insert("content".to_owned(), content(&reply.content));
    }
    let mut headers: Map<String, Value> = reply
        .headers
        .iter()
        .map(|(name, about)| {
            let header = json!({ "description": about, "required": true, "schema": Schema::text().value() });
            ((*name).to_owned(), header)
        })
        .collect();
    if versioned == Versioned::Yes && !reply.content.is_empty() {
        headers.insert("ETag".to_owned(), json!({ "$ref": "#/components/headers/ETag" }));
    }
    if !headers.is_empty() {
        members.insert("headers".to_owned(), headers.into());
    }
    value
}
