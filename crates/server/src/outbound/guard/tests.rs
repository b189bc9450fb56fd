//! The client against hosts that mean no good: each speaks TLS on this machine, and answers byte by byte what it is told to.

use std::collections::VecDeque;
use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// What look-ups find, one after the other; after the last, nothing ever comes.
#[derive(Debug, Default)]
pub(super) struct Script {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Vec<SocketAddr>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: AtomicUsize::new(0) })
    }

    pub(super) async fn addresses(&self, _host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let next = self.answers.lock().unwrap().pop_front();
        match next {
            Some(found) => Ok(found),
            None => pending().await,
        }
    }
}

/// How a host behaves once it was asked.
#[derive(Debug, Clone)]
enum Manner {
    /// It says this and closes.
    Says(String),
    /// It says this, then one more byte every so often.
    Drips(&'static str),
    /// It says the first, then the second for ever.
    Pours(&'static str, &'static str),
    /// It never says anything.
    Hangs,
}

struct Host {
    port: u16,
    ca: Vec<u8>,
    calls: Arc<AtomicUsize>,
    heard: Arc<Mutex<String>>,
}

impl Host {
    async fn that(manner: Manner) -> Self {
        Self::named(&["localhost", "a.example.com"], manner).await
    }

    async fn named(names: &[&str], manner: Manner) -> Self {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        let ca = cert.pem().into_bytes();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (calls, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let (counter, ear) = (Arc::clone(&calls), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (acceptor, manner, ear) = (acceptor.clone(), manner.clone(), Arc::clone(&ear));
                tokio::spawn(async move {
                    // Whoever is called may find the connection gone at any time: that is what is tested.
                    let _ = answer(acceptor, stream, (manner, ear)).await;
                });
            }
        });
        Self { port, ca, calls, heard }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/jwks", self.port)
    }

    fn at(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// A client that may come here, and to others of this machine.
    fn client(&self) -> Outbound {
        client(Loopback::Allowed, Some(self.ca.clone()), NameLookup::System)
    }
}

async fn answer(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    how: (Manner, Arc<Mutex<String>>),
) -> io::Result<()> {
    let (manner, ear) = how;
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    *ear.lock().unwrap() = String::from_utf8(head).unwrap();
    match manner {
        Manner::Says(text) => stream.write_all(text.as_bytes()).await?,
        Manner::Drips(text) => {
            stream.write_all(text.as_bytes()).await?;
            loop {
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.write_all(b"x").await?;
            }
        }
        Manner::Pours(text, drop) => {
            stream.write_all(text.as_bytes()).await?;
            loop {
                stream.write_all(drop.as_bytes()).await?;
            }
        }
        Manner::Hangs => pending().await,
    }
    stream.shutdown().await
}

fn client(loopback: Loopback, extra_ca: Option<Vec<u8>>, names: NameLookup) -> Outbound {
    Outbound { names, ..Outbound::new(OutboundSettings { loopback, extra_ca }) }
}

fn ask(uri: &str) -> Ask<'_> {
    let bounds = Bounds { time: Duration::from_millis(1500), bytes: 1000 };
    Ask { uri, accept: "application/json", tenant: TenantId::from_bytes([1; 16]), bounds }
}

fn ok(fields: &str, body: &str) -> Manner {
    Manner::Says(format!("HTTP/1.1 200 OK\r\n{fields}\r\n{body}"))
}

#[tokio::test]
async fn what_a_host_says_is_fetched() {
    let body = r#"{"keys":[]}"#;
    let host = Host::that(ok("content-length: 11\r\ncache-control: max-age=60\r\n", body)).await;
    let fetched = host.client().get(ask(&host.url())).await.unwrap();
    assert_eq!(
        (&*fetched.body, &fetched.headers["cache-control"]),
        (body.as_bytes(), &"max-age=60".parse().unwrap())
    );
    let heard = host.heard.lock().unwrap().to_ascii_lowercase();
    assert!(heard.starts_with("get /jwks http/1.1\r\n"), "{heard}");
    for field in [format!("host: localhost:{}", host.port), "accept-encoding: identity".to_owned()] {
        assert!(heard.contains(&format!("\r\n{field}\r\n")), "{field}: {heard}");
    }
    assert!(!heard.contains("authorization") && !heard.contains("cookie"), "{heard}");
}

