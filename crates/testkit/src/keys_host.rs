//! A host of a client's keys (`jwks_uri`), or of its logo: https on this machine, answering what a test wants, and counting.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use writ_server::outbound::{Loopback, OutboundSettings};

/// What the host answers; none: it takes the call and says nothing.
type Says = Arc<Mutex<Option<Vec<u8>>>>;

/// The host.
#[derive(Debug)]
pub struct KeysHost {
    /// Where the keys are.
    pub uri: String,
    ca: Vec<u8>,
    says: Says,
    calls: Arc<AtomicUsize>,
}

impl KeysHost {
    /// A host that has this set of keys.
    pub async fn with(jwks: &str) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("TLS");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (says, calls): (Says, Arc<AtomicUsize>) = Default::default();
        let host = Self {
            uri: format!("https://localhost:{port}/keys"),
            ca: cert.pem().into_bytes(),
            says: Arc::clone(&says),
            calls: Arc::clone(&calls),
        };
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                calls.fetch_add(1, Ordering::SeqCst);
                let says = says.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // Whoever calls may hang up.
                tokio::spawn(answer(acceptor.clone(), stream, says));
            }
        });
        host.has(jwks);
        host
    }

    /// It has this set from now on.
    pub fn has(&self, jwks: &str) {
        self.says("200 OK", "content-type: application/jwk-set+json\r\n", jwks);
    }

    /// It says this from now on.
    pub fn says(&self, status: &str, fields: &str, body: impl AsRef<[u8]>) {
        let (body, length) = (body.as_ref(), body.as_ref().len());
        let head = format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n");
        let said = [head.as_bytes(), body].concat();
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
    }

    /// It says nothing any more.
    pub fn hangs(&self) {
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// What a server is started with that may come here.
    pub fn settings(&self) -> OutboundSettings {
        OutboundSettings { loopback: Loopback::Allowed, extra_ca: Some(self.ca.clone()) }
    }
}

async fn answer(acceptor: TlsAcceptor, stream: TcpStream, says: Option<Vec<u8>>) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    match says {
        Some(said) => stream.write_all(&said).await?,
        None => std::future::pending().await,
    }
    stream.shutdown().await
}
