//! What one network holds at once: connections, and bytes of bodies that make us wait.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use writ_core::network::Network;

/// How much of something each network holds.
#[derive(Debug, Default)]
struct Holdings(Mutex<HashMap<Network, usize>>);

impl Holdings {
    fn take(&self, network: Network, amount: usize, most: usize) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far = held.get(&network).copied().unwrap_or_default();
        let then = so_far.saturating_add(amount);
        if then > most {
            return false;
        }
        if then > 0 {
            held.insert(network, then);
        }
        true
    }

    fn give_back(&self, network: Network, amount: usize) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut of) = held.entry(network) {
            *of.get_mut() = of.get().saturating_sub(amount);
            if *of.get() == 0 {
                of.remove();
            }
        }
    }
}

/// Open connections of each network.
#[derive(Debug, Default)]
pub(super) struct Crowd(Holdings);

/// A connection among those of its network, given back when dropped.
#[derive(Debug)]
pub(super) struct CrowdSeat {
    crowd: Arc<Crowd>,
    network: Network,
}

impl Crowd {
    /// A place for a connection; none: its network has as many as it may.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, most: usize) -> Option<CrowdSeat> {
        let network = Network::of(peer);
        self.0.take(network, 1, most).then(|| CrowdSeat { crowd: Arc::clone(self), network })
    }
}

impl Drop for CrowdSeat {
    fn drop(&mut self) {
        self.crowd.0.give_back(self.network, 1);
    }
}

/// Bytes of request bodies that each network has on the way.
#[derive(Debug)]
pub struct Bodies {
    held: Holdings,
    most: AtomicUsize,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { held: Holdings::default(), most: AtomicUsize::new(usize::MAX) }
    }
}

impl Bodies {
    /// Sets how many bytes of one network there may be; 0: as many as come.
    pub fn set_most(&self, bytes: usize) {
        let most = if bytes == 0 { usize::MAX } else { bytes };
        self.most.store(most, Ordering::Relaxed);
    }

    /// Where the bodies of a caller are counted.
    pub fn of(self: &Arc<Self>, caller: IpAddr) -> Room {
        Room { bodies: Arc::clone(self), network: Network::of(caller) }
    }
}

/// Where the bodies of a network are counted.
#[derive(Debug)]
pub struct Room {
    bodies: Arc<Bodies>,
    network: Network,
}

impl Room {
    /// Holds so many bytes; none: there is no room.
    pub(super) fn hold(self, bytes: usize) -> Option<HeldBytes> {
        let most = self.bodies.most.load(Ordering::Relaxed);
        self.bodies.held.take(self.network, bytes, most).then(|| HeldBytes { room: self, bytes })
    }
}

/// Bytes that are held, given back when dropped.
#[derive(Debug)]
pub(super) struct HeldBytes {
    room: Room,
    bytes: usize,
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.room.bodies.held.give_back(self.room.network, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_places_and_no_more() {
        let crowd = Arc::new(Crowd::default());
        let enter = |ip: &str| crowd.enter(ip.parse().unwrap(), 2);
        let (one, other) = (enter("2001:db8::1").unwrap(), enter("2001:db8:0:ff::1").unwrap());
        assert!(enter("2001:db8:0:1::1").is_none());
        assert!(enter("2001:db8:0:100::1").is_some() && enter("192.0.2.7").is_some());
        drop(one);
        assert!(enter("2001:db8::9").is_some());
        drop(other);
        assert!(crowd.0.0.lock().unwrap().is_empty());
    }
}
