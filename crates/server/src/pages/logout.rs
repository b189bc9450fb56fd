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
use super::message::{Message, message};
use super::parts::{Badge, Button};
use crate::call::browser::Browser;
use crate::call::csrf::For;
use crate::call::frame::Frame;
use crate::call::html::{self, Forms, Notice};
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::sign_out::{PARAMETERS, Wish};
use crate::manage::standing::{addressed, place};
use crate::state::app::App;
use crate::state::rounds::Verdict;

#[derive(Template)]
#[template(path = "logout.html")]
struct Logout<'a> {
    frame: Frame<'a>,
    what: Html,
    action: &'a str,
    csrf: &'a str,
    parameters: &'a [(&'static str, Box<str>)],
    button: Button,
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
        (Some(browser), Some(session), _) => {
            let username = session.username.as_deref().unwrap_or_default();
            Ok(page(app, &tenant, (&browser, username), &form))
        }
        // There is nobody to ask.
        (_, _, Some(back)) => Ok(html::see_other(&back)),
        (_, _, None) if form.get("done").is_some() => Ok(signed_out(&tenant, "signed-out-done")),
        (_, _, None) => Ok(signed_out(&tenant, "signed-out-before")),
    }
}

/// What a person reads who is not signed in here, and why.
fn signed_out(tenant: &Tenant, what: &str) -> Response {
    let name = Legible::of(&tenant.name);
    let told = Message {
        badge: Some(Badge::DONE),
        under: Some(say("signed-out-shared")),
        ..Message::new(say("signed-out-title"), say_html(what, &[("tenant", Html::name(name.as_str()))]))
    };
    message(StatusCode::OK, tenant, told)
}

fn page(app: &App, tenant: &Tenant, who: (&Browser, &str), form: &Form<'_>) -> Response {
    let (browser, username) = who;
    let kept = PARAMETERS.into_iter().filter_map(|name| form.get(name).map(|value| (name, Box::from(value))));
    let name = Html::strong(Legible::of(username).as_str());
    let named = Html::name(Legible::of(&tenant.name).as_str());
    let page = Logout {
        frame: Frame::of(&tenant.name, &say("sign-out-title")),
        what: say_html("sign-out-what", &[("name", name), ("tenant", named)]),
        action: &place(tenant, "/logout"),
        csrf: &app.csrf_token(tenant.id, For::Browser(browser)),
        parameters: &kept.collect::<Vec<_>>(),
        button: Button { sends: Some(("decision", "logout")), ..Button::main(say("sign-out-button")) },
    };
    html::private(StatusCode::OK, &page, Forms::Leaving)
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
    let words = say("sign-out-button");
    let (why, remedy) = (say("still-signed-in"), say("still-signed-in-remedy"));
    html::told(&error, &Notice { why: &why, remedy: &remedy, link: Some((&again, &words)) })
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
    let back = wish.back.unwrap_or_else(|| format!("{}?done=1", place(&tenant, "/logout")));
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
    if !app.is_our_form(&call.headers, token, (tenant.id, For::Browser(&browser))) {
        return Ok(Verdict::Answer(foreign(tenant, form)));
    }
    let changes = sign_out(tenant.id, &session, &call.origin(), &app.moment());
    Ok(Verdict::Commit(html::see_other(back), changes))
}
