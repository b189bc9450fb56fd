//! `POST /oauth2/device_authorization`: a device that has no browser begins to wait for its person (RFC 8628 §3.1).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use writ_core::authenticate::PublicClients;
use writ_core::device_code::{DEVICE_INTERVAL, DEVICE_LIFETIME, DEVICE_PATH, DeviceAuthorization, begin};
use writ_core::form::Form;
use writ_core::resource::{Targets, Wanted};

use super::parse_form;
use super::token_request::scope;
use crate::call::answer;
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::limits::limited;
use crate::call::request::Call;
use crate::edge::shares::Share;
use crate::manage::documents::{DocumentNeed, keep_caller};
use crate::state::app::App;
use crate::state::rounds::{Source, Verdict};

/// RFC 8628 §3.2.
#[derive(Serialize)]
struct DeviceResponse<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: i64,
    /// Seconds.
    interval: i64,
}

/// Answers with the code that the device asks with, and the one that its person types.
pub async fn device_authorization(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match wait(&app, &mut call).await {
        Ok((issuer, begun)) => told(&issuer, &begun),
        Err(fault) => answer::error(&app, &fault),
    }
}

fn told(issuer: &str, begun: &DeviceAuthorization) -> Response {
    let (page, user_code) = (format!("{issuer}{DEVICE_PATH}"), begun.user_code.shown());
    let told = DeviceResponse {
        device_code: &begun.device_code,
        user_code: &user_code,
        verification_uri: &page,
        verification_uri_complete: format!("{page}?user_code={user_code}"),
        expires_in: DEVICE_LIFETIME.0,
        interval: DEVICE_INTERVAL.0,
    };
    answer::json_no_store(StatusCode::OK, serde_json::to_string(&told).unwrap_or_default())
}

async fn wait(app: &App, call: &mut Call) -> Result<(Arc<str>, DeviceAuthorization), Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    let knock = Knock::read(call, &form, PublicClients::Identified)?;
    keep_caller(app, call, knock.client_id(), DocumentNeed::Begin).await?;
    let asked = (&*call, &form);
    app.for_client(&knock, |client| async move { decide(app, &client, asked).await }).await
}

async fn decide(
    app: &App,
    client: &Entered,
    (call, form): (&Call, &Form<'_>),
) -> Result<Verdict<(Arc<str>, DeviceAuthorization)>, Fault> {
    let facts = client.facts();
    if client.source() == Source::Cache {
        return Ok(Verdict::Stale);
    }
    app.may_issue(&call.context, client.cached()).map_err(|level| limited(&call.context, level))?;
    let asked = match scope(form) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    let wanted = match Wanted::read(form) {
        Ok(wanted) => wanted,
        Err(error) => return Ok(error.into()),
    };
    let resources = app.resources(&facts.tenant).await?;
    let targets = Targets { known: &resources, wanted: &wanted };
    let (begun, changes) = match begin((asked.as_ref(), targets), facts, &call.origin(), &app.moment()) {
        Ok(begun) => begun,
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    // Whoever has no credential is a stranger, who makes the server keep something.
    if !facts.client.kind.is_confidential() {
        let _ = app.take_share(Share::Authorizations, call.context.peer, 1)?;
    }
    Ok(Verdict::Commit((Arc::clone(&facts.issuer), begun), changes))
}
