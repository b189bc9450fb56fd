//! Who asks at an endpoint that takes a client's own credential, an access token or an API key.

use std::sync::Arc;

use writ_core::authorization::{Authorization, BearerToken};
use writ_core::authority::Permissions;
use writ_core::change::Note;
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::ids::{ClientId, TenantId};
use writ_core::tenant::Tenant;
use writ_core::token::TokenRef;
use writ_core::user::API_KEY_PREFIX;

use crate::app::App;
use crate::fault::Fault;

/// The holder of a bearer credential, read afresh.
#[derive(Debug)]
pub struct Bearer {
    /// The tenant of the credential.
    pub tenant: Tenant,
    /// The client whose token it is; none for an API key.
    pub client: Option<(ClientId, Arc<str>)>,
    /// What it may do.
    pub permissions: Permissions,
}

/// Finds the holder of a bearer credential.
///
/// # Errors
/// `invalid_token` for anything that is not live, not for this server, or of another tenant than the path's.
pub async fn bearer(app: &App, token: &BearerToken, path_tenant: Option<TenantId>) -> Result<Bearer, Fault> {
    let found = if token.expose().starts_with(API_KEY_PREFIX) {
        api_key(app, token.expose()).await?
    } else {
        access_token(app, token.expose()).await?
    };
    match found {
        Some(bearer)
            if bearer.tenant.enabled.is_yes() && path_tenant.is_none_or(|tenant| tenant == bearer.tenant.id) =>
        {
            Ok(bearer)
        }
        Some(_) | None => Err(invalid_token().into()),
    }
}

async fn api_key(app: &App, presented: &str) -> Result<Option<Bearer>, Fault> {
    let Some((key, tenant)) = app.store.api_key_by_hash(&app.hash_key.hash(presented)).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    if !key.live(now) {
        return Ok(None);
    }
    app.store.note(Note::ApiKeyUsed { key: key.id, at: now });
    Ok(Some(Bearer { tenant, client: None, permissions: key.permissions }))
}

async fn access_token(app: &App, presented: &str) -> Result<Option<Bearer>, Fault> {
    let Some(presented) = TokenRef::parse(presented) else { return Ok(None) };
    let Some((tenant, token)) = app.store.token_anywhere(presented.id).await? else { return Ok(None) };
    if token.live_as(&presented, app.clock.now()).is_err() {
        return Ok(None);
    }
    let Some(tenant) = app.store.tenant_by_id(tenant).await? else { return Ok(None) };
    // Writ's own endpoints take only tokens that are meant for it.
    if !token.audience.names(&app.issuer(&tenant)) {
        return Ok(None);
    }
    // A person's authority also depends on roles, which are not decided here: none.
    let permissions = if token.user.is_none() { Permissions::of_scope(&token.scope) } else { Permissions::NONE };
    let client = token.client_id.map(|name| (token.client, name));
    Ok(Some(Bearer { tenant, client, permissions }))
}

fn invalid_token() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidToken, "the access token or API key is not valid").challenged(Challenge::Bearer)
}

/// The error for a request without any credential.
pub fn credential_required() -> OAuthError {
    OAuthError::new(ErrorCode::CredentialRequired, "send HTTP Basic with a client's id and secret, or a Bearer token")
        .challenged(Challenge::Both)
}

/// The error for a scheme that is not known here.
pub fn unknown_scheme(authorization: &Authorization) -> Option<OAuthError> {
    match authorization {
        Authorization::Basic(_) | Authorization::Bearer(_) => None,
        Authorization::Unsupported { .. } => Some(credential_required()),
    }
}
