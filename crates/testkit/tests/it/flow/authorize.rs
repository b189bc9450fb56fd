//! The steps of an authorization request, in their order (RFC 6749 §4.1.2.1; OpenID Connect Core §3.1.2).

use writ_core::client::{ClientKind, GrantType};
use writ_core::time::Seconds;
use writ_testkit::{Agent, TestServer};

use super::{CALLBACK, Pairs, ada, code, redeem, request, sign_in, website};

/// Whatever is wrong before the redirect URI is known to be the client's is told on a page.
#[tokio::test]
async fn nobody_is_redirected_to_where_nobody_may_be() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    website(&server, "site").create().await;
    website(&server, "off").disabled().create().await;
    website(&server, "foreign").of(&acme).create().await;
    website(&server, "two").redirect("https://app.example/two").create().await;
    let cases = [
        ("repeated parameter", format!("{}&state=again", request("site", &[]))),
        ("bad escape", format!("{}&x=%zz", request("site", &[]))),
        ("no client", request("site", &[("client_id", "")])),
        ("unknown client", request("nobody", &[])),
        ("disabled client", request("off", &[])),
        ("another tenant's client", request("foreign", &[])),
        ("no redirect URI", request("site", &[("redirect_uri", "")])),
        ("no redirect URI, of two", request("two", &[("redirect_uri", ""), ("scope", "read")])),
        ("another redirect URI", request("site", &[("redirect_uri", "https://evil.example/cb")])),
        ("a longer redirect URI", request("site", &[("redirect_uri", &format!("{CALLBACK}&more"))])),
        (
            "a redirect URI in other case",
            request("site", &[("redirect_uri", "https://APP.example/cb?from=writ")]),
        ),
        ("all of it wrong", request("site", &[("redirect_uri", "x"), ("response_type", "y")])),
    ];
    let mut agent = Agent::new(&server);
    for (name, path) in cases {
        let page = agent.get(&path).await;
        assert_eq!(page.answer.status, 400, "{name}: {}", page.text());
        assert!(page.text().contains("Request refused"), "{name}: {}", page.text());
        assert_eq!(page.answer.header("location"), "", "{name}");
        assert!(page.answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{name}");
    }
    assert_eq!(agent.get("/t/nowhere/oauth2/authorize").await.answer.status, 404);
    assert_eq!(agent.get("/t/default/oauth2/authorize").await.answer.status, 404);
}

/// OpenID Connect Core §3.1.2.6, RFC 9207 §2: from the redirect URI on, the client hears of it, with `state` and `iss`.
#[tokio::test]
async fn the_client_hears_what_is_wrong_with_its_request() {
    let server = TestServer::start().await;
    website(&server, "site").create().await;
    server
        .client("machine")
        .kind(ClientKind::Web)
        .grants(&[GrantType::ClientCredentials])
        .redirect(CALLBACK)
        .create()
        .await;
    let long = "x".repeat(4097);
    let long = [("nonce", &*long)];
    let cases: Vec<(&str, Pairs<'_>, &str)> = vec![
        ("site", &[("response_type", "")], "invalid_request"),
        ("site", &[("response_type", "none")], "unsupported_response_type"),
        ("machine", &[], "unauthorized_client"),
        ("site", &[("response_mode", "web_message")], "invalid_request"),
        ("site", &[("request", "e30.e30.")], "invalid_request_object"),
        ("site", &[("request_uri", "https://app.example/r")], "invalid_request_uri"),
        ("site", &[("registration", "{}")], "registration_not_supported"),
        ("site", &[("scope", "openid \"")], "invalid_scope"),
        ("site", &[("scope", "unknown")], "invalid_scope"),
        ("site", &[("prompt", "none login")], "invalid_request"),
        ("site", &[("prompt", "whatever")], "invalid_request"),
        ("site", &[("max_age", "-1")], "invalid_request"),
        ("site", &[("max_age", "soon")], "invalid_request"),
        ("site", &[("id_token_hint", "x.y.z")], "invalid_request"),
        ("site", &long, "invalid_request"),
        ("site", &[("prompt", "none")], "login_required"),
        // The order: what comes first is what is told.
        ("site", &[("response_type", "none"), ("scope", "\""), ("request", "x")], "invalid_request_object"),
        ("site", &[("response_type", "none"), ("scope", "\"")], "unsupported_response_type"),
        ("site", &[("scope", "unknown"), ("code_challenge_method", "plain")], "invalid_scope"),
    ];
    let mut agent = Agent::new(&server);
    for (client, more, error) in cases {
        let page = agent.get(&request(client, more)).await;
        let sent = page.sent();
        assert!(page.location().unwrap().starts_with("https://app.example/cb?from=writ&error="), "{more:?}");
        assert_eq!(sent["error"], error, "{more:?}: {sent:?}");
        assert_eq!((&*sent["state"], &*sent["iss"]), ("a state+&=", "https://id.example"), "{more:?}");
        assert!(!sent["error_description"].is_empty());
    }
}

/// What need not be understood is not in the way (OpenID Connect Core §3.1.2.1).
#[tokio::test]
async fn other_parameters_are_ignored() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let more = [
        ("ui_locales", "xx en"),
        ("acr_values", "urn:loa:9"),
        ("display", "popup"),
        ("claims_locales", "de"),
        ("claims", "{\"userinfo\":{\"name\":{\"essential\":true}}}"),
        ("extra", "foobar"),
        ("login_hint", "ada@example.org"),
    ];
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &more)).await;
    assert!(page.form().fields.contains(&("username".to_owned(), "ada@example.org".to_owned())));
    let back = sign_in(&mut agent, &page).await;
    let _ = redeem(&server, &client, &back.code()).await.expect(200);
}

