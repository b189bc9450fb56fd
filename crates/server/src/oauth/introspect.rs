//! `POST /oauth2/introspect`, also `POST /api/v1/oauth/introspect` (RFC 7662).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::authenticate::{ClientFacts, PublicClients};
use writ_core::authorization::{Authorization, BearerToken};
use writ_core::caller::{Caller, Identity};
use writ_core::claims::{ByRoles, depends_on_roles};
use writ_core::confirmation::TokenScheme;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::introspect::{
    INACTIVE, Introspector, Teller, describe, describe_refresh, introspect as judge, introspect_refresh,
};
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::token::{TokenFacts, TokenRef};

use super::parse_form;
use crate::call::answer;
use crate::call::caller::{bearer, credential_required, invalid_token, local, tenant_named};
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::signed::{AnswerBody, wants_signed};
use crate::state::app::App;
use crate::state::rounds::{Source, Verdict};

/// Answers an introspection request.
pub async fn introspect(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match look(&app, &mut call).await {
        Ok(body) => body.into_response(),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn look(app: &App, call: &mut Call) -> Result<AnswerBody, Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    let authorization = call.authorization(ErrorCode::CredentialRequired)?;
    match &authorization {
        // RFC 6749 §2.3: one way of authentication in a request.
        Some(Authorization::Bearer(_) | Authorization::Dpop(_))
            if is_a_clients(&form, &["client_secret", "client_assertion"]) =>
        {
            Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::SecretBesideBearer).into())
        }
        Some(Authorization::Bearer(token)) => by_token(app, &form, (TokenScheme::Bearer, token), call).await,
        Some(Authorization::Dpop(token)) => by_token(app, &form, (TokenScheme::Dpop, token), call).await,
        None if !is_a_clients(&form, &["client_id", "client_secret", "client_assertion"]) => {
            let operator = local(app, call).ok_or_else(credential_required)?;
            Box::pin(by_holder(app, &form, (&operator, call))).await.map(AnswerBody::Json)
        }
        Some(Authorization::Unsupported { .. }) => Err(credential_required().into()),
        Some(Authorization::Basic(_)) | None => {
            let knock = Knock::with(authorization.as_ref(), (call, &form), PublicClients::Refused)?;
            let (answer, facts) = app.for_client(&knock, |client| by_client(app, &form, client)).await?;
            if wants_signed(&call.headers) {
                return Box::pin(app.signed_introspection(&facts, &answer)).await;
            }
            Ok(AnswerBody::Json(answer))
        }
    }
}

/// The holder of a token or an API key asks.
async fn by_token(
    app: &App,
    form: &Form<'_>,
    presented: (TokenScheme, &BearerToken),
    call: &Call,
) -> Result<AnswerBody, Fault> {
    let holder = bearer(app, presented, call).await?;
    Box::pin(by_holder(app, form, (&holder, call))).await.map(AnswerBody::Json)
}

/// Whether a form has one of these parameters, by which a client says who it is.
fn is_a_clients(form: &Form<'_>, parameters: &[&str]) -> bool {
    parameters.iter().any(|name| form.get(name).is_some())
}

/// A client asks with its own credential: its versions come back with the token.
async fn by_client(
    app: &App,
    form: &Form<'_>,
    client: Entered,
) -> Result<Verdict<(String, ClientFacts)>, Fault> {
    let facts = client.facts();
    let resources = app.resources(&facts.tenant).await?;
    let asks = Introspector {
        client: Some((facts.client.id, &facts.client.client_id)),
        permissions: facts.permissions,
        resources: &resources,
    };
    let presented = match presented_token(form) {
        Ok(presented) => presented,
        Err(error) => return Ok(error.into()),
    };
    let Some(presented) = presented else {
        // What is read of a refresh token does not say whether the client is still as it was.
        return match client.source() {
            Source::Cache => Ok(Verdict::Stale),
            Source::Storage => {
                let answer = refresh_token(app, form, &facts.tenant, &asks).await?;
                Ok(Verdict::Answer((answer, facts.clone())))
            }
        };
    };
    let Some(seen) = app.store.token_for_client(presented.id, facts.client.id).await? else {
        return Ok(Verdict::Stale);
    };
    if !client.is_still(&seen.versions) {
        return Ok(Verdict::Stale);
    }
    let token = judge(&presented, seen.token.as_ref(), &asks, app.clock.now());
    let answer = described(app, token, (&facts.tenant, &facts.issuer)).await?;
    Ok(Verdict::Confirmed((answer, facts.clone())))
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
        return Err(OAuthError::new(ErrorCode::NotFound, ShellReason::TenantHeaderUnknown).into());
    };
    let presented = presented_token(form)?;
    if let Identity::Application { client, .. } | Identity::Person { client, .. } = &holder.identity {
        call.context.who.is_client(*client, holder.home);
    }
    let client = match &holder.identity {
        Identity::Application { client, client_id } => Some((*client, &**client_id)),
        // A person asks about nothing by being a person, and a key is nobody's audience.
        Identity::Person { .. }
        | Identity::ApiKey { .. }
        | Identity::AtConsole { .. }
        | Identity::Local { .. } => None,
    };
    let resources = app.resources(&tenant).await?;
    let asks = Introspector { client, permissions: holder.permissions, resources: &resources };
    let Some(presented) = presented else { return refresh_token(app, form, &tenant, &asks).await };
    let token = app.store.token_in_tenant(presented.id, tenant.id).await?;
    let token = judge(&presented, token.as_ref(), &asks, app.clock.now());
    described(app, token, (&tenant, &app.issuer(&tenant))).await
}

/// The `token` parameter; `None`: nothing that this server could have issued.
fn presented_token(form: &Form<'_>) -> Result<Option<TokenRef>, OAuthError> {
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, ShellReason::TokenMissing))?;
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
    let Some(presented) = refresh_handle(form) else { return Ok(INACTIVE.to_owned()) };
    let found = app.store.refresh_token(TokenId::from_bytes(presented.id), tenant.id).await?;
    let Some(token) = introspect_refresh(&presented, found.as_ref(), asks, app.clock.now()) else {
        return Ok(INACTIVE.to_owned());
    };
    let given = match &token.grant {
        Some(grant) if depends_on_roles(&grant.scope) => {
            let given = app.store.given_by_roles(&token.roles, tenant.id).await?;
            app.store.with_groups(given, (grant.user, tenant.id), &grant.scope).await?
        }
        Some(_) | None => ByRoles::default(),
    };
    let teller = Teller { issuer: &app.issuer(tenant), tenant: tenant.id, hash_key: &app.hash_key };
    Ok(describe_refresh(token, &given, &teller))
}

/// What is said of an access token.
async fn described(app: &App, token: Option<&TokenFacts>, of: (&Tenant, &str)) -> Result<String, Fault> {
    let (tenant, issuer) = of;
    let Some(token) = token else { return Ok(INACTIVE.to_owned()) };
    let given = match token.user {
        Some(user) if depends_on_roles(&token.scope) => {
            let given = app.store.given_by_roles(&token.roles, tenant.id).await?;
            app.store.with_groups(given, (user, tenant.id), &token.scope).await?
        }
        Some(_) | None => ByRoles::default(),
    };
    Ok(describe(token, &given, &Teller { issuer, tenant: tenant.id, hash_key: &app.hash_key }))
}
