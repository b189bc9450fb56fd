//! A small SMTP server (RFC 5321): it takes letters and keeps them, or does not, as a test wants it; in the clear,
//! over TLS or with STARTTLS, and with a name and a password or without.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use writ_server::outbound::{SmtpSettings, SmtpTls};

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
    /// It takes so many, and of the next one too, but whoever sent that never hears of it.
    FallsSilentAfter(usize),
}

/// How the server asks for a password (RFC 4954).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// Name and password in turn, as some servers still want them.
    Login,
}

impl Mechanism {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }
}

/// Who may send letters.
#[derive(Debug, Clone)]
pub struct SmtpAccount {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The only way in which they are taken.
    pub mechanism: Mechanism,
}

/// What a test may choose of the server.
#[derive(Debug, Clone)]
pub struct SmtpSinkBuilder {
    tls: SmtpTls,
    host: String,
    account: Option<SmtpAccount>,
}

impl SmtpSinkBuilder {
    /// What the server offers; clients of [`SmtpSink::settings`] want the same.
    #[must_use]
    pub fn tls(mut self, tls: SmtpTls) -> Self {
        self.tls = tls;
        self
    }

    /// Whom its certificate is for; who reaches it, `127.0.0.1`, where nothing else is said.
    #[must_use]
    pub fn certified_for(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// Nobody else may send letters.
    #[must_use]
    pub fn account(mut self, account: SmtpAccount) -> Self {
        self.account = Some(account);
        self
    }

    /// Starts the server; it takes every letter.
    pub async fn start(self) -> SmtpSink {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (ca, acceptor) = certified(&self.host);
        let sink = SmtpSink {
            port,
            ca: ca.into(),
            acceptor,
            tls: self.tls,
            account: self.account.map(Arc::new),
            state: Arc::new(Mutex::new(State::default())),
        };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                // A peer that goes away is what some tests are about.
                tokio::spawn(async move { drop(server.serve(stream).await) });
            }
        });
        sink
    }
}

/// A CA of its own (PEM), and a certificate for a host by it.
pub(crate) fn certified(host: &str) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &ca).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("a TLS server");
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[derive(Debug)]
struct State {
    manners: Manners,
    letters: Vec<String>,
    tries: usize,
    in_the_clear: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self { manners: Manners::Takes, letters: Vec::new(), tries: 0, in_the_clear: Vec::new() }
    }
}

/// An SMTP server on a port of its own, for as long as the runtime lives.
#[derive(Clone)]
pub struct SmtpSink {
    port: u16,
    ca: Arc<str>,
    acceptor: TlsAcceptor,
    tls: SmtpTls,
    account: Option<Arc<SmtpAccount>>,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for SmtpSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSink").field("port", &self.port).field("tls", &self.tls).finish_non_exhaustive()
    }
}

/// Who can read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Clear,
    Private,
}

/// How a conversation went on.
enum Next<S> {
    /// It is over.
    Over,
    /// Under TLS, on the same stream.
    StartTls(S),
}

