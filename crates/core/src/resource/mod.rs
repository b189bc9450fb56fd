//! Resources: the APIs that access tokens are for (RFC 8707). A tenant registers each under its identifier, with the
//! scopes that belong to it, how its tokens are made, who may ask for them and who may introspect them.

mod indicator;
#[cfg(test)]
mod laws;
mod named;
mod target;

use std::collections::HashMap;

use crate::client::{TokenFormat, TokenShape};
use crate::ids::{ResourceId, TenantId};
use crate::scope::Scope;
use crate::time::{Micros, Seconds};
use crate::token::Audience;
use writ_jose::Algorithm;

pub use indicator::{ResourceUri, Wanted};
pub use named::ResourceAsker;
pub use target::{Limit, Targets, TokenTarget};

/// Resources of a tenant at the most: they are kept in memory together.
pub const RESOURCES_MOST: usize = 1000;
/// Resources that one request may name.
pub const NAMED_MOST: usize = 10;

/// Which clients may ask for tokens for a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ResourceClients {
    /// Every client of the tenant.
    #[default]
    All,
    /// These, by their public ids.
    Listed(Vec<Box<str>>),
}

impl ResourceClients {
    /// Whether the client with this public id is among them.
    pub fn has(&self, client_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(list) => list.iter().any(|listed| **listed == *client_id),
        }
    }
}

/// How access tokens for a resource are made; what it does not say, the client that asks does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResourceTokens {
    /// JWT or opaque; none: as the client's are.
    pub shape: Option<TokenShape>,
    /// What JWTs are signed with; none: what the client's, or the tenant's, are.
    pub algorithm: Option<Algorithm>,
    /// How long they live, seconds; none: as long as the client's.
    pub lifetime: Option<Seconds>,
}

impl ResourceTokens {
    /// The format of a token that would look like `own` where nothing is said here.
    fn format(self, own: TokenFormat) -> TokenFormat {
        match self.shape.unwrap_or(own.shape()) {
            TokenShape::Jwt => TokenFormat::Jwt(self.algorithm.or(own.algorithm())),
            TokenShape::Opaque => TokenFormat::Opaque,
        }
    }
}

/// A resource, as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Row id.
    pub id: ResourceId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// What it is called in `resource` and `aud`; unique in the tenant.
    pub identifier: ResourceUri,
    /// What people read.
    pub name: Box<str>,
    /// The scopes that belong to it.
    pub scope: Scope,
    /// How tokens for it are made.
    pub tokens: ResourceTokens,
    /// Who may ask for them.
    pub clients: ResourceClients,
    /// The clients that may introspect them, by their public ids.
    pub introspectors: Vec<Box<str>>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was registered.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

/// A change of a resource.
#[derive(Debug, Clone)]
pub enum ResourceChange {
    /// Registers one. Guarded: the tenant has less than [`RESOURCES_MOST`].
    Create(Box<Resource>),
    /// Changes one. Guarded by the version before this one.
    Update(Box<Resource>),
    /// Removes one. Guarded: it is there.
    Delete {
        /// Which one.
        resource: ResourceId,
        /// Of which tenant.
        tenant: TenantId,
        /// Only while it has this version.
        only: Option<i64>,
    },
}

impl ResourceChange {
    /// Of which tenant: what is kept of that one is stale then.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Create(resource) | Self::Update(resource) => resource.tenant,
            Self::Delete { tenant, .. } => *tenant,
        }
    }
}

/// All resources of a tenant, as of one version of it.
#[derive(Debug, Default)]
pub struct Resources {
    all: Vec<Resource>,
    /// Where each is in the list, by what all spellings of its identifier have in common.
    by_key: HashMap<Box<str>, usize>,
    /// Where those are that a scope belongs to.
    by_scope: HashMap<Box<str>, Vec<usize>>,
}

impl Resources {
    /// Those that are registered.
    pub fn new(all: Vec<Resource>) -> Self {
        let mut by_scope: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, resource) in all.iter().enumerate() {
            for token in resource.scope.iter() {
                by_scope.entry(token.into()).or_default().push(at);
            }
        }
        let by_key = all.iter().enumerate().map(|(at, resource)| (resource.identifier.key(), at)).collect();
        Self { all, by_key, by_scope }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The one with this identifier, however it is spelled.
    pub fn named(&self, identifier: &ResourceUri) -> Option<&Resource> {
        self.all.get(*self.by_key.get(&identifier.key())?)
    }

    /// The one that is called so in an audience.
    fn of_name(&self, name: &str) -> Option<&Resource> {
        self.named(&ResourceUri::from_stored(name))
    }

    /// Those that are in an audience.
    pub fn in_audience(&self, audience: Option<&Audience>) -> impl Iterator<Item = &Resource> {
        let known = (!self.all.is_empty()).then_some(audience).flatten();
        known.into_iter().flat_map(Audience::iter).filter_map(|name| self.of_name(name))
    }

    /// Whether each of what was picked is told by a scope that belongs to it.
    pub fn are_told_by(&self, picked: Option<&Audience>, scope: &Scope) -> bool {
        picked.into_iter().flat_map(Audience::iter).all(|name| {
            self.of_name(name)
                .is_some_and(|resource| resource.scope.iter().any(|token| scope.contains(token)))
        })
    }

    /// Those that a scope belongs to.
    pub fn owners(&self, token: &str) -> impl Iterator<Item = &Resource> {
        let places = self.by_scope.get(token).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| self.all.get(*at))
    }

    /// Whether a client may introspect tokens for this audience, as one that answers for an API in it.
    pub fn answers_for(&self, client_id: &str, audience: &Audience) -> bool {
        !self.all.is_empty()
            && audience.iter().filter_map(|name| self.of_name(name)).any(|resource| {
                resource.introspectors.iter().any(|introspector| **introspector == *client_id)
            })
    }
}
