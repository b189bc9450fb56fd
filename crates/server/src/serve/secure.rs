//! A connection's beginning where the listener speaks TLS: the handshake, within a time.

use std::sync::Arc;

use hyper_util::rt::TokioExecutor;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::connection::{House, Wire, drive, farewell};
use super::drain::Shutdown;
use super::h2;
use super::handler::{ConnectionFacts, Handler};
use super::meters::count;
use super::pulse::Pulse;
use super::tls::{H2, Tls};

/// Somebody spoke HTTP where TLS is spoken; a text helps more than an alert that their program cannot read.
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 34\r\nconnection: close\r\n\r\nThis port speaks TLS: use https://";

/// What connections over TLS share.
pub(super) struct Secure {
    pub(super) tls: Arc<Tls>,
    pub(super) http: hyper::server::conn::http2::Builder<TokioExecutor>,
}

impl Wire for TlsStream<TcpStream> {
    /// What is decrypted already has been seen by whoever polled; what is not is still the kernel's.
    fn has_unread(&self) -> bool {
        self.get_ref().0.has_unread()
    }
}

enum Greeted {
    Tls(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
    Gone,
}

/// Shakes hands and serves the connection until it is closed.
pub(super) async fn greet<H: Handler>(
    stream: TcpStream,
    facts: ConnectionFacts,
    house: Arc<House<H>>,
    secure: Arc<Secure>,
) {
    let greeted = tokio::select! {
        greeted = tokio::time::timeout(house.limits.handshake_timeout, shake(stream, facts, &house, &secure)) => greeted,
        () = house.stage.reached(Shutdown::Now) => return,
    };
    match greeted {
        Ok(Greeted::Tls(stream)) => {
            let facts = facts.over_tls();
            if stream.get_ref().1.alpn_protocol() == Some(H2) {
                h2::drive(*stream, facts, (house, secure)).await;
            } else {
                drive(*stream, facts, house).await;
            }
        }
        Ok(Greeted::Plain(mut stream)) => {
            count(&house.meters.handshake_failures_total);
            tracing::debug!(peer = %facts.peer, "plain HTTP where TLS is spoken");
            farewell(&mut stream, PLAIN, &Pulse::new(), &house).await;
        }
        Ok(Greeted::Gone) => {}
        Err(_) => {
            count(&house.meters.handshake_failures_total);
            tracing::debug!(peer = %facts.peer, "TLS handshake was not complete in time");
        }
    }
}

async fn shake<H>(stream: TcpStream, facts: ConnectionFacts, house: &House<H>, secure: &Secure) -> Greeted {
    let mut first = [0];
    let peeked = tokio::select! {
        biased;
        peeked = stream.peek(&mut first) => peeked,
        // A peer that has not begun is owed nothing by a server that ends.
        () = house.stage.reached(Shutdown::Drain) => {
            if !stream.has_unread() {
                return Greeted::Gone;
            }
            stream.peek(&mut first).await
        }
    };
    match (peeked, first) {
        (Ok(0) | Err(_), _) => return Greeted::Gone,
        // A method; a TLS record of a handshake begins with 22 (RFC 8446 §5.1).
        (Ok(_), [b'A'..=b'Z']) => return Greeted::Plain(stream),
        (Ok(_), _) => {}
    }
    match TlsAcceptor::from(secure.tls.current()).accept(stream).await {
        Ok(stream) => Greeted::Tls(Box::new(stream)),
        Err(error) => {
            count(&house.meters.handshake_failures_total);
            tracing::debug!(peer = %facts.peer, %error, "TLS handshake failed");
            Greeted::Gone
        }
    }
}
