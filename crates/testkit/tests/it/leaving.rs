//! People delete their own account: with their password, for good after a while, and not before.

use http::Request;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_server::manage::leaving::DepartureSweep;
use writ_testkit::{Agent, Page, TestClient, TestServer, TestTenant};

use super::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};

const ADA: &str = "ada@example.org";
const DAY: i64 = 86_400;

/// Changes settings of a tenant.
pub(super) async fn set(server: &TestServer, tenant: &TestTenant, settings: Value) {
    let request = Request::put(format!("/api/v1/tenants/{}", tenant.slug))
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("content-type", "application/json");
    let body = json!({ "settings": settings }).to_string();
    let _ = server.request(request.body(body).unwrap()).await.expect(200);
}

/// A tenant whose people may leave, and an application there.
async fn stage(server: &TestServer, slug: &str, grace: i64) -> (TestTenant, TestClient) {
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    set(server, &tenant, json!({ "account_deletion": true, "account_deletion_grace": grace })).await;
    server.user(&tenant, ADA, PASSWORD).await;
    server.sql("UPDATE users SET email = ?1 WHERE username = ?1", [ADA]);
    let client = website(server, &format!("shop-{slug}")).of(&tenant).create().await;
    (tenant, client)
}

async fn swept(server: &TestServer) -> u64 {
    DepartureSweep::default().turn(&server.app).await.unwrap()
}

async fn enter(agent: &mut Agent<'_>, tenant: &TestTenant) -> Page {
    let page = agent.open(&at(tenant, "/account/sign-in")).await;
    agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await
}

async fn leave(agent: &mut Agent<'_>, tenant: &TestTenant, password: &str) -> Page {
    let page = agent.open(&at(tenant, "/account/delete")).await;
    assert_eq!(page.path, at(tenant, "/account/delete"));
    agent.submit(&page, &[("current_password", password)]).await
}

async fn tokens(server: &TestServer, agent: &mut Agent<'_>, of: (&TestTenant, &TestClient)) -> Value {
    let (tenant, client) = of;
    let path = at(tenant, &request(&client.client_id, &[("scope", "openid offline_access")]));
    let page = agent.open(&path).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*page.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    server.post(&at(tenant, "/oauth2/token"), client, &pairs).await.expect(200).json()
}

async fn refresh(server: &TestServer, of: (&TestTenant, &TestClient), tokens: &Value) -> u16 {
    let token = tokens["refresh_token"].as_str().unwrap();
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    server.post(&at(of.0, "/oauth2/token"), of.1, &pairs).await.status
}

fn proof_of(page: &Page) -> String {
    page.form().fields.into_iter().find(|(name, _)| name == "proof").expect("a proof").1
}

fn accounts(server: &TestServer) -> i64 {
    server.count("SELECT COUNT(*) FROM users WHERE username = 'ada@example.org'")
}

