//! One question over HTTP to a server that is probably ours: what `doctor` and `healthcheck` ask.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use writ_core::time::Micros;

use crate::serve::ListenAddress;

/// An answer is no longer than this.
const BODY: usize = 256 * 1024;

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeError {
    /// The name has no address.
    Unresolved(String),
    /// Anything else.
    Silent(String),
}

impl std::fmt::Display for ProbeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unresolved(why) | Self::Silent(why) => f.write_str(why),
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct ProbeAnswer {
    /// Its status.
    pub status: u16,
    /// Its `Date`.
    pub date: Option<Micros>,
    /// Its body.
    pub body: Bytes,
}

/// Asks, with a bound on time and size.
#[derive(Debug, Clone)]
pub struct Probe {
    tls: Arc<ClientConfig>,
    patience: Duration,
}

impl Probe {
    /// One that believes the authorities of this machine, and `own` as it stands: the certificate that our own
    /// settings name needs nobody's word.
    ///
    /// # Errors
    /// TLS cannot be had.
    pub fn new(own: Vec<CertificateDer<'static>>, patience: Duration) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let others = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        // None where this machine has no authorities.
        let verifier =
            CertificateVerifier { own, others: others.build().ok(), provider: Arc::clone(&provider) };
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls), patience })
    }

    /// `GET url`; with `at` there, whatever address its host has.
    ///
    /// # Errors
    /// [`ProbeError`].
    pub async fn get(&self, url: &str, at: Option<SocketAddr>) -> Result<ProbeAnswer, ProbeError> {
        let silent = |why: &dyn ToString| ProbeError::Silent(why.to_string());
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| silent(&error))?;
        let late = || silent(&format!("no answer within {} s", self.patience.as_secs_f32()));
        tokio::time::timeout(self.patience, self.ask(&uri, at)).await.unwrap_or_else(|_elapsed| Err(late()))
    }

    /// `GET path` at a socket; none: nobody listens there, or it is another user's.
    pub async fn get_at_socket(&self, socket: &Path, path: &str) -> Option<Result<ProbeAnswer, ProbeError>> {
        let uri: Uri = format!("http://localhost{path}").parse().ok()?;
        let stream = UnixStream::connect(socket).await.ok()?;
        let answer = tokio::time::timeout(self.patience, speak(stream, &uri)).await;
        Some(answer.unwrap_or_else(|_elapsed| Err(ProbeError::Silent("no answer in time".to_owned()))))
    }

    async fn ask(&self, uri: &Uri, at: Option<SocketAddr>) -> Result<ProbeAnswer, ProbeError> {
        let silent = |why: &dyn ToString| ProbeError::Silent(why.to_string());
        let host = uri.host().ok_or_else(|| silent(&"the URL has no host"))?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let addresses: Vec<SocketAddr> = match at {
            Some(address) => vec![address],
            None => tokio::net::lookup_host((bare, port))
                .await
                .map_err(|error| ProbeError::Unresolved(error.to_string()))?
                .collect(),
        };
        let stream = TcpStream::connect(&*addresses).await.map_err(|error| silent(&error))?;
        if !is_tls {
            return speak(stream, uri).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| silent(&error))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector.connect(name, stream).await.map_err(|error| silent(&error))?;
        speak(stream, uri).await
    }
}

async fn speak<S>(stream: S, uri: &Uri) -> Result<ProbeAnswer, ProbeError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let silent = |why: &dyn ToString| ProbeError::Silent(why.to_string());
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| silent(&error))?;
    // Ends with the sender.
    tokio::spawn(async move { drop(connection.await) });
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let host = uri.authority().map_or("", http::uri::Authority::as_str);
    let request = Request::get(path).header(header::HOST, host).header(header::USER_AGENT, "writ-probe");
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| silent(&error))?;
    let response = sender.send_request(request).await.map_err(|error| silent(&error))?;
    let (parts, body) = response.into_parts();
    let date = parts.headers.get(header::DATE).and_then(|date| parse_date(date.to_str().ok()?));
    let body = Limited::new(body, BODY).collect().await.map_err(|error| silent(&error))?.to_bytes();
    Ok(ProbeAnswer { status: parts.status.as_u16(), date, body })
}

/// RFC 9110 §5.6.7, in its preferred form.
fn parse_date(text: &str) -> Option<Micros> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(Micros(zoned.timestamp().as_microsecond()))
}

/// Where on this machine a server answers that listens on this address.
pub async fn on_this_machine(address: &ListenAddress) -> Option<SocketAddr> {
    use std::net::{Ipv4Addr, Ipv6Addr};
    match address {
        ListenAddress::Loopback { port } | ListenAddress::Every { port } => {
            Some(SocketAddr::from((Ipv4Addr::LOCALHOST, *port)))
        }
        ListenAddress::Socket(address) if !address.ip().is_unspecified() => Some(*address),
        ListenAddress::Socket(SocketAddr::V4(address)) => {
            Some(SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())))
        }
        ListenAddress::Socket(SocketAddr::V6(address)) => {
            Some(SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())))
        }
        ListenAddress::Name { host, port } => {
            tokio::net::lookup_host((host.as_str(), *port)).await.ok()?.next()
        }
    }
}

/// Believes our own certificates as they are, and others as everybody does.
#[derive(Debug)]
struct CertificateVerifier {
    own: Vec<CertificateDer<'static>>,
    others: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.own.iter().any(|own| own == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        match &self.others {
            Some(others) => {
                others.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers() {
        let date = parse_date("Sun, 06 Nov 1994 08:49:37 GMT").map(Micros::as_secs);
        assert_eq!(date, Some(784_111_777));
        assert_eq!(parse_date("yesterday"), None);
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_told_from_silence() {
        let probe = Probe::new(Vec::new(), Duration::from_secs(5)).unwrap();
        let unresolved = probe.get("http://no-such-host.invalid/", None).await.unwrap_err();
        assert!(matches!(unresolved, ProbeError::Unresolved(_)), "{unresolved}");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let free = taken.local_addr().unwrap();
        drop(taken);
        let silent = probe.get("https://localhost/", Some(free)).await.unwrap_err();
        assert!(matches!(silent, ProbeError::Silent(_)), "{silent}");
    }
}
