//! Who the client is behind proxies: `Forwarded` (RFC 7239) or `X-Forwarded-For`, whichever the operator names,
//! believed only from peers that the operator trusts. The other one is not looked at: most proxies set one of them
//! and let the other through as the client sent it.
//!
//! Each proxy writes down, at the right end, whom it was reached by. So the list is read from the right while the
//! addresses are trusted proxies; the first that is not one is the client, and what stands left of it was sent by
//! that client and is never looked at. Where the walk meets something that cannot be read, or a name instead of
//! an address, nothing is known: the peer's own address stands for it where somebody has to be counted, and no allow
//! list that has an entry lets it in.

use std::net::{IpAddr, Ipv6Addr};

use http::header::{FORWARDED, HeaderName};
use http::{HeaderMap, HeaderValue};
use writ_core::networks::NetworkPrefix;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Hops that one request may have come over; what is listed beyond them is not read.
const HOPS: usize = 32;

/// Which header says who the client is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProxyHeaders {
    /// RFC 7239: `Forwarded`.
    Forwarded,
    /// `X-Forwarded-For`, and `X-Forwarded-Proto` beside it.
    #[default]
    XForwardedFor,
}

impl ProxyHeaders {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Forwarded, Self::XForwardedFor];

    /// The word in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::XForwardedFor => "x-forwarded-for",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|headers| headers.name() == name)
    }
}

/// The networks of the proxies before this server, and the header that they set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Box<[NetworkPrefix]>,
    headers: ProxyHeaders,
}

/// A value that is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxiesError {
    /// It cannot be read.
    #[error("{0:?} is no address and no network; they look like 10.0.0.5, 10.0.0.0/8 or fd00::/8")]
    Malformed(String),
    /// It is every address there is.
    #[error("{0:?} is everybody: then everybody could claim any address. Name the networks of your proxies")]
    Everybody(String),
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteClient {
    /// The address, an IPv4 one never as `::ffff:…`.
    pub address: IpAddr,
    /// Whether that is the client's own.
    pub known: AddressCertainty,
    /// What it used to reach the outermost trusted proxy, where that says so.
    pub scheme: Option<ForwardedScheme>,
}

/// Whether an address is the client's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressCertainty {
    /// It is, as far as whoever is trusted knows.
    Yes,
    /// It is a proxy's, which did not say whom it speaks for, or in a way that cannot be read.
    No,
}

/// Marks a request whose address is not the client's own.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

/// How a client reached a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedScheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl ForwardedScheme {
    fn named(text: &str) -> Option<Self> {
        match text {
            _ if text.eq_ignore_ascii_case("https") => Some(Self::Https),
            _ if text.eq_ignore_ascii_case("http") => Some(Self::Http),
            _ => None,
        }
    }
}

/// RFC 7239 §6: who is at one end of a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Address(IpAddr),
    /// `unknown`, a name made up by the proxy, or nothing.
    Hidden,
}

/// One hop, as the proxy at its end wrote it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hop {
    from: Node,
    scheme: Option<ForwardedScheme>,
}

struct Malformed;

impl TrustedProxies {
    /// Reads addresses and networks (CIDR). Empty items are left out.
    ///
    /// # Errors
    /// The first that is not one, as a [`ProxiesError`].
    pub fn parse<T: AsRef<str>>(list: &[T]) -> Result<Self, ProxiesError> {
        let items = list.iter().flat_map(|item| item.as_ref().split(','));
        let networks = items.map(str::trim).filter(|item| !item.is_empty()).map(network);
        Ok(Self { networks: networks.collect::<Result<_, _>>()?, headers: ProxyHeaders::default() })
    }

    /// The same proxies, where they say who the client is in this header.
    #[must_use]
    pub fn saying(self, headers: ProxyHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// The header that they set.
    pub fn headers(&self) -> ProxyHeaders {
        self.headers
    }

    /// Whether an address, an IPv4 one not as `::ffff:…`, is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// Where a request with these headers comes from if `peer` sent it.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> RemoteClient {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return RemoteClient { address: peer, known: AddressCertainty::Yes, scheme: None };
        }
        match self.headers {
            ProxyHeaders::Forwarded => {
                let lines = headers.get_all(FORWARDED).iter().rev();
                self.walk(peer, lines.flat_map(|line| forwarded(line).into_iter().rev()))
            }
            ProxyHeaders::XForwardedFor => self.by_x_forwarded_for(peer, headers),
        }
    }

    fn by_x_forwarded_for(&self, peer: IpAddr, headers: &HeaderMap) -> RemoteClient {
        let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let scheme = headers.get_all(X_FORWARDED_PROTO).iter().next_back().and_then(|line| {
            // The nearest proxy's word is the last.
            line.to_str().ok()?.rsplit(',').next().and_then(|text| ForwardedScheme::named(text.trim()))
        });
        let walked = self.walk(peer, lines.flat_map(x_forwarded_for));
        RemoteClient { scheme, ..walked }
    }

    /// `hops` from the nearest to the farthest.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Result<Hop, Malformed>>) -> RemoteClient {
        let mut so_far = RemoteClient { address: peer, known: AddressCertainty::Yes, scheme: None };
        let nobody = |scheme| RemoteClient { address: peer, known: AddressCertainty::No, scheme };
        for (number, hop) in (1..).zip(hops) {
            match hop {
                Ok(Hop { from: Node::Address(address), scheme }) => {
                    so_far = RemoteClient { address, known: AddressCertainty::Yes, scheme };
                    if !self.trusts(address) {
                        break;
                    }
                    if number == HOPS {
                        return nobody(None);
                    }
                }
                Ok(Hop { from: Node::Hidden, scheme }) => return nobody(scheme),
                Err(Malformed) => return nobody(None),
            }
        }
        so_far
    }
}

