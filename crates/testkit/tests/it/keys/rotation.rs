//! One key after the other, as a resource server sees it.

use std::collections::VecDeque;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use writ_core::rotation::MaxAge;
use writ_core::time::Seconds;
use writ_testkit::{Engine, START, TestServer};

use super::{JWKS, builder, kid, listed, published, rotate, seconds, server, states};

const DAY: i64 = 86_400;

/// A resource server: it keeps a JWK set for exactly as long as `max-age` lets it.
struct Verifier {
    keys: JwkSet,
    until: i64,
}

impl Verifier {
    async fn new(server: &TestServer, now: i64) -> Self {
        let mut verifier = Self { keys: JwkSet { keys: Vec::new() }, until: now };
        verifier.refresh(server, now).await;
        verifier
    }

    async fn refresh(&mut self, server: &TestServer, now: i64) {
        if now < self.until {
            return;
        }
        let answer = server.get(JWKS).await.expect(200);
        let max_age: i64 = answer.header("cache-control").rsplit_once('=').unwrap().1.parse().unwrap();
        self.until = now + max_age;
        self.keys = serde_json::from_slice(&answer.body).unwrap();
    }

    /// Panics where the key is unknown or the signature wrong.
    fn verify(&self, token: &str) {
        let header = decode_header(token).unwrap();
        let key = self.keys.find(header.kid.as_deref().unwrap()).expect("the verifier knows the key");
        let mut rules = Validation::new(header.alg);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap();
    }
}

/// A year in which keys change by themselves every 30 days, and now and then because somebody asks:
/// resource servers that fetch the set only when it has run out know every key, for as long as the
/// tokens live.
#[tokio::test]
async fn over_a_year_no_verifier_meets_a_key_that_it_does_not_know() {
    let server = builder().key_max_age(MaxAge::days(30)).start().await;
    let short = server.client("short").create().await;
    let long = server.client("long").lifetime(2 * DAY).create().await;
    let mut now = START.as_secs();
    let end = now + 365 * DAY;
    let mut verifiers = vec![Verifier::new(&server, now).await];
    let mut held: VecDeque<(i64, String)> = VecDeque::new();
    let (mut kids, mut turn, mut verified) = (std::collections::BTreeSet::new(), 0_u64, 0_u64);
    while now < end {
        turn += 1;
        server.app.rotate_due_keys().await.map_err(|fault| fault.error).unwrap();
        for (app, lifetime) in [(&short, 3600), (&long, 2 * DAY)] {
            let token = server.access_token(app).await;
            kids.insert(kid(&token));
            held.push_back((now + lifetime, token));
        }
        held.retain(|(expires_at, _)| *expires_at > now);
        // Verifiers whose sets are of different ages: one more begins at every step of a hand-over.
        if verifiers.len() < 16 {
            verifiers.push(Verifier::new(&server, now).await);
        }
        for verifier in &mut verifiers {
            verifier.refresh(&server, now).await;
            // The newest may be signed with a key that is new to it, the oldest with one that is gone.
            for (_, token) in held.iter().rev().take(2).chain(held.front()) {
                verifier.verify(token);
                verified += 1;
            }
        }
        // The worst moment: right after every set was fetched.
        if turn % 97 == 0 {
            rotate(&server).await;
        }
        // Small steps where a key is about to follow another, large ones elsewhere.
        let soon = listed(&server).await.iter().any(|key| {
            let from = seconds(&key["active_from"]);
            from + 60 > now && from < now + 900
        });
        let step = if soon { 37 } else { 21_600 };
        if !soon {
            verifiers.truncate(1);
        }
        now += step;
        server.clock.advance(Seconds(step));
    }
    assert!(kids.len() >= 14, "{} keys have signed", kids.len());
    assert!(verified > 10_000, "{verified} tokens were verified");
    assert!(states(&server).await.iter().filter(|state| *state == "gone").count() >= 10);
    assert!(published(&server).await.len() <= 3);
}

