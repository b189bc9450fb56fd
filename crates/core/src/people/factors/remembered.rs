//! Devices on which somebody is not asked for the second factor each time: a cookie that leads to a row, for one person in one
//! tenant. What ends the person's tokens ends it, and so does every change of their factors. It proves nothing: a sign-in
//! that rests on it is one of one factor, and who demands two gets two.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::FactorChange;
use crate::act::{Action, Target};
use crate::change::Changes;
use crate::handle::{Drawn, Handle};
use crate::ids::{RememberedId, TenantId, UserId};
use crate::scene::Scene;
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};

/// What the cookie of one begins with.
pub const PREFIX: &str = "rd_";
/// The longest that a tenant may have devices remembered.
pub const LONGEST: Seconds = Seconds(90 * 86_400);

/// A device that is to be remembered, or is.
#[derive(Clone)]
pub struct RememberedDevice {
    /// Row id.
    pub id: RememberedId,
    /// For whom.
    pub user: UserId,
    /// In which tenant.
    pub tenant: TenantId,
    /// SHA-256 of its cookie.
    pub hash: Digest32,
    /// The generation of the person's tokens then.
    pub generation: i64,
    /// Since when.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// From where it was.
    pub ip: Option<Box<str>>,
    /// With what.
    pub user_agent: Option<Arc<str>>,
}

impl fmt::Debug for RememberedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedDevice")
            .field("id", &self.id)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Whoever is to be remembered: who, and the generation of their tokens.
#[derive(Debug, Clone, Copy)]
pub struct DeviceOwner {
    /// Who.
    pub user: UserId,
    /// The generation of their tokens.
    pub generation: i64,
}

impl RememberedDevice {
    /// A device to be remembered from now on, with the cookie that it gets.
    pub fn draw(owner: DeviceOwner, lasts: Seconds, scene: &Scene<'_>) -> (Drawn, Self) {
        let now = scene.moment.now;
        let id = RememberedId::v7(now, scene.moment.random.bits());
        let cookie = Drawn::new(PREFIX, id.to_bytes(), &scene.moment);
        let device = Self {
            id,
            user: owner.user,
            tenant: scene.tenant,
            hash: cookie.hash,
            generation: owner.generation,
            created_at: now,
            expires_at: now.plus(lasts),
            ip: scene.origin.ip.map(|ip: IpAddr| ip.to_string().into()),
            user_agent: scene.origin.user_agent.clone(),
        };
        (cookie, device)
    }

    /// Whether it lives: its time is not over, not by what the tenant has chosen since either, and nothing has ended it.
    pub fn lives(&self, owner: DeviceOwner, lasts: Seconds, now: Micros) -> bool {
        self.user == owner.user
            && self.generation == owner.generation
            && now < self.expires_at
            && now < self.created_at.plus(lasts)
    }

    /// Whether it is this one that presents its cookie.
    pub fn presented(&self, cookie: &Handle) -> bool {
        self.hash.ct_eq(&cookie.hash)
    }
}

/// Its owner has one forgotten, or all of them.
pub fn forget(user: UserId, which: Option<RememberedId>, scene: &Scene<'_>) -> Changes {
    let tenant = scene.tenant;
    let change = match which {
        Some(device) => FactorChange::Forget { device, user, tenant },
        None => FactorChange::ForgetAll { user, tenant },
    };
    scene.unit(Action::DeviceForgotten, Target::User(user)).with(change.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Origin};
    use crate::given::{Counted, NOW, at};

    #[test]
    fn a_device_is_remembered_for_its_person_until_something_ends_it() {
        let (origin, random) = (Origin::default(), Counted::default());
        let tenant = TenantId::from_bytes([1; 16]);
        let scene = Scene { tenant, actor: Actor::Anonymous, origin: &origin, moment: at(NOW, &random) };
        let owner = DeviceOwner { user: UserId::from_bytes([7; 16]), generation: 2 };
        let (cookie, device) = RememberedDevice::draw(owner, Seconds(100), &scene);
        let handle = Handle::parse(PREFIX, &cookie.text).unwrap();
        assert!(device.presented(&handle) && handle.id == device.id.to_bytes());
        let later = |seconds| NOW.plus(Seconds(seconds));
        assert!(device.lives(owner, Seconds(100), later(99)));
        assert!(!device.lives(owner, Seconds(100), later(100)));
        // What the tenant has shortened, or turned off, ends those that were there.
        assert!(!device.lives(owner, Seconds(50), later(50)) && !device.lives(owner, Seconds(0), NOW));
        assert!(!device.lives(owner, Seconds(1000), later(100)));
        assert!(!device.lives(DeviceOwner { generation: 3, ..owner }, Seconds(100), NOW));
        let other = DeviceOwner { user: UserId::from_bytes([8; 16]), ..owner };
        assert!(!device.lives(other, Seconds(100), NOW));
    }
}
