//! RFC 8628, OAuth 2.0 Device Authorization Grant, section by section; on both engines, at the root and in a tenant.

mod attacks;
mod ends;
mod page;
mod protocol;
mod registration;

use serde_json::Value;
use writ_core::client::{ClientKind, GrantType};
use writ_core::ids::UserId;
use writ_core::time::Seconds;
use writ_testkit::{
    Agent, Answer, Credential, Engine, GivenClient, Page, TestClient, TestServer, TestTenant,
};

use crate::flow::{PASSWORD, Pairs, at};

const BEGIN: &str = "/oauth2/device_authorization";
const TOKEN: &str = "/oauth2/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A client of television sets: public, and for devices alone.
fn television<'s>(server: &'s TestServer, client_id: &str) -> GivenClient<'s> {
    let grants = [GrantType::DeviceCode, GrantType::RefreshToken];
    server
        .client(client_id)
        .kind(ClientKind::Native)
        .grants(&grants)
        .scope("openid read write offline_access")
}

/// A server with a tenant, its person and a client for devices.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    client: TestClient,
    person: UserId,
}

impl Stage {
    async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let person = server.user(&tenant, "ada@example.org", PASSWORD).await;
        let client = television(&server, "tv").of(&tenant).create().await;
        Self { server, tenant, client, person }
    }

    async fn usual() -> Self {
        Self::new(Engine::Sqlite, "default").await
    }

    fn at(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    /// Sends a device's request.
    async fn send(&self, by: impl Into<Credential>, pairs: Pairs<'_>) -> Answer {
        self.server.post(&self.at(BEGIN), by, pairs).await
    }

    /// A device that waits for its person.
    async fn begin(&self) -> Waiting {
        let told = self.send(&self.client, &[("scope", "openid read")]).await.expect(200).json();
        Waiting(told)
    }

    /// The device asks.
    async fn poll(&self, device: &Waiting) -> Answer {
        self.poll_as(&self.client, device.text("device_code")).await
    }

    async fn poll_as(&self, by: impl Into<Credential>, code: &str) -> Answer {
        let pairs = [("grant_type", GRANT), ("device_code", code)];
        self.server.post(&self.at(TOKEN), by, &pairs).await
    }

    /// So much time that the device may ask again.
    fn later(&self) {
        self.server.clock.advance(Seconds(5));
    }

    /// The page on which a person decides about a device, once they have followed its code and signed in.
    async fn consent(&self, agent: &mut Agent<'_>, device: &Waiting) -> Page {
        let page = agent.open(&self.at(&format!("/device?user_code={}", device.text("user_code")))).await;
        let page = if page.path.contains("/login") { sign_in(agent, &page).await } else { page };
        assert!(page.path.contains("/consent?"), "{}: {}", page.path, page.text());
        page
    }

    /// A person says yes.
    async fn allow(&self, agent: &mut Agent<'_>, device: &Waiting) -> Page {
        let page = self.consent(agent, device).await;
        agent.submit(&page, &[("decision", "allow")]).await
    }
}

async fn sign_in(agent: &mut Agent<'_>, page: &Page) -> Page {
    agent.submit(page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await
}

/// What a device was told.
struct Waiting(Value);

impl Waiting {
    #[track_caller]
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.0))
    }
}
