//! What answers a request, and what it is told about the connection.

use std::convert::Infallible;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tower::ServiceExt as _;

/// What is known of a connection before its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// The peer's address. An IPv4 peer of a dual-stack socket is shown as IPv4, never as `::ffff:…`, so that
    /// rate limits and address rules see one spelling.
    pub peer: SocketAddr,
    /// The local address that the peer reached, canonical likewise.
    pub local: SocketAddr,
    /// What the requests come over.
    pub transport: Transport,
}

/// What requests come over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP in the clear.
    Plain,
    /// TLS that ends here.
    Tls,
    /// A unix socket of this machine.
    Local {
        /// The user at the other end.
        uid: u32,
    },
}

impl ConnectionFacts {
    /// Facts of a connection in the clear between these two ends, both made canonical.
    pub fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { peer: canonical(peer), local: canonical(local), transport: Transport::Plain }
    }

    /// The same, over TLS.
    #[must_use]
    pub fn over_tls(self) -> Self {
        Self { transport: Transport::Tls, ..self }
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// In the extensions of an answer: nothing more is read after it. Whoever is still sending loses the answer, and costs
/// nothing any more.
#[derive(Clone, Copy, Debug)]
pub struct Curt;

/// Answers requests. Implemented by every `Fn(Request<Incoming>, ConnectionFacts) -> impl Future<Output =
/// Response<B>>`, and by [`Tower`] for tower services such as an axum router.
///
/// The facts come as an argument and not as a request extension because the first extension of a request costs
/// three allocations; a handler that wants them there inserts them ([`Tower`] does).
pub trait Handler: Send + Sync + 'static {
    /// The body of the answers.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Whether a peer speaks for many, as a proxy does: its connections are not those of one network.
    fn speaks_for_many(&self, _peer: IpAddr) -> bool {
        false
    }

    /// Answers one request. Errors are answers: there is no other way out.
    fn handle(
        &self,
        request: Request<Incoming>,
        facts: ConnectionFacts,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

impl<F, Answer, B> Handler for F
where
    F: Fn(Request<Incoming>, ConnectionFacts) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Response<B>> + Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Body = B;

    fn handle(
        &self,
        request: Request<Incoming>,
        facts: ConnectionFacts,
    ) -> impl Future<Output = Response<B>> + Send {
        self(request, facts)
    }
}

/// A tower service as a [`Handler`]: [`ConnectionFacts`] becomes a request extension, the service is cloned per
/// request.
#[derive(Clone, Debug)]
pub struct Tower<S>(pub S);

impl<S, B> Handler for Tower<S>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Body = B;

    fn handle(
        &self,
        mut request: Request<Incoming>,
        facts: ConnectionFacts,
    ) -> impl Future<Output = Response<B>> + Send {
        request.extensions_mut().insert(facts);
        let service = self.0.clone();
        async move {
            match service.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_peer_is_shown_as_ipv4() {
        let facts =
            ConnectionFacts::new("[::ffff:192.0.2.7]:4711".parse().unwrap(), "[::1]:8080".parse().unwrap());
        assert_eq!(facts.peer, "192.0.2.7:4711".parse().unwrap());
        assert_eq!(facts.local, "[::1]:8080".parse().unwrap());
    }
}
