//! On whose behalf, and when, something about a person is done: with a credential or without.

use crate::change::{Act, Action, Actor, Changes, Origin, Target};
use crate::decision::Moment;
use crate::ids::{AuditId, TenantId};
use crate::manage::Deed;

/// Who does something about a person, in which tenant, from where and when.
#[derive(Debug, Clone)]
pub struct Errand<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: &'a Origin,
    /// When, and with which randomness.
    pub moment: Moment<'a>,
}

impl Errand<'_> {
    /// The unit of this errand, as yet without a write.
    pub fn changes(&self, action: Action, target: Target) -> Changes {
        Changes::new(Act {
            id: AuditId::v7(self.moment.now, self.moment.random.bits()),
            at: self.moment.now,
            tenant: self.tenant,
            actor: self.actor.clone(),
            action,
            target,
            origin: self.origin.clone(),
        })
    }
}

impl<'a> From<&Deed<'a>> for Errand<'a> {
    fn from(deed: &Deed<'a>) -> Self {
        Self {
            tenant: deed.acting.tenant(),
            actor: deed.acting.caller().actor(),
            origin: deed.origin,
            moment: deed.moment,
        }
    }
}
