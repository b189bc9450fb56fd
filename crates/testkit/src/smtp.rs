//! A small SMTP server (RFC 5321): it takes letters and keeps them, or does not, as a test wants it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use writ_server::mail::{SmtpSettings, SmtpTls};

/// How the server answers a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// It takes it.
    Takes,
    /// It is busy: 451.
    Busy,
    /// It does not want it: 550.
    Refuses,
    /// It hangs up in the middle.
    HangsUp,
}

#[derive(Debug)]
struct State {
    manners: Manners,
    letters: Vec<String>,
    tries: usize,
}

/// An SMTP server on a port of its own, for as long as the runtime lives.
#[derive(Debug, Clone)]
pub struct SmtpSink {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl SmtpSink {
    /// Starts one that takes every letter.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { manners: Manners::Takes, letters: Vec::new(), tries: 0 }));
        let sink = Self { port, state };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                // A peer that goes away is what some tests are about.
                tokio::spawn(async move { drop(server.talk(stream).await) });
            }
        });
        sink
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Settings that lead here, without TLS.
    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: SmtpTls::Off,
            credentials: None,
            ca: None,
            from: "Writ <no-reply@id.example>".parse().expect("an address"),
        }
    }

    /// Changes how it answers.
    pub fn be(&self, manners: Manners) {
        self.state().manners = manners;
    }

    /// The letters that it took, word for word.
    pub fn letters(&self) -> Vec<String> {
        self.state().letters.clone()
    }

    /// How many letters it was offered.
    pub fn tries(&self) -> usize {
        self.state().tries
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 sink.example ESMTP\r\n").await?;
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match &*verb {
                "EHLO" => "250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    self.take(&mut stream).await?
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 ok\r\n",
            };
            stream.write_all(answer.as_bytes()).await?;
        }
    }

    async fn take(&self, stream: &mut BufReader<TcpStream>) -> std::io::Result<&'static str> {
        let mut letter = String::new();
        while !letter.ends_with("\r\n.\r\n") {
            if stream.read_line(&mut letter).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut state = self.state();
        state.tries += 1;
        match state.manners {
            Manners::Takes => {
                state.letters.push(letter);
                Ok("250 taken\r\n")
            }
            Manners::Busy => Ok("451 busy\r\n"),
            Manners::Refuses => Ok("550 no\r\n"),
            Manners::HangsUp => Err(std::io::ErrorKind::ConnectionReset.into()),
        }
    }
}
