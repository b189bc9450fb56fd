//! `POST /oauth2/revoke` (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::{Attempt, PublicClients};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::revoke::revoke as judge;
use writ_core::token::TokenRef;

use super::{authenticated, parse_form};
use crate::answer;
use crate::app::App;
use crate::call::{Call, path_tenant};
use crate::fault::Fault;
use crate::rounds::{Rounds, Settled, Source, Verdict};

/// Answers a revocation request: 200 with an empty object, whether or not the token was known.
pub async fn revoke(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match end(&app, &mut call).await {
        Ok(()) => answer::json_no_store(StatusCode::OK, "{}"),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn end(app: &App, call: &mut Call) -> Result<(), Fault> {
    path_tenant(app, call.slug.as_deref()).await?;
    let body = call.form_body().await?;
    let form = parse_form(&body)?;
    let authorization = call.authorization(ErrorCode::InvalidClient)?;
    let attempt = Attempt::read(authorization.as_ref(), &form)?;
    let mut rounds = Rounds::new();
    loop {
        let loaded = app.client(&attempt.client_id, rounds.freshness()).await?;
        let client = loaded.facts.as_deref();
        let proof = app.prove(&attempt, client).await?;
        let moment = app.moment();
        let place = (call.slug.as_deref(), PublicClients::Identified);
        let verdict = match authenticated(&attempt, (client, &proof), place, moment.now) {
            Err(refusal) => Verdict::Refuse(refusal),
            Ok(facts) => match form.get("token").map(TokenRef::parse) {
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
