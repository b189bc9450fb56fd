//! The browser behind a request: its one cookie, who is signed in there, and forms that it was really shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::{self, HeaderValue};
use writ_core::authorize::{CHALLENGE_LIFETIME, Shows, flow_proof};
use writ_core::browser_state::browser_state;
use writ_core::change::Note;
use writ_core::consent::ConsentFacts;
use writ_core::handle::{BROWSER_PREFIX, Drawn, Handle};
use writ_core::ids::{BrowserId, ClientId, SessionId, TenantId, UserId};
use writ_core::people::factors::remembered::PREFIX;
use writ_core::secret::{Digest32, Presented, sha256};
use writ_core::session::{BrowserFacts, CookieEntry, Lifetimes, Seat, SessionFacts, given_before};
use writ_core::tenant::Tenant;
use writ_core::time::Seconds;
use writ_store::SignedInFacts;

use crate::call::fault::Fault;
use crate::state::app::App;

/// With https, a name that only this very host can set (RFC 6265bis §4.1.3.2).
const SECURE_COOKIE: &str = "__Host-writ";
/// Without, for development.
const COOKIE: &str = "writ";
/// Requests that may wait in one browser; the oldest gives way.
const FLOWS: usize = 16;

/// Characters of the way that a browser remembers, at the most.
const WAY_MOST: usize = 1024;

/// A browser that presented a cookie which is good.
#[derive(Debug, Clone)]
pub struct Browser {
    /// What is stored of it.
    pub facts: BrowserFacts,
    pub(super) cookie: Presented,
}

/// A browser that asks for an authorization.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    /// The browser, if it has been here before.
    pub browser: Option<Browser>,
    /// The sign-in by which somebody is signed in there.
    pub session: Option<SessionFacts>,
    /// What they have consented to for the client.
    pub consent: Option<ConsentFacts>,
}

/// Where somebody is signed in who has just proved to be themselves.
pub(crate) enum Seated {
    /// They were signed in by this very form a moment ago, and this is the cookie that went with it.
    Already(Drawn),
    /// Here.
    Now(Seat),
}

