//! Logos of clients on pages: as they are kept. A page only says that it has shown one whose time is over, or
//! missed one for its language; a job looks for it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use writ_core::client::{LogoInLanguage, LogoOnPage, MissedLogo};
use writ_core::ids::{ClientId, TenantId};
use writ_core::look::PictureName;

use crate::state::app::App;
use crate::state::fault::Fault;

/// Logos that are kept in mind at once; more are told when they are missed again.
const MOST: usize = 1000;

/// Logos that were missed on pages: shown after their time, or not there yet in somebody's language.
#[derive(Debug, Default)]
pub(crate) struct MissedLogos(Mutex<BTreeSet<MissedLogo>>);

impl MissedLogos {
    fn tell(&self, missed: MissedLogo) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST {
            told.insert(missed);
        }
    }

    /// Those that were told since this was asked last, each tenant's together.
    pub fn take(&self) -> BTreeSet<MissedLogo> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// The logo of a client, as it is shown now, to those who read a language for which it may have another one; none:
    /// its letter stands for it.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn client_logo(
        &self,
        (tenant, client): (TenantId, ClientId),
        own: Option<LogoInLanguage<'_>>,
    ) -> Result<Option<PictureName>, Fault> {
        let kept = self.store.client_logos(client, tenant).await?;
        let shown = LogoOnPage::of(&kept, own, (tenant, client), self.clock.now());
        if let Some(missed) = shown.missed {
            self.missed_logos.tell(missed);
        }
        Ok(shown.name)
    }
}
