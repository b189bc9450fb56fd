//! `/login`: where somebody signs in for an application that waits.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{ChallengeState, Next, Standing, next};
use writ_core::change::Origin;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::sign_in::{SignedInUser, is_unverified};
use writ_core::people::username_is_valid;
use writ_core::secret::Presented;
use writ_core::session::{Authentication, SigningIn, sign_in};
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::flow::{Instead, Page, Shown, challenge_of, foreign_form, load, shown, unknown};
use crate::call::fault::Fault;
use crate::call::html::{self, Forms, STYLE};
use crate::call::request::Call;
use crate::manage::sign_in::PasswordAttempt;
use crate::manage::standing::{addressed, place, with_challenge, with_cookie};
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The same for an unknown name, a wrong password, and somebody who may not sign in.
const NOT_SIGNED_IN: &str = "The username or password is incorrect, or you cannot sign in at the moment. \
     Check both, or set a new password.";

/// To the right password of somebody whose address has to be confirmed first.
const UNVERIFIED: &str =
    "Your email address is not confirmed yet. Open the link in the letter that we sent you, then sign in.";

/// Why somebody sees the form again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    ForeignForm,
    NotSignedIn,
    Unverified,
    /// The network has used up what it may try.
    TooMany,
    /// The server is busy.
    Busy,
}

impl Problem {
    const fn words(self) -> &'static str {
        match self {
            Self::ForeignForm => foreign_form(),
            Self::NotSignedIn => NOT_SIGNED_IN,
            Self::Unverified => UNVERIFIED,
            Self::TooMany => {
                "There were too many failed sign-ins from your network. Wait a moment, then try again."
            }
            Self::Busy => "The server is busy. Wait a moment, then try again.",
        }
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    style: &'a str,
    tenant: Legible<'a>,
    client: Legible<'a>,
    action: &'a str,
    csrf: &'a str,
    username: &'a str,
    /// Where letters are sent.
    reset: Option<&'a str>,
    /// Where people may register themselves.
    register: Option<&'a str>,
    /// Who is signed in, in another window perhaps, and could go on.
    signed_in: Option<Legible<'a>>,
    onward: &'a str,
    problem: Option<&'a str>,
    /// Where another letter can be asked for, if that is the problem.
    verify: Option<&'a str>,
}

/// `GET /login`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /login`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

/// The challenge, as long as somebody may sign in for it. What was decided goes on at the consent page.
async fn waiting(app: &App, call: &Call, tenant: &Tenant) -> Result<Shown, Instead> {
    let shown = load(app, call, tenant).await?;
    if matches!(shown.waiting.challenge.state, ChallengeState::Waiting) {
        return Ok(shown);
    }
    Err(html::see_other(&onward(tenant, &shown)).into())
}

fn onward(tenant: &Tenant, shown: &Shown) -> String {
    with_challenge(&place(tenant, "/consent"), challenge_of(shown))
}

async fn look(app: &App, call: &Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let shown = waiting(app, call, &tenant).await?;
    let hint = shown.waiting.challenge.request.login_hint.clone().unwrap_or_default();
    // What an application writes into the field is a name, or nothing.
    let hint = if username_is_valid(&hint) { &*hint } else { "" };
    Ok(page(app, &tenant, &shown, (hint, None)).await?)
}

/// Who is signed in and may go on with the request, without signing in once more.
async fn signed_in(app: &App, tenant: &Tenant, shown: &Shown) -> Result<Option<Arc<str>>, Fault> {
    let session = app.session(Some(&shown.browser), tenant).await?;
    let waiting = &shown.waiting;
    let standing = Standing {
        request: &waiting.challenge.request,
        client: &waiting.facts.client,
        session: session.as_ref(),
        consent: None,
        waiting_since: Some(waiting.challenge.created_at),
    };
    Ok(match next(&standing, app.clock.now())? {
        Next::SignIn => None,
        Next::Consent(session) | Next::Give(session) => session.username.clone(),
    })
}

