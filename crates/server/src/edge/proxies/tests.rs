//! What proxies say, and what their clients would have liked them to say.

use http::HeaderMap;
use rstest::rstest;

use super::*;

/// The proxies of these cases.
fn proxies() -> TrustedProxies {
    TrustedProxies::parse(&["10.0.0.0/8,192.0.2.1", "fd00::/8"]).unwrap()
}

/// One header a line.
fn headers(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in text.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        let name = match name {
            "F" => FORWARDED,
            "X" => X_FORWARDED_FOR,
            "P" => X_FORWARDED_PROTO,
            name => HeaderName::try_from(name).unwrap(),
        };
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[rstest]
// Peers that nobody trusts say what they like.
#[case("203.0.113.9", "", "203.0.113.9")]
#[case("203.0.113.9", "X: 198.51.100.1", "203.0.113.9")]
#[case("203.0.113.9", "F: for=198.51.100.1", "203.0.113.9")]
#[case("203.0.113.9", "X: 10.0.0.1", "203.0.113.9")]
#[case("192.0.2.2", "X: 198.51.100.1", "192.0.2.2")]
#[case("2001:db8::9", "F: for=198.51.100.1", "2001:db8::9")]
// One proxy.
#[case("10.0.0.1", "", "10.0.0.1")]
#[case("10.0.0.1", "X: 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: 2001:db8::1", "2001:db8::1")]
#[case("10.0.0.1", "X: [2001:db8::1]", "2001:db8::1")]
#[case("10.0.0.1", "X: [2001:db8::1]:443", "2001:db8::1")]
#[case("10.0.0.1", "X: 198.51.100.1:4711", "198.51.100.1")]
#[case("192.0.2.1", "X: 198.51.100.1", "198.51.100.1")]
#[case("fd00::1", "X: 198.51.100.1", "198.51.100.1")]
#[case("::ffff:10.0.0.1", "X: 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: ::ffff:198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: for=198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: FOR=198.51.100.1;Proto=https;by=10.0.0.1;host=id.example", "198.51.100.1")]
#[case("10.0.0.1", "F: proto=https; for=198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: for=\"198.51.100.1:80\"", "198.51.100.1")]
#[case("10.0.0.1", "F: for=\"[2001:db8::1]\"", "2001:db8::1")]
#[case("10.0.0.1", "F: for=\"[2001:db8::1]:4711\"", "2001:db8::1")]
#[case("10.0.0.1", "F: for=\"[2001:db8::1]:_port\"", "2001:db8::1")]
#[case("10.0.0.1", "F: for=\"[::ffff:198.51.100.1]\"", "198.51.100.1")]
#[case("10.0.0.1", "F: for=\"198.51.\\100.1\"", "198.51.100.1")]
#[case("10.0.0.1", "F: for=198.51.100.1;ext=\"a,b;for=10.9.9.9\"", "198.51.100.1")]
// Several, in one line or in many.
#[case("10.0.0.1", "X: 198.51.100.1, 10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "X: 198.51.100.1\nX: 10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "X: 198.51.100.1, 192.0.2.1,fd00::5 , 10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "X: , 198.51.100.1,, ", "198.51.100.1")]
#[case("10.0.0.1", "X: 198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "F: for=198.51.100.1, for=10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "F: for=198.51.100.1\nF: for=10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "F: for=198.51.100.1 , , for=\"[fd00::2]\"", "198.51.100.1")]
// All of them proxies: the farthest.
#[case("10.0.0.1", "X: 10.0.0.3, 10.0.0.2", "10.0.0.3")]
#[case("10.0.0.1", "F: for=10.0.0.3, for=10.0.0.2", "10.0.0.3")]
// Spoofed on the left of what a proxy has appended.
#[case("10.0.0.1", "X: 203.0.113.66, 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: 10.0.0.66, 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: 203.0.113.66\nX: 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: 203.0.113.66, 198.51.100.1, 10.0.0.2", "198.51.100.1")]
#[case("10.0.0.1", "X: <script>, 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "X: 127.0.0.1, 198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: for=203.0.113.66, for=198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: for=\"open\nF: for=198.51.100.1", "198.51.100.1")]
#[case("10.0.0.1", "F: for=\"open, for=198.51.100.1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=203.0.113.66;for=198.51.100.1", "10.0.0.1")]
// Both: the standard's, even where it says nothing.
#[case("10.0.0.1", "F: for=198.51.100.1\nX: 203.0.113.66", "198.51.100.1")]
#[case("10.0.0.1", "F: for=nonsense\nX: 203.0.113.66", "10.0.0.1")]
// Names instead of addresses.
#[case("10.0.0.1", "F: for=unknown", "10.0.0.1")]
#[case("10.0.0.1", "F: for=_hidden", "10.0.0.1")]
#[case("10.0.0.1", "F: for=\"_SEVKISEK:_p\"", "10.0.0.1")]
#[case("10.0.0.1", "F: for=203.0.113.66, for=unknown", "10.0.0.1")]
#[case("10.0.0.1", "F: for=203.0.113.66, for=_a, for=10.0.0.2", "10.0.0.1")]
#[case("10.0.0.1", "F: proto=https", "10.0.0.1")]
#[case("10.0.0.1", "X: 203.0.113.66, unknown", "10.0.0.1")]
// What is no list of addresses.
#[case("10.0.0.1", "X: localhost", "10.0.0.1")]
#[case("10.0.0.1", "X: 203.0.113.66, 198.51.100", "10.0.0.1")]
#[case("10.0.0.1", "X: 198.51.100.01", "10.0.0.1")]
#[case("10.0.0.1", "X: 198.51.100.1:99999", "10.0.0.1")]
#[case("10.0.0.1", "X: 198.51.100.1:", "10.0.0.1")]
#[case("10.0.0.1", "X: \"198.51.100.1\"", "10.0.0.1")]
#[case("10.0.0.1", "X: [198.51.100.1]", "10.0.0.1")]
#[case("10.0.0.1", "X: fe80::1%eth0", "10.0.0.1")]
#[case("10.0.0.1", "X: 198.51.100.1 10.0.0.2", "10.0.0.1")]
#[case("10.0.0.1", "X: \u{661}98.51.100.1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=2001:db8::1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=[2001:db8::1]", "10.0.0.1")]
#[case("10.0.0.1", "F: for=\"2001:db8::1\"", "10.0.0.1")]
#[case("10.0.0.1", "F: for", "10.0.0.1")]
#[case("10.0.0.1", "F: for=", "10.0.0.1")]
#[case("10.0.0.1", "F: for =198.51.100.1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=198.51.100.1 by=10.0.0.1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=\"198.51.100.1\"x", "10.0.0.1")]
#[case("10.0.0.1", "F: 198.51.100.1", "10.0.0.1")]
#[case("10.0.0.1", "F: for=\"_\"", "10.0.0.1")]
// Other headers of the kind are not read.
#[case("10.0.0.1", "x-real-ip: 203.0.113.66", "10.0.0.1")]
#[case("10.0.0.1", "client-ip: 203.0.113.66\ntrue-client-ip: 203.0.113.66", "10.0.0.1")]
#[case("10.0.0.1", "P: https", "10.0.0.1")]
fn the_client(#[case] peer: &str, #[case] text: &str, #[case] expected: &str) {
    let client = saying_what_is_sent(text).client(peer.parse().unwrap(), &headers(text));
    assert_eq!(client.address, expected.parse::<IpAddr>().unwrap(), "{text}");
}

/// The proxies, where they set the header that is sent.
fn saying_what_is_sent(text: &str) -> TrustedProxies {
    let is_standard = text.lines().any(|line| line.starts_with("F: "));
    proxies().saying(if is_standard { ProxyHeaders::Forwarded } else { ProxyHeaders::XForwardedFor })
}

/// What an ordinary proxy lets through as the client sent it has no say.
#[rstest]
#[case(ProxyHeaders::XForwardedFor, "F: for=203.0.113.66;proto=https\nX: 198.51.100.1", "198.51.100.1", None)]
#[case(ProxyHeaders::XForwardedFor, "F: for=203.0.113.66;proto=https", "10.0.0.1", None)]
#[case(
    ProxyHeaders::XForwardedFor,
    "F: for=unknown\nX: 198.51.100.1\nP: https",
    "198.51.100.1",
    Some(ForwardedScheme::Https)
)]
#[case(ProxyHeaders::Forwarded, "X: 203.0.113.66\nP: https\nF: for=198.51.100.1", "198.51.100.1", None)]
#[case(ProxyHeaders::Forwarded, "X: 203.0.113.66\nP: https", "10.0.0.1", None)]
#[case(
    ProxyHeaders::Forwarded,
    "x-forwarded-host: evil.example\nF: for=198.51.100.1;proto=http",
    "198.51.100.1",
    Some(ForwardedScheme::Http)
)]
fn the_header_that_is_not_named_is_ignored(
    #[case] named: ProxyHeaders,
    #[case] text: &str,
    #[case] address: &str,
    #[case] scheme: Option<ForwardedScheme>,
) {
    let client = proxies().saying(named).client("10.0.0.1".parse().unwrap(), &headers(text));
    let expected = RemoteClient { address: address.parse().unwrap(), known: AddressCertainty::Yes, scheme };
    assert_eq!(client, expected, "{text}");
}

