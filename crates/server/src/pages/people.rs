//! Pages for people without a session: a new password, a verified address, an account of one's own.
//! Opening a link changes nothing; only the form behind it does.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::ChallengeRef;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::links::LinkKind;
use writ_core::people::password::LEAST;
use writ_core::reason::{Reason, Word};
use writ_core::secret::Presented;
use writ_core::settings::OwnText;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::flow::{FlowPage, shown, way_back};
use super::form_page;
use super::message::{Message, message};
use super::parts::{Badge, Button, Focus, FormField, InputKind, PortraitForm, Problem, Tick, WayElsewhere};
use super::passkeys::PasskeyButton;
use crate::call::csrf::from_our_own_page;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html;
use crate::call::language::present;
use crate::call::request::Call;
use crate::call::words::{Html, own_text, say, say_html, say_of};
use crate::manage::people::{Leads, Repeated, Visitor};
use crate::manage::standing::{addressed, place, with_challenge};
use crate::reasons;
use crate::state::app::App;

/// A page with one form.
#[derive(Template)]
#[template(path = "people/form.html")]
pub(super) struct FormPage<'a> {
    /// What it stands in.
    pub(super) frame: Frame<'a>,
    /// What it is about.
    pub(super) title: String,
    /// A sentence more.
    pub(super) what: Option<Html>,
    /// What the tenant says here.
    pub(super) intro: Option<&'a str>,
    /// What went wrong.
    pub(super) problem: Option<Problem>,
    /// Where it goes.
    pub(super) action: &'a str,
    /// What it sends besides.
    pub(super) hidden: &'a [(&'static str, &'a str)],
    /// Whose password is typed, for password managers.
    pub(super) account: Option<Legible<'a>>,
    /// Its fields.
    pub(super) fields: &'a [FormField<'a>],
    /// What may be chosen besides.
    pub(super) tick: Option<Tick>,
    /// Its button.
    pub(super) button: Button,
    /// What asks for a passkey, in the same form; where it stands alone, nothing else sends it.
    pub(super) passkey: Option<PasskeyButton>,
    /// Another button, which needs none of the fields.
    pub(super) other: Option<Button>,
    /// Where else somebody may sign in.
    pub(super) ways: Vec<WayElsewhere>,
    /// Where a picture is sent.
    pub(super) portrait: Option<PortraitForm<'a>>,
    /// A line with another way.
    pub(super) under: Option<(String, String, String)>,
}

framed!(FormPage);

impl<'a> FormPage<'a> {
    pub(super) fn new(tenant: &'a Tenant, title: &str, action: &'a str, button: &str) -> Self {
        let title = say(title);
        Self {
            frame: Frame::of(tenant, &title),
            title,
            what: None,
            intro: None,
            problem: None,
            action,
            hidden: &[],
            account: None,
            fields: &[],
            tick: None,
            button: Button::main(say(button)),
            passkey: None,
            other: None,
            ways: Vec::new(),
            portrait: None,
            under: None,
        }
    }

    /// The same with the heading and the words of the tenant, where it has its own.
    pub(super) fn in_own_words(self, tenant: &'a Tenant, (title, intro): (OwnText, OwnText)) -> Self {
        let intro = own_text(tenant, intro);
        match own_text(tenant, title) {
            Some(title) => Self { title: title.to_owned(), intro, frame: Frame::of(tenant, title), ..self },
            None => Self { intro, ..self },
        }
    }

    /// The same with what asks for a passkey, if anything does, and the script that it takes.
    pub(super) fn asking(self, passkey: Option<PasskeyButton>) -> Self {
        let frame = PasskeyButton::in_frame(self.frame, passkey.as_ref());
        Self { frame, passkey, ..self }
    }

    /// The page, as long as nothing is wrong.
    pub(super) fn shown(&self) -> Response {
        form_page(StatusCode::OK, self)
    }

    /// The page again, with what is wrong on it.
    pub(super) fn again(&self) -> Response {
        form_page(StatusCode::BAD_REQUEST, self)
    }
}

/// The authorization request that somebody is on their way to. It stays in the address from page to page, and in the
/// links that are sent by mail.
pub(super) struct PendingRequest<'a>(pub(super) Option<&'a str>);

impl<'a> PendingRequest<'a> {
    /// What the address of a page says of it. What cannot be a challenge is left out: it goes into letters.
    pub(super) fn of(query: &'a Form<'_>) -> Self {
        Self(query.get("login_challenge").filter(|text| ChallengeRef::parse(text).is_some()))
    }