/// A network that is not everybody.
fn network(text: &str) -> Result<NetworkPrefix, ProxiesError> {
    match NetworkPrefix::parse(text) {
        None => Err(ProxiesError::Malformed(text.to_owned())),
        Some(network) if network.is_everybody() => Err(ProxiesError::Everybody(text.to_owned())),
        Some(network) => Ok(network),
    }
}

/// The hops of one `X-Forwarded-For` line, from right to left, each read when it is asked for: what a client wrote
/// before what the proxies appended spoils nothing.
fn x_forwarded_for(line: &HeaderValue) -> impl Iterator<Item = Result<Hop, Malformed>> {
    let items = line.as_bytes().rsplit(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    items.filter(|item| !item.is_empty()).map(|item| {
        let item = std::str::from_utf8(item).map_err(|_| Malformed)?;
        let from = match item.parse::<Ipv6Addr>() {
            Ok(bare) => Node::Address(IpAddr::V6(bare).to_canonical()),
            Err(_) => node(item)?,
        };
        Ok(Hop { from, scheme: None })
    })
}

/// The hops of one `Forwarded` line, from left to right. A line is taken whole or not at all: a quotation mark
/// that a client left open must not swallow what a proxy has appended.
fn forwarded(line: &HeaderValue) -> Vec<Result<Hop, Malformed>> {
    let read = line.to_str().map_err(|_| Malformed).and_then(|line| elements(line.trim()));
    match read {
        Ok(hops) => hops.into_iter().map(Ok).collect(),
        Err(Malformed) => vec![Err(Malformed)],
    }
}

/// RFC 7239 §4, with white space around `;` forgiven.
fn elements(mut rest: &str) -> Result<Vec<Hop>, Malformed> {
    let mut hops = Vec::new();
    let (mut from, mut scheme, mut by, mut host) = (None, None, None, None);
    let mut is_begun = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let next = rest.chars().next();
        match next {
            None | Some(',') => {
                if is_begun {
                    let from = from.take().map_or(Ok(Node::Hidden), |text: String| node(&text))?;
                    hops.push(Hop {
                        from,
                        scheme: scheme.take().and_then(|text: String| ForwardedScheme::named(&text)),
                    });
                    (by, host, is_begun) = (None, None, false);
                }
                let Some(after) = rest.strip_prefix(',') else { return Ok(hops) };
                rest = after;
            }
            Some(';') => rest = rest.strip_prefix(';').unwrap_or_default(),
            Some(_) => {
                let (name, after) = token(rest)?;
                let (value, after) = value(after.strip_prefix('=').ok_or(Malformed)?)?;
                let place = match name {
                    _ if name.eq_ignore_ascii_case("for") => Some(&mut from),
                    _ if name.eq_ignore_ascii_case("proto") => Some(&mut scheme),
                    _ if name.eq_ignore_ascii_case("by") => Some(&mut by),
                    _ if name.eq_ignore_ascii_case("host") => Some(&mut host),
                    _ => None, // §5.5: extensions
                };
                // §4: each parameter at most once.
                if place.is_some_and(|place| place.replace(value).is_some()) {
                    return Err(Malformed);
                }
                is_begun = true;
                rest = after.trim_start_matches([' ', '\t']);
                if !(rest.is_empty() || rest.starts_with([',', ';'])) {
                    return Err(Malformed);
                }
            }
        }
    }
}

/// RFC 9110 §5.6.2.
fn token(text: &str) -> Result<(&str, &str), Malformed> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((token, rest)) if !token.is_empty() => Ok((token, rest)),
        Some(_) | None => Err(Malformed),
    }
}

/// A token or a quoted string (RFC 9110 §5.6.4).
fn value(text: &str) -> Result<(String, &str), Malformed> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(token, rest)| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next().ok_or(Malformed)? {
            '"' => return Ok((value, chars.as_str())),
            '\\' => value.push(chars.next().ok_or(Malformed)?),
            c => value.push(c),
        }
    }
}

/// RFC 7239 §6: `IPv4`, `[IPv6]`, `unknown` or `_name`, each with or without a port.
fn node(text: &str) -> Result<Node, Malformed> {
    let (node, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']').ok_or(Malformed)?;
        let address: Ipv6Addr = address.parse().map_err(|_| Malformed)?;
        let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or(Malformed)?) };
        (Node::Address(IpAddr::V6(address).to_canonical()), port)
    } else {
        let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
        let node = if name.eq_ignore_ascii_case("unknown") || is_obfuscated(name) {
            Node::Hidden
        } else {
            Node::Address(IpAddr::V4(name.parse().map_err(|_| Malformed)?))
        };
        (node, port)
    };
    let is_number =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    match port {
        Some(port) if !is_number(port) && !is_obfuscated(port) => Err(Malformed),
        Some(_) | None => Ok(node),
    }
}

/// RFC 7239 §6.3.
fn is_obfuscated(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    text.strip_prefix('_').is_some_and(|name| !name.is_empty() && name.bytes().all(is_part))
}

#[cfg(test)]
mod tests;
