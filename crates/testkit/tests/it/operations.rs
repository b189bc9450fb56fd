//! Health, metrics, request ids, and the first start.

use http::Request;
use writ_testkit::{Answer, Credential, TestServer};

#[tokio::test]
async fn a_healthy_server_is_live_and_ready() {
    let server = TestServer::start().await;
    for (path, status) in [("/health/live", "ok"), ("/health/ready", "ready")] {
        for answer in [server.get(path).await, server.metrics(path).await] {
            let answer = answer.expect(200);
            assert_eq!(answer.member("status"), status);
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn a_server_without_storage_is_live_and_not_ready() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    server.access_token(&app).await;
    server.app.store.close();
    let _ = server.get("/health/live").await.expect(200);
    let answer = server.token(&app, &[]).await.refused(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    let answer = server.get("/health/ready").await;
    assert!([200, 503].contains(&answer.status), "reads still work");
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let _ = server.introspect(&app, &token).await;
    let _ = server.token(Credential::None, &[]).await;
    let _ = server.get("/nothing").await;
    let answer = server.metrics("/metrics").await.expect(200);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"), "{answer:?}");
    let text = answer.text();
    for line in [
        "writ_requests_total{endpoint=\"token\",status=\"2xx\"} 1",
        "writ_requests_total{endpoint=\"token\",status=\"4xx\"} 1",
        "writ_requests_total{endpoint=\"introspect\",status=\"2xx\"} 1",
        "writ_requests_total{endpoint=\"other\",status=\"4xx\"} 1",
        "writ_token_requests_total{grant=\"client_credentials\",outcome=\"issued\"} 1",
        "writ_token_requests_total{grant=\"client_credentials\",outcome=\"invalid_client\"} 1",
        "writ_sign_ins_total{outcome=\"success\"} 0",
        "writ_build_info{version=\"",
        "writ_signing_key_age_seconds{alg=\"ES256\"} 0",
        "writ_request_seconds_count{endpoint=\"token\"} 2",
        "writ_store_failing 0",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    for name in [
        "writ_connections_open",
        "writ_connections_accepted_total",
        "writ_store_queue_units",
        "writ_store_wal_bytes",
        "writ_store_database_bytes",
        "writ_store_units_total",
        "writ_store_batches_total",
        "writ_store_notes_dropped_total",
        "process_cpu_seconds_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
    ] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
        assert!(
            text.contains(&format!("# HELP {name} ")) && text.contains(&format!("# TYPE {name} ")),
            "{name}"
        );
    }
}

/// No path, tenant, client or header makes a series.
#[tokio::test]
async fn the_number_of_series_does_not_depend_on_what_is_asked() {
    let server = TestServer::start().await;
    let series = async || {
        server.metrics("/metrics").await.text().lines().filter(|line| !line.starts_with('#')).count()
    };
    let before = series().await;
    for number in 0..50 {
        let _ = server.get(&format!("/t/tenant{number}/path{number}")).await;
        let _ = server.token(Credential::basic(&format!("client{number}"), "x"), &[]).await;
        let _ = server.ask(format!("METHOD{number}").parse().unwrap(), "/oauth2/token").await;
    }
    assert_eq!(series().await, before);
    assert!(before < 800, "{before}");
}

#[tokio::test]
async fn metrics_are_not_on_the_public_address() {
    let server = TestServer::start().await;
    let _ = server.get("/metrics").await.refused(404, "not_found");
}

async fn with_id(server: &TestServer, id: &[u8]) -> Answer {
    let request =
        Request::get("/health/live").header("x-request-id", http::HeaderValue::from_bytes(id).unwrap());
    server.request(request.body("").unwrap()).await.expect(200)
}

#[tokio::test]
async fn a_plain_request_id_is_taken_and_a_hostile_one_replaced() {
    let server = TestServer::start().await;
    for id in ["abc", "0190e0b8-7c52-7c9d-8a8e-5b0f6f4b2f11", "A_b.c-9", &"x".repeat(64)] {
        assert_eq!(with_id(&server, id.as_bytes()).await.header("x-request-id"), id);
    }
    let mut drawn = std::collections::BTreeSet::new();
    let long = "x".repeat(65);
    let hostile: [&[u8]; 7] = [b"", b"a b", b"a\"b", long.as_bytes(), b"<script>", b"\xff\xfe", b"a\tb"];
    for id in hostile {
        let answer = with_id(&server, id).await;
        let own = answer.header("x-request-id").to_owned();
        assert!(!own.is_empty() && own.as_bytes() != id && own.len() <= 64, "{own}");
        assert!(own.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'), "{own}");
        assert!(drawn.insert(own));
    }
    let own = server.get("/nothing").await;
    assert!(drawn.insert(own.header("x-request-id").to_owned()));
}

#[tokio::test]
async fn the_first_start_gives_credentials_that_work() {
    let server = TestServer::start().await;
    let client = server.management_client().await;
    let token = server.access_token(&client).await;
    assert!(server.is_active(Credential::bearer(&server.management_key()), &token).await);
    let scope = server.introspect(&client, &token).await.member("scope");
    for permission in writ_core::authority::Permission::ALL {
        assert!(scope.split(' ').any(|name| name == permission.name()), "{scope}");
    }
    assert_eq!(server.bootstrap["tenant_id"], server.default_tenant().id.to_string());
    assert_eq!(server.bootstrap["admin"]["username"], "admin@localhost");
}

/// The same seed gives the same server, so that a failure can be looked at again.
#[tokio::test]
async fn a_seed_repeats() {
    let (one, two) =
        tokio::join!(TestServer::builder().seed(7).start(), TestServer::builder().seed(7).start());
    let other = TestServer::builder().seed(8).start().await;
    assert_eq!(one.bootstrap, two.bootstrap);
    assert_ne!(one.bootstrap, other.bootstrap);
}

/// Issuing and revoking leave their records.
#[tokio::test]
async fn acts_are_in_the_audit_log() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let _ = server.revoke(&app, &token).await.expect(200);
    let newest = server.app.store.audit_newest(app.tenant, 10).await.unwrap();
    let actions: Vec<_> = newest.iter().map(|(action, actor)| (action.as_str(), actor.as_str())).collect();
    assert!(actions.contains(&("access_token.issued", "client")), "{actions:?}");
    assert!(actions.contains(&("access_token.revoked", "client")), "{actions:?}");
    assert!(actions.contains(&("client.created", "system")), "{actions:?}");
}

/// The names of a text that look like one of our metrics; of a histogram, the name it has as a whole.
fn metrics_named(text: &str) -> std::collections::BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names = words.filter(|word| word.starts_with("writ_") && word.len() > 8);
    names.map(|name| name.trim_end_matches("_bucket").to_owned()).collect()
}

/// The alerts and the dashboard ask for nothing that is not there, and the dashboard for all that is.
#[tokio::test]
async fn alerts_and_dashboard_name_metrics_that_exist() {
    let server = TestServer::start().await;
    // A key that signs.
    server.access_token(&server.client("app").create().await).await;
    let text = server.metrics("/metrics").await.expect(200).text().to_owned();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let known: std::collections::BTreeSet<String> =
        types.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
    assert!(known.len() > 15, "{known:?}");
    let packaging = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging");
    let read = |file: &str| std::fs::read_to_string(packaging.join(file)).expect("a file of the package");
    let (alerts, dashboard) = (read("prometheus/alerts.yml"), read("grafana/writ.json"));
    for named in [metrics_named(&alerts), metrics_named(&dashboard)] {
        assert!(named.len() > 7, "{named:?}");
        let missing: Vec<_> = named.difference(&known).collect();
        assert!(missing.is_empty(), "{missing:?} is not at /metrics");
    }
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).expect("JSON");
    assert_eq!(parsed["uid"], "writ");
    let shown = metrics_named(&dashboard);
    let ours =
        known.iter().filter(|name| name.starts_with("writ_") && *name != "writ_connections_accepted_total");
    let hidden: Vec<_> =
        ours.filter(|name| !shown.contains(*name) && !alerts.contains(name.as_str())).collect();
    assert!(hidden.is_empty(), "{hidden:?} is neither on the dashboard nor in an alert");
}

/// Sign-ins and their failures are counted by reason, pages and endpoints each on their own.
#[tokio::test]
async fn sign_ins_and_endpoints_are_counted() {
    use crate::flow::{ada, code, request, website};
    let server = TestServer::start().await;
    ada(&server).await;
    let app = website(&server, "app").create().await;
    let mut agent = writ_testkit::Agent::new(&server);
    let page = agent.open(&request("app", &[])).await;
    for name in ["ada@example.org", "nobody@example.org"] {
        let _ =
            agent.send_form(&page, &[("username", name), ("password", "a guess")]).await.answer.expect(400);
    }
    let mut agent = writ_testkit::Agent::new(&server);
    let code = code(&mut agent, &app, &[]).await.code();
    let tokens = crate::flow::redeem(&server, &app, &code).await.expect(200).json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = Request::get("/oauth2/userinfo").header("authorization", bearer);
    let _ = server.request(request.body("").unwrap()).await;
    let text = server.metrics("/metrics").await.expect(200).text().to_owned();
    for line in [
        "writ_sign_ins_total{outcome=\"success\"} 1",
        "writ_sign_ins_total{outcome=\"wrong\"} 1",
        "writ_sign_ins_total{outcome=\"unknown\"} 1",
        "writ_token_requests_total{grant=\"authorization_code\",outcome=\"issued\"} 1",
        "writ_requests_total{endpoint=\"login\",status=\"4xx\"} 2",
        "writ_requests_total{endpoint=\"userinfo\",status=\"2xx\"} 1",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    for endpoint in ["authorize", "consent"] {
        let line = format!("writ_request_seconds_count{{endpoint=\"{endpoint}\"}} 0");
        assert!(!text.contains(&line), "{endpoint} was asked");
    }
}