/// Everything ends at once; what is kept for a while is of use to nobody, and goes in the end.
#[rstest]
#[tokio::test]
async fn an_account_goes_when_its_time_is_over(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let (tenant, client) = stage(&server, slug, 14 * DAY).await;
    let (mut agent, mut phone) = (Agent::new(&server), Agent::new(&server));
    assert!(enter(&mut agent, &tenant).await.text().contains(&at(&tenant, "/account/delete")));
    let _ = enter(&mut phone, &tenant).await;
    let had = tokens(&server, &mut agent, (&tenant, &client)).await;
    // Not without the password.
    let wrong = leave(&mut agent, &tenant, "something else").await;
    assert_eq!(wrong.answer.status, 400);
    assert!(wrong.text().contains("aria-invalid"), "{}", wrong.text());
    let left = leave(&mut agent, &tenant, PASSWORD).await;
    assert_eq!(left.answer.status, 200);
    assert!(left.text().contains("Your account will be deleted"), "{}", left.text());
    // Out, here and elsewhere, and so are applications.
    for agent in [&mut agent, &mut phone] {
        assert!(agent.open(&at(&tenant, "/account")).await.path.contains("/account/sign-in"));
    }
    assert_eq!(refresh(&server, (&tenant, &client), &had).await, 400);
    let letters = server.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].subject.contains("will be deleted"), "{}", letters[0].subject);
    assert!(letters[0].text.contains(&format!("{}/account/sign-in", tenant.issuer)), "{}", letters[0].text);
    // Not a moment too early.
    server.clock.advance(Seconds(14 * DAY - 1));
    assert_eq!((swept(&server).await, accounts(&server)), (0, 1));
    server.clock.advance(Seconds(1));
    assert_eq!((swept(&server).await, accounts(&server)), (1, 0));
    assert_eq!(swept(&server).await, 0);
    let last = server.letters().await.pop().unwrap();
    assert!(last.subject.contains("has been deleted"), "{}", last.subject);
    assert_eq!(server.count("SELECT COUNT(*) FROM sessions"), 0);
    assert_eq!(server.count("SELECT COUNT(*) FROM user_consents"), 0);
    let gone = enter(&mut Agent::new(&server), &tenant).await;
    assert!(gone.text().contains("username or password is incorrect"), "{}", gone.text());
}

/// Signing in offers to keep it, and lets nobody in before they have.
#[rstest]
#[tokio::test]
async fn an_account_can_be_kept_after_all(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let (tenant, client) = stage(&server, slug, DAY).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant).await;
    let _ = leave(&mut agent, &tenant, PASSWORD).await;
    // For an application as for the account, and by the password alone.
    let wrong = agent.open(&at(&tenant, "/account/sign-in")).await;
    let wrong = agent.submit(&wrong, &[("username", ADA), ("password", "something else")]).await;
    assert!(!wrong.text().contains("Keep"), "{}", wrong.text());
    let sign_in = agent.open(&at(&tenant, &request(&client.client_id, &[]))).await;
    let offered = agent.submit(&sign_in, &[("username", ADA), ("password", PASSWORD)]).await;
    assert!(offered.text().contains("Keep your account?"), "{}", offered.text());
    assert!(agent.open(&at(&tenant, "/account")).await.path.contains("/account/sign-in"));
    let kept = agent.submit(&offered, &[]).await;
    assert!(kept.path.starts_with(&at(&tenant, "/account?done=kept")), "{}", kept.path);
    assert!(kept.text().contains("Your account is kept"), "{}", kept.text());
    // The same form again keeps nothing twice, and signs nobody else in.
    let mut other = Agent::new(&server);
    let again = other.post(&at(&tenant, "/account/keep"), &[("proof", &proof_of(&offered))]).await;
    assert!(again.location().unwrap().contains("/account/sign-in"));
    assert!(other.open(&at(&tenant, "/account")).await.path.contains("/account/sign-in"));
    server.clock.advance(Seconds(2 * DAY));
    assert_eq!((swept(&server).await, accounts(&server)), (0, 1));
    let _ = enter(&mut Agent::new(&server), &tenant).await;
    for action in ["user.deletion_requested", "user.deletion_cancelled"] {
        let text = format!("SELECT COUNT(*) FROM audit_logs WHERE action = '{action}'");
        server.app.store.flush_notes_early(server.app.default_tenant).await.unwrap();
        assert_eq!(server.count(&text), 1, "{action}");
    }
}

