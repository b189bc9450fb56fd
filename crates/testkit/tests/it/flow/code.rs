//! RFC 6749 §4.1 and OpenID Connect Core §3.1: a code, and what it is exchanged for.

use serde_json::json;
use writ_core::client::{ClientKind, GrantType};
use writ_core::subject::Subject;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_testkit::{Agent, Credential, START, TestServer};

use super::{
    CALLBACK, CHALLENGE, PASSWORD, Pairs, VERIFIER, ada, claims, code, redeem, refresh, request, sign_in,
    website,
};

/// OpenID Connect Core §3.1.2.5, §3.1.3.3: a code with the `state`, and for it an ID token beside the access token, in
/// an answer that nobody keeps.
#[tokio::test]
async fn a_person_signs_in_agrees_and_the_client_gets_its_tokens() {
    let server = TestServer::start().await;
    let user = Subject::of(ada(&server).await).to_string();
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);

    let page = agent.open(&request("site", &[])).await;
    assert!(page.path.starts_with("/login?login_challenge=ch_"), "{}", page.path);
    assert!((24..=27).contains(&page.challenge().len()), "{}", page.path);
    assert!(page.text().contains("name=\"username\"") && page.text().contains("name=\"password\""));
    let challenge = page.challenge();
    let consent = sign_in(&mut agent, &page).await;
    assert_eq!(consent.path, format!("/consent?login_challenge={challenge}"));
    assert!(consent.text().contains("value=\"allow\"") && consent.text().contains("value=\"deny\""));
    let back = agent.submit(&consent, &[("decision", "allow")]).await;
    assert!(back.location().unwrap().starts_with("https://app.example/cb?from=writ&code=code_"), "{back:?}");
    let sent = back.sent();
    assert_eq!((&*sent["state"], &*sent["iss"]), ("a state+&=", "https://id.example"));

    let answer = redeem(&server, &client, &sent["code"]).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["scope"]), (&json!("Bearer"), &json!("openid read")));
    let id = claims(body["id_token"].as_str().unwrap());
    let now = START.as_secs();
    assert_eq!(
        (&id["iss"], &id["sub"], &id["aud"], &id["nonce"], &id["auth_time"], &id["amr"]),
        (
            &json!("https://id.example"),
            &json!(user),
            &json!("site"),
            &json!("a nonce"),
            &json!(now),
            &json!(["pwd"])
        )
    );
    assert!(id["at_hash"].is_string() && id["exp"].as_i64().unwrap() > now);
    let access = body["access_token"].as_str().unwrap();
    assert_eq!(claims(access)["sub"], json!(user));
    let seen = server.introspect(&client, access).await.json();
    assert_eq!(
        (&seen["active"], &seen["sub"], &seen["scope"]),
        (&json!(true), &json!(user), &json!("openid read"))
    );
    let rt = body["refresh_token"].as_str().unwrap();
    let seen = server.introspect(&client, rt).await.json();
    assert_eq!((&seen["active"], &seen["token_type"]), (&json!(true), &json!("refresh_token")));
}

/// OpenID Connect Core §3.1.2.4: one sign-in serves all applications, and nothing is told before the person has agreed
/// to it; the tenant's own need no consent, others are remembered.
#[tokio::test]
async fn with_a_live_session_the_code_comes_at_once() {
    let server = TestServer::start().await;
    ada(&server).await;
    let own = website(&server, "own").first_party().create().await;
    let site = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &own, &[]).await.code();
    for _ in 0..2 {
        let page = agent.get(&request("own", &[])).await;
        let _ = redeem(&server, &own, &page.code()).await.expect(200);
    }
    let page = agent.get(&request("site", &[])).await;
    assert!(page.location().unwrap().starts_with("/consent?login_challenge=ch_"), "{page:?}");
    code(&mut agent, &site, &[]).await.code();
    let page = agent.get(&request("site", &[])).await;
    let _ = redeem(&server, &site, &page.code()).await.expect(200);
    let more = agent.get(&request("site", &[("scope", "openid read write")])).await;
    assert!(more.location().unwrap().starts_with("/consent?"), "more than was agreed to is asked for again");
}

