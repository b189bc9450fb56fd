//! Client ID Metadata Document §4.4 and §6.6: how often anybody is called, and what is kept.

use super::*;
use writ_core::time::Seconds;
use writ_server::state::sweeper::Sweeper;

/// §4.4: a document is kept as long as its host says, within bounds; a request that finds it kept calls nobody.
#[tokio::test]
async fn a_document_is_kept_as_long_as_its_host_says() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let good = stage.document(&json!({})).to_string();
    for (fields, seconds) in [
        ("cache-control: max-age=120\r\n", 120),
        ("cache-control: no-store\r\n", 60),
        ("cache-control: max-age=9999999\r\n", 3600),
        ("", 600),
    ] {
        stage.server.clock.advance(Seconds(3600));
        stage.host.says("200 OK", &format!("{JSON}{fields}"), &good);
        let before = stage.host.calls();
        let _ = stage.begin(&mut agent).await;
        stage.server.clock.advance(Seconds(seconds - 1));
        let _ = stage.begin(&mut agent).await;
        assert_eq!(stage.host.calls(), before + 1, "{fields}");
        stage.server.clock.advance(Seconds(1));
        let _ = stage.begin(&mut agent).await;
        assert_eq!(stage.host.calls(), before + 2, "{fields}");
    }
}

/// A document that says the same writes nothing.
#[tokio::test]
async fn what_says_the_same_writes_nothing() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let _ = stage.begin(&mut agent).await;
    let before = stage.shown().await;
    for _ in 0..3 {
        stage.server.clock.advance(Seconds(3600));
        let _ = stage.begin(&mut agent).await;
    }
    assert_eq!(stage.host.calls(), 4);
    assert_eq!(stage.shown().await, before);
}

/// §4.4: errors are not kept. The same address is asked again after some seconds, and not before, whoever wants it.
#[tokio::test]
async fn what_fails_is_asked_again_after_a_pause() {
    let stage = Stage::new().await;
    stage.host.says("404 Not Found", "", "");
    let mut agent = Agent::new(&stage.server);
    for _ in 0..5 {
        assert!(is_refused(&stage.begin(&mut agent).await));
    }
    assert_eq!(stage.host.calls(), 1);
    stage.says(&json!({}));
    stage.server.clock.advance(Seconds(10));
    assert!(!is_refused(&stage.begin(&mut agent).await));
}

/// A network that names clients which nobody has seen makes the server call somebody some times, and then waits.
#[tokio::test]
async fn strangers_make_no_calls_without_end() {
    let host = KeysHost::with("{}").await;
    let server = TestServer::builder().outbound(host.settings()).rate_limits().start().await;
    set(&server, &server.default_tenant(), json!({ "client_documents": true })).await;
    let ask = async |peer: &str, number: usize| {
        let path = request(&format!("{}/{number}", host.uri), &[]);
        let request = Request::get(path).header(header::ACCEPT, "text/html");
        server.request_from(peer, request.body(String::new()).unwrap()).await
    };
    let mut last = 0;
    for number in 0..60 {
        last = ask("192.0.2.7", number).await.status;
    }
    assert_eq!((last, host.calls()), (429, 50));
    assert_eq!(ask("198.51.100.7", 100).await.status, 400, "another network has its own");
}

/// Clients that are never used, or not for a long time, go; those that are used stay.
#[tokio::test]
async fn clients_that_nobody_uses_go() {
    let sweep = async |server: &TestServer| {
        server.app.store.flush_last_notes(server.app.default_tenant).await.unwrap();
        let mut sweeper = Sweeper::default();
        for _ in 0..40 {
            sweeper.turn(&server.app).await.unwrap();
        }
    };
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let stage = Stage::on(engine, "default").await;
        let mut agent = Agent::new(&stage.server);
        let _ = stage.begin(&mut agent).await;
        stage.server.clock.advance(Seconds(86_399));
        sweep(&stage.server).await;
        assert!(stage.shown().await.is_object());
        stage.server.clock.advance(Seconds(1));
        sweep(&stage.server).await;
        assert!(stage.shown().await.is_null(), "it was never used");
        // It comes again by its document, and stays while it is used.
        let _ = stage.tokens().await;
        for _ in 0..3 {
            stage.server.clock.advance(Seconds(89 * 86_400));
            sweep(&stage.server).await;
            assert!(stage.shown().await.is_object());
            let _ = stage.tokens().await;
        }
        stage.server.clock.advance(Seconds(91 * 86_400));
        sweep(&stage.server).await;
        assert!(stage.shown().await.is_null(), "it was not used for long");
        assert_eq!(stage.server.app.store.registered_count(stage.tenant.id).await.unwrap(), 0);
    }
}

/// There are as many as the policy says.
#[tokio::test]
async fn there_are_as_many_as_the_policy_says() {
    let stage = Stage::new().await;
    stage.set(json!({ "registration_policy": { "clients_max": 0 } })).await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.begin(&mut agent).await;
    assert_eq!((page.answer.status, page.location()), (503, None), "{}", page.text());
}
