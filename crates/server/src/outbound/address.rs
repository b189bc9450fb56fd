//! Where nobody is sent: addresses that are not of the public network, and names that lead to such. Whoever registers an
//! address with us chooses where this machine connects to, and this machine stands where they do not (OWASP: SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether calls may go to this machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loopback {
    /// They may not.
    #[default]
    Refused,
    /// The operator wants it (`outbound.allow_loopback`).
    Allowed,
}

impl From<bool> for Loopback {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Refused }
    }
}

/// A network, and what it is for.
type ReservedNetwork<A> = (A, u8, &'static str);

/// Networks within IPv4 that are nobody's on the public network: IANA's registry of special-purpose addresses (RFC 6890),
/// multicast, and what clouds put on public addresses.
const V4: [ReservedNetwork<Ipv4Addr>; 19] = [
    (Ipv4Addr::UNSPECIFIED, 8, "of this network (RFC 791)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private (RFC 1918)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by a carrier's customers (RFC 6598)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud's metadata service"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local, where clouds have their metadata services (RFC 3927)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private (RFC 1918)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "assigned to protocols (RFC 6890)"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "of AS112 (RFC 7535)"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "of AMT (RFC 7450)"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "of 6to4 relays (RFC 7526)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private (RFC 1918)"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "of AS112 (RFC 7534)"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks (RFC 2544)"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast (RFC 5771)"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved (RFC 1112)"),
];

/// What is global unicast within IPv6 (RFC 4291 §2.4). All else is refused: loopback, unique local (RFC 4193), link-local,
/// multicast, IPv4 in its mapped, compatible and NAT64 forms (RFC 4291 §2.5.5, RFC 6052, RFC 8215), and what is to come.
const GLOBAL: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks within it that are nobody's, or have an IPv4 address inside.
const V6: [ReservedNetwork<Ipv6Addr>; 5] = [
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "assigned to protocols, such as Teredo (RFC 2928, RFC 4380)",
    ),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation (RFC 3849)"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4, with an IPv4 address inside (RFC 3056)"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "of AS112 (RFC 7534)"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation (RFC 9637)"),
];

/// The last labels of names that never are of the public network.
const NAMES: [(&str, &str); 11] = [
    ("localhost", "is this machine (RFC 6761)"),
    ("local", "is of the local link (RFC 6762)"),
    ("internal", "is of a private network; clouds have their metadata services there"),
    ("home.arpa", "is of a private network (RFC 8375)"),
    ("localdomain", "is of a private network"),
    ("lan", "is of a private network"),
    ("intranet", "is of a private network"),
    ("corp", "is of a private network"),
    ("home", "is of a private network"),
    ("onion", "is of another network (RFC 7686)"),
    ("invalid", "is nobody's (RFC 6761)"),
];

const fn bits_v4(address: Ipv4Addr, length: u8) -> u32 {
    match 32 - length {
        32 => 0,
        rest => address.to_bits() >> rest,
    }
}

const fn bits_v6(address: Ipv6Addr, length: u8) -> u128 {
    match 128 - length {
        128 => 0,
        rest => address.to_bits() >> rest,
    }
}

/// What an address is, if nobody is sent there; none: it is of the public network.
pub(super) fn address_is_refused(address: IpAddr, loopback: Loopback) -> Option<&'static str> {
    // A mapped one is refused also where loopback is allowed: nobody needs to write it so.
    if loopback == Loopback::Allowed && address.is_loopback() {
        return None;
    }
    match address {
        IpAddr::V4(address) => {
            let within = |(network, length, _): &&ReservedNetwork<Ipv4Addr>| {
                bits_v4(address, *length) == bits_v4(*network, *length)
            };
            V4.iter().find(within).map(|(_, _, what)| *what)
        }
        IpAddr::V6(address) => v6_is_refused(address),
    }
}

fn v6_is_refused(address: Ipv6Addr) -> Option<&'static str> {
    let (global, length) = GLOBAL;
    if bits_v6(address, length) != bits_v6(global, length) {
        return Some("not global unicast (RFC 4291)");
    }
    // RFC 5214 §6.1: the interface identifier of ISATAP ends in an IPv4 address.
    if let [_, _, _, _, 0 | 0x0200, 0x5efe, _, _] = address.segments() {
        return Some("ISATAP, with an IPv4 address inside (RFC 5214)");
    }
    let within = |(network, length, _): &&ReservedNetwork<Ipv6Addr>| {
        bits_v6(address, *length) == bits_v6(*network, *length)
    };
    V6.iter().find(within).map(|(_, _, what)| *what)
}

