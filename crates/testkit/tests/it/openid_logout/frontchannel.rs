//! OpenID Connect Front-Channel Logout 1.0 §2, §3: what a browser loads on the page of whoever has signed out.

use serde_json::json;
use writ_core::settings::Switch;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Page, form};

use super::{Stage, id_token};
use crate::flow::CALLBACK;

/// The addresses in the frames of a page.
fn frames(page: &Page) -> Vec<String> {
    let text = page.text();
    let addresses = text.split("<iframe src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    addresses.map(|address| address.replace("&#38;", "&").replace("&amp;", "&")).collect()
}

/// §2: `iss` and `sid` both where the application wants them, else neither; §3: `sid` as in the ID token. An application
/// that was not used in this sign-in is not loaded.
#[tokio::test]
async fn the_signed_out_page_loads_the_applications_of_the_sign_in() {
    for slug in ["default", "acme"] {
        let stage = Stage::new(slug).await;
        let wants =
            stage.site("wants").frontchannel("https://app.example/out?a=b", Switch::On).create().await;
        let plain = stage.site("plain").frontchannel("https://app.example/plain", Switch::Off).create().await;
        stage.site("idle").frontchannel("https://app.example/idle", Switch::On).create().await;
        let mut agent = Agent::new(&stage.server);
        let signed_in = id_token(&stage.tokens(&mut agent, &wants, &[]).await);
        stage.tokens(&mut agent, &plain, &[]).await;
        let page = stage.sign_out(&mut agent).await;
        let page = agent.follow(page).await;
        assert!(page.text().contains("Signed out"), "{}", page.text());
        let both = form(&[("iss", &stage.tenant.issuer), ("sid", signed_in["sid"].as_str().unwrap())]);
        let mut loaded = frames(&page);
        loaded.sort_unstable();
        assert_eq!(
            loaded,
            [format!("https://app.example/out?a=b&{both}"), "https://app.example/plain".to_owned()]
        );

        // The same again for the browser that loads the page once more, for a while.
        let again = agent.open(&page.path).await;
        assert_eq!(frames(&again).len(), 2);
        let elsewhere = Agent::new(&stage.server).open(&page.path).await;
        assert!(frames(&elsewhere).is_empty(), "another browser");
        stage.server.clock.advance(Seconds(61));
        assert!(frames(&agent.open(&page.path).await).is_empty(), "a minute later");
    }
}

/// The policy names the origins of these frames and no others; nothing else on the page may run, and nobody may have the page
/// in a frame.
#[tokio::test]
async fn the_policy_of_the_page_names_whom_it_loads() {
    let stage = Stage::new("default").await;
    let one = stage.site("one").redirect("https://b.example:8443/cb");
    let one = one.frontchannel("https://b.example:8443/out", Switch::On).create().await;
    let two = stage.site("two").frontchannel("https://app.example/out", Switch::On).create().await;
    let more = stage.site("more").frontchannel("https://app.example/more", Switch::On).create().await;
    let mut agent = Agent::new(&stage.server);
    for client in [&one, &two, &more] {
        stage.tokens(&mut agent, client, &[]).await;
    }
    let page = stage.sign_out(&mut agent).await;
    let page = agent.follow(page).await;
    assert_eq!(frames(&page).len(), 3);
    let policy = page.answer.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'; \
         frame-src https://app.example https://b.example:8443; frame-ancestors 'none'"
    );
    assert!(!page.text().contains("<script"), "it works without a script");
    for frame in page.text().split("<iframe ").skip(1) {
        assert!(frame.contains("referrerpolicy=\"no-referrer\"") && frame.contains("sandbox=\""), "{frame}");
        assert!(!frame.split('>').next().unwrap().contains("allow-top-navigation"), "{frame}");
    }
    assert_eq!(page.answer.header("cache-control"), "no-store");
}

/// RP-Initiated Logout §3 beside it: the browser comes to the page first, which goes on to the application by itself.
#[tokio::test]
async fn the_page_goes_on_to_where_the_application_wants_it() {
    let stage = Stage::new("acme").await;
    let site = stage.site("site").frontchannel("https://app.example/out", Switch::On).create().await;
    let mut agent = Agent::new(&stage.server);
    let tokens = stage.tokens(&mut agent, &site, &[]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", CALLBACK), ("state", "s t")];
    let asked = stage.at(&format!("/oauth2/logout?{}", form(&pairs)));
    let page = agent.open(&asked).await;
    assert_eq!(frames(&page).len(), 1, "{}", page.text());
    let text = page.text().replace("&#38;", "&").replace("&amp;", "&");
    let back = format!("{CALLBACK}&state=s%20t");
    assert!(text.contains(&format!("<meta http-equiv=\"refresh\" content=\"3;url={back}\">")), "{text}");
    assert!(text.contains(&format!("href=\"{back}\"")), "{text}");
    stage.server.clock.advance(Seconds(61));
    assert_eq!(agent.open(&page.path).await.location().unwrap(), back, "later there is nobody to tell");
}

/// However many applications there are, a browser loads a bounded number.
#[tokio::test]
async fn a_browser_loads_twenty_at_the_most() {
    let stage = Stage::new("default").await;
    let mut agent = Agent::new(&stage.server);
    for at in 0..22 {
        let site =
            stage.site(&format!("site-{at}")).frontchannel(&format!("https://app.example/{at}"), Switch::On);
        let site = site.create().await;
        stage.tokens(&mut agent, &site, &[]).await;
    }
    let page = stage.sign_out(&mut agent).await;
    assert_eq!(frames(&agent.follow(page).await).len(), 20);
}

/// §2: an address of another scheme, host or port than the redirect URIs is refused when it is registered.
#[tokio::test]
async fn what_is_loaded_is_where_a_redirect_uri_is() {
    let stage = Stage::new("default").await;
    let new = |uri: &str| {
        json!({
            "client_name": "Site", "redirect_uris": [CALLBACK], "frontchannel_logout_uri": uri,
            "frontchannel_logout_session_required": true,
        })
    };
    for bad in [
        "https://other.example/",
        "https://app.example:8443/",
        "http://app.example/",
        "https://app.example/#x",
    ] {
        let refused = stage.manage(("POST", "/api/v1/clients"), &new(bad)).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert!(refused.text().contains("frontchannel_logout_uri"), "{}", refused.text());
    }
    let made =
        stage.manage(("POST", "/api/v1/clients"), &new("https://app.example/out")).await.expect(201).json();
    assert_eq!(made["frontchannel_logout_session_required"], true);
    let path = format!("/api/v1/clients/{}", made["client_id"].as_str().unwrap());
    let moved = json!({ "redirect_uris": ["https://new.example/cb"] });
    let refused = stage.manage(("PATCH", &path), &moved).await;
    assert_eq!(refused.status, 400, "not by moving the redirect URI either: {}", refused.text());
}
