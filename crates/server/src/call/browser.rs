//! The browser behind a request: its one cookie, who is signed in there, and forms that it was really shown.

use http::HeaderMap;
use http::header::{self, HeaderValue};
use writ_core::change::Note;
use writ_core::handle::{BROWSER_PREFIX, Drawn, Handle};
use writ_core::ids::{BrowserId, TenantId};
use writ_core::secret::{Digest32, Presented};
use writ_core::session::{BrowserFacts, Lifetimes, SessionFacts};
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::state::app::App;

/// With https, a name that only this very host can set (RFC 6265bis §4.1.3.2).
const SECURE_COOKIE: &str = "__Host-writ";
/// Without, for development.
const COOKIE: &str = "writ";

/// A browser that presented a cookie which is good.
#[derive(Debug, Clone)]
pub struct Browser {
    /// What is stored of it.
    pub facts: BrowserFacts,
    cookie: Presented,
}

impl App {
    fn cookie_name(&self) -> &'static str {
        if self.base.starts_with("https://") { SECURE_COOKIE } else { COOKIE }
    }

    /// The browser that sent a request, if it has been here before.
    pub(crate) async fn browser(&self, headers: &HeaderMap) -> Result<Option<Browser>, Fault> {
        let Some(text) = cookie(headers, self.cookie_name()) else { return Ok(None) };
        let Some(handle) = Handle::parse(BROWSER_PREFIX, text) else { return Ok(None) };
        let found = self.store.browser(BrowserId::from_bytes(handle.id)).await?;
        Ok(found
            .filter(|facts| facts.presented(&handle, self.clock.now()))
            .map(|facts| Browser { facts, cookie: Presented::new(text.to_owned()) }))
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
        let found = self.present_session(browser, tenant.id).await?;
        let now = self.clock.now();
        let live = found.filter(|session| session.live(Lifetimes::from(&tenant.settings), now));
        if let Some(session) = live.as_ref().filter(|session| session.is_worth_noting(now)) {
            self.store.note(Note::SessionSeen { session: session.id, at: now });
        }
        Ok(live)
    }

    /// The header that gives a browser its cookie. It lasts as long as the browser is open; how long a sign-in lasts is
    /// decided here.
    pub(crate) fn set_cookie(&self, cookie: &Drawn) -> Option<HeaderValue> {
        let name = self.cookie_name();
        let secure = if name == SECURE_COOKIE { "; Secure" } else { "" };
        let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie.text);
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What a form must send back that was shown to this browser in this tenant.
    pub(crate) fn csrf_token(&self, browser: &Browser, tenant: TenantId) -> String {
        use base64::Engine as _;
        let hash = self.csrf(browser, tenant);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }

    fn csrf(&self, browser: &Browser, tenant: TenantId) -> Digest32 {
        self.hash_key.hash(&format!("csrf {tenant} {}", browser.cookie.expose()))
    }

    /// Whether a form comes from a page of ours that was shown to this browser.
    pub(crate) fn is_our_form(&self, headers: &HeaderMap, token: &str, of: (&Browser, TenantId)) -> bool {
        use base64::Engine as _;
        let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok();
        let presented = decoded.as_deref().and_then(Digest32::from_slice);
        presented.is_some_and(|presented| presented.ct_eq(&self.csrf(of.0, of.1)))
            && self.is_same_origin(headers)
    }

    /// What browsers say of where a request was made, where they say it. One that knows `Sec-Fetch-Site` has compared
    /// better than we could: it knows the address that the person sees.
    fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = headers.get("sec-fetch-site") {
            return site.as_bytes() == b"same-origin";
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let mut origins = headers.get_all(header::ORIGIN).iter();
        origins.all(|origin| {
            origin.to_str().is_ok_and(|origin| {
                let of_host = origin.split_once("://").is_some_and(|(_, named)| host == Some(named));
                origin == origin_of(&self.base) || of_host
            })
        })
    }
}

/// Scheme, host and port of the base URL.
fn origin_of(base: &str) -> &str {
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base.get(start..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| start + at);
    base.get(..end).unwrap_or(base)
}

/// The first cookie of a name (RFC 6265 §4.2).
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
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

    #[test]
    fn the_origin_of_a_base_url_has_no_path() {
        assert_eq!(origin_of("https://id.example:8443"), "https://id.example:8443");
        assert_eq!(origin_of("https://id.example/sso"), "https://id.example");
    }
}
