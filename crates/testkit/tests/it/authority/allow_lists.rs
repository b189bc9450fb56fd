//! Allow lists: from where a client, an API key, a tenant's management and the server may be used. Who is shut out is
//! told what everybody is told whose credential is no good; which list it was stands in the audit log.

use std::sync::Arc;

use http::{Method, Request, header};
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::networks::AllowList;
use writ_server::state::app::Live;
use writ_testkit::{Answer, Credential, Engine, TestServer, TestTenant};

const INSIDE: [&str; 3] = ["10.1.2.3", "::ffff:10.9.9.9", "2001:db8::7"];
const OUTSIDE: [&str; 3] = ["192.0.2.1", "::ffff:192.0.2.1", "2001:db9::7"];

fn networks() -> Value {
    json!(["10.1.0.0/8", "2001:db8::/32"])
}

/// Sends JSON, or nothing, from an address.
async fn send(
    server: &TestServer,
    (peer, by): (&str, &Credential),
    (method, path): (Method, &str),
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(credential) = by.header() {
        request = request.header(header::AUTHORIZATION, credential);
    }
    let body = match body {
        Some(json) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            json.to_string()
        }
        None => String::new(),
    };
    server.request_from(peer, request.body(body).unwrap()).await
}

/// Sends a form from an address.
async fn post(
    server: &TestServer,
    (peer, by): (&str, &Credential),
    path: &str,
    pairs: &[(&str, &str)],
) -> Answer {
    let mut pairs = pairs.to_vec();
    let more = by.parameters();
    pairs.extend(more);
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(credential) = by.header() {
        request = request.header(header::AUTHORIZATION, credential);
    }
    server.request_from(peer, request.body(writ_testkit::form(&pairs)).unwrap()).await
}

fn places(server: &TestServer, acme: &TestTenant, path: &str) -> [(TestTenant, String); 2] {
    [(server.default_tenant(), path.to_owned()), (acme.clone(), acme.path(path))]
}

/// The latest refusals of a tenant, as the audit log has them.
async fn refusals(server: &TestServer, tenant: &TestTenant) -> Vec<Value> {
    server.app.store.flush_notes(tenant.id).await.unwrap();
    let by = Credential::Bearer(server.management_key());
    let request = Request::get("/api/v1/audit-logs?limit=50")
        .header(header::AUTHORIZATION, by.header().unwrap())
        .header("x-tenant-id", tenant.id.to_string());
    let answer = server.request_from("10.1.1.1", request.body("").unwrap()).await.expect(200).json();
    let logs = answer["audit_logs"].as_array().unwrap().clone();
    logs.into_iter().filter(|log| log["details"]["allow_list"].is_string()).collect()
}