#[test]
fn the_safe_default_is_what_ordinary_proxies_set() {
    assert_eq!(TrustedProxies::default().headers, ProxyHeaders::XForwardedFor);
    for headers in ProxyHeaders::ALL {
        assert_eq!(ProxyHeaders::by_name(headers.name()), Some(headers));
    }
}

/// Else whoever sends nonsense would stand on an allow list with the proxy's own address.
#[rstest]
#[case("X: 203.0.113.66, unknown", AddressCertainty::No)]
#[case("X: nonsense", AddressCertainty::No)]
#[case("F: for=_hidden", AddressCertainty::No)]
#[case("F: for=\"open, for=198.51.100.1", AddressCertainty::No)]
#[case("F: proto=https", AddressCertainty::No)]
#[case("", AddressCertainty::Yes)]
#[case("X: nonsense, 198.51.100.1", AddressCertainty::Yes)]
#[case("X: \u{661}, 198.51.100.1", AddressCertainty::Yes)]
#[case("X: 10.0.0.3", AddressCertainty::Yes)]
fn whoever_hides_behind_a_proxy_is_nobody(#[case] text: &str, #[case] known: AddressCertainty) {
    let client = saying_what_is_sent(text).client("10.0.0.1".parse().unwrap(), &headers(text));
    assert_eq!(client.known, known, "{text}");
}

