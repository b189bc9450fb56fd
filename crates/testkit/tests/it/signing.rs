//! What tests of signed tokens share: clients with keys, and tokens of which every part is as a test wants it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, header};
use serde_json::Value;
use writ_jose::{SigningKey, jwks_json};
use writ_testkit::{Answer, TestServer, TestTenant};

/// A request to the management API about a tenant, as the operator.
pub(crate) async fn manage(
    server: &TestServer,
    tenant: &TestTenant,
    (method, path): (&str, &str),
    body: &Value,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", tenant.id.to_string())
        .header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

/// A set of public keys.
pub(crate) fn set(keys: &[&SigningKey]) -> Value {
    serde_json::from_str(&jwks_json(keys.iter().map(|key| key.public_jwk()))).unwrap()
}

/// A token of which every part is as a test wants it.
pub(crate) fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
}
