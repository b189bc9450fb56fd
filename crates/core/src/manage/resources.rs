//! Resources: registered, changed, removed.

use super::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::change::{Action, Change, Changes, Target};
use crate::client::{TokenShape, Update};
use crate::decision::{Decision, Judgement};
use crate::error::{ErrorCode, OAuthError};
use crate::excerpt::Excerpt;
use crate::ids::{ResourceId, ScopeId};
use crate::reason::Reason;
use crate::resource::{Resource, ResourceChange, ResourceClients, ResourceTokens, ResourceUri};
use crate::scope::{SCOPE_LIMIT, Scope, ScopeToken};
use crate::scope_registry::{NewScope, built_in};
use crate::time::Seconds;
use writ_jose::Algorithm;

/// Clients in one of a resource's lists at the most.
pub const CLIENTS_MOST: usize = 1000;
/// Seconds that its tokens may live: as a client's.
const LIFETIMES: std::ops::RangeInclusive<i64> = 60..=86_400;

/// What shall become of a resource, as it was sent. Of a new one, identifier and name have to be there.
#[derive(Debug, Clone, Default)]
pub struct ResourcePatch {
    /// What it is called in `resource` and `aud`.
    pub identifier: Option<String>,
    /// What people read.
    pub name: Option<String>,
    /// The scopes that belong to it; the whole list.
    pub scopes: Update<Vec<Box<str>>>,
    /// JWT or opaque.
    pub shape: Update<TokenShape>,
    /// What JWTs are signed with.
    pub algorithm: Update<Algorithm>,
    /// How long access tokens live, seconds.
    pub lifetime: Update<i64>,
    /// Who may ask for them, by public ids; cleared: every client.
    pub clients: Update<Vec<Box<str>>>,
    /// The clients that may introspect them; the whole list.
    pub introspectors: Update<Vec<Box<str>>>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

impl ResourcePatch {
    fn identifier(&self, issuer: &str, wrong: &mut Violations) -> Option<ResourceUri> {
        let text = self.identifier.as_deref()?;
        match ResourceUri::parse(text) {
            Ok(own) if own.key() == ResourceUri::from_stored(issuer).key() => {
                wrong.note("identifier", Reason::ResourceIsIssuer);
                None
            }
            Ok(read) => Some(read),
            Err(why) => {
                wrong.note("identifier", why);
                None
            }
        }
    }

    /// Those that belong to Writ, or to a person's claims, belong to no API.
    fn scope(&self, wrong: &mut Violations) -> Option<Scope> {
        let sent = match &self.scopes {
            Update::Keep => return None,
            Update::Clear => return Some(Scope::default()),
            Update::Set(sent) => sent,
        };
        let mut tokens = Vec::with_capacity(sent.len().min(SCOPE_LIMIT));
        for name in sent.iter().take(SCOPE_LIMIT) {
            match ScopeToken::parse(name) {
                Ok(_) if built_in(name).is_some() => {
                    wrong.note("scopes", Reason::ResourceScopeBuiltIn { name: Excerpt::of(name).into() });
                }
                Ok(token) => tokens.push(token),
                Err(why) => wrong.note("scopes", why),
            }
        }
        wrong.when(
            Wrong(sent.len() > SCOPE_LIMIT),
            "scopes",
            Reason::EntriesMost { most: SCOPE_LIMIT.into() },
        );
        Scope::from_tokens(&tokens).ok()
    }

