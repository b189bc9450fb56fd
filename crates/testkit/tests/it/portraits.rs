//! Pictures that people send of themselves: bounded, drawn anew, under an address that only who is told it knows, and gone
//! with what they hang on.

use rstest::rstest;
use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, Engine, Page, TestServer, TestTenant};

use super::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};
use super::leaving::set;

const ADA: &str = "ada@example.org";
/// PNGs of one pixel.
const RED: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==";
const CLEAR: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYDjBAAABlQDJEvng/gAAAABJRU5ErkJggg==";

fn bytes(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// A tenant that wants to know what its people look like, and Ada, who is signed in.
async fn stage<'s>(server: &'s TestServer, slug: &str) -> (TestTenant, Agent<'s>) {
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    set(server, &tenant, json!({ "profile_claims": ["picture"], "account_deletion": true })).await;
    server.user(&tenant, ADA, PASSWORD).await;
    let mut agent = Agent::new(server);
    let page = agent.open(&at(&tenant, "/account/sign-in")).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path, at(&tenant, "/account"));
    (tenant, agent)
}

async fn csrf(agent: &mut Agent<'_>, tenant: &TestTenant) -> String {
    let page = agent.open(&at(tenant, "/account/profile")).await;
    let (_, rest) = page.text().split_once("name=\"csrf\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

/// Sends a picture, and follows to the page that says what came of it.
async fn send(agent: &mut Agent<'_>, tenant: &TestTenant, file: &[u8]) -> Page {
    let csrf = csrf(agent, tenant).await;
    let path = at(tenant, "/account/picture");
    let page = agent.post_file(&path, &[("csrf", &csrf)], ("picture", file)).await;
    agent.follow(page).await
}

/// Where the pages of the account have the picture.
fn place(page: &Page) -> Option<String> {
    let (_, rest) = page.text().split_once("<img src=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

async fn claims(server: &TestServer, agent: &mut Agent<'_>, tenant: &TestTenant) -> Value {
    let client = website(server, &format!("site-{}", tenant.slug)).of(tenant).create().await;
    let page = agent.open(&at(tenant, &request(&client.client_id, &[("scope", "openid profile")]))).await;
    assert!(page.text().contains("<bdi>Picture</bdi>"), "{}", page.text());
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*page.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = server.post(&at(tenant, "/oauth2/token"), &client, &pairs).await.expect(200).json();
    let request = http::Request::get(at(tenant, "/oauth2/userinfo"))
        .header("authorization", format!("Bearer {}", tokens["access_token"].as_str().unwrap()));
    server.request(request.body(String::new()).unwrap()).await.expect(200).json()
}

/// OpenID Connect Core §5.1: the claim `picture` is its address.
#[rstest]
#[tokio::test]
async fn somebody_sends_a_picture_and_applications_are_told_where_it_is(
    #[values("default", "acme")] slug: &str,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let server = TestServer::on(engine).await;
    let (tenant, mut agent) = stage(&server, slug).await;
    let page = send(&mut agent, &tenant, &bytes(RED)).await;
    assert_eq!(page.path, at(&tenant, "/account?done=picture"));
    assert!(page.text().contains("Your picture is saved."), "{}", page.text());
    assert!(page.answer.header("content-security-policy").contains("; img-src 'self';"));
    let place = place(&page).unwrap();
    assert!(place.starts_with(&at(&tenant, "/pictures/face-")), "{place}");
    assert!(!page.text().contains("<dt>Picture</dt>"), "nobody reads its address");
    let file = server.get(&place).await.expect(200);
    assert_eq!(file.header("content-type"), "image/png");
    assert_eq!(file.header("cache-control"), "private, max-age=3600");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(file.body.starts_with(b"\x89PNG"));
    let told = claims(&server, &mut agent, &tenant).await;
    assert_eq!(told["picture"], json!(format!("{}{place}", server.base)));
    let data = agent.open(&at(&tenant, "/account/data")).await.answer.json();
    let own = data["picture"].as_str().unwrap();
    assert!(own.starts_with("data:image/png;base64,iVBOR"), "{own}");
}

/// Sent twice it is the same; another one takes its place; taken away, nothing is left.
#[tokio::test]
async fn a_picture_is_replaced_and_taken_away() {
    let server = TestServer::start().await;
    let (tenant, mut agent) = stage(&server, "default").await;
    let first = place(&send(&mut agent, &tenant, &bytes(RED)).await).unwrap();
    assert_eq!(place(&send(&mut agent, &tenant, &bytes(RED)).await), Some(first.clone()));
    let second = place(&send(&mut agent, &tenant, &bytes(CLEAR)).await).unwrap();
    assert_ne!(first, second);
    let _ = server.get(&first).await.expect(404);
    let _ = server.get(&second).await.expect(200);
    let profile = agent.open("/account/profile").await;
    assert_eq!(place(&profile), Some(second.clone()));
    let csrf = csrf(&mut agent, &tenant).await;
    for _ in 0..2 {
        let page = agent.post("/account/picture", &[("csrf", &csrf)]).await;
        let page = agent.follow(page).await;
        assert!(page.text().contains("Your picture is removed."), "{}", page.text());
        assert_eq!(place(&page), None);
    }
    let _ = server.get(&second).await.expect(404);
    assert_eq!(server.count("SELECT COUNT(*) FROM portraits"), 0);
    let key = server.management_key();
    let audit = http::Request::get("/api/v1/audit-logs?action=user.updated")
        .header("authorization", format!("Bearer {key}"));
    let audit = server.request(audit.body(String::new()).unwrap()).await.expect(200).json();
    let logs = audit["audit_logs"].as_array().unwrap().iter();
    let mut done: Vec<_> = logs.map(|log| log["details"]["picture"].as_str().unwrap()).collect();
    done.sort_unstable();
    assert_eq!(done, ["removed", "replaced", "replaced"], "{audit}");
}

/// Whoever looks after the account may have another picture of them; what they had sent is gone then, too.
#[tokio::test]
async fn a_picture_goes_when_the_claim_leads_elsewhere_and_with_the_account_and_the_tenant() {
    let server = TestServer::start().await;
    let (tenant, mut agent) = stage(&server, "acme").await;
    let kept = || server.count("SELECT COUNT(*) FROM portraits");
    let ask = async |method: &str, path: &str, body: Value| -> Answer {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", server.management_key()))
            .header("x-tenant-id", "acme")
            .header("content-type", "application/json");
        server.request(request.body(body.to_string()).unwrap()).await
    };
    let found = ask("GET", "/api/v1/users", Value::Null).await.expect(200).json();
    let id = found["users"][0]["id"].as_str().unwrap().to_owned();
    let _ = send(&mut agent, &tenant, &bytes(RED)).await;
    assert_eq!(kept(), 1);
    let claims = format!("/api/v1/users/{id}/claims");
    let _ = ask("PUT", &claims, json!({ "nickname": "Countess" })).await.expect(200);
    assert_eq!(kept(), 1);
    let _ = ask("PUT", &claims, json!({ "picture": "https://acme.example/ada.png" })).await.expect(200);
    assert_eq!(kept(), 0);
    let page = agent.open(&at(&tenant, "/account")).await;
    assert!(place(&page).is_none() && page.text().contains("https://acme.example/ada.png"));
    let _ = send(&mut agent, &tenant, &bytes(RED)).await;
    let _ = ask("DELETE", &format!("/api/v1/users/{id}"), Value::Null).await.expect(204);
    assert_eq!(kept(), 0);
    let (other, mut agent) = stage(&server, "other").await;
    let _ = send(&mut agent, &other, &bytes(RED)).await;
    assert_eq!(kept(), 1);
    let key = server.management_key();
    let delete =
        http::Request::delete("/api/v1/tenants/other").header("authorization", format!("Bearer {key}"));
    let _ = server.request(delete.body(String::new()).unwrap()).await.expect(204);
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn no_other_tenant_has_it_below_its_own_path() {
    let server = TestServer::start().await;
    let (acme, mut agent) = stage(&server, "acme").await;
    let (other, mut others) = stage(&server, "other").await;
    let place = place(&send(&mut agent, &acme, &bytes(RED)).await).unwrap();
    let file = place.rsplit_once('/').unwrap().1;
    for path in
        [at(&other, &format!("/pictures/{file}")), format!("/pictures/{file}"), format!("/assets/{file}")]
    {
        let _ = server.get(&path).await.expect(404);
    }
    // The same picture of somebody else has another name: nobody learns who has it.
    let theirs = send(&mut others, &other, &bytes(RED)).await;
    assert!(!theirs.text().contains(file), "{}", theirs.text());
    let _ = server.get("/pictures/face-..%2f..%2fetc.png").await.expect(404);
}

/// The form says so, and nothing is changed.
#[tokio::test]
async fn what_is_no_picture_is_refused_where_it_was_sent() {
    let server = TestServer::start().await;
    let (tenant, mut agent) = stage(&server, "default").await;
    let page = send(&mut agent, &tenant, &bytes(RED)).await;
    let before = place(&page);
    for wrong in [b"<svg/>".to_vec(), Vec::new(), b"GIF89a".to_vec(), vec![0; 1_000_001], vec![0; 2_000_000]]
    {
        let page = send(&mut agent, &tenant, &wrong).await;
        assert_eq!(page.answer.status, 400, "{}", page.text());
        let said = "id=\"picture_problem\" role=\"alert\"";
        assert!(page.text().contains(said), "{}", page.text());
        assert!(page.text().contains("We cannot show this file as a picture."), "{}", page.text());
        assert_eq!(place(&page), before);
    }
    // Not in another browser's name, nor in nobody's.
    let page = agent.post_file("/account/picture", &[("csrf", "x")], ("picture", &bytes(CLEAR))).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.text().contains("This page was open for too long"), "{}", page.text());
    let page = agent.post("/account/picture", &[("csrf", "x")]).await;
    assert!(page.text().contains("This page was open for too long"), "{}", page.text());
    let page = agent.open("/account").await;
    assert_eq!(place(&page), before);
    let page = Agent::new(&server).post_file("/account/picture", &[], ("picture", &bytes(CLEAR))).await;
    assert_eq!(page.answer.status, 303);
}

#[tokio::test]
async fn a_tenant_that_wants_no_pictures_gets_none() {
    let server = TestServer::start().await;
    let (tenant, mut agent) = stage(&server, "default").await;
    set(&server, &tenant, json!({ "profile_claims": null })).await;
    let csrf = csrf(&mut agent, &tenant).await;
    let page = agent.post_file("/account/picture", &[("csrf", &csrf)], ("picture", &bytes(RED))).await;
    assert_eq!(page.answer.status, 404);
    let page = agent.open("/account/profile").await;
    assert!(!page.text().contains("multipart"), "{}", page.text());
}
