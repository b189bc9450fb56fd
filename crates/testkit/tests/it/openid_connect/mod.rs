//! OpenID Connect Core 1.0: ID tokens as a client gets them.

mod asked;
mod claims;
mod encrypted_answers;
mod encrypted_elsewhere;
pub(crate) mod encryption;
mod pairwise;
mod roles;
mod signed;
mod signing;
mod third_party;

use http::{Request, header};
use jsonwebtoken::Header;
use serde_json::Value;
use writ_core::ids::UserId;
use writ_testkit::{Agent, Answer, Credential, Engine, TestClient, TestServer, TestTenant};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, code, redeem, request, sign_in, website};

const JWKS: &str = "/.well-known/jwks.json";

/// A request to the management API, as the operator.
pub(crate) async fn manage(server: &TestServer, (method, path): (&str, &str), body: &Value) -> Answer {
    let by = Credential::bearer(&server.management_key());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, by.header().unwrap())
        .header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

/// The same, about a tenant.
pub(crate) async fn manage_in(
    server: &TestServer,
    tenant: &TestTenant,
    (method, path): (&str, &str),
    body: &Value,
) -> Answer {
    let by = Credential::bearer(&server.management_key());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-tenant-id", tenant.id.to_string())
        .header(header::AUTHORIZATION, by.header().unwrap())
        .header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

/// Ada's tenant, an application in it, and who she is there.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    ada: UserId,
}

impl Stage {
    /// On an engine, at the root or in a tenant.
    async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let ada = server.user(&tenant, "ada@example.org", PASSWORD).await;
        Self { server, tenant, ada }
    }

    async fn manage(&self, what: (&str, &str), body: &Value) -> Answer {
        manage_in(&self.server, &self.tenant, what, body).await
    }

    /// An application of the tenant's own that may have these scopes.
    async fn site(&self, client_id: &str, scope: &str) -> TestClient {
        website(&self.server, client_id).of(&self.tenant).scope(scope).first_party().create().await
    }

    fn at(&self, path: &str) -> String {
        crate::flow::at(&self.tenant, path)
    }

    /// What Ada brings an application.
    async fn tokens(&self, client: &TestClient, scope: &str) -> Value {
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&self.at(&request(&client.client_id, &[("scope", scope)]))).await;
        let page = sign_in(&mut agent, &page).await;
        self.redeemed(client, &page.code()).await
    }

    async fn redeemed(&self, client: &TestClient, code: &str) -> Value {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&self.at("/oauth2/token"), client, &pairs).await.expect(200).json()
    }

    async fn refreshed(&self, client: &TestClient, before: &Value) -> Value {
        let pairs =
            [("grant_type", "refresh_token"), ("refresh_token", before["refresh_token"].as_str().unwrap())];
        self.server.post(&self.at("/oauth2/token"), client, &pairs).await.expect(200).json()
    }

    async fn userinfo(&self, tokens: &Value) -> Value {
        let token = tokens["access_token"].as_str().unwrap();
        let request = Request::get(self.at("/oauth2/userinfo"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.server.request(request.body("").unwrap()).await.expect(200).json()
    }

    async fn introspected(&self, client: &TestClient, token: &Value) -> Value {
        let pairs = [("token", token.as_str().unwrap())];
        self.server.post(&self.at("/oauth2/introspect"), client, &pairs).await.expect(200).json()
    }
}

/// What somebody who signs in here brings the client.
async fn tokens(server: &TestServer, client: &TestClient) -> Value {
    let mut agent = Agent::new(server);
    let code = code(&mut agent, client, &[]).await.code();
    redeem(server, client, &code).await.expect(200).json()
}

/// Verifies a token with the published keys, by another implementation; gives its header and claims.
async fn verified(server: &TestServer, token: &str) -> (Header, Value) {
    crate::rfc9068::verified(server, JWKS, token).await
}
