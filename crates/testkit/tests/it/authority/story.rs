//! A key with `oauth:write` in one tenant that would become an operator's key in another: every step of that way, and
//! that the honest sign-in which was waiting meanwhile still ends well.

use serde_json::{Value, json};
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Action, Change, Target};
use writ_testkit::{Agent, Engine, TestClient, TestServer, TestTenant};

use super::{Ask, CLIENTS, KEYS, TENANTS, key, set};
use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};

const ADMIN_CLIENTS: &str = "/v1/admin/oauth-clients";

#[tokio::test]
async fn oauth_write_becomes_nobody_on_sqlite() {
    oauth_write_becomes_nobody(Engine::Sqlite).await;
}

#[tokio::test]
async fn oauth_write_becomes_nobody_on_postgres() {
    oauth_write_becomes_nobody(Engine::Postgres).await;
}

async fn oauth_write_becomes_nobody(engine: Engine) {
    let server = TestServer::on(engine).await;
    let acme = server.tenant("acme").await;
    // The attacker has the key of one tenant, the victim is an operator of the other; then the other way round.
    Story::of(&server, (acme.clone(), server.default_tenant())).await.told().await;
    Story::of(&server, (server.default_tenant(), acme.clone())).await.told().await;
    // And both in one tenant.
    let globex = server.tenant("globex").await;
    Story::of(&server, (globex.clone(), globex)).await.told().await;
}

struct Story<'s> {
    server: &'s TestServer,
    /// Where the attacker's key is from, and where the victim administers.
    here: TestTenant,
    there: TestTenant,
    oauth_write: String,
    /// The administrators' application.
    console: TestClient,
    /// Some client of the attacker's tenant.
    stolen: TestClient,
}

impl<'s> Story<'s> {
    async fn of(server: &'s TestServer, (here, there): (TestTenant, TestTenant)) -> Self {
        let oauth_write = key(server, &here, set(&[Permission::OauthRead, Permission::OauthWrite])).await;
        let victim = server.user(&there, "victim@example.org", PASSWORD).await;
        let roles = Change::SetUserRoles {
            user: victim,
            tenant: there.id,
            from: vec!["user".into()],
            to: vec!["operator".into()],
            at: writ_testkit::START,
        };
        server.change(there.id, (Action::UserRolesChanged, Target::User(victim)), roles).await;
        let named = |name: &str| format!("{name}-{}-{}", here.slug, there.slug);
        let everything = super::scope(Permissions::all());
        let console = website(server, &named("console"))
            .of(&there)
            .first_party()
            .interaction()
            .scope(&format!("openid {everything}"))
            .create()
            .await;
        let stolen = website(server, &named("stolen")).of(&here).create().await;
        Self { server, here, there, oauth_write, console, stolen }
    }

    async fn told(self) {
        self.does_not_make_itself_trusted().await;
        self.does_not_touch_what_is_trusted().await;
        let mut attacker = Agent::new(self.server);
        let mut victim = Agent::new(self.server);
        let ask = at(&self.there, &request(&self.console.client_id, &[("scope", "openid keys:write")]));
        let challenge = attacker.open(&ask).await.challenge();
        self.does_not_decide_for_the_victim(&mut victim, &challenge).await;
        self.gets_no_code(&mut attacker, &challenge).await;
        self.the_victim_still_signs_in(&mut victim, &ask).await;
    }

    async fn does_not_make_itself_trusted(&self) {
        let admin = format!("{ADMIN_CLIENTS}/{}", self.stolen.client_id);
        let own = format!("/api/v1/clients/{}", self.stolen.client_id);
        let trusted = json!({ "is_first_party": true });
        let trusted_there = json!({ "first_party": true });
        let new = json!({ "client_name": "New", "redirect_uris": [CALLBACK], "first_party": true });
        let settings = json!({ "settings": { "interaction_clients": [self.stolen.client_id] } });
        for ask in [
            Ask::new("PATCH", &admin).json(&trusted),
            Ask::new("PATCH", &own).json(&trusted_there),
            Ask::put(&own, &trusted_there),
            Ask::post("/api/v1/clients", &new),
            Ask::put(&format!("{TENANTS}/{}", self.here.id), &settings),
            Ask::post(KEYS, &json!({ "name": "wide", "permissions": ["clients:trust"] })),
        ] {
            let answer = ask.clone().key(&self.oauth_write).send(self.server).await;
            assert_eq!(answer.status, 403, "{ask:?}: {}", answer.text());
        }
        let boss = key(self.server, &self.here, Permissions::all()).await;
        let client = Ask::get(&own).key(&boss).send(self.server).await.expect(200).json();
        assert_eq!(client["first_party"], json!(false), "{client}");
    }

