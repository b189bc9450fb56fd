//! Who may register and manage a client, and what becomes of it.

use super::{NewManaged, RegisteringChange, RegistrationToken};
use crate::change::{Action, Actor, Change, Changes, Details, Target};
use crate::client::{
    AuthMethod, ClientDraft, ClientPatch, ClientUpdate, GeneratedSecret, RegisteredClient, SecretKept,
    Violations,
};
use crate::decision::{Decision, Judgement, Moment};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::handle::{Drawn, Handle, REGISTRATION_PREFIX};
use crate::ids::{ClientId, TenantId};
use crate::manage::clients::{MadeClient, Making, make, with_scopes, writing};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::Digest32;
use crate::settings::{Choice, ClientRegistration};
use crate::tenant::Tenant;
use crate::time::Micros;

/// What whoever wants to register has shown.
#[derive(Debug, Clone, Copy)]
pub enum RegistrationProof<'a> {
    /// Nothing.
    Nothing,
    /// What should be an initial access token, with the row that it leads to.
    Token(Option<(&'a RegistrationToken, Digest32)>),
}

/// Whether somebody may register; with which token, where it takes one or one was shown.
///
/// # Errors
/// `access_denied` where nobody may, 401 without a token that is good.
pub fn admit<'a>(
    tenant: &Tenant,
    presented: RegistrationProof<'a>,
    now: Micros,
) -> Judgement<Option<&'a RegistrationToken>> {
    let settings = &tenant.settings;
    match (settings.registration, presented) {
        (ClientRegistration::Off, _) => {
            let text = settings.left_to_administrators.turned_on_by(Choice::Registration);
            Err(OAuthError::new(ErrorCode::AccessDenied, text).into())
        }
        (ClientRegistration::Open, RegistrationProof::Nothing) => Ok(None),
        (ClientRegistration::Token, RegistrationProof::Nothing) => {
            let text = Reason::InitialTokenNeeded;
            Err(OAuthError::new(ErrorCode::CredentialRequired, text).challenged(Challenge::Token).into())
        }
        (ClientRegistration::Open | ClientRegistration::Token, RegistrationProof::Token(found)) => {
            let good = found.filter(|(token, hash)| {
                token.tenant == tenant.id && token.hash.ct_eq(hash) && token.is_good(now)
            });
            let text = Reason::InitialTokenBad;
            let refused = || {
                OAuthError::new(ErrorCode::InvalidToken, text.clone()).challenged(Challenge::Bearer).into()
            };
            good.map(|(token, _)| Some(token)).ok_or_else(refused)
        }
    }
}

/// What a registration is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Registering<'a> {
    /// Where.
    pub tenant: &'a Tenant,
    /// The rules, and what secrets are made with.
    pub making: Making<'a>,
    /// The token that it came with.
    pub token: Option<&'a RegistrationToken>,
    /// How many clients have registered themselves there.
    pub registered: i64,
}

/// A client that has registered itself, with the one chance to see its secret and its registration access token.
#[derive(Debug)]
pub struct NewRegistration {
    /// The client.
    pub made: MadeClient,
    /// What it manages itself with.
    pub access: Drawn,
}

/// Registers a client (RFC 7591 §3.1). It is nobody's first party and holds no permission, whatever it asks for.
///
/// # Errors
/// All violations; `temporarily_unavailable` where there are as many as there may be.
pub fn register(draft: &ClientDraft, facts: Registering<'_>, scene: &Scene<'_>) -> Decision<NewRegistration> {
    let Registering { tenant, making, token, registered } = facts;
    let policy = &tenant.settings.registration_policy;
    let made = make(draft, making, (scene, None))?;
    let client = &made.registered.client;
    if !client.authority(making.rules.interaction_clients).is_empty() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::NoSelfAuthority).into());
    }
    if registered >= policy.clients_max {
        let text = Reason::RegistrationsMost;
        return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, text).into());
    }
    let (moment, id) = (scene.moment, client.id);
    let access = Drawn::new(REGISTRATION_PREFIX, id.to_bytes(), &moment);
    let how = match token {
        Some(token) => Details::new([("registered", "token".to_owned()), ("token", token.name.to_string())]),
        None => Details::new([("registered", "open".to_owned())]),
    };
    let managed = NewManaged {
        client: id,
        tenant: tenant.id,
        hash: access.hash,
        token: token.map(|token| token.id),
        unused_until: policy.unused_lifetime.map(|span| moment.now.plus(span)),
        idle: None,
        most: policy.clients_max,
    };
    let mut unit = scene.unit(Action::ClientCreated, Target::Client(id)).detailed(how);
    // First what can be used up: whoever comes too late has tried nothing else.
    if let Some(token) = token {
        let used = RegisteringChange::UseToken { token: token.id, tenant: tenant.id, at: moment.now };
        unit = unit.with(Change::Registering(used));
    }
    let unit = unit.with(Change::Registering(RegisteringChange::Add(Box::new(managed))));
    let changes = writing(&made, unit, scene);
    Ok((NewRegistration { made, access }, changes))
}

