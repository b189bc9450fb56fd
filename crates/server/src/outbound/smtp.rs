//! The way out: one SMTP server (RFC 5321), over TLS unless somebody says otherwise.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use rustls::CertificateError;
use writ_core::ids::MailId;
use writ_core::people::domain_of_mail;
use writ_core::settings::MailSender;
use writ_core::time::Micros;
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
    /// What this server calls itself (`EHLO`); none: the issuer's host.
    pub hello: Option<String>,
    /// Domains, besides its own, whose addresses tenants may send from.
    pub sender_domains: Vec<String>,
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
            .field("hello", &self.hello)
            .field("sender_domains", &self.sender_domains)
            .finish_non_exhaustive()
    }
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The letter cannot be put into the form of a message.
    #[error("the message cannot be made: {0}")]
    Message(String),
    /// The settings cannot be used.
    #[error("the settings cannot be used: {0}")]
    Settings(#[source] lettre::transport::smtp::Error),
    /// The server did not take it.
    #[error("the mail server did not take it: {source}{}", remedy(.source))]
    Server {
        /// What it said, or why it could not be asked.
        source: lettre::transport::smtp::Error,
    },
}

impl SmtpError {
    /// Whether trying again would bring the same: the letter cannot be a message, or the server said so for good
    /// (RFC 5321 §4.2.1). That it wants another password is no word about the letter.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Message(_) => true,
            Self::Settings(_) => false,
            Self::Server { source } => {
                source.is_permanent()
                    && source.status().is_none_or(|code| ![530, 534, 535, 538].contains(&u16::from(code)))
            }
        }
    }
}

/// RFC 3834 §5: nobody on holiday answers it.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What an operator can do about it, behind a semicolon; nothing where that is not known.
fn remedy(error: &lettre::transport::smtp::Error) -> &'static str {
    match certificate_error(error) {
        // The signature does not fit where another CA has the name of the one that is trusted.
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            return "; nobody whom this machine trusts vouches for its certificate: name the CA that does in smtp.ca_file";
        }
        Some(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            return "; its certificate is another host's: smtp.host has to be a name in it";
        }
        Some(_) => return "; its certificate is no good: the mail server needs another one",
        None => {}
    }
    match error.status() {
        Some(code) if [530, 534, 535, 538].contains(&u16::from(code)) => {
            "; it wants another smtp.user or smtp.password"
        }
        None if error.is_client() => {
            "; it does not offer what smtp.tls and smtp.user ask for: nothing was sent to it in the clear"
        }
        Some(_) | None => "",
    }
}

/// What is wrong with the certificate of the server, if it was that.
fn certificate_error(error: &lettre::transport::smtp::Error) -> Option<&CertificateError> {
    let mut cause = error.source();
    while let Some(found) = cause {
        // An error of I/O hides the one that it was made of.
        let hidden = found.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = hidden.and_then(|hidden| hidden.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(what)) = tls.or_else(|| found.downcast_ref()) {
            return Some(what);
        }
        cause = found.source();
    }
    None
}

/// A mail server, ready to be asked.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The domains that it sends for, in lower case.
    domains: Vec<String>,
    hello: String,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

/// How a client names itself: a domain, or an address as a literal (RFC 5321 §4.1.1.1).
fn client_id(hello: &str) -> ClientId {
    match hello.trim_matches(['[', ']']).parse() {
        Ok(std::net::IpAddr::V4(ip)) => ClientId::Ipv4(ip),
        Ok(std::net::IpAddr::V6(ip)) => ClientId::Ipv6(ip),
        Err(_) => ClientId::Domain(hello.to_owned()),
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
                parameters =
                    parameters.add_root_certificate(Certificate::from_pem(pem).map_err(SmtpError::Settings)?);
            }
            parameters.build_rustls().map_err(SmtpError::Settings)
        };
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Off => Tls::None,
        };
        let hello = settings.hello.clone().unwrap_or_else(|| "localhost".to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .hello_name(client_id(&hello))
            .timeout(Some(PATIENCE));
        if let Some((name, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(name.clone(), password.to_string()));
        }
        let own = domain_of_mail(settings.from.email.domain()).into_iter();
        let domains = own.chain(settings.sender_domains.iter().cloned());
        let domains = domains.map(|domain| domain.to_ascii_lowercase()).collect();
        Ok(Self { transport: builder.build(), from: settings.from.clone(), domains, hello })
    }

    /// The domains that it sends for, in lower case.
    pub(super) fn domains(&self) -> &[String] {
        &self.domains
    }

    /// Whom a letter comes from: whoever it says, as long as this server sends for its domain; else the server's own sender,
    /// under the same name.
    fn sender(&self, mail: &Mail) -> Mailbox {
        let wanted = mail.from.as_deref().and_then(MailSender::parse);
        let Some(wanted) = wanted else { return self.from.clone() };
        let name = wanted.name().map(str::to_owned);
        let (local, domain) = wanted.address();
        let address = Address::new(local, domain).ok().filter(|_| wanted.is_of(&self.domains));
        Mailbox::new(name, address.unwrap_or_else(|| self.from.email.clone()))
    }

    /// Sends a letter, which has an id and a time of its own: tried again, it is the same letter.
    ///
    /// # Errors
    /// [`SmtpError`].
    pub async fn send(&self, letter: (MailId, Micros), to: &str, mail: &Mail) -> Result<(), SmtpError> {
        let message = |error: &dyn std::fmt::Display| SmtpError::Message(error.to_string());
        let (local, domain) = to.rsplit_once('@').unwrap_or((to, ""));
        // Not every server takes other letters (RFC 6531); in the domain there is a way around that.
        let domain = domain_of_mail(domain).ok_or_else(|| message(&"the domain of the address is none"))?;
        let address = Address::new(local, domain).map_err(|error| message(&error))?;
        let (id, at) = letter;
        let since = Duration::from_micros(u64::try_from(at.0).unwrap_or_default());
        let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let built = Message::builder()
            .from(self.sender(mail))
            .to(Mailbox::new(None, address))
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(format!("<{id}@{}>", self.hello.trim_matches(['[', ']']))))
            .header(AutoSubmitted)
            .subject(mail.subject.clone())
            .multipart(body)
            .map_err(|error| message(&error))?;
        self.transport.send(built).await.map(drop).map_err(|source| SmtpError::Server { source })
    }
}
