//! `POST /oauth2/introspect`, also `POST /api/v1/oauth/introspect` (RFC 7662).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::PublicClients;
use writ_core::authority::Permission;
use writ_core::authorization::Authorization;
use writ_core::caller::{Caller, Identity};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::introspect::{Introspector, introspect as judge};
use writ_core::subject::Subject;
use writ_core::tenant::Tenant;
use writ_core::token::{TokenFacts, TokenRef};
use writ_jose::JsonObject;

use super::parse_form;
use crate::call::answer;
use crate::call::caller::{bearer, credential_required, invalid_token, local, tenant_named};
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::state::app::App;
use crate::state::rounds::{Source, Verdict};

/// Answers an introspection request.
pub async fn introspect(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match look(&app, &mut call).await {
        Ok(body) => answer::json_no_store(StatusCode::OK, body),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn look(app: &App, call: &mut Call) -> Result<String, Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    match call.authorization(ErrorCode::CredentialRequired)? {
        // RFC 6749 §2.3: one way of authentication in a request.
        Some(Authorization::Bearer(_)) if form.get("client_secret").is_some() => Err(OAuthError::new(
            ErrorCode::InvalidRequest,
            "client_secret: the request already has a Bearer credential; use one only",
        )
        .into()),
        Some(Authorization::Bearer(token)) => {
            let holder = bearer(app, &token, &call.context).await?;
            by_holder(app, &form, (&holder, call)).await
        }
        None if form.get("client_id").is_none() && form.get("client_secret").is_none() => {
            let operator = local(app, call).ok_or_else(credential_required)?;
            by_holder(app, &form, (&operator, call)).await
        }
        Some(Authorization::Unsupported { .. }) => Err(credential_required().into()),
        Some(Authorization::Basic(_)) | None => {
            let knock = Knock::read(call, &form, PublicClients::Refused)?;
            app.for_client(&knock, |client| by_client(app, &form, client)).await
        }
    }
}

/// A client asks with its own credential: its versions come back with the token.
async fn by_client(app: &App, form: &Form<'_>, client: Entered) -> Result<Verdict<String>, Fault> {
    let facts = client.facts();
    let asks = Introspector {
        client: Some((facts.client.id, &facts.client.client_id)),
        permissions: facts.permissions,
    };
    let presented = match presented_token(form) {
        Ok(presented) => presented,
        Err(error) => return Ok(error.into()),
    };
    let Some(presented) = presented else {
        // What is read of a refresh token does not say whether the client is still as it was.
        return match client.source() {
            Source::Cache => Ok(Verdict::Stale),
            Source::Storage => refresh_token(app, form, &facts.tenant, &asks).await.map(Verdict::Answer),
        };
    };
    let Some(seen) = app.store.token_for_client(presented.id, facts.client.id).await? else {
        return Ok(Verdict::Stale);
    };
    if !client.is_still(&seen.versions) {
        return Ok(Verdict::Stale);
    }
    let token = judge(&presented, seen.token.as_ref(), &asks, app.clock.now());
    Ok(Verdict::Confirmed(render(token, &facts.issuer)))
}

/// The holder of a token or an API key asks, or the operator of the machine; everything is read afresh.
async fn by_holder(app: &App, form: &Form<'_>, caller: (&Caller, &Call)) -> Result<String, Fault> {
    let (holder, call) = caller;
    let home = app.store.tenant_by_id(holder.home).await?.ok_or_else(invalid_token)?;
    if call.slug.as_deref().is_some_and(|slug| slug != &*home.slug) {
        return Err(invalid_token().into());
    }
    let named = tenant_named(app, call, holder).await?;
    let tenant = if named == home.id { Some(home) } else { app.store.tenant_by_id(named).await? };
    let Some(tenant) = tenant else {
        return Err(OAuthError::new(ErrorCode::NotFound, "X-Tenant-ID: there is no such tenant").into());
    };
    let presented = presented_token(form)?;
    if let Identity::Application { client, .. } | Identity::Person { client, .. } = &holder.identity {
        call.context.who.is_client(*client, holder.home);
    }
    let client = match &holder.identity {
        Identity::Application { client, client_id } => Some((*client, &**client_id)),
        // A person asks about nothing by being a person, and a key is nobody's audience.
        Identity::Person { .. } | Identity::ApiKey { .. } | Identity::Local { .. } => None,
    };
    let asks = Introspector { client, permissions: holder.permissions };
    let Some(presented) = presented else { return refresh_token(app, form, &tenant, &asks).await };
    let token = app.store.token_in_tenant(presented.id, tenant.id).await?;
    let token = judge(&presented, token.as_ref(), &asks, app.clock.now());
    Ok(render(token, &app.issuer(&tenant)))
}

/// The `token` parameter; `None`: nothing that this server could have issued.
fn presented_token(form: &Form<'_>) -> Result<Option<TokenRef>, OAuthError> {
    let token =
        form.get("token").ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, "token: missing"))?;
    Ok(TokenRef::parse(token))
}

