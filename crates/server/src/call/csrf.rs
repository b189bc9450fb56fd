//! Forms are taken from our own pages only: one rule for all of them.
//!
//! Browsers say where a form comes from, in `Sec-Fetch-Site` or `Origin`; one that says neither is too old to be told
//! apart. A form that acts with what the browser keeps (a cookie) carries a token besides, which says what it was shown
//! for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::{SessionId, TenantId};
use writ_core::secret::Digest32;
use writ_core::shell_reason::ShellReason;

use crate::call::browser::Browser;
use crate::state::app::App;

/// What a form was shown for. It does nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum For<'a> {
    /// For a browser: another one's form, and one that was shown before somebody signed in, is none.
    Browser(&'a Browser),
    /// For a request that waits, whose browser has to show that it began there. However often somebody signs in
    /// meanwhile, in whichever window, it is the same form.
    Challenge(&'a str),
    /// For whoever is signed in, about a request that waits.
    Session(&'a str, SessionId),
    /// For whoever is signed in, to say that this is the account for a request that waits.
    Account(&'a str, SessionId),
}

impl App {
    /// What a form must send back that is shown in this tenant.
    pub(crate) fn csrf_token(&self, tenant: TenantId, shown: For<'_>) -> String {
        URL_SAFE_NO_PAD.encode(self.csrf(tenant, shown).as_bytes())
    }

    fn csrf(&self, tenant: TenantId, shown: For<'_>) -> Digest32 {
        self.hash_key.hash(&match shown {
            For::Browser(browser) => format!("csrf {tenant} {}", browser.cookie.expose()),
            For::Challenge(challenge) => format!("csrf {tenant} {challenge}"),
            For::Session(challenge, session) => format!("csrf {tenant} {challenge} {session}"),
            For::Account(challenge, session) => format!("account {tenant} {challenge} {session}"),
        })
    }

    /// Whether a form comes from a page of ours that was shown for this.
    pub(crate) fn is_our_form(&self, headers: &HeaderMap, token: &str, of: (TenantId, For<'_>)) -> bool {
        self.is_token(token, of) && is_same_origin(headers, &self.base)
    }

    /// Whether a token is the one that was shown for this.
    pub(crate) fn is_token(&self, token: &str, of: (TenantId, For<'_>)) -> bool {
        let decoded = URL_SAFE_NO_PAD.decode(token).ok();
        let presented = decoded.as_deref().and_then(Digest32::from_slice);
        presented.is_some_and(|presented| presented.ct_eq(&self.csrf(of.0, of.1)))
    }
}

/// Refuses a form that another site's page sent.
///
/// # Errors
/// `access_denied`.
pub fn from_our_own_page(headers: &HeaderMap, base: &str) -> Result<(), OAuthError> {
    if is_same_origin(headers, base) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::AccessDenied, ShellReason::FormFromAnotherSite))
}

/// What browsers say of where a request was made, where they say it. One that knows `Sec-Fetch-Site` has compared better
/// than we could: it knows the address that the person sees. `none` is what the person did themselves: no page did it.
fn is_same_origin(headers: &HeaderMap, base: &str) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    if sites.peek().is_some() {
        return sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        origin.to_str().is_ok_and(|origin| {
            let of_host = origin.split_once("://").is_some_and(|(_, named)| host == Some(named));
            origin == origin_of(base) || of_host
        })
    })
}

/// Scheme, host and port of the base URL.
pub(crate) fn origin_of(base: &str) -> &str {
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base.get(start..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| start + at);
    base.get(..end).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], true)]
    #[case(&[("sec-fetch-site", "same-origin")], true)]
    #[case(&[("sec-fetch-site", "none")], true)]
    #[case(&[("sec-fetch-site", "same-site")], false)]
    #[case(&[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")], false)]
    #[case(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false)]
    #[case(&[("origin", "https://id.example")], true)]
    #[case(&[("origin", "https://evil.example")], false)]
    #[case(&[("origin", "null")], false)]
    #[case(&[("origin", "https://id.example.evil")], false)]
    #[case(&[("origin", "http://here.example:8080"), ("host", "here.example:8080")], true)]
    #[case(&[("origin", "https://evil.example"), ("host", "here.example")], false)]
    fn forms_come_from_here(#[case] sent: &[(&'static str, &str)], #[case] good: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        for base in ["https://id.example", "https://id.example/sso"] {
            assert_eq!(from_our_own_page(&headers, base).is_ok(), good, "{sent:?}");
        }
    }

    #[test]
    fn the_origin_of_a_base_url_has_no_path() {
        assert_eq!(origin_of("https://id.example:8443"), "https://id.example:8443");
        assert_eq!(origin_of("https://id.example/sso"), "https://id.example");
    }
}
