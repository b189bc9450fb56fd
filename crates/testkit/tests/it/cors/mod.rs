//! Calls from web pages of other origins (Fetch §3.2; the authority page on CORS).

use http::{Request, header};
use writ_core::client::ClientKind;
use writ_testkit::{Answer, Credential, Planted, TestClient, TestServer};

const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

/// Registers an origin for a client.
fn allow(server: &TestServer, client: &TestClient, origin: &str) {
    let values = (client.tenant.to_bytes().to_vec(), origin, client.id.to_bytes().to_vec());
    let text = "INSERT INTO client_origins (tenant_id, origin, client_id) VALUES (?1, ?2, ?3)";
    assert_eq!(server.sql(text, values), 1);
}

async fn preflight(server: &TestServer, path: &str, origin: &str) -> Answer {
    let request = Request::options(path)
        .header(header::ORIGIN, origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization");
    server.request(request.body("").unwrap()).await
}

async fn call(server: &TestServer, path: &str, by: impl Into<Credential>, origin: &str) -> Answer {
    let mut request = Request::get(path).header(header::ORIGIN, origin);
    if let Some(value) = by.into().header() {
        request = request.header(header::AUTHORIZATION, value);
    }
    server.request(request.body("").unwrap()).await
}

async fn token(server: &TestServer, by: &TestClient, origin: &str) -> Answer {
    let request = Request::post("/oauth2/token")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, Credential::from(by).header().unwrap());
    server.request(request.body("grant_type=client_credentials").unwrap()).await
}

fn allowed(answer: &Answer) -> &str {
    assert!(answer.header("access-control-allow-credentials").is_empty(), "never");
    answer.header("access-control-allow-origin")
}

#[tokio::test]
async fn preflights_are_answered_from_the_tenants_origins() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let (app, theirs) =
        (server.client("app").create().await, server.client("theirs").of(&acme).create().await);
    for path in ["/oauth2/token", "/api/v1/oauth/tokens", "/v1/clients"] {
        assert_eq!(allowed(&preflight(&server, path, APP).await.expect(204)), "", "{path}: nobody's");
    }
    allow(&server, &app, APP);
    allow(&server, &theirs, "https://theirs.example");
    for path in
        ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/api/v1/oauth/tokens", "/v1/clients"]
    {
        let answer = preflight(&server, path, APP).await.expect(204);
        assert_eq!(allowed(&answer), APP, "{path}");
        assert_eq!(answer.header("vary"), "origin");
        assert!(answer.header("access-control-allow-methods").contains("DELETE"));
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        assert_eq!(answer.header("access-control-max-age"), "600");
        for other in [EVIL, "https://theirs.example", "null", "https://app.example:444", "http://app.example"]
        {
            let answer = preflight(&server, path, other).await.expect(204);
            assert_eq!(allowed(&answer), "", "{path} {other}");
            assert!(answer.header("access-control-allow-methods").is_empty());
            assert_eq!(answer.header("vary"), "origin");
        }
        // Below its own path, the other tenant's.
        let below = acme.path(path);
        let theirs = preflight(&server, &below, "https://theirs.example").await.expect(204);
        assert_eq!(allowed(&theirs), "https://theirs.example");
        assert_eq!(allowed(&preflight(&server, &below, APP).await.expect(204)), "");
        assert_eq!(allowed(&preflight(&server, &format!("/t/nobody{path}"), APP).await.expect(204)), "");
    }
}

/// The preflight is the tenant's matter, the answer its own client's.
#[tokio::test]
async fn an_answer_is_readable_for_its_own_clients_origins_only() {
    let server = TestServer::start().await;
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    allow(&server, &app, APP);
    allow(&server, &other, "https://other.example");
    let answer = token(&server, &app, APP).await.expect(200);
    assert_eq!(allowed(&answer), APP);
    assert!(answer.all("vary").contains(&"origin"));
    let exposed = answer.header("access-control-expose-headers");
    for name in ["www-authenticate", "dpop-nonce", "ratelimit", "ratelimit-policy", "retry-after", "etag"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    for origin in [EVIL, "https://other.example", "null"] {
        let answer = token(&server, &app, origin).await.expect(200);
        assert_eq!(allowed(&answer), "", "{origin}");
        assert!(answer.all("vary").contains(&"origin"));
    }
    // A refusal too can be read by the page whose client it is.
    let mut wrong = app.clone();
    "wrong".clone_into(&mut wrong.secret);
    assert_eq!(allowed(&token(&server, &wrong, APP).await.refused(401, "invalid_client")), APP);
    assert_eq!(allowed(&token(&server, &wrong, EVIL).await.refused(401, "invalid_client")), "");
    let list = "/api/v1/oauth/tokens";
    assert_eq!(allowed(&call(&server, list, &app, APP).await.expect(200)), APP);
    assert_eq!(allowed(&call(&server, list, &other, APP).await.expect(200)), "");
    // A person's token counts as the application that holds it; an API key belongs to no page.
    let spa = server.client("spa").kind(ClientKind::Spa).interaction().create().await;
    allow(&server, &spa, "https://spa.example");
    let user = server.user(&server.default_tenant(), "ann", "correct horse battery").await;
    let planted = Planted { user: Some(user), scope: "openid", audience: &[&server.base] };
    let person = Credential::bearer(&server.plant(&spa, planted).await);
    assert_eq!(
        allowed(&call(&server, list, person.clone(), "https://spa.example").await.expect(200)),
        "https://spa.example"
    );
    assert_eq!(allowed(&call(&server, list, person, APP).await.expect(200)), "");
    let key = Credential::bearer(&server.management_key());
    assert_eq!(allowed(&call(&server, list, key, APP).await.expect(200)), "");
    // Nobody was told apart, so the origins of the tenant count, as for a preflight.
    assert_eq!(allowed(&call(&server, list, Credential::None, APP).await.expect(401)), APP);
    assert_eq!(allowed(&call(&server, list, Credential::None, EVIL).await.expect(401)), "");
}

#[tokio::test]
async fn what_is_public_is_readable_for_everybody_and_pages_for_nobody() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        for path in [path.to_owned(), acme.path(path)] {
            assert_eq!(
                allowed(&call(&server, &path, Credential::None, EVIL).await.expect(200)),
                "*",
                "{path}"
            );
            assert_eq!(allowed(&server.get(&path).await.expect(200)), "*");
            assert_eq!(allowed(&preflight(&server, &path, EVIL).await.expect(204)), "*");
        }
    }
    let app = server.client("app").create().await;
    allow(&server, &app, APP);
    for path in ["/", "/errors/invalid_client", "/health/live"] {
        assert_eq!(allowed(&call(&server, path, Credential::None, APP).await), "", "{path}");
        let answer = preflight(&server, path, APP).await;
        assert_eq!((answer.status, allowed(&answer)), (405, ""), "{path}");
    }
    // Without a method to be asked for it is no preflight.
    let plain = Request::options("/oauth2/token").header(header::ORIGIN, APP).body("").unwrap();
    assert_eq!(server.request(plain).await.status, 405);
}