/// RFC 8252 §8.6: what is on the person's device may be anybody.
#[tokio::test]
async fn a_native_application_never_gets_a_code_in_silence() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "phone")
        .kind(ClientKind::Native)
        .first_party()
        .redirect("http://127.0.0.1/cb")
        .create()
        .await;
    let mut agent = Agent::new(&server);
    let uri = "http://127.0.0.1:51004/cb";
    let back = code(&mut agent, &client, &[("redirect_uri", uri)]).await;
    assert!(back.location().unwrap().starts_with("http://127.0.0.1:51004/cb?code="), "{back:?}");
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*back.code()),
        ("redirect_uri", uri),
        ("code_verifier", VERIFIER),
    ];
    let _ = server.post("/oauth2/token", &client, &pairs).await.expect(200);
    let page = agent.get(&request("phone", &[("redirect_uri", uri)])).await;
    assert!(page.location().unwrap().starts_with("/consent?"), "{page:?}");
    let none = agent.get(&request("phone", &[("redirect_uri", uri), ("prompt", "none")])).await;
    assert_eq!(none.sent()["error"], "consent_required");
}

/// OpenID Connect Core §3.1.3.2, §3.1.3.4: it is good for its client, redirect URI and verifier, and for a short time; all
/// else is an error in JSON.
#[tokio::test]
async fn a_code_is_only_for_whom_it_was_given_to() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let other = website(&server, "other").create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &client, &[]).await;
    let token = |code: String, by: Credential, more: &'static [(&'static str, &'static str)]| {
        let server = &server;
        async move {
            let usual = [
                ("grant_type", "authorization_code"),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let mut pairs: Vec<_> =
                usual.into_iter().filter(|(name, _)| !more.iter().any(|(n, _)| n == name)).collect();
            pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
            pairs.push(("code", &code));
            server.post("/oauth2/token", by, &pairs).await
        }
    };
    let own = || Credential::from(&client);
    let fresh = agent.get(&request("site", &[])).await.code();
    let altered = format!("{}{}", &fresh[..fresh.len() - 1], if fresh.ends_with('a') { "b" } else { "a" });
    let cases: [(&str, Credential, Pairs<'static>); 6] = [
        ("another client", Credential::from(&other), &[]),
        ("another redirect URI", own(), &[("redirect_uri", "https://app.example/cb")]),
        ("no verifier", own(), &[("code_verifier", "")]),
        ("another verifier", own(), &[("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX")]),
        ("a short verifier", own(), &[("code_verifier", "x")]),
        ("a code that is none", own(), &[]),
    ];
    for (name, by, more) in cases {
        let presented = if name == "a code that is none" { altered.clone() } else { fresh.clone() };
        let answer = token(presented, by, more).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "{name}: {}", answer.text());
    }
    // None of that has used it up.
    let _ = token(fresh, own(), &[]).await.expect(200);

    let late = agent.get(&request("site", &[])).await.code();
    server.clock.advance(Seconds(60));
    let _ = token(late, own(), &[]).await.refused(400, "invalid_grant");
    let _ = server
        .post("/oauth2/token", own(), &[("grant_type", "authorization_code")])
        .await
        .refused(400, "invalid_request");
}

/// RFC 6749 §4.1.2, OpenID Connect Core §3.1.3.2: a code is good once; all that came of it ends.
#[tokio::test]
async fn a_replayed_code_revokes_what_it_gave() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let mut agent = Agent::new(&server);
    let code = code(&mut agent, &client, &[]).await.code();
    let body = redeem(&server, &client, &code).await.expect(200).json();
    let (access, rt) = (body["access_token"].as_str().unwrap(), body["refresh_token"].as_str().unwrap());
    assert!(server.is_active(&client, access).await);
    for _ in 0..2 {
        let _ = redeem(&server, &client, &code).await.refused(400, "invalid_grant");
        assert!(!server.is_active(&client, access).await);
        assert!(!server.is_active(&client, rt).await);
        let _ = refresh(&server, &client, rt).await.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_public_client_proves_itself_by_pkce_alone() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "spa").kind(ClientKind::Spa).create().await;
    let mut agent = Agent::new(&server);
    let without = agent.get(&request("spa", &[("code_challenge", ""), ("code_challenge_method", "")])).await;
    assert_eq!(without.sent()["error"], "invalid_request");
    let code = code(&mut agent, &client, &[]).await.code();
    let body = redeem(&server, &client, &code).await.expect(200).json();
    let rt = body["refresh_token"].as_str().unwrap();
    let _ = refresh(&server, &client, rt).await.expect(200);
}

