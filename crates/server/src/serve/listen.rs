//! Which sockets a `--listen` value means, and what to say when one cannot be had.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel holds for us between two accepts.
const BACKLOG: u32 = 1024;
/// How often a free port is sought that both loopback addresses have.
const PORT_TRIES: usize = 16;

/// One value of `--listen`. Port 0 means a free port of the kernel's choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenAddress {
    /// `localhost:port`: both loopback addresses, the same port on each.
    Loopback {
        /// The port.
        port: u16,
    },
    /// `:port`: every address of the machine, IPv6 and IPv4.
    Every {
        /// The port.
        port: u16,
    },
    /// A literal address: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:8080`.
    Socket(SocketAddr),
    /// A name, looked up when binding; every address it has is bound.
    Name {
        /// The name.
        host: String,
        /// The port.
        port: u16,
    },
}

/// A `--listen` value that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not an address to listen on: write `host:port`, `:port` or `[ipv6]:port`, for example `localhost:8080`"
)]
pub struct ListenAddressError {
    text: String,
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, ListenAddressError> {
        let wrong = || ListenAddressError { text: text.to_owned() };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::Socket(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let port = port.parse().map_err(|_| wrong())?;
        if host.is_empty() {
            return Ok(Self::Every { port });
        }
        if host.eq_ignore_ascii_case("localhost") {
            return Ok(Self::Loopback { port });
        }
        // Letters, digits, hyphens, dots (RFC 1123 §2.1); the rest, an unbracketed IPv6 address too, is a slip.
        if host.len() <= 253
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        {
            return Ok(Self::Name { host: host.to_owned(), port });
        }
        Err(wrong())
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback { port } => write!(f, "localhost:{port}"),
            Self::Every { port } => write!(f, ":{port}"),
            Self::Socket(address) => write!(f, "{address}"),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// Why the server cannot listen. The text is for the operator: it names the address and the way out.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there already.
    #[error(
        "cannot listen on {address}: the address is already in use, perhaps by another running Writ or by another program (`ss -ltnp 'sport = :{port}'` shows which). Stop it, or choose another port, for example `--listen localhost:{next}`",
        port = .address.port(),
        next = other_port(.address.port())
    )]
    InUse {
        /// The address that is taken.
        address: SocketAddr,
    },
    /// The process may not bind this address; ports below 1024 are often reserved.
    #[error(
        "cannot listen on {address}: not permitted. Ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); or choose a higher port, for example `--listen localhost:8080`"
    )]
    NotPermitted {
        /// The address that was refused.
        address: SocketAddr,
    },
    /// The machine has no such address.
    #[error(
        "cannot listen on {address}: this machine has no such address. Choose one of its own, `--listen localhost:{port}` for this machine only or `--listen :{port}` for all of its addresses",
        port = .address.port()
    )]
    NoSuchAddress {
        /// The address that is not there.
        address: SocketAddr,
    },
    /// The name has no address.
    #[error(
        "cannot listen on {host}: the name has no address ({source}). Give an address instead, for example `--listen 127.0.0.1:8080`"
    )]
    Unresolved {
        /// The name.
        host: String,
        /// What the lookup said.
        source: io::Error,
    },
    /// Anything else that the operating system said.
    #[error("cannot listen on {address}: {source}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

fn other_port(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8080)
}

impl BindError {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress { address },
            _ => Self::Other { address, source },
        }
    }

    /// The text for an address that another flag than `--listen` gives.
    pub fn with_flag(&self, flag: &str) -> String {
        self.to_string().replace("`--listen ", &format!("`{flag} "))
    }

    /// Whether the address family itself is missing here, as IPv6 is in many containers.
    fn is_missing_family(&self) -> bool {
        match self {
            Self::NoSuchAddress { .. } => true,
            Self::Other { source, .. } => {
                // EAFNOSUPPORT; the standard library has no kind for it.
                source.kind() == io::ErrorKind::Unsupported
                    || source.raw_os_error() == Some(if cfg!(target_os = "linux") { 97 } else { 47 })
            }
            Self::InUse { .. } | Self::NotPermitted { .. } | Self::Unresolved { .. } => false,
        }
    }
}

/// Binds every socket that `listen` means, in order; all of them or none.
///
/// # Errors
/// The first address that cannot be had, as a [`BindError`].
pub async fn bind(listen: &[ListenAddress]) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::new();
    for address in listen {
        match address {
            ListenAddress::Loopback { port } => bind_loopback(*port, &mut listeners)?,
            ListenAddress::Every { port } => listeners.push(bind_every(*port)?),
            ListenAddress::Socket(address) => listeners.push(bind_one(*address)?),
            ListenAddress::Name { host, port } => bind_name(host, *port, &mut listeners).await?,
        }
    }
    Ok(listeners)
}

