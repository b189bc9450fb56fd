//! What a tenant's policy makes of what an application asks for. RFC 7591 §2 and §3.2.1: a server may reject what it does
//! not offer, or put something else in its place; what is registered is told.

use crate::client::{
    ApplicationType, AuthMethod, ClientPatch, Destination, Field, GrantType, GrantTypes, Rare, RedirectUri,
    RegisteredClient, ResponseType, SentKind, Update,
};
use crate::reason::Reason;
use crate::scope::is_person_scope;
use crate::settings::RegistrationPolicy;

/// What an application is called that neither says so nor has an address.
const UNNAMED: &str = "Unnamed application";

/// Fills in what was not said, leaves away what may not be had, and notes what cannot be. What the client holds already,
/// because an administrator gave it, it may keep.
pub fn settle(policy: &RegistrationPolicy, patch: &mut ClientPatch, held: Option<&RegisteredClient>) {
    settle_uris(policy, patch, held);
    settle_grants(policy, patch, held);
    settle_types(patch);
    settle_scopes(policy, patch, held);
    match patch.auth_method {
        Update::Keep | Update::Clear if patch.unread.has(&Field::AuthMethod) => {}
        // RFC 7591 §2: the default.
        Update::Keep | Update::Clear => patch.auth_method = Update::Set(AuthMethod::SecretBasic),
        Update::Set(AuthMethod::AnySecret) => {
            patch.unread.note(Field::AuthMethod, Reason::RegistrationAuthMethod);
        }
        Update::Set(_) => {}
    }
    if held.is_none() {
        let is_native = patch.metadata.software.application_type == Update::Set(ApplicationType::Native);
        patch.kind = Update::Set(match (&patch.auth_method, is_native) {
            (Update::Set(AuthMethod::None), true) => SentKind::Exactly(crate::client::ClientKind::Native),
            (Update::Set(AuthMethod::None), false) => SentKind::Public,
            (Update::Set(_) | Update::Keep | Update::Clear, _) => SentKind::Confidential,
        });
    }
    let is_named = matches!(&patch.name, Update::Set(name) if !name.is_empty());
    if !is_named && !patch.unread.has(&Field::Name) {
        patch.name = Update::Set(default_name(patch));
    }
}

/// The host that people are sent back to: what a name would have to be held against anyway.
fn default_name(patch: &ClientPatch) -> String {
    let uris = if let Update::Set(uris) = &patch.redirect_uris { &uris[..] } else { &[] };
    let host = uris.iter().find_map(|text| match RedirectUri::parse(text).ok()?.destination() {
        Destination::Host(host) => Some(host.to_ascii_lowercase()),
        Destination::Scheme(_) => None,
    });
    host.unwrap_or_else(|| UNNAMED.to_owned())
}

fn settle_uris(policy: &RegistrationPolicy, patch: &mut ClientPatch, held: Option<&RegisteredClient>) {
    let held = held.map(|held| &held.registration);
    let lists = [
        (Field::RedirectUris, &patch.redirect_uris, held.map(|held| &held.redirect_uris)),
        (
            Field::PostLogoutRedirectUris,
            &patch.post_logout_redirect_uris,
            held.map(|held| &held.post_logout_redirect_uris),
        ),
    ];
    for (field, sent, held) in lists {
        let Update::Set(sent) = sent else { continue };
        for (number, text) in (1_usize..).zip(sent) {
            // Why it is no redirect URI is noted where it is read.
            let Ok(uri) = RedirectUri::parse_allowing(text, crate::client::Leniency::ALL) else { continue };
            if !policy.admits(&uri) && !held.is_some_and(|held| held.contains(&uri)) {
                let why = Reason::RedirectHostElsewhere { at: number.into() };
                patch.unread.note(field.clone(), why);
            }
        }
    }
}

