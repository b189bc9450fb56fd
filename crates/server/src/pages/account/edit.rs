//! The forms of the account: what somebody is called, their email address, their password. Each is a page of its own, so
//! that what is wrong with it is said where it is typed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::people::accounts::ProfilePatch;
use writ_core::people::sign_in::SignedInUser;
use writ_core::text::Legible;

use super::super::flow::{FlowPage, Instead, shown};
use super::super::parts::{Button, Focus, FormField, InputKind, Needed, Problem};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::enter::begin;
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::account::AccountWish;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// `GET /account/profile`.
pub async fn show_profile(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call, Leaf::Profile).await)
}

/// `POST /account/profile`.
pub async fn save_profile(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(save(&app, &mut call, Leaf::Profile).await)
}

/// `GET /account/email`.
pub async fn show_email(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call, Leaf::Email).await)
}

/// `POST /account/email`.
pub async fn save_email(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(save(&app, &mut call, Leaf::Email).await)
}

/// `GET /account/password`.
pub async fn show_password(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call, Leaf::Password).await)
}

/// `POST /account/password`.
pub async fn save_password(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(save(&app, &mut call, Leaf::Password).await)
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    wrong: WrongFields,
    problem: Option<Problem>,
}

/// What is wrong, field by field.
#[derive(Default)]
struct WrongFields {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    current: Option<String>,
}

impl WrongFields {
    fn of(fault: &Fault) -> Self {
        let of = |field| said_of(fault, field);
        Self {
            name: of("name"),
            email: of("email"),
            password: of("password"),
            current: of("current_password").map(|_| say("current-password-wrong")),
        }
    }

    fn is_nothing(&self) -> bool {
        [&self.name, &self.email, &self.password, &self.current].into_iter().all(Option::is_none)
    }
}

async fn look(app: &App, call: &Call, leaf: Leaf) -> FlowPage {
    let owner = Owner::of(app, call, leaf).await?;
    let found = owner.account(app).await?;
    Ok(page(app, (&owner, &found), leaf, &Typed::default()))
}

/// The fields of a form.
fn fields<'a>(found: &'a ClaimsFacts, leaf: Leaf, typed: &'a Typed<'a>) -> Vec<FormField<'a>> {
    let wrong = &typed.wrong;
    let current = FormField {
        error: wrong.current.as_deref(),
        ..FormField::new("current_password", InputKind::Password, say("current-password-label"))
    };
    let name = found.account.name.as_deref().unwrap_or_default();
    match leaf {
        Leaf::Profile => vec![FormField {
            value: typed.name.unwrap_or(name),
            error: wrong.name.as_deref(),
            needed: Needed::No,
            focus: Focus::Here,
            ..FormField::new("name", InputKind::Name, say("register-name"))
        }],
        Leaf::Email => vec![
            FormField {
                value: typed.email.unwrap_or_default(),
                error: wrong.email.as_deref(),
                focus: Focus::Here,
                ..FormField::new("email", InputKind::Email, say("new-email-label"))
            },
            current,
        ],
        Leaf::Password => vec![
            FormField { focus: Focus::Here, ..current },
            FormField {
                error: wrong.password.as_deref(),
                hint: Some(say("password-hint")),
                ..FormField::new("password", InputKind::NewPassword, say("new-password-label"))
            },
        ],
        Leaf::Home | Leaf::Activity | Leaf::Delete => Vec::new(),
    }
}

fn page(app: &App, of: (&Owner, &ClaimsFacts), leaf: Leaf, typed: &Typed<'_>) -> Response {
    let (owner, found) = of;
    let account = &found.account;
    let (title, button) = match leaf {
        Leaf::Email => ("change-email-title", "change-email-button"),
        Leaf::Password => ("change-password", "change-password-button"),
        Leaf::Home | Leaf::Profile | Leaf::Activity | Leaf::Delete => ("edit-profile-title", "save"),
    };
    let address = |text: &str| Html::address(text);
    let what = match (leaf, &account.new_email, &account.email) {
        (Leaf::Email, Some(waits), _) => Some(say_html("change-email-waits", &[("email", address(waits))])),
        (Leaf::Email, None, Some(email)) => Some(say_html("change-email-what", &[("email", address(email))])),
        (Leaf::Email, None, None) => Some(Html::plain(&say("change-email-first"))),
        (Leaf::Password, ..) => Some(Html::plain(&say("change-password-what"))),
        _ => None,
    };
    let (csrf, action) = (owner.csrf(app), owner.place(leaf));
    let forget = (leaf == Leaf::Email && account.new_email.is_some())
        .then(|| Button { sends: Some(("forget", "yes")), ..Button::other(say("forget-email")) });
    let fields = fields(found, leaf, typed);
    let is_fine = typed.wrong.is_nothing() && typed.problem.is_none();
    let problem = typed.problem.clone();
    let page = FormPage {
        what,
        problem,
        hidden: &[("csrf", &csrf)],
        // So that a password manager knows whose password it is.
        account: (leaf != Leaf::Profile).then(|| Legible::of(&account.user.username)),
        fields: &fields,
        other: forget,
        under: Some((String::new(), owner.place(Leaf::Home), say("back-to-account"))),
        ..FormPage::new(&owner.tenant, title, &action, button)
    };
    if is_fine { page.shown() } else { page.again() }
}

