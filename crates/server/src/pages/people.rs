//! Pages for people without a session: a new password, a verified address, an account of one's own.
//! Opening a link changes nothing; only the form behind it does.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderValue};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::accounts::AccountDraft;
use writ_core::people::links::LinkKind;
use writ_core::secret::Presented;
use writ_core::tenant::{DEFAULT_SLUG, Tenant};

use super::form_page;
use crate::answer::respond;
use crate::app::App;
use crate::call::{Call, visited_tenant};
use crate::csrf::from_our_own_page;
use crate::fault::Fault;
use crate::html::STYLE;
use crate::people::Visitor;

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
    tenant: &'a str,
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
#[template(path = "people/register.html")]
struct Register<'a> {
    style: &'a str,
    action: &'a str,
    tenant: &'a str,
    username: &'a str,
    name: &'a str,
    problems: &'a Problems,
}

/// What is wrong with a form, field by field.
#[derive(Default)]
struct Problems {
    username: Option<String>,
    name: Option<String>,
    password: Option<String>,
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
        response.extensions_mut().insert(crate::answer::Told(fault.error));
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
    Ok((tenant, call.form_body().await?))
}

fn form(body: &[u8]) -> Result<Form<'_>, Fault> {
    Form::parse(body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()).into())
}

fn secret(form: &Form<'_>, name: &str) -> Presented {
    Presented::new(form.get(name).unwrap_or_default().to_owned())
}

/// What an error says of one field.
fn said_of(fault: &Fault, field: &str) -> Option<String> {
    let prefix = format!("{field}: ");
    fault.error.public().split("; ").find_map(|part| part.strip_prefix(&prefix)).map(|why| {
        let mut letters = why.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    })
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
    let action = place(&tenant, "/reset-password");
    let query = call.query()?;
    if query.get("done").is_some() {
        let text =
            "You can sign in with it now. Wherever you were signed in before, you have been signed out.";
        return Ok(message(StatusCode::OK, ("Your new password is set", text), None));
    }
    if query.get("sent").is_some() {
        let text = "If there is an account with that name and an email address, a link is on its way. It works \
                    once, for 30 minutes.";
        return Ok(message(StatusCode::OK, ("Look into your mailbox", text), None));
    }
    let Some(token) = query.get("token") else {
        return Ok(form_page(
            StatusCode::OK,
            &ResetRequest { style: STYLE, action: &action, tenant: &tenant.name },
        ));
    };
    if !app.link_works(LinkKind::Reset, &tenant, &Presented::new(token.to_owned())).await? {
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
    let visitor = Visitor { tenant: &tenant, origin: &origin };
    let action = place(&tenant, "/reset-password");
    let form = form(&body)?;
    let Some(token) = form.get("token") else {
        app.send_link(LinkKind::Reset, visitor, form.get("username").unwrap_or_default()).await?;
        return see_other(&format!("{action}?sent=1"));
    };
    let presented = Presented::new(token.to_owned());
    match app.reset_password(visitor, &presented, secret(&form, "new_password")).await {
        Ok(()) => see_other(&format!("{action}?done=1")),
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
        let text = "Thank you. You can close this page.";
        return Ok(message(StatusCode::OK, ("Your email address is confirmed", text), None));
    }
    let token = query.get("token").unwrap_or_default();
    if !app.link_works(LinkKind::Verify, &tenant, &Presented::new(token.to_owned())).await? {
        return Ok(dead_link("/", "About this server"));
    }
    let action = place(&tenant, "/verify-email");
    Ok(form_page(StatusCode::OK, &VerifyEmail { style: STYLE, action: &action, token }))
}

/// `POST /verify-email`.
pub async fn verify_email_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_verify(&app, &mut call).await;
    shown(page)
}

async fn take_verify(app: &App, call: &mut Call) -> Page {
    let (tenant, body) = posted(app, call).await?;
    let origin = call.origin();
    let visitor = Visitor { tenant: &tenant, origin: &origin };
    match app.verify_email(visitor, &secret(&form(&body)?, "token")).await {
        Ok(()) => see_other(&format!("{}?done=1", place(&tenant, "/verify-email"))),
        Err(fault) if said_of(&fault, "token").is_some() => Ok(dead_link("/", "About this server")),
        Err(fault) => Err(fault),
    }
}

fn register_page(
    status: StatusCode,
    tenant: &Tenant,
    (username, name): (&str, &str),
    problems: &Problems,
) -> Response {
    let action = place(tenant, "/register");
    form_page(
        status,
        &Register { style: STYLE, action: &action, tenant: &tenant.name, username, name, problems },
    )
}

/// Where people may not register there is no such page.
fn open_to_all(tenant: &Tenant) -> Result<(), Fault> {
    if tenant.settings.self_registration.is_on() {
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
    open_to_all(&tenant)?;
    if call.query()?.get("done").is_some() {
        let text = "If you gave an email address, a letter is on its way to it. You can sign in now at the \
                    application that you want to use.";
        return Ok(message(StatusCode::OK, ("Welcome", text), None));
    }
    Ok(register_page(StatusCode::OK, &tenant, ("", ""), &Problems::default()))
}

/// `POST /register`.
pub async fn register_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_register(&app, &mut call).await;
    shown(page)
}

async fn take_register(app: &App, call: &mut Call) -> Page {
    let (tenant, body) = posted(app, call).await?;
    open_to_all(&tenant)?;
    let origin = call.origin();
    let form = form(&body)?;
    let field = |name: &str| form.get(name).map(str::to_owned).filter(|text| !text.is_empty());
    let (username, name) = (field("username"), field("name"));
    let known = [&username, &name].into_iter().flatten().cloned().chain([tenant.name.to_string()]).collect();
    let password = app.measured(secret(&form, "password"), known).await?;
    let draft = AccountDraft {
        username: username.clone(),
        name: name.clone(),
        password: Some(password),
        ..AccountDraft::default()
    };
    match app.register(Visitor { tenant: &tenant, origin: &origin }, &draft).await {
        Ok(_) => see_other(&format!("{}?done=1", place(&tenant, "/register"))),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let of = |field| said_of(&fault, field);
            let problems = Problems { username: of("username"), name: of("name"), password: of("password") };
            let typed = (username.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default());
            Ok(register_page(StatusCode::BAD_REQUEST, &tenant, typed, &problems))
        }
        Err(fault) => Err(fault),
    }
}
