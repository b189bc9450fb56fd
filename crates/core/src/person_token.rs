//! Tokens that speak for a person: access token, ID token and refresh token, drafted together.

use std::sync::Arc;

use crate::act::{Act, Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::change::{Change, Changes, Note};
use crate::client::{GrantType, TokenFormat};
use crate::client_credentials::{Claims, audience, payload};
use crate::decision::Moment;
use crate::flow::FlowChange;
use crate::handle::{Drawn, REFRESH_PREFIX};
use crate::id_token::{IdToken, IdTokenDraft};
use crate::ids::{AuditId, GrantId, TokenId, UserId};
use crate::refresh_token::NewRefreshToken;
use crate::scope::Scope;
use crate::secret::{HashKey, sha256};
use crate::session::Authentication;
use crate::time::{Micros, Seconds};
use crate::token::{DraftForm, Issued, NewAccessToken, OPAQUE_PREFIX, Unsigned, opaque};
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
    /// What ID tokens are signed with.
    pub id_token_alg: Algorithm,
    /// What the successor of a refresh token follows from, beside that token.
    pub hash_key: &'a HashKey,
}

impl Issuing<'_> {
    /// The act of the client on something.
    pub(crate) fn act(&self, action: Action, target: Target) -> Act {
        act_of((self.facts, self.origin), &self.moment, (action, target))
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

/// What a set of tokens is issued for.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    pub grant: GrantId,
    pub user: UserId,
    /// Of the access token.
    pub scope: Scope,
    pub authentication: &'a Authentication,
    pub nonce: Option<&'a str>,
}

/// Which refresh token goes with it.
pub(crate) enum Refreshing {
    /// None.
    None,
    /// A new one, to be recorded.
    New(TokenId, Drawn),
    /// One that is recorded already.
    Known(String),
}

/// Tokens that were decided and are not signed yet. As with [`crate::token::Draft`], the only way to the
/// [`Changes`] is [`PersonDraft::seal`].
pub struct PersonDraft {
    form: DraftForm,
    row: NewAccessToken,
    id_token: Option<IdTokenDraft>,
    refresh: Option<(String, Option<Box<NewRefreshToken>>)>,
    changes: Changes,
    lifetime: Seconds,
}

impl std::fmt::Debug for PersonDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonDraft").field("row", &self.row).finish_non_exhaustive()
    }
}

/// Drafts the tokens; `changes` has what must hold and be there before they are.
pub(crate) fn draft(
    issuing: &Issuing<'_>,
    given: Given<'_>,
    refreshing: Refreshing,
    changes: Changes,
) -> PersonDraft {
    let Issuing { facts, moment, .. } = issuing;
    let (client, now) = (&facts.client, moment.now);
    let lifetime = client.tokens.access_lifetime;
    let id = TokenId::v7(now, moment.random.bits());
    let expires_at = now.plus(lifetime);
    let audience = audience(&given.scope, facts);
    let form = match client.tokens.format {
        TokenFormat::Jwt(_) => {
            let claims = Claims {
                id,
                user: Some(given.user),
                scope: &given.scope,
                audience: &audience,
                now,
                expires_at,
            };
            DraftForm::Jwt { payload: payload(facts, &claims) }
        }
        TokenFormat::Opaque => {
            let mut random = [0; 32];
            moment.random.fill(&mut random);
            DraftForm::Opaque { token: opaque(OPAQUE_PREFIX, id.to_bytes(), random) }
        }
    };
    let id_token = given.scope.contains("openid").then(|| {
        let about = IdToken {
            user: given.user,
            authentication: given.authentication,
            nonce: given.nonce,
            now,
            expires_at,
            algorithm: issuing.id_token_alg,
        };
        IdTokenDraft::new(facts, &about)
    });
    let refresh = match refreshing {
        Refreshing::None => None,
        Refreshing::Known(text) => Some((text, None)),
        Refreshing::New(id, drawn) => {
            let new = NewRefreshToken {
                id,
                hash: drawn.hash,
                tenant: facts.tenant.id,
                client: client.id,
                user: given.user,
                grant: given.grant,
                issued_at: now,
                expires_at: now.plus(client.tokens.refresh_lifetime),
            };
            Some((drawn.text, Some(Box::new(new))))
        }
    };
    let row = NewAccessToken {
        id,
        tenant: facts.tenant.id,
        client: client.id,
        user: Some(given.user),
        grant: Some(given.grant),
        hash: sha256(b""),
        scope: given.scope,
        audience,
        issued_at: now,
        expires_at,
        basis: facts.basis(),
    };
    let changes = changes.noting(Note::ClientUsed { client: client.id, at: now });
    PersonDraft { form, row, id_token, refresh, changes, lifetime }
}

impl PersonDraft {
    /// What is granted.
    pub fn scope(&self) -> &Scope {
        &self.row.scope
    }

    /// Has the tokens signed, and encrypted where that is wanted, and gives what to hand out and what to write.
    ///
    /// # Errors
    /// The signer's own.
    pub fn seal<E>(
        self,
        mut sign: impl FnMut(Unsigned<'_>) -> Result<String, E>,
    ) -> Result<(Issued, Changes), E> {
        let access_token = self.form.sealed(self.row.id, &mut sign)?;
        let id_token = match self.id_token {
            Some(draft) => Some(sign(Unsigned::IdToken { payload: &draft.payload(&access_token) })?),
            None => None,
        };
        let mut row = self.row;
        row.hash = sha256(access_token.as_bytes());
        let scope = row.scope.clone();
        let mut changes = self.changes.with(Change::IssueAccessToken(Box::new(row)));
        let refresh_token = match self.refresh {
            Some((text, Some(new))) => {
                changes = changes.with(FlowChange::IssueRefreshToken(new).into());
                Some(text)
            }
            Some((text, None)) => Some(text),
            None => None,
        };
        Ok((Issued { access_token, expires_in: self.lifetime, scope, refresh_token, id_token }, changes))
    }
}
