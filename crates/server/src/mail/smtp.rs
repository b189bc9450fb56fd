//! The way out: one SMTP server (RFC 5321), over TLS unless somebody says otherwise.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use zeroize::Zeroizing;

use super::Mail;

/// How long one step of the conversation with the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the connection to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte (RFC 8314 §3.3).
    Implicit,
    /// STARTTLS, required (RFC 3207).
    StartTls,
    /// Not at all.
    Off,
}

impl SmtpTls {
    /// The port where nothing else is said.
    pub const fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::StartTls => 587,
            Self::Off => 25,
        }
    }
}

/// Where mail is sent through.
#[derive(Clone)]
pub struct SmtpSettings {
    /// The server's host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: SmtpTls,
    /// Name and password, where it wants them.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// A further CA certificate (PEM) that vouches for it.
    pub ca: Option<Vec<u8>>,
    /// Whom mail comes from.
    pub from: Mailbox,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .field("ca", &self.ca.is_some())
            .field("from", &self.from.to_string())
            .finish_non_exhaustive()
    }
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The letter cannot be put into the form of a message.
    #[error("the message cannot be made: {0}")]
    Message(String),
    /// The server did not take it.
    #[error("the mail server did not take it: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
}

/// A mail server, ready to be asked.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Smtp {
    /// From settings. Nothing is sent yet.
    ///
    /// # Errors
    /// For a host name or a certificate that TLS cannot use.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let parameters = || -> Result<TlsParameters, SmtpError> {
            let mut parameters = TlsParameters::builder(settings.host.clone());
            if let Some(pem) = &settings.ca {
                parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
            }
            Ok(parameters.build_rustls()?)
        };
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Off => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((name, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(name.clone(), password.to_string()));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone() })
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`SmtpError`].
    pub async fn send(&self, to: &str, mail: &Mail) -> Result<(), SmtpError> {
        let message = |error: &dyn std::fmt::Display| SmtpError::Message(error.to_string());
        let to: Mailbox = to.parse().map_err(|error: lettre::address::AddressError| message(&error))?;
        let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let built = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .multipart(body)
            .map_err(|error| message(&error))?;
        self.transport.send(built).await?;
        Ok(())
    }
}
