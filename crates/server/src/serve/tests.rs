//! The accept loop over real sockets on the loopback address.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
/// Nothing here takes this long; what does has hung.
const HUNG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(80);

struct Running {
    address: SocketAddr,
    meters: Arc<ConnectionMeters>,
    shutdown: watch::Sender<Shutdown>,
    served: JoinHandle<ServeSummary>,
}

async fn start(handler: impl Handler, limits: ConnectionLimits) -> Running {
    let listeners = bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let address = listeners[0].local_addr().unwrap();
    let meters = Arc::new(ConnectionMeters::default());
    let (shutdown, receiver) = watch::channel(Shutdown::NotAsked);
    let control = Control { limits, meters: Arc::clone(&meters), shutdown: receiver };
    let served = tokio::spawn(serve(listeners, handler, control));
    Running { address, meters, shutdown, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn ask(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        to_end(&mut stream).await
    }

    async fn end(self) -> ServeSummary {
        tokio::time::timeout(HUNG, self.served).await.expect("the server ends").unwrap()
    }
}

async fn hello(_: Request<Incoming>, _: ConnectionFacts) -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from_static(b"hello")))
}

/// Reads the body with a bound of 1 KiB and [`SHORT`], and answers its length or the error's status.
async fn measure(request: Request<Incoming>, _: ConnectionFacts) -> Response<Full<Bytes>> {
    match read_body(request.into_body(), Bound { limit: 1024, timeout: SHORT, room: None }).await {
        Ok(body) => Response::new(Full::new(Bytes::from(format!("read {}", body.len())))),
        Err(error) => {
            let mut response = Response::new(Full::new(Bytes::from(error.to_string())));
            *response.status_mut() = error.status();
            response
        }
    }
}

/// One answer with a body of known length; the connection stays.
async fn one_answer(stream: &mut TcpStream) -> String {
    let read = async {
        let mut text = Vec::new();
        loop {
            let so_far = String::from_utf8_lossy(&text).into_owned();
            if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                if body.len() >= length.parse().unwrap() {
                    return so_far;
                }
            }
            assert_ne!(stream.read_buf(&mut text).await.unwrap(), 0, "closed after {so_far:?}");
        }
    };
    tokio::time::timeout(HUNG, read).await.expect("an answer")
}

/// All that comes until the server ends its side. A reset fails the test.
async fn to_end(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(HUNG, stream.read_to_end(&mut text)).await.expect("an end").expect("no reset");
    String::from_utf8(text).unwrap()
}

async fn until_one(meter: &AtomicU64) {
    let wait = async {
        while meter.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, wait).await.expect("the event is counted");
}

