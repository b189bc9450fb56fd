//! RFC 9470: Writ's own APIs say how people have to have signed in who manage a tenant.

use http::Request;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Answer, Engine, TestClient};

use super::scenery::{ADA, Scenery};
use crate::flow::{CALLBACK, PASSWORD, VERIFIER, request, website};
use crate::leaving::set;
use crate::openid_connect::manage_in;

/// An administrator, and the application that they manage with.
struct Console {
    scenery: Scenery,
    console: TestClient,
}

impl Console {
    async fn new(engine: Engine, slug: &str) -> Self {
        let scenery = Scenery::new(engine, slug).await;
        let (server, tenant) = (&scenery.server, &scenery.tenant);
        let console =
            website(server, "console").of(tenant).scope("openid roles users:read users:write tenants:read");
        let console = console.first_party().create().await;
        let path = format!("/api/v1/users/{}", scenery.ada);
        let _ = manage_in(server, tenant, ("PUT", &path), &json!({ "roles": ["admin"] })).await.expect(200);
        Self { scenery, console }
    }

    /// Where Ada signs in for it.
    fn asking(&self, more: &[(&str, &str)]) -> String {
        let more: Vec<_> =
            [("scope", "openid users:read tenants:read")].into_iter().chain(more.iter().copied()).collect();
        self.scenery.at(&request("console", &more))
    }

    async fn token(&self, code: &str) -> String {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.scenery.server.post(&self.scenery.at("/oauth2/token"), &self.console, &pairs).await;
        answer.expect(200).member("access_token")
    }

    async fn people(&self, token: &str) -> Answer {
        let request = Request::get("/api/v1/users").header("authorization", format!("Bearer {token}"));
        self.scenery.server.request(request.body(String::new()).unwrap()).await
    }
}

/// §3: 401 with what is missing, as `acr_values` and `max_age`; §4: an authorization request with these gives a token that is
/// good. Machines and API keys have not signed in, and are not asked.
#[rstest]
#[tokio::test]
async fn who_manages_has_proved_enough_and_not_too_long_ago(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Console::new(engine, slug).await;
    let scenery = &stage.scenery;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&stage.asking(&[])).await;
    let back = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let weak = stage.token(&back.code()).await;
    let _ = stage.people(&weak).await.expect(200);

    set(&scenery.server, &scenery.tenant, json!({ "management_acr": "2", "management_max_age": 300 })).await;
    let refused = stage.people(&weak).await.expect(401);
    assert_eq!(refused.json()["error"], "insufficient_user_authentication");
    let challenge = refused.header("www-authenticate").to_owned();
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.contains(", acr_values=\"2\", max_age=\"300\""), "{challenge}");
    // It is about management alone.
    let own = Request::get(scenery.at("/oauth2/userinfo")).header("authorization", format!("Bearer {weak}"));
    let _ = scenery.server.request(own.body(String::new()).unwrap()).await.expect(200);
    let key = manage_in(&scenery.server, &scenery.tenant, ("GET", "/api/v1/users"), &Value::Null).await;
    let _ = key.expect(200);

    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    let wish = [("acr_values", "2"), ("max_age", "300")];
    let page = agent.open(&stage.asking(&wish)).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "no password again: {}", page.path);
    let back = agent.submit(&page, &[("code", &scenery.code(&secret))]).await;
    let strong = stage.token(&back.code()).await;
    let _ = stage.people(&strong).await.expect(200);
    scenery.server.clock.advance(Seconds(301));
    let late = stage.people(&strong).await.expect(401);
    assert!(late.header("www-authenticate").contains(", acr_values=\"2\", max_age=\"300\""));
    assert!(late.text().contains("more recently"), "{}", late.text());
    set(&scenery.server, &scenery.tenant, json!({ "management_max_age": null })).await;
    let _ = stage.people(&strong).await.expect(200);
    let refused = stage.people(&weak).await.expect(401);
    let challenge = refused.header("www-authenticate");
    assert!(challenge.contains(", acr_values=\"2\"") && !challenge.contains("max_age"), "{challenge}");
}

/// An operator's own tenant counts beside the one that they manage, and so does that one.
#[tokio::test]
async fn both_tenants_are_asked() {
    let stage = Console::new(Engine::Sqlite, "default").await;
    let scenery = &stage.scenery;
    let acme = scenery.server.tenant("acme").await;
    let path = format!("/api/v1/users/{}", scenery.ada);
    let roles = json!({ "roles": ["operator"] });
    let _ = manage_in(&scenery.server, &scenery.tenant, ("PUT", &path), &roles).await.expect(200);
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&stage.asking(&[])).await;
    let back = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let token = stage.token(&back.code()).await;
    let ask = async || {
        let request = Request::get("/api/v1/users")
            .header("authorization", format!("Bearer {token}"))
            .header("x-tenant-id", "acme");
        scenery.server.request(request.body(String::new()).unwrap()).await
    };
    let status = ask().await.status;
    assert_eq!(status, 200);
    for tenant in [&acme, &scenery.tenant] {
        set(&scenery.server, tenant, json!({ "management_acr": "2" })).await;
        assert_eq!(ask().await.status, 401, "{}", tenant.slug);
        set(&scenery.server, tenant, json!({ "management_acr": null })).await;
    }
    assert_eq!(ask().await.status, 200);
}