    /// Not its redirect URIs, not its secret, not its end.
    async fn does_not_touch_what_is_trusted(&self) {
        let by = key(self.server, &self.there, set(&[Permission::OauthRead, Permission::OauthWrite])).await;
        let id = &self.console.client_id;
        let elsewhere = json!({ "redirect_uris": ["https://attacker.example/cb"] });
        let before = self.console_as_stored().await;
        for ask in [
            Ask::new("PATCH", &format!("{ADMIN_CLIENTS}/{id}")).json(&elsewhere),
            Ask::new("PATCH", &format!("/api/v1/clients/{id}")).json(&elsewhere),
            Ask::put(
                &format!("{CLIENTS}/{id}"),
                &json!({ "redirect_uris": ["https://attacker.example/cb"] }),
            ),
            Ask::post(&format!("{ADMIN_CLIENTS}/{id}/rotate-secret"), &json!({})),
            Ask::delete(&format!("{ADMIN_CLIENTS}/{id}")),
            Ask::delete(&format!("{CLIENTS}/{id}")),
        ] {
            let answer = ask.clone().key(&by).send(self.server).await;
            assert!(
                answer.status >= 400 && answer.status < 500,
                "{ask:?}: {} {}",
                answer.status,
                answer.text()
            );
        }
        assert_eq!(self.console_as_stored().await, before);
    }

    async fn console_as_stored(&self) -> Value {
        let boss = key(self.server, &self.there, Permissions::all()).await;
        let path = format!("/api/v1/clients/{}", self.console.client_id);
        Ask::get(&path).key(&boss).send(self.server).await.expect(200).json()
    }

    /// Whatever token of the victim an application of the attacker's has been sent.
    async fn does_not_decide_for_the_victim(&self, victim: &mut Agent<'_>, challenge: &str) {
        let third = website(self.server, &format!("third-{}-{}", self.here.slug, self.there.slug));
        let third = third.of(&self.there).create().await;
        let mut page = victim.open(&at(&self.there, &request(&third.client_id, &[]))).await;
        page = victim.submit(&page, &[("username", "victim@example.org"), ("password", PASSWORD)]).await;
        if page.location().is_none() {
            page = victim.submit(&page, &[("decision", "allow")]).await;
        }
        let sent = self.redeemed(&third, &page.code()).await;
        let body = json!({ "loginChallenge": challenge, "approved": true });
        let path = at(&self.there, "/api/v1/oauth/consent");
        for by in [&sent, &self.oauth_write] {
            let answer = Ask::post(&path, &body).key(by).send(self.server).await;
            assert!([401, 403].contains(&answer.status), "{} {}", answer.status, answer.text());
            let answer = Ask::get(&format!("{path}/{challenge}")).key(by).send(self.server).await;
            assert!([401, 403].contains(&answer.status), "{} {}", answer.status, answer.text());
        }
    }

    async fn gets_no_code(&self, attacker: &mut Agent<'_>, challenge: &str) {
        let page = attacker.get(&at(&self.there, &format!("/consent?login_challenge={challenge}"))).await;
        assert!(page.location().is_none_or(|to| !to.contains("code=")), "{:?}", page.location());
        assert!(!page.text().contains("code_"), "{}", page.text());
        // The challenge that nobody decided is still the browser's that began it: its own sign-in page.
        let page = attacker.get(&at(&self.there, &format!("/login?login_challenge={challenge}"))).await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
    }

    async fn the_victim_still_signs_in(&self, victim: &mut Agent<'_>, ask: &str) {
        let mut page = victim.open(ask).await;
        if page.path.contains("/login") {
            page = victim.submit(&page, &[("username", "victim@example.org"), ("password", PASSWORD)]).await;
        }
        // Permissions are agreed to on Writ's own page, even for the tenant's own application.
        if page.location().is_none() {
            page = victim.submit(&page, &[("decision", "allow")]).await;
        }
        let token = self.redeemed(&self.console, &page.code()).await;
        let path = at(&self.there, KEYS);
        let new = json!({ "name": "honest", "permissions": ["keys:write"] });
        let _ = Ask::post(&path, &new).key(&token).send(self.server).await.expect(201);
    }

    async fn redeemed(&self, client: &TestClient, code: &str) -> String {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.server.post(&at(&self.there, "/oauth2/token"), client, &pairs).await;
        answer.expect(200).member("access_token")
    }
}
