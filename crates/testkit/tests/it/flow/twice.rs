//! Forms that come twice, windows that open at once, cookies of others: the same browser and the same request have the
//! same outcome.

use http::Request;
use http::header::{self, HeaderValue};
use writ_core::settings::TenantSettings;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Page, TestServer, TestTenant};

use super::{PASSWORD, at, request, website};

const ADA: &str = "ada@example.org";
const COOKIE: &str = "__Host-writ";

/// The first tenant and another one, each with its people and applications.
async fn tenants(server: &TestServer) -> [TestTenant; 2] {
    let tenants = [server.default_tenant(), server.tenant("acme").await];
    for tenant in &tenants {
        for name in [ADA, "bob"] {
            server.user(tenant, name, PASSWORD).await;
        }
        website(server, &format!("own-{}", tenant.slug)).of(tenant).first_party().create().await;
        website(server, &format!("site-{}", tenant.slug)).of(tenant).create().await;
    }
    tenants
}

fn ask(tenant: &TestTenant, client: &str, more: &[(&str, &str)]) -> String {
    at(tenant, &request(&format!("{client}-{}", tenant.slug), more))
}

fn typed(name: &str) -> [(&str, &str); 2] {
    [("username", name), ("password", PASSWORD)]
}

fn sessions(server: &TestServer) -> i64 {
    server.count("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL")
}

/// The answer was lost, or the button was pressed twice: the form that comes again has the cookie of before.
#[tokio::test]
async fn a_sign_in_form_that_comes_twice_signs_in_once() {
    let server = TestServer::start().await;
    for (n, tenant) in tenants(&server).await.iter().enumerate() {
        let mut agent = Agent::new(&server);
        let page = agent.open(&ask(tenant, "site", &[])).await;
        let mut lost = agent.copy();
        let first = agent.send_form(&page, &typed(ADA)).await;
        let again = lost.send_form(&page, &typed(ADA)).await;
        assert_eq!((again.location(), again.answer.status), (first.location(), 303), "{}", again.text());
        assert_eq!(lost.cookie(COOKIE), agent.cookie(COOKIE), "one sign-in, one cookie");
        assert_eq!(sessions(&server), i64::try_from(n).unwrap() + 1);
        let consent = lost.follow(again).await;
        assert!(!lost.send_form(&consent, &[("decision", "allow")]).await.code().is_empty());
        // And with the cookie of the first answer, as when the first page was left by the back button.
        let third = agent.send_form(&page, &typed(ADA)).await;
        assert_eq!(third.answer.status, 303, "{}", third.text());
    }
}

/// Both at once: one of them loses the race.
#[tokio::test]
async fn two_sign_in_forms_at_once_sign_in_once() {
    let server = TestServer::start().await;
    let [tenant, _] = tenants(&server).await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&ask(&tenant, "site", &[])).await;
    let mut other = agent.copy();
    let ada = typed(ADA);
    let (first, second) = tokio::join!(agent.send_form(&page, &ada), other.send_form(&page, &ada));
    assert_eq!((first.answer.status, second.answer.status), (303, 303), "{}{}", first.text(), second.text());
    assert_eq!(first.location(), second.location());
    assert_eq!(agent.cookie(COOKIE), other.cookie(COOKIE));
    assert_eq!(sessions(&server), 1);
}

/// Session fixation: whoever knew the cookie before gets the one after it from nobody, neither with the person's form
/// without their password nor with a password of their own.
#[tokio::test]
async fn the_cookie_of_a_sign_in_is_given_again_to_its_person_alone() {
    let server = TestServer::start().await;
    for tenant in &tenants(&server).await {
        let mut agent = Agent::new(&server);
        let page = agent.open(&ask(tenant, "site", &[])).await;
        let thief = agent.copy();
        agent.send_form(&page, &typed(ADA)).await;
        let after = agent.cookie(COOKIE).map(str::to_owned);
        let mut guessing = thief.copy();
        let wrong = guessing.send_form(&page, &[("username", ADA), ("password", "wrong")]).await;
        assert_eq!((wrong.answer.status, wrong.answer.all("set-cookie").len()), (400, 0));
        let mut own = thief.copy();
        let theirs = own.send_form(&page, &typed("bob")).await;
        assert_eq!(theirs.answer.status, 303);
        assert_ne!(own.cookie(COOKIE).map(str::to_owned), after);
        let shown = own.follow(theirs).await;
        assert!(shown.text().contains("<bdi>bob</bdi>") && !shown.text().contains(ADA), "{}", shown.text());
        // For another request, somebody who has the password signs in anew, elsewhere.
        let mut elsewhere = thief.copy();
        let another = elsewhere.open(&ask(tenant, "site", &[])).await;
        elsewhere.send_form(&another, &typed(ADA)).await;
        assert_ne!(elsewhere.cookie(COOKIE).map(str::to_owned), after);
        // The person is still signed in, as themselves.
        let page = agent.open(&ask(tenant, "own", &[("prompt", "none")])).await;
        assert!(page.sent().contains_key("code"), "{:?}", page.sent());
    }
}

