//! Pages for people without a session: a new password, a verified address, an account of one's own.
//! Opening a link changes nothing; only the form behind it does.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderValue};
use writ_core::authorize::ChallengeRef;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::accounts::AccountDraft;
use writ_core::people::links::LinkKind;
use writ_core::secret::Presented;
use writ_core::tenant::{DEFAULT_SLUG, Tenant};
use writ_core::text::Legible;

use super::flow::way_back;
use super::form_page;
use crate::call::answer::respond;
use crate::call::csrf::from_our_own_page;
use crate::call::fault::Fault;
use crate::call::html::STYLE;
use crate::call::request::{Call, visited_tenant};
use crate::edge::shares::Share;
use crate::manage::people::{Leads, Visitor};
use crate::manage::standing::with_challenge;
use crate::state::app::App;

#[derive(Template)]
#[template(path = "people/message.html")]
struct Message<'a> {
    style: &'a str,
    title: &'a str,
    text: &'a str,
    /// Where to go on, and in which words.
    link: Option<(&'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "people/reset_request.html")]
struct ResetRequest<'a> {
    style: &'a str,
    action: &'a str,
    tenant: Legible<'a>,
    back: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "people/reset_password.html")]
struct ResetPassword<'a> {
    style: &'a str,
    action: &'a str,
    token: &'a str,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "people/verify_email.html")]
struct VerifyEmail<'a> {
    style: &'a str,
    action: &'a str,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "people/verify_request.html")]
struct VerifyRequest<'a> {
    style: &'a str,
    action: &'a str,
    tenant: Legible<'a>,
    back: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "people/verify_again.html")]
struct VerifyAgain<'a> {
    style: &'a str,
    action: &'a str,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "people/register.html")]
struct Register<'a> {
    style: &'a str,
    action: &'a str,
    tenant: Legible<'a>,
    username: &'a str,
    name: &'a str,
    problems: &'a Problems,
    back: Option<&'a str>,
}

/// What is wrong with a form, field by field.
#[derive(Default)]
struct Problems {
    username: Option<String>,
    name: Option<String>,
    password: Option<String>,
}

impl Problems {
    fn are_none(&self) -> bool {
        [&self.username, &self.name, &self.password].into_iter().all(Option::is_none)
    }
}

type Page = Result<Response, Fault>;

/// A page, or what went wrong as a page.
fn shown(page: Page) -> Response {
    page.unwrap_or_else(|fault| {
        let entry = fault.error.code().entry();
        let status = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let title = if status.is_server_error() { "That did not work" } else { "Request refused" };
        let mut response = message(status, (title, fault.error.public()), None);
        if let Some(seconds) = fault.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(crate::call::answer::Told(fault.error));
        response
    })
}

fn message(status: StatusCode, (title, text): (&str, &str), link: Option<(&str, &str)>) -> Response {
    form_page(status, &Message { style: STYLE, title, text, link })
}

/// Where a page of a tenant is.
fn place(tenant: &Tenant, path: &str) -> String {
    if &*tenant.slug == DEFAULT_SLUG { path.to_owned() } else { format!("/t/{}{path}", tenant.slug) }
}

/// The authorization request that somebody is on their way to. It stays in the address from page to page, and in the
/// links that are sent by mail.
struct Way<'a>(Option<&'a str>);

impl<'a> Way<'a> {
    /// What the address of a page says of it. What cannot be a challenge is left out: it goes into letters.
    fn of(query: &'a Form<'_>) -> Self {
        Self(query.get("login_challenge").filter(|text| ChallengeRef::parse(text).is_some()))
    }

    /// An address that carries it along.
    fn through(&self, address: &str) -> String {
        self.0.map_or_else(|| address.to_owned(), |challenge| with_challenge(address, challenge))
    }
}

