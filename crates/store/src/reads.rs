//! How rows become facts.

use std::sync::Arc;

use writ_core::authority::Permissions;
use writ_core::change::Enabled;
use writ_core::client::{
    AuthMethod, Client, ClientJwks, ClientKind, ClientSecret, GrantType, GrantTypes, Metadata, Party, Pkce,
    Recipient, RedirectUri, RegisteredClient, Registration, SecretHash, TokenChoices, TokenFormat,
    TokenPolicy, WebOrigin, WebUri,
};
use writ_core::confirmation::Confirmation;
use writ_core::ids::{
    ApiKeyId, ClientId, GrantId, KeyId, RoleId, ScopeId, SecretId, TenantId, TokenId, UserId,
};
use writ_core::key::StoredKey;
use writ_core::networks::AllowList;
use writ_core::role::Role;
use writ_core::scope::Scope;
use writ_core::scope_registry::RegisteredScope;
use writ_core::settings::Switch;
use writ_core::subject::Sector;
use writ_core::tenant::{ShownTenant, Tenant};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, GrantState, Parent, TokenFacts, TokenKind};
use writ_core::user::{ApiKey, ShownApiKey, User};
use writ_jose::Algorithm;

use crate::row::{Column, Row};

/// How many columns a tenant has.
pub(crate) const TENANT_WIDTH: usize = 6;
/// How many columns a token has, with the present state of its parents.
pub(crate) const TOKEN_WIDTH: usize = 27;
/// How many columns a client has.
pub(crate) const CLIENT_WIDTH: usize = 22;
/// How many columns a client has with all that was registered.
pub(crate) const REGISTERED_WIDTH: usize = CLIENT_WIDTH + 12;

fn algorithm(name: &str) -> Column<Algorithm> {
    Algorithm::parse(name).ok_or_else(|| format!("unknown algorithm {name}"))
}

/// A tenant whose columns start at `at`.
pub(crate) fn tenant(row: &Row<'_>, at: usize) -> Column<Tenant> {
    Ok(Tenant {
        id: TenantId::from_bytes(row.id(at)?),
        slug: row.text(at + 1)?.into(),
        name: row.text(at + 2)?.into(),
        settings: crate::settings::read(row.text(at + 3)?)?,
        enabled: Enabled::from(row.int(at + 4)? == 1),
        version: row.int(at + 5)?,
    })
}

/// The same, or what is known of it where that is its present version.
pub(crate) fn tenant_since(row: &Row<'_>, at: usize, known: Option<&Arc<Tenant>>) -> Column<Arc<Tenant>> {
    let (id, version) = (TenantId::from_bytes(row.id(at)?), row.int(at + 5)?);
    match known.filter(|known| known.id == id && known.version == version) {
        Some(known) => Ok(Arc::clone(known)),
        None => Ok(Arc::new(tenant(row, at)?)),
    }
}

fn recipient(text: &str) -> Column<Box<Recipient>> {
    let read = Recipient::from_stored(text).map(Box::new);
    read.ok_or_else(|| "a client's key to encrypt to cannot be read".to_owned())
}

/// A client whose columns start the row; its secrets are read apart.
pub(crate) fn client(row: &Row<'_>) -> Column<Client> {
    let kind = row.text(4)?;
    let kind = ClientKind::by_name(kind).ok_or_else(|| format!("unknown client kind {kind}"))?;
    let auth_method = match row.maybe_text(19)? {
        None => AuthMethod::of(kind),
        Some(name) => AuthMethod::by_name(name).ok_or_else(|| format!("unknown method {name}"))?,
    };
    let format = row.text(8)?;
    Ok(Client {
        id: ClientId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        client_id: row.text(2)?.into(),
        name: row.text(3)?.into(),
        kind,
        auth_method,
        grant_types: GrantTypes::new(row.text(5)?.split(' ').filter_map(GrantType::by_name)),
        scope: Scope::from_stored(row.text(6)?),
        tokens: TokenPolicy {
            format: match format.split_once(' ') {
                None if format == "opaque" => TokenFormat::Opaque,
                None => TokenFormat::Jwt(None),
                Some((_, name)) => TokenFormat::Jwt(Some(algorithm(name)?)),
            },
            access_lifetime: Seconds(row.int(9)?),
            refresh_lifetime: Seconds(row.int(10)?),
            audience: row.text(7)?.split(' ').filter(|name| !name.is_empty()).map(Into::into).collect(),
            rotation: Switch::from(row.int(14)? == 1),
            id_token_alg: row.maybe_text(15)?.map(algorithm).transpose()?,
            id_token_recipient: row.maybe_text(16)?.map(recipient).transpose()?,
            access_token_recipient: row.maybe_text(17)?.map(recipient).transpose()?,
            networks: AllowList::from_stored(row.text(18)?)?,
            choices: row.maybe_text(20)?.map(TokenChoices::from_stored).unwrap_or_default(),
            sector: row.maybe_text(21)?.map(Sector::from_stored),
        },
        secrets: Vec::new(),
        party: if row.int(13)? == 1 { Party::First } else { Party::Third },
        enabled: Enabled::from(row.int(11)? == 1),
        version: row.int(12)?,
    })
}