/// The `token` parameter, where it is a refresh token that this server could have issued.
fn refresh_handle(form: &Form<'_>) -> Option<Handle> {
    Handle::parse(REFRESH_PREFIX, form.get("token")?)
}

/// What is said of a refresh token: to its own client, and to who may read all of the tenant.
async fn refresh_token(
    app: &App,
    form: &Form<'_>,
    tenant: &Tenant,
    asks: &Introspector<'_>,
) -> Result<String, Fault> {
    let Some(presented) = refresh_handle(form) else { return Ok(inactive()) };
    let found = app.store.refresh_token(TokenId::from_bytes(presented.id), tenant.id).await?;
    let live = found.filter(|token| token.is_live_as(&presented, app.clock.now()));
    let (Some(token), issuer) = (live, app.issuer(tenant)) else { return Ok(inactive()) };
    let own = asks.client.is_some_and(|(id, _)| id == token.client);
    let (true, Some(grant)) = (own || asks.permissions.contains(Permission::OauthRead), &token.grant) else {
        return Ok(inactive());
    };
    let mut json = JsonObject::with_capacity(256);
    json.boolean("active", true);
    if !grant.scope.is_empty() {
        json.string("scope", grant.scope.as_str());
    }
    json.string("client_id", &token.client_id).string("token_type", "refresh_token");
    json.number("exp", token.expires_at.as_secs()).number("iat", token.issued_at.as_secs());
    json.string("sub", &Subject::of(grant.user).to_string()).string("iss", &issuer);
    Ok(json.finish())
}

fn inactive() -> String {
    "{\"active\":false}".to_owned()
}

/// What is said of a live token (RFC 7662 §2.2); `aud` is one name or several (RFC 7519 §4.1.3).
fn render(token: Option<&TokenFacts>, issuer: &str) -> String {
    let Some(token) = token else { return inactive() };
    let client_id = token.client_id.as_deref().unwrap_or_default();
    let mut json = JsonObject::with_capacity(512);
    json.boolean("active", true);
    if !token.scope.is_empty() {
        json.string("scope", token.scope.as_str());
    }
    json.string("client_id", client_id).string("token_type", "Bearer");
    json.number("exp", token.expires_at.as_secs()).number("iat", token.issued_at.as_secs());
    match token.user {
        Some(user) => json.string("sub", &Subject::of(user).to_string()),
        None => json.string("sub", client_id),
    };
    let mut names = token.audience.iter();
    match (names.next(), names.next()) {
        (None, _) => {}
        (Some(only), None) => {
            json.string("aud", only);
        }
        (Some(_), Some(_)) => {
            json.strings("aud", &token.audience.iter().collect::<Vec<_>>());
        }
    }
    json.string("iss", issuer).string("jti", &token.id.to_string());
    json.finish()
}