/// What is said of a name, if nobody is sent there; none: what counts is where it leads to.
pub(super) fn name_is_refused(name: &str, loopback: Loopback) -> Option<&'static str> {
    let bare = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_of =
        |last: &str| bare.strip_suffix(last).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if loopback == Loopback::Allowed && is_of("localhost") {
        return None;
    }
    if let Some((_, what)) = NAMES.iter().find(|(last, _)| is_of(last)) {
        return Some(what);
    }
    // It would be looked for in whatever domain this machine searches.
    (!bare.contains('.')).then_some("has no dot, so it is of a private network")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beside the first and the last of each network, what attackers write, and where clouds tell their secrets.
    const REFUSED: [&str; 76] = [
        // This network, loopback.
        "0.0.0.0",
        "0.0.0.1",
        "0.255.255.255",
        "127.0.0.1",
        "127.0.0.2",
        "127.1.2.3",
        "127.255.255.255",
        // Private, shared by a carrier's customers.
        "10.0.0.0",
        "10.1.2.3",
        "10.255.255.255",
        "172.16.0.0",
        "172.20.1.1",
        "172.31.255.255",
        "192.168.0.0",
        "192.168.1.1",
        "192.168.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        // Link-local and metadata services: AWS, Google, Azure; ECS; Oracle; Azure's wire server; Alibaba is above.
        "169.254.0.0",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "192.0.0.192",
        "168.63.129.16",
        // Assigned to protocols, documentation, benchmarks, AS112, AMT, 6to4.
        "192.0.0.0",
        "192.0.0.170",
        "192.0.0.255",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.255",
        "198.18.0.1",
        "198.19.255.255",
        "192.31.196.1",
        "192.175.48.6",
        "192.52.193.1",
        "192.88.99.1",
        // Multicast, reserved, broadcast.
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        // IPv6: unspecified, loopback, link-local, the former site-local, unique local, AWS's and Google's metadata services.
        "::",
        "::1",
        "fe80::1",
        "fe80::a9fe:a9fe",
        "febf:ffff::1",
        "fec0::1",
        "fc00::1",
        "fd00::1",
        "fdff:ffff::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        // IPv4 inside: mapped, compatible, translated, NAT64, local NAT64, 6to4, Teredo, ISATAP.
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::7f00:1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::10.0.0.1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::",
        "2001::1",
        "2001:0:53aa:64c::1",
        "2a00::5efe:127.0.0.1",
        "2a00::200:5efe:10.0.0.1",
        // Multicast, discard only, documentation, benchmarks, ORCHID, segment routing.
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "2001:2::1",
        "2001:20::1",
        "5f00::1",
    ];

    /// DESIGN section 7; RFC 6890.
    #[test]
    fn nobody_is_sent_to_an_address_that_is_not_of_the_public_network() {
        for text in REFUSED {
            let address: IpAddr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(address_is_refused(address, Loopback::Refused).is_some(), "{text}");
        }
    }

    #[test]
    fn the_neighbours_of_what_is_refused_are_not() {
        for text in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "8.8.8.8",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "3ffe::1",
            "3fff:1000::1",
        ] {
            let address: IpAddr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(address_is_refused(address, Loopback::Refused), None, "{text}");
        }
    }

    #[test]
    fn loopback_is_allowed_by_itself_alone() {
        for text in ["127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(address_is_refused(text.parse().unwrap(), Loopback::Allowed), None, "{text}");
        }
        for text in REFUSED.into_iter().filter(|text| !text.starts_with("127.") && *text != "::1") {
            assert!(address_is_refused(text.parse().unwrap(), Loopback::Allowed).is_some(), "{text}");
        }
        assert_eq!(name_is_refused("localhost", Loopback::Allowed), None);
        assert_eq!(name_is_refused("app.localhost.", Loopback::Allowed), None);
        assert!(name_is_refused("metadata.google.internal", Loopback::Allowed).is_some());
    }

    #[test]
    fn names_of_private_networks_are_refused_before_they_are_looked_up() {
        for name in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "METADATA.google.INTERNAL.",
            "instance-data.ec2.internal",
            "router.home.arpa",
            "box.lan",
            "db.corp",
            "wiki.intranet",
            "nas.home",
            "x.localdomain",
            "abc.onion",
            "a.invalid",
            "metadata",
            "kubernetes",
            "a.",
            "",
        ] {
            assert!(name_is_refused(name, Loopback::Refused).is_some(), "{name}");
        }
        for name in
            ["a.example.com", "localhost.example.com", "notlocal.example", "internal.example.com", "xlan.org"]
        {
            assert_eq!(name_is_refused(name, Loopback::Refused), None, "{name}");
        }
    }
}
