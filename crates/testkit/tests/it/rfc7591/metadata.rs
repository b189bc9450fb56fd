//! RFC 7591 §2 and OpenID Connect Dynamic Client Registration 1.0 §2: everything that is registered is told.

use super::*;
use writ_testkit::Agent;

fn whole() -> Value {
    json!({
        "client_name": "Bücher & Co",
        "application_type": "web",
        "redirect_uris": [CALLBACK, "https://b.example/cb"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "grant_types": ["refresh_token", "authorization_code"],
        "response_types": ["code"],
        "scope": "email openid",
        "token_endpoint_auth_method": "client_secret_jwt",
        "token_endpoint_auth_signing_alg": "HS256",
        "jwks_uri": "https://app.example/jwks",
        "client_name#ja": "本屋",
        "client_name#pt-BR": "Livros",
        "policy_uri#de": "https://app.example/datenschutz",
        "client_uri": "https://app.example/",
        "logo_uri": "https://app.example/logo.png",
        "tos_uri": "https://app.example/tos",
        "policy_uri": "https://app.example/privacy",
        "contacts": ["ann@app.example", "+44 20 7946 0000"],
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "2.2",
        "initiate_login_uri": "https://app.example/start",
        "default_max_age": 3600,
        "require_auth_time": true,
        "require_pushed_authorization_requests": true,
        "id_token_signed_response_alg": "EdDSA",
        "authorization_signed_response_alg": "PS256",
        "backchannel_logout_uri": "https://app.example/backchannel",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://app.example/frontchannel",
        "frontchannel_logout_session_required": true,
    })
}

/// §3.2.1: all registered metadata comes back, and again whenever it is asked for (RFC 7592 §2.1).
#[tokio::test]
async fn what_is_registered_is_told() {
    let server = open().await;
    let made = register(&server, &whole()).await.expect(201).json();
    let (path, token) = own(&made);
    let read = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200);
    assert_eq!(read.header("cache-control"), "no-store");
    let read = read.json();
    for (name, value) in whole().as_object().unwrap() {
        assert_eq!((&made[name], &read[name]), (value, value), "{name}");
    }
    // What is told when it is read is what was told when it was made, but for the secret, of which there is only a hash.
    let mut told = made.clone();
    told.as_object_mut().unwrap().retain(|name, _| !name.starts_with("client_secret"));
    assert_eq!(told, read);
}

/// §2.1 of OpenID Connect Discovery: `default_max_age` holds where a request says nothing.
#[tokio::test]
async fn a_sign_in_may_be_as_old_as_the_client_says() {
    let server = open().await;
    crate::flow::ada(&server).await;
    let made = register(&server, &website(&json!({ "default_max_age": 60 }))).await.expect(201).json();
    let client_id = text(&made, "client_id");
    let mut agent = Agent::new(&server);
    let ask = |more: &[(&str, &str)]| {
        let scope = [("scope", "openid")];
        crate::flow::request(client_id, &[&scope[..], more].concat())
    };
    let page = agent.open(&ask(&[])).await;
    let page = crate::flow::sign_in(&mut agent, &page).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    assert!(page.sent().contains_key("code"), "{:?}", page.sent());
    server.clock.advance(writ_core::time::Seconds(59));
    let page = agent.open(&ask(&[("prompt", "none")])).await;
    assert!(page.sent().contains_key("code"), "{:?}", page.sent());
    server.clock.advance(writ_core::time::Seconds(2));
    let page = agent.open(&ask(&[("prompt", "none")])).await;
    assert_eq!(page.sent().get("error").map(String::as_str), Some("login_required"));
    let page = agent.open(&ask(&[("prompt", "none"), ("max_age", "1000")])).await;
    assert!(page.sent().contains_key("code"), "a request that says so counts for more: {:?}", page.sent());
}

