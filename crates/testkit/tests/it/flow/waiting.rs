//! Answers that wait at Writ: to whom they leave, and what ends them while they wait.

use http::Request;
use serde_json::json;
use writ_core::change::{Action, Change, Enabled, Target};
use writ_core::ids::UserId;
use writ_core::settings::{ConsentReturn, TenantSettings};
use writ_server::state::clock::Clock as _;
use writ_testkit::{Agent, Answer, Page, Planted, TestClient, TestServer, TestTenant};

use super::{CALLBACK, PASSWORD, VERIFIER, request, website};

const ADA: &str = "ada@example.org";

/// A tenant with a person, its own application, and another that asks.
struct Stage<'s> {
    server: &'s TestServer,
    tenant: TestTenant,
    user: UserId,
    own: TestClient,
    site: TestClient,
}

impl<'s> Stage<'s> {
    async fn of(server: &'s TestServer, tenant: TestTenant) -> Self {
        let user = server.user(&tenant, ADA, PASSWORD).await;
        server.user(&tenant, "bob", PASSWORD).await;
        let named = |name: &str| format!("{name}-{}", tenant.slug);
        let own = website(server, &named("own")).of(&tenant).first_party().interaction().create().await;
        let site = website(server, &named("site")).of(&tenant).create().await;
        Self { server, tenant, user, own, site }
    }

    fn ask(&self, client: &TestClient, more: &[(&str, &str)]) -> String {
        super::at(&self.tenant, &request(&client.client_id, more))
    }

    async fn redeem(&self, client: &TestClient, code: &str) -> Answer {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&super::at(&self.tenant, "/oauth2/token"), client, &pairs).await
    }

    /// Signs in as somebody, and gives their token through the tenant's own application.
    async fn token(&self, agent: &mut Agent<'_>, name: &str) -> String {
        let page = agent.open(&self.ask(&self.own, &[])).await;
        let back = agent.submit(&page, &[("username", name), ("password", PASSWORD)]).await;
        self.redeem(&self.own, &back.code()).await.expect(200).member("access_token")
    }

    /// A challenge that begins in this browser.
    async fn begun(&self, agent: &mut Agent<'_>, more: &[(&str, &str)]) -> String {
        let to = agent.get(&self.ask(&self.site, more)).await.location().unwrap();
        to.split_once("login_challenge=").unwrap().1.to_owned()
    }

    async fn decide(&self, token: &str, challenge: &str, approved: bool) -> Answer {
        let body = json!({ "loginChallenge": challenge, "approved": approved });
        let request = Request::post(super::at(&self.tenant, "/api/v1/oauth/consent"))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        self.server.request(request.body(body.to_string()).unwrap()).await
    }

    /// Where the decider's browser is sent.
    async fn agreed(&self, token: &str, challenge: &str) -> String {
        let answer = self.decide(token, challenge, true).await.expect(200).json();
        let to = answer["data"]["redirectTo"].as_str().unwrap();
        to.strip_prefix(&self.server.base).unwrap().to_owned()
    }
}

async fn resuming(server: &TestServer) -> TestTenant {
    let resume = TenantSettings { consent_return: ConsentReturn::Resume, ..TenantSettings::default() };
    server.tenant_with("acme", resume).await
}

#[track_caller]
fn nothing(page: &Page) {
    assert_eq!((page.answer.status, page.location()), (400, None), "{}", page.text());
    assert!(!page.text().contains("code_"), "{}", page.text());
}

/// AUTHORITY: neither who began the request nor who decided it fetches the answer alone.
#[tokio::test]
async fn an_answer_that_waits_needs_the_cookie_and_the_secret() {
    let server = TestServer::start().await;
    let acme = resuming(&server).await;
    for (tenant, more) in [
        (server.default_tenant(), &[("response_mode", "form_post")][..]),
        (acme, &[("response_mode", "query")]),
    ] {
        let stage = Stage::of(&server, tenant).await;
        let (mut victim, mut attacker) = (Agent::new(&server), Agent::new(&server));
        let token = stage.token(&mut victim, ADA).await;
        let challenge = stage.begun(&mut attacker, more).await;
        let here = stage.agreed(&token, &challenge).await;
        let (bare, secret) = here.split_once("&consent_verifier=").unwrap();
        assert!(secret.starts_with("cv_"), "{secret}");
        nothing(&attacker.get(bare).await);
        nothing(&attacker.get(&format!("{bare}&consent_verifier=cv_guess")).await);
        nothing(&victim.get(&here).await);
        nothing(&victim.get(bare).await);
        // Where both come together, as in a request that the decider's own browser began, it leaves, once.
        let challenge = stage.begun(&mut victim, more).await;
        let here = stage.agreed(&token, &challenge).await;
        let left = victim.get(&here).await;
        assert!(left.location().is_some_and(|to| to.contains("code=")) || left.text().contains("code_"));
        nothing(&victim.get(&here).await);
        // A no needs both as well.
        let challenge = stage.begun(&mut attacker, more).await;
        let _ = stage.decide(&token, &challenge, false).await.expect(200);
        nothing(
            &attacker.get(&super::at(&stage.tenant, &format!("/consent?login_challenge={challenge}"))).await,
        );
    }
}

