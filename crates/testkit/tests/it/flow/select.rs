//! OpenID Connect Core §3.1.2.1, `prompt` and `max_age`: somebody who is signed in is offered their account, or asked for
//! the password of it.

use writ_core::time::Seconds;
use writ_testkit::{Agent, TestServer};

use super::{PASSWORD, ada, at, code, request, website};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn who_chooses_an_account_may_choose_the_one_they_have() {
    let server = TestServer::start().await;
    for tenant in [server.default_tenant(), server.tenant("acme").await] {
        for name in [ADA, "bob"] {
            server.user(&tenant, name, PASSWORD).await;
        }
        let id = |kind: &str| format!("{kind}-{}", tenant.slug);
        website(&server, &id("own")).of(&tenant).first_party().create().await;
        website(&server, &id("site")).of(&tenant).create().await;
        let ask = |kind: &str, more: &[(&str, &str)]| at(&tenant, &request(&id(kind), more));
        let mut agent = Agent::new(&server);
        let page = agent.open(&ask("own", &[("prompt", "select_account")])).await;
        assert!(page.text().contains("<h1>Sign in</h1>"), "there is nobody to choose: {}", page.text());
        agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
        server.clock.advance(Seconds(60));

        let page = agent.open(&ask("own", &[("prompt", "select_account")])).await;
        assert!(page.path.contains("/login") && page.text().contains("<h1>Choose an account</h1>"));
        assert_eq!(page.text().matches("name=\"username\"").count(), 1, "or another one: {}", page.text());
        let back = agent.open(&page.link(&format!("Continue as {ADA}"))).await;
        assert!(!back.code().is_empty());
        // Nothing but pressing it on our page says so.
        let page = agent.open(&ask("own", &[("prompt", "select_account")])).await;
        let consent = page.path.replace("/login", "/consent");
        for forged in ["", "&account=", "&account=AAAA"] {
            let shown = agent.open(&format!("{consent}{forged}")).await;
            assert!(shown.text().contains("Choose an account"), "{forged}: {}", shown.text());
        }
        let of_another = back.path.split_once("&account=").map(|(_, token)| token.to_owned()).unwrap();
        let shown = agent.open(&format!("{consent}&account={of_another}")).await;
        assert!(shown.text().contains("Choose an account"), "that was chosen for another request");
        // Somebody else may be chosen, by their password.
        let back = agent.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).await;
        assert!(!back.code().is_empty());

        // Where a consent is needed, it is asked for the account that was chosen.
        let more = [("prompt", "select_account consent")];
        let page = agent.open(&ask("site", &more)).await;
        let consent = agent.open(&page.link("Continue as bob")).await;
        assert!(
            consent.text().contains("<bdi>bob</bdi>") && consent.form().has("boxes"),
            "{}",
            consent.text()
        );
        let back = agent.send_form(&consent, &[("decision", "allow")]).await;
        assert!(!back.code().is_empty());
    }
}

#[tokio::test]
async fn who_has_to_prove_themselves_again_finds_their_name_filled_in() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &client, &[]).await.code();
    server.clock.advance(Seconds(60));
    for more in [
        &[("prompt", "login")][..],
        &[("max_age", "10")],
        &[("max_age", "0")],
        &[("prompt", "login select_account")],
        &[("prompt", "select_account"), ("max_age", "10")],
    ] {
        let page = agent.open(&request("own", more)).await;
        assert!(page.path.starts_with("/login"), "{more:?}");
        assert!(page.form().fields.contains(&("username".into(), ADA.into())), "{more:?}: {}", page.text());
        assert!(!page.text().contains("Continue as"), "{more:?}: {}", page.text());
        let consent = agent.open(&page.path.replace("/login", "/consent")).await;
        assert!(consent.path.starts_with("/login"), "{more:?}: it cannot be passed by");
        let back = agent.submit(&page, &[("password", PASSWORD)]).await;
        assert!(!back.code().is_empty(), "{more:?}");
        server.clock.advance(Seconds(60));
    }
    // What the application says comes first, and nobody is shown whom somebody else's request is about.
    let page = agent.open(&request("own", &[("prompt", "login"), ("login_hint", "bob")])).await;
    assert!(page.form().fields.contains(&("username".into(), "bob".into())), "{}", page.text());
}
