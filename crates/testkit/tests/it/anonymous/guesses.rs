//! Guesses at many names are counted by network; browsers that are known have a share of their own.

use serde_json::{Value, json};
use writ_core::change::Origin;
use writ_core::error::ErrorCode;
use writ_core::ids::BrowserId;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Credential};

use super::{CROWD, ELSEWHERE, PLACES, RIGHT, Stage, from};
use crate::flow::request;

/// Takes all that a network may have of sign-ins that fail, without the time of so many hashes.
fn use_up(stage: &Stage, peer: &str) {
    let network = writ_core::network::Network::of(peer.parse().unwrap());
    let share = writ_server::edge::shares::Share::SignIns;
    while stage.server.app.shares.take(share, network, (1, 600), writ_testkit::START).is_ok() {}
}

#[tokio::test]
async fn a_network_that_guesses_at_many_names_is_stopped_and_nobody_else() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        stage.server.user(&stage.tenant, "alice", RIGHT).await;
        let before = stage.server.app.shares.kept();
        for n in 0..20 {
            let guess = stage.try_password(&format!("name-{n}"), "a guess", from(CROWD)).await;
            assert_eq!(guess.unwrap_err().error.code(), ErrorCode::InvalidGrant);
        }
        assert_eq!(stage.server.app.shares.kept(), before + 1);
        use_up(&stage, CROWD);
        let hashed = stage.server.app.passwords.hashed();
        for name in ["alice", "nobody"] {
            let refused = stage.try_password(name, RIGHT, from(CROWD)).await.unwrap_err();
            assert_eq!(refused.error.code(), ErrorCode::TooManyRequests, "{name}");
            assert_eq!(refused.retry_after, Some(1), "{name}");
        }
        assert_eq!(stage.server.app.passwords.hashed(), hashed, "nothing is hashed for it");
        assert!(stage.try_password("alice", RIGHT, from(ELSEWHERE)).await.is_ok());
        stage.server.clock.advance(Seconds(2));
        assert!(stage.try_password("alice", RIGHT, from(CROWD)).await.is_ok());
    }
}

#[tokio::test]
async fn a_browser_that_is_known_signs_in_while_its_network_guesses() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        stage.server.user(&stage.tenant, "alice", RIGHT).await;
        let own = Some(BrowserId::from_bytes([1; 16]));
        let at_home = || Origin { browser: own, ..from(CROWD) };
        assert!(stage.try_password("alice", RIGHT, at_home()).await.is_ok());
        // Somebody beside her uses up what the name may have from there, and what the network may have.
        for _ in 0..12 {
            assert!(stage.try_password("alice", "a guess", from(CROWD)).await.is_err());
        }
        use_up(&stage, CROWD);
        assert!(stage.try_password("alice", RIGHT, from(CROWD)).await.is_err());
        for _ in 0..20 {
            assert!(stage.try_password("alice", RIGHT, at_home()).await.is_ok());
        }
        // Her browser is not known for anybody else.
        assert!(stage.try_password("bob", RIGHT, at_home()).await.is_err());
        // And has its limit, too.
        for _ in 0..10 {
            assert!(stage.try_password("alice", "a guess", at_home()).await.is_err());
        }
        assert!(stage.try_password("alice", RIGHT, at_home()).await.is_err());
    }
}

/// Five hundred people behind one address: what went well is not counted.
#[tokio::test]
async fn whoever_gets_in_costs_their_network_nothing() {
    let stage = Stage::at(PLACES[0]).await;
    stage.server.user(&stage.tenant, "alice", RIGHT).await;
    let network = writ_core::network::Network::of(CROWD.parse().unwrap());
    let share = writ_server::edge::shares::Share::SignIns;
    for _ in 0..597 {
        let _ = stage.server.app.shares.take(share, network, (1, 600), writ_testkit::START).unwrap();
    }
    for _ in 0..10 {
        assert!(stage.try_password("alice", RIGHT, from(CROWD)).await.is_ok());
    }
}

#[tokio::test]
async fn the_page_keeps_the_name_and_says_when_to_try_again() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        let mut agent = Agent::new(&stage.server);
        let page = agent.open(&stage.path(&request("app", &[]))).await;
        use_up(&stage, "192.0.2.7");
        let typed = [("username", "ada@example.org"), ("password", RIGHT)];
        let answer = agent.send_form(&page, &typed).await.answer.expect(429);
        assert_eq!(answer.header("retry-after"), "1");
        assert!(answer.text().contains("value=\"ada@example.org\"") && !answer.text().contains(RIGHT));
        assert!(answer.text().contains("too many failed sign-ins from your network"), "{}", answer.text());
    }
}

/// Who did not get in, why, and which name was tried; nothing of it says that anybody succeeded.
#[tokio::test]
async fn failed_sign_ins_are_recorded_as_such() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        let alice = stage.server.user(&stage.tenant, "alice", RIGHT).await;
        for _ in 0..12 {
            assert!(stage.try_password("ALICE", "a guess", from(CROWD)).await.is_err());
        }
        for n in 0..50 {
            let name = format!("nobody-{n}@example.com");
            assert!(stage.try_password(&name, "a guess", from(CROWD)).await.is_err());
        }
        stage.server.app.store.flush_last_notes(stage.tenant.id).await.unwrap();
        let permissions = [writ_core::authority::Permission::AuditRead];
        let key = stage.server.api_key(&stage.tenant, &permissions, None).await;
        let by = Credential::bearer(&key);
        let read = async |action: &str| -> Vec<Value> {
            let path = stage.path(&format!("/api/v1/audit-logs?limit=200&action={action}"));
            let request = http::Request::get(path).header("authorization", by.header().unwrap());
            let answer = stage.server.request(request.body("").unwrap()).await.expect(200);
            answer.json()["audit_logs"].as_array().unwrap().clone()
        };
        let failed = read("user.sign_in_failed").await;
        assert!(failed.iter().all(|row| row["outcome"] == "failure"), "{failed:?}");
        let of = |reason: &str| -> Vec<&Value> {
            failed.iter().filter(|row| row["details"]["reason"] == reason).collect()
        };
        let wrong = of("wrong");
        assert_eq!(wrong.len(), 1, "{failed:?}");
        assert_eq!(wrong[0]["details"], json!({ "reason": "wrong", "count": "10", "username": "alice" }));
        assert_eq!(wrong[0]["target"]["id"], alice.to_string());
        assert_eq!(of("throttled")[0]["details"]["count"], "2");
        // Fifty names that nobody has are few records.
        let unknown = of("unknown");
        assert!(unknown.len() <= 16, "{}", unknown.len());
        let count = |row: &Value| row["details"]["count"].as_str().unwrap().parse::<u32>().unwrap();
        assert_eq!(unknown.iter().map(|row| count(row)).sum::<u32>(), 50);
        assert!(unknown.iter().any(|row| row["details"]["username"] == "nobody-0@example.com"));
        let attempts = read("user.sign_in_attempted").await;
        assert_eq!(attempts.len(), 10, "of somebody, and none of nobody");
        assert!(attempts.iter().all(|row| row["outcome"] == "attempted"), "{attempts:?}");
    }
}
