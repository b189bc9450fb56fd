//! Passkeys on pages: the button that asks for one, and what becomes of the answer. The button is hidden where no script runs.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::response::Response;
use writ_core::change::Action;
use writ_core::device;
use writ_core::form::Form;
use writ_core::ids::UserId;
use writ_core::people::factors::passkey::{PasskeyPurpose, refused};
use writ_core::people::factors::{FactorKind, Factors};
use writ_core::settings::Switch;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::webauthn::RelyingParty;
use zeroize::Zeroizing;

use super::entering::{EntryWay, Proven, let_in_by};
use super::errand::{SlipBound, entry_for};
use super::parts::Weight;
use crate::call::assets::PASSKEYS;
use crate::call::browser::Seated;
use crate::call::fault::Fault;
use crate::call::frame::Frame;
use crate::call::html;
use crate::call::passkeys::{
    Conveyance, PasskeyOwner, UsedPasskey, Verification, creation_options, request_options,
};
use crate::call::request::Call;
use crate::call::words::{say, say_of};
use crate::edge::shares::Share;
use crate::manage::passkeys::{PasskeyAttempt, ProofOutcome, asked};
use crate::manage::standing::with_cookie;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The field in which a passkey is sent that signs somebody in, or was made.
pub(super) const PASSKEY: &str = "passkey";
/// The field in which one is sent that proves that its owner still sits there.
pub(super) const PROOF: &str = "proof";

/// What a form brings of a passkey: a field that no script has filled in says nothing.
pub(super) fn sent_in<'f>(form: &'f Form<'_>, field: &str) -> Option<&'f str> {
    form.get(field).filter(|sent| !sent.is_empty())
}

/// What a browser is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Create,
    Get,
}

impl Asked {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
        }
    }
}

/// A button that asks the browser for a passkey, and sends the form with it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/passkey.html")]
pub(super) struct PasskeyButton {
    ceremony: Asked,
    options: Zeroizing<String>,
    field: &'static str,
    words: String,
    weight: Weight,
    /// What is said where the browser came back without one.
    failed: String,
    /// What is said where there are no scripts, or no passkeys; none: there is another way.
    without: Option<String>,
    /// Whether passkeys are among what the browser fills in.
    autofill: Switch,
    /// Whether the rest of the form has to be filled in before.
    checks: Switch,
}

impl HtmlSafe for PasskeyButton {}

impl PasskeyButton {
    fn get(options: String, field: &'static str, words: &str) -> Self {
        Self {
            ceremony: Asked::Get,
            options: Zeroizing::new(options),
            field,
            words: say(words),
            weight: Weight::Other,
            failed: say("passkey-failed"),
            without: None,
            autofill: Switch::Off,
            checks: Switch::Off,
        }
    }

    /// The frame of a page that it stands on, if it does.
    pub(super) fn in_frame<'a>(frame: Frame<'a>, shown: Option<&Self>) -> Frame<'a> {
        match shown {
            Some(_) => frame.with_script(&PASSKEYS),
            None => frame,
        }
    }

    /// Whether there is no other way on its page.
    pub(super) fn is_alone(&self) -> bool {
        self.without.is_some()
    }

    /// The one way that there is on its page.
    #[must_use]
    pub(super) fn alone(self) -> Self {
        Self { weight: Weight::Main, without: Some(say("passkey-without")), ..self }
    }
}

/// What a passkey is bound to that somebody makes, or proves themselves with.
pub(super) fn own_bound(tenant: &Tenant, user: UserId) -> String {
    format!("{}\n{user}", tenant.id)
}

/// The button by which somebody signs in whom nobody has named; none: the tenant has no passkeys.
pub(super) fn sign_in_button(app: &App, tenant: &Tenant, bound: &SlipBound<'_>) -> Option<PasskeyButton> {
    let party = app.passkey_party(tenant)?;
    let challenge = app.ask_passkey(asked(PasskeyPurpose::SignIn, &bound.text(tenant)));
    let options = request_options((party, &challenge), Verification::Required, std::iter::empty());
    Some(PasskeyButton { autofill: Switch::On, ..PasskeyButton::get(options, PASSKEY, "passkey-sign-in") })
}

/// The challenge of a second factor is bound to the person, too.
pub(super) fn second_bound(tenant: &Tenant, bound: &SlipBound<'_>, user: UserId) -> String {
    format!("{}\n{user}", bound.text(tenant))
}