impl SmtpSink {
    /// Starts one that takes every letter from everybody, in the clear.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A server with something chosen.
    pub fn builder() -> SmtpSinkBuilder {
        SmtpSinkBuilder { tls: SmtpTls::Off, host: "127.0.0.1".to_owned(), account: None }
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The CA that vouches for it (PEM).
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// Settings that lead here, in the way that the server offers, with its CA and account.
    pub fn settings(&self) -> SmtpSettings {
        let credentials =
            self.account.as_ref().map(|account| (account.name.clone(), account.password.clone().into()));
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: self.tls,
            credentials,
            ca: (self.tls != SmtpTls::Off).then(|| self.ca.as_bytes().to_vec()),
            from: "Writ <no-reply@id.example>".parse().expect("an address"),
            hello: None,
            sender_domains: Vec::new(),
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

    /// The lines that it was sent for everybody on the way to read.
    pub fn in_the_clear(&self) -> Vec<String> {
        self.state().in_the_clear.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        if self.tls == SmtpTls::Implicit {
            self.talk(greeted(self.acceptor.accept(stream).await?).await?, Wire::Private).await?;
        } else if let Next::StartTls(stream) = self.talk(greeted(stream).await?, Wire::Clear).await? {
            self.talk(self.acceptor.accept(stream).await?, Wire::Private).await?;
        }
        Ok(())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        wire: Wire,
    ) -> std::io::Result<Next<S>> {
        let mut talk = Talk { sink: self, stream: BufReader::new(stream), wire };
        let mut is_known = self.account.is_none();
        loop {
            let line = talk.line().await?;
            let mut words = line.split_whitespace();
            let verb = words.next().unwrap_or_default().to_ascii_uppercase();
            let answer = match &*verb {
                "" => return Ok(Next::Over),
                "EHLO" => self.offers(wire),
                "STARTTLS" if self.tls == SmtpTls::StartTls && wire == Wire::Clear => {
                    talk.say("220 go ahead").await?;
                    return Ok(Next::StartTls(talk.stream.into_inner()));
                }
                "AUTH" => {
                    is_known = talk.knows(words.next(), words.next()).await?;
                    if is_known { "235 welcome" } else { "535 who are you?" }.to_owned()
                }
                "QUIT" => {
                    talk.say("221 bye").await?;
                    return Ok(Next::Over);
                }
                "MAIL" | "RCPT" | "DATA" if !is_known => "530 who are you?".to_owned(),
                "DATA" => {
                    talk.say("354 go on").await?;
                    let letter = talk.letter().await?;
                    self.take(letter).await?.to_owned()
                }
                _ => "250 ok".to_owned(),
            };
            talk.say(&answer).await?;
        }
    }

    /// What it can do; a password is asked for where nobody reads along, or where nobody can help it.
    fn offers(&self, wire: Wire) -> String {
        let mut lines = vec!["sink.example".to_owned(), "8BITMIME".to_owned()];
        if self.tls == SmtpTls::StartTls && wire == Wire::Clear {
            lines.push("STARTTLS".to_owned());
        } else if let Some(account) = &self.account {
            lines.push(format!("AUTH {}", account.mechanism.name()));
        }
        let lines: Vec<_> = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{}250 SMTPUTF8", lines.concat())
    }

    async fn take(&self, letter: String) -> std::io::Result<&'static str> {
        let is_silent = {
            let mut state = self.state();
            state.tries += 1;
            match state.manners {
                Manners::Takes => {
                    state.letters.push(letter);
                    return Ok("250 taken");
                }
                Manners::Busy => return Ok("451 busy"),
                Manners::Refuses => return Ok("550 no"),
                Manners::HangsUp => false,
                Manners::FallsSilentAfter(count) => {
                    state.letters.push(letter);
                    if state.letters.len() <= count {
                        return Ok("250 taken");
                    }
                    true
                }
            }
        };
        if is_silent {
            std::future::pending::<()>().await;
        }
        Err(std::io::ErrorKind::ConnectionReset.into())
    }
}

async fn greeted<S: AsyncWrite + Unpin>(mut stream: S) -> std::io::Result<S> {
    stream.write_all(b"220 sink.example ESMTP\r\n").await?;
    Ok(stream)
}

/// One conversation.
struct Talk<'s, S> {
    sink: &'s SmtpSink,
    stream: BufReader<S>,
    wire: Wire,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<'_, S> {
    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// The next line without its end; empty where the client has gone.
    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let line = line.trim_end().to_owned();
        if self.wire == Wire::Clear && !line.is_empty() {
            self.sink.state().in_the_clear.push(line.clone());
        }
        Ok(line)
    }

    async fn letter(&mut self) -> std::io::Result<String> {
        let mut letter = String::new();
        while !letter.ends_with("\r\n.\r\n") {
            if self.stream.read_line(&mut letter).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(letter)
    }

    /// Whether somebody who begins so gives the right name and password.
    async fn knows(&mut self, mechanism: Option<&str>, first: Option<&str>) -> std::io::Result<bool> {
        let Some(account) = self.sink.account.clone() else { return Ok(true) };
        if mechanism != Some(account.mechanism.name()) {
            return Ok(false);
        }
        let given = match account.mechanism {
            Mechanism::Plain => decoded(first.unwrap_or_default()),
            Mechanism::Login => {
                self.say("334 VXNlcm5hbWU6").await?;
                let name = self.line().await?;
                self.say("334 UGFzc3dvcmQ6").await?;
                format!("\0{}\0{}", decoded(&name), decoded(&self.line().await?))
            }
        };
        Ok(given == format!("\0{}\0{}", account.name, account.password))
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default()
}
