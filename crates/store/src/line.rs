//! The bounded line of units before a writer, with a share per tenant. It knows nothing of waiting:
//! each engine wraps it in what its writers sleep on.

use std::collections::{HashMap, VecDeque};

use writ_core::ids::TenantId;

/// Why a unit was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// The line is full, or the tenant's share of it.
    Full,
    /// Nothing is taken any more.
    Closed,
}

pub(crate) struct Line<T> {
    capacity: usize,
    share: usize,
    units: VecDeque<(TenantId, T)>,
    per_tenant: HashMap<TenantId, usize>,
    closed: bool,
}

impl<T> Line<T> {
    /// A line of so many places; a tenant may have three quarters of them.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            share: (capacity / 4 * 3).max(1),
            units: VecDeque::new(),
            per_tenant: HashMap::new(),
            closed: false,
        }
    }

    pub fn push(&mut self, tenant: TenantId, unit: T) -> Result<(), NotTaken> {
        if self.closed {
            return Err(NotTaken::Closed);
        }
        if self.units.len() >= self.capacity {
            return Err(NotTaken::Full);
        }
        let held = self.per_tenant.entry(tenant).or_default();
        if *held >= self.share {
            return Err(NotTaken::Full);
        }
        *held += 1;
        self.units.push_back((tenant, unit));
        Ok(())
    }

    /// Moves up to `most` units, in their order, into `batch`.
    pub fn take(&mut self, batch: &mut Vec<T>, most: usize) {
        let count = self.units.len().min(most);
        for _ in 0..count {
            let Some((tenant, unit)) = self.units.pop_front() else { break };
            if let Some(held) = self.per_tenant.get_mut(&tenant) {
                *held -= 1;
                if *held == 0 {
                    self.per_tenant.remove(&tenant);
                }
            }
            batch.push(unit);
        }
    }

    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Takes out all that waits.
    pub fn drain(&mut self) -> Vec<T> {
        self.per_tenant.clear();
        self.units.drain(..).map(|(_, unit)| unit).collect()
    }

    /// Takes nothing any more; what waits can still be taken out.
    pub const fn close(&mut self) {
        self.closed = true;
    }
}
