//! The one client by which the server calls others over HTTP: for what somebody else has written down (`jwks_uri`). It goes
//! to the public network alone, by https, where it was told to and nowhere further, for a while and for some bytes.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST,
    USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use writ_core::ids::TenantId;
use writ_core::shell_reason::ShellReason;

use super::address::Loopback;
use super::place::{CallablePlace, checked};
use super::slots::{CallSlot, Slots};

/// How long one address may take to answer, so that the next one has its turn.
const PATIENCE_OF_A_DIAL: Duration = Duration::from_secs(2);
/// Addresses of a name that are tried at the most.
const DIALS: usize = 4;
/// Bytes of the head of an answer.
const HEAD: usize = 16 * 1024;
/// Fields in it.
const FIELDS: usize = 64;

/// What the operator says of calls to others.
#[derive(Clone, Default)]
pub struct OutboundSettings {
    /// Whether they may go to this machine itself.
    pub loopback: Loopback,
    /// Further CA certificates (PEM) that vouch for whoever is called.
    pub extra_ca: Option<Vec<u8>>,
}

impl std::fmt::Debug for OutboundSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { loopback, extra_ca } = self;
        f.debug_struct("OutboundSettings")
            .field("loopback", loopback)
            .field("extra_ca", &extra_ca.is_some())
            .finish()
    }
}

/// What a call may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From the look-up of the name to the last byte.
    pub time: Duration,
    /// Bytes of the body.
    pub bytes: usize,
}

/// What is asked of others.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Where.
    pub uri: &'a str,
    /// The media types that are of use.
    pub accept: &'static str,
    /// For whom: a tenant has a share of all calls.
    pub tenant: TenantId,
    /// What it may cost.
    pub bounds: Bounds,
}

/// What is said to others.
#[derive(Debug)]
enum Said {
    /// Nothing: something is asked for.
    Nothing,
    /// A form.
    Form(Bytes),
    /// Something is asked for, with a credential.
    As(HeaderValue),
    /// A form, with a credential where it is not in the form; what comes back is read, whether it is a yes or a no.
    Exchange(Bytes, Option<HeaderValue>),
}

impl Said {
    fn body(&self) -> Bytes {
        match self {
            Self::Nothing | Self::As(_) => Bytes::new(),
            Self::Form(form) | Self::Exchange(form, _) => form.clone(),
        }
    }

    /// The answers that mean that all is well.
    fn is_answered_by(&self) -> &'static [u16] {
        match self {
            Self::Nothing | Self::As(_) => &[200],
            Self::Form(_) => &[200, 204],
            // RFC 6749 §5.2
            Self::Exchange(..) => &[200, 400, 401],
        }
    }

    fn authorization(&self) -> Option<&HeaderValue> {
        match self {
            Self::Nothing | Self::Form(_) => None,
            Self::As(credential) => Some(credential),
            Self::Exchange(_, credential) => credential.as_ref(),
        }
    }
}

/// An answer that means that all is well.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The fields of its head.
    pub headers: HeaderMap,
    /// The body, as it came: not decoded.
    pub body: Bytes,
}

/// Why there was no answer that could be used. For the log, never for whoever made us ask: they would learn about networks
/// that they cannot reach.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is none that is called.
    #[error("is not called: {0}")]
    Uri(&'static str),
    /// The host's name is never of the public network.
    #[error("the name {host} {what}")]
    Name {
        /// The host.
        host: String,
        /// What it is.
        what: &'static str,
    },
    /// The host's address is not of the public network.
    #[error("the address {address} is {what}")]
    Address {
        /// The address.
        address: IpAddr,
        /// What it is.
        what: &'static str,
    },
    /// There are too many calls already.
    #[error("too many calls at once {0}")]
    Busy(&'static str),
    /// The name has no address.
    #[error("the name has no address: {0}")]
    Unresolved(String),
    /// No address answers.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// This machine trusts nobody.
    #[error(
        "nobody is trusted: install a list of certificate authorities, or name a file in outbound.extra_ca ({0})"
    )]
    NoAuthorities(String),
    /// Not whom we wanted, or no TLS.
    #[error("no TLS: {0}")]
    Tls(String),
    /// Not HTTP.
    #[error("no answer by HTTP: {0}")]
    Http(String),
    /// It leads elsewhere, where we do not go.
    #[error("leads elsewhere ({0}), and redirects are not followed")]
    Redirect(u16),
    /// Not what we wanted.
    #[error("answers with {0}")]
    Status(u16),
    /// A body in a coding that we did not ask for.
    #[error("answers in the coding {0}, which was not asked for")]
    Encoded(String),
    /// A body that is too long.
    #[error("answers with more than {0} bytes")]
    Oversize(usize),
    /// It took too long.
    #[error("took longer than {0:?}")]
    Late(Duration),
}