    /// An address that carries it along.
    pub(super) fn through(&self, address: &str) -> String {
        self.0.map_or_else(|| address.to_owned(), |challenge| with_challenge(address, challenge))
    }
}

/// A page at the end of a way, with a link to where the person came from, if that still waits for them.
pub(super) async fn done(app: &App, call: &Call, tenant: &Tenant, said: Message) -> Response {
    let link = match way_back(app, call, tenant).await {
        Some((to, client)) => (to, say_of("continue-to", &[("client", &*Legible::of(&client).isolated())])),
        None => (place(tenant, "/account"), say("account-title")),
    };
    let link = Some(link);
    message(StatusCode::OK, tenant, Message { badge: Some(Badge::DONE), link, ..said })
}

/// A page that says that a letter is on its way.
async fn sent(app: &App, call: &Call, tenant: &Tenant, text: &str) -> Response {
    let link = back(app, call, tenant).await.map(|to| (to, say("back-to-sign-in")));
    let said = Message::new(say("check-email-title"), Html::plain(&say(text)));
    message(StatusCode::OK, tenant, Message { badge: Some(Badge::MAIL), link, ..said })
}

/// Where somebody signs in who came from there.
pub(super) async fn back(app: &App, call: &Call, tenant: &Tenant) -> Option<String> {
    way_back(app, call, tenant).await.map(|(to, _)| to)
}

/// A line with the way back to signing in.
async fn under(app: &App, call: &Call, tenant: &Tenant) -> Option<(String, String, String)> {
    back(app, call, tenant).await.map(|to| (String::new(), to, say("back-to-sign-in")))
}

/// A form that one of our own pages sent: its tenant, and its body.
pub(super) async fn posted(app: &App, call: &mut Call) -> Result<(Arc<Tenant>, bytes::Bytes), Fault> {
    from_our_own_page(&call.headers, &app.base)?;
    let tenant = addressed(app, call.slug.as_deref()).await?;
    Ok((tenant, call.page_form().await?))
}

pub(super) fn form(body: &[u8]) -> Result<Form<'_>, Fault> {
    Form::parse(body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error).into())
}

pub(super) fn secret(form: &Form<'_>, name: &str) -> Presented {
    Presented::new(form.get(name).unwrap_or_default().to_owned())
}

/// What an error says of one field.
pub(super) fn said_of(fault: &Fault, field: &str) -> Option<String> {
    fault.error.wrong()?.reason(field).map(|why| match why {
        Reason::PasswordWeak => weak(None),
        Reason::PasswordWeakBecause { advice } => weak(Some(advice)),
        Reason::ClaimTooLong => say("too-long"),
        Reason::ClaimBirthdate => say("birthdate-wrong"),
        why => sentence(&reasons::reason_in(present().tag, why)),
    })
}

/// A password that is too easy to guess, and what to do about it. What was found out about this one is known in English
/// alone.
fn weak(advice: Option<&Word>) -> String {
    let known = match advice {
        Some(Word::Text(advice)) if present().tag == "en" && !advice.is_empty() => advice.to_string(),
        Some(_) | None => say("password-weak-remedy"),
    };
    format!("{} {known}", say("password-weak"))
}

/// What is said of a password while it is typed, from what is refused to what is strong: of what is refused the same as
/// after the form was sent.
pub(super) fn strength_words() -> [String; 5] {
    let short = Reason::PasswordShort { least: LEAST.into() };
    let short = sentence(&reasons::reason_in(present().tag, &short));
    [short, weak(None), say("strength-fair"), say("strength-good"), say("strength-strong")]
}

/// Whether a link proves an address that another account has by now.
fn is_taken(fault: &Fault) -> bool {
    let why = fault.error.wrong().and_then(|wrong| wrong.reason("token"));
    matches!(why, Some(Reason::Shell(ShellReason::AddressOfAnotherAccount)))
}

/// The same as the beginning of a sentence.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What whoever has to wait is told: of what there was too much, or that the server is busy.
fn not_now(fault: &Fault) -> Problem {
    if fault.error.code() == ErrorCode::TooManyRequests {
        return Problem::new(format!("{}.", sentence(&reasons::error_in(present().tag, &fault.error))));
    }
    Problem::new(say("busy"))
}

/// The form again, as it was filled in, where what it asks for cannot be done just now; any other fault as it is.
pub(super) fn later(fault: Fault, page: impl FnOnce(Problem) -> Response) -> FlowPage {
    if fault.retry_after.is_none() {
        return Err(fault.into());
    }
    Ok(html::later(page(not_now(&fault)), &fault))
}

