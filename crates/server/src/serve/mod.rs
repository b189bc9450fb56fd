//! The accept loop: sockets in, requests to a [`Handler`], and a clean end.
//!
//! It is our own loop on hyper because a server that faces the open network must bound what a peer can hold:
//! connections, header bytes, header time, idle time, stalled writes. The parts:
//!
//! | file | what it decides |
//! |---|---|
//! | `listen` | which sockets `--listen` means, and what to say when one is taken |
//! | `limits` | the bounds and their units |
//! | `accept` | the loop over listeners, the bound on connections, the drain |
//! | `connection` | one connection from accept to close |
//! | `crowd` | what one network may hold at once |
//! | `tls` | which certificate is shown, and how it changes without a restart |
//! | `secure` | the TLS handshake, within a time |
//! | `h2` | one HTTP/2 connection |
//! | `pulse` | what a connection is doing right now, seen from its byte stream |
//! | `watchdog` | which deadline applies to that, without a timer per request |
//! | `body` | reading a request body within a size and a time |
//! | `unix` | the socket of the machine's operator |
//! | `drain` | the three stages of a server's life and the signals that change them |
//!
//! **HTTP/1.1 only in the clear, on purpose.** No browser and no common client library speaks HTTP/2 over cleartext, sniffing
//! for its preface costs a rewound stream and one more future on every connection, and the HTTP/1 builder alone
//! lets this module watch the byte stream. Over TLS, ALPN names the protocol before the first byte:
//! [`connection::drive`] is generic over [`connection::Wire`], so a TLS stream takes the same path, and [`h2`]
//! is a sibling of it. In the clear, a peer that sends the HTTP/2 preface anyway is answered 400.

mod accept;
mod body;
mod connection;
mod crowd;
mod drain;
mod h2;
mod handler;
mod limits;
mod listen;
mod meters;
mod pulse;
mod secure;
mod tls;
mod unix;
mod watchdog;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

pub use accept::{Control, serve, serve_tls};
pub use body::{BodyError, Bound, read_body};
pub use crowd::{Bodies, Room};
pub use drain::{Drained, ServeSummary, Shutdown, shutdown_signal};
pub use handler::{ConnectionFacts, Curt, Handler, Tower, Transport};
pub use limits::ConnectionLimits;
pub use listen::{BindError, ListenAddress, ListenAddressError, bind};
pub use meters::ConnectionMeters;

pub use tls::{LOOK_AGAIN, ReloadedFiles, Tls, TlsError, TlsFiles, hang_ups};
pub use unix::serve_local;
