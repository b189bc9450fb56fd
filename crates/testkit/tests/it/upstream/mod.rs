//! Signing in at another identity provider: OpenID Connect Core §3.1 and RFC 6749 §4.1, with Writ as the client.

mod attacks;
mod connections;
mod management;
mod sign_in;

use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, Engine, Page, TestClient, TestServer, TestTenant, UpstreamHost, form};

use crate::flow::{CALLBACK, VERIFIER, at, claims, request, website};
use crate::openid_connect::manage_in;

const PROVIDERS: &str = "/api/v1/identity-providers";
const ADA: &str = "ada@example.org";

/// A tenant whose people can sign in at another provider, and an application of its own.
pub(super) struct Scene {
    pub(super) server: TestServer,
    pub(super) tenant: TestTenant,
    pub(super) host: UpstreamHost,
    pub(super) site: TestClient,
}

/// Somebody who was sent away.
pub(super) struct Away {
    /// What stands in the address of the provider.
    pub(super) sent: std::collections::BTreeMap<String, String>,
    pub(super) page: Page,
}

impl Scene {
    pub(super) async fn new(engine: Engine, slug: &str) -> Self {
        let host = UpstreamHost::start().await;
        let builder = TestServer::builder().outbound(host.settings());
        let builder = match engine {
            Engine::Sqlite => builder,
            Engine::Postgres => builder.database(&writ_testkit::postgres::fresh_database().await.unwrap()),
        };
        let server = builder.start().await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let site = website(&server, "site").of(&tenant).scope("openid profile email").first_party();
        let site = site.create().await;
        let scene = Self { server, tenant, host, site };
        let _ = scene.provider(&json!({})).await.expect(201);
        scene
    }

    /// Adds the provider, with some members that are other.
    pub(super) async fn provider(&self, other: &Value) -> Answer {
        let mut body = json!({
            "slug": "up", "preset": "openid", "name": "Upstream", "issuer": self.host.issuer,
            "client_id": "writ-at-up", "client_secret": "s3cret of writ",
        });
        for (name, value) in other.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.manage(("POST", PROVIDERS), &body).await
    }

    pub(super) async fn change(&self, body: &Value) -> Value {
        self.manage(("PATCH", &format!("{PROVIDERS}/up")), body).await.expect(200).json()
    }

    pub(super) async fn manage(&self, what: (&str, &str), body: &Value) -> Answer {
        manage_in(&self.server, &self.tenant, what, body).await
    }

    pub(super) fn at(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    pub(super) fn now(&self) -> i64 {
        self.server.app.clock.now().as_secs()
    }

    /// Somebody opens the sign-in page of the application, and chooses the provider.
    pub(super) async fn away(&self, agent: &mut Agent<'_>, more: &[(&str, &str)]) -> Away {
        let more: Vec<_> =
            [("scope", "openid profile email")].into_iter().chain(more.iter().copied()).collect();
        let page = agent.open(&self.at(&request("site", &more))).await;
        let page = agent.get(&page.link("Continue with Upstream")).await;
        self.sent_away(page)
    }

    /// A page that leads to the provider.
    pub(super) fn sent_away(&self, page: Page) -> Away {
        let location = page.location().unwrap_or_else(|| panic!("{}", page.text()));
        assert!(location.starts_with(&format!("{}/authorize?", self.host.issuer)), "{location}");
        Away { sent: page.sent(), page }
    }

    /// The provider knows who it is, and sends the browser back.
    pub(super) async fn back(&self, agent: &mut Agent<'_>, away: &Away, person: &Value) -> Page {
        self.host.knows(("writ-at-up", &away.sent["nonce"], self.now()), person);
        self.returned(agent, &[("code", "upstream-code"), ("state", &away.sent["state"])]).await
    }

    /// The browser comes back with this.
    pub(super) async fn returned(&self, agent: &mut Agent<'_>, pairs: &[(&str, &str)]) -> Page {
        agent.open(&self.at(&format!("/login/with/up/callback?{}", form(pairs)))).await
    }

    pub(super) async fn id_token(&self, code: &str) -> Value {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.server.post(&self.at("/oauth2/token"), &self.site, &pairs).await;
        claims(answer.expect(200).json()["id_token"].as_str().unwrap())
    }

    /// The account whose owner an ID token is about.
    pub(super) async fn id_of(&self, claims: &Value) -> String {
        let path = format!("/api/v1/users?sub={}", claims["sub"].as_str().unwrap());
        let found = self.manage(("GET", &path), &Value::Null).await.expect(200).json();
        found["users"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Somebody whom the provider knows signs in, all the way.
    pub(super) async fn signs_in(&self, person: &Value) -> Value {
        let mut agent = Agent::new(&self.server);
        let away = self.away(&mut agent, &[]).await;
        let page = self.back(&mut agent, &away, person).await;
        self.id_token(&page.code()).await
    }
}

/// Somebody whose address the provider has seen.
pub(super) fn ada() -> Value {
    json!({ "email": ADA, "email_verified": true, "name": "Ada Lovelace", "preferred_username": "ada" })
}
