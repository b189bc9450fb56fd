//! §3.3, §6.1: what the person does, in the browser of another device.

use rstest::rstest;

use super::*;

/// §3.3, §6.1: the code is typed in capitals or not, with or without the dash.
#[rstest]
#[tokio::test]
async fn the_code_is_typed_however_it_is_read(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let device = stage.begin().await;
    let shown = device.text("user_code");
    for typed in [
        shown.to_owned(),
        shown.to_lowercase(),
        shown.replace('-', ""),
        format!(" {} ", shown.replace('-', " ")),
    ] {
        let mut agent = Agent::new(&stage.server);
        let page = agent.open(&stage.at("/device")).await;
        assert!(page.text().contains("Type the code that your device shows"), "{}", page.text());
        let page = agent.submit(&page, &[("user_code", &typed)]).await;
        assert!(page.path.contains("/login?login_challenge="), "{typed}: {}", page.path);
    }
}

/// §3.3: what is no code, or nobody's any more, is told on the page with what was typed.
#[tokio::test]
async fn a_code_that_leads_nowhere_is_shown_again() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = agent.open("/device").await;
    for typed in ["hello", "WDJB-MJHT", "WDJB-MJHT-WDJB-MJHT", "1234-5678", "<script>"] {
        let again = agent.submit(&page, &[("user_code", typed)]).await;
        assert_eq!(again.answer.status, 400, "{typed}");
        assert!(again.text().contains("Nothing waits under this code"), "{}", again.text());
        assert!(!again.text().contains("<script>"), "{}", again.text());
    }
    let empty = agent.submit(&page, &[("user_code", "")]).await;
    assert_eq!(empty.answer.status, 400);
    stage.server.clock.advance(Seconds(600));
    let late = agent.open(&format!("/device?user_code={}", device.text("user_code"))).await;
    assert_eq!(late.answer.status, 400);
}

/// §3.3.1, §5.4: a link with the code in it asks as well: the person sees whose application it is, the code, and from where
/// the device asked. So it is for the tenant's own applications, and for what was agreed to before.
#[rstest]
#[tokio::test]
async fn a_link_with_the_code_still_asks(#[values(true, false)] first_party: bool) {
    let stage = Stage::usual().await;
    let television = television(&stage.server, "own").redirect("https://own.example/");
    let client =
        if first_party { television.first_party().create().await } else { television.create().await };
    let mut agent = Agent::new(&stage.server);
    for _ in 0..2 {
        let begun = stage.send(&client, &[("scope", "openid read")]).await.expect(200).json();
        let device = Waiting(begun);
        let complete = device.text("verification_uri_complete").strip_prefix("https://id.example").unwrap();
        let page = agent.open(complete).await;
        let page = if page.path.contains("/login") { sign_in(&mut agent, &page).await } else { page };
        assert!(page.path.starts_with("/consent?"), "{}", page.path);
        for part in ["own", device.text("user_code"), "192.0.2.", "Your device goes on by itself"] {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
        let _ =
            stage.poll_as(&client, device.text("device_code")).await.refused(400, "authorization_pending");
        let done = agent.submit(&page, &[("decision", "allow")]).await;
        assert!(done.text().contains("Your device may go on"), "{}", done.text());
        let _ = stage.poll_as(&client, device.text("device_code")).await.expect(200);
    }
}

/// The boxes of the consent page count for devices, too: what is unticked is not given.
#[tokio::test]
async fn a_person_gives_less_than_is_asked_for() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.consent(&mut agent, &device).await;
    let _ = agent.untick(&page, &["scope.read"], ("decision", "allow")).await;
    let tokens = stage.poll(&device).await.expect(200).json();
    assert_eq!(tokens["scope"], "openid");
}

/// The form of a decision may come twice; the page is in the person's language.
#[tokio::test]
async fn a_decision_that_comes_twice_is_the_same() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.consent(&mut agent, &device).await;
    for _ in 0..2 {
        let done = agent.submit(&page, &[("decision", "allow")]).await;
        assert!(done.text().contains("Your device may go on"), "{}", done.text());
    }
    let german = agent.open("/device?lang=de").await;
    assert!(german.text().contains("Gerät verbinden"), "{}", german.text());
}