#[test]
fn a_way_over_too_many_proxies_is_not_walked() {
    let hops = |many: usize| format!("X: 203.0.113.66, {}", vec!["10.0.0.2"; many].join(", "));
    let client = |many| proxies().client("10.0.0.1".parse().unwrap(), &headers(&hops(many)));
    assert_eq!(client(HOPS - 1).address, "203.0.113.66".parse::<IpAddr>().unwrap());
    for many in [HOPS, 5000] {
        let lost = client(many);
        assert_eq!((lost.address, lost.known), ("10.0.0.1".parse().unwrap(), AddressCertainty::No), "{many}");
    }
}

#[rstest]
#[case("203.0.113.9", "F: for=198.51.100.1;proto=https", None)]
#[case("203.0.113.9", "X: 198.51.100.1\nP: https", None)]
#[case("10.0.0.1", "F: for=198.51.100.1;proto=https", Some(ForwardedScheme::Https))]
#[case("10.0.0.1", "F: for=198.51.100.1;proto=HTTPS, for=10.0.0.2;proto=http", Some(ForwardedScheme::Https))]
#[case(
    "10.0.0.1",
    "F: for=203.0.113.66;proto=https, for=198.51.100.1;proto=http",
    Some(ForwardedScheme::Http)
)]
#[case("10.0.0.1", "F: for=203.0.113.66;proto=https, for=198.51.100.1", None)]
#[case("10.0.0.1", "F: for=_hidden;proto=https", Some(ForwardedScheme::Https))]
#[case("10.0.0.1", "F: for=!?;proto=https", None)]
#[case("10.0.0.1", "F: for=198.51.100.1\nP: https", None)]
#[case("10.0.0.1", "P: https", Some(ForwardedScheme::Https))]
#[case("10.0.0.1", "X: 198.51.100.1\nP: http", Some(ForwardedScheme::Http))]
#[case("10.0.0.1", "P: https, http", Some(ForwardedScheme::Http))]
#[case("10.0.0.1", "P: https\nP: http", Some(ForwardedScheme::Http))]
#[case("10.0.0.1", "P: wss", None)]
fn the_scheme(#[case] peer: &str, #[case] text: &str, #[case] expected: Option<ForwardedScheme>) {
    assert_eq!(
        saying_what_is_sent(text).client(peer.parse().unwrap(), &headers(text)).scheme,
        expected,
        "{text}"
    );
}

#[rstest]
#[case("10.0.0.0/8", Some("10.0.0.0/8"))]
#[case("10.1.2.3/8", Some("10.0.0.0/8"))]
#[case("192.0.2.1", Some("192.0.2.1/32"))]
#[case("fd00::/8", Some("fd00::/8"))]
#[case("::1", Some("::1/128"))]
#[case("::ffff:10.0.0.0/104", Some("10.0.0.0/8"))]
#[case("::ffff:192.0.2.1", Some("192.0.2.1/32"))]
#[case("0.0.0.0/0", None)]
#[case("::/0", None)]
#[case("::ffff:0.0.0.0/96", None)]
#[case("10.0.0.0/33", None)]
#[case("10.0.0/8", None)]
#[case("proxy.example", None)]
fn networks(#[case] text: &str, #[case] expected: Option<&str>) {
    let read = TrustedProxies::parse(&[text]).ok();
    let shown =
        read.map(|proxies| proxies.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    assert_eq!(shown.as_deref(), expected);
}

#[test]
fn nothing_is_trusted_where_nothing_is_named() {
    let nobody = TrustedProxies::parse(&["", " , "]).unwrap();
    assert!(nobody.is_empty());
    let peer = "127.0.0.1".parse().unwrap();
    let claimed = headers("X: 198.51.100.1\nF: for=198.51.100.1;proto=https");
    assert_eq!(
        nobody.client(peer, &claimed),
        RemoteClient { address: peer, known: AddressCertainty::Yes, scheme: None }
    );
}
