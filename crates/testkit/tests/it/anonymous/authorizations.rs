//! Authorization requests that nobody answers.

use writ_core::time::Seconds;

use super::{CROWD, ELSEWHERE, PLACES, Stage};
use crate::flow::{CALLBACK, request};

/// What is kept of a request is bounded before it is kept.
#[tokio::test]
async fn what_is_too_long_is_refused_before_anything_is_stored() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        let long = "x".repeat(4097);
        let pairs = |text: &str| {
            [
                ("client_id", "app".to_owned()),
                ("response_type", "code".to_owned()),
                ("redirect_uri", CALLBACK.to_owned()),
                ("state", text.to_owned()),
            ]
        };
        for state in [&*long, &*"x".repeat(31 * 1024), &*"x".repeat(60 * 1024)] {
            let pairs = pairs(state);
            let pairs = pairs.each_ref().map(|(name, value)| (*name, &**value));
            let answer = stage.post_from(CROWD, "/oauth2/authorize", &pairs).await;
            let _ = answer.expect(400);
        }
        let answer = stage.get_from(CROWD, &request("app", &[("state", &*long)])).await.expect(400);
        assert!(answer.text().contains("state: longer than 4096 bytes"), "{}", answer.text());
        let answer = stage.get_from(CROWD, &request("app", &[("nonce", &*long)])).await.expect(303);
        assert!(answer.header("location").contains("error=invalid_request"), "{answer:?}");
        let most = "x".repeat(4096);
        for name in ["state", "nonce"] {
            let answer = stage.get_from(CROWD, &request("app", &[(name, &*most)])).await.expect(303);
            assert!(answer.header("location").contains("login_challenge="), "{name}");
        }
    }
}

/// A network that begins requests and finishes none is stopped; what it wrote is bounded, and no record each.
#[tokio::test]
async fn a_network_that_floods_is_stopped_and_nobody_else() {
    for place in PLACES {
        let stage = Stage::at(place).await;
        // Eight KiB of it are kept each time: nine of two thousand.
        let large = "x".repeat(4096);
        let target = request("app", &[("state", &*large), ("nonce", &*large)]);
        let mut begun = 0;
        loop {
            let answer = stage.get_from(CROWD, &target).await;
            if answer.status == 429 {
                assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
                break;
            }
            let _ = answer.expect(303);
            begun += 1;
            assert!(begun < 300, "never stopped");
        }
        assert_eq!(begun, 222);
        let _ = stage.get_from(ELSEWHERE, &request("app", &[])).await.expect(303);
        stage.server.app.store.flush_notes(stage.tenant.id).await.unwrap();
        let records = stage.server.app.store.audit_newest(stage.tenant.id, 1000).await.unwrap();
        let started = records.iter().filter(|(action, _)| action == "authorization.started").count();
        assert_eq!(started, 2, "one of each network");
        stage.server.clock.advance(Seconds(30));
        let _ = stage.get_from(CROWD, &target).await.expect(303);
    }
}

/// Unknown applications, and redirect URIs that are not theirs, cost the network that asks, and write nothing.
#[tokio::test]
async fn refused_requests_cost_and_write_nothing() {
    for place in [PLACES[0], PLACES[3]] {
        let stage = Stage::at(place).await;
        let before = stage.server.app.store.meters().units.load(std::sync::atomic::Ordering::Relaxed);
        let mut refused = 0;
        for n in 0..2001 {
            let unknown = request(&format!("app-{n}"), &[]);
            let foreign = request("app", &[("redirect_uri", "https://evil.example/")]);
            let answer = stage.get_from(CROWD, if n % 2 == 0 { &unknown } else { &foreign }).await;
            refused += u32::from(answer.status == 429);
        }
        assert_eq!(refused, 1);
        let after = stage.server.app.store.meters().units.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(before, after);
    }
}
