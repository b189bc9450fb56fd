//! RFC 7591 (dynamic registration), RFC 7592 (its management) and OpenID Connect Dynamic Client Registration 1.0.

mod attacks;
mod management;
mod metadata;
mod policy;
mod register;
mod statements;
mod sweep;
mod tokens;

use http::{Method, Request, header};
use serde_json::{Value, json};
use writ_testkit::{Answer, Credential, TestServer, TestTenant};

const REGISTER: &str = "/oauth2/register";
const CALLBACK: &str = crate::flow::CALLBACK;

/// A request about a registration.
async fn ask(server: &TestServer, (method, path): (&str, &str), by: Option<&str>, body: &Value) -> Answer {
    let method: Method = method.parse().unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = by {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_null() {
        return server.request(request.body(String::new()).unwrap()).await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

/// Changes settings of a tenant, as the operator.
async fn set(server: &TestServer, tenant: &TestTenant, settings: Value) {
    let path = format!("/api/v1/tenants/{}", tenant.slug);
    let _ = ask(server, ("PUT", &path), Some(&server.management_key()), &json!({ "settings": settings }))
        .await
        .expect(200);
}

/// A server where everybody may register in the first tenant.
async fn open() -> TestServer {
    let server = TestServer::start().await;
    set(&server, &server.default_tenant(), json!({ "registration": "open" })).await;
    server
}

/// An initial access token of a tenant.
async fn initial(server: &TestServer, tenant: &TestTenant, body: Value) -> Value {
    let request = Request::post("/api/v1/registration-tokens")
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", tenant.id.to_string())
        .header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await.expect(201).json()
}

/// What a website sends, with some members that are other; null removes one.
fn website(other: &Value) -> Value {
    let mut sent = json!({
        "client_name": "Shop",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    for (name, value) in other.as_object().unwrap() {
        sent[name] = value.clone();
    }
    sent.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    sent
}

/// Registers at the root without a token.
async fn register(server: &TestServer, body: &Value) -> Answer {
    ask(server, ("POST", REGISTER), None, body).await
}

/// A website that has registered itself.
async fn registered(server: &TestServer) -> Value {
    register(server, &website(&json!({}))).await.expect(201).json()
}

/// The path of a registration, and the token for it.
fn own(made: &Value) -> (String, String) {
    let uri = made["registration_client_uri"].as_str().unwrap();
    let path = uri.strip_prefix("https://id.example").unwrap().to_owned();
    (path, made["registration_access_token"].as_str().unwrap().to_owned())
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}"))
}

/// The client with its secret.
fn credential(made: &Value) -> Credential {
    Credential::basic(text(made, "client_id"), text(made, "client_secret"))
}

/// Whether the client is let in with its secret: then a code that is none is what is wrong.
async fn is_let_in(server: &TestServer, by: Credential) -> bool {
    let answer = crate::flow::redeem(server, by, "code_nothing").await;
    match answer.error().as_str() {
        "invalid_grant" => true,
        "invalid_client" => false,
        other => panic!("{other}"),
    }
}
