//! One connection, from accept to close.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::TcpStream as StdTcpStream;
use std::os::fd::AsFd as _;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::drain::{Shutdown, Stage};
use super::handler::{ConnectionFacts, Curt, Handler};
use super::limits::ConnectionLimits;
use super::meters::{ConnectionMeters, count};
use super::pulse::{Phase, Pulse, Watched};
use super::secure::Secure;
use super::watchdog::{Watchdog, WatchdogVerdict};

/// hyper keeps this many header fields on the stack if it is left alone.
const HEADERS_ON_STACK: usize = 100;
/// The smallest buffer that hyper accepts.
const SMALLEST_BUFFER: usize = 8192;
/// What a lingering close reads and throws away at most. A peer that sends more loses its answer.
const LINGER_BYTES: usize = 16 * 1024 * 1024;

// These two answers hyper cannot give. They bear no Date, because this layer has no wall clock.
const LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BROKEN: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A byte stream that requests come over: TCP, or TLS over TCP.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Whether the kernel has received bytes that nobody has read, asked of the kernel itself. Only used while
    /// draining.
    fn has_unread(&self) -> bool;
}

impl Wire for TcpStream {
    fn has_unread(&self) -> bool {
        // A second descriptor of the same non-blocking socket: the runtime's own readiness may lag behind.
        let Ok(descriptor) = self.as_fd().try_clone_to_owned() else {
            return false;
        };
        matches!(StdTcpStream::from(descriptor).peek(&mut [0]), Ok(1..))
    }
}

/// What every connection of a server shares.
pub(super) struct House<H> {
    pub(super) handler: H,
    pub(super) http: http1::Builder,
    pub(super) limits: ConnectionLimits,
    pub(super) stage: Arc<Stage>,
    pub(super) meters: Arc<ConnectionMeters>,
    /// What is needed where the listeners speak TLS.
    pub(super) secure: Option<Arc<Secure>>,
}

/// The HTTP/1 settings that `limits` ask for.
pub(super) fn protocol(limits: &ConnectionLimits) -> http1::Builder {
    let mut http = http1::Builder::new();
    let head = limits.max_header_bytes.max(SMALLEST_BUFFER);
    http.max_header_size(head)
        .max_buf_size(head)
        // The watchdog does it, for less and more exactly.
        .header_read_timeout(None)
        // A peer may end its side and still wait for the answer; and a request that has been read is carried out
        // even if the peer has gone, because what it changes must not depend on that race.
        .half_close(true);
    if limits.max_headers != HEADERS_ON_STACK {
        http.max_headers(limits.max_headers);
    }
    http
}

/// What one connection's requests share; one reference is taken per request.
struct Exchange<H> {
    house: Arc<House<H>>,
    facts: ConnectionFacts,
    pulse: Arc<Pulse>,
}

/// How the HTTP part of a connection ended.
enum HttpEnding {
    /// hyper is done: the peer left, one side said `close`, or the stream broke.
    Over(Result<(), hyper::Error>),
    /// We ended a resting connection. Nothing is on its way, so nothing can be destroyed.
    Polite,
    /// A head was late.
    HeadLate,
    /// The peer does not read.
    Stalled,
    /// The server ends now.
    Abandoned,
}