/// A client that has registered itself.
#[derive(Debug, Clone)]
pub struct ManagedClient {
    /// The client.
    pub registered: RegisteredClient,
    /// SHA-256 of its registration access token.
    pub hash: Digest32,
}

/// The client, where the registration access token that was presented is its own (RFC 7592 §2). Whatever is wrong, the
/// answer is the same: nobody learns which clients there are.
///
/// # Errors
/// 401.
pub fn authenticated<'a>(
    found: Option<&'a ManagedClient>,
    presented: Option<&str>,
    tenant: TenantId,
) -> Judgement<&'a ManagedClient> {
    let Some(presented) = presented else {
        let text = Reason::RegistrationTokenNeeded;
        return Err(OAuthError::new(ErrorCode::CredentialRequired, text).challenged(Challenge::Token).into());
    };
    let handle = Handle::parse(REGISTRATION_PREFIX, presented);
    let good = found.zip(handle).filter(|(found, handle)| {
        let client = &found.registered.client;
        client.tenant == tenant && client.id.to_bytes() == handle.id && found.hash.ct_eq(&handle.hash)
    });
    let text = Reason::RegistrationTokenBad;
    let refused =
        || OAuthError::new(ErrorCode::InvalidToken, text.clone()).challenged(Challenge::Bearer).into();
    good.map(|(found, _)| found).ok_or_else(refused)
}

/// What an update says of the client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentSecret {
    /// Nothing.
    Nothing,
    /// It is one that the client has.
    Own,
    /// It is none.
    Other,
}

/// What an update says of what the server alone decides.
#[derive(Debug, Clone)]
pub struct ServerDecided<'a> {
    /// `client_id`.
    pub client_id: Option<&'a str>,
    /// `client_secret`.
    pub secret: SentSecret,
}

/// What an update is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Managing<'a> {
    /// Where.
    pub tenant: &'a Tenant,
    /// The client, found by its token.
    pub found: &'a ManagedClient,
    /// The rules, and what secrets are made with.
    pub making: Making<'a>,
}

/// A client that has changed its registration.
#[derive(Debug)]
pub struct Updated {
    /// The client, as it is from now on.
    pub registered: RegisteredClient,
    /// A new secret, where its method needs another one.
    pub secret: Option<GeneratedSecret>,
    /// Its registration access token from now on.
    pub access: Drawn,
}

fn by_itself<'a>(found: &RegisteredClient, scene: &Scene<'a>) -> Scene<'a> {
    let actor = Actor::Client { id: found.client.id, name: found.client.client_id.clone() };
    Scene { actor, ..scene.clone() }
}

fn unit_of(found: &RegisteredClient, action: Action, scene: &Scene<'_>) -> Changes {
    let with = Details::new([("by", "registration_access_token".to_owned())]);
    by_itself(found, scene).unit(action, Target::Client(found.client.id)).detailed(with)
}

