//! Logos of clients: fetched once, never on a page's way, drawn anew, and served by Writ itself. An address that gives no
//! picture costs nobody anything.

use http::Request;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Answer, Engine, KeysHost, TestServer};

use super::flow::{PASSWORD, ada, request, website};

/// PNGs of one pixel.
const RED: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==";
const CLEAR: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYDjBAAABlQDJEvng/gAAAABJRU5ErkJggg==";
const DAY: i64 = 86_400;

fn bytes(uri: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(uri.split_once(',').unwrap().1).unwrap()
}

async fn ask(server: &TestServer, route: (&str, &str), body: &Value) -> Answer {
    ask_in(server, "default", route, body).await
}

async fn ask_in(server: &TestServer, tenant: &str, route: (&str, &str), body: &Value) -> Answer {
    let request = Request::builder()
        .method(route.0)
        .uri(route.1)
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", tenant)
        .header("content-type", "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

/// A server whose one website has a host of its own.
struct LogoStage {
    server: TestServer,
    host: KeysHost,
}

impl LogoStage {
    async fn with(picture: &[u8]) -> Self {
        let host = KeysHost::with("").await;
        host.says("200 OK", "content-type: image/png\r\n", picture);
        let server = TestServer::builder().outbound(host.settings()).start().await;
        let scene = Self { server, host };
        website(&scene.server, "shop").create().await;
        scene.says(&json!(scene.host.uri)).await;
        scene
    }

    /// The website says where its logo is.
    async fn says(&self, uri: &Value) {
        let change = json!({ "logo_uri": uri });
        let _ = ask(&self.server, ("PATCH", "/api/v1/clients/shop"), &change).await.expect(200);
    }

    async fn look(&self) {
        writ_server::logos::fetch_all(&self.server.app).await.unwrap();
    }

    /// What the sign-in page shows of the website, with the policy of the page.
    async fn shown(&self) -> (Option<String>, String) {
        let page = Agent::new(&self.server).open(&request("shop", &[])).await;
        assert!(page.path.starts_with("/login"), "{}", page.path);
        let place = page.text().split_once("<span class=\"lg pale\"><picture><img src=\"");
        let place = place.map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
        (place, page.answer.header("content-security-policy").to_owned())
    }
}

/// RFC 7591 §2: `logo_uri`. No page waits for it, and no other host learns who looks at a page.
#[tokio::test]
async fn a_logo_is_fetched_once_and_served_by_the_server_itself() {
    let scene = LogoStage::with(&bytes(RED)).await;
    let (none, _) = scene.shown().await;
    assert!(none.is_none(), "{none:?}");
    assert_eq!(scene.host.calls(), 0, "a page calls nobody");
    scene.look().await;
    scene.look().await;
    assert_eq!(scene.host.calls(), 1);
    let (place, policy) = scene.shown().await;
    let place = place.unwrap();
    assert!(place.starts_with("/assets/app-") && policy.contains("; img-src 'self';"), "{place} {policy}");
    let file = scene.server.get(&place).await.expect(200);
    assert_eq!(file.header("content-type"), "image/png");
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(file.body.starts_with(b"\x89PNG"));
    let told =
        ask(&scene.server, ("GET", "/api/v1/clients/shop/logo"), &Value::Null).await.expect(200).json();
    assert_eq!(told, json!({ "logo": place, "uploaded": false }));
    // On the pages where people decide, and where they see what they have decided.
    ada(&scene.server).await;
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&request("shop", &[])).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    let picture = format!("<span class=\"plate pale\"><picture><img src=\"{place}\" alt=\"\"");
    assert!(page.text().contains(&picture), "{}", page.text());
    assert!(page.answer.header("content-security-policy").contains("; img-src 'self';"));
    let _ = agent.submit(&page, &[("decision", "allow")]).await;
    let page = agent.open("/account").await;
    let picture = format!("<span class=\"lg pale\"><picture><img src=\"{place}\" alt=\"\"");
    assert!(page.text().contains(&picture), "{}", page.text());
    assert!(page.answer.header("content-security-policy").contains("; img-src 'self';"));
}

/// After a week it is looked for again, if anybody has seen it.
#[tokio::test]
async fn a_logo_is_looked_for_again_once_it_was_shown_after_its_time() {
    let scene = LogoStage::with(&bytes(RED)).await;
    scene.look().await;
    let before = scene.shown().await.0.unwrap();
    scene.host.says("200 OK", "", bytes(CLEAR));
    scene.server.clock.advance(Seconds(8 * DAY));
    scene.look().await;
    assert_eq!(scene.host.calls(), 1, "nobody has seen it");
    assert_eq!(scene.shown().await.0.as_ref(), Some(&before));
    scene.look().await;
    assert_eq!(scene.host.calls(), 2);
    assert_ne!(scene.shown().await.0, Some(before.clone()));
    let _ = scene.server.get(&before).await.expect(404);
}

/// What is no picture, leads elsewhere, is too large or never comes is shown as a letter; and it is asked for a few times.
#[rstest]
#[case::svg("200 OK", "content-type: image/svg+xml\r\n", "<svg xmlns='http://www.w3.org/2000/svg'/>")]
#[case::page("200 OK", "content-type: image/png\r\n", "<script>alert(1)</script>")]
#[case::elsewhere("302 Found", "location: http://169.254.169.254/\r\n", "")]
#[case::gone("404 Not Found", "", "")]
#[tokio::test]
async fn a_dead_or_hostile_logo_costs_nobody_anything(
    #[case] status: &str,
    #[case] fields: &str,
    #[case] body: &str,
) {
    let scene = LogoStage::with(&bytes(RED)).await;
    scene.host.says(status, fields, body);
    for calls in 1..=5 {
        scene.look().await;
        assert_eq!(scene.host.calls(), calls);
        assert_eq!(scene.shown().await.0, None);
        scene.server.clock.advance(Seconds(DAY / 2));
    }
    scene.look().await;
    assert_eq!(scene.host.calls(), 5, "no more by itself");
    scene.server.clock.advance(Seconds(2 * DAY));
    assert_eq!(scene.shown().await.0, None);
    scene.look().await;
    assert_eq!(scene.host.calls(), 6, "somebody has seen that there is none");
}

#[tokio::test]
async fn a_logo_that_is_too_large_is_not_read_to_its_end() {
    let scene = LogoStage::with(&vec![0; 300 * 1024]).await;
    scene.look().await;
    assert_eq!(scene.shown().await.0, None);
    // A host that is away for a while takes no logo away.
    scene.host.says("200 OK", "", bytes(RED));
    scene.server.clock.advance(Seconds(DAY));
    scene.look().await;
    let shown = scene.shown().await.0;
    assert!(shown.is_some());
    scene.host.says("503 Service Unavailable", "", "");
    scene.server.clock.advance(Seconds(8 * DAY));
    assert_eq!(scene.shown().await.0, shown);
    scene.look().await;
    assert_eq!(scene.shown().await.0, shown);
}

/// Nothing of it outlives what it hangs on.
#[tokio::test]
async fn a_logo_goes_with_its_address_its_client_and_its_tenant() {
    let scene = LogoStage::with(&bytes(RED)).await;
    scene.look().await;
    let place = scene.shown().await.0.unwrap();
    scene.says(&json!(format!("{}?v=2", scene.host.uri))).await;
    assert_eq!(scene.shown().await.0, None, "another address is another logo");
    let _ = scene.server.get(&place).await.expect(404);
    scene.look().await;
    assert_eq!(scene.shown().await.0, Some(place));
    scene.says(&Value::Null).await;
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM client_logos"), 0);
    scene.says(&json!(scene.host.uri)).await;
    let _ = ask(&scene.server, ("DELETE", "/api/v1/clients/shop"), &Value::Null).await.expect(204);
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM client_logos"), 0);
    let acme = scene.server.tenant("acme").await;
    website(&scene.server, "acme-shop").of(&acme).create().await;
    let route = ("PUT", "/api/v1/clients/acme-shop/logo");
    let _ = ask_in(&scene.server, "acme", route, &json!({ "logo": RED })).await.expect(200);
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM client_logos"), 1);
    let _ = ask(&scene.server, ("DELETE", "/api/v1/tenants/acme"), &Value::Null).await.expect(204);
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM client_logos"), 0);
}

/// For an application whose logo is not on the web. What was said last counts.
#[tokio::test]
async fn a_logo_may_be_sent_and_taken_away() {
    let scene = LogoStage::with(&bytes(RED)).await;
    scene.look().await;
    let fetched = scene.shown().await.0;
    let path = "/api/v1/clients/shop/logo";
    let sent = ask(&scene.server, ("PUT", path), &json!({ "logo": CLEAR })).await.expect(200);
    assert_eq!(sent.json()["uploaded"], true);
    let shown = scene.shown().await.0.unwrap();
    assert_eq!(sent.json()["logo"], json!(shown));
    assert_ne!(Some(&shown), fetched.as_ref());
    // It is of this version of the client.
    let stale = ask(&scene.server, ("GET", path), &Value::Null).await;
    assert_eq!(stale.header("etag"), sent.header("etag"));
    scene.server.clock.advance(Seconds(30 * DAY));
    assert_eq!(scene.shown().await.0, Some(shown));
    scene.look().await;
    assert_eq!(scene.host.calls(), 1, "what was sent is looked for nowhere");
    for wrong in [json!({ "logo": "https://shop.example/logo.png" }), json!({ "logo": 7 }), json!({})] {
        let told = ask(&scene.server, ("PUT", path), &wrong).await.refused(400, "invalid_request");
        assert!(told.member("error_description").starts_with("logo: must be a picture"), "{}", told.text());
    }
    let more = json!({ "logo": RED, "colour": "red" });
    let _ = ask(&scene.server, ("PUT", path), &more).await.refused(400, "invalid_request");
    // Without it, the one at its address is shown again.
    let gone = ask(&scene.server, ("PUT", path), &json!({ "logo": null })).await.expect(200);
    assert_eq!(gone.json(), json!({ "logo": null, "uploaded": false }));
    scene.look().await;
    assert_eq!(scene.shown().await.0, fetched);
    let _ = ask(&scene.server, ("PUT", path), &json!({ "logo": CLEAR })).await.expect(200);
    scene.says(&json!(format!("{}?v=2", scene.host.uri))).await;
    scene.look().await;
    assert_eq!(scene.shown().await.0, fetched, "another address takes its place");
}

/// A tenant fills nobody's disk with logos.
#[tokio::test]
async fn a_tenant_has_so_many_logos_of_clients_at_the_most() {
    let scene = LogoStage::with(&bytes(RED)).await;
    let other = "INSERT INTO client_logos (client_id, tenant_id, name, good_until, failures) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
         SELECT CAST(printf('%016d', i) AS BLOB), (SELECT id FROM tenants WHERE slug = 'default'), 'app-' || i, 0, 0 FROM n";
    scene.server.sql(other, []);
    scene.look().await;
    assert_eq!((scene.shown().await.0, scene.host.calls()), (None, 0));
    let path = "/api/v1/clients/shop/logo";
    let told =
        ask(&scene.server, ("PUT", path), &json!({ "logo": RED })).await.refused(400, "invalid_request");
    assert!(told.member("error_description").contains("1000 logos of clients"), "{}", told.text());
    scene.server.sql("DELETE FROM client_logos WHERE name = 'app-1'", []);
    let _ = ask(&scene.server, ("PUT", path), &json!({ "logo": RED })).await.expect(200);
}

/// On PostgreSQL as on SQLite.
#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn both_engines_keep_a_logo(#[case] engine: Engine) {
    let server = TestServer::on(engine).await;
    website(&server, "shop").create().await;
    let path = "/api/v1/clients/shop/logo";
    let sent = ask(&server, ("PUT", path), &json!({ "logo": RED })).await.expect(200).json();
    let _ = server.get(sent["logo"].as_str().unwrap()).await.expect(200);
    let uri = json!({ "logo_uri": "https://127.0.0.1/logo.png" });
    let _ = ask(&server, ("PATCH", "/api/v1/clients/shop"), &uri).await.expect(200);
    writ_server::logos::fetch_all(&server.app).await.unwrap();
    let gone = ask(&server, ("GET", path), &Value::Null).await.expect(200).json();
    assert_eq!(gone, json!({ "logo": null, "uploaded": false }));
}