/// What a form wishes.
fn wish(leaf: Leaf, form: &Form<'_>) -> AccountWish {
    let text = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match leaf {
        Leaf::Profile => {
            let patch = ProfilePatch { name: Some(text("name")), ..ProfilePatch::default() };
            AccountWish { patch, ..AccountWish::default() }
        }
        Leaf::Email if form.get("forget").is_some() => {
            let patch = ProfilePatch { pending_email: Some(None), ..ProfilePatch::default() };
            AccountWish { patch, ..AccountWish::default() }
        }
        Leaf::Email => {
            let email = form.get("email").unwrap_or_default().trim().to_owned();
            let patch = ProfilePatch { email: Some(email), ..ProfilePatch::default() };
            AccountWish { patch, current: Some(secret(form, "current_password")), ..AccountWish::default() }
        }
        Leaf::Password => AccountWish {
            password: Some(secret(form, "password")),
            current: Some(secret(form, "current_password")),
            ..AccountWish::default()
        },
        Leaf::Home | Leaf::Activity | Leaf::Delete => AccountWish::default(),
    }
}

async fn save(app: &App, call: &mut Call, leaf: Leaf) -> FlowPage {
    let (owner, body) = sent(app, call, leaf).await?;
    let form = form(&body)?;
    let typed = || Typed { name: form.get("name"), email: form.get("email"), ..Typed::default() };
    if !owner.is_our_form(app, (call, &form)) {
        let found = owner.account(app).await?;
        let problem = Some(Problem::new(say("old-form")));
        return Ok(page(app, (&owner, &found), leaf, &Typed { problem, ..typed() }));
    }
    let call = &*call;
    let done = app.rounds(|_| change(app, call, (&owner, leaf), &form)).await;
    let fault = match done {
        Ok(Edited::Done(response)) => return Ok(response),
        Ok(Edited::SignedOut(person)) => return stay(app, call, &owner, person).await,
        Err(fault) => fault,
    };
    let found = owner.account(app).await?;
    let wrong = match fault.error.code() {
        ErrorCode::InvalidRequest => WrongFields::of(&fault),
        _ => WrongFields::default(),
    };
    if wrong.is_nothing() {
        return later(fault, |problem| {
            page(app, (&owner, &found), leaf, &Typed { problem: Some(problem), ..typed() })
        });
    }
    Ok(page(app, (&owner, &found), leaf, &Typed { wrong, ..typed() }))
}

/// What a change has led to.
enum Edited {
    Done(Response),
    /// A new password ended all sign-ins, this one too; and whoever set it has just proved to be themselves.
    SignedOut(SignedInUser),
}

async fn change(
    app: &App,
    call: &Call,
    (owner, leaf): (&Owner, Leaf),
    form: &Form<'_>,
) -> Result<Verdict<Edited>, Fault> {
    let origin = call.origin();
    let own = owner.own(app, &origin);
    let (account, changes) = app.change_own(&own, wish(leaf, form)).await?;
    let word = match leaf {
        Leaf::Email if form.get("forget").is_some() => "email-kept",
        Leaf::Email => "email",
        Leaf::Password => {
            let person = SignedInUser {
                id: account.user.id,
                tenant: account.user.tenant,
                username: account.user.username,
                generation: account.generation,
                version: account.version,
                at: own.scene.moment.now,
            };
            return Ok(Verdict::Commit(Edited::SignedOut(person), changes));
        }
        Leaf::Home | Leaf::Profile | Leaf::Activity | Leaf::Delete => "name",
    };
    Ok(Verdict::Commit(Edited::Done(owner.done(word)), changes))
}

/// Signs whoever has a new password in again, in this browser alone.
async fn stay(app: &App, call: &Call, owner: &Owner, person: SignedInUser) -> FlowPage {
    let onward = format!("{}?done=password", owner.place(Leaf::Home));
    let origin = call.origin();
    let entered: Result<Response, Instead> =
        app.rounds(|_| begin(app, call, (&owner.tenant, &person, &origin), &onward)).await;
    entered
}
