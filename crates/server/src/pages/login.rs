//! `/login`: where somebody signs in for an application that waits.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::change::Origin;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::secret::Presented;
use writ_core::session::{Authentication, SigningIn, sign_in};
use writ_core::tenant::Tenant;

use super::flow::{Shown, challenge_of, foreign_form, load};
use crate::app::App;
use crate::call::Call;
use crate::fault::Fault;
use crate::html::{self, Forms, STYLE};
use crate::sign_in::PasswordAttempt;
use crate::standing::{Committed, ROUNDS, addressed, commit, place, restless, with_challenge, with_cookie};

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    style: &'a str,
    tenant: &'a str,
    client: &'a str,
    action: &'a str,
    csrf: &'a str,
    username: &'a str,
    reset: &'a str,
    problem: Option<&'a str>,
}

/// `GET /login`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    let shown = async {
        let tenant = addressed(&app, call.slug.as_deref()).await?;
        let shown = load(&app, &call, &tenant).await?;
        let hint = shown.waiting.challenge.request.login_hint.clone().unwrap_or_default();
        Ok::<_, Fault>(page(&app, &tenant, &shown, (&hint, None)))
    };
    shown.await.unwrap_or_else(|fault| html::failed(&fault))
}

/// `POST /login`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    attempt(&app, &mut call).await.unwrap_or_else(|fault| html::failed(&fault))
}

fn page(app: &App, tenant: &Tenant, shown: &Shown, form: (&str, Option<&str>)) -> Response {
    let (username, problem) = form;
    let page = Login {
        style: STYLE,
        tenant: &tenant.name,
        client: &shown.waiting.facts.client.name,
        action: &with_challenge(&place(tenant, "/login"), &shown.text),
        csrf: &app.csrf_token(&shown.browser, tenant.id),
        username,
        reset: &place(tenant, "/reset-password"),
        problem,
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let target = &shown.waiting.challenge.request.to.redirect_uri;
    html::private(status, &page, Forms::Own(Some(target)))
}

async fn attempt(app: &App, call: &mut Call) -> Result<Response, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form =
        Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    let shown = load(app, call, &tenant).await?;
    let username = form.get("username").unwrap_or_default();
    if !app.is_our_form(&call.headers, form.get("csrf").unwrap_or_default(), (&shown.browser, tenant.id)) {
        return Ok(page(app, &tenant, &shown, (username, Some(foreign_form()))));
    }
    let password = Presented::new(form.get("password").unwrap_or_default().to_owned());
    let origin = call.origin();
    let attempt = PasswordAttempt { tenant: &tenant, username, password: &password, origin: &origin };
    let person = match app.check_password(&attempt).await {
        Ok(person) => person,
        Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => {
            let problem =
                "This username and password do not belong together, or you may not sign in at the moment.";
            return Ok(page(app, &tenant, &shown, (username, Some(problem))));
        }
        Err(fault) => return Err(fault),
    };
    let authentication = Authentication::by_password(person.at);
    let next = with_challenge(&place(&tenant, "/consent"), challenge_of(&shown));
    enter(app, call, &tenant, (&person, &authentication, &origin), &next).await
}

/// Records the sign-in and sends the browser on with its new cookie.
async fn enter(
    app: &App,
    call: &Call,
    tenant: &Tenant,
    who: (&writ_core::people::sign_in::SignedInUser, &Authentication, &Origin),
    next: &str,
) -> Result<Response, Fault> {
    let (person, authentication, origin) = who;
    for _ in 0..ROUNDS {
        let Some(browser) = app.browser(&call.headers).await? else {
            return Err(super::flow::not_open().into());
        };
        let present = app.present_session(Some(&browser), tenant.id).await?;
        let signing_in = SigningIn {
            tenant,
            browser: &browser.facts,
            present: present.as_ref(),
            user: (person.id, &person.username),
            user_generation: person.generation,
            authentication,
            origin,
        };
        let (cookie, changes) = sign_in(&signing_in, &app.moment());
        if let Committed::Done = commit(app, changes).await? {
            return Ok(with_cookie(html::see_other(next), app.set_cookie(&cookie)));
        }
    }
    Err(restless())
}
