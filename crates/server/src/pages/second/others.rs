//! The second step by something else than a code: by a passkey, or by the password of somebody who began with a passkey that
//! did not verify them.

use axum::response::Response;
use writ_core::change::Origin;
use writ_core::form::Form;
use writ_core::people::factors::passkey::{PasskeyPurpose, is_refused};
use writ_core::people::factors::policy::Sufficiency;
use writ_core::people::sign_in::SignedInUser;
use writ_core::session::FactorUsed;

use super::super::flow::FlowPage;
use super::super::login::WhyAgain;
use super::super::parts::Problem;
use super::super::passkeys::second_bound;
use super::super::people::secret;
use super::{HalfWay, admit, finish, page, too_many};
use crate::call::browser::Seated;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::passkeys::UsedPasskey;
use crate::call::request::Call;
use crate::call::words::say;
use crate::edge::shares::Share;
use crate::manage::factors::{SecondOutcome, TakenSecond};
use crate::manage::passkeys::{PasskeyAttempt, ProofOutcome, asked};
use crate::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use crate::manage::standing::with_cookie;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// Signs somebody in who began with a passkey that did not verify them, and has typed their password.
pub(super) async fn prove_password(app: &App, call: &Call, half: &HalfWay, form: &Form<'_>) -> FlowPage {
    let password = secret(form, "password");
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let attempt = PasswordAttempt {
        tenant: &half.errand.tenant,
        username: &half.account.user.username,
        password: &password,
        origin: &origin,
        purpose: PasswordPurpose::SignIn(half.errand.demand()),
    };
    if let Err(fault) = app.check_password(&attempt).await {
        let Some(why) = WhyAgain::of(&fault) else { return Err(fault.into()) };
        let problem = match why {
            WhyAgain::NotSignedIn => Problem::new(say("current-password-wrong")),
            why => why.problem(),
        };
        return Ok(why.answered(page(app, half, Some(problem)), &fault));
    }
    let known = app.known_factors(half.account.user.id, half.errand.tenant.id).await?;
    let assurance = known.assurance(&half.errand.tenant.settings, half.errand.demand());
    let person = SignedInUser::of(&half.account, half.proved.and(FactorUsed::Password), Some(&assurance));
    let Some(Sufficiency::Enough(admitted)) = &person.sufficiency else {
        return Ok(html::see_other(&half.here));
    };
    let answer = || html::see_other(&half.errand.onward());
    let done: Result<Response, Fault> =
        app.rounds(|_| admit(app, call, half, (admitted, &person, &origin), answer)).await;
    Ok(done?)
}

/// Signs somebody in whose second factor is the passkey that was sent.
pub(super) async fn prove_passkey(app: &App, call: &Call, half: &HalfWay, sent: &str) -> FlowPage {
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let taken = match app.take_share(Share::SignIns, origin.ip, 1) {
        Ok(taken) => taken,
        Err(fault) => return Ok(html::later(page(app, half, Some(too_many())), &fault)),
    };
    let refused = || {
        let what = say("passkey-refused");
        page(app, half, Some(Problem { what, remedy: say("passkey-refused-remedy"), link: None }))
    };
    let Ok(used) = UsedPasskey::read(sent) else {
        // One that was made a moment ago, in a form that came twice.
        return Ok(match app.seat(&call.headers, half.errand.entry(half.account.user.id)).await? {
            Seated::Already(cookie) => {
                with_cookie(html::see_other(&half.errand.onward()), app.set_cookie(&cookie))
            }
            Seated::Now(_) => refused(),
        });
    };
    let bound = second_bound(&half.errand.tenant, &half.errand.bound(), half.account.user.id);
    let challenge = asked(PasskeyPurpose::Second, &bound);
    let attempt = PasskeyAttempt { tenant: &half.errand.tenant, used: &used, challenge, origin: &origin };
    let done: Result<Response, Fault> = app.rounds(|_| enter_passkey(app, call, half, &attempt)).await;
    match done {
        Ok(response) => {
            app.second_succeeded(TakenSecond::of(taken));
            half.errand.arrived(app, call);
            Ok(response)
        }
        Err(fault) if is_refused(&fault.error) => Ok(refused()),
        Err(fault) => Err(fault.into()),
    }
}

async fn enter_passkey(
    app: &App,
    call: &Call,
    half: &HalfWay,
    attempt: &PasskeyAttempt<'_>,
) -> Result<Verdict<Response>, Fault> {
    let of = (&half.account, &half.proved, half.errand.demand());
    let outcome = match app.try_second_passkey(attempt, of).await? {
        Verdict::Answer(ProofOutcome::Proved(proved)) => SecondOutcome::Proved(proved),
        Verdict::Answer(ProofOutcome::Again(_)) => SecondOutcome::Again,
        Verdict::Refuse(refusal) => return Ok(Verdict::Refuse(refusal)),
        Verdict::Commit(..) | Verdict::Bound(..) | Verdict::Confirmed(_) | Verdict::Stale => {
            return Ok(Verdict::Stale);
        }
    };
    finish(app, call, half, (outcome, attempt.origin)).await
}