/// A client with all that was registered, whose columns start the row; its secrets are read apart.
pub(crate) fn registered_client(row: &Row<'_>) -> Column<RegisteredClient> {
    let column = |at: usize| CLIENT_WIDTH + at;
    let list = |at: usize| Ok::<_, String>(row.text(column(at))?.split(' ').filter(|text| !text.is_empty()));
    let uri = |at: usize| Ok::<_, String>(row.maybe_text(column(at))?.map(WebUri::from_stored));
    let registration = Registration {
        description: row.maybe_text(column(0))?.map(Into::into),
        redirect_uris: list(1)?.map(RedirectUri::from_stored).collect(),
        post_logout_redirect_uris: list(2)?.map(RedirectUri::from_stored).collect(),
        allowed_origins: list(3)?.map(WebOrigin::from_stored).collect(),
        client_uri: uri(4)?,
        logo_uri: uri(5)?,
        owner: row.maybe_id(column(6))?.map(UserId::from_bytes),
        pkce: if row.int(column(7))? == 1 { Pkce::Required } else { Pkce::WhenSent },
        jwks: row.maybe_text(column(8))?.map(ClientJwks::from_stored),
        metadata: row.maybe_text(column(9))?.map(Metadata::from_stored).unwrap_or_default(),
        created_at: row.time(column(10))?,
        updated_at: row.time(column(11))?,
    };
    Ok(RegisteredClient { client: client(row)?, registration })
}

/// A scope.
pub(crate) fn scope(row: &Row<'_>) -> Column<RegisteredScope> {
    Ok(RegisteredScope {
        id: ScopeId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        name: row.text(2)?.into(),
        description: row.maybe_text(3)?.map(Into::into),
        version: row.int(4)?,
        created_at: row.time(5)?,
        updated_at: row.time(6)?,
    })
}

/// A client secret.
pub(crate) fn client_secret(row: &Row<'_>) -> Column<ClientSecret> {
    let hash = match (row.maybe_hash(1)?, row.maybe_text(2)?, row.maybe_bytes(3)?) {
        (Some(keyed), _, _) => SecretHash::Keyed(keyed),
        (None, Some(phc), _) => SecretHash::Slow(Arc::from(phc)),
        (None, None, Some(sealed)) => SecretHash::Sealed(Arc::from(sealed)),
        (None, None, None) => return Err("a secret of which nothing is kept".to_owned()),
    };
    Ok(ClientSecret {
        id: SecretId::from_bytes(row.id(0)?),
        hash,
        prefix: row.text(4)?.into(),
        last_four: row.text(5)?.into(),
        created_at: row.time(6)?,
        expires_at: row.maybe_time(7)?,
    })
}

/// An API key whose columns start the row.
pub(crate) fn api_key(row: &Row<'_>) -> Column<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        name: row.text(2)?.into(),
        permissions: Permissions::from_bits(row.int(3)?),
        expires_at: row.maybe_time(4)?,
        networks: AllowList::from_stored(row.text(5)?)?,
    })
}

/// An API key as its owner sees it.
pub(crate) fn shown_api_key(row: &Row<'_>) -> Column<ShownApiKey> {
    Ok(ShownApiKey {
        key: api_key(row)?,
        last_four: row.text(6)?.into(),
        created_at: row.time(7)?,
        last_used_at: row.maybe_time(8)?,
        version: row.int(9)?,
    })
}

