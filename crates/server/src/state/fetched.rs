//! What lies where somebody else has it, at an https address: keys of clients (`jwks_uri`), metadata and keys of other identity
//! providers. It is fetched when it is needed, kept as long as its host says within bounds, fetched again where something is
//! missing in it, and used for a while yet when the host is away.
//!
//! Each address is asked by one request at a time, and not more often than every few seconds, whoever wants it: what
//! strangers send makes no more calls than that.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, DATE, EXPIRES};
use moka::sync::Cache;
use tokio::sync::Mutex;
use writ_core::client::WebUri;
use writ_core::ids::TenantId;
use writ_core::time::{Micros, Seconds};

use crate::outbound::{Ask, Bounds};
use crate::state::app::App;

/// Addresses kept in mind at the most.
const ADDRESSES: u64 = 5_000;
/// How long one is kept in mind that nobody needs.
const IDLE: Duration = Duration::from_hours(48);
/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what was fetched is good for, where its host does not say.
const USUAL: Seconds = Seconds(600);
/// How long it is at the least, and at the most, whatever the host says.
const SHORTEST: Seconds = Seconds(60);
const LONGEST: Seconds = Seconds(3600);
/// How long after it was fetched it is used while its host is away.
const STALE: Seconds = Seconds(86_400);
/// How long an address is left alone once it was asked.
const PAUSE: Seconds = Seconds(10);

/// What can be fetched and kept.
pub(crate) trait FetchedDocument: Sized + Send + Sync + 'static {
    /// What the log calls it.
    const WHAT: &'static str;
    /// The media types that are of use.
    const ACCEPT: &'static str;
    /// Bytes of it at the most.
    const BYTES: usize;

    /// Reads one.
    ///
    /// # Errors
    /// A text that says what is wrong with the answer.
    fn read(body: &str) -> Result<Self, String>;

    /// Whether an answer is of use that says to be of this media type; none: it says nothing.
    fn takes(media_type: Option<&str>) -> bool {
        let _ = media_type;
        true
    }
}

/// What was fetched.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    content: T,
    fetched_at: Micros,
    good_until: Micros,
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T> Kept<T> {
    fn is_good(&self, now: Micros) -> bool {
        (self.fetched_at..self.good_until).contains(&now)
    }

    fn is_bearable(&self, now: Micros) -> bool {
        (self.fetched_at..self.fetched_at.plus(STALE)).contains(&now)
    }
}

/// What is known of an address.
#[derive(Debug)]
struct Known<T> {
    kept: Option<Arc<Kept<T>>>,
    asked_at: Option<Micros>,
    /// Why there was no better answer, the last time.
    why: Option<Box<str>>,
}

impl<T> Known<T> {
    const fn nothing() -> Self {
        Self { kept: None, asked_at: None, why: None }
    }

    fn may_ask(&self, now: Micros) -> bool {
        self.asked_at.is_none_or(|at| !(at..at.plus(PAUSE)).contains(&now))
    }

    /// What there is, while the host is away.
    fn bearable(&self, now: Micros) -> Result<Arc<Kept<T>>, Box<str>> {
        let why = || self.why.clone().unwrap_or_else(|| "nobody has answered".into());
        self.kept.clone().filter(|kept| kept.is_bearable(now)).ok_or_else(why)
    }
}

/// An address.
#[derive(Debug)]
pub(crate) struct FetchedEntry<T> {
    uri: WebUri,
    tenant: TenantId,
    known: ArcSwap<Known<T>>,
    /// Whose turn it is to ask.
    turn: Mutex<()>,
}

/// The addresses of one sort of document, each of its tenant.
type Addresses<T> = Cache<(TenantId, Box<str>), Arc<FetchedEntry<T>>>;

/// All addresses of one sort of document.
pub(crate) struct FetchedDocuments<T>(Addresses<T>);

impl<T> fmt::Debug for FetchedDocuments<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchedDocuments")
    }
}

impl<T: FetchedDocument> FetchedDocuments<T> {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(ADDRESSES).time_to_idle(IDLE).build())
    }

    /// An address of a tenant's. What one tenant has fetched is not another's to find out about.
    pub fn of(&self, tenant: TenantId, uri: &WebUri) -> Arc<FetchedEntry<T>> {
        self.0.get_with((tenant, uri.as_str().into()), || {
            Arc::new(FetchedEntry {
                uri: uri.clone(),
                tenant,
                known: ArcSwap::from_pointee(Known::nothing()),
                turn: Mutex::default(),
            })
        })
    }
}

