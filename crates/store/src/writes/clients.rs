//! How changes of clients become SQL.

use writ_core::client::{
    Client, ClientName, ClientSecret, ClientUpdate, ExchangePolicy, LogoUpdate, LogoWish, NewClient, Party,
    Pkce, Recipient, Registration, SecretHash, TokenFormat, WebUri,
};
use writ_core::ids::{ClientId, TenantId};
use writ_core::subject::Sector;
use writ_core::time::Micros;
use writ_jose::Algorithm;

use crate::statements as sql;
use crate::value::{Step, Value};

pub(super) fn push_client(new: NewClient, steps: &mut Vec<Step>) {
    let NewClient { client, registration } = new;
    steps.push(Step::new(
        &sql::CLIENT_INSERT,
        [
            client.id.into(),
            client.tenant.into(),
            client.client_id.clone().into(),
            client.name.clone().into(),
            client.kind.name().into(),
            grants(&client).into(),
            (&client.scope).into(),
            client.tokens.audience.join(" ").into(),
            format(&client).into(),
            client.tokens.access_lifetime.0.into(),
            client.tokens.refresh_lifetime.0.into(),
            client.enabled.is_yes().into(),
            registration.created_at.into(),
            (client.party == Party::First).into(),
            client.tokens.rotation.is_on().into(),
            client.tokens.id_token_alg.map(Algorithm::name).into(),
            recipient(client.tokens.id_token_recipient.as_deref()),
            recipient(client.tokens.access_token_recipient.as_deref()),
            client.tokens.networks.stored().into(),
            client.auth_method.name().into(),
            client.tokens.choices.to_stored().into(),
            client.tokens.sector.as_ref().map(Sector::stored).into(),
            client.tokens.answers.to_stored().into(),
            ClientName::within(&client.client_id, client.tenant).taken_by().into(),
            exchange(&client),
        ],
    ));
    steps.push(counted(client.tenant).guarded());
    steps.push(Step::new(&sql::REGISTRATION_INSERT, registered(client.id, &registration)).detail());
    push_origins(&client, &registration, steps);
    push_scopes(&client, steps);
    let id = client.id;
    steps.extend(wanted((id, client.tenant), registration.logo_uri.as_ref(), registration.created_at));
    steps.extend(client.secrets.into_iter().map(|secret| client_secret(id, secret).detail()));
}

/// The client's row comes first: it is locked by its update, so that of two units decided on the same
/// version the second one finds another.
pub(super) fn push_update(update: ClientUpdate, steps: &mut Vec<Step>) {
    let ClientUpdate { before, after } = update;
    let (client, registration) = (after.client, after.registration);
    let values = [
        client.id.into(),
        client.tenant.into(),
        before.client.version.into(),
        client.name.clone().into(),
        grants(&client).into(),
        (&client.scope).into(),
        client.tokens.audience.join(" ").into(),
        format(&client).into(),
        client.tokens.access_lifetime.0.into(),
        client.tokens.refresh_lifetime.0.into(),
        client.enabled.is_yes().into(),
        (client.party == Party::First).into(),
        registration.updated_at.into(),
        client.tokens.rotation.is_on().into(),
        client.tokens.id_token_alg.map(Algorithm::name).into(),
        recipient(client.tokens.id_token_recipient.as_deref()),
        recipient(client.tokens.access_token_recipient.as_deref()),
        client.tokens.networks.stored().into(),
        client.auth_method.name().into(),
        client.tokens.choices.to_stored().into(),
        client.kind.name().into(),
        client.tokens.sector.as_ref().map(Sector::stored).into(),
        client.tokens.answers.to_stored().into(),
        exchange(&client),
    ];
    steps.push(Step::new(&sql::CLIENT_UPDATE, values).guarded());
    let values = registered(client.id, &registration);
    steps.push(Step::new(&sql::REGISTRATION_UPDATE, values).guarded().detail());
    if before.registration.origins(before.client.kind) != registration.origins(client.kind) {
        steps.push(Step::new(&sql::ORIGINS_DELETE, [client.id.into()]).detail());
        push_origins(&client, &registration, steps);
    }
    if before.registration.logo_uri != registration.logo_uri {
        steps.push(Step::new(&sql::logos::LOGO_DELETE, [client.id.into()]).detail());
        let of = (client.id, client.tenant);
        steps.extend(wanted(of, registration.logo_uri.as_ref(), registration.updated_at));
    }
    let translations = &before.registration.metadata.translations;
    if !translations.has_same_logos(&registration.metadata.translations) {
        steps.push(Step::new(&sql::logos::LOGO_DELETE_IN, [client.id.into()]).detail());
    }
    if before.client.scope != client.scope {
        steps.push(Step::new(&sql::CLIENT_SCOPES_DELETE, [client.id.into()]).detail());
        push_scopes(&client, steps);
    }
}

pub(super) fn push_deletion(of: (ClientId, TenantId), only: Option<i64>, steps: &mut Vec<Step>) {
    let (client, tenant) = of;
    steps.push(Step::new(&sql::CLIENT_DELETE, [client.into(), tenant.into(), only.into()]).guarded());
    steps.push(Step::new(&sql::registering::CLIENT_COUNTED_OUT, [tenant.into(), client.into()]).detail());
    let content = [
        &sql::flow::CLIENT_DELETE_CONSENTS,
        &sql::CLIENT_SECRETS_DELETE,
        &sql::CLIENT_NOTES_DELETE,
        &sql::REGISTRATION_DELETE,
        &sql::ORIGINS_DELETE,
        &sql::logos::LOGO_DELETE,
        &sql::CLIENT_SCOPES_DELETE,
        &sql::registering::REGISTERED_DELETE,
    ];
    steps.extend(content.into_iter().map(|sql| Step::new(sql, [client.into()]).detail()));
}