/// Serves one connection until it is closed.
pub(super) async fn drive<IO: Wire, H: Handler>(io: IO, facts: ConnectionFacts, house: Arc<House<H>>) {
    let pulse = Arc::new(Pulse::new());
    let io = Watched { io, pulse: Arc::clone(&pulse), stage: Arc::clone(&house.stage) };
    let exchange = Arc::new(Exchange { house: Arc::clone(&house), facts, pulse: Arc::clone(&pulse) });
    let service = service_fn(move |request: Request<Incoming>| {
        let exchange = Arc::clone(&exchange);
        exchange.pulse.begin();
        async move {
            let mut response = exchange.house.handler.handle(request, exchange.facts).await;
            exchange.pulse.answered();
            if response.extensions_mut().remove::<Curt>().is_some() {
                exchange.pulse.be_curt();
            }
            if exchange.house.stage.get() != Shutdown::NotAsked {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = house.http.serve_connection(TokioIo::new(io), service);
    let ending = exchanges(&mut connection, &house, &pulse).await;
    let mut io = connection.into_parts().io.into_inner().io;

    match ending {
        HttpEnding::Over(Ok(())) => linger(&mut io, &pulse, &house).await,
        HttpEnding::Over(Err(error)) => {
            tracing::debug!(peer = %facts.peer, %error, "connection ended with an error");
            let is_broken_head = error.is_parse() || error.is_incomplete_message();
            match pulse.phase() {
                // The HTTP/2 preface, or a head that ends in its middle: hyper just leaves.
                Phase::FirstHead | Phase::Head if is_broken_head => {
                    farewell(&mut io, BROKEN, &pulse, &house).await;
                }
                Phase::Refused => linger(&mut io, &pulse, &house).await,
                Phase::Fresh | Phase::FirstHead | Phase::Head | Phase::Busy | Phase::Idle => {}
            }
        }
        HttpEnding::HeadLate => {
            count(&house.meters.header_timeouts_total);
            tracing::debug!(peer = %facts.peer, "request head did not arrive in time");
            if pulse.phase() != Phase::Fresh {
                farewell(&mut io, LATE, &pulse, &house).await;
            }
        }
        HttpEnding::Stalled => {
            count(&house.meters.write_stalls_total);
            tracing::debug!(peer = %facts.peer, "peer does not read its answer");
        }
        HttpEnding::Polite | HttpEnding::Abandoned => {}
    }
}

/// Runs the HTTP part: hyper first, then the server's stage, then the watchdog.
async fn exchanges<IO, S, B>(
    connection: &mut http1::Connection<TokioIo<Watched<IO>>, S>,
    house: &House<impl Handler>,
    pulse: &Pulse,
) -> HttpEnding
where
    IO: Wire,
    S: hyper::service::Service<Request<Incoming>, Response = http::Response<B>, Error = Infallible>,
    S: Unpin,
    B: hyper::body::Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static,
{
    let mut watchdog = Watchdog::new(&house.limits);
    let mut changed = pin!(house.stage.changed());
    let mut is_registered = false;
    let mut is_leaving = false;
    poll_fn(move |cx| {
        loop {
            // A spawned task has one waker for life, so one registration lasts until the stage changes, and an
            // ordinary wake-up does not touch the notification's lock. Registered first, looked at second.
            if !is_registered || house.stage.get() != Shutdown::NotAsked {
                while changed.as_mut().poll(cx).is_ready() {
                    changed.set(house.stage.changed());
                }
                is_registered = true;
            }
            let stage = house.stage.get();
            if stage == Shutdown::Now {
                return Poll::Ready(HttpEnding::Abandoned);
            }
            if let Poll::Ready(outcome) = Pin::new(&mut *connection).poll(cx) {
                return Poll::Ready(match outcome {
                    Ok(()) if is_leaving => HttpEnding::Polite,
                    outcome => HttpEnding::Over(outcome),
                });
            }
            // A head that has begun, or whose bytes wait in the kernel, is answered first; its answer says `close`.
            if stage == Shutdown::Drain && !is_leaving && may_leave(pulse) {
                is_leaving = true;
                Pin::new(&mut *connection).graceful_shutdown();
                continue;
            }
            match watchdog.ask(cx, pulse) {
                WatchdogVerdict::Fine => return Poll::Pending,
                WatchdogVerdict::Rested if is_leaving => {}
                WatchdogVerdict::Rested => {
                    is_leaving = true;
                    Pin::new(&mut *connection).graceful_shutdown();
                }
                WatchdogVerdict::HeadLate => return Poll::Ready(HttpEnding::HeadLate),
                WatchdogVerdict::Stalled => return Poll::Ready(HttpEnding::Stalled),
            }
        }
    })
    .await
}

fn may_leave(pulse: &Pulse) -> bool {
    match pulse.phase() {
        Phase::Fresh | Phase::Idle => !pulse.has_unread(),
        Phase::FirstHead | Phase::Head | Phase::Busy | Phase::Refused => false,
    }
}

/// Sends an answer that hyper cannot give. Nothing else of ours may be on its way.
pub(super) async fn farewell<IO: Wire>(
    io: &mut IO,
    answer: &[u8],
    pulse: &Pulse,
    house: &House<impl Handler>,
) {
    if pulse.is_write_blocked() {
        return;
    }
    let send = async {
        io.write_all(answer).await?;
        io.shutdown().await
    };
    if let Ok(Ok(())) = tokio::time::timeout(house.limits.linger, send).await {
        linger(io, pulse, house).await;
    }
}

/// Our side is ended; reads until the peer ends its own. Closing with unread bytes makes the kernel reset the
/// connection, and a reset throws away the answer that the peer has not read yet.
async fn linger<IO: Wire>(io: &mut IO, pulse: &Pulse, house: &House<impl Handler>) {
    if pulse.peer_has_ended() || pulse.is_curt() {
        return;
    }
    let rest = async {
        let mut scrap = Vec::with_capacity(SMALLEST_BUFFER);
        let mut left = LINGER_BYTES;
        while left > 0 {
            scrap.clear();
            match io.read_buf(&mut scrap).await {
                Ok(0) => break,
                Ok(read) => left = left.saturating_sub(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    };
    tokio::select! {
        () = rest => {}
        () = tokio::time::sleep(house.limits.linger) => {}
        () = house.stage.reached(Shutdown::Now) => {}
    }
}
