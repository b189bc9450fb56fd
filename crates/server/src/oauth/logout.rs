//! `GET` and `POST /oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0 §2): an application asks to sign its person
//! out. Where it shows by an ID token that it means who is signed in here, that is done; else the person is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use writ_core::form::{Form, write_pair};
use writ_core::session::sign_out;
use writ_core::tenant::Tenant;

use super::parse_form;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::sign_out::{PARAMETERS, Wish};
use crate::manage::standing::{Committed, ROUNDS, addressed, commit, place, restless};
use crate::state::app::App;

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
    let wish = Wish::read(app, &tenant, &form).await?;
    for _ in 0..ROUNDS {
        let browser = app.browser(&call.headers).await?;
        let session = app.session(browser.as_ref(), &tenant).await?;
        let (Some(session), Some(back)) = (session, &wish.back) else { return Ok(ask(&tenant, &form)) };
        if !wish.needs_no_asking(&tenant, &session) {
            return Ok(ask(&tenant, &form));
        }
        let changes = sign_out(tenant.id, &session, &call.origin(), &app.moment());
        if let Committed::Done = commit(app, changes).await? {
            return Ok(html::see_other(back));
        }
    }
    Err(restless())
}

/// To the page on which the person confirms, with all that was sent.
fn ask(tenant: &Tenant, form: &Form<'_>) -> Response {
    let mut address = place(tenant, "/logout");
    let mut separator = '?';
    for name in PARAMETERS {
        if let Some(value) = form.get(name) {
            address.push(separator);
            write_pair(name, value, &mut address);
            separator = '&';
        }
    }
    html::see_other(&address)
}