/// RFC 7591 §2: without a word, `authorization_code`.
fn settle_grants(policy: &RegistrationPolicy, patch: &mut ClientPatch, held: Option<&RegisteredClient>) {
    let asked = match &patch.grant_types {
        Update::Set(asked) if !asked.is_empty() => asked.clone(),
        _ if patch.unread.has(&Field::GrantTypes) => return,
        Update::Set(_) | Update::Keep | Update::Clear => vec![GrantType::AuthorizationCode.name().to_owned()],
    };
    let admits = |grant: GrantType| {
        policy.grant_types.contains(&grant)
            || held.is_some_and(|held| held.client.grant_types.contains(grant))
    };
    let kept: Vec<_> =
        asked.into_iter().filter(|name| GrantType::by_name(name).is_some_and(admits)).collect();
    if kept.is_empty() {
        let known: Vec<_> = policy.grant_types.iter().map(|grant| grant.name()).collect();
        let why = Reason::NoneRegistrable { known: known.join(" ").into() };
        patch.unread.note(Field::GrantTypes, why);
        // What it would be otherwise is not looked at.
        patch.grant_types = Update::Keep;
        return;
    }
    patch.grant_types = Update::Set(kept);
}

/// Of the response types that were asked for, those that go with the grant types that may be had; some have to remain
/// (RFC 7591 §2.1). The implicit grant goes where nothing is asked for that needs it.
fn settle_types(patch: &mut ClientPatch) {
    let Update::Set(grants) = &patch.grant_types else { return };
    let granted = GrantTypes::new(grants.iter().filter_map(|name| GrantType::by_name(name)));
    let types = &mut patch.metadata.response_types;
    if let Update::Set(asked) = types {
        let known: Vec<_> = asked.iter().filter_map(|name| ResponseType::by_name(name)).collect();
        let kept: Vec<_> = known.iter().filter(|known| known.fits(&granted)).collect();
        let only_code = known.iter().all(|known| *known == ResponseType::Code);
        if kept.is_empty() && !(only_code && known.len() == asked.len()) {
            patch.unread.note(Rare::ResponseTypes, Reason::ResponseTypesNotRegistrable);
        }
        *types = Update::Set(kept.iter().map(|kept| kept.name().to_owned()).collect());
    }
    let needs_implicit =
        matches!(types, Update::Set(kept) if kept.iter().any(|name| name != ResponseType::Code.name()));
    if let (Update::Set(grants), false) = (&mut patch.grant_types, needs_implicit)
        && grants.iter().any(|name| name != GrantType::Implicit.name())
    {
        grants.retain(|name| name != GrantType::Implicit.name());
    }
}

/// RFC 7591 §2: without a word, what the server thinks right: whatever may be had. Real clients ask for it then.
fn settle_scopes(policy: &RegistrationPolicy, patch: &mut ClientPatch, held: Option<&RegisteredClient>) {
    let admits = |scope: &str| {
        policy.admits_scope(scope) || held.is_some_and(|held| held.client.scope.contains(scope))
    };
    let asked = match &patch.scopes {
        Update::Set(asked) if !asked.is_empty() => asked.clone(),
        _ if patch.unread.has(&Field::Scopes) => return,
        Update::Set(_) | Update::Keep | Update::Clear => {
            let machine = GrantType::ClientCredentials.name();
            let is_machine = matches!(&patch.grant_types, Update::Set(grants) if grants.iter().all(|grant| grant == machine));
            let scopes = policy.scopes.iter().filter(|scope| policy.admits_scope(scope));
            let fitting = scopes.filter(|scope| !is_machine || !is_person_scope(scope));
            patch.scopes = Update::Set(fitting.map(ToString::to_string).collect());
            return;
        }
    };
    let mut kept = Vec::new();
    for scope in asked {
        if admits(&scope) && !kept.contains(&scope) {
            kept.push(scope);
        }
    }
    if kept.is_empty() {
        let why = Reason::NoneRegistrable { known: policy.scopes.join(" ").into() };
        patch.unread.note(Field::Scopes, why);
        patch.scopes = Update::Keep;
        return;
    }
    patch.scopes = Update::Set(kept);
}