/// A confidential client may do without PKCE, and then a verifier is refused (RFC 9700 §2.1.1).
#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let strict = website(&server, "strict").first_party().requires_pkce().create().await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let mut agent = Agent::new(&server);
    let given = code(&mut agent, &client, &without).await.code();
    let _ = redeem(&server, &client, &given).await.refused(400, "invalid_grant");
    let pairs = [("grant_type", "authorization_code"), ("code", &*given), ("redirect_uri", CALLBACK)];
    let _ = server.post("/oauth2/token", &client, &pairs).await.expect(200);
    let page = agent.get(&request(&strict.client_id, &without)).await;
    assert_eq!(page.sent()["error"], "invalid_request");
    let plain = agent.get(&request("site", &[("code_challenge_method", "plain")])).await;
    assert_eq!(plain.sent()["error"], "invalid_request");
    let implied =
        agent.get(&request("site", &[("code_challenge", CHALLENGE), ("code_challenge_method", "")])).await;
    assert_eq!(implied.sent()["error"], "invalid_request");
}

#[tokio::test]
async fn id_tokens_are_signed_as_the_client_wants_them() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().id_tokens(Algorithm::EdDsa).create().await;
    let mut agent = Agent::new(&server);
    let code = code(&mut agent, &client, &[]).await.code();
    let body = redeem(&server, &client, &code).await.expect(200).json();
    let header = |token: &str| {
        use base64::Engine as _;
        let head = token.split('.').next().unwrap();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    assert_eq!(header(body["id_token"].as_str().unwrap())["alg"], json!("EdDSA"));
    assert_eq!(header(body["access_token"].as_str().unwrap())["alg"], json!("ES256"));
    let keys = server.get("/.well-known/jwks.json").await.json();
    let kid = header(body["id_token"].as_str().unwrap())["kid"].clone();
    server.clock.advance(Seconds(10));
    let listed = keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid);
    assert!(listed, "{keys}");
}

/// RFC 6749 §4.3, dropped by OAuth 2.1: off unless tenant and client both have it.
#[tokio::test]
async fn the_password_grant_is_off_unless_tenant_and_client_have_it() {
    use writ_core::client::PasswordGrant;
    use writ_core::tenant::TenantSettings;
    let server = TestServer::start().await;
    let settings = TenantSettings { password_grant: PasswordGrant::On, ..TenantSettings::default() };
    let open = server.tenant_with("open", settings).await;
    let closed = server.tenant("closed").await;
    let grants = [GrantType::Password, GrantType::RefreshToken];
    for tenant in [&open, &closed] {
        server.user(tenant, "ada@example.org", PASSWORD).await;
    }
    let has = server
        .client("has")
        .kind(ClientKind::Web)
        .of(&open)
        .grants(&grants)
        .scope("openid read")
        .create()
        .await;
    let has_not = server.client("has-not").kind(ClientKind::Web).of(&open).create().await;
    let may_not = server.client("may-not").kind(ClientKind::Web).of(&closed).grants(&grants).create().await;
    let ask = async |client: &writ_testkit::TestClient, password: &str| {
        let pairs = [("grant_type", "password"), ("username", "ada@example.org"), ("password", password)];
        server.post("/oauth2/token", client, &pairs).await
    };
    let _ = ask(&has_not, PASSWORD).await.refused(400, "unauthorized_client");
    let _ = ask(&may_not, PASSWORD).await.refused(400, "unauthorized_client");
    let _ = ask(&has, "wrong").await.refused(400, "invalid_grant");
    let body = ask(&has, PASSWORD).await.expect(200).json();
    assert_eq!(body["scope"], json!("openid read"));
    assert!(body["id_token"].is_string());
    let _ = refresh(&server, &has, body["refresh_token"].as_str().unwrap()).await.expect(200);
}
