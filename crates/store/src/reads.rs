//! How rows become facts.

use std::sync::Arc;

use writ_core::actors::ActorChain;
use writ_core::authority::Permissions;
use writ_core::change::Enabled;
use writ_core::client::{
    AnswerRecipients, AuthMethod, Client, ClientJwks, ClientKind, ClientSecret, ExchangePolicy, GrantType,
    GrantTypes, Metadata, Party, Pkce, Recipient, RedirectUri, RegisteredClient, Registration, SecretHash,
    TokenChoices, TokenFormat, TokenPolicy, TokenShape, WebOrigin, WebUri,
};
use writ_core::confirmation::Confirmation;
use writ_core::encryption_key::StoredEncryptionKey;
use writ_core::ids::{
    ApiKeyId, ClientId, GrantId, KeyId, ResourceId, RoleId, ScopeId, SecretId, TenantId, TokenId, UserId,
};
use writ_core::key::StoredKey;
use writ_core::networks::AllowList;
use writ_core::resource::{Resource, ResourceClients, ResourceTokens, ResourceUri};
use writ_core::role::Role;
use writ_core::scope::Scope;
use writ_core::scope_registry::RegisteredScope;
use writ_core::session::Authentication;
use writ_core::settings::Switch;
use writ_core::subject::Sector;
use writ_core::tenant::{ShownTenant, Tenant};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, GrantState, Parent, TokenFacts, TokenKind};
use writ_core::user::{ApiKey, ShownApiKey, User};
use writ_jose::Algorithm;
use writ_jose::jwe::KeyManagement;

use crate::row::{Column, Row};

fn algorithm(name: &str) -> Column<Algorithm> {
    Algorithm::parse(name).ok_or_else(|| format!("unknown algorithm {name}"))
}

/// A tenant.
pub(crate) fn tenant(row: &Row<'_>) -> Column<Tenant> {
    Ok(Tenant {
        id: TenantId::from_bytes(row.id()?),
        slug: row.text()?.into(),
        name: row.text()?.into(),
        settings: crate::settings::read(row.text()?)?,
        enabled: Enabled::from(row.int()? == 1),
        version: row.int()?,
    })
}

/// The same, or what is known of it where that is its present version.
pub(crate) fn tenant_since(row: &Row<'_>, known: Option<&Arc<Tenant>>) -> Column<Arc<Tenant>> {
    let id = TenantId::from_bytes(row.id()?);
    let (slug, name, settings) = (row.text()?, row.text()?, row.text()?);
    let (enabled, version) = (Enabled::from(row.int()? == 1), row.int()?);
    if let Some(known) = known.filter(|known| known.id == id && known.version == version) {
        return Ok(Arc::clone(known));
    }
    let settings = crate::settings::read(settings)?;
    Ok(Arc::new(Tenant { id, slug: slug.into(), name: name.into(), settings, enabled, version }))
}

fn recipient(text: &str) -> Column<Box<Recipient>> {
    let read = Recipient::from_stored(text).map(Box::new);
    read.ok_or_else(|| "a client's key to encrypt to cannot be read".to_owned())
}

pub(crate) fn answer_recipients(text: &str) -> Column<AnswerRecipients> {
    let read = AnswerRecipients::from_stored(text);
    read.ok_or_else(|| "the keys that a client's answers are encrypted to cannot be read".to_owned())
}

