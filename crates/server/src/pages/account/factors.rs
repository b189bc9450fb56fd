//! `/account/app`, `/account/factor`, `/account/codes`: people set up an authenticator app, remove one, and get other recovery
//! codes. Each needs the password.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::ids::FactorId;
use writ_core::people::factors::slip::Slip;
use writ_core::people::factors::{Factor, Factors};
use writ_core::text::Legible;
use writ_core::time::{Micros, Seconds};

use super::super::flow::{FlowPage, shown as page_of};
use super::super::parts::{Button, Focus, FormField, InputKind, Problem};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::super::second::enrol::{Authenticator, codes, name_field};
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::html::Forms;
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, say, say_count, say_html, say_of};
use crate::manage::factors::OfferedTotp;
use crate::state::app::App;

/// The field of the password that somebody has.
const CURRENT: &str = "current_password";
/// How long a form for other recovery codes may be open.
const OPEN: Seconds = Seconds(900);

/// A factor on the page of the account.
pub(super) struct ShownFactor<'a> {
    pub id: String,
    pub name: Legible<'a>,
    pub used: String,
    pub remove: String,
}

/// The factors as the page of the account lists them.
pub(super) fn shown(factors: &Factors, now: Micros) -> Vec<ShownFactor<'_>> {
    let shown = |factor: &Factor| {
        let (words, at) = match factor.used_at {
            Some(at) => ("factor-used", at),
            None => ("factor-set-up", factor.created_at),
        };
        (say_of(words, &[("when", When::ago(at, now).words())]), factor.id.to_string())
    };
    let listed = factors.list.iter().map(|factor| {
        let ((used, id), name) = (shown(factor), Legible::of(&factor.name));
        ShownFactor { id, used, remove: say_of("factor-remove", &[("factor", &*name.isolated())]), name }
    });
    listed.collect()
}

/// How many recovery codes are left, in words.
pub(super) fn left(factors: &Factors) -> String {
    say_count("recovery-codes-left", i64::try_from(factors.codes_left()).unwrap_or(i64::MAX))
}

fn current(error: Option<&str>) -> FormField<'_> {
    FormField { error, ..FormField::new(CURRENT, InputKind::Password, say("current-password-label")) }
}

/// What is wrong with a form of this page: each field with its sentence.
#[derive(Default)]
struct FactorFormProblem {
    fields: Vec<(&'static str, String)>,
    problem: Option<Problem>,
}

impl FactorFormProblem {
    fn of(fault: &Fault) -> Self {
        let said = |field: &'static str| {
            let words = said_of(fault, field)?;
            Some((
                field,
                match field {
                    CURRENT => say("current-password-wrong"),
                    "code" => say("factor-wrong"),
                    _ => words,
                },
            ))
        };
        Self { fields: [CURRENT, "code", "name"].into_iter().filter_map(said).collect(), problem: None }
    }

    fn old_form() -> Self {
        Self { problem: Some(Problem::new(say("old-form"))), ..Self::default() }
    }

    fn with(field: &str) -> impl Fn(&Self) -> Option<&str> + '_ {
        move |wrong| wrong.fields.iter().find(|(name, _)| *name == field).map(|(_, why)| &**why)
    }

    fn field(&self, name: &str) -> Option<&str> {
        Self::with(name)(self)
    }
}

/// `GET /account/app`.
pub async fn show_app(State(app): State<Arc<App>>, call: Call) -> Response {
    page_of(look_app(&app, &call).await)
}

async fn look_app(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::App).await?;
    let offered = app.offer_totp(owner.tenant.id, owner.session.user);
    Ok(app_page(app, &owner, &offered, ("", FactorFormProblem::default())))
}

fn app_page(app: &App, owner: &Owner, offered: &OfferedTotp, typed: (&str, FactorFormProblem)) -> Response {
    let (name, wrong) = typed;
    let (csrf, action) = (owner.csrf(app), owner.place(Leaf::App));
    let name = FormField { error: wrong.field("name"), ..name_field(name) };
    let authenticator = Authenticator {
        tenant: &owner.tenant,
        username: owner.session.username.as_deref().unwrap_or_default(),
        offered,
        what: Html::plain(&say("authenticator-what")),
        action: &action,
        hidden: &[("offer", &offered.slip), ("csrf", &csrf)],
        fields: vec![name, current(wrong.field(CURRENT))],
        code_error: wrong.field("code"),
        problem: wrong.problem.clone(),
        under: Some((owner.place(Leaf::Home), say("back-to-account"))),
        forms: Forms::Own,
    };
    authenticator.shown()
}

