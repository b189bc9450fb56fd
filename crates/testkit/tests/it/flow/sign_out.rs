//! Signing out (OpenID Connect RP-Initiated Logout 1.0), and what ends with it.

use writ_core::settings::{Switch, TenantSettings};
use writ_testkit::{Agent, TestServer, form};

use super::{CALLBACK, PASSWORD, ada, at, code, redeem, refresh, request, website};

#[tokio::test]
async fn signing_out_ends_the_sign_in_and_what_was_granted_in_it() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    let online = redeem(&server, &client, &code(&mut agent, &client, &[]).await.code()).await.json();
    let more = [("scope", "openid offline_access")];
    let offline = redeem(&server, &client, &code(&mut agent, &client, &more).await.code()).await.json();
    let waiting = agent.get(&request("own", &[])).await.code();

    let page = agent.open("/logout").await;
    assert!(page.text().contains("name=\"decision\" value=\"logout\""), "{}", page.text());
    let refused = agent.post("/logout", &[("decision", "logout")]).await;
    assert_eq!(refused.answer.status, 400, "only from our own page");
    let done = agent.submit(&page, &[("decision", "logout")]).await;
    assert!(done.text().contains("Signed out"), "{}", done.text());

    assert_eq!(agent.get(&request("own", &[("prompt", "none")])).await.sent()["error"], "login_required");
    let text = |body: &serde_json::Value, name: &str| body[name].as_str().unwrap().to_owned();
    let _ = refresh(&server, &client, &text(&online, "refresh_token")).await.refused(400, "invalid_grant");
    assert!(!server.is_active(&client, &text(&online, "access_token")).await);
    let _ = redeem(&server, &client, &waiting).await.refused(400, "invalid_grant");
    let _ = refresh(&server, &client, &text(&offline, "refresh_token")).await.expect(200);
}

#[tokio::test]
async fn an_application_may_ask_for_it() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    let body = redeem(&server, &client, &code(&mut agent, &client, &[]).await.code()).await.json();
    let hint = body["id_token"].as_str().unwrap();
    let ask = |pairs: &[(&str, &str)]| format!("/oauth2/logout?{}", form(pairs));
    for bad in [
        &[("post_logout_redirect_uri", CALLBACK)][..],
        &[("client_id", "own"), ("post_logout_redirect_uri", "https://evil.example/")],
        &[("client_id", "nobody"), ("post_logout_redirect_uri", CALLBACK)],
        &[("id_token_hint", "x.y.z")],
        &[("id_token_hint", hint), ("client_id", "other")],
    ] {
        let page = agent.open(&ask(bad)).await;
        assert_eq!(page.answer.status, 400, "{bad:?}");
        assert!(page.text().contains("Request refused"));
    }
    // It does not say whom it means: the person is asked.
    let good = [("client_id", "own"), ("post_logout_redirect_uri", CALLBACK), ("state", "s t")];
    let page = agent.open(&ask(&good)).await;
    assert!(page.text().contains("value=\"logout\""), "{}", page.text());
    let back = agent.submit(&page, &[("decision", "logout")]).await;
    assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=s%20t"));
    let again = agent.open(&ask(&good)).await;
    assert_eq!(again.location().unwrap(), format!("{CALLBACK}&state=s%20t"), "there is nobody left to ask");
}

