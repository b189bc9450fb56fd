//! `/login/factor`: where somebody who has proved one factor proves another, or sets one up first. They are not signed in
//! before; what they have proved so far is in the address, for ten minutes and for this way alone.

pub(super) mod enrol;
mod others;

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{CHALLENGE_LIFETIME, ChallengeState};
use writ_core::change::Origin;
use writ_core::claims::AcrDemand;
use writ_core::details::Details;
use writ_core::error::ErrorCode;
use writ_core::form::{Form, write_pair};
use writ_core::ids::UserId;
use writ_core::people::Account;
use writ_core::people::factors::policy::{Admitted, Missing, Sufficiency, judge};
use writ_core::people::factors::prove::SecondProved;
use writ_core::people::factors::slip::Slip;
use writ_core::people::factors::{FactorKind, Factors};
use writ_core::people::sign_in::{SignedInUser, may_enter};
use writ_core::session::{Authentication, CookieEntry, SessionFacts};
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::Micros;

use super::account::Leaf;
use super::entering::{Newcomer, own_entry, seated};
use super::flow::{FlowPage, Instead, ShownChallenge, challenge_of, dressed, load, shown};
use super::login::onward as onward_of;
use super::parts::{Blamed, Focus, FormField, InputKind, Problem};
use super::passkeys::{PASSKEY, PasskeyButton, second_button, sent_in};
use super::people::{FormPage, form, posted, secret};
use crate::call::browser::Seated;
use crate::call::csrf::For;
use crate::call::fault::Fault;
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::factors::{SecondAttempt, SecondOutcome, beside};
use crate::manage::standing::{addressed, place, with_cookie};
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// What somebody is on the way to.
#[derive(Debug, Clone, Copy)]
pub(super) enum SlipBound<'a> {
    /// To the answer of a request that waits.
    Request(&'a str),
    /// To a page of their account.
    Account(Leaf),
}

impl SlipBound<'_> {
    /// What a slip is good for alone.
    pub(super) fn text(&self, tenant: &Tenant) -> String {
        match self {
            Self::Request(challenge) => format!("{}\n{challenge}", tenant.id),
            Self::Account(_) => format!("{}\naccount", tenant.id),
        }
    }
}

/// The address of the page.
pub(super) fn place_of(tenant: &Tenant, bound: &SlipBound<'_>) -> String {
    let mut address = place(tenant, "/login/factor");
    let (name, value) = match bound {
        SlipBound::Request(challenge) => ("login_challenge", *challenge),
        SlipBound::Account(leaf) => ("to", leaf.name()),
    };
    address.push(if address.contains('?') { '&' } else { '?' });
    write_pair(name, value, &mut address);
    address
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
    tenant: Arc<Tenant>,
    /// The request that waits; none: they are on the way to their account.
    request: Option<ShownChallenge>,
    leaf: Leaf,
    account: Account,
    proved: Authentication,
    factors: Factors,
    missing: Missing,
    /// Where the page's own form goes: with all that it was shown with.
    here: String,
    /// Whether they type a recovery code.
    by_code: bool,
}

