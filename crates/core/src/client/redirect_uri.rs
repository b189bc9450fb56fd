//! Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1).

use std::fmt;

use super::ClientKind;
use super::uri::{Host, Leniency, Sorted, UriError, scan, sort};
use crate::excerpt::Excerpt;
use crate::form::decode_component;

/// Why a redirect URI was refused.
pub type RedirectUriError = UriError;

/// Where a browser may be sent with an answer.
///
/// The text is kept exactly as it was sent, also where scheme and host are in mixed case: what is
/// presented later is compared character by character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(Box<str>);

impl RedirectUri {
    /// Reads a redirect URI: absolute, at most 2,048 characters, without fragment, wildcard, user
    /// information, dot segment or parameter of the answer's own; `https`, or `http` on a loopback host, or a private-use scheme with a dot.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        Self::parse_allowing(text, Leniency::default())
    }

    /// Reads a redirect URI of a tenant that allows more.
    ///
    /// # Errors
    /// The first thing that is wrong with it; what a setting would allow names the setting.
    pub fn parse_allowing(text: &str, allowed: Leniency) -> Result<Self, RedirectUriError> {
        scan(text)?;
        if text.contains('#') {
            return Err(UriError::Fragment);
        }
        match sort(text, allowed)? {
            _ if text.contains('*') => Err(UriError::Wildcard),
            Sorted::Https(_) | Sorted::Http(_) | Sorted::PrivateUse => match answer_parameter(text) {
                Some(name) => Err(UriError::AnswerParameter(name)),
                None => Ok(Self(text.into())),
            },
            Sorted::Other(scheme) => Err(UriError::SchemeNotAllowed(Excerpt::of(scheme))),
        }
    }

    /// A redirect URI as it was stored, not checked again: rules that became stricter are not for
    /// those that are registered already.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a presented redirect URI of a client of this kind is this one: the same text, except that the port of a
    /// loopback IP address under `http` may differ or be absent (RFC 8252 §7.3). So may that of `localhost` for a native
    /// client: §8.3 advises against the name and command-line tools use it.
    pub fn matches(&self, presented: &str, kind: ClientKind) -> bool {
        if &*self.0 == presented {
            return true;
        }
        match (around_loopback_port(&self.0, kind), around_loopback_port(presented, kind)) {
            (Some(registered), Some(presented)) => registered == presented,
            (Some(_) | None, _) => false,
        }
    }

    /// Whether it leads to an application on the person's device: a private-use scheme or a loopback host.
    pub fn is_on_the_device(&self) -> bool {
        match self.reach() {
            RedirectReach::PrivateUse | RedirectReach::Loopback => true,
            RedirectReach::Web | RedirectReach::Plain => false,
        }
    }

    /// The host that it leads to, or the scheme.
    pub fn destination(&self) -> Destination<'_> {
        match sort(&self.0, Leniency::ALL) {
            Ok(Sorted::Https(located) | Sorted::Http(located)) => Destination::Host(located.host_text),
            Ok(Sorted::PrivateUse | Sorted::Other(_)) | Err(_) => {
                Destination::Scheme(self.0.split(':').next().unwrap_or_default())
            }
        }
    }

    /// Where it leads.
    pub fn reach(&self) -> RedirectReach {
        match sort(&self.0, Leniency::ALL) {
            Ok(Sorted::Https(located) | Sorted::Http(located)) if located.host.is_loopback() => {
                RedirectReach::Loopback
            }
            Ok(Sorted::Https(_)) => RedirectReach::Web,
            Ok(Sorted::Http(_)) => RedirectReach::Plain,
            Ok(Sorted::PrivateUse | Sorted::Other(_)) | Err(_) => RedirectReach::PrivateUse,
        }
    }
}

/// What decides who gets what is sent there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// Whoever has this host; an IPv6 address in brackets.
    Host(&'a str),
    /// Whatever claims this scheme on the person's device.
    Scheme(&'a str),
}

/// Where a redirect URI leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectReach {
    /// To a host.
    Web,
    /// To a host, where whoever is on the way reads along.
    Plain,
    /// To the person's own machine, over HTTP.
    Loopback,
    /// To whatever application claims the scheme.
    PrivateUse,
}

/// What an answer to an authorization request, or to a sign-out, may carry: a redirect URI has none of these of its own, or
/// they would be there twice (RFC 6749 §3.1).
const ANSWERS: [&str; 14] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "response",
    "id_token",
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "scope",
    "session_state",
];

