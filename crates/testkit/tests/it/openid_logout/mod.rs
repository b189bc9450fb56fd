//! OpenID Connect RP-Initiated Logout, Back-Channel Logout, Front-Channel Logout and Session Management 1.0.

mod backchannel;
mod delivery;
mod frontchannel;
mod rp_initiated;
mod session;
mod ways;

use http::{Request, header};
use serde_json::Value;
use writ_core::ids::UserId;
use writ_testkit::{
    Agent, Answer, Credential, Engine, GivenClient, RelyingParty, TestClient, TestServer, TestTenant,
};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};

pub(super) const ADA: &str = "ada@example.org";

/// Ada's tenant, and applications that hear of sign-outs.
pub(super) struct Stage {
    pub server: TestServer,
    pub tenant: TestTenant,
    pub ada: UserId,
    pub rp: RelyingParty,
}

impl Stage {
    /// On an engine, at the root or in a tenant.
    pub async fn on(engine: Engine, slug: &str) -> Self {
        let rp = RelyingParty::start().await;
        let mut builder = TestServer::builder().outbound(rp.settings());
        if engine == Engine::Postgres {
            builder = builder.database(&writ_testkit::postgres::fresh_database().await.unwrap());
        }
        let server = builder.start().await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let ada = server.user(&tenant, ADA, PASSWORD).await;
        Self { server, tenant, ada, rp }
    }

    pub async fn new(slug: &str) -> Self {
        Self::on(Engine::Sqlite, slug).await
    }

    /// An application of the tenant's own.
    pub fn site(&self, client_id: &str) -> GivenClient<'_> {
        website(&self.server, client_id).of(&self.tenant).first_party()
    }

    /// One that is told by the server, at a path that is its name.
    pub fn told(&self, client_id: &str) -> GivenClient<'_> {
        self.site(client_id).backchannel(&self.rp.uri(&format!("/{client_id}")))
    }

    pub fn at(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    /// From a request to the tokens, with whatever is asked on the way.
    pub async fn tokens(&self, agent: &mut Agent<'_>, client: &TestClient, more: &[(&str, &str)]) -> Value {
        let mut page = agent.open(&self.at(&request(&client.client_id, more))).await;
        if page.path.contains("/login") {
            page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
        }
        if page.path.contains("/consent") && page.location().is_none() {
            page = agent.submit(&page, &[("decision", "allow")]).await;
        }
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*page.code()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&self.at("/oauth2/token"), client, &pairs).await.expect(200).json()
    }

    /// Signs out on the tenant's own page.
    pub async fn sign_out(&self, agent: &mut Agent<'_>) -> writ_testkit::Page {
        let page = agent.open(&self.at("/logout")).await;
        agent.submit(&page, &[("decision", "logout")]).await
    }

    /// A request to the management API about the tenant, as the operator.
    pub async fn manage(&self, (method, path): (&str, &str), body: &Value) -> Answer {
        let by = Credential::bearer(&self.server.management_key());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-tenant-id", self.tenant.id.to_string())
            .header(header::AUTHORIZATION, by.header().unwrap())
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.request(request.body(body).unwrap()).await
    }

    /// What the job does that tells applications.
    pub async fn deliver(&self) {
        writ_server::backchannel::tell_all(&self.server.app).await.unwrap();
    }

    /// The claims of the logout tokens that an application was sent.
    pub fn heard(&self, client_id: &str) -> Vec<Value> {
        let posted = self.rp.posted(&format!("/{client_id}"));
        posted.iter().map(|posted| crate::flow::claims(&posted.field("logout_token"))).collect()
    }
}

/// The claims of the ID token in an answer.
pub(super) fn id_token(tokens: &Value) -> Value {
    crate::flow::claims(tokens["id_token"].as_str().unwrap())
}
