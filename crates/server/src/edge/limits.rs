//! Rate limits: buckets in the memory of this node, one for each client and each address.
//!
//! What the defaults are made of: no honest client may ever meet one. A machine client may well take thousands of
//! tokens a second, so its bucket only keeps one client from taking a whole node; server, tenant and client can say
//! otherwise. What is limited strictly is failing to authenticate; and there a *right* secret that Writ made is not
//! refused for somebody else's wrong ones: such secrets cannot be guessed, and a limit that let a stranger lock a client
//! out would be worse than none. Secrets that people chose can be guessed, and each guess costs a slow hash: for those
//! the limit holds before the secret is looked at.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use http::HeaderValue;
use writ_core::client::TokenRate;
use writ_core::network::Network;
use writ_core::secret::sha256;
use writ_core::time::{Micros, Seconds};

use super::buckets::{Buckets, Nanos};

const SECOND: Nanos = 1_000_000_000;

/// Whether calls are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateLimits {
    /// They are.
    #[default]
    On,
    /// They are not: for benchmarks, or where something before the server does it.
    Off,
}

/// How much of something, in which time.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name, in headers and in `/api/v1/oauth/rate-limits`.
    pub name: &'static str,
    /// How many at once.
    pub quota: u32,
    /// Seconds in which an empty bucket fills up: whole ones, so that whoever keeps to what is said is never refused.
    pub window: u32,
    /// In this time one comes back.
    one: Nanos,
    /// The first three as `RateLimit-Policy` says them: every answer of a limited call bears it.
    header: HeaderValue,
}

impl Policy {
    /// A bucket that holds so many, of which one comes back in that time.
    fn new(name: &'static str, quota: u32, one: Nanos) -> Self {
        let (quota, one) = (quota.max(1), one.max(1));
        let window = u32::try_from((one * u64::from(quota)).div_ceil(SECOND)).unwrap_or(u32::MAX);
        let text = format!("\"{name}\";q={quota};w={window}");
        // Names, digits and quotes are what a header can hold.
        let header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self { name, quota, window, one, header }
    }

    /// A bucket that holds so many and fills up in that time.
    fn filling(name: &'static str, quota: u32, window: Seconds) -> Self {
        let window = u64::try_from(window.0).unwrap_or_default();
        Self::new(name, quota, window * SECOND / u64::from(quota.max(1)))
    }

    /// Tokens issued to a client.
    pub fn tokens(rate: TokenRate) -> Self {
        Self::new("tokens", rate.burst(), SECOND / u64::from(rate.rate()))
    }

    const fn whole(&self) -> Nanos {
        self.one * self.quota as u64
    }
}

/// The limits that nobody chooses.
#[derive(Debug)]
pub struct Fixed {
    /// Calls of the management APIs, by caller.
    pub management: Arc<Policy>,
    /// Failures to authenticate as a client, from one address.
    pub client_failures: Arc<Policy>,
    /// Failures to authenticate as any client, from one address.
    pub address_failures: Arc<Policy>,
}

/// The limits that nobody chooses.
pub static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let policy = |name, quota, window| Arc::new(Policy::filling(name, quota, Seconds(window)));
    Fixed {
        management: policy("management", 2_000, 2),
        // One wrong secret every two seconds for good.
        client_failures: policy("client_authentication_failures", 30, 60),
        // An office behind one address has many clients; ten failures a second for good.
        address_failures: policy("authentication_failures", 1_000, 100),
    }
});

/// Whose bucket, of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Tokens of a client, by row id.
    Tokens([u8; 16]),
    /// Management calls of a caller, by row id.
    Management([u8; 16]),
    /// Failures from a network.
    AddressFailures(Network),
    /// Failures as a client as it was named, from a network.
    ClientFailures([u8; 16], Network),
}

impl Key {
    /// Failures from an address.
    pub fn address(address: IpAddr) -> Self {
        Self::AddressFailures(Network::of(address))
    }

    /// Failures as a client as it was named, known or not, from an address.
    pub fn named(client_id: &str, address: IpAddr) -> Self {
        let digest = sha256(client_id.as_bytes());
        let digest = digest.as_bytes().first_chunk().copied().unwrap_or_default();
        Self::ClientFailures(digest, Network::of(address))
    }
}

/// How full a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Of what.
    pub policy: Arc<Policy>,
    /// How many are left.
    pub remaining: u32,
    /// When it is full again.
    pub full_at: Micros,
    /// Where nothing is left: seconds until something is.
    pub retry_after: Option<u32>,
}

impl Level {
    /// A bucket that takes so long until it is full.
    fn new(policy: &Arc<Policy>, behind: Nanos, now: Micros) -> Self {
        let used = u32::try_from(behind.div_ceil(policy.one)).unwrap_or(u32::MAX);
        let until_one = behind.saturating_sub(policy.whole() - policy.one);
        let retry_after =
            (until_one > 0).then(|| u32::try_from(until_one.div_ceil(SECOND)).unwrap_or(u32::MAX));
        let full_in = i64::try_from(behind.div_ceil(1000)).unwrap_or(i64::MAX);
        Self {
            policy: Arc::clone(policy),
            remaining: policy.quota.saturating_sub(used),
            full_at: Micros(now.0.saturating_add(full_in)),
            retry_after,
        }
    }

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
    pub fn policy_header(&self) -> HeaderValue {
        self.policy.header.clone()
    }
}

