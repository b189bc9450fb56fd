//! How many calls go out at once: to one host, for one tenant, and in all. A host that does not answer holds a few of its
//! own, and no call to another host waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use writ_core::ids::TenantId;

/// Calls to one host at once.
const TO_A_HOST: usize = 4;
/// Calls for one tenant at once.
const FOR_A_TENANT: usize = 16;
/// Calls at once in all.
const IN_ALL: usize = 128;

/// The calls that are going on.
#[derive(Debug, Default)]
pub(super) struct Slots(Mutex<TakenSlots>);

#[derive(Debug, Default)]
struct TakenSlots {
    hosts: HashMap<Box<str>, usize>,
    tenants: HashMap<TenantId, usize>,
    all: usize,
}

/// The right to one call, for as long as this lives.
#[derive(Debug)]
pub(super) struct CallSlot {
    slots: Arc<Slots>,
    host: Box<str>,
    tenant: TenantId,
}

impl Slots {
    /// The right to call a host for a tenant, at once or not at all.
    ///
    /// # Errors
    /// Of which there are too many.
    pub(super) fn take(self: &Arc<Self>, host: &str, tenant: TenantId) -> Result<CallSlot, &'static str> {
        let host: Box<str> = host.to_ascii_lowercase().into();
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.hosts.get(&host).is_some_and(|calls| *calls >= TO_A_HOST) {
            return Err("to this host");
        }
        if taken.tenants.get(&tenant).is_some_and(|calls| *calls >= FOR_A_TENANT) {
            return Err("for this tenant");
        }
        if taken.all >= IN_ALL {
            return Err("in all");
        }
        *taken.hosts.entry(host.clone()).or_default() += 1;
        *taken.tenants.entry(tenant).or_default() += 1;
        taken.all += 1;
        Ok(CallSlot { slots: Arc::clone(self), host, tenant })
    }
}

impl Drop for CallSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        let TakenSlots { hosts, tenants, .. } = &mut *taken;
        if one_less(hosts.get_mut(&self.host)) {
            hosts.remove(&self.host);
        }
        if one_less(tenants.get_mut(&self.tenant)) {
            tenants.remove(&self.tenant);
        }
    }
}

/// Counts down; whether nothing is left.
fn one_less(calls: Option<&mut usize>) -> bool {
    calls.is_some_and(|calls| {
        *calls -= 1;
        *calls == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(number: u8) -> TenantId {
        TenantId::from_bytes([number; 16])
    }

    #[test]
    fn what_one_host_and_one_tenant_hold_is_not_anothers() {
        let slots = Arc::new(Slots::default());
        let held: Vec<_> = (0..TO_A_HOST).map(|_| slots.take("dead.example", tenant(1)).unwrap()).collect();
        assert_eq!(slots.take("DEAD.example", tenant(2)).unwrap_err(), "to this host");
        let more: Vec<_> = (TO_A_HOST..FOR_A_TENANT)
            .map(|number| slots.take(&format!("{number}.example"), tenant(1)).unwrap())
            .collect();
        assert_eq!(slots.take("fresh.example", tenant(1)).unwrap_err(), "for this tenant");
        let other = slots.take("fresh.example", tenant(2)).unwrap();
        drop((held, more, other));
        assert!(slots.take("dead.example", tenant(1)).is_ok());
        let taken = slots.0.lock().unwrap();
        assert_eq!(
            (taken.all, taken.hosts.len(), taken.tenants.len()),
            (0, 0, 0),
            "nothing is kept of what is over"
        );
    }

    #[test]
    fn all_together_have_a_bound() {
        let slots = Arc::new(Slots::default());
        let take = |number: usize| {
            slots.take(&format!("{number}.example"), tenant(u8::try_from(number / FOR_A_TENANT).unwrap()))
        };
        let held: Vec<_> = (0..IN_ALL).map(|number| take(number).unwrap()).collect();
        assert_eq!(take(IN_ALL).unwrap_err(), "in all");
        drop(held);
    }
}