/// A client; its secrets are read apart.
pub(crate) fn client(row: &Row<'_>) -> Column<Client> {
    let (id, tenant) = (ClientId::from_bytes(row.id()?), TenantId::from_bytes(row.id()?));
    let (client_id, name, kind) = (row.text()?, row.text()?, row.text()?);
    let kind = ClientKind::by_name(kind).ok_or_else(|| format!("unknown client kind {kind}"))?;
    let grant_types = GrantTypes::new(row.text()?.split(' ').filter_map(GrantType::by_name));
    let scope = Scope::from_stored(row.text()?);
    let audience = words(row.text()?);
    let format = token_format(row.text()?)?;
    let (access_lifetime, refresh_lifetime) = (Seconds(row.int()?), Seconds(row.int()?));
    let (enabled, version) = (Enabled::from(row.int()? == 1), row.int()?);
    let party = if row.int()? == 1 { Party::First } else { Party::Third };
    let tokens = TokenPolicy {
        format,
        access_lifetime,
        refresh_lifetime,
        audience: audience.into_iter().collect(),
        rotation: Switch::from(row.int()? == 1),
        id_token_alg: row.maybe_text()?.map(algorithm).transpose()?,
        id_token_recipient: row.maybe_text()?.map(recipient).transpose()?,
        access_token_recipient: row.maybe_text()?.map(recipient).transpose()?,
        answers: AnswerRecipients::default(),
        networks: AllowList::from_stored(row.text()?)?,
        choices: TokenChoices::default(),
        sector: None,
        exchange: None,
    };
    let auth_method = match row.maybe_text()? {
        None => AuthMethod::of(kind),
        Some(name) => AuthMethod::by_name(name).ok_or_else(|| format!("unknown method {name}"))?,
    };
    let choices = row.maybe_text()?.map(TokenChoices::from_stored).unwrap_or_default();
    let sector = row.maybe_text()?.map(Sector::from_stored);
    let answers = row.maybe_text()?.map(answer_recipients).transpose()?.unwrap_or_default();
    let exchange = row.maybe_text()?.map(ExchangePolicy::from_stored).map(Box::new);
    Ok(Client {
        id,
        tenant,
        client_id: client_id.into(),
        name: name.into(),
        kind,
        auth_method,
        grant_types,
        scope,
        tokens: TokenPolicy { choices, sector, answers, exchange, ..tokens },
        secrets: Vec::new(),
        party,
        enabled,
        version,
    })
}

fn token_format(text: &str) -> Column<TokenFormat> {
    Ok(match text.split_once(' ') {
        None if text == "opaque" => TokenFormat::Opaque,
        None => TokenFormat::Jwt(None),
        Some((_, name)) => TokenFormat::Jwt(Some(algorithm(name)?)),
    })
}

/// A client with all that was registered; its secrets are read apart.
pub(crate) fn registered_client(row: &Row<'_>) -> Column<RegisteredClient> {
    let client = client(row)?;
    let list = || Ok::<_, String>(row.text()?.split(' ').filter(|text| !text.is_empty()));
    let uri = || Ok::<_, String>(row.maybe_text()?.map(WebUri::from_stored));
    let registration = Registration {
        description: row.maybe_text()?.map(Into::into),
        redirect_uris: list()?.map(RedirectUri::from_stored).collect(),
        post_logout_redirect_uris: list()?.map(RedirectUri::from_stored).collect(),
        allowed_origins: list()?.map(WebOrigin::from_stored).collect(),
        client_uri: uri()?,
        logo_uri: uri()?,
        owner: row.maybe_id()?.map(UserId::from_bytes),
        pkce: if row.int()? == 1 { Pkce::Required } else { Pkce::WhenSent },
        jwks: row.maybe_text()?.map(ClientJwks::from_stored),
        metadata: row.maybe_text()?.map(Metadata::from_stored).unwrap_or_default(),
        created_at: row.time()?,
        updated_at: row.time()?,
    };
    Ok(RegisteredClient { client, registration })
}

