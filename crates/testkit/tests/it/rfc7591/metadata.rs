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
