//! The forms of the account: what somebody is called, their email address, their password. Each is a page of its own, so
//! that what is wrong with it is said where it is typed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::claims::AcrDemand;
use writ_core::claims::{Claim, ClaimsPatch};
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::people::Account;
use writ_core::people::accounts::ProfilePatch;
use writ_core::people::sign_in::SignedInUser;
use writ_core::text::Legible;

use super::super::entering::{ProvedOwner, enter_account};
use super::super::flow::{FlowPage, shown};
use super::super::parts::{Button, Focus, FormField, InputKind, Needed, Problem, claim_id, focus_on_wrong};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::{Leaf, Owner, portrait, sent};
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html, say_of};
use crate::manage::account::AccountWish;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The field of the password that somebody has.
const CURRENT: &str = "current_password";

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
    form: Option<&'a Form<'a>>,
    wrong: Vec<(&'static str, String)>,
    problem: Option<Problem>,
}

impl Typed<'_> {
    /// What is in a field: what was typed, else what is kept.
    fn value<'v>(&'v self, name: &str, kept: Option<&'v str>) -> &'v str {
        self.form.and_then(|form| form.get(name)).or(kept).unwrap_or_default()
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, why)| &**why)
    }
}

/// What is wrong, field by field.
fn wrong_of(fault: &Fault, owner: &Owner, leaf: Leaf) -> Vec<(&'static str, String)> {
    let claims = owner.tenant.settings.profile_claims.iter().map(|claim| claim.path());
    let names: Vec<_> = match leaf {
        Leaf::Profile => ["name"].into_iter().chain(claims).collect(),
        Leaf::Email => vec!["email", CURRENT],
        Leaf::Password => vec!["password", CURRENT],
        _ => Vec::new(),
    };
    let said = |field: &'static str| match field {
        CURRENT => said_of(fault, field).map(|_| say("current-password-wrong")),
        _ => said_of(fault, field),
    };
    names.into_iter().filter_map(|field| Some((field, said(field)?))).collect()
}

async fn look(app: &App, call: &Call, leaf: Leaf) -> FlowPage {
    let owner = Owner::of(app, call, leaf).await?;
    let found = owner.account(app).await?;
    Ok(page(app, (&owner, &found), leaf, &Typed::default()))
}

/// The fields of a form.
fn fields<'a>(
    (owner, found): (&Owner, &'a ClaimsFacts),
    leaf: Leaf,
    typed: &'a Typed<'a>,
) -> Vec<FormField<'a>> {
    let current = FormField {
        error: typed.wrong(CURRENT),
        ..FormField::new(CURRENT, InputKind::Password, say("current-password-label"))
    };
    match leaf {
        Leaf::Profile => {
            let name = FormField {
                value: typed.value("name", found.account.name.as_deref()),
                error: typed.wrong("name"),
                needed: Needed::Nowhere,
                focus: if typed.wrong(portrait::FIELD).is_some() { Focus::Elsewhere } else { Focus::Here },
                ..FormField::new("name", InputKind::Name, say("register-name"))
            };
            // A picture has a form of its own.
            let claims = owner.tenant.settings.profile_claims.iter();
            let claims = claims.filter(|claim| **claim != Claim::Picture);
            [name].into_iter().chain(claims.map(|claim| claim_field(*claim, found, typed))).collect()
        }
        Leaf::Email => vec![
            FormField {
                value: typed.value("email", None),
                error: typed.wrong("email"),
                focus: Focus::Here,
                ..FormField::new("email", InputKind::Email, say("new-email-label"))
            },
            current,
        ],
        Leaf::Password => vec![
            FormField { focus: Focus::Here, ..current },
            FormField {
                error: typed.wrong("password"),
                hint: Some(say("password-hint")),
                ..FormField::new("password", InputKind::NewPassword, say("new-password-label"))
            },
        ],
        _ => Vec::new(),
    }
}

fn claim_field<'a>(claim: Claim, found: &'a ClaimsFacts, typed: &'a Typed<'a>) -> FormField<'a> {
    let example = match claim {
        Claim::Birthdate => Some("1990-12-31"),
        Claim::Zoneinfo => Some("Europe/Berlin"),
        Claim::Locale => Some("de-AT"),
        Claim::Website | Claim::Profile => Some("https://…"),
        _ => None,
    };
    FormField {
        value: typed.value(claim.path(), found.claims.get(claim)),
        error: typed.wrong(claim.path()),
        // What is wrong says it again.
        hint: example
            .filter(|_| typed.wrong(claim.path()).is_none())
            .map(|example| say_of("for-example", &[("example", example)])),
        needed: Needed::Nowhere,
        ..FormField::new(claim.path(), InputKind::Claim(claim), say(claim_id(claim)))
    }
}