    fn tokens(&self, held: ResourceTokens, wrong: &mut Violations) -> ResourceTokens {
        let tokens = ResourceTokens {
            shape: self.shape.clone().over(held.shape),
            algorithm: self.algorithm.clone().over(held.algorithm),
            lifetime: self.lifetime.clone().map(Seconds).over(held.lifetime),
        };
        let is_odd = tokens.shape == Some(TokenShape::Opaque) && tokens.algorithm.is_some();
        wrong.when(Wrong(is_odd), "access_token_signed_response_alg", Reason::OpaqueHasNoSignature);
        let is_out = tokens.lifetime.is_some_and(|lifetime| !LIFETIMES.contains(&lifetime.0));
        let bounds = Reason::SecondsWithin { least: LIFETIMES.start().into(), most: LIFETIMES.end().into() };
        wrong.when(Wrong(is_out), "access_token_lifetime", bounds);
        tokens
    }
}

/// Public ids in a list, each once.
fn listed(sent: &[Box<str>], field: &'static str, wrong: &mut Violations) -> Vec<Box<str>> {
    wrong.when(Wrong(sent.len() > CLIENTS_MOST), field, Reason::EntriesMost { most: CLIENTS_MOST.into() });
    let is_odd = |id: &&str| id.is_empty() || id.len() > crate::basic::CLIENT_ID_LIMIT || id.contains(' ');
    if let Some(odd) = sent.iter().take(CLIENTS_MOST).map(|id| &**id).find(is_odd) {
        wrong.note(field, Reason::NotAClientId { name: Excerpt::of(odd).into() });
    }
    let mut ids: Vec<Box<str>> = Vec::with_capacity(sent.len().min(CLIENTS_MOST));
    for id in sent.iter().take(CLIENTS_MOST) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

fn admitted(sent: &Update<Vec<Box<str>>>, held: &ResourceClients, wrong: &mut Violations) -> ResourceClients {
    match sent {
        Update::Keep => held.clone(),
        Update::Clear => ResourceClients::All,
        Update::Set(list) => ResourceClients::Listed(listed(list, "clients", wrong)),
    }
}

/// Its scopes are in the tenant's registry, so that clients can be registered for them.
fn with_scopes(changes: Changes, resource: &Resource, deed: &Deed<'_>) -> Changes {
    let new = |name: &str| NewScope {
        id: ScopeId::v7(deed.moment.now, deed.moment.random.bits()),
        tenant: resource.tenant,
        name: name.into(),
        description: None,
        created_at: deed.moment.now,
    };
    let scopes: Vec<_> = resource.scope.iter().map(new).collect();
    if scopes.is_empty() { changes } else { changes.with(Change::RegisterScopes(scopes)) }
}

/// Registers a resource. `issuer`: the tenant's own, which is nobody else's identifier.
///
/// # Errors
/// `invalid_request` naming the fields. An identifier that is taken is the store's to say.
pub fn create(patch: &ResourcePatch, issuer: &str, deed: &Deed<'_>) -> Decision<Resource> {
    let mut wrong = patch.unread.clone();
    wrong.require("identifier", patch.identifier.as_deref());
    let identifier = patch.identifier(issuer, &mut wrong);
    let name = wrong.require("name", patch.name.as_deref());
    wrong.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
    let scope = patch.scope(&mut wrong).unwrap_or_default();
    let tokens = patch.tokens(ResourceTokens::default(), &mut wrong);
    let clients = admitted(&patch.clients, &ResourceClients::All, &mut wrong);
    let introspectors = match &patch.introspectors {
        Update::Keep | Update::Clear => Vec::new(),
        Update::Set(list) => listed(list, "introspection_clients", &mut wrong),
    };
    let (identifier, name) = wrong.settle_with(identifier.zip(name))?;
    let now = deed.moment.now;
    let resource = Resource {
        id: ResourceId::v7(now, deed.moment.random.bits()),
        tenant: deed.acting.tenant(),
        identifier,
        name: name.into(),
        scope,
        tokens,
        clients,
        introspectors,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let changes = deed
        .unit(Action::ResourceCreated, Target::Resource(resource.id))
        .with(Change::Resource(ResourceChange::Create(Box::new(resource.clone()))));
    let changes = with_scopes(changes, &resource, deed);
    Ok((resource, changes))
}

/// Changes a resource. Its identifier stays: tokens bear it, and clients and the API itself know it.
///
/// # Errors
/// `not_found`; `invalid_request`.
pub fn update(patch: &ResourcePatch, found: Option<&Resource>, deed: &Deed<'_>) -> Decision<Resource> {
    let before = found_here(found, deed)?;
    let mut wrong = patch.unread.clone();
    let is_other = patch.identifier.as_deref().is_some_and(|sent| sent != before.identifier.as_str());
    wrong.when(Wrong(is_other), "identifier", Reason::Fixed);
    let name = patch.name.as_deref().unwrap_or(&before.name);
    wrong.when(Wrong(!name_is_valid(name)), "name", Reason::NameRule);
    let after = Resource {
        name: name.into(),
        scope: patch.scope(&mut wrong).unwrap_or_else(|| before.scope.clone()),
        tokens: patch.tokens(before.tokens, &mut wrong),
        clients: admitted(&patch.clients, &before.clients, &mut wrong),
        introspectors: match &patch.introspectors {
            Update::Keep => before.introspectors.clone(),
            Update::Clear => Vec::new(),
            Update::Set(list) => listed(list, "introspection_clients", &mut wrong),
        },
        version: before.version + 1,
        updated_at: deed.moment.now,
        ..before.clone()
    };
    wrong.settle()?;
    let changes = deed
        .unit(Action::ResourceUpdated, Target::Resource(after.id))
        .with(Change::Resource(ResourceChange::Update(Box::new(after.clone()))));
    let changes = with_scopes(changes, &after, deed);
    Ok((after, changes))
}

/// Removes a resource. Nobody gets a token for it any more; those that there are live until they expire. Its scopes stay in
/// the registry.
///
/// # Errors
/// `not_found`.
pub fn delete(found: Option<&Resource>, only: Option<i64>, deed: &Deed<'_>) -> Decision<()> {
    let resource = found_here(found, deed)?;
    let change = ResourceChange::Delete { resource: resource.id, tenant: resource.tenant, only };
    let changes =
        deed.unit(Action::ResourceDeleted, Target::Resource(resource.id)).with(Change::Resource(change));
    Ok(((), changes))
}

/// The resource, if it is there and of the tenant that is acted in.
fn found_here<'a>(found: Option<&'a Resource>, deed: &Deed<'_>) -> Judgement<&'a Resource> {
    let here = found.filter(|resource| resource.tenant == deed.acting.tenant());
    here.ok_or_else(|| no_such(Reason::NoSuchResource))
}

/// The refusal of one more than a tenant may have.
pub fn too_many() -> OAuthError {
    let most = crate::resource::RESOURCES_MOST;
    OAuthError::new(ErrorCode::Conflict, Reason::ResourcesFull { most: most.into() })
}
