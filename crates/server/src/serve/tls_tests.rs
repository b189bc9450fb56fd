//! The accept loop over TLS, with a certification authority that lives for one test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
const LAST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
/// Nothing here takes this long; what does has hung.
const HUNG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(80);

/// A certification authority.
struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    /// Writes a certificate for localhost and its key, and gives the certificate.
    fn issue(&self, files: &TlsFiles) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        std::fs::write(&files.certificate, certificate.pem()).unwrap();
        certificate.der().clone()
    }

    /// A client that trusts this authority.
    fn client(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&[u8]]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

struct Running {
    authority: Authority,
    files: TlsFiles,
    shown: CertificateDer<'static>,
    tls: Arc<Tls>,
    address: SocketAddr,
    meters: Arc<ConnectionMeters>,
    shutdown: watch::Sender<Shutdown>,
    served: JoinHandle<ServeSummary>,
    _folder: tempfile::TempDir,
}

async fn start(handler: impl Handler, limits: ConnectionLimits) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    let files = TlsFiles { certificate: at("server.crt"), key: at("server.key") };
    let authority = Authority::new();
    let shown = authority.issue(&files);
    let tls = Arc::new(Tls::load(files.clone()).unwrap());
    let listeners = bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let address = listeners[0].local_addr().unwrap();
    let meters = Arc::new(ConnectionMeters::default());
    let (shutdown, receiver) = watch::channel(Shutdown::NotAsked);
    let control = Control { limits, meters: Arc::clone(&meters), shutdown: receiver };
    let served = tokio::spawn(serve_tls(listeners, handler, control, Arc::clone(&tls)));
    Running { authority, files, shown, tls, address, meters, shutdown, served, _folder: folder }
}

impl Running {
    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn over(&self, connector: TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").unwrap();
        let shake = connector.connect(name, self.tcp().await);
        tokio::time::timeout(HUNG, shake).await.expect("a handshake")
    }

    async fn connect(&self, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
        self.over(self.authority.client(rustls::ALL_VERSIONS, alpn)).await.unwrap()
    }

    async fn end(self) -> ServeSummary {
        tokio::time::timeout(HUNG, self.served).await.expect("the server ends").unwrap()
    }
}

fn certificate(stream: &TlsStream<TcpStream>) -> &CertificateDer<'static> {
    &stream.get_ref().1.peer_certificates().unwrap()[0]
}

async fn to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(HUNG, stream.read_to_end(&mut text)).await.expect("an end").expect("no reset");
    String::from_utf8(text).unwrap()
}

/// What the facts say of the transport, and the version of HTTP.
async fn describe(request: Request<Incoming>, facts: ConnectionFacts) -> Response<Full<Bytes>> {
    let text = format!("{:?} {:?}", facts.transport, request.version());
    Response::new(Full::new(Bytes::from(text)))
}

#[rstest::rstest]
#[case(&rustls::version::TLS13, ProtocolVersion::TLSv1_3)]
#[case(&rustls::version::TLS12, ProtocolVersion::TLSv1_2)]
#[tokio::test]
async fn both_versions_of_tls_answer(
    #[case] version: &'static SupportedProtocolVersion,
    #[case] expected: ProtocolVersion,
) {
    let server = start(describe, ConnectionLimits::default()).await;
    let mut stream = server.over(server.authority.client(&[version], &[])).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(expected));
    let requests = [GET, GET, LAST].concat();
    stream.write_all(&requests).await.unwrap();
    let answers = to_end(&mut stream).await;
    assert_eq!(answers.matches("Tls HTTP/1.1").count(), 3, "{answers}");
}