fn bind_one(address: SocketAddr) -> Result<TcpListener, BindError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A restart must not wait for the old connections' TIME_WAIT. Two listeners stay impossible.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|source| BindError::new(address, source))
}

fn bind_loopback(port: u16, listeners: &mut Vec<TcpListener>) -> Result<(), BindError> {
    let mut tries = if port == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let v4 = bind_one(address)?;
        let chosen = v4.local_addr().map_err(|source| BindError::Other { address, source })?.port();
        match bind_one(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), chosen)) {
            Ok(v6) => listeners.extend([v4, v6]),
            Err(error) if error.is_missing_family() => {
                tracing::debug!(%error, "no IPv6 loopback here: listening on IPv4 alone");
                listeners.push(v4);
            }
            Err(BindError::InUse { .. }) if tries > 0 => continue,
            Err(error) => return Err(error),
        }
        return Ok(());
    }
}

fn bind_every(port: u16) -> Result<TcpListener, BindError> {
    // One dual-stack socket; IPv4 peers appear on it as mapped addresses and are made canonical at accept.
    match bind_one(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)) {
        Err(error) if error.is_missing_family() => {
            tracing::debug!(%error, "no IPv6 here: listening on IPv4 alone");
            bind_one(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port))
        }
        bound => bound,
    }
}

async fn bind_name(host: &str, port: u16, listeners: &mut Vec<TcpListener>) -> Result<(), BindError> {
    let unresolved = |source| BindError::Unresolved { host: host.to_owned(), source };
    let before = listeners.len();
    for address in tokio::net::lookup_host((host, port)).await.map_err(unresolved)? {
        listeners.push(bind_one(address)?);
    }
    if listeners.len() == before {
        return Err(unresolved(io::ErrorKind::NotFound.into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_parses_and_prints_itself() {
        for (text, meant) in [
            ("localhost:8080", ListenAddress::Loopback { port: 8080 }),
            (":9090", ListenAddress::Every { port: 9090 }),
            ("[::1]:8080", ListenAddress::Socket("[::1]:8080".parse().unwrap())),
            ("0.0.0.0:0", ListenAddress::Socket("0.0.0.0:0".parse().unwrap())),
            ("id.example.com:443", ListenAddress::Name { host: "id.example.com".to_owned(), port: 443 }),
        ] {
            let parsed: ListenAddress = text.parse().unwrap();
            assert_eq!(parsed, meant);
            assert_eq!(parsed.to_string(), text);
        }
        assert_eq!("LOCALHOST:1".parse(), Ok(ListenAddress::Loopback { port: 1 }));
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_an_example() {
        let wrong = [
            "",
            "localhost",
            "8080",
            "::1:8080",
            "[::1]",
            "host:",
            "host:x",
            "host:70000",
            "host:+1",
            "a b:1",
        ];
        for text in wrong {
            let error = text.parse::<ListenAddress>().expect_err(text);
            assert!(error.to_string().contains("localhost:8080"), "{error}");
        }
    }

    #[tokio::test]
    async fn localhost_binds_both_loopback_addresses_on_one_port() {
        let bound = bind(&["localhost:0".parse().unwrap()]).await.unwrap();
        let addresses: Vec<_> = bound.iter().map(|listener| listener.local_addr().unwrap()).collect();
        assert_eq!(addresses[0].ip(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert_ne!(addresses[0].port(), 0);
        if bind_one("[::1]:0".parse().unwrap()).is_ok() {
            let v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), addresses[0].port());
            assert_eq!(addresses[1..], [v6]);
        } else {
            assert_eq!(addresses.len(), 1);
        }
    }

    #[tokio::test]
    async fn an_address_in_use_names_itself_and_the_way_out() {
        let holder = bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
        let taken = holder[0].local_addr().unwrap();
        let error = bind(&[ListenAddress::Socket(taken)]).await.expect_err("two listeners on one address");
        let text = error.to_string();
        for part in
            [taken.to_string().as_str(), "already in use", "--listen localhost:", "another running Writ"]
        {
            assert!(text.contains(part), "{text}");
        }
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_said_so() {
        let error = bind(&["192.0.2.1:0".parse().unwrap()]).await.expect_err("a documentation address");
        assert!(error.to_string().contains("no such address"), "{error}");
    }
}