fn rounded_up(value: i64, unit: i64) -> i64 {
    value.saturating_add(unit - 1).div_euclid(unit).max(0)
}

/// All buckets of this node.
#[derive(Debug, Default)]
pub struct NodeLimits(Buckets<Key>);

impl NodeLimits {
    /// Takes one out, where one is left, and says how full the bucket is then; [`Level::is_empty`] is then about
    /// the next one. `Err`: nothing was left.
    pub fn take(&self, policy: &Arc<Policy>, key: &Key, now: Micros) -> Result<Level, Level> {
        match self.0.take(key, (policy.one, policy.whole()), now) {
            Ok(behind) => Ok(Level::new(policy, behind, now)),
            Err(behind) => Err(Level::new(policy, behind, now)),
        }
    }

    /// How full a bucket is.
    pub fn look(&self, policy: &Arc<Policy>, key: &Key, now: Micros) -> Level {
        Level::new(policy, self.0.behind(key, policy.whole(), now), now)
    }

    /// Forgets the buckets that are full again.
    pub fn forget_full(&self, now: Micros) {
        self.0.forget_full(now);
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
        let (limits, policy) = (NodeLimits::default(), &FIXED.client_failures);
        let [key, other] = ["a", "b"].map(|name| Key::named(name, "192.0.2.1".parse().unwrap()));
        let full = limits.look(policy, &key, NOW);
        assert_eq!((full.remaining, full.full_at, full.is_empty()), (30, NOW, false));
        for left in (0..30).rev() {
            let level = limits.take(policy, &key, NOW).unwrap();
            assert_eq!(level.remaining, left);
            assert_eq!(level, limits.look(policy, &key, NOW), "looking takes nothing");
        }
        let empty = limits.take(policy, &key, NOW).unwrap_err();
        assert_eq!((empty.remaining, empty.retry_after), (0, Some(2)));
        assert_eq!(empty.header(NOW), "\"client_authentication_failures\";r=0;t=2");
        assert!(limits.take(policy, &other, NOW).is_ok(), "another bucket");
        assert!(limits.take(policy, &key, after(1_999_999)).is_err());
        assert!(limits.take(policy, &key, after(2_000_000)).is_ok());
        assert_eq!(limits.look(policy, &key, after(62_000_000)).remaining, 30);
    }

    /// The words of a header are those of the policy, and its window is a whole number of seconds that is long enough.
    #[test]
    fn a_policy_header_says_what_the_policy_is() {
        let tokens = |rate, burst| Policy::tokens(TokenRate::new(rate, burst));
        for (policy, header) in [
            (tokens(10_000, None), "\"tokens\";q=20000;w=2"),
            (tokens(1, Some(90)), "\"tokens\";q=90;w=90"),
            (tokens(2, Some(3)), "\"tokens\";q=3;w=2"),
            (tokens(1_000_000, Some(1)), "\"tokens\";q=1;w=1"),
            (Policy::filling("management", 2_000, Seconds(2)), "\"management\";q=2000;w=2"),
        ] {
            assert_eq!(policy.header, header);
            let level = Level::new(&Arc::new(policy), 0, NOW);
            assert_eq!(
                (level.remaining, level.policy_header()),
                (level.policy.quota, header.parse().unwrap())
            );
        }
        assert_eq!(FIXED.address_failures.header, "\"authentication_failures\";q=1000;w=100");
    }

    #[test]
    fn a_client_takes_its_rate_for_good_and_its_burst_at_once() {
        let key = Key::Tokens([1; 16]);
        for rate in [TokenRate::DEFAULT, TokenRate::new(3, Some(5)), TokenRate::new(1_000_000, Some(10))] {
            let (limits, policy) = (NodeLimits::default(), Arc::new(Policy::tokens(rate)));
            let gap = i64::from(1_000_000_u32.div_ceil(rate.rate()));
            for n in 0..50_000 {
                assert!(limits.take(&policy, &key, after(n * gap)).is_ok(), "{rate:?} {n}");
            }
            let later = after(50_000 * gap + 10_000_000);
            let taken = (0..100_000).take_while(|_| limits.take(&policy, &key, later).is_ok()).count();
            assert_eq!(taken, usize::try_from(rate.burst()).unwrap(), "{rate:?}");
        }
    }

    /// A choice that changes holds for the next token: what is gone is gone, as far as the new bucket goes.
    #[test]
    fn another_rate_holds_at_once() {
        let (limits, key) = (NodeLimits::default(), Key::Tokens([1; 16]));
        let [slow, quick] = [TokenRate::new(1, Some(100)), TokenRate::new(10, Some(20))]
            .map(|rate| Arc::new(Policy::tokens(rate)));
        while limits.take(&slow, &key, NOW).is_ok() {}
        assert_eq!(limits.take(&quick, &key, NOW).unwrap_err().retry_after, Some(1));
        assert_eq!(limits.look(&quick, &key, after(1_000_000)).remaining, 10);
        assert!(limits.take(&slow, &key, after(1_000_000)).is_ok());
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
}
