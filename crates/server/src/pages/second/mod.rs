//! `/login/factor`: where somebody who has proved one factor proves another, or sets one up first. They are not signed in
//! before; what they have proved so far is in the address, for ten minutes and for this way alone.

pub(super) mod enrol;
mod mailed;
mod others;

pub(super) use mailed::wrong as wrong_code;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::CHALLENGE_LIFETIME;
use writ_core::change::{Actor, Origin};
use writ_core::details::Details;
use writ_core::error::ErrorCode;
use writ_core::form::{Form, write_pair};
use writ_core::ids::{LinkId, UserId};
use writ_core::people::Account;
use writ_core::people::factors::policy::{Admitted, Missing, Sufficiency, judge};
use writ_core::people::factors::prove::SecondProved;
use writ_core::people::factors::remembered::{DeviceOwner, RememberedDevice};
use writ_core::people::factors::slip::Slip;
use writ_core::people::factors::{FactorChange, FactorKind, Factors};
use writ_core::people::sign_in::{SignedInUser, may_enter};
use writ_core::scene::Scene;
use writ_core::session::{Authentication, FactorUsed, SessionFacts};
use writ_core::settings::Switch;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::{Micros, Seconds};

use super::entering::{Newcomer, seated};
use super::errand::{Errand, SlipBound};
use super::flow::{FlowPage, Instead, PresentPerson, ShownChallenge, shown};
use super::parts::{Blamed, Focus, FormField, InputKind, Problem, Tick};
use super::passkeys::{PASSKEY, PasskeyButton, second_button, sent_in};
use super::people::{FormPage, form, posted, secret};
use crate::call::browser::Seated;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_count, say_html};
use crate::manage::factors::{SecondAttempt, SecondOutcome, beside};
use crate::manage::standing::with_cookie;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The address of the page.
pub(super) fn place_of(tenant: &Tenant, bound: &SlipBound<'_>) -> String {
    bound.at(tenant, "/login/factor")
}

/// The address of the page for somebody who has proved one factor.
pub(super) fn place_for(app: &App, tenant: &Tenant, bound: &SlipBound<'_>, person: &SignedInUser) -> String {
    let mut said = person.id.to_bytes().to_vec();
    said.extend(person.generation.to_be_bytes());
    said.extend(person.proved.at.0.to_be_bytes());
    said.extend(person.proved.methods.as_bytes());
    let until = app.clock.now().plus(CHALLENGE_LIFETIME);
    let slip = Slip { purpose: "proved", bound: &bound.text(tenant) }.write(&said, until, &app.hash_key);
    let mut address = place_of(tenant, bound);
    address.push('&');
    write_pair("proved", &slip, &mut address);
    address
}

/// What a slip says: who, the generation of their tokens then, and how they proved it.
fn said(slip: &[u8]) -> Option<(UserId, i64, Authentication)> {
    let (user, rest) = slip.split_first_chunk::<16>()?;
    let (generation, rest) = rest.split_first_chunk::<8>()?;
    let (at, methods) = rest.split_first_chunk::<8>()?;
    let methods = std::str::from_utf8(methods).ok()?;
    let proved = Authentication { at: Micros(i64::from_be_bytes(*at)), methods: methods.into() };
    Some((UserId::from_bytes(*user), i64::from_be_bytes(*generation), proved))
}

/// Somebody between two factors.
pub(super) struct HalfWay {
    errand: Errand,
    account: Account,
    proved: Authentication,
    factors: Factors,
    missing: Missing,
    /// Where the page's own form goes: with all that it was shown with.
    here: String,
    by: SecondWay,
    /// The letter with the code that they are asked for.
    mailed: Option<LinkId>,
    /// Whether they wish not to be asked again on this device.
    remembers: Switch,
}

/// By what somebody proves the second factor, where there are several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SecondWay {
    /// What is asked for first.
    Usual,
    /// A recovery code.
    RecoveryCode,
    /// What they set up now instead of reading their mail.
    Enrolment,
}

