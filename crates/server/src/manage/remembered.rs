//! Devices on which people are not asked for the second factor each time.

use http::HeaderMap;
use writ_core::claims::AcrDemand;
use writ_core::ids::{RememberedId, UserId};
use writ_core::people::factors::policy::{Assurance, DeviceMemory, Missing, Sufficiency, judge};
use writ_core::people::factors::remembered::{DeviceOwner, RememberedDevice};
use writ_core::people::sign_in::SignedInUser;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::state::app::App;

/// Those that a page lists at the most, the newest first.
const LISTED: i64 = 25;

impl App {
    /// Somebody who has proved one factor: where they lack the other, and are not to be asked for it in this browser, they
    /// lack nothing.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn on_device(
        &self,
        headers: &HeaderMap,
        (tenant, demand): (&Tenant, AcrDemand),
        mut person: SignedInUser,
    ) -> Result<SignedInUser, Fault> {
        let is_asked = person.sufficiency == Some(Sufficiency::Lacks(Missing::Proof));
        let Some(cookie) = self.device_handle(headers, (tenant.id, person.id)).filter(|_| is_asked) else {
            return Ok(person);
        };
        let found = self.store.remembered_device(RememberedId::from_bytes(cookie.id), tenant.id).await?;
        let owner = DeviceOwner { user: person.id, generation: person.generation };
        let (lasts, now) = (tenant.settings.remembered_devices, self.clock.now());
        if found.is_some_and(|device| device.presented(&cookie) && device.lives(owner, lasts, now)) {
            let known = self.known_factors(person.id, tenant.id).await?;
            let usual = known.assurance(&tenant.settings, demand);
            let assurance = Assurance { device: DeviceMemory::Remembered, ..usual };
            person.sufficiency = Some(judge(&person.proved, &assurance));
        }
        Ok(person)
    }

    /// The devices on which somebody is not asked.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn devices_of(
        &self,
        tenant: &Tenant,
        user: UserId,
    ) -> Result<Vec<RememberedDevice>, Fault> {
        let Some(account) = self.store.account(user, tenant.id).await? else { return Ok(Vec::new()) };
        let owner = DeviceOwner { user, generation: account.generation };
        let (lasts, now) = (tenant.settings.remembered_devices, self.clock.now());
        let mut devices = self.store.remembered_devices(user, tenant.id, LISTED).await?;
        devices.retain(|device| device.lives(owner, lasts, now));
        Ok(devices)
    }
}