async fn page(
    app: &App,
    tenant: &Tenant,
    shown: &Shown,
    form: (&str, Option<Problem>),
) -> Result<Response, Fault> {
    let (username, problem) = form;
    let signed_in = signed_in(app, tenant, shown).await?;
    let here = |path| with_challenge(&place(tenant, path), challenge_of(shown));
    let register = app.is_open_to_all(tenant).then(|| here("/register"));
    let (reset, verify) = (here("/reset-password"), here("/verify-email"));
    let is_verified_by_mail = problem == Some(Problem::Unverified) && app.sends_mail();
    let page = Login {
        style: STYLE,
        tenant: Legible::of(&tenant.name),
        client: Legible::of(&shown.waiting.facts.client.name),
        action: &here("/login"),
        csrf: &app.csrf_token(&shown.browser, tenant.id),
        username,
        reset: app.sends_mail().then_some(reset.as_str()),
        register: register.as_deref(),
        signed_in: signed_in.as_deref().map(Legible::of),
        onward: &onward(tenant, shown),
        problem: problem.map(Problem::words),
        verify: is_verified_by_mail.then_some(verify.as_str()),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let target = &shown.waiting.challenge.request.to.redirect_uri;
    Ok(html::private(status, &page, Forms::Own(Some(target))))
}

async fn attempt(app: &App, call: &mut Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form =
        Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    let shown = waiting(app, call, &tenant).await?;
    let username = form.get("username").unwrap_or_default();
    if !app.is_our_form(&call.headers, form.get("csrf").unwrap_or_default(), (&shown.browser, tenant.id)) {
        return Ok(page(app, &tenant, &shown, (username, Some(Problem::ForeignForm))).await?);
    }
    let password = Presented::new(form.get("password").unwrap_or_default().to_owned());
    let origin = Origin { browser: Some(shown.browser.facts.id), ..call.origin() };
    let attempt = PasswordAttempt { tenant: &tenant, username, password: &password, origin: &origin };
    let person = match app.check_password(&attempt).await {
        Ok(person) => person,
        Err(fault) if is_unverified(&fault.error) => {
            return Ok(page(app, &tenant, &shown, (username, Some(Problem::Unverified))).await?);
        }
        Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => {
            return Ok(page(app, &tenant, &shown, (username, Some(Problem::NotSignedIn))).await?);
        }
        // The page again, with what was typed: it passes.
        Err(fault) if fault.retry_after.is_some() => {
            let is_theirs = fault.error.code() == ErrorCode::TooManyRequests;
            let problem = if is_theirs { Problem::TooMany } else { Problem::Busy };
            let again = page(app, &tenant, &shown, (username, Some(problem))).await?;
            return Ok(html::later(again, &fault));
        }
        Err(fault) => return Err(fault.into()),
    };
    app.give_back_authorization(&shown.waiting.challenge.request, origin.ip);
    let authentication = Authentication::by_password(person.at);
    let entering = Entering {
        tenant: &tenant,
        person: &person,
        authentication: &authentication,
        origin: &origin,
        next: &onward(&tenant, &shown),
    };
    let call = &*call;
    app.rounds(|_| enter(app, call, &entering)).await
}

/// Somebody who has proved to be themselves.
struct Entering<'a> {
    tenant: &'a Tenant,
    person: &'a SignedInUser,
    authentication: &'a Authentication,
    origin: &'a Origin,
    /// Where they go on.
    next: &'a str,
}

/// Records the sign-in and sends the browser on with its new cookie.
async fn enter(app: &App, call: &Call, who: &Entering<'_>) -> Result<Verdict<Response>, Instead> {
    let browser = app.browser(&call.headers).await?.ok_or_else(unknown)?;
    let present = app.present_session(Some(&browser), who.tenant.id).await?;
    let signing_in = SigningIn {
        tenant: who.tenant,
        browser: &browser.facts,
        present: present.as_ref(),
        user: (who.person.id, &who.person.username),
        user_generation: who.person.generation,
        authentication: who.authentication,
        origin: who.origin,
    };
    let (cookie, changes) = sign_in(&signing_in, &app.moment());
    Ok(Verdict::Commit(with_cookie(html::see_other(who.next), app.set_cookie(&cookie)), changes))
}