const GRANT: &[(&str, &str)] = &[("grant_type", "client_credentials")];

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test]
async fn a_client_is_used_from_its_networks_alone(#[case] engine: Engine) {
    let server = TestServer::on(engine).await;
    let acme = server.tenant("acme").await;
    let manager = Credential::Bearer(server.management_key());
    for (tenant, token_path) in places(&server, &acme, "/oauth2/token") {
        let client =
            server.client(&format!("machine-{}", tenant.slug)).of(&tenant).scope("oauth:read").create().await;
        let by = Credential::from(&client);
        let at = |path: &str| token_path.replace("/oauth2/token", path);
        let from = |peer: &'static str| (peer, by.clone());
        let mut own_token = String::new();
        for peer in INSIDE.into_iter().chain(OUTSIDE) {
            // Cached facts: everybody is let in, and the client is remembered.
            own_token =
                post(&server, (peer, &by), &token_path, GRANT).await.expect(200).member("access_token");
        }
        let settings = format!("/api/v1/clients/{}", client.client_id);
        let request = Request::put(&settings)
            .header(header::AUTHORIZATION, manager.header().unwrap())
            .header("x-tenant-id", tenant.id.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(json!({ "allowed_networks": networks() }).to_string());
        let shown = server.request(request.unwrap()).await.expect(200).json();
        assert_eq!(shown["allowed_networks"], json!(["10.0.0.0/8", "2001:db8::/32"]));
        for peer in INSIDE {
            let _ = post(&server, (peer, &by), &token_path, GRANT).await.expect(200);
        }
        let wrong = Credential::basic(&client.client_id, "csec_wrong");
        let told =
            post(&server, (INSIDE[0], &wrong), &token_path, GRANT).await.refused(401, "invalid_client");
        for peer in OUTSIDE {
            let (peer, by) = from(peer);
            for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
                let pairs = [GRANT, &[("token", own_token.as_str())]].concat();
                let refused =
                    post(&server, (peer, &by), &at(path), &pairs).await.refused(401, "invalid_client");
                assert_eq!(refused.text(), told.text(), "nothing says that there is a list");
            }
            let list = at("/api/v1/oauth/clients");
            let _ =
                send(&server, (peer, &by), (Method::GET, &list), None).await.refused(401, "invalid_client");
            let token = Credential::Bearer(own_token.clone());
            let _ =
                send(&server, (peer, &token), (Method::GET, &list), None).await.refused(401, "invalid_token");
            let token = (INSIDE[1], &token);
            let _ = send(&server, token, (Method::GET, &list), None).await.expect(200);
        }
        let records = refusals(&server, &tenant).await;
        let of_client = |record: &&Value| record["details"]["allow_list"] == "client";
        let addresses: Vec<_> =
            records.iter().filter(of_client).map(|record| &record["ip_address"]).collect();
        for peer in ["192.0.2.1", "2001:db9::7"] {
            assert!(addresses.iter().any(|address| *address == peer), "{peer}: {records:?}");
        }
        // Taken back, it holds at once.
        let request = Request::put(&settings)
            .header(header::AUTHORIZATION, manager.header().unwrap())
            .header("x-tenant-id", tenant.id.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(json!({ "allowed_networks": null }).to_string());
        let _ = server.request(request.unwrap()).await.expect(200);
        let _ = post(&server, (OUTSIDE[0], &by), &token_path, GRANT).await.expect(200);
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test]
async fn an_api_key_is_used_from_its_networks_alone(#[case] engine: Engine) {
    const KEYS: &str = "/api/v1/api-keys";
    let server = TestServer::on(engine).await;
    let acme = server.tenant("acme").await;
    for (tenant, keys) in places(&server, &acme, KEYS) {
        let maker = server.api_key(&tenant, &[Permission::KeysRead, Permission::KeysWrite], None).await;
        let maker = Credential::Bearer(maker);
        let body = json!({ "name": "CI", "permissions": ["keys:read", "keys:write"], "allowed_networks": networks() });
        let made =
            send(&server, (OUTSIDE[0], &maker), (Method::POST, &keys), Some(body)).await.expect(201).json();
        assert_eq!(made["allowed_networks"], json!(["10.0.0.0/8", "2001:db8::/32"]));
        let id = made["id"].as_str().unwrap();
        let key = Credential::Bearer(made["api_key"].as_str().unwrap().to_owned());
        for peer in INSIDE {
            let _ = send(&server, (peer, &key), (Method::GET, &keys), None).await.expect(200);
        }
        let bogus = Credential::Bearer("sk_live_nobody".to_owned());
        let told = send(&server, (INSIDE[0], &bogus), (Method::GET, &keys), None)
            .await
            .refused(401, "invalid_token");
        for peer in OUTSIDE {
            let refused =
                send(&server, (peer, &key), (Method::GET, &keys), None).await.refused(401, "invalid_token");
            assert_eq!(refused.text(), told.text(), "nothing says that there is a list");
            let introspect = keys.replace(KEYS, "/oauth2/introspect");
            let _ = post(&server, (peer, &key), &introspect, &[("token", "x")])
                .await
                .refused(401, "invalid_token");
        }
        let records = refusals(&server, &tenant).await;
        let record = records.iter().find(|record| record["details"]["allow_list"] == "api_key").unwrap();
        assert_eq!(record["actor"]["name"], "CI");
        assert_eq!(record["outcome"], "refused");

        // A key that would shut itself out is asked whether it means that.
        let one = format!("{keys}/{id}");
        let elsewhere = json!({ "allowed_networks": ["192.0.2.0/24"] });
        let put = |by: Credential, body: Value| {
            let (server, one) = (&server, one.clone());
            async move { send(server, (INSIDE[0], &by), (Method::PUT, &one), Some(body)).await }
        };
        let refused = put(key.clone(), elsewhere.clone()).await.refused(400, "invalid_request");
        assert!(refused.text().contains("allowed_networks: does not contain 10.1.2.3"), "{}", refused.text());
        let confirmed = json!({ "allowed_networks": ["192.0.2.0/24"], "confirm_lockout": true });
        let _ = put(key.clone(), confirmed).await.expect(200);
        let _ =
            send(&server, (INSIDE[0], &key), (Method::GET, &keys), None).await.refused(401, "invalid_token");
        let _ = send(&server, (OUTSIDE[0], &key), (Method::GET, &keys), None).await.expect(200);
        // Somebody else's is not their own lockout.
        let _ = put(maker.clone(), elsewhere).await.expect(200);
        let shown = put(maker.clone(), json!({ "allowed_networks": [] })).await.expect(200).json();
        assert_eq!(shown["allowed_networks"], json!([]));
        let wrong = put(maker.clone(), json!({ "allowed_networks": ["10.0.0.0/8", "office"] })).await;
        let wrong = wrong.refused(400, "invalid_request");
        assert!(
            wrong.text().contains("allowed_networks: office: an address or a network"),
            "{}",
            wrong.text()
        );
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test]
async fn a_tenant_is_managed_from_its_networks_alone(#[case] engine: Engine) {
    let server = TestServer::on(engine).await;
    let acme = server.tenant("acme").await;
    let operator = Credential::Bearer(server.management_key());
    for (tenant, clients) in places(&server, &acme, "/api/v1/oauth/clients") {
        let key = Credential::Bearer(server.api_key(&tenant, &[Permission::OauthRead], None).await);
        let machine =
            server.client(&format!("m-{}", tenant.slug)).of(&tenant).scope("oauth:read").create().await;
        let machine = Credential::from(&machine);
        let path = format!("/api/v1/tenants/{}", tenant.slug);
        let set = |networks: Value, confirm: bool| {
            let body = json!({ "settings": { "management_networks": networks }, "confirm_lockout": confirm });
            let (server, operator, path) = (&server, &operator, path.clone());
            async move { send(server, (INSIDE[0], operator), (Method::PUT, &path), Some(body)).await }
        };
        let shown = set(networks(), false).await.expect(200).json();
        assert_eq!(shown["settings"]["management_networks"], json!(["10.0.0.0/8", "2001:db8::/32"]));
        for by in [&key, &machine] {
            for peer in INSIDE {
                let _ = send(&server, (peer, by), (Method::GET, &clients), None).await.expect(200);
            }
            for peer in OUTSIDE {
                let refused = send(&server, (peer, by), (Method::GET, &clients), None).await;
                let refused = refused.refused(403, "access_denied");
                assert!(!refused.text().contains("network") && !refused.text().contains("list"));
            }
        }
        // What is no management goes on.
        let token = clients.replace("/api/v1/oauth/clients", "/oauth2/token");
        let _ = post(&server, (OUTSIDE[0], &machine), &token, GRANT).await.expect(200);
        let records = refusals(&server, &tenant).await;
        assert!(records.iter().any(|record| record["details"]["allow_list"] == "tenant"), "{records:?}");

        let elsewhere = set(json!(["192.0.2.0/24"]), false).await;
        if tenant.slug == "default" {
            let refused = elsewhere.refused(400, "invalid_request");
            assert!(refused.text().contains("settings.management_networks: does not contain 10.1.2.3"));
        } else {
            // An operator manages from their own tenant, and puts it right from there.
            let _ = elsewhere.expect(200);
        }
        let _ = set(json!([]), false).await.expect(200);
        let _ = send(&server, (OUTSIDE[0], &key), (Method::GET, &clients), None).await.expect(200);
    }
}

#[tokio::test]
async fn the_server_is_used_from_its_networks_alone_and_says_to_everybody_that_it_lives() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let live = Live::clone(&server.app.live.load());
    let allowed_networks = AllowList::read(&["10.0.0.0/8", "2001:db8::/32"]).unwrap();
    server.app.live.store(Arc::new(Live { allowed_networks, ..live }));
    let nobody = Credential::None;
    for path in [
        "/oauth2/authorize",
        "/.well-known/openid-configuration",
        "/login",
        "/api/v1/oauth/clients",
        "/nowhere",
    ] {
        for path in [path.to_owned(), acme.path(path)] {
            for peer in OUTSIDE {
                let answer = send(&server, (peer, &nobody), (Method::GET, &path), None).await;
                assert_eq!(answer.status, 403, "{path}");
            }
            for peer in INSIDE {
                let answer = send(&server, (peer, &nobody), (Method::GET, &path), None).await;
                assert_ne!(answer.status, 403, "{path}");
            }
        }
    }
    for path in ["/health/live", "/health/ready"] {
        let _ = send(&server, (OUTSIDE[0], &nobody), (Method::GET, path), None).await.expect(200);
    }
    let records = refusals(&server, &server.default_tenant()).await;
    assert!(records.iter().any(|record| record["details"]["allow_list"] == "server"), "{records:?}");
    // The same again is no record of its own.
    assert!(records.len() <= 2 * OUTSIDE.len(), "{records:?}");
}

/// What is said on one node holds at the next request to another, whatever that one has in memory.
#[tokio::test]
async fn a_list_that_is_changed_on_one_node_holds_on_the_other() {
    let url = writ_testkit::postgres::fresh_database().await.unwrap();
    let first = TestServer::builder().database(&url).start().await;
    let second = TestServer::builder().database(&url).seed(2).beside(&first).start().await;
    let operator = Credential::Bearer(first.management_key());
    let acme = first.tenant("acme").await;
    for (tenant, clients) in places(&first, &acme, "/api/v1/oauth/clients") {
        let machine =
            first.client(&format!("m-{}", tenant.slug)).of(&tenant).scope("oauth:read").create().await;
        let body = json!({ "name": "CI", "permissions": ["oauth:read"] });
        let path = clients.replace("oauth/clients", "api-keys");
        let boss = Credential::Bearer(first.api_key(&tenant, Permission::ALL, None).await);
        let made = send(&first, (INSIDE[0], &boss), (Method::POST, &path), Some(body)).await.expect(201);
        let key = Credential::Bearer(made.member("api_key"));
        let token = clients.replace("/api/v1/oauth/clients", "/oauth2/token");
        let by = Credential::from(&machine);
        let of_client = clients.replace("oauth/clients", &format!("clients/{}", machine.client_id));
        let of_key = format!("{path}/{}", made.member("id"));
        // Closed and opened twice: each time the second node has the other state in memory.
        for (list, status) in [(networks(), 401), (json!([]), 200), (networks(), 401), (json!([]), 200)] {
            let body = json!({ "allowed_networks": list });
            let change = Some(body.clone());
            let _ = send(&first, (INSIDE[0], &boss), (Method::PUT, &of_client), change).await.expect(200);
            let _ = post(&second, (OUTSIDE[0], &by), &token, GRANT).await.expect(status);
            let _ = send(&first, (INSIDE[0], &boss), (Method::PUT, &of_key), Some(body)).await.expect(200);
            let _ = send(&second, (OUTSIDE[0], &key), (Method::GET, &clients), None).await.expect(status);
        }
        let settings = format!("/api/v1/tenants/{}", tenant.slug);
        for (list, managed) in [(networks(), 403), (json!([]), 200), (networks(), 403), (json!([]), 200)] {
            let body = json!({ "settings": { "management_networks": list } });
            let change = (Method::PUT, settings.as_str());
            let _ = send(&first, (INSIDE[0], &operator), change, Some(body)).await.expect(200);
            let at = (OUTSIDE[0], &boss);
            let _ = send(&second, at, (Method::GET, &clients), None).await.expect(managed);
            let _ = send(&second, (INSIDE[1], &boss), (Method::GET, &clients), None).await.expect(200);
        }
    }
}