fn page(app: &App, of: (&Owner, &ClaimsFacts), leaf: Leaf, typed: &Typed<'_>) -> Response {
    let (owner, found) = of;
    let account = &found.account;
    let (title, button) = match leaf {
        Leaf::Email => ("change-email-title", "change-email-button"),
        Leaf::Password => ("change-password", "change-password-button"),
        _ => ("edit-profile-title", "save"),
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
    let mut fields = fields(of, leaf, typed);
    focus_on_wrong(&mut fields);
    let is_fine = typed.wrong.is_empty() && typed.problem.is_none();
    let problem = typed.problem.clone();
    let portrait = (leaf == Leaf::Profile)
        .then(|| portrait::portrait_form(app, of, typed.wrong(portrait::FIELD)))
        .flatten();
    let blank = FormPage::new(&owner.tenant, title, &action, button);
    let page = FormPage {
        what,
        problem,
        portrait,
        hidden: &[("csrf", &csrf)],
        // So that a password manager knows whose password it is.
        account: (leaf != Leaf::Profile).then(|| Legible::of(&account.user.username)),
        fields: &fields,
        other: forget,
        under: Some((String::new(), owner.place(Leaf::Home), say("back-to-account"))),
        ..blank
    };
    if is_fine { page.shown() } else { page.again() }
}

/// The page of the profile, with what is wrong with a picture that was sent.
pub(super) fn with_wrong_picture(app: &App, of: (&Owner, &ClaimsFacts), why: String) -> Response {
    page(app, of, Leaf::Profile, &Typed { wrong: vec![(portrait::FIELD, why)], ..Typed::default() })
}

/// A page with what is the matter, and nothing typed.
pub(super) fn with_problem(app: &App, of: (&Owner, &ClaimsFacts), leaf: Leaf, problem: Problem) -> Response {
    page(app, of, leaf, &Typed { problem: Some(problem), ..Typed::default() })
}

/// What a form wishes.
fn wish(owner: &Owner, leaf: Leaf, form: &Form<'_>) -> AccountWish {
    let text = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match leaf {
        Leaf::Profile => {
            let patch = ProfilePatch { name: Some(text("name")), ..ProfilePatch::default() };
            // What the form had no field for stays.
            let sent =
                owner.tenant.settings.profile_claims.iter().filter(|claim| form.get(claim.path()).is_some());
            // A browser ends lines with two characters (HTML, section 4.10.21.4).
            let value = |claim: &Claim| text(claim.path()).map(|text| text.replace("\r\n", "\n").into());
            let claims = ClaimsPatch::new(sent.map(|claim| (*claim, value(claim))));
            AccountWish { patch, claims, ..AccountWish::default() }
        }
        Leaf::Email if form.get("forget").is_some() => {
            let patch = ProfilePatch { pending_email: Some(None), ..ProfilePatch::default() };
            AccountWish { patch, ..AccountWish::default() }
        }
        Leaf::Email => {
            let email = form.get("email").unwrap_or_default().trim().to_owned();
            let patch = ProfilePatch { email: Some(email), ..ProfilePatch::default() };
            AccountWish { patch, current: Some(secret(form, CURRENT)), ..AccountWish::default() }
        }
        Leaf::Password => AccountWish {
            password: Some(secret(form, "password")),
            current: Some(secret(form, CURRENT)),
            ..AccountWish::default()
        },
        _ => AccountWish::default(),
    }
}

async fn save(app: &App, call: &mut Call, leaf: Leaf) -> FlowPage {
    let (owner, body) = sent(app, call, leaf).await?;
    let form = form(&body)?;
    let typed = || Typed { form: Some(&form), ..Typed::default() };
    if !owner.is_our_form(app, (call, &form)) {
        let found = owner.account(app).await?;
        let problem = Some(Problem::new(say("old-form")));
        return Ok(page(app, (&owner, &found), leaf, &Typed { problem, ..typed() }));
    }
    let call = &*call;
    let done = app.rounds(|_| change(app, call, (&owner, leaf), &form)).await;
    let fault = match done {
        Ok(Edited::Done(response)) => return Ok(response),
        Ok(Edited::SignedOut(account)) => return stay(app, call, &owner, &account).await,
        Err(fault) => fault,
    };
    let found = owner.account(app).await?;
    let wrong = match fault.error.code() {
        ErrorCode::InvalidRequest => wrong_of(&fault, &owner, leaf),
        _ => Vec::new(),
    };
    if wrong.is_empty() {
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
    SignedOut(Account),
}

async fn change(
    app: &App,
    call: &Call,
    (owner, leaf): (&Owner, Leaf),
    form: &Form<'_>,
) -> Result<Verdict<Edited>, Fault> {
    let origin = call.origin();
    let own = owner.own(app, &origin);
    let (account, changes) = app.change_own(&own, wish(owner, leaf, form)).await?;
    let word = match leaf {
        Leaf::Email if form.get("forget").is_some() => "email-kept",
        Leaf::Email => "email",
        Leaf::Password => {
            return Ok(Verdict::Commit(Edited::SignedOut(account), changes));
        }
        _ => "name",
    };
    Ok(Verdict::Commit(Edited::Done(owner.done(word)), changes))
}

/// Signs whoever has a new password in again, in this browser alone. What they have proved besides there stands.
async fn stay(app: &App, call: &Call, owner: &Owner, account: &Account) -> FlowPage {
    let onward = format!("{}?done=password", owner.place(Leaf::Home));
    let (origin, tenant) = (call.origin(), &*owner.tenant);
    let known = app.known_factors(account.user.id, tenant.id).await?;
    let assurance = known.assurance(&tenant.settings, AcrDemand::Nothing);
    let proved = owner.session.authentication.anew(app.clock.now());
    let person = SignedInUser::of(account, proved, Some(&assurance));
    let who = ProvedOwner { tenant, person: &person, origin: &origin };
    enter_account(app, call, who, (Leaf::Home, &onward)).await
}