/// What a page says that could only send a letter, where none is sent.
fn no_letters(tenant: &Tenant, title: &str) -> Response {
    message(StatusCode::OK, tenant, Message::new(say(title), Html::plain(&say("no-mail"))))
}

fn dead_link(tenant: &Tenant, path: &str) -> Response {
    let said = Message::new(say("dead-link-title"), Html::plain(&say("dead-link")));
    let link = Some((path.to_owned(), say("another-link")));
    message(StatusCode::BAD_REQUEST, tenant, Message { badge: Some(Badge::IMPOSSIBLE), link, ..said })
}

/// The page that asks for whom a link is wanted.
fn link_request<'a>(
    kind: LinkKind,
    tenant: &'a Tenant,
    action: &'a str,
    fields: &'a [FormField<'a>],
) -> FormPage<'a> {
    let (title, what) = match kind {
        LinkKind::Reset => ("reset-title", "reset-what"),
        LinkKind::Verify => ("verify-title", "verify-what"),
    };
    let named = Html::name(Legible::of(&tenant.name).as_str());
    FormPage {
        what: Some(say_html(what, &[("tenant", named)])),
        fields,
        ..FormPage::new(tenant, title, action, "send-link")
    }
}

fn username_field(value: &str) -> [FormField<'_>; 1] {
    let focus = if value.is_empty() { Focus::Here } else { Focus::Elsewhere };
    [FormField {
        value,
        focus,
        ..FormField::new("username", InputKind::Username, say("username-or-address"))
    }]
}

/// Sends the link that a form asks for.
async fn take_link_request(
    app: &App,
    call: &Call,
    asked: (LinkKind, Visitor<'_>),
    form: (&Form<'_>, &str),
) -> FlowPage {
    let ((kind, visitor), (form, here)) = (asked, form);
    let way = PendingRequest(visitor.challenge);
    let username = form.get("username").unwrap_or_default();
    match app.send_link(kind, visitor, username).await {
        Ok(()) => Ok(html::see_other(&way.through(&format!("{here}?sent=1")))),
        Err(fault) => {
            let (under, action) = (under(app, call, visitor.tenant).await, way.through(here));
            later(fault, |problem| {
                let fields = username_field(username);
                let page = link_request(kind, visitor.tenant, &action, &fields);
                FormPage { problem: Some(problem), under, ..page }.again()
            })
        }
    }
}

/// `GET /reset-password`: a form that asks for a link, or, behind a link, one that takes the password.
pub async fn reset_password(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_reset(&app, &call).await;
    shown(page)
}

async fn show_reset(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let query = call.query()?;
    let action = PendingRequest::of(&query).through(&place(&tenant, "/reset-password"));
    if query.get("done").is_some() {
        let said = Message::new(say("reset-done-title"), Html::plain(&say("reset-done")));
        return Ok(done(app, call, &tenant, said).await);
    }
    if query.get("sent").is_some() {
        return Ok(sent(app, call, &tenant, "reset-sent").await);
    }
    let Some(token) = query.get("token") else {
        if !app.sends_mail() {
            return Ok(no_letters(&tenant, "reset-title"));
        }
        let fields = username_field("");
        let page = link_request(LinkKind::Reset, &tenant, &action, &fields);
        return Ok(FormPage { under: under(app, call, &tenant).await, ..page }.shown());
    };
    if app.link_leads(LinkKind::Reset, &tenant, &Presented::new(token.to_owned())).await? != Leads::On {
        return Ok(dead_link(&tenant, &action));
    }
    Ok(password_page(&tenant, (&action, token), (None, None)))
}

/// The page that takes a new password.
fn password_page(tenant: &Tenant, link: (&str, &str), wrong: (Option<&str>, Option<Problem>)) -> Response {
    let ((action, token), (error, problem)) = (link, wrong);
    let field = FormField {
        error,
        hint: Some(say("password-hint")),
        focus: Focus::Here,
        ..FormField::new("new_password", InputKind::NewPassword, say("new-password-label"))
    };
    let is_fine = error.is_none() && problem.is_none();
    let page = FormPage {
        what: Some(Html::plain(&say("reset-signs-out"))),
        problem,
        hidden: &[("token", token)],
        fields: &[field],
        ..FormPage::new(tenant, "reset-title", action, "set-password")
    };
    if is_fine { page.shown() } else { page.again() }
}

/// `POST /reset-password`: sends a link, or sets the password.
pub async fn reset_password_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_reset(&app, &mut call).await;
    shown(page)
}

async fn take_reset(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    let origin = call.origin();
    let query = call.query()?;
    let way = PendingRequest::of(&query);
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: way.0 };
    let here = place(&tenant, "/reset-password");
    let action = way.through(&here);
    let form = form(&body)?;
    let Some(token) = form.get("token") else {
        return take_link_request(app, call, (LinkKind::Reset, visitor), (&form, &here)).await;
    };
    let presented = Presented::new(token.to_owned());
    let password = secret(&form, "new_password");
    match app.reset_password(visitor, &presented, password, Repeated::IsTheSame).await {
        Ok(()) => Ok(html::see_other(&way.through(&format!("{here}?done=1")))),
        Err(fault) if said_of(&fault, "token").is_some() => Ok(dead_link(&tenant, &action)),
        Err(fault) => match said_of(&fault, "new_password") {
            Some(error) => Ok(password_page(&tenant, (&action, token), (Some(&error), None))),
            None => later(fault, |problem| password_page(&tenant, (&action, token), (None, Some(problem)))),
        },
    }
}

