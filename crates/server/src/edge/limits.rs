//! Rate limits: token buckets (GCRA) in the memory of this node, one for each client and each address.
//!
//! What the defaults are made of: no honest client may ever meet one. A machine client may well take thousands of
//! tokens a second, so its bucket only keeps one client from taking a whole node. What is limited strictly is
//! failing to authenticate; and there a *right* secret that Writ made is not refused for somebody else's wrong
//! ones: such secrets cannot be guessed, and a limit that let a stranger lock a client out would be worse than
//! none. Secrets that people chose can be guessed, and each guess costs a slow hash: for those the limit holds
//! before the secret is looked at.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::HeaderValue;
use writ_core::network::Network;
use writ_core::secret::sha256;
use writ_core::time::Micros;

/// Whether calls are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateLimits {
    /// They are.
    #[default]
    On,
    /// They are not: for benchmarks, or where something before the server does it.
    Off,
}

/// What is limited. The names stand in headers and in `/api/v1/oauth/rate-limits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Tokens issued to a client.
    Tokens,
    /// Calls of the management APIs, by caller.
    Management,
    /// Failures to authenticate as a client, from one address.
    ClientFailures,
    /// Failures to authenticate as any client, from one address.
    AddressFailures,
}

/// How much of something, in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: &'static str,
    /// How many at once.
    pub quota: u32,
    /// Seconds in which an empty bucket fills up.
    pub window: u32,
    /// The three as `RateLimit-Policy` says them: every answer of a limited call bears it.
    header: &'static str,
}

impl Limit {
    /// Its policy.
    pub const fn policy(self) -> Policy {
        match self {
            // 10,000 a second for good: half of what a core issues.
            Self::Tokens => {
                Policy { name: "tokens", quota: 20_000, window: 2, header: "\"tokens\";q=20000;w=2" }
            }
            Self::Management => {
                Policy { name: "management", quota: 2_000, window: 2, header: "\"management\";q=2000;w=2" }
            }
            // One wrong secret every two seconds for good.
            Self::ClientFailures => Policy {
                name: "client_authentication_failures",
                quota: 30,
                window: 60,
                header: "\"client_authentication_failures\";q=30;w=60",
            },
            // An office behind one address has many clients; ten failures a second for good.
            Self::AddressFailures => Policy {
                name: "authentication_failures",
                quota: 1_000,
                window: 100,
                header: "\"authentication_failures\";q=1000;w=100",
            },
        }
    }
}

/// Whose bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A caller, by row id.
    Row([u8; 16]),
    /// A network.
    Address(Network),
    /// A client as it was named, from a network.
    Named([u8; 16], Network),
}

impl Key {
    /// The network of an address.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(Network::of(address))
    }

    /// A client as it was named, known or not, from an address.
    pub fn named(client_id: &str, address: IpAddr) -> Self {
        let digest = sha256(client_id.as_bytes());
        Self::Named(digest.as_bytes().first_chunk().copied().unwrap_or_default(), Network::of(address))
    }
}

/// How full a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Of what.
    pub policy: Policy,
    /// How many are left.
    pub remaining: u32,
    /// When it is full again.
    pub full_at: Micros,
    /// Where nothing is left: seconds until something is.
    pub retry_after: Option<u32>,
}

impl Level {
    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.retry_after.is_some()
    }

    /// `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10 §4).
    pub fn header(&self, now: Micros) -> String {
        let seconds = match self.retry_after {
            Some(seconds) => i64::from(seconds),
            None => rounded_up(self.full_at.0.saturating_sub(now.0), 1_000_000),
        };
        format!("\"{}\";r={};t={seconds}", self.policy.name, self.remaining)
    }

    /// `RateLimit-Policy` (§3 of the same).
    pub const fn policy_header(&self) -> HeaderValue {
        HeaderValue::from_static(self.policy.header)
    }
}

fn rounded_up(value: i64, unit: i64) -> i64 {
    value.saturating_add(unit - 1).div_euclid(unit).max(0)
}

/// The time as the last caller told it: a limiter has no clock of its own.
#[derive(Debug, Clone, Default)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}

const SHARDS: usize = 16;

/// When each bucket is full again.
#[derive(Debug, Clone, Default)]
struct Levels(Arc<Shards>);

#[derive(Debug, Default)]
struct Shards {
    hasher: RandomState,
    maps: [Mutex<HashMap<Key, Nanos>>; SHARDS],
}