/// A cookie that an attacker had before, and signed in with themselves, does not lead to who signs in with it later.
#[tokio::test]
async fn a_planted_cookie_leads_to_nobody() {
    let server = TestServer::start().await;
    let [first, second] = tenants(&server).await;
    let mut attacker = Agent::new(&server);
    let page = attacker.open(&ask(&first, "site", &[])).await;
    attacker.send_form(&page, &typed("bob")).await;
    let mut victim = attacker.copy();
    let theirs = victim.open(&ask(&second, "site", &[])).await;
    victim.send_form(&theirs, &typed(ADA)).await;
    attacker.send_form(&page, &typed("bob")).await;
    assert_ne!(attacker.cookie(COOKIE), victim.cookie(COOKIE));
    let none = attacker.get(&ask(&second, "own", &[("prompt", "none")])).await;
    assert_eq!(none.sent()["error"], "login_required");
}

/// The code left with an answer that was lost: the form that comes again gets the same one, for a moment, as long as
/// nobody has used it.
#[tokio::test]
async fn a_sign_in_form_that_comes_again_gets_the_same_answer() {
    let server = TestServer::start().await;
    for tenant in &tenants(&server).await {
        let mut agent = Agent::new(&server);
        let page = agent.open(&ask(tenant, "own", &[])).await;
        let mut lost = agent.copy();
        let back = agent.submit(&page, &typed(ADA)).await;
        let again = lost.submit(&page, &typed(ADA)).await;
        assert_eq!(again.code(), back.code());
        let reloaded = agent.get(&page.path.replace("/login", "/consent")).await;
        assert_eq!(reloaded.code(), back.code(), "the address was opened again");
        server.clock.advance(Seconds(10));
        let late = lost.submit(&page, &typed(ADA)).await;
        assert_eq!(late.answer.status, 400);
        assert!(late.text().contains("You have answered"), "{}", late.text());
    }
}

/// Several windows that begin at once in a browser that has no cookie: each gets one, and the last is kept.
async fn windows<'s>(server: &'s TestServer, asked: &str) -> (Agent<'s>, Vec<Page>) {
    let mut agent = Agent::new(server);
    let mut pages = Vec::new();
    for _ in 0..3 {
        let mut window = Agent::new(server);
        let begun = window.get(asked).await;
        pages.push(begun);
        agent.join(&window);
    }
    let mut shown = Vec::new();
    for page in pages {
        shown.push(agent.follow(page).await);
    }
    (agent, shown)
}

