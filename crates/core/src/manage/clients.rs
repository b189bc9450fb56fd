//! Clients: made, changed, removed, given new secrets; the same behind every contract.
//!
//! A client that holds a permission is authority. Nobody makes, edits, rotates or removes one that is
//! wider than they are themselves; `tenants:*` therefore comes from operators only. One that is trusted, because it
//! is first party or people act through it, is authority too: `clients:trust`.

use std::sync::Arc;

use super::{Deed, Wrong, no_such};
use crate::caller::Identity;
use crate::change::{Action, Change, Changes, Target};
use crate::client::{
    AuthMethod, Client, ClientDraft, ClientPatch, ClientSecret, ClientSpec, ClientUpdate, GeneratedSecret,
    LOGOS_MOST, LogoUpdate, LogoWish, NewClient, Overlap, RegisteredClient, Registration, Rules, Sealer,
    SecretKept, TokenSetting, Violations, generate,
};
use crate::decision::{Decision, Judgement, Moment};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{ClientId, ScopeId, UserId};
use crate::look::Picture;
use crate::reason::Reason;
use crate::scene::Scene;
use crate::scope::Scope;
use crate::scope_registry::{NewScope, built_in};
use crate::secret::HashKey;
use crate::time::Micros;

/// A new client, with the one chance to see its secret.
#[derive(Debug)]
pub struct MadeClient {
    /// The client as it is shown from now on.
    pub registered: RegisteredClient,
    /// Its secret; none for a public client.
    pub secret: Option<GeneratedSecret>,
}

/// A new secret of a client, with the one chance to see it.
#[derive(Debug)]
pub struct RotatedSecret {
    /// The client as it is shown from now on.
    pub client: Client,
    /// The secret.
    pub secret: GeneratedSecret,
    /// When.
    pub rotated_at: Micros,
}

/// What secrets are made with.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The rules of contract, tenant and server.
    pub rules: &'a Rules<'a>,
    /// The key of the keyed hashes.
    pub hash_key: &'a HashKey,
    /// What a secret is sealed with that signs.
    pub sealer: Sealer<'a>,
}

impl Making<'_> {
    /// A new secret for a client with this method; none where that needs none.
    ///
    /// # Errors
    /// `server_error` where it cannot be sealed.
    pub(crate) fn secret(
        &self,
        method: AuthMethod,
        prefix: &str,
        moment: Moment<'_>,
    ) -> Judgement<Option<GeneratedSecret>> {
        let new = || generate(prefix, self.hash_key, moment);
        match method.secret() {
            SecretKept::Nothing => Ok(None),
            SecretKept::Hash => Ok(Some(new())),
            SecretKept::Sealed => new().sealed(self.sealer).map(Some).map_err(|error| {
                let failed = OAuthError::new(ErrorCode::ServerError, Reason::SecretNotKept);
                failed.internally(error).into()
            }),
        }
    }
}

/// Makes a client. Scopes that the tenant does not know yet are added to its registry in the same unit.
///
/// # Errors
/// All violations; `access_denied` for permissions among its scopes that the caller lacks. A taken
/// `client_id` is the store's to say.
pub fn create(draft: &ClientDraft, making: Making<'_>, deed: &Deed<'_>) -> Decision<MadeClient> {
    let made = make(draft, making, (&deed.scene(), person(deed)))?;
    may_change(&made.registered.client, making.rules, deed)?;
    let unit = deed.unit(Action::ClientCreated, Target::Client(made.registered.client.id));
    let changes = writing(&made, unit, &deed.scene());
    Ok((made, changes))
}

