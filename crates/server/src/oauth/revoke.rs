//! `POST /oauth2/revoke` (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::{Attempt, ClientFacts, PublicClients};
use writ_core::change::Origin;
use writ_core::decision::Moment;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::refresh_token;
use writ_core::revoke::revoke as judge;
use writ_core::token::TokenRef;

use super::{Place, authenticated, parse_form};
use crate::call::answer;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::state::app::App;
use crate::state::rounds::{Rounds, Settled, Source, Verdict};

/// Answers a revocation request: 200 with an empty object, whether or not the token was known.
pub async fn revoke(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match end(&app, &mut call).await {
        Ok(()) => answer::json_no_store(StatusCode::OK, "{}"),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn end(app: &App, call: &mut Call) -> Result<(), Fault> {
    call.path_tenant(app).await?;
    let body = call.form_body().await?;
    let form = parse_form(&body)?;
    let authorization = call.authorization(ErrorCode::InvalidClient)?;
    let attempt = Attempt::read(authorization.as_ref(), &form)?;
    let mut rounds = Rounds::new();
    loop {
        let loaded = app.client(&attempt.client_id, rounds.freshness()).await?;
        let client = loaded.facts.as_deref();
        app.admit(&call.context, &attempt.client_id, client)?;
        let proof = app.prove(&attempt, client).await?;
        let moment = app.moment();
        let place = Place {
            path_slug: call.slug.as_deref(),
            whence: call.context.whence,
            public: PublicClients::Identified,
        };
        let verdict = match authenticated(&attempt, (client, &proof), place, moment.now) {
            Err(refusal) => Verdict::Refuse(refusal),
            Ok(facts) => match form.get("token").map(TokenRef::parse) {
                Some(None) if is_refresh(&form) => {
                    if loaded.source == Source::Cache {
                        Verdict::Stale
                    } else {
                        refresh(app, &form, (facts, &call.origin()), moment).await?
                    }
                }
                None => Verdict::Refuse(OAuthError::new(ErrorCode::InvalidRequest, "token: missing").into()),
                Some(None) if loaded.source == Source::Cache => Verdict::Stale,
                Some(None) => Verdict::Answer(()),
                Some(Some(presented)) => {
                    match app.store.token_for_client(presented.id, facts.client.id).await? {
                        Some(seen)
                            if seen.versions.client == facts.client.version
                                && seen.versions.tenant == facts.tenant.version =>
                        {
                            match judge(&presented, seen.token.as_ref(), (facts, call.origin()), &moment) {
                                Ok(Some(changes)) => Verdict::Commit((), changes),
                                Ok(None) => Verdict::Answer(()),
                                Err(refusal) => Verdict::Refuse(refusal),
                            }
                        }
                        Some(_) | None => Verdict::Stale,
                    }
                }
            },
        };
        match rounds.settle(app, loaded.source, verdict).await? {
            Settled::Done((), _) => return Ok(()),
            Settled::Again => {}
        }
    }
}

/// Whether what is presented looks like a refresh token of ours.
fn is_refresh(form: &Form<'_>) -> bool {
    form.get("token").is_some_and(|token| token.starts_with(REFRESH_PREFIX))
}

/// Ends the whole grant of a refresh token.
async fn refresh(
    app: &App,
    form: &Form<'_>,
    caller: (&ClientFacts, &Origin),
    moment: Moment<'_>,
) -> Result<Verdict<()>, Fault> {
    let token = form.get("token").unwrap_or_default();
    let Some(presented) = Handle::parse(REFRESH_PREFIX, token) else { return Ok(Verdict::Answer(())) };
    let found = app.store.refresh_token(TokenId::from_bytes(presented.id), caller.0.tenant.id).await?;
    Ok(match refresh_token::revoke(&presented, found.as_ref(), caller, moment) {
        Ok(Some(changes)) => Verdict::Commit((), changes),
        Ok(None) => Verdict::Answer(()),
        Err(refusal) => Verdict::Refuse(refusal),
    })
}
