//! **oauth2**: refresh tokens in the list of tokens, and their end.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Credential, TestClient, TestServer};

use super::oauth2_tokens::{REVOKE, bulk, fill, list, send};
use crate::flow::{ada, code, redeem, refresh, website};

/// What a redeemed code gives.
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn of(body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

struct Stage {
    server: TestServer,
    client: TestClient,
    user: String,
    /// May read and end every token of the tenant.
    key: Credential,
}

impl Stage {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let user = ada(&server).await.to_string();
        let client = website(&server, "site").first_party().create().await;
        let may = [Permission::OauthRead, Permission::OauthWrite];
        let key = Credential::bearer(&server.api_key(&server.default_tenant(), &may, None).await);
        Self { server, client, user, key }
    }

    async fn signed_in(&self) -> Tokens {
        let mut agent = Agent::new(&self.server);
        let code = code(&mut agent, &self.client, &[("scope", "openid read")]).await.code();
        Tokens::of(&redeem(&self.server, &self.client, &code).await.expect(200).json())
    }

    async fn refreshed(&self, token: &str) -> Tokens {
        Tokens::of(&refresh(&self.server, &self.client, token).await.expect(200).json())
    }

    async fn refresh_tokens(&self) -> Vec<Value> {
        list(&self.server, self.key.clone(), "?type=refresh_token").await
    }

    async fn revoke(&self, by: impl Into<Credential>, name: &str, value: &str) {
        let answer = send(&self.server, ("POST", REVOKE), by, Some(json!({ name: value }))).await;
        assert_eq!(answer.expect(200).text(), "{}");
    }

    /// Whether nothing of a family works any more.
    async fn is_over(&self, tokens: &Tokens) -> bool {
        let access = self.server.is_active(&self.client, &tokens.access).await;
        let refresh = self.server.is_active(&self.client, &tokens.refresh).await;
        assert_eq!(access, refresh, "a grant's tokens share its fate");
        !access
    }
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 200 refresh tokens among the others
#[tokio::test]
async fn live_refresh_tokens_are_listed() {
    let stage = Stage::new().await;
    let machine = stage.server.client("machine").create().await;
    for filled in [false, true] {
        let first = stage.signed_in().await;
        stage.server.clock.advance(Seconds(1));
        stage.server.access_token(&machine).await;
        stage.server.clock.advance(Seconds(1));
        let second = stage.refreshed(&first.refresh).await;
        if filled {
            fill(&stage.server).await;
        }
        let found = stage.refresh_tokens().await;
        let [newest, ..] = &found[..] else { panic!("nothing is listed") };
        assert_eq!(found.len(), if filled { 2 } else { 1 }, "one of each family: {found:?}");
        let mut members: Vec<_> = newest.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let expected =
            ["client_id", "expires_at", "id", "issued_at", "last_used_at", "scope", "type", "user_id"];
        assert_eq!(members, expected);
        assert_eq!((&newest["type"], &newest["client_id"]), (&json!("refresh_token"), &json!("site")));
        assert_eq!((&newest["user_id"], &newest["scope"]), (&json!(stage.user), &json!("openid read")));
        assert_eq!(newest["last_used_at"], Value::Null);
        assert!(!newest.to_string().contains(&second.refresh), "never the token");

        // Newest first over both: what came of the refresh, then the machine's, then what came of the code.
        let all = list(&stage.server, stage.key.clone(), "").await;
        let kinds: Vec<_> = all.iter().take(4).map(|token| token["type"].as_str().unwrap()).collect();
        let newest_two: std::collections::BTreeSet<_> = kinds[..2].iter().copied().collect();
        assert_eq!(newest_two, ["access_token", "refresh_token"].into(), "{all:?}");
        assert_eq!((kinds[2], &all[2]["client_id"]), ("access_token", &json!("machine")));
        assert_eq!((kinds[3], &all[3]["client_id"]), ("access_token", &json!("site")));
        let times: Vec<_> = all.iter().map(|token| token["issued_at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");

        let of_user = format!("?user_id={}&type=refresh_token", stage.user);
        assert_eq!(list(&stage.server, stage.key.clone(), &of_user).await, found);
        let of_client = "?client_id=site&type=refresh_token";
        assert_eq!(list(&stage.server, &stage.client, of_client).await, found, "an application sees its own");
        assert_eq!(list(&stage.server, &machine, "?type=refresh_token").await, Vec::<Value>::new());
        assert!(stage.server.is_active(&stage.client, &second.refresh).await);
    }
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 200 both types page by page
#[tokio::test]
async fn pages_have_every_token_of_either_type_once() {
    let stage = Stage::new().await;
    for turn in 0..5 {
        stage.signed_in().await;
        if turn == 2 {
            fill(&stage.server).await;
        }
    }
    let all = list(&stage.server, stage.key.clone(), "").await;
    assert_eq!(all.len(), 10);
    for limit in [1, 3, 7] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/oauth/tokens?limit={limit}{cursor}");
            let body = send(&stage.server, ("GET", &path), stage.key.clone(), None).await.expect(200).json();
            assert_eq!(body["total"], 10);
            found.extend(body["tokens"].as_array().unwrap().clone());
            let Some(next) = body.get("next_cursor") else { break };
            cursor = format!("&cursor={}", next.as_str().unwrap());
        }
        assert_eq!(found, all, "{limit}");
    }
}

/// `oauth2` `POST /api/v1/oauth/tokens/revoke`: 200 a refresh token, and with it its grant
#[tokio::test]
async fn a_refresh_token_ends_its_whole_grant() {
    let stage = Stage::new().await;
    let by_key = stage.key.clone();
    for by in [Credential::from(&stage.client), by_key] {
        for name in ["token", "token_id"] {
            let ends = stage.signed_in().await;
            stage.server.clock.advance(Seconds(1));
            let stays = stage.signed_in().await;
            let found = stage.refresh_tokens().await;
            let id = found[1]["id"].as_str().unwrap();
            let value = if name == "token" { &ends.refresh } else { id };
            stage.revoke(by.clone(), name, value).await;
            assert!(stage.is_over(&ends).await && !stage.is_over(&stays).await, "{name}");
            assert_eq!(stage.refresh_tokens().await, found[..1]);
            // Once more is a success, and no second act.
            stage.revoke(by.clone(), name, value).await;
            // One that was used takes its family with it all the same.
            let third = stage.refreshed(&stays.refresh).await;
            let value = if name == "token" { &stays.refresh } else { found[0]["id"].as_str().unwrap() };
            stage.revoke(by.clone(), name, value).await;
            assert!(stage.is_over(&third).await, "{name}");
            assert_eq!(stage.refresh_tokens().await, Vec::<Value>::new());
        }
    }
    let records = stage.server.app.store.audit_newest(stage.client.tenant, 200).await.unwrap();
    let revoked: Vec<_> = records.iter().filter(|(action, _)| action == "refresh_token.revoked").collect();
    assert_eq!(revoked.len(), 8, "{records:?}");
}

/// `oauth2` `POST /api/v1/oauth/tokens/revoke`: 403 somebody else's refresh token
#[tokio::test]
async fn a_refresh_token_of_somebody_else_needs_the_permission() {
    let stage = Stage::new().await;
    let tokens = stage.signed_in().await;
    let id = stage.refresh_tokens().await[0]["id"].clone();
    let other = stage.server.client("other").create().await;
    let acme = stage.server.tenant("acme").await;
    let foreign = stage.server.api_key(&acme, &[Permission::OauthWrite], None).await;
    for body in [json!({ "token_id": id }), json!({ "token": tokens.refresh })] {
        let answer = send(&stage.server, ("POST", REVOKE), &other, Some(body.clone())).await;
        let _ = answer.refused(403, "insufficient_scope");
        let by = Credential::bearer(&foreign);
        let _ = send(&stage.server, ("POST", REVOKE), by, Some(body)).await.expect(200);
    }
    // The row alone is not the token: another text with its id ends nothing.
    let forged = format!("{}A", &tokens.refresh[..tokens.refresh.len() - 1]);
    if forged != tokens.refresh {
        stage.revoke(stage.key.clone(), "token", &forged).await;
    }
    assert!(!stage.is_over(&tokens).await);
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 200 counts and ends refresh tokens too
#[tokio::test]
async fn bulk_acts_count_and_end_refresh_tokens() {
    let stage = Stage::new().await;
    let now = || {
        let seconds = stage.server.app.clock.now().as_secs();
        json!(jiff::Timestamp::from_second(seconds).unwrap().to_string())
    };
    for filled in [false, true] {
        for what in ["client", "user", "both", "before", "named"] {
            let tokens = [stage.signed_in().await, stage.signed_in().await];
            let used = stage.refreshed(&tokens[1].refresh).await;
            stage.server.clock.advance(Seconds(1));
            if filled {
                fill(&stage.server).await;
            }
            let live = list(&stage.server, stage.key.clone(), "").await;
            assert_eq!(live.len(), 5, "{what} {filled}: three access tokens, two refresh tokens");
            let ids: Vec<_> = live.iter().map(|token| token["id"].clone()).collect();
            let asked = match what {
                "client" => json!({ "client_id": "site" }),
                "user" => json!({ "user_id": stage.user }),
                "both" => json!({ "client_id": "site", "user_id": stage.user }),
                "before" => json!({ "issued_before": now() }),
                _ => json!({ "token_ids": ids }),
            };
            assert_eq!(bulk(&stage.server, stage.key.clone(), asked.clone()).await, 5, "{what} {filled}");
            assert_eq!(bulk(&stage.server, stage.key.clone(), asked).await, 0, "{what} {filled}");
            assert!(stage.is_over(&tokens[0]).await && stage.is_over(&used).await, "{what} {filled}");
            assert_eq!(list(&stage.server, stage.key.clone(), "").await, Vec::<Value>::new());
        }
    }
    // Of those that are named, a refresh token's grant takes the rest of it along.
    let tokens = stage.signed_in().await;
    let id = stage.refresh_tokens().await[0]["id"].clone();
    assert_eq!(bulk(&stage.server, stage.key.clone(), json!({ "token_ids": [id] })).await, 1);
    assert!(stage.is_over(&tokens).await);
}
