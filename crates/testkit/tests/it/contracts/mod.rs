//! The four contracts, endpoint by endpoint: each published sample replayed, each error shown.
//!
//! The first line of a test's description names the contract, the method and path, and what is shown.

mod across;
mod clients_clients;
mod identity_clients;
mod laws;
mod lists;
mod oauth2_audit;
mod oauth2_clients;
mod oauth2_consents;
mod oauth2_links;
mod oauth2_profile;
mod oauth2_rate_limits;
mod oauth2_refresh_tokens;
mod oauth2_registration;
mod oauth2_scopes;
mod oauth2_sessions;
mod oauth2_token_endpoint;
mod oauth2_tokens;
mod oauth2_users;
mod own;
mod own_clients;
mod tenant_clients;
mod tenant_consent;
mod tenant_information;

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::ids::UserId;
use writ_testkit::{Answer, Credential, Planted, TestServer, TestTenant};

/// Asks with JSON, or without a body where it is null.
async fn ask(server: &TestServer, (method, path): (&str, &str), by: &Credential, body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(value) = by.header() {
        request = request.header(header::AUTHORIZATION, value);
    }
    if body.is_null() {
        return server.request(request.body(String::new()).unwrap()).await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

/// An API key of a tenant with these permissions.
async fn key(server: &TestServer, tenant: &TestTenant, may: &[Permission]) -> Credential {
    Credential::bearer(&server.api_key(tenant, may, None).await)
}

/// A person's token, through an application of the tenant's own.
async fn person(server: &TestServer, tenant: &TestTenant, user: UserId) -> Credential {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let name = format!("own-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let app = server.client(&name).of(tenant).first_party().interaction().create().await;
    let planted = Planted { user: Some(user), scope: "openid", audience: &[&tenant.issuer] };
    Credential::bearer(&server.plant(&app, planted).await)
}

const TENANT: &str = "/api/v1/oauth/admin/clients";
const IDENTITY: &str = "/v1/admin/oauth-clients";
const OAUTH2: &str = "/api/v1/oauth/clients";
const SCOPES: &str = "/api/v1/oauth/scopes";
const CLIENTS: &str = "/v1/clients";
/// The whole client: Writ's own.
const OWN: &str = "/api/v1/clients";

/// A server with a tenant that has nothing in it yet, and the key of somebody who may manage its clients.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    key: String,
}

/// A request to be sent.
#[derive(Debug, Clone)]
struct Call {
    method: &'static str,
    path: String,
    by: Credential,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Call {
    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    fn by(self, by: impl Into<Credential>) -> Self {
        Self { by: by.into(), ..self }
    }

    /// A body as it stands, whatever it is.
    fn raw(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }
}

impl Stage {
    async fn new() -> Self {
        Self::on(TestServer::start().await).await
    }

    async fn on(server: TestServer) -> Self {
        let tenant = server.tenant("acme").await;
        let may = [Permission::OauthRead, Permission::OauthWrite, Permission::ClientsTrust];
        let key = server.api_key(&tenant, &may, None).await;
        Self { server, tenant, key }
    }

    /// A call as the documents show it: with the tenant and, where there is one, a JSON body.
    fn call(&self, method: &'static str, path: &str, body: Option<&Value>) -> Call {
        let call = Call {
            method,
            path: path.to_owned(),
            by: Credential::bearer(&self.key),
            headers: vec![("x-tenant-id", self.tenant.id.prefixed())],
            body: body.map(Value::to_string).unwrap_or_default(),
        };
        if body.is_some() { call.header("content-type", "application/json") } else { call }
    }

    async fn send(&self, call: Call) -> Answer {
        let mut request = Request::builder().method(call.method).uri(&call.path);
        if let Some(value) = call.by.header() {
            request = request.header(header::AUTHORIZATION, value);
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        self.server.request(request.body(call.body).expect("a request")).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.call("GET", path, None)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call("POST", path, Some(body))).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call("PUT", path, Some(body))).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call("PATCH", path, Some(body))).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(self.call("DELETE", path, None)).await
    }

    /// A POST without a body.
    async fn act(&self, path: &str) -> Answer {
        self.send(self.call("POST", path, None)).await
    }

    /// A token of a new person, through a new third-party application.
    async fn person(&self, scope: &str) -> (UserId, String) {
        let user = self.server.user(&self.tenant, "alice", "correct horse battery").await;
        let app = self.server.client("persons-app").of(&self.tenant).create().await;
        let audience = [&*self.tenant.issuer];
        let planted = Planted { user: Some(user), scope, audience: &audience };
        (user, self.server.plant(&app, planted).await)
    }

    /// The same refusals behind every endpoint: without a credential, without the permission, in a foreign
    /// tenant, with an unknown or foreign id, with a body that is none.
    async fn refuses(&self, call: Call, needed: &str, refused: fn(&Answer, u16, &str) -> String) {
        let anonymous = self.send(call.clone().by(Credential::None)).await;
        refused(&anonymous, 401, "credential_required");
        assert_eq!(anonymous.all("www-authenticate").len(), 3);
        let weak = self.server.api_key(&self.tenant, &[Permission::UsersRead], None).await;
        let text =
            refused(&self.send(call.clone().by(Credential::bearer(&weak))).await, 403, "insufficient_scope");
        assert_eq!(text, format!("this needs the permission {needed}"));
        let elsewhere = self.server.tenant(&format!("elsewhere-{needed}").replace(':', "-")).await;
        let foreign = call.header("x-tenant-id", &elsewhere.id.to_string());
        refused(&self.send(foreign).await, 403, "access_denied");
    }

    /// What is refused of a body: none, no JSON, no object, twice the same member, another type, too much.
    async fn refuses_bodies(&self, call: Call, refused: fn(&Answer, u16, &str) -> String) {
        for body in ["", "{", "[]", "null", "\"x\"", r#"{"name":"a","name":"b"}"#, "{\"name\":\"\u{0}\"}"] {
            let text = refused(&self.send(call.clone().raw(body)).await, 400, "invalid_request");
            assert!(text.starts_with("the JSON body: "), "{text}");
        }
        let form = call.clone().header("content-type", "application/x-www-form-urlencoded");
        refused(&self.send(form).await, 415, "unsupported_media_type");
        let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
        refused(&self.send(call.raw(&large)).await, 413, "payload_too_large");
    }
}

/// A refusal in **tenant**'s shape; gives its message.
#[track_caller]
fn in_tenant(answer: &Answer, status: u16, code: &str) -> String {
    let body = answer.json();
    assert_eq!((answer.status, &body["success"]), (status, &json!(false)), "{body}");
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(body["error"]["fields"].is_array(), "{body}");
    like(
        &body,
        &json!({ "success": false, "error": { "code": "", "message": "", "fields": [] } }),
        EVERYTHING,
    );
    text(&body["error"]["message"])
}

/// A refusal in **identity**'s shape; gives its message.
#[track_caller]
fn in_identity(answer: &Answer, status: u16, code: &str) -> String {
    let body = answer.json();
    assert_eq!((answer.status, &body["error"]), (status, &json!(code)), "{body}");
    like(&body, &json!({ "error": "", "message": "" }), EVERYTHING);
    text(&body["message"])
}

/// A refusal in **oauth2**'s shape; gives its message.
#[track_caller]
fn in_oauth2(answer: &Answer, status: u16, page: &str) -> String {
    let body = answer.json();
    assert_eq!(answer.status, status, "{body}");
    like(&body, &json!({ "error": "", "error_description": "", "error_uri": "" }), EVERYTHING);
    let error = writ_core::error::ErrorCode::by_page(page).expect("a page").wire();
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["error_uri"], format!("https://id.example/errors/{error}"), "{body}");
    text(&body["error_description"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Of every member only the type is compared.
const EVERYTHING: &[&str] = &["*"];

/// Holds an answer to a published sample: the same members, no others, the same types, and the same values
/// but for the members named as volatile.
#[track_caller]
fn like(answer: &Value, sample: &Value, volatile: &[&str]) {
    same(answer, sample, volatile, "$");
}

#[track_caller]
fn same(answer: &Value, sample: &Value, volatile: &[&str], at: &str) {
    match (answer, sample) {
        (Value::Object(found), Value::Object(expected)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(found), names(expected), "{at}: {answer}");
            for (name, value) in expected {
                let inner = format!("{at}.{name}");
                let is_volatile = volatile.contains(&name.as_str()) || volatile == EVERYTHING;
                if is_volatile && !value.is_object() {
                    let kind = std::mem::discriminant(&found[name]);
                    assert_eq!(kind, std::mem::discriminant(value), "{inner}: {answer}");
                } else {
                    same(&found[name], value, volatile, &inner);
                }
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{at}: {answer}");
            for (number, (one, other)) in found.iter().zip(expected).enumerate() {
                same(one, other, volatile, &format!("{at}[{number}]"));
            }
        }
        (found, expected) => assert_eq!(found, expected, "{at}"),
    }
}

/// JSON, kept by nobody on the way.
#[track_caller]
fn is_json(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// RFC 3339 in UTC with `Z`.
#[track_caller]
fn is_time(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "{value}");
}

/// The server's own secret: prefix and at least 190 bits of base62.
#[track_caller]
fn is_secret(value: &Value, prefix: &str) {
    let text = value.as_str().unwrap_or_default();
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    assert!(rest.len() >= 32 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");
}

/// The mask of a secret.
#[track_caller]
fn is_mask_of(value: &Value, secret: &Value, prefix: &str) {
    let last_four: String = text(secret).chars().rev().take(4).collect::<String>().chars().rev().collect();
    assert_eq!(*value, format!("{prefix}{}{last_four}", "•".repeat(24)));
}