impl HalfWay {
    async fn load(app: &App, call: &Call) -> Result<Self, Instead> {
        let tenant = addressed(app, call.slug.as_deref()).await?;
        let query = call.query()?;
        let request = match query.get("login_challenge") {
            Some(_) => Some(load(app, call, &tenant).await?),
            None => None,
        };
        if let Some(shown) = &request
            && !matches!(shown.waiting.challenge.state, ChallengeState::Waiting)
        {
            return Err(html::see_other(&onward_of(&tenant, shown)).into());
        }
        let leaf = query.get("to").map_or(Leaf::Home, Leaf::named);
        let bound = request
            .as_ref()
            .map_or(SlipBound::Account(leaf), |shown| SlipBound::Request(challenge_of(shown)));
        let again = || Instead::from(html::see_other(&sign_in_again(&tenant, &bound)));
        let slip = query.get("proved").and_then(|text| {
            Slip { purpose: "proved", bound: &bound.text(&tenant) }.read(text, app.clock.now(), &app.hash_key)
        });
        let known = match (slip.as_deref().and_then(|slip| said(slip)), &request) {
            (Some(said), _) => Some(said),
            // Whoever is signed in has proved one factor before.
            (None, Some(shown)) => signed_in(app, &tenant, shown).await?,
            (None, None) => None,
        };
        let (user, generation, proved) = known.ok_or_else(again)?;
        let account = app.store.account(user, tenant.id).await.map_err(Fault::from)?;
        let account = account
            .filter(|account| account.generation == generation && may_enter(account, &tenant).is_ok())
            .ok_or_else(again)?;
        let demand = demand_of(request.as_ref());
        let found = app.known_factors(user, tenant.id).await?;
        let setting = tenant.settings.second_factor;
        let missing = match judge(&proved, &found.assurance(setting, demand)) {
            Sufficiency::Lacks(missing) => missing,
            // What was wanted of them is not any more; or it was proved in another window.
            Sufficiency::Enough(_) => return Err(again()),
        };
        let mut here = place_of(&tenant, &bound);
        if let Some(text) = query.get("proved") {
            here.push('&');
            write_pair("proved", text, &mut here);
        }
        let factors = found.factors;
        // Whose only factors are passkeys, where the tenant takes none any more, has the codes that came with them.
        let has_none = !factors.has(FactorKind::Totp) && app.passkey_party(&tenant).is_none();
        let by_code = query.get("by") == Some("recovery") || has_none;
        Ok(Self { tenant, request, leaf, account, proved, factors, missing, here, by_code })
    }

    fn demand(&self) -> AcrDemand {
        demand_of(self.request.as_ref())
    }

    fn bound(&self) -> SlipBound<'_> {
        self.request
            .as_ref()
            .map_or(SlipBound::Account(self.leaf), |shown| SlipBound::Request(challenge_of(shown)))
    }

    /// What is asked for.
    fn wanted(&self) -> WantedProof {
        match (self.by_code, self.factors.has(FactorKind::Totp)) {
            _ if !self.proved.is_by_password() => WantedProof::Password,
            (true, _) => WantedProof::RecoveryCode,
            (false, true) => WantedProof::Code,
            (false, false) => WantedProof::Passkey,
        }
    }

    fn onward(&self) -> String {
        match &self.request {
            Some(shown) => onward_of(&self.tenant, shown),
            None => self.leaf.place(&self.tenant),
        }
    }

    /// What a form of the page is shown for.
    fn csrf(&self, app: &App) -> Option<String> {
        let shown = self.request.as_ref()?;
        Some(app.csrf_token(self.tenant.id, For::Challenge(challenge_of(shown))))
    }

    fn is_our_form(&self, app: &App, call: &Call, form: &Form<'_>) -> bool {
        let Some(shown) = &self.request else { return true };
        let token = form.get("csrf").unwrap_or_default();
        app.is_our_form(&call.headers, token, (self.tenant.id, For::Challenge(challenge_of(shown))))
    }

    /// Where forms lead in the end: on the way to an application, away from here.
    fn forms(&self) -> Forms {
        if self.request.is_some() { Forms::Leaving } else { Forms::Own }
    }

    fn person(&self) -> SignedInUser {
        SignedInUser::of(&self.account, self.proved.clone(), None)
    }

    fn entry(&self) -> CookieEntry {
        let person = self.person();
        match &self.request {
            Some(shown) => CookieEntry { challenge: shown.waiting.challenge.id, user: person.id },
            None => own_entry(&person),
        }
    }
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

fn demand_of(request: Option<&ShownChallenge>) -> AcrDemand {
    request.map_or(AcrDemand::Nothing, |shown| shown.waiting.challenge.request.claims.acr())
}

fn sign_in_again(tenant: &Tenant, bound: &SlipBound<'_>) -> String {
    match bound {
        SlipBound::Request(challenge) => {
            crate::manage::standing::with_challenge(&place(tenant, "/login"), challenge)
        }
        SlipBound::Account(leaf) => super::account::sign_in_place(tenant, *leaf),
    }
}

