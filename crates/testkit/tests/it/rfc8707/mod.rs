//! RFC 8707, Resource Indicators for OAuth 2.0, and the resources that they name; on both engines, at the root and in a
//! tenant.

mod api;
mod consent;
mod introspection;
mod people;
mod token;

use serde_json::{Value, json};
use writ_testkit::{Answer, Credential, TestClient, TestServer, TestTenant};

use crate::flow::{PASSWORD, at, claims};

const TOKEN: &str = "/oauth2/token";
const FILES: &str = "https://files.example";
const MAIL: &str = "https://mail.example/api";

/// A server with a tenant and two APIs, and another one that only `app` may ask for.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
}

impl Stage {
    async fn new(engine: writ_testkit::Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        server.user(&tenant, "ada@example.org", PASSWORD).await;
        server.resource(&tenant, (FILES, "files:read files:write"), |_| {}).await;
        server.resource(&tenant, (MAIL, "mail:send"), |_| {}).await;
        Self { server, tenant }
    }

    async fn usual() -> Self {
        Self::new(writ_testkit::Engine::Sqlite, "default").await
    }

    /// A machine that may have every scope of both.
    async fn machine(&self, client_id: &str) -> TestClient {
        let scope = "read files:read files:write mail:send oauth:read";
        self.server.client(client_id).of(&self.tenant).scope(scope).create().await
    }

    async fn ask(&self, by: impl Into<Credential>, pairs: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = [("grant_type", "client_credentials")].iter().chain(pairs).copied().collect();
        self.server.post(&at(&self.tenant, TOKEN), by, &pairs).await
    }
}

/// `aud` and `scope` of a token that was given.
fn given(answer: &Answer) -> (Value, String) {
    let claims = claims(&answer.member("access_token"));
    assert_eq!(
        claims["scope"].as_str().unwrap_or_default(),
        answer.json()["scope"].as_str().unwrap_or_default()
    );
    (claims["aud"].clone(), claims["scope"].as_str().unwrap_or_default().to_owned())
}

fn both() -> Value {
    json!([FILES, MAIL])
}
