//! The server behind a real socket, with the real accept loop, for tests that write bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use writ_server::router;
use writ_server::serve::{ConnectionLimits, Control, ServeSummary, Shutdown, serve};

use crate::ask::Answer;
use crate::server::TestServer;

/// When a test gives up on an answer. No test waits for it to pass.
const HUNG: Duration = Duration::from_secs(20);

/// A server that listens.
#[derive(Debug)]
pub struct Listening {
    /// Where.
    pub address: SocketAddr,
    shutdown: watch::Sender<Shutdown>,
    running: tokio::task::JoinHandle<ServeSummary>,
}

impl TestServer {
    /// Listens on a free port of the loopback address.
    pub async fn listen(&self) -> Listening {
        self.listen_within(ConnectionLimits {
            linger: Duration::from_millis(200),
            ..ConnectionLimits::default()
        })
        .await
    }

    /// [`listen`](Self::listen) with bounds of the test's own.
    pub async fn listen_within(&self, limits: ConnectionLimits) -> Listening {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (shutdown, stage) = watch::channel(Shutdown::NotAsked);
        let control = Control { limits, meters: Arc::clone(&self.app.connections), shutdown: stage };
        let handler = router::handler(Arc::clone(&self.app), self.router.clone());
        let running = tokio::spawn(serve(vec![listener], handler, control));
        Listening { address, shutdown, running }
    }
}

impl Listening {
    /// Sends bytes, ends our side, and reads to the end.
    ///
    /// # Errors
    /// What came instead of an answer.
    pub async fn exchange(&self, bytes: &[u8]) -> Result<Answer, String> {
        let raw = self.exchange_raw(bytes).await?;
        parse(&raw)
    }

    /// [`exchange`](Self::exchange), unparsed.
    ///
    /// # Errors
    /// Where the connection breaks, or nothing ends it.
    pub async fn exchange_raw(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let talk = async {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(bytes).await?;
            stream.shutdown().await?;
            let mut raw = Vec::new();
            stream.read_to_end(&mut raw).await?;
            std::io::Result::Ok(raw)
        };
        match tokio::time::timeout(HUNG, talk).await {
            Ok(Ok(raw)) => Ok(raw),
            Ok(Err(error)) => Err(format!("the connection broke: {error}")),
            Err(_) => Err("no end".to_owned()),
        }
    }

    /// Asks the server to end as a signal would, and waits for it.
    pub async fn stop(self) -> ServeSummary {
        self.shutdown.send_replace(Shutdown::Drain);
        self.running.await.expect("the accept loop ends by itself")
    }
}

/// Reads the first final answer in what a server sent (RFC 9110 §15.2: interim answers before it are skipped).
///
/// # Errors
/// Where there is none.
pub fn parse(raw: &[u8]) -> Result<Answer, String> {
    let shown = || String::from_utf8_lossy(raw.get(..raw.len().min(200)).unwrap_or_default()).into_owned();
    let end = raw
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(|| format!("no answer: {:?}", shown()))?;
    let (head, rest) = raw.split_at(end);
    let body = rest.get(4..).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| "a head that is not text".to_owned())?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 ")))
        .and_then(|line| line.get(..3))
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("no status line: {:?}", shown()))?;
    if status < 200 {
        return parse(body);
    }
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("not a header: {line:?}"))?;
        let name: HeaderName = name.parse().map_err(|_| format!("not a header: {line:?}"))?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| format!("not a header: {line:?}"))?;
        headers.append(name, value);
    }
    let length = headers
        .get("content-length")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let body = body.get(..length.unwrap_or(body.len()).min(body.len())).unwrap_or_default();
    Ok(Answer { status, headers, body: Bytes::copy_from_slice(body) })
}
