//! `/logout`: where a person signs out of all applications of a tenant.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::{Form, write_pair};
use writ_core::session::sign_out;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::flow::{Instead, Page, shown};
use crate::call::browser::Browser;
use crate::call::html::{self, Forms, Notice, STYLE};
use crate::call::request::Call;
use crate::manage::sign_out::{PARAMETERS, Wish};
use crate::manage::standing::{addressed, place};
use crate::state::app::App;
use crate::state::rounds::Verdict;

#[derive(Template)]
#[template(path = "logout.html")]
struct Logout<'a> {
    style: &'a str,
    tenant: Legible<'a>,
    username: Option<Legible<'a>>,
    action: &'a str,
    csrf: &'a str,
    parameters: &'a [(&'static str, Box<str>)],
}

/// `GET /logout`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /logout`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(end(&app, &mut call).await)
}

async fn look(app: &App, call: &Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let form = call.query()?;
    let wish = Wish::read(app, &tenant, &form).await?;
    let browser = app.browser(&call.headers).await?;
    let session = app.session(browser.as_ref(), &tenant).await?;
    match (browser, session, wish.back) {
        (Some(browser), Some(session), back) => {
            let username = session.username.as_deref();
            Ok(page(app, &tenant, (Some(&browser), username), (&form, back.as_deref())))
        }
        // There is nobody to ask.
        (_, _, Some(back)) => Ok(html::see_other(&back)),
        (_, _, None) => Ok(page(app, &tenant, (None, None), (&form, None))),
    }
}

fn page(
    app: &App,
    tenant: &Tenant,
    who: (Option<&Browser>, Option<&str>),
    wish: (&Form<'_>, Option<&str>),
) -> Response {
    let ((browser, username), (form, back)) = (who, wish);
    let kept = PARAMETERS.into_iter().filter_map(|name| form.get(name).map(|value| (name, Box::from(value))));
    let page = Logout {
        style: STYLE,
        tenant: Legible::of(&tenant.name),
        username: username.map(Legible::of),
        action: &place(tenant, "/logout"),
        csrf: &browser.map(|browser| app.csrf_token(browser, tenant.id)).unwrap_or_default(),
        parameters: &kept.collect::<Vec<_>>(),
    };
    html::private(StatusCode::OK, &page, Forms::Own(back))
}

/// What the person is told whose form did not come from the page that they were shown.
fn foreign(tenant: &Tenant, form: &Form<'_>) -> Response {
    let error = OAuthError::new(ErrorCode::InvalidRequest, "csrf: this form was not shown to this browser");
    let mut again = place(tenant, "/logout");
    let kept = PARAMETERS.into_iter().filter_map(|name| Some((name, form.get(name)?)));
    for (at, (name, value)) in kept.enumerate() {
        again.push(if at == 0 { '?' } else { '&' });
        write_pair(name, value, &mut again);
    }
    let notice = Notice {
        why: "You are still signed in. The page that asked was open for too long, or in another window.",
        remedy: "Open it again, and sign out there.",
        link: Some((&again, "Sign out")),
    };
    html::told(&error, &notice)
}

async fn end(app: &App, call: &mut Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form =
        Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    let wish = Wish::read(app, &tenant, &form).await?;
    if form.get("decision") != Some("logout") {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "decision: logout").into());
    }
    let back = wish.back.unwrap_or_else(|| place(&tenant, "/logout"));
    let ending = Ending { tenant: &tenant, call, form: &form, back: &back };
    app.rounds(|_| sign_out_here(app, &ending)).await
}

/// A form by which somebody signs out.
struct Ending<'a> {
    tenant: &'a Tenant,
    call: &'a Call,
    form: &'a Form<'a>,
    /// Where they go then.
    back: &'a str,
}

/// Ends the sign-in of this browser. Where there is none any more, there is nothing to do.
async fn sign_out_here(app: &App, ending: &Ending<'_>) -> Result<Verdict<Response>, Instead> {
    let Ending { tenant, call, form, back } = *ending;
    let browser = app.browser(&call.headers).await?;
    let session = app.present_session(browser.as_ref(), tenant.id).await?;
    let (Some(browser), Some(session)) = (browser, session) else {
        return Ok(Verdict::Answer(html::see_other(back)));
    };
    let token = form.get("csrf").unwrap_or_default();
    if !app.is_our_form(&call.headers, token, (&browser, tenant.id)) {
        return Ok(Verdict::Answer(foreign(tenant, form)));
    }
    let changes = sign_out(tenant.id, &session, &call.origin(), &app.moment());
    Ok(Verdict::Commit(html::see_other(back), changes))
}
