//! Redirect URIs, origins and web addresses: an accepted one is what another reader takes it for.

use url::{Host, ParseError, Url};
use writ_core::client::{ClientKind, RedirectUri, UriError, WebOrigin, WebUri};

use crate::corpus::{GOOD_REDIRECT_URIS, HOSTILE_REDIRECT_URIS};
use crate::engine::Target;

pub fn target() -> impl Target {
    RedirectUris
}

struct RedirectUris;

impl Target for RedirectUris {
    fn name(&self) -> &'static str {
        "redirect_uri"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let hostile = HOSTILE_REDIRECT_URIS.iter().map(|(text, _)| *text);
        GOOD_REDIRECT_URIS.iter().copied().chain(hostile).map(|text| text.as_bytes().to_vec()).collect()
    }

    fn words(&self) -> &[&str] {
        &[
            "https://",
            "http://",
            "//",
            "/",
            ":",
            "@",
            "#",
            "?",
            "%2e",
            "%2F",
            "..",
            "/../",
            "[::1]",
            "127.0.0.1",
            "localhost",
            "0x7f",
            "017",
            ".",
            "\\",
            "%00",
            ":443",
            ":80",
            ":0",
            "com.example.app:/",
            "javascript:",
            "xn--",
            "\u{3002}",
            "\u{ff0f}",
            "*",
            "app.example.com",
            ";",
            "'",
            "!",
            "$",
            "(",
            "|",
        ]
    }

    fn run(&self, input: &[u8]) -> String {
        let Ok(text) = str::from_utf8(input) else { return "not text".to_owned() };
        let origin = origin(text);
        let web = WebUri::parse(text).is_ok();
        let read = match RedirectUri::parse(text) {
            Ok(read) => read,
            Err(error) => {
                let is_about_answers = matches!(error, UriError::AnswerParameter(_));
                assert!(
                    !web || is_about_answers || text.contains(['#', '*']),
                    "a web address that is no redirect URI"
                );
                return format!("{error:?} {origin} {web}");
            }
        };
        assert_eq!(read.as_str(), text);
        assert!(read.matches(text, ClientKind::Web));
        let Some(url) = parsed(text) else { return "read, but no Punycode".to_owned() };
        assert_eq!(url.fragment(), None);
        assert!(!text.contains(['#', '*', '\\', ' ']) && text.len() <= 2048);
        assert_eq!((url.username(), url.password()), ("", None));
        let scheme = text.split(':').next().unwrap().to_ascii_lowercase();
        assert_eq!(url.scheme(), scheme);
        let kind_of_scheme = match scheme.as_str() {
            "https" => {
                same_place(text, &url);
                "https"
            }
            "http" => {
                same_place(text, &url);
                assert!(is_loopback(&url), "http to another machine");
                "http"
            }
            private => {
                assert!(private.contains('.'));
                "private"
            }
        };
        format!(
            "read {kind_of_scheme} {origin} {web} {} {:?}",
            read.is_on_the_device(),
            url.host().as_ref().map(kind)
        )
    }
}

/// As another reader takes it. That one decodes Punycode; Writ leaves labels that do not decode to the resolver, which
/// finds nobody by such a name.
fn parsed(text: &str) -> Option<Url> {
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(ParseError::IdnaError) if text.to_ascii_lowercase().contains("xn--") => None,
        Err(error) => panic!("another reader takes it for no URL: {error}"),
    }
}

/// The same host, port and path; nothing was rewritten on the way.
fn same_place(text: &str, url: &Url) {
    let rest = text.split_once("://").expect("an authority").1;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().ok()),
        Some(_) | None => (authority, None),
    };
    let theirs = url.host().expect("a host");
    match theirs {
        Host::Domain(name) => assert_eq!(name, host.to_ascii_lowercase()),
        Host::Ipv4(address) => assert_eq!(address.to_string(), host),
        Host::Ipv6(address) => assert_eq!(host.trim_matches(['[', ']']).parse(), Ok(address)),
    }
    let default = if url.scheme() == "https" { 443 } else { 80 };
    assert_eq!(url.port_or_known_default(), Some(port.unwrap_or(default)));
    let path = after.split('?').next().unwrap();
    assert_eq!(url.path(), if path.is_empty() { "/" } else { path });
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn kind(host: &Host<&str>) -> &'static str {
    match host {
        Host::Domain(_) => "name",
        Host::Ipv4(_) => "four",
        Host::Ipv6(_) => "six",
    }
}

/// An accepted origin is spelled as browsers spell it in `Origin`.
fn origin(text: &str) -> bool {
    let read = WebOrigin::parse(text).is_ok();
    if read && let Some(url) = parsed(text) {
        assert_eq!(url.origin().ascii_serialization(), text);
    }
    read
}
