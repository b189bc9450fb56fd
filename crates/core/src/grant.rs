//! Grants: what a person has allowed a client, from which that client's tokens come.
//!
//! Ending a grant is one row; every token that came from it is dead with it.

use crate::actors::ActorChain;
use crate::claims::ClaimsRequest;
use crate::confirmation::Confirmation;
use crate::ids::{ClientId, GrantId, SessionId, TenantId, UserId};
use crate::scope::Scope;
use crate::session::Authentication;
use crate::time::Micros;
use crate::token::{Audience, Parent};

/// What binds a grant, and every token that comes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who its tokens are for; none: nothing was picked, and they are for whom the client's tokens are for at the time.
    pub audience: Option<Audience>,
    /// The key that it is bound to; none: to no key.
    pub cnf: Option<Confirmation>,
    /// Who acts with its tokens for its person.
    pub actors: ActorChain,
}

/// A grant to be made.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// Row id.
    pub id: GrantId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// To which client.
    pub client: ClientId,
    /// By which person.
    pub user: UserId,
    /// What it allows.
    pub scope: Scope,
    /// How the person had proved to be themselves.
    pub authentication: Authentication,
    /// What binds it.
    pub terms: Terms,
    /// When.
    pub created_at: Micros,
    /// Until when its youngest token lives.
    pub expires_at: Micros,
}

/// A grant with the present state of what it depends on.
#[derive(Debug, Clone)]
pub struct GrantFacts {
    /// Row id.
    pub id: GrantId,
    /// By which person.
    pub user: UserId,
    /// What it allows.
    pub scope: Scope,
    /// What it allows beside that, claim by claim.
    pub claims: ClaimsRequest,
    /// How the person had proved to be themselves.
    pub authentication: Authentication,
    /// The sign-in that it was made in.
    pub session: Option<SessionId>,
    /// What binds it.
    pub terms: Terms,
    /// When it was ended.
    pub ended_at: Option<Micros>,
    /// The generations of its client, tenant and user.
    pub parents: [Parent; 3],
}

impl GrantFacts {
    /// Whether it goes on.
    pub fn is_live(&self) -> bool {
        self.ended_at.is_none() && self.parents.iter().all(|parent| parent.alive())
    }
}