#[tokio::test]
async fn windows_that_open_at_once_all_lead_on() {
    let server = TestServer::start().await;
    for tenant in &tenants(&server).await {
        // One after the other, each from its form to its answer.
        let (mut agent, pages) = windows(&server, &ask(tenant, "site", &[("prompt", "consent")])).await;
        for page in &pages {
            assert_eq!(page.answer.status, 200, "{}", page.text());
            let consent = agent.submit(page, &typed(ADA)).await;
            assert!(!agent.send_form(&consent, &[("decision", "allow")]).await.code().is_empty());
        }
        // First all sign in, then all agree.
        let (mut agent, pages) = windows(&server, &ask(tenant, "site", &[("prompt", "consent")])).await;
        let mut consents = Vec::new();
        for page in &pages {
            consents.push(agent.submit(page, &typed(ADA)).await);
        }
        for consent in &consents {
            let back = agent.send_form(consent, &[("decision", "allow")]).await;
            assert!(!back.code().is_empty(), "{}", back.text());
        }
        // Or go on with the sign-in of the first.
        let (mut agent, pages) = windows(&server, &ask(tenant, "own", &[])).await;
        agent.submit(&pages[0], &typed(ADA)).await;
        for page in &pages[1..] {
            let reloaded = agent.open(&page.path).await;
            assert!(!agent.open(&reloaded.link(&format!("Continue as {ADA}"))).await.code().is_empty());
        }
        // What was begun elsewhere is no business of this browser.
        let (_, foreign) = windows(&server, &ask(tenant, "own", &[])).await;
        for page in &foreign {
            let refused = agent.open(&page.path).await;
            assert_eq!(refused.answer.status, 400, "{}", refused.text());
            let refused = agent.send_form(page, &typed(ADA)).await;
            assert_eq!((refused.answer.status, refused.answer.all("set-cookie").len()), (400, 0));
        }
    }
}

/// Who agrees is who the page was shown to.
#[tokio::test]
async fn a_consent_form_is_of_who_was_signed_in() {
    let server = TestServer::start().await;
    let [tenant, _] = tenants(&server).await;
    let (mut agent, pages) = windows(&server, &ask(&tenant, "site", &[])).await;
    let of_ada = agent.submit(&pages[0], &typed(ADA)).await;
    agent.submit(&pages[1], &typed("bob")).await;
    let refused = agent.send_form(&of_ada, &[("decision", "allow")]).await;
    assert_eq!((refused.answer.status, refused.location()), (400, None), "{}", refused.text());
    assert!(refused.text().contains("Please try again.") && refused.text().contains("<bdi>bob</bdi>"));
    let back = agent.send_form(&refused, &[("decision", "allow")]).await;
    assert!(!back.code().is_empty());
}

/// Neither cookie nor rows grow without end.
#[tokio::test]
async fn a_browser_remembers_the_newest_requests() {
    let server = TestServer::start().await;
    let [tenant, _] = tenants(&server).await;
    let mut agent = Agent::new(&server);
    let mut last = None;
    for _ in 0..20 {
        last = Some(agent.open(&ask(&tenant, "site", &[])).await);
        assert!(agent.cookies_named("__Host-writ-") <= 16);
    }
    let page = last.unwrap();
    let mut flow_alone = agent.copy();
    flow_alone.forget(COOKIE);
    assert_eq!(flow_alone.get(&page.path).await.answer.status, 200, "either cookie shows it");
    let consent = flow_alone.submit(&page, &typed(ADA)).await;
    assert!(!flow_alone.send_form(&consent, &[("decision", "allow")]).await.code().is_empty());
}

/// Another application on the same host has set a cookie in other bytes (RFC 6265 §5.2 lets it).
#[tokio::test]
async fn a_foreign_cookie_in_other_bytes_hides_none_of_ours() {
    let server = TestServer::start().await;
    for tenant in &tenants(&server).await {
        let mut agent = Agent::new(&server);
        let page = agent.open(&ask(tenant, "own", &[])).await;
        for foreign in [&b"caf\xc3\xa9=1; "[..], b"a=\xff; ", b"\x80; "] {
            let line = [foreign, agent.cookies().as_bytes(), b"; z=\xe9"].concat();
            let ask =
                Request::get(&page.path).header(header::COOKIE, HeaderValue::from_bytes(&line).unwrap());
            let answer = server.request(ask.body("").unwrap()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
}

/// How long it is the same form is the tenant's to say, as it is for refresh tokens.
#[tokio::test]
async fn without_a_grace_an_answer_leaves_once() {
    let server = TestServer::start().await;
    let settings = TenantSettings { refresh_grace: Seconds(0), ..TenantSettings::default() };
    let tenant = server.tenant_with("strict", settings).await;
    server.user(&tenant, ADA, PASSWORD).await;
    website(&server, "own-strict").of(&tenant).first_party().create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&ask(&tenant, "own", &[])).await;
    let mut lost = agent.copy();
    assert!(!agent.submit(&page, &typed(ADA)).await.code().is_empty());
    assert_eq!(lost.submit(&page, &typed(ADA)).await.answer.status, 400);
}
