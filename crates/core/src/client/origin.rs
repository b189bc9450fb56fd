//! Web origins (RFC 6454 §6.1) that may call across origins, and addresses that people are shown.

use std::fmt;

use super::uri::{Host, Leniency, Located, Sorted, UriError, scan, sort};
use crate::excerpt::Excerpt;
use crate::settings::Switch;

/// An origin: scheme, host and, unless it is the scheme's own, port.
///
/// Only the one spelling that browsers send in `Origin` is accepted, so that comparing is comparing
/// texts: lower case, no default port, IPv6 as RFC 5952 writes it, nothing after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebOrigin(Box<str>);

impl WebOrigin {
    /// Reads an origin: `https`, or `http` on a loopback host.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        Self::parse_allowing(text, Leniency::default())
    }

    /// Reads an origin of a tenant that allows more.
    ///
    /// # Errors
    /// The first thing that is wrong with it; what a setting would allow names the setting.
    pub fn parse_allowing(text: &str, allowed: Leniency) -> Result<Self, UriError> {
        scan(text)?;
        if text.contains('*') {
            return Err(UriError::Wildcard);
        }
        // No application has an origin by its scheme.
        let allowed = Leniency { dotless_schemes: Switch::Off, ..allowed };
        let (located, default_port) = match sort(text, allowed)? {
            Sorted::Https(located) => (located, 443),
            Sorted::Http(located) => (located, 80),
            Sorted::PrivateUse => {
                return Err(UriError::NotWeb(Excerpt::of(text.split(':').next().unwrap_or_default())));
            }
            Sorted::Other(scheme) => return Err(UriError::NotWeb(Excerpt::of(scheme))),
        };
        let Located { host_text, host, port, rest } = located;
        if !rest.is_empty() {
            return Err(UriError::NotAnOrigin);
        }
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(UriError::NotLowerCase);
        }
        if port == Some(default_port) {
            return Err(UriError::DefaultPort);
        }
        match host {
            // Browsers write the last two groups of a mapped address in hexadecimal, the standard library does not.
            Host::V6(address) if address.to_ipv4_mapped().is_some() => return Err(UriError::Ipv6Spelling),
            Host::V6(address) if host_text != format!("[{address}]") => return Err(UriError::Ipv6Spelling),
            Host::V6(_) | Host::V4(_) | Host::Name(_) => {}
        }
        Ok(Self(text.into()))
    }

    /// The origin of a URL that is registered, as browsers write it; none where it is not `https` or `http`.
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match &*scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        Self::parse_allowing(&format!("{scheme}://{authority}"), Leniency::ALL).ok()
    }

    /// An origin as it was stored, not checked again.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with an address that no setting allows more of.
fn plainly(error: UriError) -> UriError {
    match error {
        UriError::Underscore => UriError::BadHost,
        UriError::InsecureHttp => UriError::PlainHttp,
        other => other,
    }
}

/// An address that people are shown: a homepage, a logo. It may have a fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebUri(Box<str>);

impl WebUri {
    /// Reads an address: `https`, or `http` on a loopback host; at most 2,048 characters.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        scan(text)?;
        match sort(text, Leniency::default()).map_err(plainly)? {
            Sorted::Https(_) | Sorted::Http(_) => Ok(Self(text.into())),
            Sorted::PrivateUse => {
                Err(UriError::NotWeb(Excerpt::of(text.split(':').next().unwrap_or_default())))
            }
            Sorted::Other(scheme) => Err(UriError::NotWeb(Excerpt::of(scheme))),
        }
    }

    /// An address as it was stored, not checked again.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::{GOOD_ORIGINS, HOSTILE_ORIGINS};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_hostile_origin_is_refused_for_its_reason() {
        for (text, reason) in HOSTILE_ORIGINS {
            let refused = WebOrigin::parse(text).expect_err(text).to_string();
            assert!(refused.contains(reason), "{text:?}: {refused}, not {reason}");
        }
    }

    #[test]
    fn every_good_origin_is_kept_as_it_is() {
        for text in GOOD_ORIGINS {
            let parsed = WebOrigin::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(parsed.as_str(), *text);
        }
    }

    #[test]
    fn the_origin_of_a_url_is_as_browsers_write_it() {
        for (url, origin) in [
            ("https://App.Example.com/cb?x=1", Some("https://app.example.com")),
            ("https://app.example.com:443/cb", Some("https://app.example.com")),
            ("https://app.example.com:8443", Some("https://app.example.com:8443")),
            ("http://localhost:3000/cb", Some("http://localhost:3000")),
            ("http://127.0.0.1:80/", Some("http://127.0.0.1")),
            ("http://[::1]:5173/cb", Some("http://[::1]:5173")),
            // Only a tenant that allows such a callback has one.
            ("http://app.example.com/cb", Some("http://app.example.com")),
            ("com.example.app:/cb", None),
            ("com.example.app://cb", None),
        ] {
            assert_eq!(WebOrigin::of(url).as_ref().map(WebOrigin::as_str), origin, "{url}");
        }
    }

    #[test]
    fn addresses_for_people_are_of_the_web() {
        for good in ["https://a.example", "https://a.example/#/home", "http://localhost:3000/logo.png"] {
            assert_eq!(WebUri::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "a.example",
            "http://a.example/",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "com.a.b:/x",
            "https://u@a.example/",
        ] {
            assert!(WebUri::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_kept(text in prop_oneof![any::<String>(), "https?://[a-cA-C.:0-9/\\[\\]-]{0,20}"]) {
            if let Ok(origin) = WebOrigin::parse(&text) {
                prop_assert_eq!(origin.as_str(), &text);
                prop_assert!(!text.ends_with('/') && text == text.to_lowercase());
                prop_assert!(WebUri::parse(&text).is_ok());
            }
        }
    }
}