/// Who is signed in in the browser that a request waits in.
async fn signed_in(
    app: &App,
    tenant: &Tenant,
    shown: &ShownChallenge,
) -> Result<Option<(UserId, i64, Authentication)>, Instead> {
    let session = app.session(shown.browser.as_ref(), tenant).await?;
    let of = |session: SessionFacts| {
        let decider = writ_core::authorize::Decider::from(&session);
        (decider.user, decider.generation, decider.authentication)
    };
    Ok(session.filter(|session| super::login::may_prove_more(app, shown, session)).map(of))
}

/// `GET /login/factor`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let half = HalfWay::load(app, call).await?;
    Ok(match half.missing {
        Missing::Proof => page(app, &half, None),
        Missing::Enrolment => {
            enrol::page(app, &half, &app.offer_totp(half.tenant.id, half.account.user.id), None)
        }
    })
}

/// `POST /login/factor`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

async fn attempt(app: &App, call: &mut Call) -> FlowPage {
    let (_, body) = posted(app, call).await?;
    let half = HalfWay::load(app, call).await?;
    let form = form(&body)?;
    match (half.missing, form.get("offer")) {
        (Missing::Enrolment, _) if sent_in(&form, PASSKEY).is_some() => {
            let sent = sent_in(&form, PASSKEY).unwrap_or_default();
            return enrol::take_passkey(app, call, &half, (&form, sent)).await;
        }
        (Missing::Enrolment, _) => return enrol::take(app, call, &half, &form).await,
        (Missing::Proof, Some(offer)) => {
            if let Some(again) = enrol::again(app, call, &half, offer).await? {
                return Ok(again);
            }
        }
        (Missing::Proof, None) => {}
    }
    if !half.is_our_form(app, call, &form) {
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
    let csrf = half.csrf(app);
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
    let button = second_button(app, (&*half.tenant, &half.bound()), (half.account.user.id, &half.factors));
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
    let tenant = match &half.request {
        Some(shown) => dressed(&half.tenant, shown),
        None => Cow::Borrowed(&*half.tenant),
    };
    let page = FormPage {
        what: Some(say_html(what, &[("name", name)])),
        problem,
        hidden: &hidden,
        // So that a password manager knows whose code it is.
        account: Some(Legible::of(&half.account.user.username)),
        fields,
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
    html::private(status, &page, half.forms())
}

async fn prove(app: &App, call: &Call, half: &HalfWay, form: &Form<'_>) -> FlowPage {
    let typed = secret(form, "code");
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let attempt = SecondAttempt {
        tenant: &half.tenant,
        account: &half.account,
        proved: &half.proved,
        demand: half.demand(),
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
            if let Some(shown) = &half.request {
                app.give_back_authorization(&shown.waiting.challenge.request, origin.ip);
            }
            Ok(response)
        }
        Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => {
            let (what, remedy) = if half.by_code {
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

fn too_many() -> Problem {
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
    let onward = html::see_other(&half.onward());
    let (proved, seat) = match (outcome, app.seat(&call.headers, half.entry()).await?) {
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
    let present = app.store.session_of(seat.browser, half.tenant.id).await?;
    let person = half.person();
    let newcomer =
        Newcomer { tenant: &half.tenant, person: &person, admitted: &admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, onward);
    let changes = beside(changes, used_up).detailed(Details::new([("factor", used.name().to_owned())]));
    let letters: Vec<_> = letter.into_iter().collect();
    Ok(Verdict::Commit(response, app.with_letters(&half.tenant, &letters, changes)?))
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
    let seat = match app.seat(&call.headers, half.entry()).await? {
        Seated::Now(seat) => seat,
        Seated::Already(cookie) => {
            return Ok(Verdict::Answer(with_cookie(answer(), app.set_cookie(&cookie))));
        }
    };
    let present = app.store.session_of(seat.browser, half.tenant.id).await?;
    let newcomer = Newcomer { tenant: &half.tenant, person, admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, answer());
    Ok(Verdict::Commit(response, changes))
}