/// `GET /verify-email`: a form with one button.
pub async fn verify_email(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_verify(&app, &call).await;
    shown(page)
}

async fn show_verify(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let query = call.query()?;
    if query.get("done").is_some() {
        let said = Message::new(say("verify-done-title"), Html::plain(&say("verify-done")));
        return Ok(done(app, call, &tenant, said).await);
    }
    if query.get("sent").is_some() {
        return Ok(sent(app, call, &tenant, "verify-sent").await);
    }
    let action = PendingRequest::of(&query).through(&place(&tenant, "/verify-email"));
    let Some(token) = query.get("token") else {
        if !app.sends_mail() {
            return Ok(no_letters(&tenant, "verify-title"));
        }
        let fields = username_field("");
        let page = link_request(LinkKind::Verify, &tenant, &action, &fields);
        return Ok(FormPage { under: under(app, call, &tenant).await, ..page }.shown());
    };
    verify_page(app, &tenant, (&action, token), None).await
}

/// What stands behind a link that proves an address.
async fn verify_page(app: &App, tenant: &Tenant, link: (&str, &str), problem: Option<Problem>) -> FlowPage {
    let (action, token) = link;
    let only = [("token", token)];
    let again = [("token", token), ("again", "1")];
    match app.link_leads(LinkKind::Verify, tenant, &Presented::new(token.to_owned())).await? {
        Leads::On => {
            let page = FormPage {
                what: Some(Html::plain(&say("verify-mine"))),
                hidden: &only,
                problem,
                ..FormPage::new(tenant, "verify-title", action, "verify-button")
            };
            Ok(page.shown())
        }
        Leads::ToAnother if app.sends_mail() => {
            let page = FormPage {
                what: Some(Html::plain(&say("verify-expired"))),
                hidden: &again,
                problem,
                ..FormPage::new(tenant, "dead-link-title", action, "verify-again")
            };
            Ok(page.again())
        }
        Leads::ToAnother | Leads::Nowhere => Ok(dead_link(tenant, action)),
    }
}

/// `POST /verify-email`.
pub async fn verify_email_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_verify(&app, &mut call).await;
    shown(page)
}

async fn take_verify(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    let origin = call.origin();
    let query = call.query()?;
    let way = PendingRequest::of(&query);
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: way.0 };
    let here = place(&tenant, "/verify-email");
    let action = way.through(&here);
    let form = form(&body)?;
    let Some(token) = form.get("token") else {
        return take_link_request(app, call, (LinkKind::Verify, visitor), (&form, &here)).await;
    };
    let presented = Presented::new(token.to_owned());
    let outcome = if form.get("again").is_some() {
        app.send_link_again(LinkKind::Verify, visitor, &presented).await.map(|()| "sent")
    } else {
        app.verify_email(visitor, &presented, Repeated::IsTheSame).await.map(|()| "done")
    };
    match outcome {
        Ok(end) => Ok(html::see_other(&way.through(&format!("{here}?{end}=1")))),
        Err(fault) => match said_of(&fault, "token") {
            Some(why) if is_taken(&fault) => {
                let said = Message::new(say("taken-title"), Html::plain(&why));
                Ok(message(
                    StatusCode::BAD_REQUEST,
                    &tenant,
                    Message { badge: Some(Badge::IMPOSSIBLE), ..said },
                ))
            }
            Some(_) => verify_page(app, &tenant, (&action, token), None).await,
            None if fault.retry_after.is_some() => {
                let again = verify_page(app, &tenant, (&action, token), Some(not_now(&fault))).await?;
                Ok(html::later(again, &fault))
            }
            None => Err(fault.into()),
        },
    }
}
