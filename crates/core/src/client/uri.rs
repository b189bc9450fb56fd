//! What redirect URIs, origins and web addresses have in common: a strict reader of RFC 3986.
//!
//! Stricter than any browser: what one reader takes one way and the next another way is refused, for
//! that is how a code ends up with somebody else. Nothing is ever rewritten.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::excerpt::Excerpt;
use crate::reason::reasons;
use crate::settings::Switch;

/// The most characters of a registered URI.
pub(super) const URI_LIMIT: usize = 2048;

/// Schemes that run code or read local content in a browser, each refused by name.
const DANGEROUS: [&str; 9] =
    ["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "mailto"];

reasons! {
    /// Why a URI or origin was refused.
    pub enum UriError {
        /// The empty text.
        Empty = "uri-empty";
        /// Beyond the bound.
        TooLong = "uri-too-long" [limit: URI_LIMIT];
        /// A control character, as such or percent-encoded.
        ControlCharacter = "uri-control-character";
        /// White space.
        WhiteSpace = "uri-white-space";
        /// A character beyond ASCII.
        NotAscii = "uri-not-ascii";
        /// A backslash: browsers take it for a slash.
        Backslash = "uri-backslash";
        /// An ASCII character that RFC 3986 §2 does not allow.
        BadCharacter = "uri-bad-character";
        /// A `%` without two hexadecimal digits (RFC 3986 §2.1).
        BadPercent = "uri-bad-percent";
        /// An asterisk.
        Wildcard = "uri-wildcard";
        /// A fragment (RFC 6749 §3.1.2).
        Fragment = "uri-fragment";
        /// A parameter that the answer carries too (RFC 6749 §3.1).
        AnswerParameter(name: &'static str) = "uri-answer-parameter";
        /// No scheme (RFC 3986 §4.3).
        NotAbsolute = "uri-not-absolute";
        /// A scheme that runs code or reads local content.
        DangerousScheme(scheme: Excerpt) = "uri-dangerous-scheme";
        /// Another scheme than those allowed.
        SchemeNotAllowed(scheme: Excerpt) = "uri-scheme-not-allowed";
        /// A scheme that belongs to something else than an application.
        SchemeTaken(scheme: Excerpt) = "uri-scheme-taken";
        /// Another scheme than https, or http on a loopback host, where only those make sense.
        NotWeb(scheme: Excerpt) = "uri-not-web";
        /// A private-use scheme with an empty label (RFC 8252 §7.1: a reversed domain name).
        BadPrivateScheme = "uri-bad-private-scheme";
        /// A private-use scheme without a slash after its colon; often a host and port without a scheme.
        NoPath = "uri-no-path";
        /// http to another machine.
        InsecureHttp = "uri-insecure-http";
        /// http to another machine, where no setting allows it.
        PlainHttp = "uri-plain-http";
        /// An underscore in the host: DNS has such names, host names have none (RFC 1123 §2.1).
        Underscore = "uri-underscore";
        /// `https:` without `//`.
        NoAuthority = "uri-no-authority";
        /// A user name or password.
        UserInfo = "uri-user-info";
        /// Nothing where the host should be.
        EmptyHost = "uri-empty-host";
        /// A percent escape in the host.
        EncodedHost = "uri-encoded-host";
        /// A host that is no host name (RFC 1123 §2.1).
        BadHost = "uri-bad-host";
        /// A number that is not a dotted quad: browsers take it for an address.
        BadIpv4 = "uri-bad-ipv4";
        /// Brackets without an IPv6 address in them.
        BadIpv6 = "uri-bad-ipv6";
        /// Not a port from 1 to 65535, without leading zeros.
        BadPort = "uri-bad-port";
        /// `.` or `..` as a path segment, as such or percent-encoded.
        DotSegment = "uri-dot-segment";
        /// An origin with more than scheme, host and port.
        NotAnOrigin = "uri-not-an-origin";
        /// An origin with upper case letters.
        NotLowerCase = "uri-not-lower-case";
        /// An origin that names the port of its scheme.
        DefaultPort = "uri-default-port";
        /// An origin with an IPv6 address in another spelling than RFC 5952's.
        Ipv6Spelling = "uri-ipv6-spelling";
    }
}

/// What an operator may allow a tenant's clients of what RFC 8252 and RFC 9700 only advise against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leniency {
    /// Private-use schemes without a dot (RFC 8252 §7.1 wants a reversed domain name, for any application may claim
    /// `cursor`).
    pub dotless_schemes: Switch,
    /// Underscores in hosts.
    pub underscores: Switch,
    /// `http` to another machine: the code can be read on its way (RFC 9700 §2.6).
    pub http: Switch,
}

impl Leniency {
    /// All of it: what was registered was allowed then.
    pub const ALL: Self = Self { dotless_schemes: Switch::On, underscores: Switch::On, http: Switch::On };
}

/// Schemes that belong to something else, also where schemes without a dot are allowed.
const TAKEN: [&str; 12] =
    ["ftp", "ftps", "ws", "wss", "tel", "sms", "intent", "chrome", "resource", "jar", "urn", "ldap"];

/// A host, as far as it matters which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host<'a> {
    Name(&'a str),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl Host<'_> {
    /// Whether it is this machine: `localhost`, 127.0.0.0/8 or `::1`. An IPv4 address mapped into IPv6 is not.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name.eq_ignore_ascii_case("localhost"),
            Self::V4(address) => address.is_loopback(),
            Self::V6(address) => *address == Ipv6Addr::LOCALHOST,
        }
    }
}

