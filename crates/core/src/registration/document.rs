//! Clients that a document describes, at the address that is their `client_id`
//! (draft-ietf-oauth-client-id-metadata-document-01). The document is judged as a registration is; what it said last is
//! the client, in a row like that of any other.

use super::{NewManaged, RegisteringChange, settle};
use crate::change::{Action, Actor, Change, Changes, Details, Target};
use crate::client::{
    AuthMethod, ClientDraft, ClientPatch, ClientUpdate, DocumentId, Field, GrantType, GrantTypes,
    RedirectUri, RegisteredClient, SentKind, Update, Violations,
};
use crate::decision::Judgement;
use crate::error::{ErrorCode, OAuthError};
use crate::handle::{Drawn, REGISTRATION_PREFIX};
use crate::manage::clients::{Making, make, with_scopes, writing};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::settings::{Choice, RegistrationPolicy};
use crate::tenant::Tenant;
use crate::time::Seconds;

/// How long a client lives that never gets a token: it comes again by its document.
const UNUSED: Seconds = Seconds(86_400);
/// How long one lives that gets none any more, at the least: no refresh token of it is good then.
const IDLE: Seconds = Seconds(90 * 86_400);

/// Whether a tenant takes the document of a client.
///
/// # Errors
/// `invalid_client`, with the setting that is in the way.
pub fn may_describe(tenant: &Tenant, id: &DocumentId<'_>) -> Result<(), OAuthError> {
    let settings = &tenant.settings;
    if !settings.client_documents.is_on() {
        let why = settings.left_to_administrators.turned_on_by(Choice::ClientDocuments);
        return Err(OAuthError::new(ErrorCode::InvalidClient, why));
    }
    let at = id.as_destination();
    let is_in = |hosts: &[crate::settings::RedirectHost]| hosts.iter().any(|host| host.admits(&at));
    let allowed = &settings.client_document_hosts;
    if is_in(&settings.client_document_hosts_refused) || !(allowed.is_empty() || is_in(allowed)) {
        let why = Reason::DocumentHostRefused { host: id.host().into() };
        return Err(OAuthError::new(ErrorCode::InvalidClient, why));
    }
    Ok(())
}

/// What a document says.
#[derive(Debug)]
pub struct DocumentSent<'a> {
    /// Its own address, as it says.
    pub client_id: Option<&'a str>,
    /// Whether it has a secret, which would be everybody's.
    pub has_secret: bool,
    /// The client that it describes.
    pub patch: ClientPatch,
}

/// What becomes of a document is decided on this.
#[derive(Debug, Clone, Copy)]
pub struct Describing<'a> {
    /// Which document.
    pub id: DocumentId<'a>,
    /// Where.
    pub tenant: &'a Tenant,
    /// The rules.
    pub making: Making<'a>,
    /// The client, as it is.
    pub found: Option<&'a RegisteredClient>,
    /// How many clients came without an administrator.
    pub registered: i64,
}

/// What has to be written so that the client is what its document says; none: it is already, or an administrator has
/// given it what no document decides about.
///
/// Tokens and consents live on, whatever a document changes: they end where somebody ends them.
///
/// # Errors
/// `invalid_client` with the first thing that is wrong with the document; `temporarily_unavailable` where there are as many
/// clients as there may be.
pub fn described(
    sent: DocumentSent<'_>,
    facts: Describing<'_>,
    scene: &Scene<'_>,
) -> Judgement<Option<Changes>> {
    let Describing { id, tenant, making, found, .. } = facts;
    let mut patch = settled(sent, (&tenant.settings.registration_policy, id), found);
    // What is wrong with the whole is not looked for in parts of it.
    if let Err(wrong) = std::mem::take(&mut patch.unread).checked(()) {
        return Err(bad(&wrong).into());
    }
    match found {
        None => added(&ClientDraft::from(patch), facts, scene).map(Some),
        Some(before) => changed(&mut patch, before, making, scene),
    }
}