/// A tenant as an operator sees it.
pub(crate) fn shown_tenant(row: &Row<'_>) -> Column<ShownTenant> {
    Ok(ShownTenant {
        tenant: tenant(row, 0)?,
        created_at: row.time(TENANT_WIDTH)?,
        updated_at: row.time(TENANT_WIDTH + 1)?,
    })
}

/// A role.
pub(crate) fn role(row: &Row<'_>) -> Column<Role> {
    Ok(Role {
        id: RoleId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        name: row.text(2)?.into(),
        permissions: Permissions::from_bits(row.int(3)?),
        entitlements: words(row.text(7)?),
        created_at: row.time(4)?,
        updated_at: row.time(5)?,
        version: row.int(6)?,
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
        id: UserId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        username: row.text(2)?.into(),
        roles: words(row.text(3)?),
        enabled: Enabled::from(row.int(4)? == 1),
    })
}

/// A signing key.
pub(crate) fn signing_key(row: &Row<'_>) -> Column<StoredKey> {
    Ok(StoredKey {
        id: KeyId::from_bytes(row.id(0)?),
        algorithm: algorithm(row.text(1)?)?,
        kid: row.text(2)?.into(),
        public_jwk: row.text(3)?.into(),
        sealed: row.bytes(4)?.to_vec(),
        created_at: row.time(5)?,
        active_from: row.time(6)?,
        retired_at: row.maybe_time(7)?,
        compromised_at: row.maybe_time(8)?,
        longest_lifetime: Seconds(row.int(9)?),
    })
}

/// A token whose columns start at `at`; `None` where the join found none.
pub(crate) fn token(row: &Row<'_>, at: usize) -> Column<Option<TokenFacts>> {
    let Some(id) = row.maybe_id(at)? else { return Ok(None) };
    let user = row.maybe_id(at + 2)?.map(UserId::from_bytes);
    let parent = |stored: usize, current: usize| -> Column<Parent> {
        Ok(match (row.maybe_int(at + stored)?, row.maybe_int(at + current)?) {
            (Some(stored), Some(current)) => Parent::Present { stored, current },
            (_, None) | (None, _) => Parent::Gone,
        })
    };
    let grant = match (row.maybe_id(at + 3)?, row.maybe_id(at + 17)?, row.maybe_int(at + 18)?) {
        (None, _, _) => GrantState::None,
        (Some(_), None, _) => GrantState::Gone,
        (Some(_), Some(_), Some(_)) => GrantState::Ended,
        (Some(_), Some(_), None) => GrantState::Live,
    };
    // The tenant's mark is there wherever the token is; the others only where their rows are.
    let marks = [19, 20, 21, 22].map(|mark| row.maybe_time(at + mark));
    let issued_before = marks
        .into_iter()
        .try_fold(Micros(0), |latest, mark| Ok::<_, String>(latest.max(mark?.unwrap_or_default())))?;
    Ok(Some(TokenFacts {
        id: TokenId::from_bytes(id),
        kind: TokenKind::Access,
        client: ClientId::from_bytes(row.id(at + 1)?),
        user,
        hash: row.hash(at + 4)?,
        scope: Scope::from_stored(row.text(at + 5)?),
        audience: Audience::from_stored(row.text(at + 6)?),
        cnf: confirmation(row.maybe_text(at + 23)?)?,
        issued_at: row.time(at + 7)?,
        expires_at: row.time(at + 8)?,
        revoked_at: row.maybe_time(at + 9)?,
        client_id: row.maybe_text(at + 13)?.map(Arc::from),
        username: row.maybe_text(at + 24)?.map(Arc::from),
        roles: row.maybe_text(at + 25)?.map(words).unwrap_or_default(),
        sector: row.maybe_text(at + 26)?.map(Sector::from_stored),
        client_parent: parent(10, 14)?,
        tenant_parent: parent(11, 15)?,
        user_parent: if user.is_some() { parent(12, 16)? } else { Parent::None },
        grant,
        issued_before,
    }))
}

/// A refresh token, in the columns of a token.
pub(crate) fn refresh(row: &Row<'_>) -> Column<Option<TokenFacts>> {
    let family = GrantId::from_bytes(row.id(3)?);
    Ok(token(row, 0)?.map(|token| TokenFacts { kind: TokenKind::Refresh { family }, ..token }))
}
