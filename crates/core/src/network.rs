//! The network of an address: what one customer of a provider has, more or less. Whatever callers without a credential
//! share, they share by network.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Bits of an IPv6 address that are its network's: providers give a customer a /56, or more.
const V6_BITS: u32 = 56;

/// An IPv4 address, or the /56 of an IPv6 address. An IPv4 address written the IPv6 way is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let host = u128::BITS - V6_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> host << host))
            }
        })
    }

    /// Its first address.
    pub const fn first(self) -> IpAddr {
        self.0
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self::of(address)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/{V6_BITS}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_the_56_bits_of_a_customer() {
        let of = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2ff:1::9"), "2001:db8:1:200::/56");
        assert_eq!(of("2001:db8:1:200::"), of("2001:db8:1:2ff:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2ff::"), of("2001:db8:1:300::"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }
}
