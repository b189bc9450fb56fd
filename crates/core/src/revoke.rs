//! Revocation (RFC 7009): a client ends a token that was issued to it.

use crate::authenticate::ClientFacts;
use crate::change::{Action, Change, Changes, Origin, Target};
use crate::decision::{Judgement, Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::scene::Scene;
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
        return Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::TokenOfAnother)));
    }
    let scene = Scene::of_client(facts, &origin, *moment);
    let unit = scene.unit(Action::AccessTokenRevoked, Target::AccessToken(token.id));
    let change = Change::RevokeAccessToken {
        token: token.id,
        tenant: facts.tenant.id,
        client: facts.client.id,
        at: moment.now,
        basis: facts.basis(),
    };
    Ok(Some(unit.with(change)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at, facts, token};
    use crate::ids::ClientId;
    use crate::time::Micros;
    use crate::token::Parent;

    fn ask(
        text: &str,
        token: Option<&TokenFacts>,
        facts: &ClientFacts,
        now: Micros,
    ) -> Judgement<Option<Changes>> {
        let presented = TokenRef::parse(text).unwrap();
        revoke(&presented, token, (facts, Origin::default()), &at(now, &Counted::default()))
    }

    /// RFC 7009 §2.1.
    #[test]
    fn a_client_ends_its_own_token() {
        let facts = facts(|_, _| {});
        let (text, token) = token(&facts);
        let changes = ask(&text, Some(&token), &facts, NOW).unwrap().unwrap();
        let [Change::RevokeAccessToken { token: id, tenant, client, at, basis }] = changes.list() else {
            panic!("{changes:?}")
        };
        assert_eq!((*id, *tenant, *client), (token.id, facts.tenant.id, facts.client.id));
        assert_eq!((*at, *basis), (NOW, facts.basis()));
        let act = changes.act();
        assert_eq!((act.action, act.target), (Action::AccessTokenRevoked, Target::AccessToken(token.id)));
    }

    /// RFC 7009 §2.2: a token that is not live is a success without a write.
    #[test]
    fn what_is_not_live_needs_no_end() {
        let facts = facts(|_, _| {});
        let (text, live) = token(&facts);
        let mut revoked = live.clone();
        revoked.revoked_at = Some(NOW);
        let mut orphan = live.clone();
        orphan.client_parent = Parent::Gone;
        let mut altered = live.clone();
        altered.hash = crate::secret::sha256(b"another text");
        let cases = [
            (None, NOW),
            (Some(&revoked), NOW),
            (Some(&orphan), NOW),
            (Some(&altered), NOW),
            (Some(&live), live.expires_at),
        ];
        for (token, now) in cases {
            assert!(ask(&text, token, &facts, now).unwrap().is_none(), "{token:?}");
        }
    }

    /// RFC 7009 §2.1: the token must have been issued to the client that asks.
    #[test]
    fn another_clients_token_is_refused() {
        let owner = facts(|_, _| {});
        let stranger = facts(|client, _| client.id = ClientId::from_bytes([9; 16]));
        let (text, mut token) = token(&owner);
        let refusal = ask(&text, Some(&token), &stranger, NOW).unwrap_err();
        assert_eq!(refusal.error.code(), ErrorCode::UnauthorizedClient);
        assert!(refusal.changes.is_none());
        // Whether a dead token exists is not said.
        token.revoked_at = Some(NOW);
        assert!(ask(&text, Some(&token), &stranger, NOW).unwrap().is_none());
    }
}
