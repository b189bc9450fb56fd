//! `/logout`: where a person signs out of all applications of a tenant.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::flow::{FlowPage, Instead, shown};
use super::frames::{frames, telling};
use super::message::{Message, message};
use super::parts::{Badge, Button};
use crate::call::browser::Browser;
use crate::call::csrf::For;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms, Notice};
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::sign_out::{DONE, SignOutRequest, wish};
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

framed!(Logout);

/// `GET /logout`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /logout`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(end(&app, &mut call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let form = call.query()?;
    let wish = wish(app, &tenant, &form).await?;
    let leaving = SignOutRequest { tenant: &tenant, call, form: &form, wish: &wish };
    let browser = app.browser(&call.headers).await?;
    let session = app.session(browser.as_ref(), &tenant).await?;
    if let (Some(browser), Some(session)) = (&browser, session) {
        let username = session.username.as_deref().unwrap_or_default();
        return Ok(page(app, (browser, username), leaving));
    }
    // There is nobody to ask. A browser that has just signed out tells applications of it.
    let done = form.get(DONE).is_some();
    if let Some(browser) = browser.filter(|_| done) {
        let frames = frames(app, &tenant, &browser).await?;
        if !frames.is_empty() {
            return Ok(telling(&tenant, &frames, wish.back.as_deref()));
        }
    }
    match wish.back {
        Some(back) => Ok(html::see_other(&back)),
        None if done => Ok(signed_out(&tenant, "signed-out-done")),
        None => Ok(signed_out(&tenant, "signed-out-before")),
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

fn page(app: &App, (browser, username): (&Browser, &str), leaving: SignOutRequest<'_>) -> Response {
    let tenant = leaving.tenant;
    let name = Html::strong(Legible::of(username).as_str());
    let named = Html::name(Legible::of(&tenant.name).as_str());
    let page = Logout {
        frame: Frame::of(tenant, &say("sign-out-title")),
        what: say_html("sign-out-what", &[("name", name), ("tenant", named)]),
        action: &place(tenant, "/logout"),
        csrf: &app.csrf_token(tenant.id, For::Browser(browser)),
        parameters: &leaving.sent().map(|(name, value)| (name, Box::from(value))).collect::<Vec<_>>(),
        button: Button { sends: Some(("decision", "logout")), ..Button::main(say("sign-out-button")) },
    };
    html::private(StatusCode::OK, &page, Forms::Leaving)
}

/// What the person is told whose form did not come from the page that they were shown.
fn foreign(leaving: SignOutRequest<'_>) -> Response {
    let error = OAuthError::new(ErrorCode::InvalidRequest, ShellReason::FormNotShown);
    let words = say("sign-out-button");
    let (why, remedy) = (say("still-signed-in"), say("still-signed-in-remedy"));
    html::told(&error, &Notice { why: &why, remedy: &remedy, link: Some((&leaving.page(), &words)) })
}

async fn end(app: &App, call: &mut Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form = Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))?;
    let wish = wish(app, &tenant, &form).await?;
    if form.get("decision") != Some("logout") {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::DecisionLogout).into());
    }
    let leaving = SignOutRequest { tenant: &tenant, call, form: &form, wish: &wish };
    app.rounds(|_| sign_out_here(app, leaving)).await
}

/// Ends the sign-in of this browser. Where there is none any more, there is nothing to do.
async fn sign_out_here(app: &App, leaving: SignOutRequest<'_>) -> Result<Verdict<Response>, Instead> {
    let SignOutRequest { tenant, call, form, .. } = leaving;
    let browser = app.browser(&call.headers).await?;
    let session = app.present_session(browser.as_ref(), tenant.id).await?;
    let (Some(browser), Some(session)) = (browser, session) else {
        return Ok(Verdict::Answer(html::see_other(&leaving.page_afterwards())));
    };
    let token = form.get("csrf").unwrap_or_default();
    if !app.is_our_form(&call.headers, token, (tenant.id, For::Browser(&browser))) {
        return Ok(Verdict::Answer(foreign(leaving)));
    }
    Ok(leaving.end(app, &session).await?)
}