#[tokio::test]
async fn a_connection_carries_many_requests() {
    let server = start(hello, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(GET).await.unwrap();
        let answer = one_answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
    }
    assert_eq!(server.meters.accepted_total.load(Ordering::Relaxed), 1);
    assert_eq!(server.meters.open.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(hello, ConnectionLimits::default()).await;
    let mut requests = GET.repeat(40);
    requests.extend_from_slice(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert_eq!(server.ask(&requests).await.matches("hello").count(), 41);
}

/// Slowloris: every byte is in time, the head is not.
#[tokio::test]
async fn a_head_that_drips_is_answered_408() {
    let server =
        start(hello, ConnectionLimits { header_read_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let (mut from, mut to) = server.connect().await.into_split();
    let drip = tokio::spawn(async move {
        to.write_all(b"GET / HTTP/1.1\r\nx-slow: ").await.unwrap();
        while to.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let mut answer = [0; 12];
    tokio::time::timeout(HUNG, from.read_exact(&mut answer)).await.expect("an answer").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert_eq!(server.meters.header_timeouts_total.load(Ordering::Relaxed), 1);
    drip.abort();
}

#[tokio::test]
async fn a_later_head_has_a_deadline_too() {
    let server =
        start(hello, ConnectionLimits { header_read_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    one_answer(&mut stream).await;
    stream.write_all(b"GET / HT").await.unwrap();
    assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_silent_peer_is_closed_without_a_word() {
    let server =
        start(hello, ConnectionLimits { header_read_timeout: SHORT, ..ConnectionLimits::default() }).await;
    assert_eq!(server.ask(b"").await, "");
    assert_eq!(server.meters.header_timeouts_total.load(Ordering::Relaxed), 1);
}

/// Resting between requests is bounded by `keep_alive`, not by the time for a head.
#[tokio::test]
async fn a_resting_connection_is_closed_after_keep_alive() {
    let keep_alive = Duration::from_millis(300);
    let limits = ConnectionLimits {
        header_read_timeout: Duration::from_millis(40),
        keep_alive,
        ..ConnectionLimits::default()
    };
    let server = start(hello, limits).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    one_answer(&mut stream).await;
    let answered = Instant::now();
    assert_eq!(to_end(&mut stream).await, "");
    // The server's clock starts at the answer, a moment before we have it.
    let rested = answered.elapsed() + Duration::from_millis(50);
    assert!(rested >= keep_alive, "{rested:?}");
    assert_eq!(server.meters.header_timeouts_total.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_cut() {
    async fn flood(_: Request<Incoming>, _: ConnectionFacts) -> Response<Full<Bytes>> {
        Response::new(Full::new(Bytes::from(vec![b'x'; 64 << 20])))
    }
    let server =
        start(flood, ConnectionLimits { write_stall_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    until_one(&server.meters.write_stalls_total).await;
}

#[tokio::test]
async fn malformed_heads_get_their_status() {
    let server = start(hello, ConnectionLimits { max_headers: 20, ..ConnectionLimits::default() }).await;
    let long = format!("GET / HTTP/1.1\r\nx-long: {}\r\n\r\n", "a".repeat(70 * 1024)).into_bytes();
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(21)).into_bytes();
    let cases: &[(&[u8], &str)] = &[
        (b"GET\r\n\r\n", "400"),
        (b"G\x01T / HTTP/1.1\r\n\r\n", "400"),
        (b"GET / HTTP/9.9\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nname : x\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\ncontent-length: 1, 2\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n", "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        (&long, "431"),
        (&many, "431"),
    ];
    for (request, status) in cases {
        let answer = server.ask(request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(60)]);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer:?}");
    }
}

/// hyper's own bound of 100 fields applies where the limits leave it alone.
#[tokio::test]
async fn a_hundred_fields_are_the_default_bound() {
    let server = start(hello, ConnectionLimits::default()).await;
    let fields = |count| format!("GET / HTTP/1.0\r\n{}\r\n", "x: y\r\n".repeat(count)).into_bytes();
    assert!(server.ask(&fields(100)).await.starts_with("HTTP/1.0 200 "));
    assert!(server.ask(&fields(101)).await.contains(" 431 "));
}

#[tokio::test]
async fn a_head_that_ends_in_its_middle_is_answered_400() {
    let server = start(hello, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_peer_that_has_ended_its_side_gets_its_answer() {
    async fn later(_: Request<Incoming>, _: ConnectionFacts) -> Response<Full<Bytes>> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Response::new(Full::new(Bytes::from_static(b"later")))
    }
    let server = start(later, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(to_end(&mut stream).await.ends_with("later"));
}

#[tokio::test]
async fn a_body_within_the_bound_is_read_whatever_its_framing() {
    let server = start(measure, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    for request in [
        "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\na=b",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\na=\r\n1\r\nb\r\n0\r\n\r\n",
    ] {
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(one_answer(&mut stream).await.ends_with("read 3"));
    }
}

/// The peer sends all of it before it reads: the answer must survive the unread rest.
#[tokio::test]
async fn a_body_too_large_is_answered_413_and_not_reset() {
    let server = start(measure, ConnectionLimits::default()).await;
    let upload = vec![b'x'; 4 << 20];
    let announced = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n", upload.len());
    let chunked = format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", upload.len());
    for head in [announced, chunked] {
        let mut stream = server.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&upload).await.expect("the upload is not reset");
        stream.shutdown().await.unwrap();
        assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 413 "));
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_408() {
    let server = start(measure, ConnectionLimits { linger: SHORT, ..ConnectionLimits::default() }).await;
    let answer = server.ask(b"POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_ends_early_is_answered_400() {
    let server = start(measure, ConnectionLimits::default()).await;
    let cases: [&[u8]; 2] = [
        b"POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ];
    for request in cases {
        let mut stream = server.connect().await;
        stream.write_all(request).await.unwrap();
        stream.shutdown().await.unwrap();
        assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 400 "));
    }
}

#[tokio::test]
async fn at_the_bound_newcomers_wait_and_are_served_in_the_end() {
    let server = start(hello, ConnectionLimits { max_connections: 1, ..ConnectionLimits::default() }).await;
    let mut first = server.connect().await;
    first.write_all(GET).await.unwrap();
    one_answer(&mut first).await;
    until_one(&server.meters.refused_at_bound_total).await;

    let mut second = server.connect().await;
    second.write_all(GET).await.unwrap();
    let mut early = [0; 1];
    let waiting = tokio::time::timeout(SHORT, second.read(&mut early)).await;
    assert!(waiting.is_err(), "answered beyond the bound");
    assert_eq!(server.meters.open.load(Ordering::Relaxed), 1);

    drop(first);
    assert!(one_answer(&mut second).await.ends_with("hello"));
    assert_eq!(server.meters.accepted_total.load(Ordering::Relaxed), 2);
}

/// One address cannot hold every connection: one of its own beyond its share is closed, and another address is served.
#[tokio::test]
async fn a_network_has_its_share_of_the_connections() {
    let limits = ConnectionLimits {
        max_connections: 4,
        max_connections_per_network: 2,
        ..ConnectionLimits::default()
    };
    let server = start(hello, limits).await;
    let mut crowd = [server.connect().await, server.connect().await];
    for stream in &mut crowd {
        stream.write_all(GET).await.unwrap();
        one_answer(stream).await;
    }
    let mut third = server.connect().await;
    let mut answer = Vec::new();
    // Closed, with or without a reset.
    let _ = third.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    until_one(&server.meters.refused_of_network_total).await;
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(server.address).await.unwrap();
    other.write_all(GET).await.unwrap();
    assert!(one_answer(&mut other).await.ends_with("hello"));
    drop(crowd);
}

/// A handler that says when it has begun and waits to be let go.
fn held() -> (Arc<Notify>, Arc<Notify>, impl Handler) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (says, waits) = (Arc::clone(&begun), Arc::clone(&go));
    let handler = move |_: Request<Incoming>, _: ConnectionFacts| {
        let (says, waits) = (Arc::clone(&says), Arc::clone(&waits));
        async move {
            says.notify_one();
            waits.notified().await;
            Response::new(Full::new(Bytes::from_static(b"done")))
        }
    };
    (begun, go, handler)
}

#[tokio::test]
async fn drain_answers_what_is_in_flight_and_then_closes() {
    let (begun, go, handler) = held();
    let server = start(handler, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    begun.notified().await;
    server.shutdown.send_replace(Shutdown::Drain);
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await; // until the listener is closed
    }
    go.notify_one();
    let answer = to_end(&mut stream).await;
    assert!(answer.contains("connection: close\r\n") && answer.ends_with("done"), "{answer}");
    assert_eq!(server.end().await.drained, Drained::Clean);
}

/// Nothing yields between the peer's write and the signal, so only the kernel has these requests.
#[tokio::test]
async fn drain_answers_what_only_the_kernel_has_received() {
    let server = start(hello, ConnectionLimits::default()).await;
    let mut known = server.connect().await;
    known.write_all(GET).await.unwrap();
    one_answer(&mut known).await;
    let mut known = known.into_std().unwrap();
    let mut unknown = std::net::TcpStream::connect(server.address).unwrap();

    known.write_all(GET).unwrap();
    unknown.write_all(GET).unwrap();
    server.shutdown.send_replace(Shutdown::Drain);

    unknown.set_nonblocking(true).unwrap();
    for stream in [known, unknown] {
        let answer = to_end(&mut TcpStream::from_std(stream).unwrap()).await;
        assert!(answer.contains("connection: close\r\n") && answer.ends_with("hello"), "{answer:?}");
    }
    assert_eq!(server.end().await, ServeSummary { accepted: 2, drained: Drained::Clean });
}

#[tokio::test]
async fn drain_waits_for_a_head_that_has_begun() {
    let server = start(hello, ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    one_answer(&mut stream).await;
    let (begin, rest) = GET.split_at(7);
    stream.write_all(begin).await.unwrap();
    server.shutdown.send_replace(Shutdown::Drain);
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(rest).await.unwrap();
    assert!(to_end(&mut stream).await.ends_with("hello"));
    assert_eq!(server.end().await.drained, Drained::Clean);
}

#[tokio::test]
async fn drain_does_not_wait_for_resting_connections() {
    let server =
        start(hello, ConnectionLimits { drain_timeout: HUNG * 2, ..ConnectionLimits::default() }).await;
    let fresh = server.connect().await;
    let mut resting = server.connect().await;
    resting.write_all(GET).await.unwrap();
    one_answer(&mut resting).await;
    server.shutdown.send_replace(Shutdown::Drain);
    assert_eq!(to_end(&mut resting).await, "");
    assert_eq!(server.end().await.drained, Drained::Clean);
    drop(fresh);
}

#[tokio::test]
async fn drain_has_an_end() {
    let (begun, _go, handler) = held();
    let server =
        start(handler, ConnectionLimits { drain_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    begun.notified().await;
    server.shutdown.send_replace(Shutdown::Drain);
    assert_eq!(server.end().await.drained, Drained::Cut(1));
}

#[tokio::test]
async fn the_second_signal_cuts() {
    let (begun, _go, handler) = held();
    let server =
        start(handler, ConnectionLimits { drain_timeout: HUNG * 2, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    begun.notified().await;
    server.shutdown.send_replace(Shutdown::Drain);
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.shutdown.send_replace(Shutdown::Now);
    assert_eq!(server.end().await.drained, Drained::Cut(1));
}

#[tokio::test]
async fn process_signals_ask_for_drain_and_then_for_now() {
    let mut stage = shutdown_signal().unwrap();
    for (signal, expected) in [("TERM", Shutdown::Drain), ("INT", Shutdown::Now)] {
        let kill = format!("kill -{signal} {}", std::process::id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let seen = tokio::time::timeout(HUNG, stage.wait_for(|now| *now == expected)).await;
        assert!(seen.expect("the signal is heard").is_ok());
    }
}

#[tokio::test]
async fn a_tower_service_sees_the_facts_as_an_extension() {
    let service = tower::service_fn(|request: Request<Incoming>| async move {
        let facts = request.extensions().get::<ConnectionFacts>().copied();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{facts:?}")))))
    });
    let server = start(Tower(service), ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let facts = ConnectionFacts::new(stream.local_addr().unwrap(), server.address);
    assert!(one_answer(&mut stream).await.ends_with(&format!("{:?}", Some(facts))));
}

#[tokio::test]
async fn an_axum_router_is_a_handler() {
    let router = axum::Router::new().route("/", axum::routing::get(async || "from axum"));
    let server = start(Tower(router), ConnectionLimits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    assert!(one_answer(&mut stream).await.ends_with("from axum"));
}

/// Whoever is refused too often is not listened to either: the connection ends with the answer, although a body is on its
/// way.
#[tokio::test]
async fn after_a_curt_answer_nothing_more_is_read() {
    let curt = |_: Request<Incoming>, _: ConnectionFacts| async {
        let mut response = Response::new(Full::new(Bytes::from_static(b"no")));
        response.extensions_mut().insert(Curt);
        response
    };
    let server = start(curt, ConnectionLimits { linger: HUNG * 2, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\nxyz")
        .await
        .unwrap();
    let over = async {
        let mut scrap = Vec::new();
        // The answer, or a reset: whichever is faster.
        let _ = stream.read_to_end(&mut scrap).await;
        while server.meters.open.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HUNG, over).await.expect("the connection ends");
}