/// OpenID Connect Core §3.1.2.1, §13.1, §13.2: by POST in a form as well as by GET in the query.
#[tokio::test]
async fn the_request_may_be_posted() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").first_party().create().await;
    let get = request("site", &[]);
    let (path, query) = get.split_once('?').unwrap();
    let pairs = writ_core::form::Form::parse(query.as_bytes()).unwrap();
    let pairs: Vec<_> = pairs.iter().collect();
    let mut agent = Agent::new(&server);
    let page = agent.post(path, &pairs).await;
    let page = agent.follow(page).await;
    let back = sign_in(&mut agent, &page).await;
    assert!(!back.code().is_empty());
    assert!(!agent.post(path, &pairs).await.code().is_empty(), "signed in already");

    // From another site our cookie does not come along; with the GET that follows it does.
    let bounced = http::Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(query.to_owned())
        .unwrap();
    let answer = server.request(bounced).await.expect(303);
    let page = agent.get(answer.header("location")).await;
    assert!(!page.code().is_empty());
}

/// OpenID Connect Core §3.1.2.2, §3.1.2.3: whoever is not signed in, or not as the request wants it, is asked to sign
/// in, and is not with `prompt=none`; whom the hint names has to be who is signed in.
#[tokio::test]
async fn prompt_and_max_age_decide_whether_somebody_is_asked() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let third = website(&server, "third").create().await;
    let mut agent = Agent::new(&server);
    let first = code(&mut agent, &client, &[]).await.code();
    let id_token = redeem(&server, &client, &first).await.json()["id_token"].as_str().unwrap().to_owned();
    server.clock.advance(Seconds(100));

    let silent = agent.get(&request("site", &[("prompt", "none")])).await;
    let body = redeem(&server, &client, &silent.code()).await.json();
    let auth_time =
        |body: &serde_json::Value| super::claims(body["id_token"].as_str().unwrap())["auth_time"].clone();
    let before = auth_time(&body);
    // Not agreed to yet.
    let none = agent.get(&request(&third.client_id, &[("prompt", "none")])).await;
    assert_eq!(none.sent()["error"], "consent_required");
    for old in [("max_age", "99"), ("max_age", "0")] {
        let none = agent.get(&request("site", &[("prompt", "none"), old])).await;
        assert_eq!(none.sent()["error"], "login_required", "{old:?}");
    }
    assert!(!agent.get(&request("site", &[("max_age", "100")])).await.code().is_empty());

    for again in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "50"), ("max_age", "0")] {
        server.clock.advance(Seconds(60));
        let page = agent.open(&request("site", &[again])).await;
        assert!(page.path.starts_with("/login"), "{again:?}: {}", page.path);
        let back = sign_in(&mut agent, &page).await;
        let body = redeem(&server, &client, &back.code()).await.expect(200).json();
        assert_ne!(auth_time(&body), before, "{again:?}");
    }
    let asked = agent.get(&request("site", &[("prompt", "consent")])).await;
    assert!(asked.location().unwrap().starts_with("/consent?"), "{asked:?}");

    // The hint names whom the client expects.
    let same = agent.get(&request("site", &[("prompt", "none"), ("id_token_hint", &id_token)])).await;
    assert!(!same.code().is_empty());
    server.user(&server.default_tenant(), "bob", "another long password").await;
    let mut other = Agent::new(&server);
    let page = other.open(&request("site", &[])).await;
    let page = other.submit(&page, &[("username", "bob"), ("password", "another long password")]).await;
    assert!(!page.code().is_empty());
    let none = other.get(&request("site", &[("prompt", "none"), ("id_token_hint", &id_token)])).await;
    assert_eq!(none.sent()["error"], "login_required");
}

/// No scope asked: all that the client may have; more than that: clamped.
#[tokio::test]
async fn scopes_are_clamped() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().scope("openid read").create().await;
    let mut agent = Agent::new(&server);
    for (asked, granted) in [("", "openid read"), ("read write admin", "read"), ("openid", "openid")] {
        let code = code(&mut agent, &client, &[("scope", asked)]).await.code();
        let body = redeem(&server, &client, &code).await.expect(200).json();
        assert_eq!(body["scope"], serde_json::json!(granted), "{asked}");
        assert_eq!(body["id_token"].is_string(), granted.contains("openid"));
    }
}

#[tokio::test]
async fn every_tenant_has_its_own_sign_ins() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    ada(&server).await;
    server.user(&acme, "ada@example.org", super::PASSWORD).await;
    let own = website(&server, "own").first_party().create().await;
    website(&server, "theirs").first_party().of(&acme).create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &own, &[]).await.code();
    let page = agent.open(&acme.path(&request("theirs", &[]))).await;
    assert!(page.path.starts_with("/t/acme/login?login_challenge=ch_"), "{}", page.path);
    let back = sign_in(&mut agent, &page).await;
    assert_eq!(back.sent()["iss"], acme.issuer);
    assert!(!agent.get(&request("own", &[])).await.code().is_empty(), "the first sign-in goes on");
}
