//! The ways out of the server: a mail server, and whoever somebody has named by an https address.

mod address;
mod guard;
mod place;
mod slots;
mod smtp;

use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};
use writ_core::settings::MailSender;

pub use address::Loopback;
pub use guard::{Ask, Bounds, Fetched, Outbound, OutboundError, OutboundSettings, certificates};
pub use smtp::{Smtp, SmtpError, SmtpSettings, SmtpTls};

/// What happens to mail.
#[derive(Debug)]
pub enum Post {
    /// It is sent.
    Smtp(Box<Smtp>),
    /// It is shown at `/dev/mailbox`: there is no mail server, and nobody but this machine can look.
    Mailbox,
    /// Nothing: there is no mail server. It goes when its time is over.
    Nowhere,
}

impl Post {
    /// The domains that mail is sent for, where this sender is of none of them; none: it is, or nothing is sent.
    pub fn other_domains(&self, sender: &MailSender) -> Option<String> {
        match self {
            Self::Smtp(smtp) if !sender.is_of(smtp.domains()) => Some(smtp.domains().join(" ")),
            Self::Smtp(_) | Self::Mailbox | Self::Nowhere => None,
        }
    }
}

/// Counters of letters.
#[derive(Debug, Default)]
pub struct MailMeters {
    /// Letters sent.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
    /// Letters given up.
    pub given_up: AtomicU64,
}

/// A letter in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    /// To which address; none: to nobody.
    pub to: Option<String>,
    /// Whom it comes from, where that is not the server's own sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
    /// The link in it.
    pub link: Option<String>,
}