/// The logo that a client says to have is fetched once it is registered.
fn wanted((client, tenant): (ClientId, TenantId), uri: Option<&WebUri>, at: Micros) -> Option<Step> {
    let uri = uri?.as_str().to_owned();
    Some(Step::new(&sql::logos::LOGO_WANT, [client.into(), tenant.into(), uri.into(), at.into()]).detail())
}

/// Another logo comes behind its guard: the version of the client that it was decided on.
pub(super) fn push_logo(update: LogoUpdate, steps: &mut Vec<Step>) {
    let LogoUpdate { client, tenant, version, to, at } = update;
    let values = [client.into(), tenant.into(), version.into(), at.into()];
    steps.push(Step::new(&sql::CLIENT_TOUCH_VERSION, values).guarded());
    steps.push(Step::new(&sql::logos::LOGO_DELETE, [client.into()]).detail());
    match to {
        LogoWish::Sent(picture) => {
            let (name, content) = (picture.name.as_str().to_owned(), picture.content.to_vec());
            let values = [client.into(), tenant.into(), name.into(), content.into(), at.into()];
            steps.push(Step::new(&sql::logos::LOGO_PUT, values).detail());
        }
        LogoWish::Own(uri) => steps.extend(wanted((client, tenant), uri.as_ref(), at)),
    }
}

/// The tenant's row is locked by this: it is there as long as anything comes to it.
fn counted(tenant: TenantId) -> Step {
    Step::new(&sql::CLIENTS_COUNTED, [tenant.into()]).detail()
}

/// The secret comes behind its guard: the version of the client that it was decided on.
pub(super) fn push_secret(
    owner: (ClientId, TenantId),
    version: i64,
    secret: ClientSecret,
    steps: &mut Vec<Step>,
) {
    let (client, tenant) = owner;
    let values = [client.into(), tenant.into(), version.into(), secret.created_at.into()];
    steps.push(Step::new(&sql::CLIENT_TOUCH_VERSION, values).guarded().detail());
    steps.push(client_secret(client, secret));
}

/// A secret changes only together with its client's version, and its row is locked by this step:
/// where the client is being removed, one of the two units finds the other's work.
pub(super) fn touch(client: ClientId, tenant: TenantId, at: Micros) -> Step {
    Step::new(&sql::CLIENT_TOUCH, [client.into(), tenant.into(), at.into()]).guarded().detail()
}

fn exchange(client: &Client) -> Value {
    client.tokens.exchange.as_deref().and_then(ExchangePolicy::to_stored).into()
}

fn grants(client: &Client) -> String {
    client.grant_types.iter().map(writ_core::client::GrantType::name).collect::<Vec<_>>().join(" ")
}

fn format(client: &Client) -> String {
    match client.tokens.format {
        TokenFormat::Jwt(None) => "jwt".to_owned(),
        TokenFormat::Jwt(Some(alg)) => format!("jwt {}", alg.name()),
        TokenFormat::Opaque => "opaque".to_owned(),
    }
}

fn recipient(recipient: Option<&Recipient>) -> Value {
    recipient.map(Recipient::to_stored).into()
}

/// URIs and origins have no space in them.
fn joined<T: ToString>(list: &[T]) -> String {
    list.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn registered(client: ClientId, registration: &Registration) -> [Value; 11] {
    [
        client.into(),
        registration.description.clone().into(),
        joined(&registration.redirect_uris).into(),
        joined(&registration.post_logout_redirect_uris).into(),
        joined(&registration.allowed_origins).into(),
        registration.client_uri.as_ref().map(ToString::to_string).into(),
        registration.logo_uri.as_ref().map(ToString::to_string).into(),
        registration.owner.into(),
        (registration.pkce == Pkce::Required).into(),
        registration.jwks.as_ref().map(|jwks| jwks.as_str().to_owned()).into(),
        registration.metadata.to_stored().into(),
    ]
}

fn push_origins(client: &Client, registration: &Registration, steps: &mut Vec<Step>) {
    steps.extend(registration.origins(client.kind).iter().map(|origin| {
        let values = [client.tenant.into(), origin.to_string().into(), client.id.into()];
        Step::new(&sql::ORIGIN_INSERT, values).detail()
    }));
}

fn push_scopes(client: &Client, steps: &mut Vec<Step>) {
    steps.extend(client.scope.iter().map(|name| {
        let values = [client.id.into(), Value::Owned(name.into()), client.tenant.into()];
        Step::new(&sql::CLIENT_SCOPE_INSERT, values).detail()
    }));
}

fn client_secret(client: ClientId, secret: ClientSecret) -> Step {
    let (keyed, slow, sealed): (Value, Value, Value) = match secret.hash {
        SecretHash::Keyed(hash) => (hash.into(), Value::Null, Value::Null),
        SecretHash::Slow(phc) => (Value::Null, phc.into(), Value::Null),
        SecretHash::Sealed(sealed) => (Value::Null, Value::Null, sealed.to_vec().into()),
    };
    let values = [
        secret.id.into(),
        client.into(),
        keyed,
        slow,
        secret.prefix.into(),
        secret.last_four.into(),
        secret.created_at.into(),
        secret.expires_at.into(),
        sealed,
    ];
    Step::new(&sql::CLIENT_SECRET_INSERT, values)
}
