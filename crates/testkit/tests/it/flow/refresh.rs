//! RFC 6749 §6, RFC 9700 §4.14: refresh tokens rotate, in families.

use serde_json::Value;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Credential, TestClient, TestServer};

use super::{ada, claims, code, redeem, refresh, website};

async fn tokens(server: &TestServer, client: &TestClient, scope: &str) -> Value {
    let mut agent = Agent::new(server);
    let code = code(&mut agent, client, &[("scope", scope)]).await.code();
    redeem(server, client, &code).await.expect(200).json()
}

fn text<'v>(body: &'v Value, name: &str) -> &'v str {
    body[name].as_str().unwrap_or_else(|| panic!("{name}: {body}"))
}

/// OpenID Connect Core §12.2: the ID token of a refresh is about the same person, client and sign-in, at another time,
/// and has no nonce.
#[tokio::test]
async fn using_one_gives_the_next() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let first = tokens(&server, &client, "openid read").await;
    server.clock.advance(Seconds(5));
    let second = refresh(&server, &client, text(&first, "refresh_token")).await.expect(200).json();
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    // OpenID Connect Core §12.2.
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none() && after["iat"] != before["iat"]);
    assert!(server.is_active(&client, text(&first, "access_token")).await, "its access tokens live on");
    assert!(server.is_active(&client, text(&second, "access_token")).await);
}

/// RFC 9700 §4.14.2: inside the grace the same client gets the same successor again; outside, the family ends.
#[tokio::test]
async fn reuse_is_forgiven_for_ten_seconds_and_then_ends_the_family() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let first = tokens(&server, &client, "read").await;
    let old = text(&first, "refresh_token");
    let second = refresh(&server, &client, old).await.expect(200).json();
    server.clock.advance(Seconds(9));
    let sibling = refresh(&server, &client, old).await.expect(200).json();
    assert_eq!(text(&second, "refresh_token"), text(&sibling, "refresh_token"), "there is one successor");
    assert_ne!(text(&second, "access_token"), text(&sibling, "access_token"));
    assert!(server.is_active(&client, text(&second, "refresh_token")).await);
    let third = refresh(&server, &client, text(&second, "refresh_token")).await.expect(200).json();
    server.clock.advance(Seconds(1));
    let _ = refresh(&server, &client, old).await.refused(400, "invalid_grant");
    for body in [&first, &second, &sibling, &third] {
        assert!(!server.is_active(&client, text(body, "access_token")).await);
        let _ = refresh(&server, &client, text(body, "refresh_token")).await.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_client_may_do_without_rotation() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().without_rotation().create().await;
    let first = tokens(&server, &client, "read").await;
    for _ in 0..3 {
        server.clock.advance(Seconds(60));
        let body = refresh(&server, &client, text(&first, "refresh_token")).await.expect(200).json();
        assert_eq!(text(&body, "refresh_token"), text(&first, "refresh_token"));
    }
}

/// RFC 9700 §4.14.2: without rotation nobody notices that a public client's token was stolen. A row of before counts as
/// the rule says.
#[tokio::test]
async fn the_tokens_of_a_public_client_always_rotate() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for tenant in [server.default_tenant(), tenant] {
        server.user(&tenant, "ada@example.org", super::PASSWORD).await;
        let id = format!("spa-{}", tenant.slug);
        let client = website(&server, &id)
            .of(&tenant)
            .kind(writ_core::client::ClientKind::Spa)
            .first_party()
            .without_rotation()
            .create()
            .await;
        let mut agent = Agent::new(&server);
        let page = agent.open(&super::at(&tenant, &super::request(&id, &[("scope", "read")]))).await;
        let back = super::sign_in(&mut agent, &page).await;
        let code = back.code();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", super::CALLBACK),
            ("code_verifier", super::VERIFIER),
        ];
        let path = super::at(&tenant, "/oauth2/token");
        let first = server.post(&path, &client, &pairs).await.expect(200).json();
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "refresh_token"))];
        let second = server.post(&path, &client, &pairs).await.expect(200).json();
        assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    }
}

#[tokio::test]
async fn scope_never_grows() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let first = tokens(&server, &client, "openid read").await;
    let ask = async |token: &str, scope: &str| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        server.post("/oauth2/token", &client, &pairs).await
    };
    let _ = ask(text(&first, "refresh_token"), "read write").await.refused(400, "invalid_scope");
    let less = ask(text(&first, "refresh_token"), "read").await.expect(200).json();
    assert_eq!(less["scope"], "read");
    let all = refresh(&server, &client, text(&less, "refresh_token")).await.expect(200).json();
    assert_eq!(all["scope"], "openid read", "the grant is as wide as it was");
}

/// OpenID Connect Core §12.1: whoever refreshes proves to be the client that it was issued to.
#[tokio::test]
async fn a_refresh_token_is_its_own_clients_and_expires() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let other = website(&server, "other").create().await;
    let first = tokens(&server, &client, "read").await;
    let token = text(&first, "refresh_token");
    let _ = refresh(&server, &other, token).await.refused(400, "invalid_grant");
    assert!(!server.is_active(&other, token).await);
    let stolen = Credential::Basic { id: client.client_id.clone(), secret: "another".to_owned() };
    for nobody in [stolen, Credential::public("site"), Credential::None] {
        let _ = refresh(&server, nobody, token).await.refused(401, "invalid_client");
    }
    let _ = server.revoke(&other, token).await.refused(400, "unauthorized_client");
    let _ = refresh(&server, &client, &format!("{token}x")).await.refused(400, "invalid_grant");
    server.clock.advance(Seconds(2_592_000));
    let _ = refresh(&server, &client, token).await.refused(400, "invalid_grant");
}

/// RFC 7009 §2.1: with the refresh token goes the whole grant.
#[tokio::test]
async fn revoking_one_ends_its_grant() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let first = tokens(&server, &client, "read").await;
    let _ = server.revoke(&client, text(&first, "refresh_token")).await.expect(200);
    let _ = server.revoke(&client, text(&first, "refresh_token")).await.expect(200);
    assert!(!server.is_active(&client, text(&first, "access_token")).await);
    let _ = refresh(&server, &client, text(&first, "refresh_token")).await.refused(400, "invalid_grant");
}

/// Who is locked out gets nothing more, and what they had is dead.
#[tokio::test]
async fn nothing_outlives_its_person() {
    use writ_core::change::{Action, Change, Enabled, Target};
    let server = TestServer::start().await;
    let user = ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let mut agent = Agent::new(&server);
    let body =
        redeem(&server, &client, &code(&mut agent, &client, &[]).await.code()).await.expect(200).json();
    let waiting = agent.get(&super::request("site", &[])).await.code();
    let tenant = server.default_tenant().id;
    for enabled in [Enabled::No, Enabled::Yes] {
        let at = server.app.clock.now();
        let change = Change::SetUserEnabled { user, tenant, enabled, at };
        server.change(tenant, (Action::UserDisabled, Target::User(user)), change).await;
        let _ = refresh(&server, &client, text(&body, "refresh_token")).await.refused(400, "invalid_grant");
        let _ = redeem(&server, &client, &waiting).await.refused(400, "invalid_grant");
        assert!(!server.is_active(&client, text(&body, "access_token")).await);
        let page = agent.get(&super::request("site", &[("prompt", "none")])).await;
        assert_eq!(page.sent()["error"], "login_required");
    }
}