/// A page at the end of a way, with a link to where the person came from, if that still waits for them.
async fn done(app: &App, call: &Call, tenant: &Tenant, words: (&str, &str)) -> Response {
    let onward = way_back(app, call, tenant)
        .await
        .map(|(to, client)| (to, format!("Go on to {}", Legible::of(&client).isolated())));
    let link = onward.as_ref().map(|(to, words)| (to.as_str(), words.as_str()));
    message(StatusCode::OK, words, link)
}

/// Where somebody signs in who came from there.
async fn back(app: &App, call: &Call, tenant: &Tenant) -> Option<String> {
    way_back(app, call, tenant).await.map(|(to, _)| to)
}

/// On to another page by GET, so that going back or reloading sends no form again (RFC 9110 §15.4.4).
fn see_other(to: &str) -> Page {
    let to = HeaderValue::from_str(to).map_err(Fault::internal)?;
    let headers = [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok(respond(StatusCode::SEE_OTHER, &headers, ""))
}

/// A form that one of our own pages sent: its tenant, and its body.
async fn posted(app: &App, call: &mut Call) -> Result<(Tenant, bytes::Bytes), Fault> {
    from_our_own_page(&call.headers, &app.base)?;
    let tenant = visited_tenant(app, call.slug.as_deref()).await?;
    Ok((tenant, call.page_form().await?))
}

fn form(body: &[u8]) -> Result<Form<'_>, Fault> {
    Form::parse(body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()).into())
}

fn secret(form: &Form<'_>, name: &str) -> Presented {
    Presented::new(form.get(name).unwrap_or_default().to_owned())
}

/// What an error says of one field.
fn said_of(fault: &Fault, field: &str) -> Option<String> {
    fault.error.wrong().reason(field).map(|why| {
        let mut letters = why.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    })
}

/// What a page says that could only send a letter, where none is sent.
fn no_letters(title: &str) -> Response {
    let text = "This server sends no mail, so it cannot send you a link. Ask whoever runs it: they can do this for you.";
    message(StatusCode::OK, (title, text), None)
}

fn dead_link(app_path: &str, words: &str) -> Response {
    let text = "It was used already, its time is over, or it is not complete.";
    message(StatusCode::BAD_REQUEST, ("This link does not work any more", text), Some((app_path, words)))
}

/// `GET /reset-password`: a form that asks for a link, or, behind a link, one that takes the password.
pub async fn reset_password(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_reset(&app, &call).await;
    shown(page)
}

async fn show_reset(app: &App, call: &Call) -> Page {
    let tenant = visited_tenant(app, call.slug.as_deref()).await?;
    let query = call.query()?;
    let action = Way::of(&query).through(&place(&tenant, "/reset-password"));
    if query.get("done").is_some() {
        let text =
            "You can sign in with it now. Wherever you were signed in before, you have been signed out.";
        return Ok(done(app, call, &tenant, ("Your new password is set", text)).await);
    }
    if query.get("sent").is_some() {
        let text = "If there is an account with that name and an email address, a link is on its way. It works \
                    once, for 30 minutes.";
        let back = back(app, call, &tenant).await;
        let link = back.as_deref().map(|back| (back, "Back to signing in"));
        return Ok(message(StatusCode::OK, ("Look into your mailbox", text), link));
    }
    let Some(token) = query.get("token") else {
        if !app.sends_mail() {
            return Ok(no_letters("Set a new password"));
        }
        let back = back(app, call, &tenant).await;
        let page = ResetRequest {
            style: STYLE,
            action: &action,
            tenant: Legible::of(&tenant.name),
            back: back.as_deref(),
        };
        return Ok(form_page(StatusCode::OK, &page));
    };
    if app.link_leads(LinkKind::Reset, &tenant, &Presented::new(token.to_owned())).await? != Leads::On {
        return Ok(dead_link(&action, "Ask for another link"));
    }
    let page = ResetPassword { style: STYLE, action: &action, token, problem: None };
    Ok(form_page(StatusCode::OK, &page))
}

/// `POST /reset-password`: sends a link, or sets the password.
pub async fn reset_password_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_reset(&app, &mut call).await;
    shown(page)
}

