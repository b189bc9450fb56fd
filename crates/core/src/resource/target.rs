//! Who a token is for: what a request names, within what was granted.

use super::named::{Named, ResourceAsker};
use super::{Resource, ResourceUri, Resources, Wanted};
use crate::authenticate::ClientFacts;
use crate::authority::Permission;
use crate::client::TokenFormat;
use crate::decision::Judgement;
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::scope::{Scope, is_person_scope};
use crate::time::Seconds;
use crate::token::Audience;

/// What a token request names, and what its tenant knows.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a> {
    /// The resources of the tenant.
    pub known: &'a Resources,
    /// Those that the request names.
    pub wanted: &'a Wanted,
}

/// What a token request may name.
#[derive(Debug, Clone, Copy)]
pub enum Limit<'a> {
    /// Whatever the client may: it asks for itself, or the grant is made now.
    Client,
    /// What was picked for the grant.
    Picked(&'a Audience),
    /// Nothing was picked: what the scopes of the grant belong to, and whom the client's tokens are for anyway.
    Unpicked,
}

impl<'a> From<Option<&'a Audience>> for Limit<'a> {
    fn from(picked: Option<&'a Audience>) -> Self {
        picked.map_or(Self::Unpicked, Self::Picked)
    }
}

/// Who a token is for, and how it is made for them.
#[derive(Debug, Clone)]
pub struct TokenTarget {
    picked: Option<Audience>,
    implied: Vec<Box<str>>,
    /// What of the scope goes with it.
    pub(crate) scope: Scope,
    /// What the token looks like.
    pub(crate) format: TokenFormat,
    /// How long it lives.
    pub(crate) lifetime: Seconds,
}

impl TokenTarget {
    /// What was picked by name; none: nothing was.
    pub(crate) fn picked(&self) -> Option<&Audience> {
        self.picked.as_ref()
    }

    /// The audience of a token with this scope. Where nothing was picked it is what the scope belongs to, the client's
    /// configured audience, and the issuer where a Writ permission or a person's scope was granted or nothing else would
    /// be in it (RFC 9068 §2.2 requires an `aud`).
    pub(crate) fn audience(&self, scope: &Scope, facts: &ClientFacts) -> Audience {
        if let Some(picked) = &self.picked {
            return picked.clone();
        }
        let configured = &facts.client.tokens.audience;
        let for_writ = (configured.is_empty() && self.implied.is_empty())
            || scope.iter().any(|token| Permission::by_name(token).is_some() || is_person_scope(token));
        let issuer = for_writ.then_some(&*facts.issuer);
        Audience::new(configured.iter().chain(&self.implied).map(|name| &**name).chain(issuer))
    }
}

impl Targets<'_> {
    /// Who a token with this scope is for.
    ///
    /// # Errors
    /// `invalid_target` (RFC 8707 §2) for what is not known, not for this client, or beyond `limit`; and for several where
    /// the client may have one in a token.
    pub(crate) fn target(
        &self,
        facts: &ClientFacts,
        limit: Limit<'_>,
        scope: &Scope,
    ) -> Judgement<TokenTarget> {
        let asker = ResourceAsker { known: self.known, client: &facts.client, issuer: &facts.issuer };
        if self.known.is_empty() && self.wanted.is_empty() && !matches!(limit, Limit::Picked(_)) {
            return Ok(made(&asker, (None, &[]), scope.clone()));
        }
        let named = asker.all(self.wanted)?;
        if !named.is_empty() {
            within(&named, limit, scope)?;
            return picked(&asker, &named, scope);
        }
        match limit {
            Limit::Picked(granted) => picked(&asker, &left_of(&asker, granted)?, scope),
            Limit::Client | Limit::Unpicked => implied(&asker, scope),
        }
    }
}

/// RFC 8707 §2.2: what is named at the token endpoint is part of what was granted.
fn within(named: &[Named<'_>], limit: Limit<'_>, scope: &Scope) -> Judgement<()> {
    let is_granted = |one: &Named<'_>| match limit {
        Limit::Client => true,
        Limit::Picked(granted) => granted.names(one.identifier()),
        Limit::Unpicked => match one {
            Named::Configured(_) => true,
            Named::Issuer(_) => {
                scope.iter().any(|token| Permission::by_name(token).is_some() || is_person_scope(token))
            }
            Named::Registered(resource) => resource.scope.iter().any(|token| scope.contains(token)),
        },
    };
    match named.iter().find(|one| !is_granted(one)) {
        None => Ok(()),
        Some(beyond) => {
            let why = Reason::ResourceBeyondGrant { name: beyond.identifier().into() };
            Err(OAuthError::new(ErrorCode::InvalidTarget, why).into())
        }
    }
}

/// What was picked for a grant, as far as it is still there for the client.
fn left_of<'a>(asker: &ResourceAsker<'a>, granted: &Audience) -> Judgement<Vec<Named<'a>>> {
    let left: Vec<_> =
        granted.iter().filter_map(|name| asker.find(&ResourceUri::from_stored(name)).ok()).collect();
    if left.is_empty() {
        let why = Reason::ResourceUnknown { name: granted.as_str().into() };
        return Err(OAuthError::new(ErrorCode::InvalidTarget, why).into());
    }
    Ok(left)
}

fn picked(asker: &ResourceAsker<'_>, named: &[Named<'_>], scope: &Scope) -> Judgement<TokenTarget> {
    asker.not_too_many(named)?;
    let audience = Audience::new(named.iter().map(Named::identifier));
    let scope = asker.fitting(scope, Some(&audience));
    let resources: Vec<_> = named.iter().filter_map(Named::resource).collect();
    Ok(made(asker, (Some(audience), &resources), scope))
}

/// Nothing is named: a scope that belongs to one resource alone says which one is meant.
fn implied(asker: &ResourceAsker<'_>, scope: &Scope) -> Judgement<TokenTarget> {
    let scope = asker.fitting(scope, None);
    let mut resources: Vec<&Resource> = Vec::new();
    for token in scope.iter() {
        let mut owners = asker.known.owners(token);
        if let (Some(only), None) = (owners.next(), owners.next())
            && !resources.iter().any(|known| known.id == only.id)
        {
            resources.push(only);
        }
    }
    let mut named: Vec<_> = resources.iter().map(|resource| Named::Registered(resource)).collect();
    // A token that may do something at this server is for no API beside it.
    if !named.is_empty() && scope.iter().any(|token| Permission::by_name(token).is_some()) {
        named.push(Named::Issuer(asker.issuer));
    }
    asker.not_too_many(&named)?;
    Ok(made(asker, (None, &resources), scope))
}

fn made(
    asker: &ResourceAsker<'_>,
    (picked, resources): (Option<Audience>, &[&Resource]),
    scope: Scope,
) -> TokenTarget {
    let tokens = &asker.client.tokens;
    let mut formats = resources.iter().map(|resource| resource.tokens.format(tokens.format));
    let format = match formats.next() {
        Some(first) if formats.all(|other| other == first) => first,
        Some(_) | None => tokens.format,
    };
    let lifetime = resources.iter().filter_map(|resource| resource.tokens.lifetime).min();
    let implied = match picked {
        Some(_) => Vec::new(),
        None => resources.iter().map(|resource| resource.identifier.as_str().into()).collect(),
    };
    TokenTarget { picked, implied, scope, format, lifetime: lifetime.unwrap_or(tokens.access_lifetime) }
}