/// The first parameter in the query of a URI that belongs to the answer.
pub(crate) fn answer_parameter(uri: &str) -> Option<&'static str> {
    let (_, query) = uri.split_once('?')?;
    query.split('&').find_map(|pair| {
        let name = decode_component(pair.split('=').next().unwrap_or_default().as_bytes()).ok()?;
        ANSWERS.into_iter().find(|known| *known == name)
    })
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands before and after the port of a valid `http` URI on a loopback host whose port does not count.
fn around_loopback_port(text: &str, kind: ClientKind) -> Option<(&str, &str)> {
    RedirectUri::parse(text).ok()?;
    let Ok(Sorted::Http(located)) = sort(text, Leniency::default()) else { return None };
    match located.host {
        Host::Name(_) if kind != ClientKind::Native => None,
        Host::Name(_) | Host::V4(_) | Host::V6(_) => {
            let start = "http://".len() + located.host_text.len();
            Some((text.get(..start)?, located.rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::{GOOD_REDIRECT_URIS, HOSTILE_REDIRECT_URIS};
    use super::*;
    use crate::client::{WebOrigin, WebUri};
    use crate::settings::Switch;
    use proptest::prelude::*;

    #[test]
    fn every_hostile_redirect_uri_is_refused_for_its_reason() {
        for (text, reason) in HOSTILE_REDIRECT_URIS {
            let refused = RedirectUri::parse(text).expect_err(text).to_string();
            assert!(refused.contains(reason), "{text:?}: {refused}, not {reason}");
        }
    }

    #[test]
    fn every_good_redirect_uri_is_kept_as_it_is() {
        for text in GOOD_REDIRECT_URIS {
            let parsed = RedirectUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(parsed.as_str(), *text);
            assert!(parsed.matches(text, ClientKind::Web));
        }
    }

    #[test]
    fn the_corpus_is_as_large_as_promised_and_names_nothing_twice() {
        for (list, least) in [
            (HOSTILE_REDIRECT_URIS.iter().map(|(text, _)| *text).collect::<Vec<_>>(), 60),
            (GOOD_REDIRECT_URIS.to_vec(), 60),
        ] {
            assert!(list.len() >= least, "{}", list.len());
            let mut distinct = list.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), list.len());
        }
    }

    #[test]
    fn length_is_bounded_in_characters() {
        let at = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
        assert!(RedirectUri::parse(&at(2048)).is_ok());
        assert_eq!(RedirectUri::parse(&at(2049)), Err(UriError::TooLong));
    }

    /// RFC 8252 §8.3 advises against the name; command-line tools use it all the same.
    #[test]
    fn the_port_of_localhost_may_differ_for_a_native_client_alone() {
        let registered = RedirectUri::parse("http://localhost:8080/cb").unwrap();
        for presented in ["http://localhost:51004/cb", "http://localhost/cb"] {
            for (kind, expected) in [
                (ClientKind::Native, true),
                (ClientKind::Spa, false),
                (ClientKind::Web, false),
                (ClientKind::Machine, false),
            ] {
                assert_eq!(registered.matches(presented, kind), expected, "{presented} {kind:?}");
            }
        }
        for other in
            ["http://localhost:1/other", "http://127.0.0.1:8080/cb", "http://localhost.evil.example/cb"]
        {
            assert!(!registered.matches(other, ClientKind::Native), "{other}");
        }
        let far = RedirectUri::from_stored("http://app.intern:8080/cb");
        assert!(!far.matches("http://app.intern:9090/cb", ClientKind::Native), "only on this machine");
    }

    /// RFC 8252 §7.1 and RFC 9700 §2.6 advise against these: an operator may allow each, and nothing beside it.
    #[test]
    fn what_is_only_advised_against_may_be_allowed_one_by_one() {
        let dotless = Leniency { dotless_schemes: Switch::On, ..Leniency::default() };
        let underscores = Leniency { underscores: Switch::On, ..Leniency::default() };
        let http = Leniency { http: Switch::On, ..Leniency::default() };
        let cases = [
            (
                "cursor://anysphere.cursor-retrieval/oauth/callback",
                dotless,
                "allow_dotless_schemes",
                RedirectReach::PrivateUse,
            ),
            (
                "vscode://vscode.github-authentication/did-authenticate",
                dotless,
                "allow_dotless_schemes",
                RedirectReach::PrivateUse,
            ),
            ("https://my_app.example.com/cb", underscores, "allow_host_underscores", RedirectReach::Web),
            ("http://wiki.intern:8080/cb", http, "allow_http_callbacks", RedirectReach::Plain),
            ("http://10.1.2.3/cb", http, "allow_http_callbacks", RedirectReach::Plain),
        ];
        for (text, enough, setting, reach) in cases {
            for allowed in [Leniency::default(), dotless, underscores, http, Leniency::ALL] {
                let read = RedirectUri::parse_allowing(text, allowed);
                if allowed == enough || allowed == Leniency::ALL {
                    assert_eq!(read.unwrap().reach(), reach, "{text}");
                } else {
                    let why = read.expect_err(text).to_string();
                    assert!(why.contains(setting), "{text}: {why}");
                }
            }
        }
        for text in [
            "javascript:alert(1)",
            "JavaScript://x/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://host/cb",
            "intent://scan/#Intent;end",
            "localhost:3000/cb",
            "cursor:callback",
            "cursor://u@h/cb",
            "http://u@wiki.intern/cb",
            "http://wiki.intern/a/../b",
            "https://_/../cb",
            "*://host/cb",
            "https://*.example.com/cb",
            "http://wiki.intern/cb?code=x",
            "cursor://host/cb#x",
        ] {
            assert!(RedirectUri::parse_allowing(text, Leniency::ALL).is_err(), "{text}");
        }
        assert!(
            WebOrigin::parse("http://wiki.intern").unwrap_err().to_string().contains("allow_http_callbacks")
        );
        assert!(WebOrigin::parse_allowing("http://wiki.intern", http).is_ok());
        assert!(
            WebOrigin::parse_allowing("cursor://host", Leniency::ALL).is_err(),
            "a page has no such origin"
        );
        assert!(
            !WebUri::parse("http://wiki.intern").unwrap_err().to_string().contains("setting"),
            "none allows it"
        );
    }

    /// RFC 8252 §7.3 and §8.3.
    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let cases = [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:1/cb?a=1", "http://127.0.0.1:65535/cb?a=1", true),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb", true),
            ("http://[::1]/cb", "http://[::1]:61023/cb", true),
            ("http://localhost:3000/cb", "http://localhost:3001/cb", false),
            ("http://localhost/cb", "http://localhost:3001/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.2/cb", false),
            ("http://127.0.0.1/cb", "http://localhost/cb", false),
            ("http://127.0.0.1/cb", "http://[::1]/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb/", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb?x", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb#x", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:80/cb", false),
            ("https://127.0.0.1/cb", "https://127.0.0.1:80/cb", false),
            ("http://127.0.0.1/cb", "HTTP://127.0.0.1:80/cb", false),
            ("https://a.example/cb", "https://a.example:443/cb", false),
            ("https://a.example/cb", "https://a.example/cb/", false),
            ("https://a.example/cb", "https://A.example/cb", false),
            ("https://a.example/cb", "https://a.example/cb?x=1", false),
            ("https://a.example/%2F", "https://a.example/%2f", false),
        ];
        for (registered, presented, expected) in cases {
            let registered = RedirectUri::parse(registered).unwrap();
            assert_eq!(registered.matches(presented, ClientKind::Web), expected, "{registered} {presented}");
        }
    }

    fn anything() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "(https?|com\\.app|javascript|x)?:?/{0,3}[a-c@:.%*\\[\\]\\\\/?#0-9é ]{0,30}",
            "http://(127\\.0\\.0\\.[12]|\\[::1\\]|localhost)(:[0-9]{1,5})?(/[a-b]{0,2})?",
            prop::sample::select(GOOD_REDIRECT_URIS).prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_kept_and_safe_in_a_header(text in anything()) {
            if let Ok(uri) = RedirectUri::parse(&text) {
                prop_assert_eq!(uri.as_str(), &text);
                prop_assert!(uri.matches(&text, ClientKind::Web));
                prop_assert!(text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#'));
            }
        }

        #[test]
        fn matching_is_symmetric_among_valid_ones(a in anything(), b in anything()) {
            if let (Ok(x), Ok(y)) = (RedirectUri::parse(&a), RedirectUri::parse(&b)) {
                prop_assert_eq!(x.matches(&b, ClientKind::Web), y.matches(&a, ClientKind::Web));
                prop_assert!(a == b || !x.matches(&b, ClientKind::Web) || (a.starts_with("http://") && !a.contains("localhost")));
            }
        }

        #[test]
        fn reasons_fit_error_description(text in anything()) {
            if let Err(error) = RedirectUri::parse(&text) {
                let reason = error.to_string();
                prop_assert!(reason.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)), "{}", reason);
            }
        }
    }
}