/// `POST /account/app`.
pub async fn add_app(State(app): State<Arc<App>>, mut call: Call) -> Response {
    page_of(add(&app, &mut call).await)
}

async fn add(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::App).await?;
    let (form, tenant, user) = (form(&body)?, owner.tenant.id, owner.session.user);
    let name = form.get("name").unwrap_or_default().trim();
    let offered = app.offered_totp(tenant, user, form.get("offer").unwrap_or_default());
    let ours = owner.is_our_form(app, (call, &form));
    let Some(offered) = offered.filter(|_| ours) else {
        return Ok(app_page(
            app,
            &owner,
            &app.offer_totp(tenant, user),
            (name, FactorFormProblem::old_form()),
        ));
    };
    let (origin, typed) = (call.origin(), secret(&form, "code"));
    let own = owner.own(app, &origin);
    let proof = match app.fresh_proof(&own, &secret(&form, CURRENT)).await {
        Ok(proof) => proof,
        Err(fault) => {
            return later(fault, |problem| {
                let wrong = FactorFormProblem { problem: Some(problem), ..FactorFormProblem::default() };
                app_page(app, &owner, &offered, (name, wrong))
            });
        }
    };
    let given = if name.is_empty() { say("authenticator-name") } else { name.to_owned() };
    let added = app
        .rounds(|_| async {
            let own = owner.own(app, &origin);
            app.add_totp(&own, &offered, (&given, &typed, proof)).await
        })
        .await;
    match added {
        Ok(Some(new)) => Ok(codes(&owner.tenant, &new, &format!("{}?done=factor", owner.place(Leaf::Home)))),
        Ok(None) => Ok(owner.done("factor")),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            Ok(app_page(app, &owner, &offered, (name, FactorFormProblem::of(&fault))))
        }
        Err(fault) => later(fault, |problem| {
            let wrong = FactorFormProblem { problem: Some(problem), ..FactorFormProblem::default() };
            app_page(app, &owner, &offered, (name, wrong))
        }),
    }
}

/// `GET /account/factor`.
pub async fn show_factor(State(app): State<Arc<App>>, call: Call) -> Response {
    page_of(look_factor(&app, &call, FactorFormProblem::default()).await)
}

async fn look_factor(app: &App, call: &Call, wrong: FactorFormProblem) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Factor).await?;
    let factors = app.store.factors(owner.session.user, owner.tenant.id).await.map_err(Fault::from)?;
    let query = call.query()?;
    let id = query.get("id").and_then(FactorId::parse_uuid);
    let Some(factor) = factors.list.iter().find(|factor| Some(factor.id) == id) else {
        return Ok(owner.done("factor-removed"));
    };
    let what =
        say_html("factor-remove-what", &[("factor", Html::strong(Legible::of(&factor.name).as_str()))]);
    let action = format!("{}?id={}", owner.place(Leaf::Factor), factor.id);
    let words = ConfirmWords { title: "factor-remove-title", what, button: Button::risky(say("remove")) };
    Ok(confirm(app, &owner, (&action, words), (&[], &wrong)))
}

/// What a form says that only needs the password.
struct ConfirmWords {
    title: &'static str,
    what: Html,
    button: Button,
}

