//! Keys change while two nodes on one database issue tokens: resource servers that fetch the JWK set as real clients
//! do know every key, always. The clock is moved; nothing here waits.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::{Method, Request, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use writ_core::time::Seconds;
use writ_testkit::postgres::Cluster;
use writ_testkit::{TestClient, TestClock, TestServer};

/// Tasks that issue: half of them at each node.
const ISSUERS: usize = 4;
/// Tasks that verify, each with a JWK set of its own.
const VERIFIERS: usize = 4;
const ROTATIONS: usize = 4;
/// Between two steps of the clock, so many tokens are verified.
const TOKENS: usize = 12;
/// How far the clock moves at once.
const STEP: Seconds = Seconds(20);
/// From one rotation to the next: longer than a key is published before it signs.
const BETWEEN: i64 = 400;
/// How often a verifier that meets an unknown key asks again, before its set has run out.
const COOLDOWN: i64 = 30;

/// What the verifiers have met.
#[derive(Debug, Default)]
struct Met {
    verified: AtomicUsize,
    /// The key was not in a set that had not run out. A fetch out of turn may have helped.
    unexpected: AtomicUsize,
    /// The key was in no set that the verifier could have.
    unknown: AtomicUsize,
    /// The key was known, and the signature not its own.
    failed: AtomicUsize,
    kids: Mutex<BTreeSet<String>>,
}

impl Met {
    /// Tokens looked at, whatever came of it.
    fn seen(&self) -> usize {
        [&self.verified, &self.unknown, &self.failed].map(|count| count.load(Ordering::SeqCst)).iter().sum()
    }
}

/// Both nodes, and what they have in common.
struct Site {
    nodes: [TestServer; 2],
    url: String,
    clock: TestClock,
    client: TestClient,
    met: Met,
    progress: Notify,
    over: AtomicBool,
}

impl Site {
    async fn new() -> Arc<Self> {
        let url = writ_testkit::postgres::fresh_database().await.unwrap();
        let first = TestServer::builder().database(&url).start().await;
        let second = TestServer::builder().database(&url).seed(2).beside(&first).start().await;
        let client = first.client("app").create().await;
        let clock = first.clock.clone();
        let (met, progress, over) = (Met::default(), Notify::new(), AtomicBool::new(false));
        Arc::new(Self { nodes: [first, second], url, clock, client, met, progress, over })
    }

    fn now(&self) -> i64 {
        use writ_server::state::clock::Clock as _;
        self.clock.now().as_secs()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    async fn rotate(&self, node: usize) {
        let bearer = format!("Bearer {}", self.nodes[0].management_key());
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/keys/rotate")
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .body("{}")
            .unwrap();
        assert_eq!(self.nodes[node].request(request).await.status, 200);
    }

    /// The key that was made last signs now, however short a time it has been published for.
    async fn hurry(&self) {
        let (url, now) = (self.url.clone(), self.now() * 1_000_000);
        let sql = format!(
            "UPDATE signing_keys SET retired_at = {now} WHERE retired_at > {now};
             UPDATE signing_keys SET active_from = {now} WHERE active_from > {now};
             UPDATE tenants SET version = version + 1;
             SELECT 1"
        );
        let changed = tokio::task::spawn_blocking(move || {
            Cluster::shared().unwrap().query(Cluster::database_of(&url), &sql).unwrap()
        });
        changed.await.unwrap();
    }
}

/// Issues at one node and hands the tokens on.
async fn issue(site: Arc<Site>, node: usize, tokens: mpsc::Sender<String>) {
    while !site.is_over() {
        let token = site.nodes[node].access_token(&site.client).await;
        if tokens.send(token).await.is_err() {
            return;
        }
    }
}

/// A resource server: it keeps a JWK set for as long as `max-age` lets it, and asks again out of turn only where it
/// meets a key that it does not know, and not often.
struct Verifier {
    site: Arc<Site>,
    /// The node that the next fetch reaches: a load balancer stands between.
    node: usize,
    keys: JwkSet,
    fetched_at: i64,
    until: i64,
}

impl Verifier {
    async fn new(site: Arc<Site>, node: usize) -> Self {
        let mut verifier = Self { site, node, keys: JwkSet { keys: Vec::new() }, fetched_at: 0, until: 0 };
        verifier.fetch().await;
        verifier
    }

    async fn fetch(&mut self) {
        let answer = self.site.nodes[self.node].get("/.well-known/jwks.json").await.expect(200);
        self.node = 1 - self.node;
        let max_age: i64 = answer.header("cache-control").rsplit_once('=').unwrap().1.parse().unwrap();
        self.fetched_at = self.site.now();
        self.until = self.fetched_at + max_age;
        self.keys = serde_json::from_slice(&answer.body).unwrap();
    }

