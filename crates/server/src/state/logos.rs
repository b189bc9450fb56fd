//! Logos of clients on pages: as they are kept. A page only says that it has shown one whose time is over; a job looks
//! for it again.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use writ_core::ids::{ClientId, TenantId};
use writ_core::look::PictureName;

use crate::state::app::App;
use crate::state::fault::Fault;

/// Clients that are kept in mind at once; more are told when their logos are shown again.
const MOST: usize = 1000;

/// Clients whose logos were shown after their time.
#[derive(Debug, Default)]
pub(crate) struct StaleLogos(Mutex<BTreeSet<(TenantId, ClientId)>>);

impl StaleLogos {
    fn tell(&self, tenant: TenantId, client: ClientId) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST {
            told.insert((tenant, client));
        }
    }

    /// Those that were told since this was asked last, each tenant's together.
    pub fn take(&self) -> BTreeSet<(TenantId, ClientId)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// The logo of a client, as it is shown now; none: its letter stands for it.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn client_logo(
        &self,
        client: ClientId,
        tenant: TenantId,
    ) -> Result<Option<PictureName>, Fault> {
        let Some(logo) = self.store.client_logo(client, tenant).await? else { return Ok(None) };
        if logo.is_stale(self.clock.now()) {
            self.stale_logos.tell(tenant, client);
        }
        Ok(logo.name)
    }
}
