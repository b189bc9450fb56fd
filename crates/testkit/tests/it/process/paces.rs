//! Refusals wait where too many left to the same network, and nothing else does.

use std::time::{Duration, Instant};

use writ_testkit::process::Writ;

use super::Credential;

/// How long a refusal waits.
const PACE: Duration = Duration::from_millis(500);

fn spent(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// 60 KB count for some sixty requests, so that two thousand are 33 of them.
#[test]
fn whoever_is_refused_too_often_waits_for_each_refusal_and_for_nothing_else() {
    let mut writ = Writ::new().unwrap();
    writ.environment("WRIT_RATE_LIMITS", "on").start().unwrap();
    let (mut stranger, mut machine) = (writ.http().unwrap(), writ.http().unwrap());
    let credential = Credential(writ.client_form().unwrap());
    let large = format!("client_id=nobody&response_type=code&state={}", "s".repeat(60_000));
    let mut refuse = || assert_eq!(stranger.post("/oauth2/authorize", &large).unwrap().status, 400);
    assert!((0..400).any(|_| spent(&mut refuse) >= PACE), "a refusal has to wait");
    let tokens = spent(|| {
        for _ in 0..20 {
            credential.token(&mut machine);
        }
    });
    assert!(tokens < PACE * 20, "{tokens:?}: who has a credential does not wait");
}

#[test]
fn without_a_bound_nobody_waits() {
    let mut writ = Writ::new().unwrap();
    writ.environment("WRIT_RATE_LIMITS", "on").environment("WRIT_PER_NETWORK_REFUSALS", "0").start().unwrap();
    let mut stranger = writ.http().unwrap();
    let large = format!("client_id=nobody&response_type=code&state={}", "s".repeat(60_000));
    let all = spent(|| {
        for _ in 0..200 {
            assert_eq!(stranger.post("/oauth2/authorize", &large).unwrap().status, 400);
        }
    });
    assert!(all < PACE * 160, "{all:?}");
}
