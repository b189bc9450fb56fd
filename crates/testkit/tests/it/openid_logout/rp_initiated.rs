//! OpenID Connect RP-Initiated Logout 1.0 §2, §3. What else there is to it: `flow/sign_out.rs`.

use writ_core::time::Seconds;
use writ_testkit::{Agent, form};

use super::{ADA, Stage};
use crate::flow::{CALLBACK, PASSWORD, request};

/// §2: by GET and by POST.
#[tokio::test]
async fn an_application_asks_by_get_and_by_post() {
    for slug in ["default", "acme"] {
        for method in ["GET", "POST"] {
            let stage = Stage::new(slug).await;
            let site = stage.site("site").create().await;
            let mut agent = Agent::new(&stage.server);
            let tokens = stage.tokens(&mut agent, &site, &[]).await;
            let hint = tokens["id_token"].as_str().unwrap();
            let pairs = [
                ("id_token_hint", hint),
                ("logout_hint", ADA),
                ("client_id", "site"),
                ("post_logout_redirect_uri", CALLBACK),
                ("state", "s t"),
                ("ui_locales", "fr en"),
            ];
            let path = stage.at("/oauth2/logout");
            let back = match method {
                "GET" => agent.get(&format!("{path}?{}", form(&pairs))).await,
                _ => agent.post(&path, &pairs).await,
            };
            assert_eq!(back.answer.status, 303, "{slug} {method}");
            assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=s%20t"));
        }
    }
}

/// §2: the person must be asked where the ID token is not of the present sign-in at that application, although it is
/// of the same person. §4: an expired one does.
#[tokio::test]
async fn an_id_token_of_another_sign_in_is_not_enough() {
    for slug in ["default", "acme"] {
        let stage = Stage::new(slug).await;
        let (site, other) = (stage.site("site").create().await, stage.site("other").create().await);
        let mut before = Agent::new(&stage.server);
        let of_before = stage.tokens(&mut before, &site, &[]).await;
        let mut agent = Agent::new(&stage.server);
        let of_now = stage.tokens(&mut agent, &site, &[]).await;
        let of_other = stage.tokens(&mut agent, &other, &[]).await;
        let ask = |hint: &serde_json::Value, client_id: &str| {
            let pairs = [
                ("id_token_hint", hint["id_token"].as_str().unwrap()),
                ("client_id", client_id),
                ("post_logout_redirect_uri", CALLBACK),
            ];
            stage.at(&format!("/oauth2/logout?{}", form(&pairs)))
        };
        let asked = agent.open(&ask(&of_before, "site")).await;
        assert!(asked.text().contains("value=\"logout\""), "{}", asked.text());
        let refused = agent.open(&ask(&of_other, "site")).await;
        assert_eq!(
            refused.answer.status, 400,
            "§2: client_id is not the one that the ID token was issued to"
        );
        let path = stage.at(&request("site", &[("prompt", "none")]));
        assert!(agent.get(&path).await.sent().contains_key("code"), "still signed in");

        stage.server.clock.advance(Seconds(2 * 3600));
        let back = agent.open(&ask(&of_now, "site")).await;
        assert_eq!(back.location().unwrap(), CALLBACK, "{}", back.text());
        let gone = agent.open(&ask(&of_now, "site")).await;
        assert_eq!(gone.location().unwrap(), CALLBACK, "§2: one of a recent sign-in is taken too");
    }
}

/// §2: what was sent travels to the page on which the person is asked, and on from there.
#[tokio::test]
async fn nothing_is_lost_on_the_way_over_the_page() {
    let stage = Stage::new("acme").await;
    let site = stage.site("site").create().await;
    let mut agent = Agent::new(&stage.server);
    stage.tokens(&mut agent, &site, &[]).await;
    let pairs = [
        ("logout_hint", ADA),
        ("client_id", "site"),
        ("post_logout_redirect_uri", CALLBACK),
        ("state", "a&b"),
        ("ui_locales", "de"),
    ];
    let page = agent.open(&stage.at(&format!("/oauth2/logout?{}", form(&pairs)))).await;
    for (name, _) in pairs {
        assert!(page.text().contains(&format!("name=\"{name}\"")), "{name}: {}", page.text());
    }
    let back = agent.submit(&page, &[("decision", "logout")]).await;
    assert_eq!(back.location().unwrap(), format!("{CALLBACK}&state=a%26b"));
    let twice = agent.submit(&page, &[("decision", "logout")]).await;
    let twice = agent.follow(twice).await;
    assert_eq!(twice.location().unwrap(), format!("{CALLBACK}&state=a%26b"), "the same form once more");
    let page = agent.open(&stage.at(&request("site", &[]))).await;
    assert!(
        agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await.sent().contains_key("code")
    );
}