/// OpenID Connect Dynamic Client Registration 1.0 §2: a native application is on the device.
#[tokio::test]
async fn a_native_application_is_reached_on_the_device() {
    let server = open().await;
    set(&server, &server.default_tenant(), json!({ "allow_http_callbacks": true })).await;
    for (uri, good) in [
        ("com.example.app:/cb", true),
        ("http://127.0.0.1/cb", true),
        ("http://localhost:8080/cb", true),
        ("https://app.example/claimed", true),
        ("http://app.intern/cb", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("myapp:/cb", false),
    ] {
        let sent = json!({ "application_type": "native", "redirect_uris": [uri], "token_endpoint_auth_method": "none" });
        let answer = register(&server, &website(&sent)).await;
        if good {
            let _ = answer.expect(201);
        } else {
            let _ = answer.refused(400, "invalid_redirect_uri");
        }
    }
}

/// RFC 7591 §2.2, OpenID Connect Registration §2.1: what is there in the language of a page is shown, and what is there without one
/// otherwise.
#[tokio::test]
async fn people_read_a_name_in_their_language() {
    let server = open().await;
    crate::flow::ada(&server).await;
    let in_languages = json!({
        "client_name": "Invoices",
        "client_name#ja": "請求書",
        "client_name#pt-BR": "Faturas",
        "tos_uri": "https://app.example/terms",
        "tos_uri#ja": "https://app.example/ja/terms",
        "client_uri#ja": "https://ja.app.example/",
    });
    let made = register(&server, &website(&in_languages)).await.expect(201).json();
    let client_id = text(&made, "client_id");
    let shown = [
        ("ja", "請求書", "https://app.example/ja/terms"),
        ("pt", "Faturas", "https://app.example/terms"),
        ("de", "Invoices", "https://app.example/terms"),
    ];
    for (locale, name, terms) in shown {
        let mut agent = Agent::new(&server);
        let asked = [("scope", "openid"), ("ui_locales", locale), ("prompt", "consent")];
        let page = agent.open(&crate::flow::request(client_id, &asked)).await;
        assert!(
            page.text().contains(&format!("<strong><bdi>{name}</bdi></strong>"))
                || page.text().contains(name)
        );
        let page = agent
            .submit(&page, &[("username", "ada@example.org"), ("password", crate::flow::PASSWORD)])
            .await;
        assert!(page.path.starts_with("/consent?"), "{}", page.text());
        assert!(
            page.text().contains(name) && page.text().contains(&format!("\"{terms}\"")),
            "{}",
            page.text()
        );
        assert_eq!(page.text().contains("ja.app.example"), locale == "ja");
        let _ = agent.submit(&page, &[("decision", "allow")]).await;
        let account = agent.open(&format!("/account?lang={locale}")).await;
        assert!(account.text().contains(name), "{}", account.text());
    }
}

/// RFC 7591 §2.2, RFC 7592 §2.2: a change that leaves a language out takes it back; what is no language is refused.
#[tokio::test]
async fn a_language_is_taken_back_by_leaving_it_out() {
    let server = open().await;
    let sent = website(&json!({ "client_name#ja": "店", "client_name#de": "Laden" }));
    let made = register(&server, &sent).await.expect(201).json();
    let (path, token) = own(&made);
    let change = website(&json!({ "client_id": made["client_id"], "client_name#JA": "商店" }));
    let after = ask(&server, ("PUT", &path), Some(&token), &change).await.expect(200).json();
    assert_eq!(after["client_name#JA"], Value::Null, "it keeps the tag that it was registered under");
    assert_eq!((&after["client_name#ja"], &after["client_name#de"]), (&json!("商店"), &Value::Null));
    for member in ["client_name#", "client_name#ja_JP", "client_name#1", "logo_uri#ja"] {
        let answer = register(&server, &website(&json!({ member: "x" }))).await;
        let _ = answer.refused(400, "invalid_client_metadata");
    }
    let unknown = register(&server, &website(&json!({ "redirect_uris#ja": "x" }))).await.expect(201).json();
    assert_eq!(unknown["redirect_uris#ja"], Value::Null, "what is not for people is in no language");
}