/// The client that a draft asks for, with its secret, in the tenant of the scene; nothing is written.
///
/// # Errors
/// All violations.
pub(crate) fn make(
    draft: &ClientDraft,
    making: Making<'_>,
    (scene, owner): (&Scene<'_>, Option<UserId>),
) -> Judgement<MadeClient> {
    let spec = draft.check(making.rules)?;
    let secret = making.secret(spec.auth_method, making.rules.secret_prefix(), scene.moment)?;
    let stored = secret.as_ref().map(|secret| secret.stored.clone());
    let mut registered = registered(spec, stored, making.rules, scene);
    registered.registration.owner = owner;
    Ok(MadeClient { registered, secret })
}

/// Adds a client that was made to a unit, and its scopes to the registry.
pub(crate) fn writing(made: &MadeClient, unit: Changes, scene: &Scene<'_>) -> Changes {
    let RegisteredClient { client, registration } = made.registered.clone();
    let unit = with_scopes(unit, &client.scope, scene);
    unit.with(Change::CreateClient(Box::new(NewClient { client, registration })))
}

/// Adds the scopes to the registry, where they are not there.
pub(crate) fn with_scopes(unit: Changes, scope: &Scope, scene: &Scene<'_>) -> Changes {
    let new = |name: &str| NewScope {
        id: ScopeId::v7(scene.moment.now, scene.moment.random.bits()),
        tenant: scene.tenant,
        name: name.into(),
        description: None,
        created_at: scene.moment.now,
    };
    let mut scopes: Vec<_> = scope.iter().filter(|name| built_in(name).is_none()).map(new).collect();
    // In one order everywhere: two units that add the same ones never wait for one another.
    scopes.sort_by(|a, b| a.name.cmp(&b.name));
    if scopes.is_empty() { unit } else { unit.with(Change::RegisterScopes(scopes)) }
}

fn registered(
    spec: ClientSpec,
    secret: Option<ClientSecret>,
    rules: &Rules<'_>,
    scene: &Scene<'_>,
) -> RegisteredClient {
    let now = scene.moment.now;
    let id = ClientId::v7(now, scene.moment.random.bits());
    let client = Client {
        id,
        tenant: scene.tenant,
        client_id: format!("{}{}", rules.id_prefix, id.crockford()).into(),
        name: spec.name,
        kind: spec.kind,
        auth_method: spec.auth_method,
        grant_types: spec.grant_types,
        scope: spec.scope,
        tokens: spec.tokens,
        secrets: secret.into_iter().collect(),
        party: spec.party,
        enabled: spec.enabled,
        version: 1,
    };
    let registration = Registration { created_at: now, updated_at: now, ..spec.registration };
    RegisteredClient { client, registration }
}

/// The person who acts, if it is one.
fn person(deed: &Deed<'_>) -> Option<UserId> {
    match deed.acting.caller().identity {
        Identity::Person { user, .. } | Identity::AtConsole { user, .. } => Some(user),
        Identity::Application { .. } | Identity::ApiKey { .. } | Identity::Local { .. } => None,
    }
}

/// Changes a client, on condition that it still is of the version that was found.
///
/// # Errors
/// `not_found`; `access_denied` where it has, or would get, what the caller lacks; all violations.
pub fn update(
    patch: &ClientPatch,
    found: Option<&RegisteredClient>,
    rules: &Rules<'_>,
    deed: &Deed<'_>,
) -> Decision<RegisteredClient> {
    let before = found_here(found, deed)?;
    may_change(&before.client, rules, deed)?;
    let mut after = patch.apply(before, rules)?;
    not_shut_out(patch, (before, &after), deed)?;
    may_change(&after.client, rules, deed)?;
    after.registration.updated_at = deed.moment.now;
    after.client.version = before.client.version + 1;
    let unit = deed.unit(Action::ClientUpdated, Target::Client(before.client.id));
    let unit = if after.client.scope == before.client.scope {
        unit
    } else {
        with_scopes(unit, &after.client.scope, &deed.scene())
    };
    let update = ClientUpdate { before: before.clone(), after: after.clone() };
    let unit = unit.with(Change::UpdateClient(Box::new(update)));
    // An agent acts while nobody looks: who switches it off wants it to stop now.
    let is_switched_off = before.client.enabled.is_yes() && !after.client.enabled.is_yes();
    if !(before.client.is_agent() && is_switched_off) {
        return Ok((after, unit));
    }
    after.client.version += 1;
    let (client, tenant) = (after.client.id, after.client.tenant);
    Ok((after, unit.with(Change::EndClientTokens { client, tenant })))
}

/// Nobody shuts themselves out by an allow list without saying so.
fn not_shut_out(
    patch: &ClientPatch,
    (before, after): (&RegisteredClient, &RegisteredClient),
    deed: &Deed<'_>,
) -> Result<(), Violations> {
    let is_own = matches!(deed.acting.caller().identity, Identity::Application { client, .. } if client == before.client.id);
    let list = &after.client.tokens.networks;
    if is_own
        && *list != before.client.tokens.networks
        && let Some(why) = patch.settings.lockout.problem(list, deed.origin.ip)
    {
        return Err(Violations::of(TokenSetting::AllowedNetworks, why));
    }
    Ok(())
}

/// Whoever makes a client, or changes anything of it, could act with all of its authority, before and after.
fn may_change(client: &Client, rules: &Rules<'_>, deed: &Deed<'_>) -> Judgement<()> {
    deed.acting.caller().may_grant(client.authority(rules.interaction_clients))
}

/// Removes a client, on condition that it still is of the version that was found: what somebody else gave it
/// meanwhile may be more than the caller may take away. Every token of it is dead with it.
///
/// # Errors
/// `not_found`; `access_denied` where it has what the caller lacks.
pub fn delete(found: Option<&RegisteredClient>, rules: &Rules<'_>, deed: &Deed<'_>) -> Decision<()> {
    let client = &found_here(found, deed)?.client;
    may_change(client, rules, deed)?;
    let change =
        Change::DeleteClient { client: client.id, tenant: client.tenant, only: Some(client.version) };
    Ok(((), deed.unit(Action::ClientDeleted, Target::Client(client.id)).with(change)))
}

/// A logo that is sent, and what there is already.
#[derive(Debug, Clone, Default)]
pub struct LogoDraft {
    /// The logo; none: the one at the `logo_uri` of the client, if it has one.
    pub logo: Option<Arc<Picture>>,
    /// Logos of clients that the tenant has, but for this client's.
    pub others: i64,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// Gives a client a logo that was sent, or takes it away: then the one at its `logo_uri` is fetched again. Whichever was
/// said last counts, so that another `logo_uri` takes the place of a logo that was sent.
///
/// # Errors
/// `not_found`; `access_denied` where it has what the caller lacks; `invalid_request` for no picture, or where the tenant
/// has too many.
pub fn set_logo(
    draft: &LogoDraft,
    found: Option<&RegisteredClient>,
    rules: &Rules<'_>,
    deed: &Deed<'_>,
) -> Decision<()> {
    let found = found_here(found, deed)?;
    let client = &found.client;
    may_change(client, rules, deed)?;
    let mut violations = draft.unread.clone();
    let is_one_too_many = draft.logo.is_some() && draft.others >= LOGOS_MOST;
    violations.when(Wrong(is_one_too_many), "logo", Reason::LogosMost { most: LOGOS_MOST.into() });
    violations.settle()?;
    let to = match &draft.logo {
        Some(picture) => LogoWish::Sent(Arc::clone(picture)),
        None => LogoWish::Own(found.registration.logo_uri.clone()),
    };
    let (tenant, version, at) = (client.tenant, client.version, deed.moment.now);
    let update = LogoUpdate { client: client.id, tenant, version, to, at };
    let unit = deed.unit(Action::ClientUpdated, Target::Client(client.id));
    Ok(((), unit.with(Change::SetClientLogo(Box::new(update)))))
}

/// Gives a client a new secret. Of those it has, the newest live one works on for the overlap, or until its
/// own end if that is earlier; every other goes at once: there are never more than two. Tokens live on.
///
/// # Errors
/// `not_found`; `access_denied` where it has what the caller lacks; `invalid_request` for a client whose method needs no
/// secret.
pub fn rotate_secret(
    overlap: Overlap,
    found: Option<&RegisteredClient>,
    making: Making<'_>,
    deed: &Deed<'_>,
) -> Decision<RotatedSecret> {
    let found = found_here(found, deed)?;
    let mut client = found.client.clone();
    may_change(&client, making.rules, deed)?;
    let now = deed.moment.now;
    let (id, tenant) = (client.id, client.tenant);
    let prefix = found.newest_secret().map(|secret| &*secret.prefix).filter(|prefix| !prefix.is_empty());
    let prefix = prefix.unwrap_or(making.rules.secret_prefix());
    let Some(secret) = making.secret(client.auth_method, prefix, deed.moment)? else {
        let text = match client.auth_method {
            AuthMethod::PrivateKeyJwt => Reason::SecretOfPrivateKeyJwt,
            AuthMethod::SecretBasic
            | AuthMethod::SecretPost
            | AuthMethod::AnySecret
            | AuthMethod::SecretJwt
            | AuthMethod::None => Reason::SecretOfPublicClient,
        };
        return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
    };
    let kept = (overlap != Overlap::NONE)
        .then(|| client.secrets.iter().filter(|secret| secret.live(now)).max_by_key(|s| (s.created_at, s.id)))
        .flatten()
        .map(|secret| secret.id);
    let end = now.plus(overlap.span());
    // First the secret: its guard is the version, which every write behind it raises.
    let added = Change::AddClientSecret {
        client: id,
        tenant,
        version: client.version,
        secret: Box::new(secret.stored.clone()),
    };
    let mut changes = deed.unit(Action::ClientSecretAdded, Target::Client(id)).with(added);
    client.version += 1;
    for old in &mut client.secrets {
        if kept != Some(old.id) {
            changes =
                changes.with(Change::RemoveClientSecret { secret: old.id, client: id, tenant, at: now });
            client.version += 1;
        } else if old.expires_at.is_none_or(|own| end < own) {
            old.expires_at = Some(end);
            changes =
                changes.with(Change::EndClientSecret { secret: old.id, client: id, tenant, end, at: now });
            client.version += 1;
        }
    }
    client.secrets.retain(|old| kept == Some(old.id));
    client.secrets.push(secret.stored.clone());
    Ok((RotatedSecret { client, secret, rotated_at: now }, changes))
}

/// The client, if it is there and of the tenant that is acted in.
fn found_here<'a>(found: Option<&'a RegisteredClient>, deed: &Deed<'_>) -> Judgement<&'a RegisteredClient> {
    found
        .filter(|found| found.client.tenant == deed.acting.tenant())
        .ok_or_else(|| no_such(Reason::NoSuchClient))
}

#[cfg(test)]
mod tests;
