//! Introspection (RFC 7662): what a caller may know of a token.

use crate::authority::{Permission, Permissions};
use crate::ids::ClientId;
use crate::time::Micros;
use crate::token::{TokenFacts, TokenRef};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Introspector<'a> {
    /// The client that asks, or whose token is used to ask; none for an API key.
    pub client: Option<(ClientId, &'a str)>,
    /// What the caller may do.
    pub permissions: Permissions,
}

/// Whether a token is live and this caller may know it. `None` is `{"active":false}`, for every
/// reason alike (RFC 7662 §2.2).
pub fn introspect<'f>(
    presented: &TokenRef,
    token: Option<&'f TokenFacts>,
    caller: &Introspector<'_>,
    now: Micros,
) -> Option<&'f TokenFacts> {
    let token = token?;
    token.live_as(presented, now).ok()?;
    may_see(token, caller).then_some(token)
}

/// A client sees its own tokens and those whose audience names it; `oauth:read` sees all of the tenant.
fn may_see(token: &TokenFacts, caller: &Introspector<'_>) -> bool {
    caller.permissions.contains(Permission::OauthRead)
        || caller.client.is_some_and(|(id, name)| token.client == id || token.audience.names(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{NOW, facts, token};
    use crate::secret::sha256;
    use crate::token::{Audience, GrantState, Parent};

    const OTHER: ClientId = ClientId::from_bytes([9; 16]);

    fn client(id: ClientId, name: &str) -> Introspector<'_> {
        Introspector { client: Some((id, name)), permissions: Permissions::NONE }
    }

    #[test]
    fn a_client_sees_its_own_tokens_and_those_that_name_it() {
        let facts = facts(|_, _| {});
        let (text, mut token) = token(&facts);
        let presented = TokenRef::parse(&text).unwrap();
        token.audience = Audience::new(["api", "https://id.example"]);
        let reader =
            |client| Introspector { client, permissions: [Permission::OauthRead].into_iter().collect() };
        let without_it = Permissions::all().names().filter(|name| *name != Permission::OauthRead.name());
        let other_permissions =
            Introspector { client: None, permissions: without_it.filter_map(Permission::by_name).collect() };
        let cases = [
            (client(facts.client.id, "app"), true),
            (client(OTHER, "api"), true),
            (client(OTHER, "ap"), false),
            (client(OTHER, "app"), false),
            (reader(None), true),
            (reader(Some((OTHER, "other"))), true),
            (other_permissions, false),
        ];
        for (caller, sees) in cases {
            assert_eq!(introspect(&presented, Some(&token), &caller, NOW).is_some(), sees, "{caller:?}");
        }
    }

    /// RFC 7662 §2.2: whatever the reason, the answer is the same.
    #[test]
    fn only_a_live_token_is_active() {
        let facts = facts(|_, _| {});
        let (text, live) = token(&facts);
        let presented = TokenRef::parse(&text).unwrap();
        let caller = client(facts.client.id, "app");
        assert!(introspect(&presented, Some(&live), &caller, NOW).is_some());
        assert!(introspect(&presented, None, &caller, NOW).is_none());
        assert!(
            introspect(&presented, Some(&live), &caller, live.expires_at).is_none(),
            "the end is not part of it"
        );

        let ended = Parent::Present { stored: 3, current: 4 };
        let dead: [fn(&mut TokenFacts, Parent); 8] = [
            |token, _| token.revoked_at = Some(NOW),
            |token, _| token.hash = sha256(b"another text"),
            |token, _| token.client_parent = Parent::Gone,
            |token, ended| token.client_parent = ended,
            |token, ended| token.tenant_parent = ended,
            |token, ended| token.user_parent = ended,
            |token, _| token.grant = GrantState::Gone,
            |token, _| token.grant = GrantState::Ended,
        ];
        for (n, kill) in dead.into_iter().enumerate() {
            let mut token = live.clone();
            kill(&mut token, ended);
            assert!(introspect(&presented, Some(&token), &caller, NOW).is_none(), "{n}");
        }
        let mut token = live.clone();
        (token.grant, token.user_parent) = (GrantState::Live, Parent::Present { stored: 4, current: 4 });
        assert!(introspect(&presented, Some(&token), &caller, NOW).is_some());
    }
}
