//! Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document-01): clients that nobody has registered, whose
//! `client_id` is the address of a document that says what they are.

mod attacks;
mod begin;
mod bounds;
mod changes;
mod tenants;

use http::{Request, header};
use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, Credential, Engine, KeysHost, Page, TestServer, TestTenant};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, request};

const JSON: &str = "content-type: application/json\r\n";

/// A server, a tenant that takes documents, and the host of one.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    host: KeysHost,
}

impl Stage {
    async fn new() -> Self {
        Self::on(Engine::Sqlite, "default").await
    }

    async fn on(engine: Engine, slug: &str) -> Self {
        let host = KeysHost::with("{}").await;
        let mut builder = TestServer::builder().outbound(host.settings());
        if let Engine::Postgres = engine {
            builder = builder.database(&writ_testkit::postgres::fresh_database().await.unwrap());
        }
        let server = builder.start().await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        server.user(&tenant, "ada@example.org", PASSWORD).await;
        let stage = Self { server, tenant, host };
        stage.set(json!({ "client_documents": true })).await;
        stage.says(&json!({}));
        stage
    }

    /// Changes settings of the tenant, as the operator.
    async fn set(&self, settings: Value) {
        set(&self.server, &self.tenant, settings).await;
    }

    /// The client's id: where its document is.
    fn id(&self) -> &str {
        &self.host.uri
    }

    /// What its document says, with some members that are other; null removes one.
    fn document(&self, other: &Value) -> Value {
        document(self.id(), other)
    }

    /// The host has such a document from now on.
    fn says(&self, other: &Value) {
        self.host.says("200 OK", JSON, self.document(other).to_string());
    }

    fn path(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    /// An authorization request of the client.
    fn request(&self, more: &[(&str, &str)]) -> String {
        let usual = [("scope", "openid email")];
        let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let more: Vec<_> = usual.chain(more.iter().copied()).collect();
        self.path(&request(self.id(), &more))
    }

    async fn begin(&self, agent: &mut Agent<'_>) -> Page {
        agent.open(&self.request(&[])).await
    }

    /// From the request to the code, by somebody who signs in and agrees.
    async fn code(&self, more: &[(&str, &str)]) -> String {
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&self.request(more)).await;
        let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        // Whoever has agreed before is not asked again.
        if page.location().is_some() {
            return page.code();
        }
        agent.submit(&page, &[("decision", "allow")]).await.code()
    }

    async fn redeem(&self, code: &str) -> Answer {
        self.redeem_at(CALLBACK, code).await
    }

    async fn redeem_at(&self, callback: &str, code: &str) -> Answer {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&self.path("/oauth2/token"), Credential::public(self.id()), &pairs).await
    }

    async fn tokens(&self) -> Value {
        self.redeem(&self.code(&[]).await).await.expect(200).json()
    }

    async fn refresh(&self, token: &str) -> Answer {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.server.post(&self.path("/oauth2/token"), Credential::public(self.id()), &pairs).await
    }

    /// What administrators see of the client; null where it is not there.
    async fn shown(&self) -> Value {
        let listed =
            manage(&self.server, &self.tenant, ("GET", "/api/v1/clients?limit=100"), &Value::Null).await;
        let listed = listed.expect(200).json();
        let all = listed["clients"].as_array().unwrap();
        all.iter().find(|client| client["client_id"] == self.id()).cloned().unwrap_or_default()
    }
}

/// What a document at an address says, with some members that are other; null removes one.
fn document(id: &str, other: &Value) -> Value {
    let mut document = json!({
        "client_id": id,
        "client_name": "Fieldnotes",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in other.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    document
}

async fn manage(
    server: &TestServer,
    tenant: &TestTenant,
    (method, path): (&str, &str),
    body: &Value,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", tenant.id.to_string());
    if body.is_null() {
        return server.request(request.body(String::new()).unwrap()).await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

async fn set(server: &TestServer, tenant: &TestTenant, settings: Value) {
    let path = format!("/api/v1/tenants/{}", tenant.slug);
    let _ = manage(server, tenant, ("PUT", &path), &json!({ "settings": settings })).await.expect(200);
}

/// Whether the browser was left on a page that says why, and sent nowhere.
fn is_refused(page: &Page) -> bool {
    page.location().is_none() && page.text().contains("Request refused")
}
