//! `/account/passkey`: people make passkeys for their account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::error::ErrorCode;
use writ_core::people::accounts::CurrentPassword;
use writ_core::people::factors::Factors;
use writ_core::people::factors::passkey::PasskeyPurpose;
use writ_core::text::Legible;
use writ_core::time::Seconds;
use writ_core::webauthn::RelyingParty;

use super::super::flow::{FlowPage, shown};
use super::super::parts::{FormField, InputKind, Needed, Problem};
use super::super::passkeys::{PASSKEY, PasskeyMaker, make_button, own_bound, suggested_name};
use super::super::people::{FormPage, form, later, said_of, secret};
use super::super::second::enrol::codes;
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::passkeys::MadePasskey;
use crate::call::request::Call;
use crate::call::words::{Html, say};
use crate::manage::passkeys::asked;
use crate::state::app::App;

/// How long after a sign-in somebody makes a passkey without proving again that it is them.
const FRESH: Seconds = Seconds(300);

/// `GET /account/passkey`.
pub async fn show_passkey(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// What is wrong with the form.
#[derive(Default)]
struct PasskeyFormProblem {
    name: Option<String>,
    current: Option<String>,
    problem: Option<Problem>,
}

impl PasskeyFormProblem {
    fn of(fault: &Fault) -> Self {
        Self {
            name: said_of(fault, "name"),
            current: said_of(fault, "current_password").map(|_| say("current-password-wrong")),
            problem: said_of(fault, PASSKEY).map(Problem::new),
        }
    }

    fn with(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }

    const fn is_there(&self) -> bool {
        self.name.is_some() || self.current.is_some() || self.problem.is_some()
    }
}

/// Whether somebody has signed in just now.
fn is_fresh(app: &App, owner: &Owner) -> bool {
    app.clock.now() < owner.session.authentication.at.plus(FRESH)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Passkey).await?;
    let factors = app.store.factors(owner.session.user, owner.tenant.id).await.map_err(Fault::from)?;
    let Some(party) = app.passkey_party(&owner.tenant) else {
        return Ok(html::see_other(&owner.place(Leaf::Home)));
    };
    let suggested = suggested_name(call);
    Ok(page(app, (&owner, party), &factors, (&suggested, &PasskeyFormProblem::default())))
}

fn page(
    app: &App,
    (owner, party): (&Owner, RelyingParty<'_>),
    factors: &Factors,
    (name, wrong): (&str, &PasskeyFormProblem),
) -> Response {
    let username = owner.session.username.as_deref().unwrap_or_default();
    let maker = PasskeyMaker { tenant: &owner.tenant, user: owner.session.user, username, factors };
    let (csrf, action) = (owner.csrf(app), owner.place(Leaf::Passkey));
    let mut fields = vec![FormField {
        value: name,
        error: wrong.name.as_deref(),
        needed: Needed::Nowhere,
        ..FormField::new("name", InputKind::Name, say("passkey-name-label"))
    }];
    if !is_fresh(app, owner) {
        fields.push(FormField {
            error: wrong.current.as_deref(),
            ..FormField::new("current_password", InputKind::Password, say("current-password-label"))
        });
    }
    let what = if factors.has_second() { "passkey-new-what" } else { "passkey-first-what" };
    let page = FormPage {
        what: Some(Html::plain(&say(what))),
        problem: wrong.problem.clone(),
        hidden: &[("csrf", &csrf)],
        account: Some(Legible::of(username)),
        fields: &fields,
        under: Some((String::new(), owner.place(Leaf::Home), say("back-to-account"))),
        ..FormPage::new(&owner.tenant, "passkey-new-title", &action, "save")
    };
    let page = page.asking(Some(make_button(app, party, &maker).alone()));
    if wrong.is_there() { page.again() } else { page.shown() }
}

/// `POST /account/passkey`.
pub async fn add_passkey(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(add(&app, &mut call).await)
}

async fn add(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Passkey).await?;
    let (form, tenant, user) = (form(&body)?, &*owner.tenant, owner.session.user);
    let Some(party) = app.passkey_party(tenant) else {
        return Ok(html::see_other(&owner.place(Leaf::Home)));
    };
    let factors = app.store.factors(user, tenant.id).await.map_err(Fault::from)?;
    let name = form.get("name").unwrap_or_default().trim();
    let given = if name.is_empty() { suggested_name(call) } else { name.to_owned() };
    let again = |wrong: &PasskeyFormProblem| page(app, (&owner, party), &factors, (&given, wrong));
    if !owner.is_our_form(app, (call, &form)) {
        return Ok(again(&PasskeyFormProblem::with(Problem::new(say("old-form")))));
    }
    let made = MadePasskey::read(form.get(PASSKEY).unwrap_or_default());
    if made.is_err() {
        return Ok(again(&PasskeyFormProblem::with(Problem::new(say("passkey-not-made")))));
    }
    let origin = call.origin();
    let own = owner.own(app, &origin);
    let proof = if is_fresh(app, &owner) {
        CurrentPassword::Right
    } else {
        match app.fresh_proof(&own, &secret(&form, "current_password")).await {
            Ok(proof) => proof,
            Err(fault) => return later(fault, |problem| again(&PasskeyFormProblem::with(problem))),
        }
    };
    let bound = own_bound(tenant, user);
    let challenge = asked(PasskeyPurpose::Make, &bound);
    let added = app
        .rounds(|_| async {
            let own = owner.own(app, &origin);
            app.add_passkey(&own, challenge, (&made, &given, proof)).await
        })
        .await;
    match added {
        Ok(Some(new)) => Ok(codes(tenant, &new, &format!("{}?done=passkey", owner.place(Leaf::Home)))),
        Ok(None) => Ok(owner.done("passkey")),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            Ok(again(&PasskeyFormProblem::of(&fault)))
        }
        Err(fault) => later(fault, |problem| again(&PasskeyFormProblem::with(problem))),
    }
}