/// The button by which somebody proves their second factor; none: they have no passkey.
pub(super) fn second_button(
    app: &App,
    (tenant, bound): (&Tenant, &SlipBound<'_>),
    (user, factors): (UserId, &Factors),
) -> Option<PasskeyButton> {
    let party = app.passkey_party(tenant).filter(|_| factors.has(FactorKind::Passkey))?;
    let challenge = app.ask_passkey(asked(PasskeyPurpose::Second, &second_bound(tenant, bound, user)));
    let options = request_options((party, &challenge), Verification::Discouraged, factors.passkeys());
    Some(PasskeyButton::get(options, PASSKEY, "passkey-use"))
}

/// The button by which somebody who is signed in proves that it still is them; none: they have no passkey.
pub(super) fn proof_button(
    app: &App,
    tenant: &Tenant,
    (user, factors): (UserId, &Factors),
) -> Option<PasskeyButton> {
    let party = app.passkey_party(tenant).filter(|_| factors.has(FactorKind::Passkey))?;
    let challenge = app.ask_passkey(asked(PasskeyPurpose::Proof, &own_bound(tenant, user)));
    let options = request_options((party, &challenge), Verification::Required, factors.passkeys());
    Some(PasskeyButton::get(options, PROOF, "passkey-instead-of-password"))
}

/// Whose passkey is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct PasskeyMaker<'a> {
    pub tenant: &'a Tenant,
    pub user: UserId,
    pub username: &'a str,
    pub factors: &'a Factors,
}

/// The button by which somebody makes a passkey.
pub(super) fn make_button(app: &App, party: RelyingParty<'_>, maker: &PasskeyMaker<'_>) -> PasskeyButton {
    let PasskeyMaker { tenant, user, username, factors } = *maker;
    let challenge = app.ask_passkey(asked(PasskeyPurpose::Make, &own_bound(tenant, user)));
    let owner = PasskeyOwner {
        handle: app.user_handle(tenant, user),
        name: username,
        called: &say_of("passkey-called", &[("name", username), ("tenant", &tenant.name)]),
        tenant: &tenant.name,
    };
    let roots = tenant.settings.passkey_attestation_roots.as_ref();
    let conveyance = roots.map_or(Conveyance::None, |_| Conveyance::Direct);
    let options = creation_options((party, &challenge), &owner, conveyance, factors.passkeys());
    PasskeyButton {
        ceremony: Asked::Create,
        failed: say("passkey-not-made"),
        checks: Switch::On,
        ..PasskeyButton::get(options, PASSKEY, "passkey-make")
    }
}

/// What a new passkey is called unless somebody says otherwise: after the device that it is made on.
pub(super) fn suggested_name(call: &Call) -> String {
    let origin = call.origin();
    let device = device::named(origin.user_agent.as_deref().unwrap_or_default());
    if device.is_empty() { say("passkey-name") } else { Legible::of(&device).to_string() }
}

/// Signs somebody in by the passkey that was sent.
///
/// # Errors
/// `invalid_grant` for one that is not taken; 429 where too many of the same network failed.
pub(super) async fn enter(app: &App, call: &Call, way: &EntryWay<'_>, sent: &str) -> Result<Response, Fault> {
    let taken = app.take_share(Share::SignIns, way.origin.ip, 1)?;
    let used = UsedPasskey::read(sent).map_err(|_| refused())?;
    let bound = way.bound.text(way.tenant);
    let challenge = asked(PasskeyPurpose::SignIn, &bound);
    let attempt = PasskeyAttempt { tenant: way.tenant, used: &used, challenge, origin: way.origin };
    let done: Result<Response, Fault> = app.rounds(|_| round(app, call, way, &attempt)).await;
    if done.is_ok() {
        app.meters.sign_ins.count(crate::edge::counters::SUCCESS);
        app.give_back(taken);
    }
    done
}

async fn round(
    app: &App,
    call: &Call,
    way: &EntryWay<'_>,
    attempt: &PasskeyAttempt<'_>,
) -> Result<Verdict<Response>, Fault> {
    let outcome = match app.try_passkey(attempt, way.demand).await? {
        Verdict::Answer(outcome) => outcome,
        Verdict::Refuse(refusal) => return Ok(Verdict::Refuse(refusal)),
        Verdict::Commit(..) | Verdict::Bound(..) | Verdict::Confirmed(_) | Verdict::Stale => {
            return Ok(Verdict::Stale);
        }
    };
    let user = match &outcome {
        ProofOutcome::Proved(proved) => proved.person.id,
        ProofOutcome::Again(account) => account.user.id,
    };
    let (proved, seat) = match (outcome, app.seat(&call.headers, entry_for(way.request, user)).await?) {
        (_, Seated::Already(cookie)) => {
            let onward = html::see_other(way.onward);
            return Ok(Verdict::Answer(with_cookie(onward, app.set_cookie(&cookie))));
        }
        (ProofOutcome::Proved(proved), Seated::Now(seat)) => (*proved, seat),
        // It was used, and not for this browser.
        (ProofOutcome::Again(_), Seated::Now(_)) => return Ok(refused().into()),
    };
    let by = FactorKind::Passkey.name();
    let_in_by(app, call, (way, seat), Proven { proved, accepted: Action::PasskeyProved, by }).await
}
