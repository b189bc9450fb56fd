//! On what terms tokens are issued: to whom, from where, when, and how they are made.

use std::sync::Arc;

use crate::act::{Act, Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::client::{GrantType, IdTokenClaims};
use crate::confirmation::Confirmation;
use crate::decision::Moment;
use crate::draft::Refreshing;
use crate::handle::{Drawn, REFRESH_PREFIX};
use crate::ids::{AuditId, TokenId};
use crate::secret::HashKey;
use crate::time::Micros;
use writ_jose::Algorithm;

/// To whom tokens are issued, from where the request came and when.
#[derive(Debug, Clone, Copy)]
pub struct Issuing<'a> {
    /// The client, as authenticated.
    pub facts: &'a ClientFacts,
    /// From where.
    pub origin: &'a Origin,
    /// When.
    pub moment: Moment<'a>,
    /// How ID tokens are made.
    pub id_tokens: IdTokenPolicy,
    /// What the successor of a refresh token follows from, beside that token.
    pub hash_key: &'a HashKey,
    /// The key that the request was proved with, which its tokens are bound to; none: there was none.
    pub confirmation: Option<&'a Confirmation>,
}

/// How the ID tokens of a client are made: its own choice, its tenant's, or the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdTokenPolicy {
    /// What they are signed with: it decides the hash in `at_hash`.
    pub algorithm: Algorithm,
    /// What they tell of the person.
    pub claims: IdTokenClaims,
}

impl Issuing<'_> {
    /// The act of the client on something.
    pub(crate) fn act(&self, action: Action, target: Target) -> Act {
        act_of((self.facts, self.origin), &self.moment, (action, target))
    }

    /// The row of an access token that is made now.
    pub(crate) fn token_id(&self) -> TokenId {
        TokenId::v7(self.moment.now, self.moment.random.bits())
    }

    /// Whether the client gets refresh tokens.
    pub(crate) fn refreshes(&self) -> bool {
        self.facts.client.grant_types.contains(GrantType::RefreshToken)
    }

    /// The first refresh token of a grant, where the client gets any.
    pub(crate) fn first_refresh(&self) -> Refreshing {
        if !self.refreshes() {
            return Refreshing::None;
        }
        let id = TokenId::v7(self.moment.now, self.moment.random.bits());
        Refreshing::New(id, Drawn::new(REFRESH_PREFIX, id.to_bytes(), &self.moment))
    }

    /// Until when the youngest of the tokens lives that are issued now.
    pub(crate) fn last_expiry(&self) -> Micros {
        let tokens = &self.facts.client.tokens;
        let longest = if self.refreshes() {
            tokens.refresh_lifetime.max(tokens.access_lifetime)
        } else {
            tokens.access_lifetime
        };
        self.moment.now.plus(longest)
    }
}

/// The act of a client on something.
pub(crate) fn act_of(by: (&ClientFacts, &Origin), moment: &Moment<'_>, what: (Action, Target)) -> Act {
    let ((facts, origin), (action, target)) = (by, what);
    Act {
        id: AuditId::v7(moment.now, moment.random.bits()),
        at: moment.now,
        tenant: facts.tenant.id,
        actor: Actor::Client { id: facts.client.id, name: Arc::clone(&facts.client.client_id) },
        action,
        target,
        origin: origin.clone(),
    }
}