/// What shows that somebody has typed the password is worth something for ten minutes, for that account as it is.
#[tokio::test]
async fn nobody_keeps_what_is_not_theirs() {
    let server = TestServer::start().await;
    let (tenant, _) = stage(&server, "default", DAY).await;
    let (other, _) = stage(&server, "other", DAY).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant).await;
    let _ = leave(&mut agent, &tenant, PASSWORD).await;
    let offered = enter(&mut agent, &tenant).await;
    let proof = proof_of(&offered);
    let changed = format!("{}{}", &proof[..proof.len() - 2], "AA");
    let later = proof.replacen(".18", ".19", 1);
    assert!(changed != proof && later != proof);
    let bad = ["", "x", "..", &proof[1..], &format!("{proof}.1"), &changed, &later];
    for bad in bad {
        let page = agent.post("/account/keep", &[("proof", bad)]).await;
        assert_eq!(page.location().as_deref(), Some("/account/sign-in"), "{bad}");
    }
    let page = agent.post(&at(&other, "/account/keep"), &[("proof", &proof)]).await;
    assert!(page.location().unwrap().ends_with("/account/sign-in"));
    server.clock.advance(Seconds(600));
    let page = agent.post("/account/keep", &[("proof", &proof)]).await;
    assert_eq!(page.location().as_deref(), Some("/account/sign-in"));
    assert_eq!(server.count("SELECT COUNT(*) FROM users WHERE leaves_at IS NOT NULL"), 1);
}

/// Where the tenant has no grace, it is gone at once; where it does not let people, there is no such page.
#[tokio::test]
async fn the_tenant_says_whether_and_when() {
    let server = TestServer::start().await;
    let (tenant, client) = stage(&server, "default", 0).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant).await;
    let had = tokens(&server, &mut agent, (&tenant, &client)).await;
    let form = agent.open("/account/delete").await;
    assert!(form.text().contains("at once. It cannot be brought back"), "{}", form.text());
    set(&server, &tenant, json!({ "account_deletion": false })).await;
    let refused = agent.submit(&form, &[("current_password", PASSWORD)]).await;
    assert_eq!((refused.answer.status, accounts(&server)), (403, 1));
    assert_eq!(agent.open("/account/delete").await.path, "/account");
    set(&server, &tenant, json!({ "account_deletion": true })).await;
    let left = agent.submit(&form, &[("current_password", PASSWORD)]).await;
    assert!(left.text().contains("Your account has been deleted"), "{}", left.text());
    assert_eq!(accounts(&server), 0);
    assert_eq!(refresh(&server, (&tenant, &client), &had).await, 400);
    assert!(agent.open("/account").await.path.contains("/account/sign-in"));
}

/// A form of somebody else's making deletes nothing.
#[tokio::test]
async fn a_form_from_elsewhere_deletes_nothing() {
    let server = TestServer::start().await;
    let (tenant, _) = stage(&server, "default", 0).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant).await;
    for csrf in ["", "x"] {
        let page = agent.post("/account/delete", &[("csrf", csrf), ("current_password", PASSWORD)]).await;
        assert_eq!(page.answer.status, 400);
    }
    assert_eq!(accounts(&server), 1);
}

/// An account that cannot be removed is in nobody's way, and goes as soon as it can.
#[tokio::test]
async fn one_that_cannot_be_removed_keeps_no_other() {
    let server = TestServer::start().await;
    let (tenant, _) = stage(&server, "default", 0).await;
    for at in 0..60 {
        server.user(&tenant, &format!("user{at}"), PASSWORD).await;
    }
    // As many as are looked up at once, and before all others.
    server.sql(
        "UPDATE users SET leaves_at = CAST(SUBSTR(username, 5) AS INTEGER) + 1 WHERE username LIKE 'user%'",
        [],
    );
    server.sql(
        "CREATE TRIGGER stuck BEFORE DELETE ON users WHEN OLD.leaves_at < 56 \
         BEGIN SELECT RAISE(ABORT, 'stuck'); END",
        [],
    );
    let mut sweep = DepartureSweep::default();
    for expected in [5, 0] {
        assert_eq!((sweep.turn(&server.app).await.unwrap(), sweep.stuck()), (expected, 55));
    }
    server.sql("DROP TRIGGER stuck", []);
    assert_eq!((sweep.turn(&server.app).await.unwrap(), sweep.stuck()), (55, 0));
    assert_eq!(accounts(&server), 1, "whoever does not leave stays");
}

