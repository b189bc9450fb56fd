//! What one peer, and all peers together, may hold of the server.

use std::time::Duration;

/// The bounds of the accept loop. Every one has a default that suits an authorization server behind nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections open at once, over all listeners (count, at least 1). At the bound nothing is refused: the
    /// loop stops accepting until a connection ends, and the kernel's backlog holds the newcomers.
    pub max_connections: usize,
    /// Of these, connections of one network (an IPv4 address, a /56 of IPv6). One beyond that is closed at once, so that
    /// nobody holds them all. Peers that speak for many ([`Handler::speaks_for_many`](super::Handler)) are not counted.
    pub max_connections_per_network: usize,
    /// Time from accept to the end of the TLS handshake, where there is one. Then the connection is cut.
    pub handshake_timeout: Duration,
    /// Time from accept (over TLS from the end of the handshake) to the end of the first request head, and from the first byte of every later head to its
    /// end. A peer that began a head and is late gets 408 (RFC 9110 §15.5.9); one that sent nothing is closed
    /// without a word. Time between requests does not count: that is `keep_alive`.
    pub header_read_timeout: Duration,
    /// Bytes of a request head, request line included (count, at least 8192). More is answered 431
    /// (RFC 6585 §5).
    pub max_header_bytes: usize,
    /// Header fields of a request (count). More is answered 431. Any value other than 100 costs an allocation
    /// per request, because hyper keeps exactly 100 on the stack.
    pub max_headers: usize,
    /// Time a connection may rest between an answer and the next request's first byte. It is looked at four
    /// times per period, so a resting connection is closed after between one and one and a half of it.
    pub keep_alive: Duration,
    /// Time without progress of a write that the peer does not read. Then the connection is cut.
    pub write_stall_timeout: Duration,
    /// Time after the last byte of the last answer during which what the peer still sends is read and thrown
    /// away, so that closing does not reset the connection and destroy that answer on its way (RFC 9112 §9.6).
    pub linger: Duration,
    /// Time that requests in flight get after the shutdown signal.
    pub drain_timeout: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_connections_per_network: 1250,
            handshake_timeout: Duration::from_secs(10),
            header_read_timeout: Duration::from_secs(10),
            max_header_bytes: 64 * 1024,
            max_headers: 100,
            keep_alive: Duration::from_secs(75),
            write_stall_timeout: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            drain_timeout: Duration::from_secs(30),
        }
    }
}