/// A URI with a host, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located<'a> {
    /// The host, with the brackets of IPv6.
    pub(super) host_text: &'a str,
    pub(super) host: Host<'a>,
    pub(super) port: Option<u16>,
    /// Path and query.
    pub(super) rest: &'a str,
}

/// What sort of URI it is, by its scheme.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sorted<'a> {
    Https(Located<'a>),
    /// On a loopback host, or on any where that is allowed.
    Http(Located<'a>),
    /// A private-use scheme with a dot (RFC 8252 §7.1), or without one where that is allowed.
    PrivateUse,
    /// Any other.
    Other(&'a str),
}

/// Looks at every character; [`UriError::Wildcard`] and [`UriError::Fragment`] are the callers' matter.
pub(super) fn scan(text: &str) -> Result<(), UriError> {
    if text.is_empty() {
        return Err(UriError::Empty);
    }
    if text.chars().count() > URI_LIMIT {
        return Err(UriError::TooLong);
    }
    for character in text.chars() {
        match character {
            c if c.is_control() => return Err(UriError::ControlCharacter),
            c if c.is_whitespace() => return Err(UriError::WhiteSpace),
            c if !c.is_ascii() => return Err(UriError::NotAscii),
            '\\' => return Err(UriError::Backslash),
            '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}' => return Err(UriError::BadCharacter),
            _ => {}
        }
    }
    for after in text.split('%').skip(1) {
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let value =
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(UriError::BadPercent)?;
        if value.is_ascii_control() {
            return Err(UriError::ControlCharacter);
        }
    }
    Ok(())
}

/// Sorts a scanned URI by its scheme and reads host, port and path.
pub(super) fn sort(text: &str, allowed: Leniency) -> Result<Sorted<'_>, UriError> {
    let (scheme, rest) = text.split_once(':').ok_or(UriError::NotAbsolute)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !is_scheme {
        return Err(if scheme.contains('*') { UriError::Wildcard } else { UriError::NotAbsolute });
    }
    if DANGEROUS.iter().any(|dangerous| scheme.eq_ignore_ascii_case(dangerous)) {
        return Err(UriError::DangerousScheme(Excerpt::of(scheme)));
    }
    if scheme.eq_ignore_ascii_case("https") {
        return Ok(Sorted::Https(locate(rest, allowed)?));
    }
    if scheme.eq_ignore_ascii_case("http") {
        let located = locate(rest, allowed)?;
        return if located.host.is_loopback() || allowed.http.is_on() {
            Ok(Sorted::Http(located))
        } else {
            Err(UriError::InsecureHttp)
        };
    }
    if !scheme.contains('.') {
        if !allowed.dotless_schemes.is_on() {
            return Ok(Sorted::Other(scheme));
        }
        if TAKEN.iter().any(|taken| scheme.eq_ignore_ascii_case(taken)) {
            return Err(UriError::SchemeTaken(Excerpt::of(scheme)));
        }
    }
    if scheme.split('.').any(str::is_empty) {
        return Err(UriError::BadPrivateScheme);
    }
    if !rest.starts_with('/') {
        return Err(UriError::NoPath);
    }
    // An app may write what it likes after //; it is not looked up as a host. It may also write nothing. But what
    // no browser takes for an address, such as a port of nine digits, would never lead back to the app.
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = split_authority(rest);
            if authority.contains('@') {
                return Err(UriError::UserInfo);
            }
            if authority.contains('%') {
                return Err(UriError::EncodedHost);
            }
            if authority.contains(['[', ']']) {
                return Err(UriError::BadIpv6);
            }
            if let Some((name, port)) = authority.split_once(':') {
                read_port(port)?;
                if name.is_empty() {
                    return Err(UriError::EmptyHost);
                }
            }
            path
        }
        None => rest,
    };
    refuse_dot_segments(path)?;
    Ok(Sorted::PrivateUse)
}

