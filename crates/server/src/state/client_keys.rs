//! Keys of clients that lie where the client has them (`jwks_uri`): fetched when they are needed, kept as long as their
//! host says within bounds, fetched again where one is missing, and used for a while yet when the host is away.
//!
//! Each address is asked by one request at a time, and not more often than every few seconds, whoever wants it: what
//! strangers send makes no more calls than that.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES};
use moka::sync::Cache;
use tokio::sync::Mutex;
use writ_core::client::{ClientJwks, MAX_JWKS_BYTES, WebUri};
use writ_core::ids::TenantId;
use writ_core::time::{Micros, Seconds};
use writ_jose::VerifyingKey;

use crate::outbound::{Ask, Bounds, Fetched};
use crate::reasons;
use crate::state::app::App;

/// Addresses kept in mind at the most.
const ADDRESSES: u64 = 5_000;
/// How long one is kept in mind that nobody needs.
const IDLE: Duration = Duration::from_hours(48);
/// What a call may cost.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(5), bytes: MAX_JWKS_BYTES };
/// How long keys are good for, where their host does not say.
const USUAL: Seconds = Seconds(600);
/// How long they are at the least, and at the most, whatever it says.
const SHORTEST: Seconds = Seconds(60);
const LONGEST: Seconds = Seconds(3600);
/// How long after they were fetched keys are used while their host is away.
const STALE: Seconds = Seconds(86_400);
/// How long an address is left alone once it was asked.
const PAUSE: Seconds = Seconds(10);

/// A set of keys, as it was fetched.
#[derive(Debug)]
pub struct ClientKeySet {
    /// Those that verify.
    pub keys: Vec<VerifyingKey>,
    fetched_at: Micros,
    good_until: Micros,
}

impl ClientKeySet {
    fn is_good(&self, now: Micros) -> bool {
        (self.fetched_at..self.good_until).contains(&now)
    }

    fn is_bearable(&self, now: Micros) -> bool {
        (self.fetched_at..self.fetched_at.plus(STALE)).contains(&now)
    }
}

/// What is known of an address.
#[derive(Debug, Clone, Default)]
struct KnownKeys {
    set: Option<Arc<ClientKeySet>>,
    asked_at: Option<Micros>,
    /// Why there was no better answer, the last time.
    why: Option<Box<str>>,
}

impl KnownKeys {
    fn may_ask(&self, now: Micros) -> bool {
        self.asked_at.is_none_or(|at| !(at..at.plus(PAUSE)).contains(&now))
    }

    /// What there is, while the host is away.
    fn bearable(&self, now: Micros) -> Result<Arc<ClientKeySet>, Box<str>> {
        let why = || self.why.clone().unwrap_or_else(|| "nobody has answered".into());
        self.set.clone().filter(|set| set.is_bearable(now)).ok_or_else(why)
    }
}

/// An address of keys.
#[derive(Debug)]
pub(crate) struct KeysEntry {
    uri: WebUri,
    tenant: TenantId,
    known: ArcSwap<KnownKeys>,
    /// Whose turn it is to ask.
    turn: Mutex<()>,
}

/// All addresses of keys.
#[derive(Debug)]
pub(crate) struct ClientKeySets(Cache<(TenantId, Box<str>), Arc<KeysEntry>>);

impl ClientKeySets {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(ADDRESSES).time_to_idle(IDLE).build())
    }

    /// An address of a tenant's. What one tenant has fetched is not another's to find out about.
    pub fn of(&self, tenant: TenantId, uri: &WebUri) -> Arc<KeysEntry> {
        self.0.get_with((tenant, uri.as_str().into()), || {
            Arc::new(KeysEntry {
                uri: uri.clone(),
                tenant,
                known: ArcSwap::default(),
                turn: Mutex::default(),
            })
        })
    }
}

impl App {
    /// The keys at an address: those that are good, else those that are there now, else for a while those that were.
    ///
    /// # Errors
    /// Why there are none.
    pub(crate) async fn fresh_keys(&self, entry: &KeysEntry) -> Result<Arc<ClientKeySet>, Box<str>> {
        let now = self.clock.now();
        let known = entry.known.load_full();
        if let Some(set) = known.set.as_ref().filter(|set| set.is_good(now)) {
            return Ok(Arc::clone(set));
        }
        let turn = match (entry.turn.try_lock(), known.bearable(now)) {
            (Ok(turn), _) => turn,
            // Somebody is asking: nobody waits for a host that may be away, who has keys yet.
            (Err(_), Ok(set)) => return Ok(set),
            (Err(_), Err(_)) => entry.turn.lock().await,
        };
        let known = entry.known.load_full();
        let is_good = known.set.as_ref().is_some_and(|set| set.is_good(now));
        if is_good || !known.may_ask(now) {
            return known.bearable(now);
        }
        let known = self.ask(entry, now).await;
        drop(turn);
        known.bearable(now)
    }

