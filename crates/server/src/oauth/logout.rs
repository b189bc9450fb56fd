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
use crate::manage::standing::{addressed, place};
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
    let wish = Wish::read(app, &tenant, &form).await?;
    let asked = Asked { tenant: &tenant, call, form: &form, wish: &wish };
    app.rounds(|_| decide(app, &asked)).await
}

/// A wish to sign somebody out.
struct Asked<'a> {
    tenant: &'a Tenant,
    call: &'a Call,
    form: &'a Form<'a>,
    wish: &'a Wish,
}

async fn decide(app: &App, asked: &Asked<'_>) -> Result<Verdict<Response>, Fault> {
    let Asked { tenant, call, form, wish } = *asked;
    let browser = app.browser(&call.headers).await?;
    let session = app.session(browser.as_ref(), tenant).await?;
    match (session, &wish.back) {
        (Some(session), Some(back)) if wish.needs_no_asking(tenant, &session) => {
            let changes = sign_out(tenant.id, &session, &call.origin(), &app.moment());
            Ok(Verdict::Commit(html::see_other(back), changes))
        }
        _ => Ok(Verdict::Answer(ask(tenant, form))),
    }
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
