//! `/account/app`, `/account/factor`, `/account/codes`: people set up an authenticator app, remove one, and get other recovery
//! codes. Each needs the password.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::change::Origin;
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::ids::FactorId;
use writ_core::people::accounts::CurrentPassword;
use writ_core::people::factors::passkey::PasskeyPurpose;
use writ_core::people::factors::slip::Slip;
use writ_core::people::factors::{Factor, FactorKind, Factors};
use writ_core::text::Legible;
use writ_core::time::{Micros, Seconds};

use super::super::flow::{FlowPage, shown as page_of};
use super::super::parts::{Button, Focus, FormField, InputKind, Problem};
use super::super::passkeys::{PROOF, own_bound, proof_button, sent_in};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::super::second::enrol::{Authenticator, codes, name_field};
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::html::Forms;
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, say, say_count, say_html, say_of};
use crate::manage::factors::OfferedTotp;
use crate::manage::passkeys::asked;
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
    pub is_passkey: bool,
}

/// What a form of this page proves of whoever sent it: that they know the password, or have a passkey that verified them.
async fn proved(
    app: &App,
    owner: &Owner,
    form: &Form<'_>,
    origin: &Origin,
) -> Result<CurrentPassword, Fault> {
    let own = owner.own(app, origin);
    match sent_in(form, PROOF) {
        Some(sent) => {
            let bound = own_bound(&owner.tenant, owner.session.user);
            app.passkey_proof(&own, asked(PasskeyPurpose::Proof, &bound), sent).await
        }
        None => app.fresh_proof(&own, &secret(form, CURRENT)).await,
    }
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
        let remove = say_of("factor-remove", &[("factor", &*name.isolated())]);
        ShownFactor { id, used, remove, name, is_passkey: factor.kind() == FactorKind::Passkey }
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
    /// What is wrong with a form, by whichever proof it came.
    fn of_proof(fault: &Fault, form: &Form<'_>) -> Self {
        let wrong = Self::of(fault);
        if sent_in(form, PROOF).is_none() || wrong.field(CURRENT).is_none() {
            return wrong;
        }
        let (what, remedy) = (say("passkey-refused"), say("passkey-refused-remedy"));
        Self { problem: Some(Problem { what, remedy, link: None }), fields: Vec::new() }
    }

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

    fn is_there(&self) -> bool {
        self.problem.is_some() || !self.fields.is_empty()
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
        passkey: None,
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
    let (title, what) = match factor.kind() {
        FactorKind::Totp => ("factor-remove-title", "factor-remove-what"),
        FactorKind::Passkey => ("passkey-remove-title", "passkey-remove-what"),
    };
    let what = say_html(what, &[("factor", Html::strong(Legible::of(&factor.name).as_str()))]);
    let action = format!("{}?id={}", owner.place(Leaf::Factor), factor.id);
    let words = ConfirmWords { title, what, button: Button::risky(say("remove")) };
    Ok(confirm(app, (&owner, &factors), (&action, words), (&[], &wrong)))
}

/// What a form says that only needs the password.
struct ConfirmWords {
    title: &'static str,
    what: Html,
    button: Button,
}

/// A form that only needs the password, or a passkey.
fn confirm(
    app: &App,
    (owner, factors): (&Owner, &Factors),
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
    let page = page.asking(proof_button(app, &owner.tenant, (owner.session.user, factors)));
    if wrong.is_there() { page.again() } else { page.shown() }
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
        Ok(FactorKind::Totp) => Ok(owner.done("factor-removed")),
        Ok(FactorKind::Passkey) => Ok(owner.done("passkey-removed")),
        Err(fault) => refused(app, call, (fault, &form)).await,
    }
}

/// The page again, with what was wrong.
async fn refused(app: &App, call: &Call, (fault, form): (Fault, &Form<'_>)) -> FlowPage {
    let wrong = FactorFormProblem::of_proof(&fault, form);
    if fault.error.code() == ErrorCode::InvalidRequest && wrong.is_there() {
        return look_factor(app, call, wrong).await;
    }
    Err(fault.into())
}

async fn removed(
    app: &App,
    owner: &Owner,
    (id, form): (Option<FactorId>, &Form<'_>),
    origin: &Origin,
) -> Result<FactorKind, Fault> {
    let found = app.store.factors(owner.session.user, owner.tenant.id).await?;
    let kind = found.list.iter().find(|factor| Some(factor.id) == id).map_or(FactorKind::Totp, Factor::kind);
    let proof = proved(app, owner, form, origin).await?;
    app.rounds(|_| async { app.remove_own_factor(&owner.own(app, origin), (id, proof)).await }).await?;
    Ok(kind)
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
    let factors = app.store.factors(owner.session.user, owner.tenant.id).await.map_err(Fault::from)?;
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
    let hidden = [("offer", slip.as_str())];
    Ok(confirm(app, (&owner, &factors), (&owner.place(Leaf::Codes), words), (&hidden, wrong)))
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
    let proof = proved(app, &owner, &form, &origin).await?;
    let renewed =
        app.rounds(|_| async { app.renew_own_codes(&owner.own(app, &origin), (&drawn, proof)).await }).await;
    match renewed {
        Ok(new) => Ok(codes(&owner.tenant, &new, &owner.place(Leaf::Home))),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let wrong = FactorFormProblem::of_proof(&fault, &form);
            if !wrong.is_there() {
                return Ok(owner.done("factor-removed"));
            }
            look_codes(app, call, &wrong).await
        }
        Err(fault) => Err(fault.into()),
    }
}