impl OutboundError {
    /// What whoever wrote the address is told.
    pub fn reason(&self) -> ShellReason {
        match self {
            Self::Uri(why) => ShellReason::NotCalled { why: why.into() },
            Self::Name { host, what } => ShellReason::NameNotCalled { host: host.into(), what: what.into() },
            Self::Address { address, what } => {
                ShellReason::AddressNotCalled { address: address.to_string().into(), what: what.into() }
            }
            // What comes of a call: no address is refused for it.
            Self::Busy(_)
            | Self::Unresolved(_)
            | Self::Unreachable(_)
            | Self::NoAuthorities(_)
            | Self::Tls(_)
            | Self::Http(_)
            | Self::Redirect(_)
            | Self::Status(_)
            | Self::Encoded(_)
            | Self::Oversize(_)
            | Self::Late(_) => ShellReason::NotCalled { why: self.to_string().into() },
        }
    }
}

/// How a name becomes addresses.
#[derive(Debug, Clone)]
enum NameLookup {
    /// As this machine says.
    System,
    /// As a test says.
    #[cfg(test)]
    Scripted(Arc<tests::Script>),
}

impl NameLookup {
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((host, port)).await?.collect()),
            #[cfg(test)]
            Self::Scripted(script) => script.addresses(host, port).await,
        }
    }
}

/// The client.
#[derive(Debug)]
pub struct Outbound {
    settings: OutboundSettings,
    names: NameLookup,
    slots: Arc<Slots>,
    /// Made at the first call: most servers never call anybody, and reading a machine's authorities takes a while.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Outbound {
    /// From settings. Nobody is called yet.
    pub fn new(settings: OutboundSettings) -> Self {
        Self { settings, names: NameLookup::System, slots: Arc::default(), tls: OnceLock::new() }
    }

    /// Whether an address is one that would be called, as far as it can be told from how it is written.
    ///
    /// # Errors
    /// [`OutboundError`], fit for whoever wrote it.
    pub fn would_call(&self, uri: &str) -> Result<(), OutboundError> {
        CallablePlace::read(uri, self.settings.loopback).map(drop)
    }

