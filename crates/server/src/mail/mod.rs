//! Mail: letters put into words, sealed and queued with the unit that they belong to, and sent by a
//! job. Without a mail server they stay where a developer can read them.

mod deliver;
mod words;

use writ_core::change::{Change, Changes};
use writ_core::ids::MailId;
use writ_core::people::change::NewMail;
use writ_core::people::{Letter, News, PeopleChange};
use writ_core::tenant::Tenant;
use writ_core::time::Seconds;
use writ_jose::MasterKey;

pub use crate::outbound::{Mail, Post};
pub use deliver::{deliver, run};

use crate::call::fault::Fault;
use crate::state::app::App;

/// How long a letter without a link waits at the most.
const KEPT: Seconds = Seconds(86_400);
/// What the key that letters are sealed under is made from.
const KEY_LABEL: &str = "writ mail queue";

/// In whose name a letter is written, and where its link leads on to.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The authorization request that the person is on their way to. Good for nothing but in the browser that began it.
    pub challenge: Option<&'a str>,
}

impl<'a> From<&'a Tenant> for Sender<'a> {
    fn from(tenant: &'a Tenant) -> Self {
        Self { tenant, challenge: None }
    }
}

/// The key that letters are sealed under. It comes from the key of the keyed hashes, which stays what
/// it is when the master key changes.
fn key(app: &App) -> Result<MasterKey, Fault> {
    MasterKey::from_bytes(app.hash_key.hash(KEY_LABEL).as_bytes()).map_err(Fault::internal)
}

/// Opens a sealed letter.
///
/// # Errors
/// One of ours: it is damaged.
pub fn open(app: &App, id: MailId, sealed: &[u8]) -> Result<Mail, Fault> {
    let opened = key(app)?.open(&id.to_bytes(), sealed).map_err(Fault::internal)?;
    serde_json::from_slice(&opened).map_err(Fault::internal)
}

impl App {
    /// A letter as a tenant's people get it, as HTML; it goes to nobody, and its link leads nowhere.
    ///
    /// # Errors
    /// Ours.
    pub(crate) fn sample_letter(&self, tenant: &Tenant) -> Result<String, Fault> {
        let letter =
            Letter { to: None, what: News::VerifyEmail(zeroize::Zeroizing::new("lnk_example".to_owned())) };
        Ok(words::write(tenant.into(), &self.issuer(tenant), &letter)?.html)
    }

    /// Adds a letter to the unit that it belongs to.
    ///
    /// # Errors
    /// Ours.
    pub fn with_letter<'a>(
        &self,
        sender: impl Into<Sender<'a>>,
        letter: &Letter,
        changes: Changes,
    ) -> Result<Changes, Fault> {
        let sender = sender.into();
        let tenant = sender.tenant;
        let mail = words::write(sender, &self.issuer(tenant), letter)?;
        let now = self.clock.now();
        let id = MailId::v7(now, self.random.bits());
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&mail).map_err(Fault::internal)?);
        let sealed = key(self)?.seal(&id.to_bytes(), &plain).map_err(Fault::internal)?;
        let expires_at = now.plus(words::worth(letter).unwrap_or(KEPT));
        let new = NewMail { id, tenant: tenant.id, sealed, created_at: now, expires_at };
        Ok(changes.with(Change::People(PeopleChange::QueueMail(Box::new(new)))))
    }
}
