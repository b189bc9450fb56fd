//! `POST /oauth2/revoke` (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::PublicClients;
use writ_core::change::{Changes, Origin};
use writ_core::decision::Judgement;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::refresh_token;
use writ_core::revoke::revoke as judge;
use writ_core::shell_reason::ShellReason;
use writ_core::token::TokenRef;

use super::parse_form;
use crate::call::answer;
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::state::app::App;
use crate::state::rounds::{Source, Verdict};

/// Answers a revocation request: 200 with an empty object, whether or not the token was known.
pub async fn revoke(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match end(&app, &mut call).await {
        Ok(()) => answer::json_no_store(StatusCode::OK, "{}"),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn end(app: &App, call: &mut Call) -> Result<(), Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    let knock = Knock::read(call, &form, PublicClients::Identified)?;
    let origin = call.origin();
    app.for_client(&knock, |client| decide(app, client, &form, &origin)).await
}

async fn decide(app: &App, client: Entered, form: &Form<'_>, origin: &Origin) -> Result<Verdict<()>, Fault> {
    let facts = client.facts();
    let Some(token) = form.get("token") else {
        return Ok(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::TokenMissing).into());
    };
    let Some(presented) = TokenRef::parse(token) else {
        let Some(handle) = Handle::parse(REFRESH_PREFIX, token) else { return Ok(Verdict::Answer(())) };
        // What is read of it does not say whether the client is still as it was.
        if client.source() == Source::Cache {
            return Ok(Verdict::Stale);
        }
        let found = app.store.refresh_token(TokenId::from_bytes(handle.id), facts.tenant.id).await?;
        return Ok(ended(refresh_token::revoke(&handle, found.as_ref(), (facts, origin), app.moment())));
    };
    let Some(seen) = app.store.token_for_client(presented.id, facts.client.id).await? else {
        return Ok(Verdict::Stale);
    };
    if !client.is_still(&seen.versions) {
        return Ok(Verdict::Stale);
    }
    Ok(ended(judge(&presented, seen.token.as_ref(), (facts, origin.clone()), &app.moment())))
}

/// Whether there was anything to end, the answer is the same.
fn ended(judged: Judgement<Option<Changes>>) -> Verdict<()> {
    match judged {
        Ok(Some(changes)) => Verdict::Commit((), changes),
        Ok(None) => Verdict::Confirmed(()),
        Err(refusal) => Verdict::Refuse(refusal),
    }
}