async fn take_reset(app: &App, call: &mut Call) -> Page {
    let (tenant, body) = posted(app, call).await?;
    let origin = call.origin();
    let query = call.query()?;
    let way = Way::of(&query);
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: way.0 };
    let here = place(&tenant, "/reset-password");
    let action = way.through(&here);
    let form = form(&body)?;
    let Some(token) = form.get("token") else {
        app.send_link(LinkKind::Reset, visitor, form.get("username").unwrap_or_default()).await?;
        return see_other(&way.through(&format!("{here}?sent=1")));
    };
    let presented = Presented::new(token.to_owned());
    match app.reset_password(visitor, &presented, secret(&form, "new_password")).await {
        Ok(()) => see_other(&way.through(&format!("{here}?done=1"))),
        Err(fault) if said_of(&fault, "token").is_some() => Ok(dead_link(&action, "Ask for another link")),
        Err(fault) => match said_of(&fault, "new_password") {
            Some(problem) => {
                let page = ResetPassword { style: STYLE, action: &action, token, problem: Some(&problem) };
                Ok(form_page(StatusCode::BAD_REQUEST, &page))
            }
            None => Err(fault),
        },
    }
}

/// `GET /verify-email`: a form with one button.
pub async fn verify_email(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_verify(&app, &call).await;
    shown(page)
}

async fn show_verify(app: &App, call: &Call) -> Page {
    let tenant = visited_tenant(app, call.slug.as_deref()).await?;
    let query = call.query()?;
    if query.get("done").is_some() {
        let text = "Thank you. You can go on where you were, or close this page.";
        return Ok(done(app, call, &tenant, ("Your email address is confirmed", text)).await);
    }
    if query.get("sent").is_some() {
        let text = "If there is an account with that name and an email address that is not confirmed yet, a link is on \
                    its way. It works once, for 24 hours.";
        let back = back(app, call, &tenant).await;
        let link = back.as_deref().map(|back| (back, "Back to signing in"));
        return Ok(message(StatusCode::OK, ("Look into your mailbox", text), link));
    }
    let action = Way::of(&query).through(&place(&tenant, "/verify-email"));
    let Some(token) = query.get("token") else {
        if !app.sends_mail() {
            return Ok(no_letters("Confirm your email address"));
        }
        let back = back(app, call, &tenant).await;
        let tenant = Legible::of(&tenant.name);
        let page = VerifyRequest { style: STYLE, action: &action, tenant, back: back.as_deref() };
        return Ok(form_page(StatusCode::OK, &page));
    };
    verify_page(app, &tenant, (&action, token)).await
}

/// What stands behind a link that proves an address.
async fn verify_page(app: &App, tenant: &Tenant, (action, token): (&str, &str)) -> Page {
    match app.link_leads(LinkKind::Verify, tenant, &Presented::new(token.to_owned())).await? {
        Leads::On => Ok(form_page(StatusCode::OK, &VerifyEmail { style: STYLE, action, token })),
        Leads::ToAnother if app.sends_mail() => {
            Ok(form_page(StatusCode::BAD_REQUEST, &VerifyAgain { style: STYLE, action, token }))
        }
        Leads::ToAnother | Leads::Nowhere => Ok(dead_link(action, "Ask for another link")),
    }
}

/// `POST /verify-email`.
pub async fn verify_email_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_verify(&app, &mut call).await;
    shown(page)
}

