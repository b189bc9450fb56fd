//! `/register`: an account of one's own, where a tenant lets people have one.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::accounts::AccountDraft;
use writ_core::settings::OwnText;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::flow::{FlowPage, shown};
use super::message::Message;
use super::parts::{FormField, InputKind, Needed, Problem, focus_on_wrong};
use super::people::{FormPage, PendingRequest, back, done, form, later, posted, said_of, secret};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::edge::shares::Share;
use crate::manage::people::Visitor;
use crate::manage::standing::{addressed, place};
use crate::state::app::App;

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

/// Where people may not register there is no such page.
fn open_to_all(app: &App, tenant: &Tenant) -> Result<(), Fault> {
    if app.is_open_to_all(tenant) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::NotFound, ShellReason::NoSelfRegistration).into())
}

/// `GET /register`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    let page = show_register(&app, &call).await;
    shown(page)
}

async fn show_register(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    open_to_all(app, &tenant)?;
    if call.query()?.get("done").is_some() {
        let must_confirm = tenant.settings.require_verified_email.is_on();
        let text = say(if must_confirm { "welcome-confirm" } else { "welcome" });
        let said = Message::new(say("welcome-title"), Html::plain(&text));
        return Ok(done(app, call, &tenant, said).await);
    }
    let page = RegisterPage::of(app, call, &tenant).await?;
    Ok(page.with(("", ""), &Problems::default(), None))
}

/// The page before anything was typed.
pub(super) fn sample(tenant: &Tenant) -> Response {
    let page = RegisterPage { tenant, action: place(tenant, "/register"), under: None };
    page.with(("", ""), &Problems::default(), None)
}

/// What the page on which people register has, however it is filled in.
struct RegisterPage<'a> {
    tenant: &'a Tenant,
    action: String,
    under: Option<(String, String, String)>,
}

impl<'a> RegisterPage<'a> {
    async fn of(app: &App, call: &Call, tenant: &'a Tenant) -> Result<Self, Fault> {
        let query = call.query()?;
        let action = PendingRequest::of(&query).through(&place(tenant, "/register"));
        let back = back(app, call, tenant).await;
        let under = back.map(|to| (say("have-account"), to, say("sign-in-link")));
        Ok(Self { tenant, action, under })
    }

    /// The form, as it was filled in, and what is wrong with it.
    fn with(self, filled: (&str, &str), problems: &Problems, problem: Option<Problem>) -> Response {
        let (username, name) = filled;
        let is_fine = problems.are_none() && problem.is_none();
        let mut fields = [
            FormField {
                value: username,
                error: problems.username.as_deref(),
                ..FormField::new("username", InputKind::Username, say("register-username"))
            },
            FormField {
                value: name,
                error: problems.name.as_deref(),
                needed: Needed::No,
                ..FormField::new("name", InputKind::Name, say("register-name"))
            },
            FormField {
                error: problems.password.as_deref(),
                hint: Some(say("password-hint")),
                ..FormField::new("password", InputKind::NewPassword, say("password-label"))
            },
        ];
        focus_on_wrong(&mut fields);
        let named = Html::name(Legible::of(&self.tenant.name).as_str());
        let page = FormPage {
            what: Some(say_html("register-at", &[("tenant", named)])),
            problem,
            fields: &fields,
            under: self.under,
            ..FormPage::new(self.tenant, "register-title", &self.action, "register-button")
        };
        let page = page.in_own_words(self.tenant, (OwnText::RegistrationTitle, OwnText::RegistrationIntro));
        if is_fine { page.shown() } else { page.again() }
    }
}

/// `POST /register`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let page = take_register(&app, &mut call).await;
    shown(page)
}

async fn take_register(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    open_to_all(app, &tenant)?;
    let form = form(&body)?;
    let fault = match try_to_register(app, call, &tenant, &form).await {
        Ok(done) => return Ok(html::see_other(&done)),
        Err(fault) => fault,
    };
    let page = RegisterPage::of(app, call, &tenant).await?;
    let typed = (form.get("username").unwrap_or_default(), form.get("name").unwrap_or_default());
    let of = |field| said_of(&fault, field);
    let problems = match fault.error.code() {
        ErrorCode::InvalidRequest => {
            Problems { username: of("username"), name: of("name"), password: of("password") }
        }
        _ => Problems::default(),
    };
    if problems.are_none() {
        return later(fault, |problem| page.with(typed, &Problems::default(), Some(problem)));
    }
    Ok(page.with(typed, &problems, None))
}

/// Registers whoever filled in the form, and says where they go on.
async fn try_to_register(app: &App, call: &Call, tenant: &Tenant, form: &Form<'_>) -> Result<String, Fault> {
    let field = |name: &str| form.get(name).map(str::to_owned).filter(|text| !text.is_empty());
    let (username, name) = (field("username"), field("name"));
    let origin = call.origin();
    let query = call.query()?;
    let way = PendingRequest::of(&query);
    // It costs, however it ends: nothing is measured, hashed or sent for whoever has had enough.
    let _ = app.take_share(Share::Registrations, origin.ip, 1)?;
    let known = [&username, &name].into_iter().flatten().cloned().chain([tenant.name.to_string()]).collect();
    let password = app.measured(app.lane(origin.ip), secret(form, "password"), known).await?;
    let draft = AccountDraft { username, name, password: Some(password), ..AccountDraft::default() };
    app.register(Visitor { tenant, origin: &origin, challenge: way.0 }, &draft).await?;
    Ok(way.through(&format!("{}?done=1", place(tenant, "/register"))))
}