impl App {
    fn cookie_name(&self) -> &'static str {
        if self.base.starts_with("https://") { SECURE_COOKIE } else { COOKIE }
    }

    /// The browser that sent a request, if it has been here before.
    pub(crate) async fn browser(&self, headers: &HeaderMap) -> Result<Option<Browser>, Fault> {
        let Some((browser, handle)) = self.named_browser(headers).await? else { return Ok(None) };
        Ok(Some(browser).filter(|found| found.facts.presented(&handle, self.clock.now())))
    }

    /// The browser that asks for an authorization, who is signed in there, and what they consented to for the client; all of
    /// it in one look at the storage.
    pub(crate) async fn arrival(
        &self,
        headers: &HeaderMap,
        tenant: &Tenant,
        client: ClientId,
    ) -> Result<Arrival, Fault> {
        let Some((text, handle)) = self.handle(headers) else { return Ok(Arrival::default()) };
        let found = self.store.signed_in(BrowserId::from_bytes(handle.id), client, tenant.id).await?;
        let Some(SignedInFacts { browser, session, consent }) =
            found.filter(|found| found.browser.presented(&handle, self.clock.now()))
        else {
            return Ok(Arrival::default());
        };
        let session = self.live(session, tenant);
        let browser = Some(Browser { facts: browser, cookie: Presented::new(text.to_owned()) });
        Ok(Arrival { browser, consent: consent.filter(|_| session.is_some()), session })
    }

    /// What the cookie of a browser says.
    fn handle<'h>(&self, headers: &'h HeaderMap) -> Option<(&'h str, Handle)> {
        let text = cookie(headers, self.cookie_name())?;
        Some((text, Handle::parse(BROWSER_PREFIX, text)?))
    }

    /// The browser that a cookie leads to, whether or not it is the one that it has now.
    async fn named_browser(&self, headers: &HeaderMap) -> Result<Option<(Browser, Handle)>, Fault> {
        let Some((text, handle)) = self.handle(headers) else { return Ok(None) };
        let found = self.store.browser(BrowserId::from_bytes(handle.id)).await?;
        Ok(found.map(|facts| (Browser { facts, cookie: Presented::new(text.to_owned()) }, handle)))
    }

    /// Where somebody is to be signed in who has proved to be themselves for a request that began in this browser. One
    /// whose cookie is not good any more is a new one, unless it is good for nothing but this: the answer to the same
    /// form was lost, or its button was pressed twice.
    pub(crate) async fn seat(&self, headers: &HeaderMap, entry: CookieEntry) -> Result<Seated, Fault> {
        let moment = self.moment();
        let Some((browser, handle)) = self.named_browser(headers).await? else {
            return Ok(Seated::Now(Seat::unknown(&moment)));
        };
        let Browser { facts, cookie } = &browser;
        if facts.presented(&handle, moment.now) {
            return Ok(Seated::Now(Seat::of(facts, cookie, entry, &self.hash_key)));
        }
        Ok(
            match given_before(facts, cookie, entry, &self.hash_key).filter(|_| moment.now < facts.expires_at)
            {
                Some(given) => Seated::Already(given),
                None => Seated::Now(Seat::unknown(&moment)),
            },
        )
    }

    /// The sign-in of a browser in a tenant that was not ended; it may have expired.
    pub(crate) async fn present_session(
        &self,
        browser: Option<&Browser>,
        tenant: TenantId,
    ) -> Result<Option<SessionFacts>, Fault> {
        match browser {
            Some(browser) => Ok(self.store.session_of(browser.facts.id, tenant).await?),
            None => Ok(None),
        }
    }

    /// The sign-in by which somebody is signed in in a browser.
    pub(crate) async fn session(
        &self,
        browser: Option<&Browser>,
        tenant: &Tenant,
    ) -> Result<Option<SessionFacts>, Fault> {
        Ok(self.live(self.present_session(browser, tenant.id).await?, tenant))
    }

    /// A sign-in, if somebody is signed in by it now; that it was used is noted.
    fn live(&self, found: Option<SessionFacts>, tenant: &Tenant) -> Option<SessionFacts> {
        let now = self.clock.now();
        let live = found.filter(|session| session.live(Lifetimes::from(&tenant.settings), now));
        if let Some(session) = live.as_ref().filter(|session| session.is_worth_noting(now)) {
            self.store.note(Note::SessionSeen { session: session.id, at: now });
        }
        live
    }

    /// The header that gives a browser its cookie. It lasts as long as the browser is open; how long a sign-in lasts is
    /// decided here.
    pub(crate) fn set_cookie(&self, cookie: &Drawn) -> Option<HeaderValue> {
        self.set(self.cookie_name(), &cookie.text)
    }

    /// The header by which a browser remembers that a request began in it, and those by which it forgets the oldest
    /// where there are too many: several may begin at once in a browser that has no other cookie yet.
    pub(crate) fn remember_flow(&self, headers: &HeaderMap, challenge: &str) -> Vec<HeaderValue> {
        let proof = URL_SAFE_NO_PAD.encode(flow_proof(challenge, &self.hash_key).as_bytes());
        let value = format!("{proof}; Max-Age={}", CHALLENGE_LIFETIME.0);
        let prefix = format!("{}-", self.cookie_name());
        let known: Vec<_> = cookies(headers).filter(|(name, _)| name.starts_with(&prefix)).collect();
        let too_many = known.len().saturating_sub(FLOWS - 1);
        // RFC 6265 §5.4: those that were set first come first.
        let forgotten =
            known.into_iter().take(too_many).filter_map(|(name, _)| self.set(name, "; Max-Age=0"));
        self.set(&self.flow_cookie_name(challenge), &value).into_iter().chain(forgotten).collect()
    }

    /// The header that gives a browser the state of its sign-in, for applications that watch it; none where it has it.
    pub(crate) fn browser_state(&self, headers: &HeaderMap, of: (&Tenant, SessionId)) -> Option<HeaderValue> {
        let (tenant, session) = of;
        let (name, state) = (self.state_cookie_name(tenant), browser_state(session, &self.hash_key));
        if cookie(headers, &name) == Some(&*state) {
            return None;
        }
        self.set_state(&name, &state)
    }

    /// The header by which a browser forgets it.
    pub(crate) fn forget_browser_state(&self, tenant: &Tenant) -> Option<HeaderValue> {
        self.set_state(&self.state_cookie_name(tenant), "; Max-Age=0")
    }

    /// One a tenant: each has sign-ins of its own.
    pub(crate) fn state_cookie_name(&self, tenant: &Tenant) -> String {
        format!("{}_state_{}", self.cookie_name(), tenant.slug)
    }

    /// Read by a page of ours in a frame of the application's, and worth nothing to anybody else. Without https no browser
    /// sends it across sites, which on one machine need not be.
    fn set_state(&self, name: &str, value: &str) -> Option<HeaderValue> {
        let sent = if self.cookie_name() == SECURE_COOKIE { "SameSite=None; Secure" } else { "SameSite=Lax" };
        HeaderValue::from_str(&format!("{name}={value}; Path=/; {sent}")).ok()
    }

    /// The header by which a browser remembers, for as long as a sign-in may take, where somebody was on the console who
    /// has to sign in first.
    pub(crate) fn remember_way(&self, address: &str) -> Option<HeaderValue> {
        let value = URL_SAFE_NO_PAD.encode(address);
        let fits = value.len() <= WAY_MOST;
        fits.then(|| self.set(&self.way_cookie(), &format!("{value}; Max-Age={}", CHALLENGE_LIFETIME.0)))?
    }

    /// What a browser remembers of that, whoever told it so.
    pub(crate) fn way_remembered(&self, headers: &HeaderMap) -> Option<String> {
        let value = cookie(headers, &self.way_cookie())?;
        String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    }

    /// The header by which it forgets it.
    pub(crate) fn forget_way(&self) -> Option<HeaderValue> {
        self.set(&self.way_cookie(), "; Max-Age=0")
    }

    fn way_cookie(&self) -> String {
        format!("{}_way", self.cookie_name())
    }

    /// One a person and a tenant: several may use a browser.
    fn device_cookie_name(&self, tenant: TenantId, user: UserId) -> String {
        let hash = self.hash_key.hash(&format!("device {tenant} {user}"));
        let name = URL_SAFE_NO_PAD.encode(hash.as_bytes());
        format!("{}_device_{}", self.cookie_name(), name.get(..12).unwrap_or_default())
    }

    /// What a browser keeps where somebody is not asked for the second factor each time.
    pub(crate) fn device_handle(&self, headers: &HeaderMap, of: (TenantId, UserId)) -> Option<Handle> {
        Handle::parse(PREFIX, cookie(headers, &self.device_cookie_name(of.0, of.1))?)
    }

    /// The header that has a browser keep it for so long.
    pub(crate) fn keep_device(
        &self,
        of: (TenantId, UserId),
        cookie: &Drawn,
        lasts: Seconds,
    ) -> Option<HeaderValue> {
        self.set(&self.device_cookie_name(of.0, of.1), &format!("{}; Max-Age={}", cookie.text, lasts.0))
    }

    fn set(&self, name: &str, value: &str) -> Option<HeaderValue> {
        let secure = if self.cookie_name() == SECURE_COOKIE { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A name for each: the beginning of the challenge's hash.
    fn flow_cookie_name(&self, challenge: &str) -> String {
        let hash = URL_SAFE_NO_PAD.encode(sha256(challenge.as_bytes()).as_bytes());
        format!("{}-{}", self.cookie_name(), hash.get(..12).unwrap_or_default())
    }

    /// By what a browser shows that a request began in it.
    pub(crate) fn shows(&self, headers: &HeaderMap, browser: Option<&Browser>, challenge: &str) -> Shows {
        Shows {
            browser: browser.map(|browser| browser.facts.id),
            flow: self.kept_of_flow(headers, challenge),
        }
    }

    /// What a browser keeps of something that began in it: a request, or its way to another identity provider.
    pub(crate) fn kept_of_flow(&self, headers: &HeaderMap, begun: &str) -> Option<Digest32> {
        let kept = cookie(headers, &self.flow_cookie_name(begun));
        let decoded = kept.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        decoded.as_deref().and_then(Digest32::from_slice)
    }
}

/// The cookies of a request, in their order. Whatever else is set on the same host, in whatever bytes, hides none of
/// ours.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
}

/// The first cookie of a name (RFC 6265 §4.2).
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    cookies(headers).find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; xwrit=no;writ = no".parse().unwrap());
        headers.append(header::COOKIE, "b=2; writ=yes; writ=later".parse().unwrap());
        assert_eq!(cookie(&headers, "writ"), Some("yes"));
        assert_eq!(cookie(&headers, "__Host-writ"), None);
    }

    /// RFC 6265 §5.4: a user agent sends the bytes that it was given, and a host has many applications.
    #[test]
    fn a_cookie_in_other_bytes_hides_none_of_ours() {
        for foreign in [&b"caf\xe9=1"[..], b"name=caf\xc3\xa9", b"name=\xff\xfe", b"\x80"] {
            let line = [foreign, b"; writ=yes; other=", foreign].concat();
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, HeaderValue::from_bytes(&line).unwrap());
            assert_eq!(cookie(&headers, "writ"), Some("yes"), "{foreign:?}");
        }
    }
}