/// A page reads who is signed in, and notices when its token has ended: at `UserInfo` and at introspection, at the
/// root and below a tenant's path. What nobody is told apart by is readable like a preflight, for known origins only.
#[tokio::test]
async fn pages_read_user_info_introspection_and_every_refusal_of_a_dead_token() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for (tenant, path) in [(server.default_tenant(), String::new()), (acme.clone(), acme.path(""))] {
        let base = if path.is_empty() { server.base.clone() } else { format!("{}{path}", server.base) };
        let spa =
            server.client(&format!("spa{}", path.len())).of(&tenant).kind(ClientKind::Spa).create().await;
        allow(&server, &spa, APP);
        let user = server.user(&tenant, "ann", "correct horse battery").await;
        let planted = Planted { user: Some(user), scope: "openid", audience: &[&base] };
        let token = server.plant(&spa, planted).await;
        let person = Credential::bearer(&token);
        let userinfo = format!("{path}/oauth2/userinfo");
        assert_eq!(allowed(&call(&server, &userinfo, person.clone(), APP).await.expect(200)), APP);
        assert_eq!(allowed(&call(&server, &userinfo, person.clone(), EVIL).await.expect(200)), "");
        for endpoint in ["/oauth2/introspect", "/api/v1/oauth/introspect"] {
            for (origin, readable) in [(APP, APP), (EVIL, "")] {
                let request = Request::post(format!("{path}{endpoint}"))
                    .header(header::ORIGIN, origin)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::AUTHORIZATION, person.header().unwrap());
                let answer =
                    server.request(request.body(format!("token={token}")).unwrap()).await.expect(200);
                assert_eq!(allowed(&answer), readable, "{endpoint}");
            }
        }
        // A refusal in which nobody is told apart.
        for dead in ["nothing", "at_4LcVbFmKsZ9yQ2wX7tRn3pGdJh"] {
            let dead = Credential::bearer(dead);
            for at in [format!("{path}/oauth2/userinfo"), format!("{path}/api/v1/oauth/tokens")] {
                assert_eq!(allowed(&call(&server, &at, dead.clone(), APP).await.expect(401)), APP, "{at}");
                assert_eq!(allowed(&call(&server, &at, dead.clone(), EVIL).await.expect(401)), "", "{at}");
            }
        }
        assert_eq!(allowed(&call(&server, &userinfo, Credential::None, APP).await.expect(401)), APP);
    }
}

/// A single-page application calls from where it lives: without `allowed_origins`, the origins of its redirect URIs
/// count, and follow them. What was registered takes their place; other kinds of clients get none by default.
#[tokio::test]
async fn a_single_page_applications_origins_default_to_those_of_its_redirect_uris() {
    let server = TestServer::start().await;
    let manager = Credential::bearer(&server.management_key());
    let (tenant, list) = (server.default_tenant().id.to_string(), "/v1/clients");
    let send = async |method: &str, path: &str, body: serde_json::Value| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-tenant-id", &tenant)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, manager.header().unwrap());
        server.request(request.body(body.to_string()).unwrap()).await
    };
    let new = |kind: &str, host: &str| serde_json::json!({ "name": host, "type": kind, "redirect_uris": [format!("https://{host}:443/cb")] });
    let made = send("POST", list, new("spa", "spa.example")).await.expect(201);
    let _ = send("POST", list, new("web", "web.example")).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let known = async |origin: &str| !allowed(&preflight(&server, "/oauth2/token", origin).await).is_empty();
    assert!(known("https://spa.example").await && !known("https://web.example").await);
    let path = format!("{list}/{id}");
    let _ = send("PATCH", &path, serde_json::json!({ "redirect_uris": ["https://moved.example/cb"] }))
        .await
        .expect(200);
    assert!(known("https://moved.example").await);
    let only = serde_json::json!({ "redirect_uris": ["https://again.example/cb"], "allowed_origins": ["https://only.example"] });
    let _ = send("PATCH", &path, only).await.expect(200);
    assert!(known("https://only.example").await && !known("https://again.example").await);
}