/// Who asks is told when the new key signs, and until then nothing changes for anybody.
#[tokio::test]
async fn a_rotation_says_when_the_new_key_signs() {
    let server = server().await;
    let app = server.client("app").create().await;
    let old = kid(&server.access_token(&app).await);
    let answer = rotate(&server).await;
    let new = answer["kid"].as_str().unwrap();
    assert_eq!((&answer["alg"], &answer["state"]), (&"ES256".into(), &"next".into()));
    assert_eq!(seconds(&answer["signs_from"]), START.as_secs() + 365);
    assert_eq!(published(&server).await, [old.clone(), new.to_owned()].into());
    assert_eq!(rotate(&server).await, answer, "asking again changes nothing");

    server.clock.advance(Seconds(364));
    assert_eq!(kid(&server.access_token(&app).await), old);
    let last = server.access_token(&app).await;
    server.clock.advance(Seconds(1));
    assert_eq!(kid(&server.access_token(&app).await), new);
    assert_eq!(states(&server).await, ["active", "retired"]);
    assert!(server.is_active(&app, &last).await, "what the old key signed lives on");
    // Its last token lives for an hour, and clocks may differ by a minute.
    server.clock.advance(Seconds(3659));
    assert!(published(&server).await.contains(&old));
    server.clock.advance(Seconds(1));
    assert_eq!(published(&server).await, [new.to_owned()].into());
    assert_eq!(states(&server).await, ["active", "gone"]);
}

/// A key is published for as long as its longest token lives, not as most do.
#[tokio::test]
async fn a_retired_key_waits_for_its_longest_token() {
    let server = server().await;
    let long = server.client("long").lifetime(10 * DAY).create().await;
    let short = server.client("short").create().await;
    server.access_token(&short).await;
    let token = server.access_token(&long).await;
    rotate(&server).await;
    server.clock.advance(Seconds(365));
    assert_ne!(kid(&server.access_token(&long).await), kid(&token));
    server.clock.advance(Seconds(10 * DAY - 366));
    Verifier::new(&server, 0).await.verify(&token);
    // It retired 365 seconds after it signed this token, and clocks may differ by a minute.
    server.clock.advance(Seconds(425));
    assert_eq!(states(&server).await, ["active", "retired"]);
    server.clock.advance(Seconds(1));
    assert_eq!(states(&server).await, ["active", "gone"]);
}

#[tokio::test]
async fn keys_stay_where_rotation_is_off_and_change_in_every_tenant_where_it_is_on() {
    for (max_age, made) in [(MaxAge::Never, 0), (MaxAge::days(90), 3)] {
        let server = builder().key_max_age(max_age).start().await;
        let acme = server.tenant("acme").await;
        server.tenant("idle").await;
        server.access_token(&server.client("app").create().await).await;
        server.access_token(&server.client("theirs").of(&acme).create().await).await;
        server
            .access_token(&server.client("rsa").of(&acme).signed(writ_jose::Algorithm::EdDsa).create().await)
            .await;
        server.clock.advance(Seconds(89 * DAY - 1));
        assert_eq!(server.app.rotate_due_keys().await.map_err(|fault| fault.error).unwrap(), 0);
        server.clock.advance(Seconds(1));
        assert_eq!(server.app.rotate_due_keys().await.map_err(|fault| fault.error).unwrap(), made);
        assert_eq!(server.app.rotate_due_keys().await.map_err(|fault| fault.error).unwrap(), 0);
    }
}

/// A key made while the clock was a day ahead signs once the clock was put right: there is nothing else to sign with.
#[rstest::rstest]
#[tokio::test]
async fn a_key_dated_in_the_future_signs_after_the_clock_was_put_right(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let server = TestServer::on(engine).await;
    let client = server.client("app").create().await;
    server.clock.advance(Seconds(86_400));
    let _ = server.token(&client, &[]).await.expect(200);
    server.clock.advance(Seconds(-86_400));
    let token = server.access_token(&client).await;
    assert!(server.is_active(&client, &token).await);
    let _ = server.get("/health/ready").await.expect(200);
}
