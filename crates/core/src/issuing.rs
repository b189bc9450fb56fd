//! On what terms tokens are issued: to whom, from where, when, and how they are made.

use crate::act::{Act, Action, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::change::{Changes, Details};
use crate::claims::Person;
use crate::client::{GrantType, IdTokenClaims};
use crate::confirmation::Confirmation;
use crate::decision::{Judgement, Moment};
use crate::draft::Refreshing;
use crate::grant::Terms;
use crate::handle::{Drawn, REFRESH_PREFIX};
use crate::ids::TokenId;
use crate::resource::{Limit, Targets, TokenTarget};
use crate::scene::Scene;
use crate::scope::Scope;
use crate::secret::HashKey;
use crate::subject::Subjects;
use crate::time::{Micros, Seconds};
use crate::token::Audience;
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
    /// What the request names, and what its tenant knows.
    pub targets: Targets<'a>,
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
        Scene::of_client(self.facts, self.origin, self.moment).act(action, target)
    }

    /// The unit of the client's act for a person: of an agent, the record names both.
    pub(crate) fn unit_for(&self, action: Action, target: Target, person: &Person) -> Changes {
        let unit = Changes::new(self.act(action, target));
        let client = &self.facts.client;
        if !client.is_agent() {
            return unit;
        }
        let both = [("user", person.username.to_string()), ("agent", client.client_id.to_string())];
        unit.detailed(Details::new(both))
    }

    /// Who a token with this scope is for, of what the request names.
    ///
    /// # Errors
    /// `invalid_target`.
    pub(crate) fn target(&self, limit: Limit<'_>, scope: &Scope) -> Judgement<TokenTarget> {
        self.targets.target(self.facts, limit, scope)
    }

    /// The row of an access token that is made now.
    pub(crate) fn token_id(&self) -> TokenId {
        TokenId::v7(self.moment.now, self.moment.random.bits())
    }

    /// What binds a grant that is made now. The refresh tokens of a client with a credential are bound to that already; it may
    /// change its keys (RFC 9449 §5).
    pub(crate) fn terms(&self, audience: Option<Audience>) -> Terms {
        let is_public = !self.facts.client.kind.is_confidential();
        let cnf = self.confirmation.filter(|_| is_public).cloned();
        Terms { audience, cnf, actors: self.facts.client.acting() }
    }

    /// How the client knows people.
    pub(crate) fn subjects(&self) -> Subjects<'_> {
        Subjects::of_client(&self.facts.client, self.hash_key)
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

    /// Until when the youngest of the tokens lives that are issued now, of which the access token lives for `access`.
    pub(crate) fn last_expiry(&self, access: Seconds) -> Micros {
        let tokens = &self.facts.client.tokens;
        let longest = if self.refreshes() { tokens.refresh_lifetime.max(access) } else { access };
        self.moment.now.plus(longest)
    }
}