/// AUTHORITY: whoever is signed in in the browser when the request begins, is decided, or is answered, is the decider.
#[tokio::test]
async fn nobody_else_may_be_signed_in_where_the_answer_goes() {
    let server = TestServer::start().await;
    let stage = Stage::of(&server, resuming(&server).await).await;
    let mut ada = Agent::new(&server);
    let token = stage.token(&mut ada, ADA).await;
    // Begun where nobody was signed in; then Bob signs in there.
    let mut shared = Agent::new(&server);
    let challenge = stage.begun(&mut shared, &[]).await;
    stage.token(&mut shared, "bob").await;
    let _ = stage.decide(&token, &challenge, true).await.expect(404);
    // Decided while nobody was; then Bob signs in.
    let mut shared = Agent::new(&server);
    let challenge = stage.begun(&mut shared, &[]).await;
    let here = stage.agreed(&token, &challenge).await;
    stage.token(&mut shared, "bob").await;
    let page = shared.get(&here).await;
    nothing(&page);
    assert!(page.text().contains("Somebody else agreed"), "{}", page.text());
    // Nobody is, behind a login page of the tenant's own: cookie and secret bind it.
    let mut other = Agent::new(&server);
    let challenge = stage.begun(&mut other, &[]).await;
    let here = stage.agreed(&token, &challenge).await;
    assert!(!other.get(&here).await.code().is_empty());
}

/// The code in a redirect, or in the form that is posted on.
#[track_caller]
fn code_of(page: &Page) -> String {
    match page.location() {
        Some(_) => page.code(),
        None => page.form().fields.into_iter().find(|(name, _)| name == "code").expect("a code").1,
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    SignOut,
    SessionEnded,
    Password,
    DisabledAndEnabled,
    Disabled,
    Deleted,
    BulkRevoke,
    BulkRevokeBetween,
    Consent,
}

impl End {
    const ALL: [Self; 9] = [
        Self::SignOut,
        Self::SessionEnded,
        Self::Password,
        Self::DisabledAndEnabled,
        Self::Disabled,
        Self::Deleted,
        Self::BulkRevoke,
        Self::BulkRevokeBetween,
        Self::Consent,
    ];

    async fn happen(self, stage: &Stage<'_>, agent: &mut Agent<'_>) {
        let (server, user, tenant) = (stage.server, stage.user, &stage.tenant);
        let api = async |method: &str, path: &str, body: serde_json::Value| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {}", server.management_key()))
                .header("x-tenant-id", tenant.id.to_string())
                .header("content-type", "application/json");
            let answer = server.request(request.body(body.to_string()).unwrap()).await;
            assert!(answer.status < 300, "{path}: {}", answer.text());
            answer
        };
        let enabled = async |enabled| {
            let change = Change::SetUserEnabled { user, tenant: tenant.id, enabled, at: server.clock.now() };
            server.change(tenant.id, (Action::UserUpdated, Target::User(user)), change).await;
        };
        match self {
            Self::SignOut => {
                let page = agent.open(&super::at(tenant, "/logout")).await;
                agent.submit(&page, &[("decision", "logout")]).await;
            }
            Self::SessionEnded => {
                let list = api("GET", "/api/v1/oauth/sessions", json!(null)).await.json();
                for session in list["sessions"].as_array().unwrap() {
                    let path = format!("/api/v1/oauth/sessions/{}", session["id"].as_str().unwrap());
                    api("DELETE", &path, json!(null)).await;
                }
            }
            Self::Password => {
                let path = format!("/api/v1/users/{user}");
                api("PUT", &path, json!({ "password": "another good passphrase" })).await;
            }
            Self::DisabledAndEnabled => {
                enabled(Enabled::No).await;
                enabled(Enabled::Yes).await;
            }
            Self::Disabled => enabled(Enabled::No).await,
            Self::Deleted => {
                api("DELETE", &format!("/api/v1/users/{user}"), json!(null)).await;
            }
            Self::BulkRevoke => {
                api("POST", "/api/v1/oauth/tokens/bulk-revoke", json!({ "user_id": user.to_string() })).await;
            }
            Self::BulkRevokeBetween => {
                let body = json!({ "user_id": user.to_string(), "client_id": stage.site.client_id });
                api("POST", "/api/v1/oauth/tokens/bulk-revoke", body).await;
            }
            Self::Consent => {
                let list = api("GET", "/api/v1/oauth/consents", json!(null)).await.json();
                for consent in list["consents"].as_array().unwrap() {
                    let path = format!("/api/v1/oauth/consents/{}", consent["id"].as_str().unwrap());
                    api("DELETE", &path, json!(null)).await;
                }
            }
        }
    }
}