    /// The keys at an address that are newer than these; none: there are none, or it was asked a moment ago.
    pub(crate) async fn newer_keys(
        &self,
        entry: &KeysEntry,
        than: &ClientKeySet,
    ) -> Option<Arc<ClientKeySet>> {
        let now = self.clock.now();
        let _turn = entry.turn.lock().await;
        let mut known = entry.known.load_full();
        let is_newer =
            |known: &KnownKeys| known.set.as_ref().is_some_and(|set| !std::ptr::eq(Arc::as_ptr(set), than));
        if !is_newer(&known) && known.may_ask(now) {
            known = self.ask(entry, now).await;
        }
        is_newer(&known).then(|| known.set.clone()).flatten()
    }

    /// Asks the host, and keeps in mind what it says.
    async fn ask(&self, entry: &KeysEntry, now: Micros) -> Arc<KnownKeys> {
        let ask = Ask {
            uri: entry.uri.as_str(),
            accept: "application/jwk-set+json, application/json",
            tenant: entry.tenant,
            bounds: BOUNDS,
        };
        let answer = self.outbound.get(ask).await.map_err(|error| error.to_string());
        let read = answer.and_then(|fetched| read(&fetched, now));
        let before = entry.known.load_full();
        let known = match read {
            Ok(set) => KnownKeys { set: Some(Arc::new(set)), asked_at: Some(now), why: None },
            Err(why) => {
                tracing::warn!(uri = entry.uri.as_str(), "the keys of a client cannot be fetched: {why}");
                KnownKeys { set: before.set.clone(), asked_at: Some(now), why: Some(why.into()) }
            }
        };
        let known = Arc::new(known);
        entry.known.store(Arc::clone(&known));
        known
    }
}

/// Reads a set of keys that was fetched.
fn read(fetched: &Fetched, now: Micros) -> Result<ClientKeySet, String> {
    let text = std::str::from_utf8(&fetched.body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    let jwks =
        ClientJwks::parse(text).map_err(|why| format!("the answer {}", reasons::reason(&why.into())))?;
    let good_until = now.plus(good_for(&fetched.headers));
    Ok(ClientKeySet { keys: jwks.verifying(None), fetched_at: now, good_until })
}

/// How long an answer is good for (RFC 9111 §4.2.1, §5.2.2), within bounds: keys that were withdrawn are not used for
/// long, and nobody makes us ask all the time.
fn good_for(headers: &HeaderMap) -> Seconds {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut max_age = None;
    for directive in directives.flat_map(|value| value.split(',')).map(str::trim) {
        match directive.split_once('=') {
            _ if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") => {
                return SHORTEST;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("max-age") => {
                max_age = max_age.or_else(|| value.trim_matches('"').parse::<u32>().ok());
            }
            Some(_) | None => {}
        }
    }
    let time = |name| text(name).and_then(http_date);
    let said = match (max_age, time(EXPIRES), time(DATE)) {
        (Some(seconds), _, _) => Some(Seconds(seconds.into())),
        (None, Some(end), Some(date)) => Some(end.since(date)),
        (None, _, _) => None,
    };
    let age = text(AGE).and_then(|text| text.parse::<u32>().ok()).map_or(0, i64::from);
    said.map_or(USUAL, |said| Seconds((said.0 - age).clamp(SHORTEST.0, LONGEST.0)))
}

/// RFC 9110 §5.6.7, in its preferred form.
fn http_date(text: &str) -> Option<Micros> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(Micros(zoned.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    /// RFC 9111 §4.2.1
    #[test]
    fn keys_are_good_for_as_long_as_their_host_says_within_bounds() {
        const DAY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        const LATER: &str = "Sun, 06 Nov 1994 08:59:38 GMT";
        for (fields, expected) in [
            (&[][..], USUAL.0),
            (&[("cache-control", "max-age=300")], 300),
            (&[("cache-control", "public, Max-Age=\"301\", must-revalidate")], 301),
            (&[("cache-control", "max-age=300"), ("age", "100")], 200),
            (&[("cache-control", "max-age=300"), ("age", "1000")], SHORTEST.0),
            (&[("cache-control", "max-age=0")], SHORTEST.0),
            (&[("cache-control", "max-age=604800")], LONGEST.0),
            (&[("cache-control", "no-store")], SHORTEST.0),
            (&[("cache-control", "max-age=300, no-cache")], SHORTEST.0),
            (&[("cache-control", "max-age=300"), ("expires", DAY), ("date", DAY)], 300),
            (&[("expires", LATER), ("date", DAY)], 601),
            (&[("expires", DAY), ("date", LATER)], SHORTEST.0),
            (&[("expires", "0"), ("date", DAY)], USUAL.0),
            (&[("cache-control", "max-age=x")], USUAL.0),
            (&[("cache-control", "max-age=-1")], USUAL.0),
        ] {
            assert_eq!(good_for(&headers(fields)), Seconds(expected), "{fields:?}");
        }
    }

    #[test]
    fn an_answer_that_is_no_set_of_public_keys_is_none() {
        let of = |body: &'static [u8]| Fetched { headers: HeaderMap::new(), body: body.into() };
        for (body, why) in [
            (&b"<html>"[..], "must be a JWK set"),
            (b"\xff", "not UTF-8"),
            (br#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "private member"),
        ] {
            let refused = read(&of(body), Micros(0)).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        let set = read(&of(br#"{"keys":[{"kty":"XX"}]}"#), Micros(7)).unwrap();
        assert_eq!((set.keys.len(), set.fetched_at), (0, Micros(7)), "what is not known is passed over");
    }
}
