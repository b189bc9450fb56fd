//! Networks, and the lists of those from which something may be used (allow lists).
//!
//! A list that is empty lets everybody in. Who is shut out is told what anybody is told who has no right credential;
//! which list it was stands in the operator's log and in the audit log ([`OAuthError::shut_out_by`]).
//!
//! [`OAuthError::shut_out_by`]: crate::error::OAuthError::shut_out_by

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};

use crate::excerpt::Excerpt;
use crate::reason::Reason;

/// Entries of an allow list at the most.
pub const LIST_LIMIT: usize = 100;
/// Characters of a network at the most: an IPv6 address written out, with an IPv4 one in it, and its prefix.
const TEXT_LIMIT: usize = 49;

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NetworkPrefix(IpNet);

impl NetworkPrefix {
    /// Reads an address or a network (CIDR). An address is a network of itself; an IPv4 network that is written the
    /// IPv6 way (`::ffff:10.0.0.0/104`) is one of IPv4; what stands behind the prefix is left out.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_LIMIT {
            return None;
        }
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().ok()?,
        };
        let network = match (network.addr().to_canonical(), network.prefix_len()) {
            (IpAddr::V4(address), 96..) if network.addr().is_ipv6() => {
                IpNet::V4(Ipv4Net::new(address, network.prefix_len() - 96).ok()?)
            }
            _ => network,
        };
        Some(Self(network.trunc()))
    }

    /// Whether an address is in it; `::ffff:192.0.2.7` is `192.0.2.7`.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether it is every address of its kind.
    pub fn is_everybody(self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl fmt::Display for NetworkPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a request came from, as far as allow lists are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whence {
    /// From the machine itself: the socket in the data folder, or no server at all. No list shuts it out.
    Here,
    /// From this address.
    Address(IpAddr),
    /// A trusted proxy did not say whom it speaks for, or in a way that cannot be read. Only an empty list lets it in:
    /// else a client could hide behind the proxy's own address.
    Unknown,
}

/// What an allow list belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListOf {
    /// The server as a whole.
    Server,
    /// A tenant's management.
    Tenant,
    /// A client.
    Client,
    /// An API key.
    ApiKey,
}

impl ListOf {
    /// The word in the log and in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Tenant => "tenant",
            Self::Client => "client",
            Self::ApiKey => "api_key",
        }
    }
}

/// Networks from which something may be used; none: from everywhere. Cloning shares them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowList(Arc<[NetworkPrefix]>);

impl AllowList {
    /// Reads a list, in the order in which it was sent.
    ///
    /// # Errors
    /// All that is wrong with it, fit for an answer.
    pub fn read<T: AsRef<str>>(sent: &[T]) -> Result<Self, Vec<Reason>> {
        if sent.len() > LIST_LIMIT {
            return Err(vec![Reason::EntriesMost { most: LIST_LIMIT.into() }]);
        }
        let mut networks = Vec::with_capacity(sent.len());
        let mut wrong = Vec::new();
        for text in sent.iter().map(AsRef::as_ref) {
            match NetworkPrefix::parse(text.trim()) {
                None => wrong.push(Reason::NetworkBad {
                    entry: Excerpt::of(text).into(),
                    why: Reason::NetworkRule.into(),
                }),
                Some(network) if networks.contains(&network) => {
                    wrong.push(Reason::NetworkTwice {
                        entry: Excerpt::of(text).into(),
                        network: network.to_string().into(),
                    });
                }
                Some(network) => networks.push(network),
            }
        }
        if wrong.is_empty() { Ok(Self(networks.into())) } else { Err(wrong) }
    }

    /// The list as this server wrote it down.
    ///
    /// # Errors
    /// The entry that is no network.
    pub fn from_stored(joined: &str) -> Result<Self, String> {
        let networks = joined.split(' ').filter(|text| !text.is_empty());
        networks
            .map(|text| NetworkPrefix::parse(text).ok_or_else(|| format!("{text} is no network")))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The text that is stored: networks with spaces between them.
    pub fn stored(&self) -> String {
        self.texts().join(" ")
    }

    /// The networks as they are shown.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Whether everybody is let in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether who comes from there is let in.
    pub fn admits(&self, whence: Whence) -> bool {
        self.is_empty()
            || match whence {
                Whence::Here => true,
                Whence::Address(address) => self.0.iter().any(|network| network.contains(address)),
                Whence::Unknown => false,
            }
    }
}

/// What somebody says who changes a list so that they would be shut out themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lockout {
    /// Nothing: then it is refused.
    #[default]
    Refused,
    /// That this is what they want.
    Confirmed,
}

impl Lockout {
    /// Why a list may not be set from an address; none: it may.
    pub fn problem(self, list: &AllowList, from: Option<IpAddr>) -> Option<Reason> {
        let address = from.filter(|_| self == Self::Refused)?;
        if list.admits(Whence::Address(address)) {
            return None;
        }
        let address = address.to_canonical();
        Some(Reason::Lockout { address: address.to_string().into() })
    }
}

