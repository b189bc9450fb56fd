//! RFC 8252, OAuth 2.0 for Native Apps: what it only advises against, an operator may allow, one thing at a time.

use http::{Request, header};
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::client::ClientKind;
use writ_testkit::{Agent, Answer, Credential, Engine, TestServer, TestTenant};

use crate::flow::{PASSWORD, at, request, website};

async fn manage(server: &TestServer, tenant: &TestTenant, what: (&str, &str), body: &Value) -> Answer {
    let (method, path) = what;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-tenant-id", tenant.id.to_string());
    server.request(request.body(body.to_string()).unwrap()).await
}

/// §7.1, §8.3 and RFC 9700 §2.6. Off by default, behind every contract; the refusal names the setting.
#[rstest]
#[tokio::test]
async fn each_leniency_is_a_setting_of_the_tenant_and_the_refusal_names_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let server = TestServer::on(engine).await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    let settings = ["allow_dotless_schemes", "allow_host_underscores", "allow_http_callbacks"];
    let uris = [
        "cursor://anysphere.cursor-retrieval/oauth/callback",
        "https://my_app.example.com/callback",
        "http://wiki.intern:8080/callback",
    ];
    let bodies = |uri: &str| {
        [
            ("/api/v1/clients", json!({ "client_name": "a", "redirect_uris": [uri] })),
            ("/api/v1/oauth/clients", json!({ "name": "a", "redirect_uris": [uri] })),
            ("/v1/clients", json!({ "name": "a", "type": "native", "redirect_uris": [uri] })),
            (
                "/v1/admin/oauth-clients",
                json!({ "client_name": "a", "client_type": "public", "redirect_uris": [uri], "allowed_scopes": ["openid"] }),
            ),
            (
                "/api/v1/oauth/admin/clients",
                json!({ "name": "a", "redirectURIs": [uri], "grantTypes": ["authorization_code"] }),
            ),
        ]
    };
    let set = async |name: &str, on: bool| {
        let body = json!({ "settings": { name: on } });
        let path = format!("/api/v1/tenants/{}", tenant.id);
        let request = Request::put(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
            .header(header::CONTENT_TYPE, "application/json");
        let _ = server.request(request.body(body.to_string()).unwrap()).await.expect(200);
    };
    for (setting, uri) in settings.into_iter().zip(uris) {
        for other in settings.into_iter().filter(|other| *other != setting) {
            set(other, true).await;
        }
        for (path, body) in bodies(uri) {
            let answer = manage(&server, &tenant, ("POST", path), &body).await;
            assert_eq!(answer.status, 400, "{path} {uri}: {}", answer.text());
            assert!(answer.text().contains(setting), "{path}: {}", answer.text());
        }
        for other in settings {
            set(other, other == setting).await;
        }
        for (path, body) in bodies(uri) {
            let answer = manage(&server, &tenant, ("POST", path), &body).await;
            assert_eq!(answer.status, 201, "{path} {uri}: {}", answer.text());
        }
        set(setting, false).await;
    }
    // What never was an application's stays refused.
    set("allow_dotless_schemes", true).await;
    for uri in ["javascript:alert(1)", "data:text/html,x", "ftp://host/cb", "localhost:3000/cb"] {
        let body = json!({ "client_name": "a", "redirect_uris": [uri] });
        let answer = manage(&server, &tenant, ("POST", "/api/v1/clients"), &body).await;
        assert_eq!(answer.status, 400, "{uri}: {}", answer.text());
    }
}

/// A closed network's application gets its code, and its pages may call.
#[tokio::test]
async fn what_was_allowed_works_to_the_end() {
    const CALLBACK: &str = "http://wiki.intern:8080/callback";
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    crate::flow::ada(&server).await;
    let settings = json!({ "settings": { "allow_http_callbacks": true, "allow_dotless_schemes": true } });
    let _ = manage(&server, &tenant, ("PUT", "/api/v1/tenants/default"), &settings).await.expect(200);
    for (kind, callback) in [("web", CALLBACK), ("native", "cursor://host/callback"), ("spa", CALLBACK)] {
        let body =
            json!({ "client_name": kind, "kind": kind, "redirect_uris": [callback], "scope": "openid" });
        let made = manage(&server, &tenant, ("POST", "/api/v1/clients"), &body).await.expect(201).json();
        let client_id = made["client_id"].as_str().unwrap();
        let mut agent = Agent::new(&server);
        let page = agent.open(&request(client_id, &[("redirect_uri", callback), ("scope", "openid")])).await;
        let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        let page = agent.submit(&page, &[("decision", "allow")]).await;
        assert!(page.location().unwrap().starts_with(&format!("{callback}?code=")), "{page:?}");
    }
    let preflight = Request::options("/oauth2/token")
        .header(header::ORIGIN, "http://wiki.intern:8080")
        .header("access-control-request-method", "POST");
    let answer = server.request(preflight.body("").unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "http://wiki.intern:8080");
}

/// §7.3 and §8.3: the port of a loopback address is found when the tool starts, and tools write `localhost`.
#[rstest]
#[tokio::test]
async fn a_native_client_on_localhost_uses_the_port_that_it_finds(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    for (kind, works) in [(ClientKind::Native, true), (ClientKind::Web, false), (ClientKind::Spa, false)] {
        let name = format!("tool-{}", kind.name());
        let site = website(&server, &name).of(&tenant).kind(kind).redirect("http://localhost:3000/cb");
        let client = site.create().await;
        let callback = "http://localhost:51004/cb";
        let mut agent = Agent::new(&server);
        let begun = request(&name, &[("redirect_uri", callback), ("scope", "openid")]);
        let page = agent.open(&at(&tenant, &begun)).await;
        if !works {
            assert!(page.text().contains("Request refused"), "{kind:?}: {}", page.text());
            continue;
        }
        let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        let page = agent.submit(&page, &[("decision", "allow")]).await;
        assert!(page.location().unwrap().starts_with(&format!("{callback}?code=")), "{page:?}");
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*page.code()),
            ("redirect_uri", callback),
            ("code_verifier", crate::flow::VERIFIER),
        ];
        let by = Credential::from(&client);
        let _ = server.post(&at(&tenant, "/oauth2/token"), by, &pairs).await.expect(200);
    }
}