#[tokio::test]
async fn a_client_of_another_authority_refuses() {
    let server = start(describe, ConnectionLimits::default()).await;
    let stranger = Authority::new().client(rustls::ALL_VERSIONS, &[]);
    let error = server.over(stranger).await.unwrap_err();
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    let counted = async {
        while server.meters.handshake_failures_total.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, counted).await.expect("the failure is counted");
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_old_ones_live_on() {
    let server = start(describe, ConnectionLimits::default()).await;
    let mut old = server.connect(&[]).await;
    assert_eq!(certificate(&old), &server.shown);
    assert_eq!(server.tls.reload_if_changed().unwrap(), ReloadedFiles::Unchanged);

    let fresh = server.authority.issue(&server.files);
    assert_eq!(server.tls.reload_if_changed().unwrap(), ReloadedFiles::Done);
    assert_eq!(server.tls.reload_if_changed().unwrap(), ReloadedFiles::Unchanged);
    let new = server.connect(&[]).await;
    assert_eq!(certificate(&new), &fresh);
    old.write_all(LAST).await.unwrap();
    assert!(to_end(&mut old).await.ends_with("Tls HTTP/1.1"));
}

#[tokio::test]
async fn what_cannot_be_used_leaves_the_certificate_from_before() {
    let server = start(describe, ConnectionLimits::default()).await;
    let (certificate_file, key_file) = (&server.files.certificate, &server.files.key);
    let (good, key) = (std::fs::read(certificate_file).unwrap(), std::fs::read(key_file).unwrap());
    let other = KeyPair::generate().unwrap().serialize_pem().into_bytes();
    for (certificate_text, key_text, kind) in [
        (&b"nonsense"[..], &key[..], "certificate file"),
        (&b""[..], &key[..], "certificate file"),
        (&good[..good.len() / 2], &key[..], "certificate file"),
        (&good[..], &b"nonsense"[..], "key file"),
        (&good[..], &other[..], "do not go together"),
    ] {
        std::fs::write(certificate_file, certificate_text).unwrap();
        std::fs::write(key_file, key_text).unwrap();
        let error = server.tls.reload_if_changed().unwrap_err().to_string();
        assert!(error.contains(kind), "{error}");
        // It is said once and not at every look.
        assert_eq!(server.tls.reload_if_changed().unwrap(), ReloadedFiles::Unchanged);
        assert!(server.tls.reload().is_err());
        assert_eq!(certificate(&server.connect(&[]).await), &server.shown);
    }
    std::fs::remove_file(key_file).unwrap();
    assert!(server.tls.reload_if_changed().is_err());
    let fresh = server.authority.issue(&server.files);
    assert_eq!(server.tls.reload_if_changed().unwrap(), ReloadedFiles::Done);
    assert_eq!(certificate(&server.connect(&[]).await), &fresh);
}

#[tokio::test]
async fn files_are_followed() {
    let server = start(describe, ConnectionLimits::default()).await;
    let looks = Arc::clone(&server.tls).keep_fresh(Duration::from_millis(10), server.shutdown.subscribe());
    let looks = tokio::spawn(looks);
    let fresh = server.authority.issue(&server.files);
    let seen = async { while certificate(&server.connect(&[]).await) != &fresh {} };
    tokio::time::timeout(HUNG, seen).await.expect("the new certificate is shown");
    server.shutdown.send_replace(Shutdown::Drain);
    tokio::time::timeout(HUNG, looks).await.expect("following ends").unwrap();
}

#[rstest::rstest]
#[case(b"")]
#[case(b"\x16\x03\x01\x02\x00\x01")]
#[tokio::test]
async fn a_peer_that_does_not_shake_hands_is_cut(#[case] begin: &[u8]) {
    let server =
        start(describe, ConnectionLimits { handshake_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let mut stream = server.tcp().await;
    stream.write_all(begin).await.unwrap();
    let mut rest = Vec::new();
    // Cut in the middle it may see a reset; what counts is that it ends.
    let _ = tokio::time::timeout(HUNG, stream.read_to_end(&mut rest)).await.expect("an end");
    assert_eq!(rest, b"");
    assert_eq!(server.meters.handshake_failures_total.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn plain_http_is_told_to_use_tls() {
    let server = start(describe, ConnectionLimits::default()).await;
    let mut stream = server.tcp().await;
    stream.write_all(GET).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("content-length: {}\r\n", body.len())) && body.contains("TLS"),
        "{answer}"
    );
}

#[tokio::test]
async fn bytes_that_are_no_protocol_end_the_connection() {
    let server = start(describe, ConnectionLimits::default()).await;
    let mut stream = server.tcp().await;
    stream.write_all(b"\x00\x01\x02\x03\x04\x05\x06\x07").await.unwrap();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(HUNG, stream.read_to_end(&mut rest)).await.expect("an end");
    assert!(!rest.starts_with(b"HTTP"), "{rest:?}");
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_cut() {
    async fn flood(_: Request<Incoming>, _: ConnectionFacts) -> Response<Full<Bytes>> {
        Response::new(Full::new(Bytes::from(vec![b'x'; 64 << 20])))
    }
    let server =
        start(flood, ConnectionLimits { write_stall_timeout: SHORT, ..ConnectionLimits::default() }).await;
    let mut stream = server.connect(&[]).await;
    stream.write_all(GET).await.unwrap();
    let counted = async {
        while server.meters.write_stalls_total.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, counted).await.expect("the stall is counted");
}

type Sender = hyper::client::conn::http2::SendRequest<Empty<Bytes>>;

async fn http2(server: &Running) -> (Sender, JoinHandle<hyper::Result<()>>) {
    let stream = server.connect(&[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn get() -> Request<Empty<Bytes>> {
    Request::get("https://localhost/").body(Empty::new()).unwrap()
}

async fn answered(sender: &mut Sender) -> (Version, Bytes) {
    let response = tokio::time::timeout(HUNG, sender.send_request(get())).await.expect("an answer").unwrap();
    let version = response.version();
    (version, response.into_body().collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn a_peer_that_offers_http_2_gets_it() {
    let server = start(describe, ConnectionLimits::default()).await;
    let (mut sender, _connection) = http2(&server).await;
    for _ in 0..3 {
        let (version, body) = answered(&mut sender).await;
        assert_eq!((version, &body[..]), (Version::HTTP_2, &b"Tls HTTP/2.0"[..]));
    }
    assert_eq!(server.meters.accepted_total.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn alpn_decides_and_must_fit() {
    let server = start(describe, ConnectionLimits::default()).await;
    let mut stream = server.connect(&[b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream.write_all(LAST).await.unwrap();
    assert!(to_end(&mut stream).await.ends_with("Tls HTTP/1.1"));
    let other = server.authority.client(rustls::ALL_VERSIONS, &[b"spdy/3"]);
    assert!(server.over(other).await.is_err(), "RFC 7301 §3.2");
}

#[tokio::test]
async fn an_http_2_connection_that_rests_is_closed() {
    let limits = ConnectionLimits {
        keep_alive: SHORT,
        linger: SHORT,
        header_read_timeout: SHORT,
        ..ConnectionLimits::default()
    };
    let server = start(describe, limits).await;
    let (mut sender, connection) = http2(&server).await;
    answered(&mut sender).await;
    let ended = tokio::time::timeout(HUNG, connection).await.expect("an end").unwrap();
    assert!(ended.is_ok(), "{ended:?}");
    assert_eq!(server.meters.header_timeouts_total.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_http_2_connection_without_a_request_is_closed() {
    let limits =
        ConnectionLimits { header_read_timeout: SHORT, linger: SHORT, ..ConnectionLimits::default() };
    let server = start(describe, limits).await;
    let mut stream = server.connect(&[b"h2"]).await;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(HUNG, stream.read_to_end(&mut rest)).await.expect("an end");
    assert_eq!(server.meters.header_timeouts_total.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn drain_answers_http_2_requests_in_flight() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (says, waits) = (Arc::clone(&begun), Arc::clone(&go));
    let held = move |_: Request<Incoming>, _: ConnectionFacts| {
        let (says, waits) = (Arc::clone(&says), Arc::clone(&waits));
        async move {
            says.notify_one();
            waits.notified().await;
            Response::new(Full::new(Bytes::from_static(b"done")))
        }
    };
    let server = start(held, ConnectionLimits::default()).await;
    let (mut sender, _connection) = http2(&server).await;
    let asked = tokio::spawn(async move { answered(&mut sender).await.1 });
    begun.notified().await;
    server.shutdown.send_replace(Shutdown::Drain);
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await; // until the listener is closed
    }
    go.notify_one();
    assert_eq!(&asked.await.unwrap()[..], b"done");
    assert_eq!(server.end().await.drained, Drained::Clean);
}

#[tokio::test]
async fn drain_does_not_wait_for_resting_or_silent_peers() {
    let server =
        start(describe, ConnectionLimits { drain_timeout: HUNG * 2, ..ConnectionLimits::default() }).await;
    let silent = server.tcp().await;
    let mut resting = server.connect(&[]).await;
    resting.write_all(GET).await.unwrap();
    let mut first = [0; 12];
    resting.read_exact(&mut first).await.unwrap();
    let (mut sender, _connection) = http2(&server).await;
    answered(&mut sender).await;
    server.shutdown.send_replace(Shutdown::Drain);
    assert_eq!(server.end().await.drained, Drained::Clean);
    drop((silent, resting));
}
