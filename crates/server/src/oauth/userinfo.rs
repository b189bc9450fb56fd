//! `GET` and `POST /oauth2/userinfo` (OpenID Connect Core §5.3; RFC 6750).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use writ_core::authorization::{Authorization, BearerToken};
use writ_core::confirmation::TokenScheme;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::shell_reason::ShellReason;
use writ_core::subject::Subjects;

use super::parse_form;
use crate::call::answer;
use crate::call::caller::{LiveToken, held, invalid_token, token_required};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::signed::AnswerBody;
use crate::state::app::App;

/// Answers with the claims of the person behind the token.
pub async fn userinfo(State(app): State<Arc<App>>, method: Method, mut call: Call) -> Response {
    match look(&app, &method, &mut call).await {
        Ok(body) => body.into_response(),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn look(app: &App, method: &Method, call: &mut Call) -> Result<AnswerBody, Fault> {
    let path = call.path_tenant(app).await?;
    let (scheme, presented) = presented(method, call).await?;
    let held = held(app, (scheme, presented.expose()), call).await?;
    let LiveToken { token, tenant } = held.map_err(|why| invalid_token().internally(why))?;
    if path.is_some_and(|path| path != tenant.id) {
        return Err(invalid_token().internally("the token is of another tenant").into());
    }
    call.context.who.is_client(token.client, tenant.id);
    let user = token
        .user
        .filter(|_| token.scope.contains("openid"))
        .ok_or_else(|| OAuthError::new(ErrorCode::InsufficientScope, ShellReason::OpenidNeeded))?;
    let person = app.store.person_for(user, tenant.id, &token.scope).await?.ok_or_else(invalid_token)?;
    let told = app.store.told_to(token.id).await?.ok_or_else(invalid_token)?;
    let subjects = Subjects { tenant: tenant.id, sector: told.sector.as_ref(), hash_key: &app.hash_key };
    let subject = subjects.name(person.id);
    let (what, issuer) = ((&token.scope, &told.claims), app.issuer(&tenant));
    match (told.signed, told.recipient.as_deref()) {
        (None, None) => Ok(AnswerBody::Json(person.userinfo(subject, what, None))),
        (None, Some(recipient)) => {
            app.encrypted_userinfo(&tenant, recipient, &person.userinfo(subject, what, None)).await
        }
        (Some(algorithm), recipient) => {
            let claims = person.userinfo(subject, what, Some((&issuer, &told.client_id)));
            app.signed_userinfo(&tenant, (algorithm, recipient), &claims).await
        }
    }
}

/// In the header, or, with POST, in the body (RFC 6750 §2.2); never in the address, and never in two places.
async fn presented(method: &Method, call: &mut Call) -> Result<(TokenScheme, BearerToken), Fault> {
    let in_header = match call.authorization(ErrorCode::CredentialRequired)? {
        Some(Authorization::Bearer(token)) => Some((TokenScheme::Bearer, token)),
        Some(Authorization::Dpop(token)) => Some((TokenScheme::Dpop, token)),
        Some(Authorization::Basic(_) | Authorization::Unsupported { .. }) => {
            return Err(token_required().into());
        }
        None => None,
    };
    let has_form = call.headers.get(http::header::CONTENT_TYPE).is_some();
    if *method != Method::POST || (in_header.is_some() && !has_form) {
        return in_header.ok_or_else(|| token_required().into());
    }
    let body = call.form_body().await?;
    let form = parse_form(&body)?;
    match (in_header, form.get("access_token")) {
        (Some(token), None) => Ok(token),
        (None, Some(text)) => BearerToken::parse(text.as_bytes())
            .map(|token| (TokenScheme::Bearer, token))
            .map_err(|_| invalid_token().into()),
        (Some(_), Some(_)) => {
            Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::AccessTokenTwice).into())
        }
        (None, None) => Err(token_required().into()),
    }
}