impl Levels {
    fn shard(&self, key: &Key) -> &Mutex<HashMap<Key, Nanos>> {
        let [first, ..] = &self.0.maps;
        let at = usize::try_from(self.0.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default();
        // There are as many as the remainder can be.
        self.0.maps.get(at).unwrap_or(first)
    }

    fn get(&self, key: &Key) -> Option<Nanos> {
        self.shard(key).lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }
}

impl StateStore for Levels {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut levels = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, full_at) = decide(levels.get(key).copied())?;
        levels.insert(*key, full_at);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Key> for Levels {
    fn retain_recent(&self, drop_below: Nanos) {
        for shard in &self.0.maps {
            let mut levels = shard.lock().unwrap_or_else(PoisonError::into_inner);
            levels.retain(|_, full_at| *full_at > drop_below);
            if levels.capacity() > 4 * levels.len() + 64 {
                levels.shrink_to_fit();
            }
        }
    }

    fn len(&self) -> usize {
        self.0.maps.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The buckets of one limit.
struct Bucket {
    policy: Policy,
    clock: Told,
    levels: Levels,
    limiter: RateLimiter<Key, Levels, Told, NoOpMiddleware<Nanos>>,
}

impl Bucket {
    fn new(limit: Limit) -> Self {
        let (policy, clock, levels) = (limit.policy(), Told::default(), Levels::default());
        let quota = NonZeroU32::new(policy.quota).unwrap_or(NonZeroU32::MIN);
        let one = Duration::from_secs(policy.window.into()) / quota.get();
        let rate = Quota::with_period(one).unwrap_or_else(|| Quota::per_second(quota)).allow_burst(quota);
        let limiter = RateLimiter::new(rate, levels.clone(), clock.clone());
        Self { policy, clock, levels, limiter }
    }

    /// Nanoseconds that one takes to come back.
    fn one(&self) -> u64 {
        u64::from(self.policy.window) * 1_000_000_000 / u64::from(self.policy.quota).max(1)
    }

    fn level(&self, key: &Key, now: Micros) -> Level {
        let now_ns = nanos(now);
        let full_at = self.levels.get(key).map_or(now_ns, |full_at| full_at.as_u64().max(now_ns));
        let (behind, one) = (full_at - now_ns, self.one().max(1));
        let used = u32::try_from(behind.div_ceil(one)).unwrap_or(u32::MAX);
        let remaining = self.policy.quota.saturating_sub(used);
        let until_one = behind.saturating_sub(one * u64::from(self.policy.quota - 1));
        let retry_after =
            (until_one > 0).then(|| u32::try_from(until_one.div_ceil(1_000_000_000)).unwrap_or(u32::MAX));
        let full_at = Micros(i64::try_from(full_at.div_ceil(1000)).unwrap_or(i64::MAX));
        Level { policy: self.policy, remaining, full_at, retry_after }
    }
}

fn nanos(at: Micros) -> u64 {
    u64::try_from(at.0).unwrap_or(0).saturating_mul(1000)
}

/// All buckets of this node.
pub struct Limits {
    tokens: Bucket,
    management: Bucket,
    client_failures: Bucket,
    address_failures: Bucket,
}

impl Limits {
    /// All of them full.
    pub fn new() -> Self {
        Self {
            tokens: Bucket::new(Limit::Tokens),
            management: Bucket::new(Limit::Management),
            client_failures: Bucket::new(Limit::ClientFailures),
            address_failures: Bucket::new(Limit::AddressFailures),
        }
    }

    fn bucket(&self, limit: Limit) -> &Bucket {
        match limit {
            Limit::Tokens => &self.tokens,
            Limit::Management => &self.management,
            Limit::ClientFailures => &self.client_failures,
            Limit::AddressFailures => &self.address_failures,
        }
    }

    /// Takes one out, where one is left, and says how full the bucket is then; [`Level::is_empty`] is then about
    /// the next one. `Err`: nothing was left.
    pub fn take(&self, limit: Limit, key: &Key, now: Micros) -> Result<Level, Level> {
        let bucket = self.bucket(limit);
        bucket.clock.0.fetch_max(nanos(now), Ordering::Relaxed);
        match bucket.limiter.check_key(key) {
            Ok(()) => Ok(bucket.level(key, now)),
            Err(_until) => {
                let level = bucket.level(key, now);
                Err(Level { retry_after: level.retry_after.or(Some(1)), ..level })
            }
        }
    }

    /// How full a bucket is.
    pub fn look(&self, limit: Limit, key: &Key, now: Micros) -> Level {
        self.bucket(limit).level(key, now)
    }

    /// Forgets the buckets that are full again. Called every few seconds, so that what is kept in memory is what
    /// came in the longest window at the most.
    pub fn forget_full(&self, now: Micros) {
        for bucket in [&self.tokens, &self.management, &self.client_failures, &self.address_failures] {
            bucket.clock.0.fetch_max(nanos(now), Ordering::Relaxed);
            bucket.limiter.retain_recent();
        }
    }

    /// How many buckets are kept.
    pub fn kept(&self) -> usize {
        [&self.tokens, &self.management, &self.client_failures, &self.address_failures]
            .map(|bucket| bucket.levels.len())
            .iter()
            .sum()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(1_800_000_000);

    fn after(micros: i64) -> Micros {
        Micros(NOW.0 + micros)
    }

    #[test]
    fn a_bucket_empties_and_fills_up_again() {
        let limits = Limits::new();
        let key = Key::Row([1; 16]);
        let full = limits.look(Limit::ClientFailures, &key, NOW);
        assert_eq!((full.remaining, full.full_at, full.is_empty()), (30, NOW, false));
        for left in (0..30).rev() {
            let level = limits.take(Limit::ClientFailures, &key, NOW).unwrap();
            assert_eq!(level.remaining, left);
            assert_eq!(level, limits.look(Limit::ClientFailures, &key, NOW), "looking takes nothing");
        }
        let empty = limits.take(Limit::ClientFailures, &key, NOW).unwrap_err();
        assert_eq!((empty.remaining, empty.retry_after), (0, Some(2)));
        assert_eq!(empty.header(NOW), "\"client_authentication_failures\";r=0;t=2");
        assert!(limits.take(Limit::ClientFailures, &Key::Row([2; 16]), NOW).is_ok(), "another bucket");
        assert!(limits.take(Limit::ClientFailures, &key, after(1_999_999)).is_err());
        assert!(limits.take(Limit::ClientFailures, &key, after(2_000_000)).is_ok());
        assert_eq!(limits.look(Limit::ClientFailures, &key, after(62_000_000)).remaining, 30);
    }

    #[test]
    fn a_policy_header_says_what_the_policy_is() {
        for limit in [Limit::Tokens, Limit::Management, Limit::ClientFailures, Limit::AddressFailures] {
            let Policy { name, quota, window, header } = limit.policy();
            assert_eq!(header, format!("\"{name}\";q={quota};w={window}"));
        }
    }

    #[test]
    fn a_client_takes_ten_thousand_tokens_a_second_for_good() {
        let limits = Limits::new();
        let key = Key::Row([1; 16]);
        for n in 0..50_000 {
            assert!(limits.take(Limit::Tokens, &key, after(n * 100)).is_ok(), "{n}");
        }
        let taken =
            (0..30_000).take_while(|_| limits.take(Limit::Tokens, &key, after(5_000_000)).is_ok()).count();
        assert!((19_999..=20_001).contains(&taken), "{taken}");
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing() {
        let limits = Limits::new();
        let key = Key::Row([1; 16]);
        for _ in 0..30 {
            limits.take(Limit::ClientFailures, &key, after(10_000_000)).unwrap();
        }
        assert!(limits.take(Limit::ClientFailures, &key, NOW).is_err());
        assert!(limits.take(Limit::ClientFailures, &key, after(12_000_000)).is_ok());
    }

    #[test]
    fn addresses_are_those_of_a_network() {
        let key = |text: &str| Key::address(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:102::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.2"), key("192.0.2.1"));
        let named = |id: &str, text: &str| Key::named(id, text.parse().unwrap());
        assert_eq!(named("a", "2001:db8::1"), named("a", "2001:db8::2"));
        assert_ne!(named("a", "192.0.2.1"), named("b", "192.0.2.1"));
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let limits = Limits::new();
        for n in 0..1000u128 {
            limits.take(Limit::ClientFailures, &Key::Row(n.to_be_bytes()), NOW).unwrap();
        }
        limits.forget_full(NOW);
        assert_eq!(limits.kept(), 1000);
        limits.forget_full(after(10_000_000));
        assert_eq!(limits.kept(), 0);
    }
}
