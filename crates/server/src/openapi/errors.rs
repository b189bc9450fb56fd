//! Errors in the API description: which a route has, and how they look in its contract.

use serde_json::{Map, Value, json};
use writ_core::caller::{Needs, TenantHeader};
use writ_core::error::{ErrorCode, ErrorEntry};

use super::operation::{Access, ErrorShape, Operation, Repeatable, Versioned};
use crate::call::schema::{Schema, required};

/// Where the pages of the examples' errors stand.
const PAGES: &str = "https://id.example.com/errors";

/// What every request may be told, whatever it asks for: also that the server is not for its address.
const ALWAYS: [ErrorCode; 3] =
    [ErrorCode::InvalidRequest, ErrorCode::AccessDenied, ErrorCode::TemporarilyUnavailable];
/// What a body may be told.
const BODY: [ErrorCode; 4] = [
    ErrorCode::RequestTimeout,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::TooManyRequests,
];
/// What the bearer of a credential may be told.
const CREDENTIAL: [ErrorCode; 6] = [
    ErrorCode::InvalidClient,
    ErrorCode::TooManyRequests,
    ErrorCode::InvalidToken,
    ErrorCode::CredentialRequired,
    ErrorCode::InvalidDpopProofOfCall,
    ErrorCode::UseDpopNonceInCall,
];
/// What a caller of the management APIs may be told besides: also that there is no such tenant.
const MANAGED: [ErrorCode; 4] = [
    ErrorCode::InsufficientScope,
    ErrorCode::InsufficientUserAuthentication,
    ErrorCode::AccessDenied,
    ErrorCode::NotFound,
];

/// Every error of a route, in the order of the table.
pub(super) fn of(operation: &Operation, managed: Option<(Needs, TenantHeader)>) -> Vec<&'static ErrorEntry> {
    let mut codes = ALWAYS.to_vec();
    codes.extend(&operation.refusals);
    if !operation.body.is_empty() {
        codes.extend(BODY);
    }
    if managed.is_some() {
        codes.extend(CREDENTIAL);
        codes.extend(MANAGED);
    } else {
        codes.extend(match operation.access {
            Access::Anyone => &[][..],
            Access::Client => &CREDENTIAL[..2],
            Access::ClientOrBearer | Access::Bearer | Access::AnyoneOrBearer => &CREDENTIAL[..],
        });
    }
    if operation.versioned == Versioned::Yes && operation.method != "GET" && operation.method != "POST" {
        codes.push(ErrorCode::PreconditionFailed);
    }
    if operation.repeatable == Repeatable::ByKey {
        codes.push(ErrorCode::IdempotencyKeyReused);
    }
    writ_core::error::ERRORS.iter().filter(|entry| codes.contains(&entry.code)).collect()
}

/// The responses of these errors: one a status, with an example of each code.
pub(super) fn responses(entries: &[&'static ErrorEntry], shape: ErrorShape) -> Map<String, Value> {
    let mut responses = Map::new();
    for status in entries.iter().map(|entry| entry.status) {
        let of_status: Vec<_> = entries.iter().filter(|entry| entry.status == status).collect();
        let about: Vec<_> = of_status.iter().map(|entry| entry.meaning).collect();
        let examples: Map<String, Value> = of_status
            .iter()
            .map(|entry| {
                let place = format!("#/components/examples/{}.{}", name(shape), entry.page);
                (entry.page.to_owned(), json!({ "$ref": place }))
            })
            .collect();
        let json = json!({ "schema": schema(shape).value(), "examples": examples });
        let mut content = json!({ "application/json": json });
        if shape == ErrorShape::Page
            && let Some(content) = content.as_object_mut()
        {
            content.insert("text/html".to_owned(), json!({ "schema": Schema::text().value() }));
        }
        let mut response = json!({ "description": about.join(" "), "content": content });
        if let (Some(headers), Some(members)) = (headers(status), response.as_object_mut()) {
            members.insert("headers".to_owned(), headers);
        }
        responses.insert(status.to_string(), response);
    }
    responses
}

fn headers(status: u16) -> Option<Value> {
    let (name, about) = match status {
        401 => ("WWW-Authenticate", "The schemes that are taken, or the one that was used."),
        429 | 503 => ("Retry-After", "Seconds after which another try makes sense."),
        _ => return None,
    };
    Some(json!({ name: { "description": about, "schema": Schema::text().value() } }))
}

/// How a shape is called in the document.
const fn name(shape: ErrorShape) -> &'static str {
    match shape {
        // A page's error is read by a program in the shape of RFC 6749.
        ErrorShape::Oauth | ErrorShape::Page => "oauth2",
        ErrorShape::Tenant | ErrorShape::ByCredential => "tenant",
        ErrorShape::Identity => "identity",
    }
}

/// The schema of an error.
pub(super) fn schema(shape: ErrorShape) -> Schema {
    let text = Schema::text;
    match shape {
        ErrorShape::Oauth | ErrorShape::Page => Schema::object([
            required("error", text().about("A word for programs.")),
            required("error_description", text().about("What was wrong, for whoever reads it.")),
            required("error_uri", Schema::uri().about("A page that says what to do about it.")),
        ])
        .named("Error"),
        ErrorShape::Tenant => {
            let field = Schema::object([required("field", text()), required("message", text())]);
            let error = Schema::object([
                required("code", text().about("A word for programs.")),
                required("message", text().about("What was wrong, for whoever reads it.")),
                required("fields", Schema::list(field).about("Everything that is wrong with the fields.")),
            ]);
            let success = Schema::flag().about("false");
            Schema::object([required("success", success), required("error", error)]).named("TenantError")
        }
        ErrorShape::ByCredential => Schema::either([schema(ErrorShape::Tenant), schema(ErrorShape::Oauth)]),
        ErrorShape::Identity => Schema::object([
            required("error", text().about("A word for programs.")),
            required("message", text().about("What was wrong, for whoever reads it.")),
        ])
        .named("IdentityError"),
    }
}

/// An example of every error in every shape: what the responses refer to.
pub(super) fn examples() -> Map<String, Value> {
    let shapes = [ErrorShape::Oauth, ErrorShape::Tenant, ErrorShape::Identity];
    let all = shapes.into_iter().flat_map(|shape| {
        writ_core::error::ERRORS.iter().map(move |entry| {
            let example = json!({ "summary": entry.page, "value": example(entry, shape) });
            (format!("{}.{}", name(shape), entry.page), example)
        })
    });
    all.collect()
}

fn example(entry: &ErrorEntry, shape: ErrorShape) -> Value {
    match shape {
        ErrorShape::Oauth | ErrorShape::Page => json!({
            "error": entry.wire,
            "error_description": entry.meaning,
            "error_uri": format!("{PAGES}/{}", entry.wire),
        }),
        ErrorShape::Tenant if entry.code == ErrorCode::InvalidRequest => json!({
            "success": false,
            "error": {
                "code": entry.page,
                "message": "name: missing",
                "fields": [{ "field": "name", "message": "missing" }],
            },
        }),
        ErrorShape::Tenant | ErrorShape::ByCredential => json!({
            "success": false,
            "error": { "code": entry.page, "message": entry.meaning, "fields": [] },
        }),
        ErrorShape::Identity => json!({ "error": entry.page, "message": entry.meaning }),
    }
}
