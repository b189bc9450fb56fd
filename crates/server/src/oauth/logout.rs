//! `GET` and `POST /oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0 §2): an application asks to sign its person
//! out. Where it shows by an ID token that it means who is signed in here, that is done; else the person is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use writ_core::form::Form;

use super::parse_form;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::sign_out::{SignOutRequest, wish};
use crate::manage::standing::addressed;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// Signs the person out and sends the browser back, or sends it to the page on which they confirm.
pub async fn logout(State(app): State<Arc<App>>, method: Method, mut call: Call) -> Response {
    match answer(&app, &method, &mut call).await {
        Ok(response) => response,
        Err(fault) => html::failed(&fault),
    }
}

async fn answer(app: &App, method: &Method, call: &mut Call) -> Result<Response, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = if *method == Method::POST {
        call.form_body().await?
    } else {
        bytes::Bytes::from(call.query.as_deref().unwrap_or_default().to_owned())
    };
    let form: Form<'_> = parse_form(&body)?;
    let wish = wish(app, &tenant, &form).await?;
    let leaving = SignOutRequest { tenant: &tenant, call, form: &form, wish: &wish };
    app.rounds(|_| decide(app, leaving)).await
}

async fn decide(app: &App, leaving: SignOutRequest<'_>) -> Result<Verdict<Response>, Fault> {
    let SignOutRequest { tenant, call, wish, .. } = leaving;
    let browser = app.browser(&call.headers).await?;
    match app.session(browser.as_ref(), tenant).await? {
        Some(session) if wish.needs_no_asking(&tenant.settings, &session, &app.hash_key) => {
            leaving.end(app, &session).await
        }
        Some(_) | None => Ok(Verdict::Answer(html::see_other(&leaving.page()))),
    }
}
