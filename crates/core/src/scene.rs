//! Scenes: who acts, in which tenant, from where and when. Every act is made by one.

use std::sync::Arc;

use crate::act::{Act, Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::change::Changes;
use crate::decision::Moment;
use crate::ids::{AuditId, TenantId, UserId};

/// Where the server's own acts come from.
static NOWHERE: Origin = Origin { ip: None, user_agent: None, request_id: None, browser: None };

/// Who acts, in which tenant, from where and when.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: &'a Origin,
    /// When, and with which randomness.
    pub moment: Moment<'a>,
}

impl<'a> Scene<'a> {
    /// The server acts by itself.
    pub fn of_system(tenant: TenantId, moment: Moment<'a>) -> Self {
        Self { tenant, actor: Actor::System, origin: &NOWHERE, moment }
    }

    /// A client acts by its own credential.
    pub fn of_client(facts: &ClientFacts, origin: &'a Origin, moment: Moment<'a>) -> Self {
        let actor = Actor::Client { id: facts.client.id, name: Arc::clone(&facts.client.client_id) };
        Self { tenant: facts.tenant.id, actor, origin, moment }
    }

    /// The same, where it turns out to be a person who acts.
    #[must_use]
    pub fn by(self, id: UserId, name: Arc<str>) -> Self {
        Self { actor: Actor::User { id, name }, ..self }
    }

    /// What is done to something, as the audit log has it.
    pub fn act(&self, action: Action, target: Target) -> Act {
        Act {
            id: AuditId::v7(self.moment.now, self.moment.random.bits()),
            at: self.moment.now,
            tenant: self.tenant,
            actor: self.actor.clone(),
            action,
            target,
            origin: self.origin.clone(),
        }
    }

    /// The unit of an act, as yet without a write.
    pub fn unit(&self, action: Action, target: Target) -> Changes {
        Changes::new(self.act(action, target))
    }
}