/// What ends a sign-in, or what came of it, ends what was decided there and waits: on Writ's own page, and through the
/// tenant's application.
#[tokio::test]
async fn whatever_ends_a_decision_ends_it_while_it_waits() {
    let server = TestServer::start().await;
    for (n, end) in End::ALL.into_iter().enumerate() {
        for resume in [false, true] {
            let slug = format!("t{n}{}", u8::from(resume));
            let consent_return = if resume { ConsentReturn::Resume } else { ConsentReturn::Direct };
            let tenant =
                server.tenant_with(&slug, TenantSettings { consent_return, ..TenantSettings::default() });
            let stage = Stage::of(&server, tenant.await).await;
            let mut agent = Agent::new(&server);
            let token = stage.token(&mut agent, ADA).await;
            let here = if resume {
                let challenge = stage.begun(&mut agent, &[]).await;
                stage.agreed(&token, &challenge).await
            } else {
                let page = agent.open(&stage.ask(&stage.site, &[("response_mode", "form_post")])).await;
                let decided = agent.send_form(&page, &[("decision", "allow")]).await;
                decided.location().unwrap()
            };
            end.happen(&stage, &mut agent).await;
            let page = agent.open(&here).await;
            assert!(page.answer.status == 400, "{end:?} {resume}: {} {}", page.answer.status, page.text());
            nothing(&page);
        }
    }
}

/// AUTHORITY: ending a session ends the grants made in it, except those with `offline_access`, in every response mode.
#[tokio::test]
async fn signing_out_ends_what_was_granted_however_it_was_answered() {
    let server = TestServer::start().await;
    let acme = resuming(&server).await;
    for tenant in [server.default_tenant(), acme] {
        let stage = Stage::of(&server, tenant).await;
        for (own_page, mode) in [(true, "query"), (true, "form_post"), (false, "query"), (false, "form_post")]
        {
            for scope in ["openid read", "openid offline_access"] {
                let mut agent = Agent::new(&server);
                let token = stage.token(&mut agent, ADA).await;
                let more = [("response_mode", mode), ("scope", scope), ("prompt", "consent")];
                let code = if own_page {
                    let page = agent.open(&stage.ask(&stage.site, &more)).await;
                    code_of(&agent.submit(&page, &[("decision", "allow")]).await)
                } else {
                    let challenge = stage.begun(&mut agent, &more).await;
                    let answer = stage.decide(&token, &challenge, true).await.expect(200).json();
                    let to = answer["data"]["redirectTo"].as_str().unwrap().to_owned();
                    if let Some(here) = to.strip_prefix(&server.base) {
                        code_of(&agent.get(here).await)
                    } else {
                        let (_, code) = to.split_once("code=").unwrap();
                        code.split('&').next().unwrap().to_owned()
                    }
                };
                let tokens = stage.redeem(&stage.site, &code).await.expect(200).json();
                let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
                assert!(server.is_active(&stage.site, &text("access_token")).await);
                End::SignOut.happen(&stage, &mut agent).await;
                let offline = scope.contains("offline");
                let about = format!("{own_page} {mode} {scope}");
                assert_eq!(server.is_active(&stage.site, &text("access_token")).await, offline, "{about}");
                let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*text("refresh_token"))];
                let again =
                    server.post(&super::at(&stage.tenant, "/oauth2/token"), &stage.site, &pairs).await;
                assert_eq!(again.status, if offline { 200 } else { 400 }, "{about}");
            }
        }
    }
}

/// A person who was locked out decides nothing more, and is told so properly.
#[tokio::test]
async fn a_person_who_is_locked_out_gets_a_proper_answer() {
    let server = TestServer::start().await;
    for tenant in [server.default_tenant(), server.tenant("acme").await] {
        for end in [End::Disabled, End::Deleted] {
            let tenant = tenant.clone();
            let slug = tenant.slug.clone();
            let name = format!("{end:?}@example.org").to_lowercase();
            let user = server.user(&tenant, &name, PASSWORD).await;
            let id = format!("{slug}-{end:?}");
            let site = website(&server, &id).of(&tenant).create().await;
            let own =
                website(&server, &format!("own-{id}")).of(&tenant).first_party().interaction().create().await;
            let stage = Stage { server: &server, tenant, user, own, site };
            let mut agent = Agent::new(&server);
            let page = agent.open(&stage.ask(&stage.site, &[])).await;
            let consent = agent.submit(&page, &[("username", &name), ("password", PASSWORD)]).await;
            let audience = [stage.tenant.issuer.as_str()];
            let planted = Planted { user: Some(user), scope: "openid", audience: &audience };
            let token = server.plant(&stage.own, planted).await;
            end.happen(&stage, &mut agent).await;
            for page in
                [agent.open(&consent.path).await, agent.submit(&consent, &[("decision", "allow")]).await]
            {
                assert!(page.path.contains("/login") && page.answer.status == 200, "{}", page.text());
            }
            let _ = stage.decide(&token, &consent.challenge(), true).await.expect(401);
        }
    }
}
