//! Signing out (OpenID Connect RP-Initiated Logout 1.0), and what ends with it.

use writ_testkit::{Agent, TestServer, form};

use super::{CALLBACK, ada, code, redeem, refresh, request, website};

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
    let good = [("id_token_hint", hint), ("post_logout_redirect_uri", CALLBACK), ("state", "s t")];
    let page = agent.open(&ask(&good)).await;
    let back = agent.submit(&page, &[("decision", "logout")]).await;
    assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=s%20t"));
    let again = agent.open(&ask(&good)).await;
    assert_eq!(again.location().unwrap(), format!("{CALLBACK}&state=s%20t"), "there is nobody left to ask");
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