impl<T> FetchedEntry<T> {
    /// What there is and is good, without asking anybody.
    pub fn good(&self, now: Micros) -> Option<Arc<Kept<T>>> {
        self.known.load().kept.clone().filter(|kept| kept.is_good(now))
    }

    /// Keeps in mind that what was fetched is of no use: it is asked for again, after the usual pause.
    pub fn forget(&self, why: &str) {
        let asked_at = self.known.load().asked_at;
        self.known.store(Arc::new(Known { kept: None, asked_at, why: Some(why.into()) }));
    }
}

impl App {
    /// What lies at an address: what is good, else what is there now, else for a while what was.
    ///
    /// # Errors
    /// Why there is nothing.
    pub(crate) async fn fetched<T: FetchedDocument>(
        &self,
        entry: &FetchedEntry<T>,
    ) -> Result<Arc<Kept<T>>, Box<str>> {
        let now = self.clock.now();
        let known = entry.known.load_full();
        if let Some(kept) = known.kept.as_ref().filter(|kept| kept.is_good(now)) {
            return Ok(Arc::clone(kept));
        }
        let turn = match (entry.turn.try_lock(), known.bearable(now)) {
            (Ok(turn), _) => turn,
            // Somebody is asking: nobody waits for a host that may be away, who has something yet.
            (Err(_), Ok(kept)) => return Ok(kept),
            (Err(_), Err(_)) => entry.turn.lock().await,
        };
        let known = entry.known.load_full();
        let is_good = known.kept.as_ref().is_some_and(|kept| kept.is_good(now));
        if is_good || !known.may_ask(now) {
            return known.bearable(now);
        }
        let known = self.ask_again(entry, now).await;
        drop(turn);
        known.bearable(now)
    }

    /// What lies at an address and is newer than this; none: there is nothing, or it was asked a moment ago.
    pub(crate) async fn fetched_since<T: FetchedDocument>(
        &self,
        entry: &FetchedEntry<T>,
        than: &Kept<T>,
    ) -> Option<Arc<Kept<T>>> {
        let now = self.clock.now();
        let _turn = entry.turn.lock().await;
        let mut known = entry.known.load_full();
        let is_newer =
            |known: &Known<T>| known.kept.as_ref().is_some_and(|kept| !std::ptr::eq(Arc::as_ptr(kept), than));
        if !is_newer(&known) && known.may_ask(now) {
            known = self.ask_again(entry, now).await;
        }
        is_newer(&known).then(|| known.kept.clone()).flatten()
    }

    /// Asks the host, and keeps in mind what it says.
    async fn ask_again<T: FetchedDocument>(&self, entry: &FetchedEntry<T>, now: Micros) -> Arc<Known<T>> {
        let ask = Ask {
            uri: entry.uri.as_str(),
            accept: T::ACCEPT,
            tenant: entry.tenant,
            bounds: Bounds { time: PATIENCE, bytes: T::BYTES },
        };
        let answer = self.outbound.get(ask).await.map_err(|error| error.to_string());
        let read = answer.and_then(|answer| {
            let said = answer.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
            if !T::takes(said) {
                return Err(format!("the answer says to be {}", said.unwrap_or("nothing")));
            }
            let body = std::str::from_utf8(&answer.body).map_err(|_| "the answer is not UTF-8".to_owned())?;
            let good_until = now.plus(good_for(&answer.headers));
            Ok(Kept { content: T::read(body)?, fetched_at: now, good_until })
        });
        let before = entry.known.load_full();
        let known = match read {
            Ok(kept) => Known { kept: Some(Arc::new(kept)), asked_at: Some(now), why: None },
            Err(why) => {
                tracing::warn!(uri = entry.uri.as_str(), "{} cannot be fetched: {why}", T::WHAT);
                Known { kept: before.kept.clone(), asked_at: Some(now), why: Some(why.into()) }
            }
        };
        let known = Arc::new(known);
        entry.known.store(Arc::clone(&known));
        known
    }
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
    fn what_was_fetched_is_good_for_as_long_as_their_host_says_within_bounds() {
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
}