/// A form is posted as one, and done where the answer is 200 or 204, whatever the body says.
#[tokio::test]
async fn a_form_is_posted() {
    for (line, is_done) in
        [("200 OK", true), ("204 No Content", true), ("201 Created", false), ("400 Bad", false)]
    {
        let host = Host::that(Manner::Says(format!("HTTP/1.1 {line}\r\nconnection: close\r\n\r\n"))).await;
        let posted = host.client().post(ask(&host.url()), "logout_token=a".to_owned()).await;
        assert_eq!(posted.is_ok(), is_done, "{line}: {posted:?}");
        let heard = host.heard.lock().unwrap().to_ascii_lowercase();
        assert!(heard.starts_with("post /jwks http/1.1\r\n"), "{heard}");
        for field in ["content-type: application/x-www-form-urlencoded", "content-length: 14"] {
            assert!(heard.contains(&format!("\r\n{field}\r\n")), "{field}: {heard}");
        }
    }
    let moved = Host::that(Manner::Says("HTTP/1.1 307 There\r\nlocation: /b\r\n\r\n".to_owned())).await;
    let posted = moved.client().post(ask(&moved.url()), String::new()).await;
    assert_eq!((posted, moved.calls()), (Err(OutboundError::Redirect(307)), 1));
}

#[tokio::test]
async fn this_machine_is_not_called_by_any_name_or_number() {
    let host = Host::that(ok("", "")).await;
    let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), host.port);
    let public = at("93.184.216.34");
    let addresses =
        ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"];
    for refused in addresses {
        // Alone, and behind an address that is not refused: one is enough.
        for found in [vec![at(refused)], vec![public, at(refused)]] {
            let client = client(
                Loopback::Refused,
                Some(host.ca.clone()),
                NameLookup::Scripted(Script::of([found.clone()])),
            );
            let error = client.get(ask(&format!("https://a.example.com:{}/", host.port))).await.unwrap_err();
            assert!(matches!(error, OutboundError::Address { .. }), "{found:?}: {error}");
        }
    }
    // 127.0.0.1 as resolvers read it, by the resolver of this machine.
    for spelling in ["127.1", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "0x7f.0x0.0x0.0x1"] {
        let client = client(Loopback::Refused, Some(host.ca.clone()), NameLookup::System);
        client.get(ask(&format!("https://{spelling}:{}/", host.port))).await.unwrap_err();
    }
    assert_eq!(host.calls(), 0, "nobody came");
}