/// A form that only needs the password.
fn confirm(
    app: &App,
    owner: &Owner,
    (action, words): (&str, ConfirmWords),
    (hidden, wrong): (&[(&'static str, &str)], &FactorFormProblem),
) -> Response {
    let csrf = owner.csrf(app);
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(hidden.iter().copied());
    let field = FormField { focus: Focus::Here, ..current(wrong.field(CURRENT)) };
    let page = FormPage {
        what: Some(words.what),
        problem: wrong.problem.clone(),
        hidden: &all,
        account: Some(Legible::of(owner.session.username.as_deref().unwrap_or_default())),
        fields: &[field],
        button: words.button,
        under: Some((String::new(), owner.place(Leaf::Home), say("back-to-account"))),
        ..FormPage::new(&owner.tenant, words.title, action, "save")
    };
    if wrong.fields.is_empty() && wrong.problem.is_none() { page.shown() } else { page.again() }
}

/// `POST /account/factor`.
pub async fn remove_factor(State(app): State<Arc<App>>, mut call: Call) -> Response {
    page_of(remove(&app, &mut call).await)
}

async fn remove(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Factor).await?;
    let form = form(&body)?;
    if !owner.is_our_form(app, (call, &form)) {
        return look_factor(app, call, FactorFormProblem::old_form()).await;
    }
    let id = call.query()?.get("id").and_then(FactorId::parse_uuid);
    let origin = call.origin();
    match removed(app, &owner, (id, &form), &origin).await {
        Ok(()) => Ok(owner.done("factor-removed")),
        Err(fault) => refused(app, call, fault).await,
    }
}

/// The page again, with what was wrong.
async fn refused(app: &App, call: &Call, fault: Fault) -> FlowPage {
    let wrong = FactorFormProblem::of(&fault);
    if fault.error.code() == ErrorCode::InvalidRequest && !wrong.fields.is_empty() {
        return look_factor(app, call, wrong).await;
    }
    Err(fault.into())
}

async fn removed(
    app: &App,
    owner: &Owner,
    (id, form): (Option<FactorId>, &Form<'_>),
    origin: &writ_core::change::Origin,
) -> Result<(), Fault> {
    let proof = app.fresh_proof(&owner.own(app, origin), &secret(form, CURRENT)).await?;
    app.rounds(|_| async { app.remove_own_factor(&owner.own(app, origin), (id, proof)).await }).await
}

/// `GET /account/codes`.
pub async fn show_codes(State(app): State<Arc<App>>, call: Call) -> Response {
    page_of(look_codes(&app, &call, &FactorFormProblem::default()).await)
}

fn renewal(owner: &Owner) -> String {
    format!("{}\n{}", owner.tenant.id, owner.session.user)
}

async fn look_codes(app: &App, call: &Call, wrong: &FactorFormProblem) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Codes).await?;
    let bound = renewal(&owner);
    let mut drawn = [0; 16];
    app.random.fill(&mut drawn);
    let slip = Slip { purpose: "codes", bound: &bound };
    let slip = slip.write(&drawn, app.clock.now().plus(OPEN), &app.hash_key);
    let words = ConfirmWords {
        title: "codes-renew-title",
        what: Html::plain(&say("codes-renew-what")),
        button: Button::main(say("codes-renew")),
    };
    Ok(confirm(app, &owner, (&owner.place(Leaf::Codes), words), (&[("offer", &slip)], wrong)))
}

/// `POST /account/codes`.
pub async fn renew_codes(State(app): State<Arc<App>>, mut call: Call) -> Response {
    page_of(renew(&app, &mut call).await)
}

async fn renew(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Codes).await?;
    let (form, bound) = (form(&body)?, renewal(&owner));
    let slip = Slip { purpose: "codes", bound: &bound };
    let drawn = slip.read(form.get("offer").unwrap_or_default(), app.clock.now(), &app.hash_key);
    let ours = owner.is_our_form(app, (call, &form));
    let Some(drawn) = drawn.filter(|_| ours) else {
        return look_codes(app, call, &FactorFormProblem::old_form()).await;
    };
    let origin = call.origin();
    let proof = app.fresh_proof(&owner.own(app, &origin), &secret(&form, CURRENT)).await?;
    let renewed =
        app.rounds(|_| async { app.renew_own_codes(&owner.own(app, &origin), (&drawn, proof)).await }).await;
    match renewed {
        Ok(new) => Ok(codes(&owner.tenant, &new, &owner.place(Leaf::Home))),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let wrong = FactorFormProblem::of(&fault);
            if wrong.fields.is_empty() {
                return Ok(owner.done("factor-removed"));
            }
            look_codes(app, call, &wrong).await
        }
        Err(fault) => Err(fault.into()),
    }
}
