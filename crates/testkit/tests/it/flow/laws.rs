//! The laws of the whole flow: random walks over authorizing, redeeming, refreshing, revoking, withdrawing and signing
//! out, held against a model that knows nothing of rows and generations.
//!
//! A code never yields two live grants, scope never grows, and nothing survives what ended it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use writ_core::time::Seconds;
use writ_testkit::{Agent, TestClient, TestServer};

use super::{ada, code, redeem, refresh, website};

const CASES: u32 = 12;
const STEPS: usize = 40;
const SCOPES: [&str; 4] = ["openid read", "read", "openid offline_access read", "write"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Authorize(usize),
    Redeem(usize),
    Refresh(usize),
    RevokeRefresh(usize),
    RevokeAccess(usize),
    Withdraw,
    SignOut,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..SCOPES.len()).prop_map(Step::Authorize),
        7 => (0..STEPS).prop_map(Step::Redeem),
        6 => (0..STEPS).prop_map(Step::Refresh),
        1 => (0..STEPS).prop_map(Step::RevokeRefresh),
        1 => (0..STEPS).prop_map(Step::RevokeAccess),
        1 => Just(Step::Withdraw),
        1 => Just(Step::SignOut),
        3 => (1..15_i64).prop_map(Step::Wait),
    ]
}

#[derive(Debug)]
struct Code {
    text: String,
    scope: &'static str,
    given_at: i64,
    /// Whether what it rests on still is there.
    stands: bool,
    grant: Option<usize>,
}

#[derive(Debug)]
struct Grant {
    scope: &'static str,
    lives: bool,
    /// The sign-in that it was made in goes on.
    in_session: bool,
}

#[derive(Debug)]
struct Refresh {
    text: String,
    grant: usize,
    used_at: Option<i64>,
}

#[derive(Debug)]
struct Access {
    text: String,
    grant: usize,
    revoked: bool,
}

/// What should be so.
#[derive(Debug, Default)]
struct Model {
    now: i64,
    codes: Vec<Code>,
    grants: Vec<Grant>,
    refresh: Vec<Refresh>,
    access: Vec<Access>,
}

impl Model {
    fn took(&mut self, grant: usize, body: &Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name}: {body}")).to_owned();
        assert_eq!(text("scope"), self.grants[grant].scope, "scope never grows");
        assert_eq!(body["id_token"].is_string(), self.grants[grant].scope.contains("openid"));
        self.access.push(Access { text: text("access_token"), grant, revoked: false });
        let refresh = text("refresh_token");
        // Within the grace it is the same successor again.
        if !self.refresh.iter().any(|known| known.text == refresh) {
            self.refresh.push(Refresh { text: refresh, grant, used_at: None });
        }
    }
}

struct Walk<'s> {
    server: &'s TestServer,
    client: &'s TestClient,
    agent: Agent<'s>,
    model: Model,
}