/// Changes a registration (RFC 7592 §2.2). The patch says of every field what it shall be. The registration access token
/// is another one from then on.
///
/// # Errors
/// All violations; `access_denied` where nobody registers any more, or where an administrator has given the client what it
/// could use to give itself more.
pub fn update(
    patch: &ClientPatch,
    sent: &ServerDecided<'_>,
    facts: Managing<'_>,
    scene: &Scene<'_>,
) -> Decision<Updated> {
    let Managing { tenant, found: ManagedClient { registered: before, hash }, making } = facts;
    if tenant.settings.registration == ClientRegistration::Off {
        let text = tenant.settings.left_to_administrators.turned_on_by(Choice::Registration);
        return Err(OAuthError::new(ErrorCode::AccessDenied, text).into());
    }
    let authority = |client: &RegisteredClient| client.client.authority(making.rules.interaction_clients);
    if !authority(before).is_empty() {
        let text = Reason::GivenAuthority;
        return Err(OAuthError::new(ErrorCode::AccessDenied, text).into());
    }
    let mut patch = patch.clone();
    patch.unread.extend(wrong_of(sent, before));
    let mut after = patch.apply(before, making.rules)?;
    if !authority(&after).is_empty() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::NoSelfAuthority).into());
    }
    let now = scene.moment.now;
    after.registration.updated_at = now;
    after.client.version = before.client.version + 1;
    let id = before.client.id;
    let access = Drawn::new(REGISTRATION_PREFIX, id.to_bytes(), &scene.moment);
    let rotated = RegisteringChange::Rotate { client: id, from: *hash, to: access.hash };
    let unit = with_scopes(unit_of(before, Action::ClientUpdated, scene), &after.client.scope, scene);
    let change = ClientUpdate { before: before.clone(), after: after.clone() };
    let unit = unit.with(Change::UpdateClient(Box::new(change))).with(Change::Registering(rotated));
    let (secret, unit) = with_secret(before.client.auth_method, &mut after, (making, unit), scene)?;
    Ok((Updated { registered: after, secret, access }, unit))
}

/// RFC 7592 §2.2: `client_id` is there and the same, and so is the secret, if it is there.
fn wrong_of(sent: &ServerDecided<'_>, before: &RegisteredClient) -> Violations {
    let mut wrong = Violations::default();
    match sent.client_id {
        None => wrong.note("client_id", Reason::ClientIdOfUpdate),
        Some(sent) if sent == &*before.client.client_id => {}
        Some(_) => wrong.note("client_id", Reason::ClientIdOfAnother),
    }
    if sent.secret == SentSecret::Other {
        wrong.note("client_secret", Reason::SecretNotPresent);
    }
    wrong
}

/// A new secret, where the client has none that its method could use; those before go.
fn with_secret(
    method: AuthMethod,
    after: &mut RegisteredClient,
    (making, unit): (Making<'_>, Changes),
    scene: &Scene<'_>,
) -> Judgement<(Option<GeneratedSecret>, Changes)> {
    let client = &mut after.client;
    let kept = client.auth_method.secret();
    if kept == SecretKept::Nothing || kept == method.secret() {
        return Ok((None, unit));
    }
    let made = making.secret(client.auth_method, making.rules.secret_prefix(), scene.moment)?;
    let Some(made) = made else { return Ok((None, unit)) };
    let (id, tenant) = (client.id, client.tenant);
    let secret = Box::new(made.stored.clone());
    let mut unit = unit.with(Change::AddClientSecret { client: id, tenant, version: client.version, secret });
    client.version += 1;
    for old in std::mem::take(&mut client.secrets) {
        let at = scene.moment.now;
        unit = unit.with(Change::RemoveClientSecret { secret: old.id, client: id, tenant, at });
        client.version += 1;
    }
    client.secrets.push(made.stored.clone());
    Ok((Some(made), unit))
}

/// Removes a client at its own wish (RFC 7592 §2.3): its secrets, tokens and consents end with it.
///
/// # Errors
/// None of its own.
pub fn remove(found: &ManagedClient, scene: &Scene<'_>) -> Decision<()> {
    let client = &found.registered.client;
    let change =
        Change::DeleteClient { client: client.id, tenant: client.tenant, only: Some(client.version) };
    Ok(((), unit_of(&found.registered, Action::ClientDeleted, scene).with(change)))
}

/// A client whose time to be used is over.
#[derive(Debug, Clone, Copy)]
pub struct Unused {
    /// Which client.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its version.
    pub version: i64,
    /// When it last got a token; none: never.
    pub used_at: Option<Micros>,
}

/// Removes it.
pub fn swept(found: &Unused, moment: Moment<'_>) -> Changes {
    let Unused { client, tenant, version, used_at } = *found;
    let scene = Scene::of_system(tenant, moment);
    let why = if used_at.is_some() { "not_used_any_more" } else { "never_used" };
    let why = Details::new([("reason", why.to_owned())]);
    let change = Change::DeleteClient { client, tenant, only: Some(version) };
    scene.unit(Action::ClientDeleted, Target::Client(client)).detailed(why).with(change)
}
