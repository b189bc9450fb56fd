//! Where a call goes to, as it is written.

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use super::address::{Loopback, address_is_refused, name_is_refused};
use super::guard::OutboundError;

/// Characters of an address at the most.
const LONGEST: usize = 2048;

/// An address that may be called, as far as that can be known before its name is looked up.
#[derive(Debug)]
pub(super) struct CallablePlace {
    authority: Authority,
    path: PathAndQuery,
}

/// Whether an address is one that may be called.
pub(super) fn checked(address: IpAddr, loopback: Loopback) -> Result<(), OutboundError> {
    match address_is_refused(address, loopback) {
        Some(what) => Err(OutboundError::Address { address, what }),
        None => Ok(()),
    }
}

impl CallablePlace {
    pub(super) fn read(text: &str, loopback: Loopback) -> Result<Self, OutboundError> {
        if text.len() > LONGEST {
            return Err(OutboundError::Uri("the address is too long"));
        }
        let uri: Uri = text.parse().map_err(|_| OutboundError::Uri("not an address"))?;
        let parts = uri.into_parts();
        if parts.scheme != Some(Scheme::HTTPS) {
            return Err(OutboundError::Uri("not https"));
        }
        let authority = parts.authority.ok_or(OutboundError::Uri("no host"))?;
        if authority.as_str().contains('@') {
            return Err(OutboundError::Uri("user information before the host"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let place = Self { authority, path };
        match place.host().parse() {
            Ok(address) => checked(address, loopback)?,
            Err(_) => {
                if let Some(what) = name_is_refused(place.host(), loopback) {
                    return Err(OutboundError::Name { host: place.host().to_owned(), what });
                }
            }
        }
        Ok(place)
    }

    /// The host, without the brackets of IPv6.
    pub(super) fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    pub(super) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(443)
    }

    /// The value of `Host`.
    pub(super) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Path and query.
    pub(super) fn path(&self) -> &str {
        self.path.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_called() {
        for (text, host, port, path) in [
            ("https://a.example.com", "a.example.com", 443, "/"),
            ("https://a.example.com/jwks.json?v=1", "a.example.com", 443, "/jwks.json?v=1"),
            ("https://a.example.com:8443/", "a.example.com", 8443, "/"),
            ("https://8.8.8.8/keys", "8.8.8.8", 443, "/keys"),
            ("https://[2606:4700:4700::1111]:444/", "2606:4700:4700::1111", 444, "/"),
        ] {
            let place = CallablePlace::read(text, Loopback::Refused).unwrap();
            assert_eq!((place.host(), place.port(), place.path()), (host, port, path), "{text}");
        }
    }

    #[test]
    fn addresses_that_are_not() {
        let long = format!("https://a.example.com/{}", "x".repeat(LONGEST));
        for text in [
            "",
            "/",
            "a.example.com",
            "a.example.com/x",
            "http://a.example.com/",
            "ftp://a.example.com/",
            "file:///etc/passwd",
            "gopher://a.example.com/",
            "https://",
            "https:///x",
            "https://:443/",
            "https://u@a.example.com/",
            "https://u:p@a.example.com/",
            "https://8.8.8.8@127.0.0.1/",
            "https://a.example.com /",
            "https://a.example.com\r\n/",
            "https://127.0.0.1/",
            "https://127.0.0.1:8080/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1%25eth0]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://localhost/",
            "https://LocalHost:443/",
            "https://metadata.google.internal/",
            "https://metadata/",
            // Spellings of 127.0.0.1 that resolvers understand: these are names without a dot. What has one is refused by
            // what it leads to.
            "https://2130706433/",
            "https://0x7f000001/",
            "https://017700000001/",
            &long,
        ] {
            assert!(CallablePlace::read(text, Loopback::Refused).is_err(), "{text}");
        }
    }
}
