//! One HTTP/2 connection (RFC 9113), from the end of the TLS handshake to close.
//!
//! hyper bounds streams, header lists and resets; what is added here is the end of connections that do nothing.
//! A peer that does not read is found out by the pings that it does not answer.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::connection::{House, Wire};
use super::drain::Shutdown;
use super::handler::{ConnectionFacts, Handler};
use super::limits::ConnectionLimits;
use super::meters::count;
use super::secure::Secure;

/// Requests at once on one connection.
const STREAMS: u32 = 100;
/// Between two pings, and how long one may stay unanswered.
const PING: Duration = Duration::from_secs(20);
/// Bytes of bodies that a peer may have on the way, in one stream and in all: as few as HTTP/2 begins with (RFC 9113
/// §6.9.2), for they wait here before anybody has looked who sends them.
const STREAM_WINDOW: u32 = 65_535;
const CONNECTION_WINDOW: u32 = 65_535;
/// Bytes that wait for the peer in one stream.
const SEND_BUFFER: usize = 64 * 1024;

/// The HTTP/2 settings that `limits` ask for. The bounds on resets (CVE-2023-44487) are hyper's own.
pub(super) fn protocol(limits: &ConnectionLimits) -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    http
}

/// What a connection's streams are doing.
#[derive(Debug, Default)]
struct Load {
    /// Requests whose handlers are at work.
    busy: AtomicU32,
    /// Requests so far, modulo 2³².
    turns: AtomicU32,
}

/// One request at work; its stream may be reset, so its end is a drop.
struct Turn(Arc<Load>);

impl Turn {
    fn begin(load: &Arc<Load>) -> Self {
        load.busy.fetch_add(1, Relaxed);
        load.turns.fetch_add(1, Relaxed);
        Self(Arc::clone(load))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Relaxed);
    }
}

/// Serves one connection until it is closed.
pub(super) async fn drive<IO: Wire, H: Handler>(
    io: IO,
    facts: ConnectionFacts,
    (house, secure): (Arc<House<H>>, Arc<Secure>),
) {
    let load = Arc::new(Load::default());
    let (answering, counting) = (Arc::clone(&house), Arc::clone(&load));
    let service = service_fn(move |request: Request<Incoming>| {
        let (house, turn) = (Arc::clone(&answering), Turn::begin(&counting));
        async move {
            let response = house.handler.handle(request, facts).await;
            drop(turn);
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = pin!(secure.http.serve_connection(TokioIo::new(io), service));
    let mut look = pin!(tokio::time::sleep(house.limits.header_read_timeout));
    let mut turns = 0;
    let mut end = End::Open;
    loop {
        tokio::select! {
            biased;
            outcome = poll_fn(|cx| connection.as_mut().poll(cx)) => {
                if let Err(error) = outcome {
                    tracing::debug!(peer = %facts.peer, %error, "connection ended with an error");
                }
                return;
            }
            () = house.stage.reached(Shutdown::Now) => return,
            () = house.stage.reached(Shutdown::Drain), if end != End::Drain => {
                connection.as_mut().graceful_shutdown();
                end = End::Drain;
            }
            () = look.as_mut() => {
                let now = load.turns.load(Relaxed);
                let is_idle = load.busy.load(Relaxed) == 0 && now == turns;
                let pause = match (is_idle, end) {
                    (true, End::Idle) => return,
                    (true, End::Open) => {
                        if now == 0 {
                            count(&house.meters.header_timeouts_total);
                        }
                        // GOAWAY; what crosses it on the way is still answered.
                        connection.as_mut().graceful_shutdown();
                        end = End::Idle;
                        house.limits.linger
                    }
                    // A drain has an end of its own, and the last answer may still be on its way.
                    (_, End::Drain) | (false, End::Open | End::Idle) => house.limits.keep_alive,
                };
                turns = now;
                look.as_mut().reset(tokio::time::Instant::now() + pause);
            }
        }
    }
}

/// Why a connection is on its way out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is not.
    Open,
    /// Nothing has happened on it for long.
    Idle,
    /// The server ends.
    Drain,
}