impl HalfWay {
    async fn load(app: &App, call: &Call) -> Result<Self, Instead> {
        let errand = Errand::of(app, call).await?;
        let (query, tenant, bound) = (call.query()?, &*errand.tenant, errand.bound());
        let again = || Instead::from(errand.again());
        let slip = query.get("proved").and_then(|text| {
            Slip { purpose: "proved", bound: &bound.text(tenant) }.read(text, app.clock.now(), &app.hash_key)
        });
        let known = match (slip.as_deref().and_then(|slip| said(slip)), &errand.request) {
            (Some(said), _) => Some(said),
            // Whoever is signed in has proved one factor before.
            (None, Some(shown)) => signed_in(app, tenant, shown).await?,
            (None, None) => None,
        };
        let (user, generation, proved) = known.ok_or_else(again)?;
        let account = app.store.account(user, tenant.id).await.map_err(Fault::from)?;
        let account = account
            .filter(|account| account.generation == generation && may_enter(account, tenant).is_ok())
            .ok_or_else(again)?;
        let found = app.known_factors(user, tenant.id).await?;
        let missing = match judge(&proved, &found.assurance(&tenant.settings, errand.demand())) {
            Sufficiency::Lacks(missing) => missing,
            // What was wanted of them is not any more; or it was proved in another window.
            Sufficiency::Enough(_) => return Err(again()),
        };
        let mut here = place_of(tenant, &bound);
        if let Some(text) = query.get("proved") {
            here.push('&');
            write_pair("proved", text, &mut here);
        }
        let factors = found.factors;
        // Whose only factors are passkeys, where the tenant takes none any more, has the codes that came with them.
        let has_none = missing == Missing::Proof
            && !factors.has(FactorKind::Totp)
            && app.passkey_party(tenant).is_none();
        let by = match query.get("by") {
            Some("recovery") => SecondWay::RecoveryCode,
            Some("app") => SecondWay::Enrolment,
            Some(_) | None if has_none => SecondWay::RecoveryCode,
            Some(_) | None => SecondWay::Usual,
        };
        let mailed = query.get("mailed").and_then(LinkId::parse_uuid);
        let remembers = Switch::Off;
        Ok(Self { errand, account, proved, factors, missing, here, by, mailed, remembers })
    }

    /// What is asked for.
    fn wanted(&self) -> WantedProof {
        let is_by_code = self.by == SecondWay::RecoveryCode;
        match (is_by_code, self.factors.has(FactorKind::Totp)) {
            // What somebody has adds nothing to what they have.
            _ if !self.proved.and(FactorUsed::Totp).is_two_factor() => WantedProof::Password,
            (true, _) => WantedProof::RecoveryCode,
            (false, true) => WantedProof::Code,
            (false, false) => WantedProof::Passkey,
        }
    }

    /// For how long they may have this device remembered; none: they may not.
    fn may_remember(&self) -> Option<Seconds> {
        let lasts = self.errand.tenant.settings.remembered_devices;
        (lasts.0 > 0 && self.missing == Missing::Proof && self.wanted() != WantedProof::Password)
            .then_some(lasts)
    }

    fn person(&self) -> SignedInUser {
        SignedInUser::of(&self.account, self.proved.clone(), None)
    }
}

/// The field by which somebody wishes not to be asked again on a device.
const REMEMBER: &str = "remember";

/// So many days, begun ones too.
fn days(lasts: Seconds) -> i64 {
    (lasts.0 + 86_399) / 86_400
}

/// What somebody is asked for who has proved one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WantedProof {
    /// A code of their app, or a passkey.
    Code,
    /// A passkey, for they have no app.
    Passkey,
    /// A recovery code.
    RecoveryCode,
    /// Their password: they began with a passkey that did not verify them.
    Password,
}

/// Who is signed in in the browser that a request waits in.
async fn signed_in(
    app: &App,
    tenant: &Tenant,
    shown: &ShownChallenge,
) -> Result<Option<(UserId, i64, Authentication)>, Instead> {
    let present = PresentPerson::of(app, tenant, shown).await?;
    if !super::login::may_prove_more(app, shown, &present) {
        return Ok(None);
    }
    let of = |session: SessionFacts| {
        let decider = writ_core::authorize::Decider::from(&session);
        (decider.user, decider.generation, decider.authentication)
    };
    Ok(present.session.map(of))
}

/// `GET /login/factor`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let half = HalfWay::load(app, call).await?;
    let offered = || app.offer_totp(half.errand.tenant.id, half.account.user.id);
    Ok(match half.missing {
        Missing::Proof => page(app, &half, None),
        Missing::MailedCode if half.by != SecondWay::Enrolment => mailed::page(app, &half, None),
        Missing::Enrolment | Missing::MailedCode => enrol::page(app, &half, &offered(), None),
    })
}

/// `POST /login/factor`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

