//! `POST /oauth2/par`: a client leaves its authorization request with the server (RFC 9126).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use writ_core::authenticate::PublicClients;
use writ_core::authorize::{
    Demands, Hint, PUSHED_LIFETIME, Reading, RefusedRequest, Way, bound, kept, push, read,
};
use writ_core::dpop::ProofFault;
use writ_core::error::OAuthError;
use writ_core::form::Form;
use writ_core::time::Seconds;

use super::parse_form;
use super::request_object::Params;
use crate::call::answer;
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::limits::limited;
use crate::call::proofs::{self, FirstUse};
use crate::call::request::Call;
use crate::edge::shares::Share;
use crate::manage::documents::{DocumentNeed, keep_caller};
use crate::manage::standing::registered;
use crate::state::app::App;
use crate::state::rounds::{Held, Source, Verdict};

/// RFC 9126 §2.2.
#[derive(Debug, Serialize)]
struct ParResponse {
    request_uri: String,
    /// Seconds.
    expires_in: i64,
}

/// Answers with a reference to the request, once it was found as good as the authorization endpoint would find it.
pub async fn par(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let Seconds(expires_in) = PUSHED_LIFETIME;
    match keep(&app, &mut call).await {
        Ok(request_uri) => {
            let kept = ParResponse { request_uri, expires_in };
            answer::json_no_store(StatusCode::CREATED, serde_json::to_string(&kept).unwrap_or_default())
        }
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn keep(app: &App, call: &mut Call) -> Result<String, Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    let knock = Knock::read(call, &form, PublicClients::Identified)?;
    keep_caller(app, call, knock.client_id(), DocumentNeed::Begin).await?;
    let call = &*call;
    let first_use = &FirstUse::new();
    app.for_client(&knock, |client| decide(app, client, (call, &form, first_use))).await
}

async fn decide(
    app: &App,
    client: Entered,
    asked: (&Call, &Form<'_>, &FirstUse),
) -> Result<Verdict<String>, Fault> {
    let (call, form, first_use) = asked;
    let facts = client.facts();
    if client.source() == Source::Cache {
        return Ok(Verdict::Stale);
    }
    app.may_issue(&call.context, client.cached()).map_err(|level| limited(&call.context, level))?;
    let Some((registered, _)) = registered(app, &facts.client.client_id, facts.tenant.id).await? else {
        return Ok(Verdict::Stale);
    };
    let text = match kept(form, &facts.client.client_id) {
        Ok(text) => text,
        Err(error) => return Ok(error.into()),
    };
    let own = parse_form(text.as_bytes())?;
    // RFC 9126 §3: what is kept of an object is what is in it.
    let params = Params::of(app, &own, (&registered, facts)).await?;
    let text = params.form.as_deref().unwrap_or(&text);
    let proved = match app.shown_key(call, facts) {
        Ok(proved) => proved,
        Err(why) => return Ok(why.of_token_request().into()),
    };
    let text = match bound(text, &parse_form(text.as_bytes())?, proofs::key(proved.as_ref())) {
        Ok(text) => text,
        Err(error) => return Ok(error.into()),
    };
    let form = parse_form(text.as_bytes())?;
    let hint = Hint::from(app.hinted(form.get("id_token_hint"), (&facts.tenant, &facts.issuer)).await?);
    let demands = Demands::of(&facts.tenant.settings);
    let resources = app.resources(&facts.tenant).await?;
    let (resources, object) = (&*resources, &params.object);
    let reading = Reading { way: Way::Pushing, hint, object, demands, resources, issuer: &facts.issuer };
    if let Err(RefusedRequest::Page(error) | RefusedRequest::Reply(_, error)) =
        read(&form, Some(&registered), &reading)
    {
        return Ok(OAuthError::into(error));
    }
    // Whoever has no credential is a stranger, who makes the server keep something.
    if !facts.client.kind.is_confidential() {
        let kibibytes = u32::try_from(text.len() / 1024).unwrap_or(u32::MAX);
        let _ = app.take_share(Share::Authorizations, call.context.peer, 1 + kibibytes)?;
    }
    if let Some(proved) = &proved
        && Box::pin(app.first_use(first_use, proved, facts)).await? == Held::No
    {
        return Ok(ProofFault::Used.of_token_request().into());
    }
    let (reference, changes) = push(text.into_owned(), facts, &call.origin(), &app.moment());
    Ok(Verdict::Commit(reference.0, changes))
}
