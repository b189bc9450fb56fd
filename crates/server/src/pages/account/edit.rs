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

use super::super::flow::{Instead, Page, shown};
use super::super::parts::{Button, Field, Focus, Kind, Needed, Problem};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::enter::begin;
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::account::Wish;
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
    wrong: Wrong,
    problem: Option<Problem>,
}

/// What is wrong, field by field.
#[derive(Default)]
struct Wrong {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    current: Option<String>,
}

impl Wrong {
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

async fn look(app: &App, call: &Call, leaf: Leaf) -> Page {
    let owner = Owner::of(app, call, leaf).await?;
    let found = owner.account(app).await?;
    Ok(page(app, (&owner, &found), leaf, &Typed::default()))
}

/// The fields of a form.
fn fields<'a>(found: &'a ClaimsFacts, leaf: Leaf, typed: &'a Typed<'a>) -> Vec<Field<'a>> {
    let wrong = &typed.wrong;
    let current = Field {
        error: wrong.current.as_deref(),
        ..Field::new("current_password", Kind::Password, say("current-password-label"))
    };
    let name = found.account.name.as_deref().unwrap_or_default();
    match leaf {
        Leaf::Profile => vec![Field {
            value: typed.name.unwrap_or(name),
            error: wrong.name.as_deref(),
            needed: Needed::No,
            focus: Focus::Here,
            ..Field::new("name", Kind::Name, say("register-name"))
        }],
        Leaf::Email => vec![
            Field {
                value: typed.email.unwrap_or_default(),
                error: wrong.email.as_deref(),
                focus: Focus::Here,
                ..Field::new("email", Kind::Email, say("new-email-label"))
            },
            current,
        ],
        Leaf::Password => vec![
            Field { focus: Focus::Here, ..current },
            Field {
                error: wrong.password.as_deref(),
                hint: Some(say("password-hint")),
                ..Field::new("password", Kind::NewPassword, say("new-password-label"))
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
fn wish(leaf: Leaf, form: &Form<'_>) -> Wish {
    let text = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match leaf {
        Leaf::Profile => {
            let patch = ProfilePatch { name: Some(text("name")), ..ProfilePatch::default() };
            Wish { patch, ..Wish::default() }
        }
        Leaf::Email if form.get("forget").is_some() => {
            let patch = ProfilePatch { pending_email: Some(None), ..ProfilePatch::default() };
            Wish { patch, ..Wish::default() }
        }
        Leaf::Email => {
            let email = form.get("email").unwrap_or_default().trim().to_owned();
            let patch = ProfilePatch { email: Some(email), ..ProfilePatch::default() };
            Wish { patch, current: Some(secret(form, "current_password")), ..Wish::default() }
        }
        Leaf::Password => Wish {
            password: Some(secret(form, "password")),
            current: Some(secret(form, "current_password")),
            ..Wish::default()
        },
        Leaf::Home | Leaf::Activity | Leaf::Delete => Wish::default(),
    }
}

async fn save(app: &App, call: &mut Call, leaf: Leaf) -> Page {
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
        Ok(Changed::Done(response)) => return Ok(response),
        Ok(Changed::SignedOut(person)) => return stay(app, call, &owner, person).await,
        Err(fault) => fault,
    };
    let found = owner.account(app).await?;
    let wrong = match fault.error.code() {
        ErrorCode::InvalidRequest => Wrong::of(&fault),
        _ => Wrong::default(),
    };
    if wrong.is_nothing() {
        return later(fault, |problem| {
            page(app, (&owner, &found), leaf, &Typed { problem: Some(problem), ..typed() })
        });
    }
    Ok(page(app, (&owner, &found), leaf, &Typed { wrong, ..typed() }))
}

/// What a change has led to.
enum Changed {
    Done(Response),
    /// A new password ended all sign-ins, this one too; and whoever set it has just proved to be themselves.
    SignedOut(SignedInUser),
}

async fn change(
    app: &App,
    call: &Call,
    (owner, leaf): (&Owner, Leaf),
    form: &Form<'_>,
) -> Result<Verdict<Changed>, Fault> {
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
            return Ok(Verdict::Commit(Changed::SignedOut(person), changes));
        }
        Leaf::Home | Leaf::Profile | Leaf::Activity | Leaf::Delete => "name",
    };
    Ok(Verdict::Commit(Changed::Done(owner.done(word)), changes))
}

/// Signs whoever has a new password in again, in this browser alone.
async fn stay(app: &App, call: &Call, owner: &Owner, person: SignedInUser) -> Page {
    let onward = format!("{}?done=password", owner.place(Leaf::Home));
    let origin = call.origin();
    let entered: Result<Response, Instead> =
        app.rounds(|_| begin(app, call, (&owner.tenant, &person, &origin), &onward)).await;
    entered
}