async fn attempt(app: &App, call: &mut Call) -> FlowPage {
    let (_, body) = posted(app, call).await?;
    let mut half = HalfWay::load(app, call).await?;
    let form = form(&body)?;
    half.remembers = Switch::from(form.get(REMEMBER).is_some());
    match (half.missing, form.get("offer")) {
        (Missing::Enrolment | Missing::MailedCode, _) if sent_in(&form, PASSKEY).is_some() => {
            let sent = sent_in(&form, PASSKEY).unwrap_or_default();
            return enrol::take_passkey(app, call, &half, (&form, sent)).await;
        }
        (Missing::Enrolment, _) | (Missing::MailedCode, Some(_)) => {
            return enrol::take(app, call, &half, &form).await;
        }
        (Missing::MailedCode, None) => return mailed::take(app, call, &half, &form).await,
        (Missing::Proof, Some(offer)) => {
            if let Some(again) = enrol::again(app, call, &half, offer).await? {
                return Ok(again);
            }
        }
        (Missing::Proof, None) => {}
    }
    if !half.errand.is_our_form(app, call, &form) {
        return Ok(page(app, &half, Some(Problem::new(say("old-form")))));
    }
    match (half.wanted(), sent_in(&form, PASSKEY)) {
        (WantedProof::Password, _) => others::prove_password(app, call, &half, &form).await,
        (_, Some(sent)) => others::prove_passkey(app, call, &half, sent).await,
        (_, None) => prove(app, call, &half, &form).await,
    }
}

/// The page that asks for what is missing.
fn page(app: &App, half: &HalfWay, problem: Option<Problem>) -> Response {
    let csrf = half.errand.csrf(app);
    let hidden: Vec<_> = csrf.as_deref().map(|csrf| ("csrf", csrf)).into_iter().collect();
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (wanted, by_recovery) = (half.wanted(), format!("{}&by=recovery", half.here));
    let field = FormField {
        focus: Focus::Here,
        blamed: if problem.is_some() { Blamed::Yes } else { Blamed::No },
        ..match wanted {
            WantedProof::Code | WantedProof::Passkey => {
                FormField::new("code", InputKind::OneTimeCode, say("factor-code-label"))
            }
            WantedProof::RecoveryCode => {
                FormField::new("code", InputKind::RecoveryCode, say("recovery-code-label"))
            }
            WantedProof::Password => FormField::new("password", InputKind::Password, say("password-label")),
        }
    };
    let fields = if wanted == WantedProof::Passkey { &[][..] } else { std::slice::from_ref(&field) };
    let button = second_button(
        app,
        (&*half.errand.tenant, &half.errand.bound()),
        (half.account.user.id, &half.factors),
    );
    let (title, what) = match wanted {
        WantedProof::Code => ("factor-title", "factor-what"),
        WantedProof::Passkey => ("passkey-title", "passkey-what"),
        WantedProof::RecoveryCode => ("factor-title", "recovery-what"),
        WantedProof::Password => ("password-too-title", "password-too-what"),
    };
    let under = match wanted {
        WantedProof::Code | WantedProof::Passkey => {
            Some((String::new(), by_recovery.clone(), say("factor-use-recovery")))
        }
        WantedProof::RecoveryCode => {
            let other =
                if half.factors.has(FactorKind::Totp) { "factor-use-app" } else { "factor-use-passkey" };
            Some((String::new(), half.here.clone(), say(other)))
        }
        WantedProof::Password => None,
    };
    let name = Html::strong(Legible::of(&half.account.user.username).as_str());
    let tenant = half.errand.dressed();
    let page = FormPage {
        what: Some(say_html(what, &[("name", name)])),
        problem,
        hidden: &hidden,
        // So that a password manager knows whose code it is.
        account: Some(Legible::of(&half.account.user.username)),
        fields,
        tick: half.may_remember().map(|lasts| Tick {
            name: REMEMBER,
            words: say_count("remember-device", days(lasts)),
            is_ticked: half.remembers.is_on(),
        }),
        under,
        ..FormPage::new(
            &tenant,
            title,
            if wanted == WantedProof::RecoveryCode { &by_recovery } else { &half.here },
            "factor-button",
        )
    };
    let page = page.asking(match wanted {
        WantedProof::Code => button,
        WantedProof::Passkey => button.map(PasskeyButton::alone),
        WantedProof::RecoveryCode | WantedProof::Password => None,
    });
    html::private(status, &page, half.errand.forms())
}

