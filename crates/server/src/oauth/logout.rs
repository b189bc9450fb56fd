//! `GET` and `POST /oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0 §2): an application asks to sign its person
//! out. What it sent is checked, then the person is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use writ_core::form::{Form, write_pair};

use super::parse_form;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::sign_out::{PARAMETERS, Wish};
use crate::manage::standing::{addressed, place};
use crate::state::app::App;

/// Sends the browser to the page on which the person confirms.
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
    Wish::read(app, &tenant, &form).await?;
    let mut address = place(&tenant, "/logout");
    let mut separator = '?';
    for name in PARAMETERS {
        if let Some(value) = form.get(name) {
            address.push(separator);
            write_pair(name, value, &mut address);
            separator = '&';
        }
    }
    Ok(html::see_other(&address))
}
