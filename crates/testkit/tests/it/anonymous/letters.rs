//! Registrations and letters that strangers ask for.

use serde_json::json;
use writ_core::time::Seconds;
use writ_testkit::{Engine, TestServer};

use super::{CROWD, ELSEWHERE, PLACES, RIGHT, Stage, from};

async fn ask(stage: &Stage, peer: &str, name: &str) -> u16 {
    stage.post_from(peer, "/reset-password", &[("username", name)]).await.status
}

async fn alice(stage: &Stage) {
    stage.server.user(&stage.tenant, "alice@example.com", RIGHT).await;
    stage.server.sql("UPDATE users SET email = username WHERE username = ?1", ["alice@example.com"]);
}

/// Strangers cannot use up somebody's letters: each network has a part, and whoever is known a share.
#[tokio::test]
async fn the_owner_gets_a_letter_whatever_strangers_asked_for() {
    for place in PLACES.into_iter().filter(|(engine, _)| *engine == Engine::Sqlite) {
        let stage = Stage::at(place).await;
        alice(&stage).await;
        assert!(stage.try_password("alice@example.com", RIGHT, from("192.0.2.7")).await.is_ok());
        let sent = async || stage.server.letters().await.len();
        for _ in 0..20 {
            assert_eq!(ask(&stage, CROWD, "alice@example.com").await, 303);
        }
        assert_eq!(sent().await, 3, "one network's part");
        assert_eq!(ask(&stage, ELSEWHERE, "alice@example.com").await, 303);
        assert_eq!(sent().await, 4, "another network has its own");
        // Whatever all strangers together have asked for.
        for n in 0..40 {
            assert_eq!(ask(&stage, &format!("198.51.100.{n}"), "alice@example.com").await, 303);
        }
        assert_eq!(sent().await, 12, "all strangers together");
        assert_eq!(ask(&stage, "192.0.2.7", "alice@example.com").await, 303);
        assert_eq!(sent().await, 13, "the owner where they have signed in");
        // For good: what one network may have for ever is less than comes back.
        for _ in 0..12 {
            stage.server.clock.advance(Seconds(600));
            assert_eq!(ask(&stage, CROWD, "alice@example.com").await, 303);
        }
        let before = sent().await;
        assert_eq!(ask(&stage, "203.0.113.77", "alice@example.com").await, 303);
        assert_eq!(sent().await, before + 1);
    }
}

/// `a+1@…`, `a+2@…` and `a@…` are one mailbox, in whichever tenant.
#[tokio::test]
async fn a_mailbox_is_not_flooded_by_the_names_that_it_has() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let stage = Stage::at((engine, "acme")).await;
        for n in 0..10 {
            let name = format!("ada+{n}@example.com");
            let body = json!({ "username": name, "email": name, "password": RIGHT }).to_string();
            let request =
                http::Request::post(stage.path("/api/v1/users")).header("content-type", "application/json");
            let _ = stage.server.request_from(CROWD, request.body(body).unwrap()).await.expect(201);
        }
        assert_eq!(stage.server.letters().await.len(), 3);
    }
}

#[tokio::test]
async fn links_that_are_asked_for_are_counted_by_network() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        for n in 0..100 {
            assert_eq!(ask(&stage, CROWD, &format!("nobody-{n}")).await, 303);
        }
        let answer = stage.post_from(CROWD, "/reset-password", &[("username", "nobody")]).await.expect(429);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
        assert!(answer.text().contains("Too many letters were asked for"), "{}", answer.text());
        let bogus = stage.post_from(CROWD, "/verify-email", &[("token", "vfy_x")]).await;
        assert_eq!(bogus.status, 429);
        assert_eq!(ask(&stage, ELSEWHERE, "nobody").await, 303);
        stage.server.app.store.flush_notes(stage.tenant.id).await.unwrap();
        let records = stage.server.app.store.audit_newest(stage.tenant.id, 1000).await.unwrap();
        let asked = records.iter().filter(|(action, _)| action == "user.password_reset_requested").count();
        assert_eq!(asked, 2, "one of each network");
    }
}

/// JSON of somebody without a credential is at most 16 KiB.
#[tokio::test]
async fn anonymous_json_is_small() {
    let server = TestServer::builder().rate_limits().start().await;
    for path in ["/api/v1/users/reset-password", "/api/v1/users/verify-email"] {
        for (length, status) in [(15 * 1024, 400), (17 * 1024, 413)] {
            let body = json!({ "username": "x".repeat(length), "token": "x" }).to_string();
            let request = http::Request::post(path).header("content-type", "application/json");
            let answer = server.request(request.body(body).unwrap()).await;
            assert_eq!(answer.status, status, "{path} {length}: {}", answer.text());
        }
    }
}
