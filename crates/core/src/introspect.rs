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
