//! What a client may name: the resources of its tenant that admit it, the tenant's issuer, and the audience that it is
//! registered with.

use super::{Resource, ResourceUri, Resources, Wanted};
use crate::authority::Permission;
use crate::client::Client;
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::scope::Scope;
use crate::token::Audience;

/// Who names resources, among which.
#[derive(Debug, Clone, Copy)]
pub struct ResourceAsker<'a> {
    /// The resources of the tenant.
    pub known: &'a Resources,
    /// The client that asks.
    pub client: &'a Client,
    /// The tenant's issuer: it is the identifier of Writ's own APIs.
    pub issuer: &'a str,
}

/// What was named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    /// Writ's own APIs.
    Issuer(&'a str),
    /// A resource.
    Registered(&'a Resource),
    /// A name in the client's own audience.
    Configured(&'a str),
}

impl<'a> Named<'a> {
    /// What it is called in an audience.
    pub(super) fn identifier(&self) -> &'a str {
        match self {
            Self::Issuer(name) | Self::Configured(name) => name,
            Self::Registered(resource) => resource.identifier.as_str(),
        }
    }

    /// The resource, where it is one.
    pub(super) fn resource(&self) -> Option<&'a Resource> {
        match self {
            Self::Registered(resource) => Some(resource),
            Self::Issuer(_) | Self::Configured(_) => None,
        }
    }
}

impl<'a> ResourceAsker<'a> {
    /// What a client names in an authorization request: it is picked for the grant. None: it names nothing.
    ///
    /// # Errors
    /// `invalid_target` (RFC 8707 §2).
    pub fn picked(&self, wanted: &Wanted) -> Result<Option<Audience>, OAuthError> {
        let named = self.all(wanted)?;
        Ok((!named.is_empty()).then(|| Audience::new(named.iter().map(Named::identifier))))
    }

    /// Whether all that was picked is there for the client still.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn still(&self, picked: Option<&Audience>) -> Result<(), OAuthError> {
        let mut names = picked.into_iter().flat_map(Audience::iter);
        names.try_for_each(|name| self.find(&ResourceUri::from_stored(name)).map(|_| ()))
    }

    /// What of a scope goes with what was picked: what belongs to it, and what belongs to nothing in particular. What
    /// belongs to resources that the client may not ask for goes with nothing.
    pub fn fitting(&self, scope: &Scope, picked: Option<&Audience>) -> Scope {
        if self.known.is_empty() && picked.is_none() {
            return scope.clone();
        }
        let is_picked = |name: &str| picked.is_none_or(|picked| picked.names(name));
        scope.without(|token| {
            if Permission::by_name(token).is_some() {
                return !is_picked(self.issuer);
            }
            let mut owners = self.known.owners(token).peekable();
            owners.peek().is_some()
                && !owners.any(|owner| self.is_admitted(owner) && is_picked(owner.identifier.as_str()))
        })
    }

    /// All that is named, each once.
    pub(super) fn all(&self, wanted: &Wanted) -> Result<Vec<Named<'a>>, OAuthError> {
        let mut named: Vec<Named<'a>> = Vec::new();
        for one in wanted.iter() {
            let found = self.find(one)?;
            if !named.iter().any(|known| known.identifier() == found.identifier()) {
                named.push(found);
            }
        }
        Ok(named)
    }

    /// What an identifier names. What is unknown, and what is not for this client, look the same.
    pub(super) fn find(&self, identifier: &ResourceUri) -> Result<Named<'a>, OAuthError> {
        let key = identifier.key();
        let is_it = |name: &str| ResourceUri::from_stored(name).key() == key;
        if is_it(self.issuer) {
            return Ok(Named::Issuer(self.issuer));
        }
        if let Some(resource) = self.known.named(identifier).filter(|found| self.is_admitted(found)) {
            return Ok(Named::Registered(resource));
        }
        if let Some(own) = self.client.tokens.audience.iter().find(|name| is_it(name)) {
            return Ok(Named::Configured(own));
        }
        let why = Reason::ResourceUnknown { name: identifier.as_str().into() };
        Err(OAuthError::new(ErrorCode::InvalidTarget, why))
    }

    fn is_admitted(&self, resource: &Resource) -> bool {
        resource.clients.has(&self.client.client_id)
    }

    /// One token has one audience, unless its client may have several: whoever gets a token for two could use it at the
    /// other (RFC 8707 §3).
    pub(super) fn not_too_many(&self, named: &[Named<'_>]) -> Result<(), OAuthError> {
        if named.len() < 2 || self.client.tokens.choices.multiple_resources.is_on() {
            return Ok(());
        }
        let all: Vec<_> = named.iter().map(Named::identifier).collect();
        let why = Reason::ResourceOne { names: all.join(" ").into() };
        Err(OAuthError::new(ErrorCode::InvalidTarget, why))
    }

    /// The same of what leaves with the browser: nobody narrows that later.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn one_in_a_token(&self, picked: Option<&Audience>) -> Result<(), OAuthError> {
        let parts = picked.into_iter().flat_map(Audience::iter);
        let named: Vec<_> =
            parts.filter_map(|name| self.find(&ResourceUri::from_stored(name)).ok()).collect();
        self.not_too_many(&named)
    }
}