async fn take_verify(app: &App, call: &mut Call) -> Page {
    let (tenant, body) = posted(app, call).await?;
    let origin = call.origin();
    let query = call.query()?;
    let way = Way::of(&query);
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: way.0 };
    let here = place(&tenant, "/verify-email");
    let action = way.through(&here);
    let form = form(&body)?;
    let Some(token) = form.get("token") else {
        app.send_link(LinkKind::Verify, visitor, form.get("username").unwrap_or_default()).await?;
        return see_other(&way.through(&format!("{here}?sent=1")));
    };
    let presented = Presented::new(token.to_owned());
    let outcome = if form.get("again").is_some() {
        app.send_link_again(LinkKind::Verify, visitor, &presented).await.map(|()| "sent")
    } else {
        app.verify_email(visitor, &presented).await.map(|()| "done")
    };
    match outcome {
        Ok(end) => see_other(&way.through(&format!("{here}?{end}=1"))),
        Err(fault) => match said_of(&fault, "token") {
            Some(why) if why.starts_with("This address") => {
                Ok(message(StatusCode::BAD_REQUEST, ("This address is taken", &why), None))
            }
            Some(_) => verify_page(app, &tenant, (&action, token)).await,
            None => Err(fault),
        },
    }
}

/// Where people may not register there is no such page.
fn open_to_all(app: &App, tenant: &Tenant) -> Result<(), Fault> {
    if app.is_open_to_all(tenant) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::NotFound, "people cannot register here by themselves").into())
}

/// `GET /register`.
pub async fn register(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_register(&app, &call).await;
    shown(page)
}

async fn show_register(app: &App, call: &Call) -> Page {
    let tenant = visited_tenant(app, call.slug.as_deref()).await?;
    open_to_all(app, &tenant)?;
    if call.query()?.get("done").is_some() {
        let text = if tenant.settings.require_verified_email.is_on() {
            "A letter is on its way to the email address that you gave. Confirm the address with the link in it; then \
             you can sign in."
        } else {
            "If you gave an email address, a letter is on its way to it. You can sign in now."
        };
        return Ok(done(app, call, &tenant, ("Welcome", text)).await);
    }
    register_page(app, call, &tenant, (("", ""), &Problems::default())).await
}

/// The form, as it was filled in, and what is wrong with it.
async fn register_page(app: &App, call: &Call, tenant: &Tenant, filled: ((&str, &str), &Problems)) -> Page {
    let ((username, name), problems) = filled;
    let status = if problems.are_none() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let query = call.query()?;
    let action = Way::of(&query).through(&place(tenant, "/register"));
    let back = back(app, call, tenant).await;
    let page = Register {
        style: STYLE,
        action: &action,
        tenant: Legible::of(&tenant.name),
        username,
        name,
        problems,
        back: back.as_deref(),
    };
    Ok(form_page(status, &page))
}

/// `POST /register`.
pub async fn register_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_register(&app, &mut call).await;
    shown(page)
}

async fn take_register(app: &App, call: &mut Call) -> Page {
    let (tenant, body) = posted(app, call).await?;
    open_to_all(app, &tenant)?;
    let origin = call.origin();
    let query = call.query()?;
    let way = Way::of(&query);
    let form = form(&body)?;
    let field = |name: &str| form.get(name).map(str::to_owned).filter(|text| !text.is_empty());
    let (username, name) = (field("username"), field("name"));
    // It costs, however it ends: nothing is measured, hashed or sent for whoever has had enough.
    let _ = app.take_share(Share::Registrations, origin.ip, 1)?;
    let known = [&username, &name].into_iter().flatten().cloned().chain([tenant.name.to_string()]).collect();
    let password = app.measured(app.lane(origin.ip), secret(&form, "password"), known).await?;
    let draft = AccountDraft {
        username: username.clone(),
        name: name.clone(),
        password: Some(password),
        ..AccountDraft::default()
    };
    match app.register(Visitor { tenant: &tenant, origin: &origin, challenge: way.0 }, &draft).await {
        Ok(_) => see_other(&way.through(&format!("{}?done=1", place(&tenant, "/register")))),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let of = |field| said_of(&fault, field);
            let problems = Problems { username: of("username"), name: of("name"), password: of("password") };
            if problems.are_none() {
                return Err(fault);
            }
            let typed = (username.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default());
            register_page(app, call, &tenant, (typed, &problems)).await
        }
        Err(fault) => Err(fault),
    }
}
