//! OpenID Connect Core §10.1.1: keys that the client publishes, fetched when they are needed.

use super::*;
use std::time::{Duration, Instant};
use writ_core::time::Seconds;
use writ_testkit::KeysHost;

struct Stage {
    server: TestServer,
    host: KeysHost,
    keys: [SigningKey; 3],
    made: Value,
}

impl Stage {
    /// A client whose first key is at an address of its own.
    async fn new() -> Self {
        let keys = [(); 3].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
        let host = KeysHost::with(&set(&[&keys[0]]).to_string()).await;
        let server = TestServer::builder().outbound(host.settings()).start().await;
        let more = json!({ "jwks_uri": host.uri });
        let made = machine(&server, &server.default_tenant(), "private_key_jwt", &more).await;
        Self { server, host, keys, made }
    }

    /// A token request, signed with one of the keys, at the present time.
    async fn ask(&self, key: usize) -> Answer {
        let party = Party::of(&self.server, &self.server.default_tenant(), &self.made);
        let key = &self.keys[key];
        let assertion = signed(key, &json!({ "alg": "ES256", "kid": key.kid() }), &party.claims());
        party.token_by(&self.server, assertion).await
    }

    fn publishes(&self, keys: &[usize]) {
        let keys: Vec<_> = keys.iter().map(|key| &self.keys[*key]).collect();
        self.host.has(&set(&keys).to_string());
    }

    fn after(&self, seconds: i64) {
        self.server.clock.advance(Seconds(seconds));
    }

    /// Whether the operator finds this among the reasons.
    async fn says(&self, why: &str) -> bool {
        let found = reasons(&self.server, &self.server.default_tenant()).await;
        found.iter().any(|reason| reason.contains(why))
    }
}

/// Keys are fetched once and kept: ten minutes where their host does not say, else as it says within bounds.
#[tokio::test]
async fn keys_are_kept_as_long_as_their_host_says() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        let _ = stage.ask(0).await.expect(200);
    }
    stage.after(599);
    let _ = stage.ask(0).await.expect(200);
    assert_eq!(stage.host.calls(), 1);
    let jwks = set(&[&stage.keys[0]]).to_string();
    for (fields, seconds) in [
        ("cache-control: max-age=120\r\n", 120),
        ("cache-control: no-store\r\n", 60),
        ("cache-control: max-age=9999999\r\n", 3600),
        ("", 600),
    ] {
        stage.after(3600);
        stage.host.says("200 OK", fields, &jwks);
        let before = stage.host.calls();
        let _ = stage.ask(0).await.expect(200);
        stage.after(seconds - 1);
        let _ = stage.ask(0).await.expect(200);
        assert_eq!(stage.host.calls(), before + 1, "{fields}");
        stage.after(1);
        let _ = stage.ask(0).await.expect(200);
        assert_eq!(stage.host.calls(), before + 2, "{fields}");
    }
}

/// A key that is not known is looked for at once, so that keys follow one another without a gap; but not more often than
/// every ten seconds, whatever strangers send.
#[tokio::test]
async fn an_unknown_key_is_looked_for_now_and_then() {
    let stage = Stage::new().await;
    let _ = stage.ask(0).await.expect(200);
    stage.after(10);
    stage.publishes(&[0, 1]);
    let _ = stage.ask(1).await.expect(200);
    assert_eq!(stage.host.calls(), 2);
    for _ in 0..5 {
        let _ = stage.ask(2).await.refused(401, "invalid_client");
    }
    assert_eq!(stage.host.calls(), 2, "it was asked a moment ago");
    assert!(stage.says("no key is known").await);
    stage.after(10);
    for _ in 0..5 {
        let _ = stage.ask(2).await.refused(401, "invalid_client");
        let _ = stage.ask(0).await.expect(200);
    }
    assert_eq!(stage.host.calls(), 3);
    // What is not published any more is not taken once its time is over.
    stage.publishes(&[1]);
    stage.after(600);
    let _ = stage.ask(0).await.refused(401, "invalid_client");
    let _ = stage.ask(1).await.expect(200);
}

/// While the host is away, what it said last is used for a day; then nobody is let in.
#[tokio::test]
async fn keys_outlive_their_host_for_a_day() {
    let stage = Stage::new().await;
    let _ = stage.ask(0).await.expect(200);
    for (status, body) in [
        ("503 Busy", ""),
        ("200 OK", "<html>"),
        ("302 Elsewhere", ""),
        ("200 OK", r#"{"keys":[{"kty":"oct","k":"AA"}]}"#),
    ] {
        stage.host.says(status, "location: /elsewhere\r\n", body);
        stage.after(3600);
        let before = stage.host.calls();
        for _ in 0..3 {
            let _ = stage.ask(0).await.expect(200);
        }
        assert_eq!(stage.host.calls(), before + 1, "{status}");
    }
    stage.after(86_400 - 4 * 3600 - 1);
    let _ = stage.ask(0).await.expect(200);
    stage.after(1);
    let _ = stage.ask(0).await.refused(401, "invalid_client");
    assert!(stage.says("the keys at jwks_uri cannot be had").await);
    stage.publishes(&[0]);
    stage.after(10);
    let _ = stage.ask(0).await.expect(200);
}

/// Issue 13: a dead `jwks_uri` slows nobody else; and while it hangs, whoever has its keys yet is not slowed either.
#[tokio::test]
async fn a_dead_host_slows_nobody_else() {
    let stage = Stage::new().await;
    let other = Party::made(&stage.server, None, "private_key_jwt").await;
    let _ = stage.ask(0).await.expect(200);
    stage.after(600);
    stage.host.hangs();
    let begun = Instant::now();
    let (waiting, ()) = tokio::join!(stage.ask(0), async {
        // The first one is on its way.
        while stage.host.calls() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let _ = Party { now: stage.server.app.clock.now().as_secs(), ..other }
            .token(&stage.server)
            .await
            .expect(200);
        let _ = stage.ask(0).await.expect(200);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    });
    let _ = waiting.expect(200);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(stage.host.calls(), 2);
}

/// Nothing of this machine, or of its network, is ever fetched; nor is anything fetched for what cannot be good.
#[tokio::test]
async fn nothing_is_fetched_where_nobody_may_go_or_nothing_may_come_of_it() {
    let stage = Stage::new().await;
    let party = Party::of(&stage.server, &stage.server.default_tenant(), &stage.made);
    let key = &stage.keys[0];
    for (header, name, value) in [
        (json!({ "alg": "HS256" }), "jti", json!("1")),
        (json!({ "alg": "none" }), "jti", json!("1")),
        (json!({ "alg": "ES256" }), "aud", json!("https://elsewhere.example")),
        (json!({ "alg": "ES256" }), "iss", json!("other")),
        (json!({ "alg": "ES256" }), "exp", json!(party.now - 60)),
    ] {
        let mut claims = party.claims();
        claims[name] = value;
        let _ =
            party.token_by(&stage.server, signed(key, &header, &claims)).await.refused(401, "invalid_client");
    }
    assert_eq!(stage.host.calls(), 0);
    // Where the operator allows it no more, nobody goes there.
    let Stage { server, host, keys, made } = stage;
    let server = server.restarted().await;
    let stage = Stage { server, host, keys, made };
    let _ = stage.ask(0).await.refused(401, "invalid_client");
    assert!(stage.says("the name localhost is this machine").await);
    assert_eq!(stage.host.calls(), 0);
}