async fn prove(app: &App, call: &Call, half: &HalfWay, form: &Form<'_>) -> FlowPage {
    let typed = secret(form, "code");
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let attempt = SecondAttempt {
        tenant: &half.errand.tenant,
        account: &half.account,
        proved: &half.proved,
        demand: half.errand.demand(),
        typed: &typed,
        origin: &origin,
    };
    let taken = match app.reserve_second(&attempt).await {
        Ok(Some(taken)) => taken,
        Ok(None) => return Ok(page(app, half, Some(too_many()))),
        Err(fault) if fault.error.code() == ErrorCode::TooManyRequests => {
            return Ok(html::later(page(app, half, Some(too_many())), &fault));
        }
        Err(fault) => return Err(fault.into()),
    };
    let done: Result<Response, Fault> = app.rounds(|_| enter(app, call, half, &attempt)).await;
    match done {
        Ok(response) => {
            app.second_succeeded(taken);
            half.errand.arrived(app, call);
            Ok(response)
        }
        Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => {
            let (what, remedy) = if half.by == SecondWay::RecoveryCode {
                ("recovery-wrong", "recovery-wrong-remedy")
            } else {
                ("factor-wrong", "factor-wrong-remedy")
            };
            let problem = Problem { what: say(what), remedy: say(remedy), link: None };
            Ok(page(app, half, Some(problem)))
        }
        Err(fault) => Err(fault.into()),
    }
}

pub(super) fn too_many() -> Problem {
    Problem { what: say("too-many-codes"), remedy: say("wait-and-retry"), link: None }
}

/// Uses a code up and signs in, in one unit.
async fn enter(
    app: &App,
    call: &Call,
    half: &HalfWay,
    attempt: &SecondAttempt<'_>,
) -> Result<Verdict<Response>, Fault> {
    let outcome = match app.try_second(attempt).await? {
        Verdict::Answer(outcome) => outcome,
        Verdict::Refuse(refusal) => return Ok(Verdict::Refuse(refusal)),
        Verdict::Commit(..) | Verdict::Bound(..) | Verdict::Confirmed(_) | Verdict::Stale => {
            return Ok(Verdict::Stale);
        }
    };
    finish(app, call, half, (outcome, attempt.origin)).await
}

/// Signs somebody in who has proved the second factor. Where this very form has come before, it gets the same answer.
async fn finish(
    app: &App,
    call: &Call,
    half: &HalfWay,
    (outcome, origin): (SecondOutcome, &Origin),
) -> Result<Verdict<Response>, Fault> {
    let onward = html::see_other(&half.errand.onward());
    let (proved, seat) =
        match (outcome, app.seat(&call.headers, half.errand.entry(half.account.user.id)).await?) {
            (_, Seated::Already(cookie)) => {
                return Ok(Verdict::Answer(with_cookie(onward, app.set_cookie(&cookie))));
            }
            (SecondOutcome::Proved(proved), Seated::Now(seat)) => (proved, seat),
            // It was used, and not for this browser.
            (SecondOutcome::Again, Seated::Now(_)) => {
                return Ok(writ_core::people::factors::prove::refused().into());
            }
        };
    let SecondProved { admitted, changes: used_up, used, letter } = *proved;
    let present = app.store.session_of(seat.browser, half.errand.tenant.id).await?;
    let person = half.person();
    let newcomer =
        Newcomer { tenant: &half.errand.tenant, person: &person, admitted: &admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, onward);
    let mut details = vec![("factor", used.name().to_owned())];
    let (mut response, mut changes) = (response, beside(changes, used_up));
    if let Some(lasts) = half.may_remember().filter(|_| half.remembers.is_on()) {
        let owner = DeviceOwner { user: person.id, generation: person.generation };
        let actor = Actor::User { id: person.id, name: Arc::clone(&person.username) };
        let scene = Scene { tenant: half.errand.tenant.id, actor, origin, moment: app.moment() };
        let (cookie, device) = RememberedDevice::draw(owner, lasts, &scene);
        response = with_cookie(response, app.keep_device((scene.tenant, person.id), &cookie, lasts));
        changes = changes.with(FactorChange::Remember(Box::new(device)).into());
        details.push(("device", "remembered".to_owned()));
    }
    let changes = changes.detailed(Details::new(details));
    let letters: Vec<_> = letter.into_iter().collect();
    Ok(Verdict::Commit(response, app.with_letters(&half.errand.tenant, &letters, changes)?))
}

/// Signs somebody in who has set up what they lacked, and gives them this answer.
async fn admit(
    app: &App,
    call: &Call,
    half: &HalfWay,
    of: (&Admitted, &SignedInUser, &Origin),
    answer: impl Fn() -> Response,
) -> Result<Verdict<Response>, Fault> {
    let (admitted, person, origin) = of;
    let seat = match app.seat(&call.headers, half.errand.entry(half.account.user.id)).await? {
        Seated::Now(seat) => seat,
        Seated::Already(cookie) => {
            return Ok(Verdict::Answer(with_cookie(answer(), app.set_cookie(&cookie))));
        }
    };
    let present = app.store.session_of(seat.browser, half.errand.tenant.id).await?;
    let newcomer = Newcomer { tenant: &half.errand.tenant, person, admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, answer());
    Ok(Verdict::Commit(response, changes))
}