/// RP-Initiated Logout 1.0 §2: who has shown by an ID token that they mean the person who is signed in here signs them out
/// at once, and nobody else does.
#[tokio::test]
async fn an_application_that_shows_whom_it_means_signs_them_out() {
    let server = TestServer::start().await;
    let asking = TenantSettings { confirm_sign_out: Switch::On, ..TenantSettings::default() };
    for (tenant, is_asked) in [
        (server.default_tenant(), false),
        (server.tenant("acme").await, false),
        (server.tenant_with("asking", asking).await, true),
    ] {
        for name in ["ada@example.org", "bob"] {
            server.user(&tenant, name, PASSWORD).await;
        }
        let id = format!("own-{}", tenant.slug);
        let client = website(&server, &id).of(&tenant).first_party().create().await;
        let sign_in = async |agent: &mut Agent<'_>, name: &str| {
            let page = agent.open(&at(&tenant, &request(&id, &[]))).await;
            let back = agent.submit(&page, &[("username", name), ("password", PASSWORD)]).await;
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", &*back.code()),
                ("redirect_uri", CALLBACK),
                ("code_verifier", super::VERIFIER),
            ];
            server.post(&at(&tenant, "/oauth2/token"), &client, &pairs).await.expect(200).json()
        };
        let is_signed_in = async |agent: &mut Agent<'_>| {
            let page = agent.get(&at(&tenant, &request(&id, &[("prompt", "none")]))).await;
            page.sent().contains_key("code")
        };
        let (mut agent, mut other) = (Agent::new(&server), Agent::new(&server));
        let hint = sign_in(&mut agent, "ada@example.org").await["id_token"].as_str().unwrap().to_owned();
        let bobs = sign_in(&mut other, "bob").await["id_token"].as_str().unwrap().to_owned();
        let ask = |pairs: &[(&str, &str)]| at(&tenant, &format!("/oauth2/logout?{}", form(pairs)));
        // Somebody else is meant, nobody is named, or there is nowhere to go: the person is asked.
        for asked in [
            &[("id_token_hint", &*bobs), ("post_logout_redirect_uri", CALLBACK)][..],
            &[("client_id", &*id), ("post_logout_redirect_uri", CALLBACK)],
            &[("id_token_hint", &*hint)],
        ] {
            let page = agent.open(&ask(asked)).await;
            assert!(page.text().contains("value=\"logout\""), "{asked:?}: {}", page.text());
            assert!(is_signed_in(&mut agent).await, "{asked:?}");
        }
        let refused = agent.open(&ask(&[("post_logout_redirect_uri", CALLBACK)])).await;
        assert_eq!(refused.answer.status, 400, "an address alone is refused, not left out");
        let good = [("id_token_hint", &*hint), ("post_logout_redirect_uri", CALLBACK), ("state", "s t")];
        let back = agent.open(&ask(&good)).await;
        if is_asked {
            assert!(is_signed_in(&mut agent).await, "the tenant wants people to be asked always");
            let back = agent.submit(&back, &[("decision", "logout")]).await;
            assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=s%20t"));
        } else {
            assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=s%20t"), "{}", back.text());
        }
        assert!(!is_signed_in(&mut agent).await && is_signed_in(&mut other).await);
        // By a form too, which another site's page sends.
        let posted = other
            .post(
                &at(&tenant, "/oauth2/logout"),
                &[("id_token_hint", &bobs), ("post_logout_redirect_uri", CALLBACK)],
            )
            .await;
        assert_eq!(posted.location().as_deref() == Some(CALLBACK), !is_asked, "{:?}", posted.location());
    }
}

/// Afterwards the page says what happened, in plain words.
#[tokio::test]
async fn the_page_says_what_happened() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    let before = agent.open("/logout").await;
    assert!(before.text().contains("Nobody is signed in"), "{}", before.text());
    code(&mut agent, &client, &[]).await.code();
    let page = agent.open("/logout").await;
    let mut lost = agent.copy();
    let done = agent.submit(&page, &[("decision", "logout")]).await;
    assert!(done.text().contains("You are signed out of"), "{}", done.text());
    let again = lost.submit(&page, &[("decision", "logout")]).await;
    assert_eq!(again.text(), done.text(), "the same form twice");
}

/// The page was shown before somebody signed in anew: nothing is ended by it, and the next one is a click away.
#[tokio::test]
async fn a_form_that_is_too_old_leads_to_a_new_one() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &client, &[]).await.code();
    let page = agent.open("/logout?state=s%20t").await;
    code(&mut agent, &client, &[("prompt", "login")]).await.code();
    let told = agent.submit(&page, &[("decision", "logout")]).await;
    assert_eq!(told.answer.status, 400);
    assert!(told.text().contains("You are still signed in."), "{}", told.text());
    assert_eq!(told.link("Sign out"), "/logout?state=s%20t");
    let again = agent.open(&told.link("Sign out")).await;
    let out = agent.submit(&again, &[("decision", "logout")]).await;
    assert!(out.text().contains("<h1>Signed out</h1>"), "{}", out.text());
}