/// An administrator sees that an account is to go, and can keep it for its owner: nobody else can, and nothing else
/// can be said of it.
#[rstest]
#[tokio::test]
async fn an_administrator_can_keep_it(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let (tenant, _) = stage(&server, slug, DAY).await;
    let found = users(&server, &tenant, "GET", "?username=ada@example.org", None).await;
    let ada = found["users"][0].clone();
    assert_eq!(ada.get("leaves_at"), None);
    let at_ada = format!("/{}", ada["id"].as_str().unwrap());
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant).await;
    let _ = leave(&mut agent, &tenant, PASSWORD).await;
    let leaving = users(&server, &tenant, "GET", &at_ada, None).await;
    let when = leaving["leaves_at"].as_str().expect("a time").to_owned();
    // What is read may be sent back; another time may not.
    let same = json!({ "name": "Ada L", "leaves_at": when });
    assert_eq!(users(&server, &tenant, "PUT", &at_ada, Some(same)).await["leaves_at"], json!(when));
    let other = json!({ "leaves_at": "2031-01-01T00:00:00Z" });
    let refused = users(&server, &tenant, "PUT", &at_ada, Some(other)).await;
    assert!(refused["error_description"].as_str().unwrap().contains("leaves_at"), "{refused}");
    for _ in 0..2 {
        let kept = json!({ "leaves_at": null });
        let kept = users(&server, &tenant, "PUT", &at_ada, Some(kept)).await;
        assert_eq!((kept.get("leaves_at"), &kept["username"]), (None, &json!(ADA)));
    }
    server.clock.advance(Seconds(2 * DAY));
    assert_eq!((swept(&server).await, accounts(&server)), (0, 1));
    // Whoever was offered to delete it keeps it once, as the audit log says.
    server.app.store.flush_notes_early(server.app.default_tenant).await.unwrap();
    let said = |actor: &str| {
        let text =
            "SELECT COUNT(*) FROM audit_logs WHERE action = 'user.deletion_cancelled' AND actor_type = ";
        server.count(&format!("{text}'{actor}'"))
    };
    assert_eq!((said("api_key"), said("user")), (1, 0));
    assert!(enter(&mut agent, &tenant).await.path.starts_with(&at(&tenant, "/account")));
}

/// A call to the users API of a tenant, by an operator.
async fn users(
    server: &TestServer,
    tenant: &TestTenant,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1/users{path}"))
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", &*tenant.slug)
        .header("content-type", "application/json");
    server.request(request.body(body.map(|body| body.to_string()).unwrap_or_default()).unwrap()).await.json()
}

/// Nobody is there to choose a language when the account goes, or is kept by somebody else.
#[tokio::test]
async fn whoever_left_is_written_to_in_the_language_in_which_they_left() {
    let server = TestServer::start().await;
    let (tenant, _) = stage(&server, "default", 14 * DAY).await;
    let leave_in_german = async || {
        let mut agent = Agent::new(&server);
        let _ = enter(&mut agent, &tenant).await;
        let page = agent.open("/account/delete?lang=de").await;
        let page = agent.submit(&page, &[("current_password", PASSWORD)]).await;
        assert!(page.text().contains("lang=\"de\""), "{}", page.text());
    };
    leave_in_german().await;
    let found = users(&server, &tenant, "GET", "", None).await;
    let path = format!("/{}", found["users"][0]["id"].as_str().unwrap());
    let _ = users(&server, &tenant, "PUT", &path, Some(json!({ "leaves_at": null }))).await;
    let kept = server.letters().await.pop().unwrap();
    assert_eq!(kept.to.as_deref(), Some(ADA));
    assert!(kept.subject.ends_with(" bleibt bestehen"), "{}", kept.subject);
    // Kept once, told once.
    let _ = users(&server, &tenant, "PUT", &path, Some(json!({ "leaves_at": null }))).await;
    assert_eq!(server.letters().await.len(), 2);
    leave_in_german().await;
    server.clock.advance(Seconds(15 * DAY));
    assert_eq!(swept(&server).await, 1);
    let last = server.letters().await.pop().unwrap();
    assert!(last.subject.ends_with(" ist gelöscht"), "{}", last.subject);
}