impl Walk<'_> {
    async fn take(&mut self, step: Step) {
        let (server, client) = (self.server, self.client);
        let model = &mut self.model;
        match step {
            Step::Authorize(scope) => {
                let scope = SCOPES[scope];
                let text = code(&mut self.agent, client, &[("scope", scope)]).await.code();
                model.codes.push(Code { text, scope, given_at: model.now, stands: true, grant: None });
            }
            Step::Redeem(at) => {
                let Some(at) = at.checked_rem(model.codes.len()) else { return };
                let known = &model.codes[at];
                let answer = redeem(server, client, &known.text).await;
                match known.grant {
                    Some(grant) => {
                        let _ = answer.refused(400, "invalid_grant");
                        model.grants[grant].lives = false;
                    }
                    None if known.stands && model.now < known.given_at + 60 => {
                        let scope = known.scope;
                        model.codes[at].grant = Some(model.grants.len());
                        model.grants.push(Grant { scope, lives: true, in_session: true });
                        model.took(model.grants.len() - 1, &answer.expect(200).json());
                    }
                    None => {
                        let _ = answer.refused(400, "invalid_grant");
                    }
                }
            }
            Step::Refresh(at) => {
                let Some(at) = at.checked_rem(model.refresh.len()) else { return };
                let grant = model.refresh[at].grant;
                let answer = refresh(server, client, &model.refresh[at].text).await;
                let forgiven = model.refresh[at].used_at.is_none_or(|used| model.now < used + 10);
                if model.grants[grant].lives && forgiven {
                    model.refresh[at].used_at.get_or_insert(model.now);
                    model.took(grant, &answer.expect(200).json());
                } else {
                    let _ = answer.refused(400, "invalid_grant");
                    model.grants[grant].lives = false;
                }
            }
            Step::RevokeRefresh(at) => {
                let Some(at) = at.checked_rem(model.refresh.len()) else { return };
                let _ = server.revoke(client, &model.refresh[at].text).await.expect(200);
                model.grants[model.refresh[at].grant].lives = false;
            }
            Step::RevokeAccess(at) => {
                let Some(at) = at.checked_rem(model.access.len()) else { return };
                let _ = server.revoke(client, &model.access[at].text).await.expect(200);
                model.access[at].revoked = true;
            }
            Step::Withdraw => self.withdraw().await,
            Step::SignOut => self.sign_out().await,
            Step::Wait(seconds) => {
                server.clock.advance(Seconds(seconds));
                model.now += seconds;
            }
        }
    }

    async fn withdraw(&mut self) {
        let key = self.server.management_key();
        let ask = async |method: &str, path: &str| {
            let request = http::Request::builder().method(method).uri(path);
            let request = request.header("authorization", format!("Bearer {key}")).body("").unwrap();
            self.server.request(request).await
        };
        let list = ask("GET", "/api/v1/oauth/consents").await.expect(200).json();
        for row in list["consents"].as_array().unwrap() {
            let path = format!("/api/v1/oauth/consents/{}", row["id"].as_str().unwrap());
            let _ = ask("DELETE", &path).await.expect(204);
        }
        self.model.grants.iter_mut().for_each(|grant| grant.lives = false);
        self.model.codes.iter_mut().for_each(|code| code.stands = false);
    }

    async fn sign_out(&mut self) {
        let page = self.agent.open("/logout").await;
        if page.text().contains("value=\"logout\"") {
            self.agent.submit(&page, &[("decision", "logout")]).await;
        }
        for grant in &mut self.model.grants {
            grant.lives &= !grant.in_session || grant.scope.contains("offline_access");
            grant.in_session = false;
        }
        self.model.codes.iter_mut().for_each(|code| code.stands = false);
    }

    /// What is alive, and nothing else.
    async fn holds(&self) {
        let (server, client, model) = (self.server, self.client, &self.model);
        for access in &model.access {
            let expected = model.grants[access.grant].lives && !access.revoked;
            assert_eq!(server.is_active(client, &access.text).await, expected, "{access:?} of {model:?}");
        }
        for refresh in &model.refresh {
            let expected = model.grants[refresh.grant].lives && refresh.used_at.is_none();
            assert_eq!(server.is_active(client, &refresh.text).await, expected, "{refresh:?} of {model:?}");
        }
    }
}

#[test]
fn nothing_survives_what_ended_it_and_nothing_grows() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let walk = |steps: Vec<Step>| {
        runtime.block_on(async {
            let server = TestServer::start().await;
            ada(&server).await;
            let client = website(&server, "site").create().await;
            let (agent, model) = (Agent::new(&server), Model::default());
            let mut walk = Walk { server: &server, client: &client, agent, model };
            for step in steps {
                walk.take(step).await;
                walk.holds().await;
            }
        });
        Ok(())
    };
    runner.run(&proptest::collection::vec(step(), 1..STEPS), walk).unwrap();
}
