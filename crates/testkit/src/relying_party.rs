//! Applications that are called: an https server on this machine that keeps what was posted to it, and answers each path as
//! it is told to.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use writ_core::form::Form;
use writ_server::outbound::{Loopback, OutboundSettings};

use crate::smtp::certified;

/// When a test gives up waiting for a call.
const HUNG: Duration = Duration::from_mins(1);

/// How a path answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With this status.
    Status(u16),
    /// Not at all.
    Hangs,
}

/// A form that was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Where, with the query.
    pub path: String,
    /// The head of the request, in lower case.
    pub head: String,
    /// The form.
    pub body: String,
}

impl Posted {
    /// A field of the form.
    ///
    /// # Panics
    /// Where it is not there.
    pub fn field(&self, name: &str) -> String {
        let form = Form::parse(self.body.as_bytes()).expect("a form");
        form.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.body)).to_owned()
    }
}

#[derive(Debug, Default)]
struct State {
    manners: HashMap<String, Manner>,
    posted: Vec<Posted>,
}

/// Applications on one port, each with a path of its own.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    port: u16,
    ca: String,
    state: Arc<Mutex<State>>,
}

impl RelyingParty {
    /// One that answers with 200.
    ///
    /// # Panics
    /// Where there is no port.
    pub async fn start() -> Self {
        let (ca, acceptor) = certified("localhost");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<Mutex<State>>::default();
        let kept = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, kept) = (acceptor.clone(), Arc::clone(&kept));
                tokio::spawn(async move {
                    // Whoever calls may be killed at any time: that is what is tested.
                    drop(serve(acceptor, stream, &kept).await);
                });
            }
        });
        Self { port, ca, state }
    }

    /// The address of a path.
    pub fn uri(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// The certificate of its authority (PEM).
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// What lets a server call it.
    pub fn settings(&self) -> OutboundSettings {
        OutboundSettings { loopback: Loopback::Allowed, extra_ca: Some(self.ca.clone().into_bytes()) }
    }

    /// From now on a path answers so.
    pub fn behave(&self, path: &str, manner: Manner) {
        self.state().manners.insert(path.to_owned(), manner);
    }

    /// What was posted to a path.
    pub fn posted(&self, path: &str) -> Vec<Posted> {
        self.state().posted.iter().filter(|posted| posted.path == path).cloned().collect()
    }

    /// Waits until so much was posted to a path.
    ///
    /// # Panics
    /// Where that takes too long.
    pub async fn wait_for(&self, path: &str, count: usize) -> Vec<Posted> {
        let begun = Instant::now();
        loop {
            let posted = self.posted(path);
            if posted.len() >= count {
                return posted;
            }
            assert!(begun.elapsed() < HUNG, "{} of {count} came to {path}", posted.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).await?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let head = head.to_ascii_lowercase();
    let length =
        head.split_once("content-length: ").and_then(|(_, rest)| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let manner = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let body = String::from_utf8_lossy(&body).into_owned();
        let manner = state.manners.get(&path).copied().unwrap_or(Manner::Status(200));
        state.posted.push(Posted { path, head, body });
        manner
    };
    match manner {
        Manner::Status(status) => {
            let answer =
                format!("HTTP/1.1 {status} As told\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
        Manner::Hangs => std::future::pending().await,
    }
}