/// A scope.
pub(crate) fn scope(row: &Row<'_>) -> Column<RegisteredScope> {
    Ok(RegisteredScope {
        id: ScopeId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        name: row.text()?.into(),
        description: row.maybe_text()?.map(Into::into),
        version: row.int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// A client secret.
pub(crate) fn client_secret(row: &Row<'_>) -> Column<ClientSecret> {
    let id = SecretId::from_bytes(row.id()?);
    let hash = match (row.maybe_hash()?, row.maybe_text()?, row.maybe_bytes()?) {
        (Some(keyed), _, _) => SecretHash::Keyed(keyed),
        (None, Some(phc), _) => SecretHash::Slow(Arc::from(phc)),
        (None, None, Some(sealed)) => SecretHash::Sealed(Arc::from(sealed)),
        (None, None, None) => return Err("a secret of which nothing is kept".to_owned()),
    };
    Ok(ClientSecret {
        id,
        hash,
        prefix: row.text()?.into(),
        last_four: row.text()?.into(),
        created_at: row.time()?,
        expires_at: row.maybe_time()?,
    })
}

/// An API key.
pub(crate) fn api_key(row: &Row<'_>) -> Column<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        name: row.text()?.into(),
        permissions: Permissions::from_bits(row.int()?),
        expires_at: row.maybe_time()?,
        networks: AllowList::from_stored(row.text()?)?,
    })
}

/// An API key as its owner sees it.
pub(crate) fn shown_api_key(row: &Row<'_>) -> Column<ShownApiKey> {
    Ok(ShownApiKey {
        key: api_key(row)?,
        last_four: row.text()?.into(),
        created_at: row.time()?,
        last_used_at: row.maybe_time()?,
        version: row.int()?,
    })
}

/// A tenant as an operator sees it.
pub(crate) fn shown_tenant(row: &Row<'_>) -> Column<ShownTenant> {
    Ok(ShownTenant { tenant: tenant(row)?, created_at: row.time()?, updated_at: row.time()? })
}

/// A resource.
pub(crate) fn resource(row: &Row<'_>) -> Column<Resource> {
    let id = ResourceId::from_bytes(row.id()?);
    Ok(Resource {
        id,
        tenant: TenantId::from_bytes(row.id()?),
        identifier: ResourceUri::from_stored(row.text()?),
        name: row.text()?.into(),
        scope: Scope::from_stored(row.text()?),
        tokens: ResourceTokens {
            shape: row.maybe_text()?.and_then(TokenShape::by_name),
            algorithm: row.maybe_text()?.map(algorithm).transpose()?,
            lifetime: row.maybe_int()?.map(Seconds),
        },
        clients: row.maybe_text()?.map_or(ResourceClients::All, |list| ResourceClients::Listed(words(list))),
        introspectors: words(row.text()?),
        version: row.int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// A role.
pub(crate) fn role(row: &Row<'_>) -> Column<Role> {
    Ok(Role {
        id: RoleId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        name: row.text()?.into(),
        permissions: Permissions::from_bits(row.int()?),
        created_at: row.time()?,
        updated_at: row.time()?,
        version: row.int()?,
        entitlements: words(row.text()?),
    })
}

/// Names that are kept with spaces between them.
pub(crate) fn words(text: &str) -> Vec<Box<str>> {
    text.split(' ').filter(|name| !name.is_empty()).map(Into::into).collect()
}

/// What something is bound to.
pub(crate) fn confirmation(text: Option<&str>) -> Column<Option<Confirmation>> {
    text.map(|text| {
        Confirmation::from_stored(text).ok_or_else(|| "what a token is bound to cannot be read".to_owned())
    })
    .transpose()
}

/// A user.
pub(crate) fn user(row: &Row<'_>) -> Column<User> {
    Ok(User {
        id: UserId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        username: row.text()?.into(),
        roles: words(row.text()?),
        enabled: Enabled::from(row.int()? == 1),
    })
}

/// A key that clients encrypt to.
pub(crate) fn encryption_key(row: &Row<'_>) -> Column<StoredEncryptionKey> {
    let id = KeyId::from_bytes(row.id()?);
    let name = row.text()?;
    let management = KeyManagement::parse(name).ok_or_else(|| format!("unknown key management {name}"))?;
    Ok(StoredEncryptionKey {
        id,
        management,
        kid: row.text()?.into(),
        public_jwk: row.text()?.into(),
        sealed: row.bytes()?.to_vec(),
        created_at: row.time()?,
        replaced_at: row.maybe_time()?,
    })
}

/// A signing key.
pub(crate) fn signing_key(row: &Row<'_>) -> Column<StoredKey> {
    Ok(StoredKey {
        id: KeyId::from_bytes(row.id()?),
        algorithm: algorithm(row.text()?)?,
        kid: row.text()?.into(),
        public_jwk: row.text()?.into(),
        sealed: row.bytes()?.to_vec(),
        created_at: row.time()?,
        active_from: row.time()?,
        retired_at: row.maybe_time()?,
        compromised_at: row.maybe_time()?,
        longest_lifetime: Seconds(row.int()?),
    })
}

/// A token; `None` where the join found none: its columns end the row then.
pub(crate) fn token(row: &Row<'_>) -> Column<Option<TokenFacts>> {
    Ok(token_of_family(row)?.map(|(token, _)| token))
}

/// A token, and the grant that it was issued under.
pub(crate) fn token_of_family(row: &Row<'_>) -> Column<Option<(TokenFacts, Option<GrantId>)>> {
    let Some(id) = row.maybe_id()? else { return Ok(None) };
    let client = ClientId::from_bytes(row.id()?);
    let user = row.maybe_id()?.map(UserId::from_bytes);
    let family = row.maybe_id()?.map(GrantId::from_bytes);
    let (hash, scope, audience) = (row.hash()?, row.text()?, row.text()?);
    let (issued_at, expires_at, revoked_at) = (row.time()?, row.time()?, row.maybe_time()?);
    let stored = [row.maybe_int()?, row.maybe_int()?, row.maybe_int()?];
    let client_id = row.maybe_text()?.map(Arc::from);
    let current = [row.maybe_int()?, row.maybe_int()?, row.maybe_int()?];
    let grant = match (family, row.maybe_id()?, row.maybe_int()?) {
        (None, _, _) => GrantState::None,
        (Some(_), None, _) => GrantState::Gone,
        (Some(_), Some(_), Some(_)) => GrantState::Ended,
        (Some(_), Some(_), None) => GrantState::Live,
    };
    // The tenant's mark is there wherever the token is; the others only where their rows are.
    let issued_before = latest::<4>(row)?;
    let [client_parent, tenant_parent, user_parent] = parents(stored, current);
    let token = TokenFacts {
        id: TokenId::from_bytes(id),
        kind: TokenKind::Access,
        client,
        user,
        hash,
        scope: Scope::from_stored(scope),
        audience: Audience::from_stored(audience),
        cnf: confirmation(row.maybe_text()?)?,
        issued_at,
        expires_at,
        revoked_at,
        client_id,
        username: row.maybe_text()?.map(Arc::from),
        roles: row.maybe_text()?.map(words).unwrap_or_default(),
        sector: row.maybe_text()?.map(Sector::from_stored),
        client_parent,
        tenant_parent,
        user_parent: if user.is_some() { user_parent } else { Parent::None },
        grant,
        actors: row.maybe_text()?.map(ActorChain::from_stored).unwrap_or_default(),
        authentication: None,
        issued_before,
    };
    // What it comes of ends it as its own grant does.
    let is_cut_off = row.int()? > 0 && token.grant == GrantState::Live;
    let grant = if is_cut_off { GrantState::Ended } else { token.grant };
    let authentication = maybe_authentication(row)?;
    Ok(Some((TokenFacts { grant, authentication, ..token }, family)))
}

/// The generation that something bears, and the one of now.
pub(crate) fn generation(stored: Option<i64>, current: Option<i64>) -> Parent {
    match (stored, current) {
        (Some(stored), Some(current)) => Parent::Present { stored, current },
        (_, None) | (None, _) => Parent::Gone,
    }
}

/// Those of client, tenant and user.
pub(crate) fn parents(stored: [Option<i64>; 3], current: [Option<i64>; 3]) -> [Parent; 3] {
    let ([client, tenant, user], [client_now, tenant_now, user_now]) = (stored, current);
    [generation(client, client_now), generation(tenant, tenant_now), generation(user, user_now)]
}

/// How a person signed in; none: the row has no sign-in.
pub(crate) fn maybe_authentication(row: &Row<'_>) -> Column<Option<Authentication>> {
    let (at, methods) = (row.maybe_time()?, row.maybe_text()?);
    Ok(at.zip(methods).map(|(at, methods)| Authentication { at, methods: methods.into() }))
}

/// The latest of the next times.
pub(crate) fn latest<const N: usize>(row: &Row<'_>) -> Column<Micros> {
    let mut latest = Micros(0);
    for _ in 0..N {
        latest = latest.max(row.maybe_time()?.unwrap_or_default());
    }
    Ok(latest)
}

/// A refresh token, in the columns of a token.
pub(crate) fn refresh(row: &Row<'_>) -> Column<Option<TokenFacts>> {
    let Some((token, family)) = token_of_family(row)? else { return Ok(None) };
    let family = family.ok_or_else(|| "a refresh token without a family".to_owned())?;
    Ok(Some(TokenFacts { kind: TokenKind::Refresh { family }, ..token }))
}