    async fn verify(&mut self, token: &str) {
        if self.site.now() >= self.until {
            self.fetch().await;
        }
        let kid = decode_header(token).unwrap().kid.unwrap();
        if self.keys.find(&kid).is_none() {
            self.site.met.unexpected.fetch_add(1, Ordering::SeqCst);
            if self.site.now() - self.fetched_at >= COOLDOWN {
                self.fetch().await;
            }
        }
        let met = &self.site.met;
        match self.keys.find(&kid) {
            None => met.unknown.fetch_add(1, Ordering::SeqCst),
            Some(key) => {
                let mut rules = Validation::new(jsonwebtoken::Algorithm::ES256);
                // The clock of the tests is not that of the library.
                (rules.validate_exp, rules.validate_aud) = (false, false);
                match decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &rules) {
                    Ok(_) => met.verified.fetch_add(1, Ordering::SeqCst),
                    Err(_) => met.failed.fetch_add(1, Ordering::SeqCst),
                }
            }
        };
        met.kids.lock().unwrap().insert(kid);
        self.site.progress.notify_one();
    }
}

/// Verifies tokens as they come, and now and then one that is old.
async fn watch(mut verifier: Verifier, tokens: Arc<tokio::sync::Mutex<mpsc::Receiver<String>>>) {
    let mut old: VecDeque<String> = VecDeque::new();
    for number in 0_usize.. {
        let next = tokens.lock().await.recv().await;
        let Some(token) = next else { return };
        verifier.verify(&token).await;
        if number % 10 > 0 {
            continue;
        }
        old.push_back(token);
        let now = verifier.site.now();
        old.retain(|token| expiry(token) > now);
        if let Some(oldest) = old.front() {
            verifier.verify(oldest).await;
        }
    }
}

/// The `exp` of a token, unverified.
fn expiry(token: &str) -> i64 {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims["exp"].as_i64().unwrap()
}

/// What happens to a new key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Publication {
    /// It signs when it may.
    AsDecided,
    /// It signs at once: what must not be.
    LeftOut,
}

async fn rotations_under_load(publication: Publication) -> Arc<Site> {
    let site = Site::new().await;
    let (sender, receiver) = mpsc::channel(8);
    let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
    let (mut watchers, mut issuers) = (JoinSet::new(), JoinSet::new());
    for number in 0..VERIFIERS {
        let verifier = Verifier::new(Arc::clone(&site), number % 2).await;
        watchers.spawn(watch(verifier, Arc::clone(&receiver)));
    }
    for number in 0..ISSUERS {
        issuers.spawn(issue(Arc::clone(&site), number % 2, sender.clone()));
    }
    drop(sender);
    for rotation in 0..ROTATIONS {
        site.rotate(rotation % 2).await;
        if publication == Publication::LeftOut {
            site.hurry().await;
        }
        for _ in 0..BETWEEN / STEP.0 {
            let enough = site.met.seen() + TOKENS;
            while site.met.seen() < enough {
                tokio::select! {
                    () = site.progress.notified() => {}
                    ended = watchers.join_next() => panic!("a verifier ended: {ended:?}"),
                    ended = issuers.join_next() => panic!("an issuer ended: {ended:?}"),
                }
            }
            site.clock.advance(STEP);
        }
    }
    site.over.store(true, Ordering::SeqCst);
    for mut tasks in [issuers, watchers] {
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }
    site
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_keys_change_no_verifier_meets_an_unknown_one() {
    let site = rotations_under_load(Publication::AsDecided).await;
    let met = &site.met;
    let counts = [&met.unexpected, &met.unknown, &met.failed].map(|count| count.load(Ordering::SeqCst));
    assert_eq!(counts, [0, 0, 0], "keys missed although fetched in turn, keys unknown, signatures failed");
    assert_eq!(met.kids.lock().unwrap().len(), ROTATIONS + 1, "each rotation was seen");
    let verified = met.verified.load(Ordering::SeqCst);
    assert!(verified >= ROTATIONS * usize::try_from(BETWEEN / STEP.0).unwrap() * TOKENS, "{verified}");
    println!("{verified} tokens verified over {ROTATIONS} rotations on two nodes");
}

/// The test above can fail: let the new key sign at once, as nothing in the server would, and verifiers meet keys that
/// they cannot know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_signs_before_it_was_published_long_enough_is_met_unknown() {
    let site = rotations_under_load(Publication::LeftOut).await;
    assert!(site.met.unexpected.load(Ordering::SeqCst) > 0, "{:?}", site.met);
    assert!(site.met.unknown.load(Ordering::SeqCst) > 0, "{:?}", site.met);
    assert_eq!(site.met.failed.load(Ordering::SeqCst), 0);
}