/// The patch within what the tenant lets clients have that register themselves.
fn settled(
    sent: DocumentSent<'_>,
    (policy, id): (&RegistrationPolicy, DocumentId<'_>),
    found: Option<&RegisteredClient>,
) -> ClientPatch {
    let DocumentSent { client_id, has_secret, mut patch } = sent;
    // §4.1: the two are compared as texts.
    if client_id != Some(id.as_str()) {
        patch.unread.note("client_id", Reason::DocumentOfAnother);
    }
    if has_secret {
        patch.unread.note("client_secret", Reason::DocumentSecret);
    }
    match patch.auth_method {
        Update::Set(AuthMethod::None | AuthMethod::PrivateKeyJwt) => {}
        Update::Set(_) => patch.unread.note(Field::AuthMethod, Reason::DocumentAuthMethod),
        // RFC 7591 would have a secret: there is none.
        Update::Keep | Update::Clear if patch.unread.has(&Field::AuthMethod) => {}
        Update::Keep | Update::Clear => patch.auth_method = Update::Set(AuthMethod::None),
    }
    let says_scope = matches!(&patch.scopes, Update::Set(asked) if !asked.is_empty());
    settle(policy, &mut patch, found);
    if found.is_some() && !says_scope {
        patch.scopes = Update::Keep;
    }
    patch
}

fn bad(wrong: &Violations) -> OAuthError {
    let first = wrong.iter().next();
    let why = first.map_or(Reason::Missing, |wrong| Reason::PolicyEntry {
        entry: wrong.field.name().into(),
        why: wrong.reason.clone().into(),
    });
    OAuthError::new(ErrorCode::InvalidClient, Reason::DocumentBad { why: why.into() })
}

fn added(draft: &ClientDraft, facts: Describing<'_>, scene: &Scene<'_>) -> Judgement<Changes> {
    let Describing { id, tenant, making, registered, .. } = facts;
    let mut made = make(draft, making, (scene, None)).map_err(|refusal| match refusal.error.wrong() {
        Some(wrong) => bad(wrong).into(),
        None => refusal,
    })?;
    let client = &mut made.registered.client;
    client.client_id = id.as_str().into();
    if !client.authority(making.rules.interaction_clients).is_empty() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::NoSelfAuthority).into());
    }
    let most = tenant.settings.registration_policy.clients_max;
    if registered >= most {
        return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, Reason::RegistrationsMost).into());
    }
    let managed = NewManaged {
        client: client.id,
        tenant: tenant.id,
        // A token that nobody has: its document manages it.
        hash: Drawn::new(REGISTRATION_PREFIX, client.id.to_bytes(), &scene.moment).hash,
        token: None,
        unused_until: Some(scene.moment.now.plus(UNUSED)),
        idle: Some(Seconds(IDLE.0.max(client.tokens.refresh_lifetime.0))),
        most,
    };
    let how = Details::new([("registered", "document".to_owned()), ("host", id.host().to_owned())]);
    let unit = scene.unit(Action::ClientCreated, Target::Client(client.id)).detailed(how);
    let unit = unit.with(Change::Registering(RegisteringChange::Add(Box::new(managed))));
    Ok(writing(&made, unit, scene))
}

fn changed(
    patch: &mut ClientPatch,
    before: &RegisteredClient,
    making: Making<'_>,
    scene: &Scene<'_>,
) -> Judgement<Option<Changes>> {
    let rules = making.rules;
    // Whoever has the document would have what an administrator has given the client.
    if !before.client.authority(rules.interaction_clients).is_empty() {
        return Ok(None);
    }
    // What it says counts, not what it was: it may have got keys since.
    let mut base = before.clone();
    base.client.kind = kind(patch, rules.leniency);
    if !base.client.auth_method.fits(base.client.kind) {
        base.client.auth_method = AuthMethod::of(base.client.kind);
    }
    let mut after = patch.apply(&base, rules).map_err(|wrong| bad(&wrong))?;
    if !after.client.authority(rules.interaction_clients).is_empty() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::NoSelfAuthority).into());
    }
    if is_same(before, &after) {
        return Ok(None);
    }
    after.registration.updated_at = scene.moment.now;
    after.client.version = before.client.version + 1;
    let actor = Actor::Client { id: before.client.id, name: before.client.client_id.clone() };
    let own = Scene { actor, ..scene.clone() };
    let with = Details::new([("by", "document".to_owned())]);
    let unit = own.unit(Action::ClientUpdated, Target::Client(before.client.id)).detailed(with);
    let unit = with_scopes(unit, &after.client.scope, scene);
    let change = ClientUpdate { before: before.clone(), after };
    Ok(Some(unit.with(Change::UpdateClient(Box::new(change)))))
}

/// The kind that follows from how it proves who it is, and from where people come back to.
fn kind(patch: &ClientPatch, leniency: crate::client::Leniency) -> crate::client::ClientKind {
    let sent = match patch.auth_method {
        Update::Set(AuthMethod::PrivateKeyJwt) => SentKind::Confidential,
        Update::Set(_) | Update::Keep | Update::Clear => SentKind::Public,
    };
    let grants = match &patch.grant_types {
        Update::Set(names) => Some(GrantTypes::new(names.iter().filter_map(|name| GrantType::by_name(name)))),
        Update::Keep | Update::Clear => None,
    };
    let uris: Vec<_> = match &patch.redirect_uris {
        Update::Set(sent) => {
            sent.iter().filter_map(|text| RedirectUri::parse_allowing(text, leniency).ok()).collect()
        }
        Update::Keep | Update::Clear => Vec::new(),
    };
    let is_native =
        patch.metadata.software.application_type == Update::Set(crate::client::ApplicationType::Native);
    match sent {
        SentKind::Public if is_native => crate::client::ClientKind::Native,
        sent => sent.infer(grants.as_ref(), &uris),
    }
}

/// Whether nothing has changed of what a document can change.
fn is_same(before: &RegisteredClient, after: &RegisteredClient) -> bool {
    let (old, new) = (&before.client, &after.client);
    (old.kind, old.auth_method) == (new.kind, new.auth_method)
        && old.name == new.name
        && old.grant_types == new.grant_types
        && old.scope == new.scope
        && old.tokens == new.tokens
        && before.registration == after.registration
}