/// The first answer is harmless, the next one would not be: what was looked at is what is dialled.
#[tokio::test]
async fn a_name_that_changes_between_the_look_and_the_dial_gains_nothing() {
    let (first, second) = (Host::that(ok("content-length: 1\r\n", "1")).await, Host::that(ok("", "2")).await);
    let script = Script::of([vec![first.at()], vec![second.at()], vec![second.at()]]);
    let client = client(Loopback::Allowed, Some(first.ca.clone()), NameLookup::Scripted(Arc::clone(&script)));
    let fetched = client.get(ask(&format!("https://a.example.com:{}/", first.port))).await.unwrap();
    assert_eq!(&*fetched.body, b"1");
    assert_eq!((first.calls(), second.calls(), script.asked.load(Ordering::SeqCst)), (1, 0, 1));
    // And what it says next is looked at afresh.
    let bad = Script::of([vec!["192.168.1.1:443".parse().unwrap()]]);
    let client = Outbound { names: NameLookup::Scripted(bad), ..client };
    let error = client.get(ask("https://a.example.com/")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Address { .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Host::that(ok("", "secret")).await;
    for status in [301, 302, 303, 307, 308] {
        let says =
            format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.url());
        let host = Host::that(Manner::Says(says)).await;
        assert_eq!(host.client().get(ask(&host.url())).await.unwrap_err(), OutboundError::Redirect(status));
    }
    assert_eq!(target.calls(), 0);
}

#[tokio::test]
async fn only_200_is_an_answer() {
    for status in [204, 206, 400, 401, 404, 500] {
        let host =
            Host::that(Manner::Says(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"))).await;
        assert_eq!(host.client().get(ask(&host.url())).await.unwrap_err(), OutboundError::Status(status));
    }
    let host = Host::that(Manner::Says("SSH-2.0-OpenSSH_9.9\r\n".to_owned())).await;
    let error = host.client().get(ask(&host.url())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Http(_)), "{error}");
}

#[tokio::test]
async fn what_is_slow_is_cut() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\n";
    const BODY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n";
    for manner in [Manner::Hangs, Manner::Drips(HEAD), Manner::Drips(BODY)] {
        let host = Host::that(manner.clone()).await;
        let bounds = Bounds { time: Duration::from_millis(400), ..ask("").bounds };
        let begun = Instant::now();
        let error = host.client().get(Ask { bounds, ..ask(&host.url()) }).await.unwrap_err();
        assert_eq!(error, OutboundError::Late(bounds.time), "{manner:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{manner:?}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn what_is_endless_or_too_long_is_cut() {
    const ENDLESS: Manner =
        Manner::Pours("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n");
    const UNTIL_CLOSED: Manner = Manner::Pours("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef");
    const SAID: Manner = Manner::Pours("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", "x");
    const ENDLESS_HEAD: Manner = Manner::Pours("HTTP/1.1 200 OK\r\n", "x: 0123456789abcdef\r\n");
    const ENDLESS_FIELD: Manner = Manner::Pours("HTTP/1.1 200 OK\r\nx: ", "0123456789abcdef");
    for manner in [ENDLESS, UNTIL_CLOSED, SAID] {
        let host = Host::that(manner.clone()).await;
        let error = host.client().get(ask(&host.url())).await.unwrap_err();
        assert_eq!(error, OutboundError::Oversize(1000), "{manner:?}");
    }
    for manner in [ENDLESS_HEAD, ENDLESS_FIELD] {
        let host = Host::that(manner.clone()).await;
        let error = host.client().get(ask(&host.url())).await.unwrap_err();
        assert!(matches!(error, OutboundError::Http(_)), "{manner:?}: {error}");
    }
    let just = Host::that(ok("content-length: 1000\r\n", &"x".repeat(1000))).await;
    assert_eq!(just.client().get(ask(&just.url())).await.unwrap().body.len(), 1000);
}

/// A few bytes that would become gigabytes are never unpacked.
#[tokio::test]
async fn what_is_compressed_is_refused() {
    for coding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"] {
        let host =
            Host::that(ok(&format!("content-encoding: {coding}\r\ncontent-length: 4\r\n"), "xxxx")).await;
        let error = host.client().get(ask(&host.url())).await.unwrap_err();
        assert_eq!(error, OutboundError::Encoded(coding.to_owned()));
    }
    let plain = Host::that(ok("content-encoding: identity\r\ncontent-length: 2\r\n", "{}")).await;
    assert_eq!(&*plain.client().get(ask(&plain.url())).await.unwrap().body, b"{}");
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_not_asked() {
    let (host, other) = (Host::that(ok("", "")).await, Host::named(&["b.example.com"], ok("", "")).await);
    // Another authority; another name; the authority of this machine alone.
    let strangers = client(Loopback::Allowed, Some(other.ca.clone()), NameLookup::System);
    let error = strangers.get(ask(&host.url())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls(_)), "{error}");
    let error = other.client().get(ask(&other.url())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls(_)), "{error}");
    let error = client(Loopback::Allowed, None, NameLookup::System).get(ask(&host.url())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls(_) | OutboundError::NoAuthorities(_)), "{error}");
    for called in [&host, &other] {
        assert_eq!(*called.heard.lock().unwrap(), "", "nothing was said to it");
    }
}