fn locate(rest: &str, allowed: Leniency) -> Result<Located<'_>, UriError> {
    let rest = rest.strip_prefix("//").ok_or(UriError::NoAuthority)?;
    let (authority, rest) = split_authority(rest);
    if authority.contains('@') {
        return Err(UriError::UserInfo);
    }
    let (host_text, port) = match authority.strip_prefix('[').and_then(|inner| inner.find(']')) {
        // The bracket, what is before its end, and the end.
        Some(length) => authority.split_at_checked(length + 2).ok_or(UriError::BadIpv6)?,
        None => authority
            .split_at_checked(authority.find(':').unwrap_or(authority.len()))
            .ok_or(UriError::BadHost)?,
    };
    let host = read_host(host_text, allowed)?;
    let port = match port.strip_prefix(':') {
        Some(digits) => Some(read_port(digits)?),
        None if port.is_empty() => None,
        None => return Err(UriError::BadHost),
    };
    refuse_dot_segments(rest)?;
    Ok(Located { host_text, host, port, rest })
}

/// What stands before the path, query or fragment, and the rest.
fn split_authority(text: &str) -> (&str, &str) {
    text.split_at_checked(text.find(['/', '?', '#']).unwrap_or(text.len())).unwrap_or((text, ""))
}

fn read_port(digits: &str) -> Result<u16, UriError> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain).ok_or(UriError::BadPort)
}

fn read_host(text: &str, allowed: Leniency) -> Result<Host<'_>, UriError> {
    if text.is_empty() {
        return Err(UriError::EmptyHost);
    }
    if let Some(inner) = text.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|inner| inner.parse().ok());
        return address.map(Host::V6).ok_or(UriError::BadIpv6);
    }
    if text.contains('%') {
        return Err(UriError::EncodedHost);
    }
    if text.contains('*') {
        return Err(UriError::Wildcard);
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.split('.').all(is_label) {
        return Err(UriError::BadHost);
    }
    if text.contains('_') && !allowed.underscores.is_on() {
        return Err(UriError::Underscore);
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"))
        && last.bytes().skip(2).all(|b| b.is_ascii_hexdigit());
    if hexadecimal || last.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map(Host::V4).map_err(|_| UriError::BadIpv4);
    }
    Ok(Host::Name(text))
}

/// Refuses `.` and `..` in the path, also as browsers and servers see them in `%2e`, `..%2f` and `..;`.
fn refuse_dot_segments(path_and_query: &str) -> Result<(), UriError> {
    let path = path_and_query.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let path = path.replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").replace("%3b", ";");
    let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    if path.split('/').any(is_dots) { Err(UriError::DotSegment) } else { Ok(()) }
}

/// Whether a text is an identifier that an API can have (RFC 8707 §2): an absolute URI without a fragment. What has a
/// host is read as strictly as any other address; nobody is ever sent there, so that the scheme may be any.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_resource_uri(text: &str) -> Result<(), UriError> {
    scan(text)?;
    if text.contains('#') {
        return Err(UriError::Fragment);
    }
    if text.contains('*') {
        return Err(UriError::Wildcard);
    }
    let (scheme, rest) = text.split_once(':').ok_or(UriError::NotAbsolute)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !is_scheme || rest.is_empty() {
        return Err(UriError::NotAbsolute);
    }
    if DANGEROUS.iter().any(|dangerous| scheme.eq_ignore_ascii_case(dangerous)) {
        return Err(UriError::DangerousScheme(Excerpt::of(scheme)));
    }
    if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") {
        locate(rest, Leniency::ALL).map(|_| ())
    } else {
        refuse_dot_segments(rest)
    }
}