    /// `GET uri`, and its answer, if that is 200.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn get(&self, ask: Ask<'_>) -> Result<Fetched, OutboundError> {
        self.call(&ask, &Said::Nothing).await
    }

    /// `POST uri` with a form, which is done where the answer is 200 or 204.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn post(&self, ask: Ask<'_>, form: String) -> Result<(), OutboundError> {
        self.call(&ask, &Said::Form(form.into())).await.map(drop)
    }

    /// `GET uri` with a credential (`Authorization`), and its answer, if that is 200.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn get_as(&self, ask: Ask<'_>, credential: HeaderValue) -> Result<Fetched, OutboundError> {
        self.call(&ask, &Said::As(credential)).await
    }

    /// `POST uri` with a form to a token endpoint (RFC 6749 §4.1.3), and its answer, also where that is a refusal.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn redeem(
        &self,
        ask: Ask<'_>,
        form: String,
        credential: Option<HeaderValue>,
    ) -> Result<Fetched, OutboundError> {
        self.call(&ask, &Said::Exchange(form.into(), credential)).await
    }

    async fn call(&self, ask: &Ask<'_>, said: &Said) -> Result<Fetched, OutboundError> {
        let place = CallablePlace::read(ask.uri, self.settings.loopback)?;
        let slot = self.slots.take(place.host(), ask.tenant).map_err(OutboundError::Busy)?;
        let late = || OutboundError::Late(ask.bounds.time);
        tokio::time::timeout(ask.bounds.time, self.exchange(&place, (ask, said), slot))
            .await
            .unwrap_or_else(|_elapsed| Err(late()))
    }

    async fn exchange(
        &self,
        place: &CallablePlace,
        (ask, said): (&Ask<'_>, &Said),
        slot: CallSlot,
    ) -> Result<Fetched, OutboundError> {
        let slot = Arc::new(slot);
        let addresses = self.resolve(place, Arc::clone(&slot)).await?;
        let stream = self.secured(place, dial(&addresses).await?).await?;
        let (response, _ends) = speak(stream, place, (ask.accept, said)).await?;
        read(response, said.is_answered_by(), ask.bounds.bytes).await
    }

    /// The addresses of the host, every one of them looked at. What is dialled are these, so that no second look-up could
    /// say something else.
    async fn resolve(
        &self,
        place: &CallablePlace,
        slot: Arc<CallSlot>,
    ) -> Result<Vec<SocketAddr>, OutboundError> {
        let (host, port) = (place.host().to_owned(), place.port());
        let names = self.names.clone();
        // The system's look-up goes on when nobody waits for it any more, and so does its right to.
        let looking = tokio::spawn(async move {
            let found = names.addresses(&host, port).await;
            drop(slot);
            found
        });
        let found = looking.await.map_err(|error| OutboundError::Unresolved(error.to_string()))?;
        let found = found.map_err(|error| OutboundError::Unresolved(error.to_string()))?;
        for address in &found {
            checked(address.ip(), self.settings.loopback)?;
        }
        if found.is_empty() {
            return Err(OutboundError::Unresolved("none".to_owned()));
        }
        Ok(found)
    }

    async fn secured(
        &self,
        place: &CallablePlace,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, OutboundError> {
        let name = ServerName::try_from(place.host().to_owned());
        let name = name.map_err(|error| OutboundError::Tls(error.to_string()))?;
        let connector = TlsConnector::from(self.tls()?);
        connector.connect(name, stream).await.map_err(|error| OutboundError::Tls(error.to_string()))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, OutboundError> {
        if let Some(made) = self.tls.get() {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(client_config(self.settings.extra_ca.as_deref())?);
        Ok(Arc::clone(self.tls.get_or_init(|| made)))
    }
}

/// Whether a text has certificates (PEM), and what is wrong where it has none.
///
/// # Errors
/// A text that completes "the file …".
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let found = read.map_err(|error| format!("has no certificates (PEM): {error}"))?;
    if found.is_empty() { Err("has no certificates (PEM)".to_owned()) } else { Ok(found) }
}

/// Trusts the authorities of this machine, and those that the operator names beside them.
fn client_config(extra: Option<&[u8]>) -> Result<ClientConfig, OutboundError> {
    let mut roots = RootCertStore::empty();
    let own = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(own.certs);
    roots.add_parsable_certificates(extra.map(certificates).and_then(Result::ok).unwrap_or_default());
    if roots.is_empty() {
        let why = own.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Err(OutboundError::NoAuthorities(why));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| OutboundError::Tls(error.to_string()))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Connects to the first of the addresses that answers.
async fn dial(addresses: &[SocketAddr]) -> Result<TcpStream, OutboundError> {
    let mut why = Vec::new();
    for address in addresses.iter().take(DIALS) {
        match tokio::time::timeout(PATIENCE_OF_A_DIAL, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why.push(format!("{address}: {error}")),
            Err(_elapsed) => why.push(format!("{address}: no answer")),
        }
    }
    Err(OutboundError::Unreachable(why.join("; ")))
}

/// Ends the connection when the answer is read, or nobody waits for it any more.
struct Ends(AbortHandle);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks, and waits for the head of the answer.
async fn speak(
    stream: TlsStream<TcpStream>,
    place: &CallablePlace,
    (accept, said): (&'static str, &Said),
) -> Result<(Response<Incoming>, Ends), OutboundError> {
    let failed = |error: hyper::Error| OutboundError::Http(error.to_string());
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD).max_headers(FIELDS);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let ends = Ends(tokio::spawn(async move { drop(connection.await) }).abort_handle());
    let request = match said {
        Said::Nothing | Said::As(_) => Request::get(place.path()),
        Said::Form(_) | Said::Exchange(..) => {
            Request::post(place.path()).header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        }
    };
    let request = said
        .authorization()
        .into_iter()
        .fold(request, |request, credential| request.header(AUTHORIZATION, credential));
    let request = request
        .header(HOST, place.authority())
        .header(USER_AGENT, concat!("writ/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, accept)
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close")
        .body(Full::new(said.body()));
    let request = request.map_err(|error| OutboundError::Http(error.to_string()))?;
    Ok((sender.send_request(request).await.map_err(failed)?, ends))
}

/// Reads an answer, if it is one that can be used.
async fn read(response: Response<Incoming>, good: &[u16], most: usize) -> Result<Fetched, OutboundError> {
    let (head, body) = response.into_parts();
    match head.status.as_u16() {
        status if good.contains(&status) => {}
        status @ 300..=399 => return Err(OutboundError::Redirect(status)),
        status => return Err(OutboundError::Status(status)),
    }
    let coding = head.headers.get_all(CONTENT_ENCODING).iter().find(|coding| *coding != "identity");
    if let Some(coding) = coding {
        return Err(OutboundError::Encoded(
            String::from_utf8_lossy(coding.as_bytes()).chars().take(32).collect(),
        ));
    }
    let length = head.headers.get(CONTENT_LENGTH).map(HeaderValue::to_str);
    if length
        .and_then(Result::ok)
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|length| length > most as u64)
    {
        return Err(OutboundError::Oversize(most));
    }
    let body = Limited::new(body, most).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            OutboundError::Oversize(most)
        } else {
            OutboundError::Http(error.to_string())
        }
    })?;
    Ok(Fetched { headers: head.headers, body: body.to_bytes() })
}

#[cfg(test)]
mod tests;