#[tokio::test]
async fn a_host_that_is_dead_delays_no_other() {
    let dead = Host::that(Manner::Hangs).await;
    let names: Vec<Vec<SocketAddr>> = vec![vec![dead.at()]; 4];
    let client =
        Arc::new(client(Loopback::Allowed, Some(dead.ca.clone()), NameLookup::Scripted(Script::of(names))));
    let url = |host: &str| format!("https://{host}.example.com:{}/", dead.port);
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let (client, url) = (Arc::clone(&client), url("a"));
            tokio::spawn(async move { client.get(ask(&url)).await })
        })
        .collect();
    while dead.heard.lock().unwrap().is_empty() || dead.calls() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It has its share, and no more: who else comes for it does not wait.
    let begun = Instant::now();
    assert_eq!(client.get(ask(&url("a"))).await.unwrap_err(), OutboundError::Busy("to this host"));
    let live = Host::named(&["localhost"], ok("content-length: 2\r\n", "{}")).await;
    let elsewhere = Outbound { slots: Arc::clone(&client.slots), ..live.client() };
    assert_eq!(&*elsewhere.get(ask(&live.url())).await.unwrap().body, b"{}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    for dead in waiting {
        assert_eq!(dead.await.unwrap().unwrap_err(), OutboundError::Late(ask("").bounds.time));
    }
    // And afterwards it may be asked again.
    let again = Outbound { slots: Arc::clone(&client.slots), ..dead.client() };
    let bounds = Bounds { time: Duration::from_millis(100), ..ask("").bounds };
    assert_eq!(
        again.get(Ask { bounds, ..ask(&dead.url()) }).await.unwrap_err(),
        OutboundError::Late(bounds.time)
    );
}

/// The system's look-ups cannot be stopped: one that hangs keeps its place, so that they never become many.
#[tokio::test]
async fn a_name_that_nobody_answers_for_holds_its_own_share_alone() {
    let live = Host::that(ok("content-length: 2\r\n", "{}")).await;
    let client = client(Loopback::Allowed, Some(live.ca.clone()), NameLookup::Scripted(Script::of([])));
    let bounds = Bounds { time: Duration::from_millis(50), ..ask("").bounds };
    for _ in 0..4 {
        let error = client.get(Ask { bounds, ..ask("https://a.example.com/") }).await.unwrap_err();
        assert_eq!(error, OutboundError::Late(bounds.time));
    }
    let error = client.get(Ask { bounds, ..ask("https://a.example.com/") }).await.unwrap_err();
    assert_eq!(error, OutboundError::Busy("to this host"));
    let client = Outbound { names: NameLookup::System, ..client };
    assert_eq!(&*client.get(ask(&live.url())).await.unwrap().body, b"{}");
}

#[tokio::test]
async fn a_second_address_is_tried_where_the_first_is_silent() {
    let host = Host::that(ok("content-length: 2\r\n", "{}")).await;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let script = Script::of([vec![closed, host.at()], vec![closed], vec![]]);
    let client = client(Loopback::Allowed, Some(host.ca.clone()), NameLookup::Scripted(script));
    assert_eq!(&*client.get(ask("https://a.example.com/")).await.unwrap().body, b"{}");
    let error = client.get(ask("https://a.example.com/")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable(_)), "{error}");
    let error = client.get(ask("https://a.example.com/")).await.unwrap_err();
    assert_eq!(error, OutboundError::Unresolved("none".to_owned()));
}

#[test]
fn a_file_of_authorities_has_some() {
    let CertifiedKey { cert, .. } = generate_simple_self_signed(["a.example.com".to_owned()]).unwrap();
    assert_eq!(certificates(format!("{0}{0}", cert.pem()).as_bytes()).unwrap().len(), 2);
    for wrong in ["", "x", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert!(certificates(wrong.as_bytes()).unwrap_err().contains("no certificates"), "{wrong}");
    }
}