impl From<bool> for Lockout {
    fn from(confirmed: bool) -> Self {
        if confirmed { Self::Confirmed } else { Self::Refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(entries: &[&str]) -> AllowList {
        AllowList::read(entries).unwrap()
    }

    fn from(text: &str) -> Whence {
        Whence::Address(text.parse().unwrap())
    }

    #[test]
    fn an_address_is_in_its_network_however_it_is_written() {
        let lists = list(&["10.1.2.3/8", "192.0.2.7", "2001:db8::/32", "::ffff:198.51.100.0/120", "::1"]);
        assert_eq!(
            lists.texts(),
            ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24", "::1/128"]
        );
        for inside in [
            "10.255.0.1",
            "::ffff:10.0.0.1",
            "192.0.2.7",
            "2001:DB8:ffff::1",
            "198.51.100.9",
            "::1",
            "0:0::1",
        ] {
            assert!(lists.admits(from(inside)), "{inside}");
        }
        for outside in ["11.0.0.1", "192.0.2.8", "2001:db9::1", "::ffff:192.0.2.8", "127.0.0.1", "::2", "::"]
        {
            assert!(!lists.admits(from(outside)), "{outside}");
        }
    }

    #[test]
    fn an_empty_list_lets_everybody_in_and_no_list_shuts_out_the_machine_itself() {
        for whence in [from("192.0.2.1"), Whence::Here, Whence::Unknown] {
            assert!(AllowList::default().admits(whence));
        }
        let some = list(&["10.0.0.0/8"]);
        assert!(some.admits(Whence::Here));
        assert!(!some.admits(Whence::Unknown), "behind a proxy that does not say for whom it speaks");
        let every_v4 = list(&["0.0.0.0/0"]);
        assert!(every_v4.admits(from("::ffff:192.0.2.1")));
        assert!(!every_v4.admits(from("2001:db8::1")));
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let told = |sent: &[&str]| -> Vec<_> {
            AllowList::read(sent).unwrap_err().iter().map(Reason::to_string).collect()
        };
        let wrong = told(&["10.0.0.0/8", "example.com", "10.0.0.1/33", "10.1.0.0/8", ""]);
        assert_eq!(
            wrong,
            [
                format!("example.com: {}", Reason::NetworkRule),
                format!("10.0.0.1/33: {}", Reason::NetworkRule),
                "10.1.0.0/8: is there twice, as 10.0.0.0/8".to_owned(),
                format!(": {}", Reason::NetworkRule),
            ]
        );
        for bad in [
            "10.0.0.0/",
            "/8",
            "10.0.0.0/8/8",
            "10.0.0.0/-1",
            "10.0.0.0 /8",
            "fe80::1%eth0",
            "[::1]",
            "010.0.0.1",
            "1.2.3",
            "::/129",
            "*",
        ] {
            assert!(AllowList::read(&[bad]).is_err(), "{bad}");
        }
        let many = vec!["10.0.0.0/8"; LIST_LIMIT + 1];
        assert_eq!(told(&many), ["has more than 100 entries"]);
        let long = format!("10.0.0.0/8{}", " ".repeat(1_000_000) + "x");
        assert!(AllowList::read(&[long]).is_err());
    }

    #[test]
    fn nobody_shuts_themselves_out_without_saying_so() {
        let some = list(&["10.0.0.0/8"]);
        let (inside, outside) = (["10.0.0.1", "::ffff:10.0.0.1"], "192.0.2.1");
        for inside in inside {
            assert_eq!(Lockout::Refused.problem(&some, inside.parse().ok()), None);
        }
        assert!(
            Lockout::Refused.problem(&some, outside.parse().ok()).unwrap().to_string().contains("192.0.2.1")
        );
        assert_eq!(Lockout::Confirmed.problem(&some, outside.parse().ok()), None);
        assert_eq!(Lockout::Refused.problem(&some, None), None, "the machine itself is never shut out");
        assert_eq!(Lockout::Refused.problem(&AllowList::default(), outside.parse().ok()), None);
    }

    proptest! {
        #[test]
        fn what_is_stored_reads_back(entries in prop::collection::hash_set((any::<std::net::Ipv6Addr>(), 0_u8..=128), 0..8)) {
            let mut texts: Vec<String> = entries.iter().map(|(address, prefix)| format!("{address}/{prefix}")).collect();
            texts.sort();
            if let Ok(list) = AllowList::read(&texts) {
                prop_assert_eq!(AllowList::from_stored(&list.stored()).unwrap(), list.clone());
                prop_assert_eq!(AllowList::read(&list.texts()).unwrap(), list);
            }
        }

        #[test]
        fn arbitrary_text_is_a_network_or_not(text in ".{0,60}") {
            if let Some(network) = NetworkPrefix::parse(&text) {
                prop_assert_eq!(NetworkPrefix::parse(&network.to_string()), Some(network));
            }
        }
    }
}
