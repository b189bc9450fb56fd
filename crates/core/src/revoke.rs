//! Revocation (RFC 7009): a client ends a token that was issued to it.

use crate::authenticate::ClientFacts;
use crate::change::{Act, Action, Actor, Change, Changes, Origin, Target};
use crate::decision::{Judgement, Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::AuditId;
use crate::token::{TokenFacts, TokenRef};

/// Decides a revocation. `None`: there is nothing to end, which is a success (RFC 7009 §2.2).
///
/// # Errors
/// `unauthorized_client` for a token that was issued to another client (RFC 7009 §2.1).
pub fn revoke(
    presented: &TokenRef,
    token: Option<&TokenFacts>,
    caller: (&ClientFacts, Origin),
    moment: &Moment<'_>,
) -> Judgement<Option<Changes>> {
    let (facts, origin) = caller;
    let Some(token) = token.filter(|token| token.live_as(presented, moment.now).is_ok()) else {
        return Ok(None);
    };
    if token.client != facts.client.id {
        return Err(Refusal::new(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "token: it was issued to another client",
        )));
    }
    let act = Act {
        id: AuditId::v7(moment.now, moment.random.bits()),
        at: moment.now,
        tenant: facts.tenant.id,
        actor: Actor::Client { id: facts.client.id, name: facts.client.client_id.clone() },
        action: Action::AccessTokenRevoked,
        target: Target::AccessToken(token.id),
        origin,
    };
    let change = Change::RevokeAccessToken {
        token: token.id,
        tenant: facts.tenant.id,
        client: facts.client.id,
        at: moment.now,
        basis: facts.basis(),
    };
    Ok(Some(Changes::new(act).with(change)))
}
