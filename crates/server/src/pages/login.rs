//! `/login`: where somebody signs in for an application that waits.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{
    AccountChoice, AnsweredFacts, ChallengeState, Decided, Deciding, Offer, Say, Standing, again, offer,
};
use writ_core::change::Origin;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::people::factors::passkey::is_refused;
use writ_core::people::factors::policy::{Admitted, Sufficiency};
use writ_core::people::sign_in::{SignedInUser, is_leaving, is_unverified};
use writ_core::people::username_is_valid;
use writ_core::secret::Presented;
use writ_core::session::{CookieEntry, Lifetimes, SessionFacts};
use writ_core::settings::OwnText;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::upstream::ask::Anew;

use super::account::leave;
use super::asked;
use super::entering::{EntryWay, Newcomer, seated};
use super::errand::SlipBound;
use super::flow::{FlowPage, Instead, PresentPerson, ShownChallenge, challenge_of, dressed, load, shown};
use super::mailed;
use super::parts::{Blamed, Button, Focus, FormField, InputKind, Problem, WayElsewhere};
use super::passkeys::{self, PASSKEY, PasskeyButton, sent_in, sign_in_button};
use super::second;
use super::upstream;
use crate::call::browser::Seated;
use crate::call::csrf::For;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::call::words::{Html, own_text, say, say_for, say_html};
use crate::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use crate::manage::standing::{addressed, place, with_challenge, with_cookie};
use crate::manage::upstream::SentFor;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// Why somebody sees the form again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhyAgain {
    ForeignForm,
    /// The same for an unknown name, a wrong password, and somebody who may not sign in.
    NotSignedIn,
    /// The passkey was not taken.
    Passkey,
    /// The password is right.
    Unverified,
    /// The network has used up what it may try.
    TooMany,
    /// The server is busy.
    Busy,
}

impl WhyAgain {
    /// Why a password was not taken; none: the server could not look at it.
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        match fault.error.code() {
            _ if is_unverified(&fault.error) => Some(Self::Unverified),
            _ if is_refused(&fault.error) => Some(Self::Passkey),
            ErrorCode::InvalidGrant => Some(Self::NotSignedIn),
            ErrorCode::TooManyRequests => Some(Self::TooMany),
            // It passes.
            _ if fault.retry_after.is_some() => Some(Self::Busy),
            _ => None,
        }
    }

    /// The page that says so, with what was typed; where it passes, when to come again.
    pub(super) fn answered(self, page: Response, fault: &Fault) -> Response {
        match self {
            Self::TooMany | Self::Busy => html::later(page, fault),
            Self::ForeignForm | Self::NotSignedIn | Self::Passkey | Self::Unverified => page,
        }
    }

    /// What happened, and what to do.
    pub(super) fn problem(self) -> Problem {
        let (what, remedy) = match self {
            Self::ForeignForm => return Problem::new(say("old-form")),
            Self::NotSignedIn => (say("not-signed-in"), say("not-signed-in-remedy")),
            Self::Passkey => (say("passkey-refused"), say("passkey-refused-remedy")),
            Self::Unverified => (say("unverified"), say("unverified-remedy")),
            Self::TooMany => (say("too-many-sign-ins"), say("wait-and-retry")),
            Self::Busy => (say("server-busy"), say("wait-and-retry")),
        };
        Problem { what, remedy, link: None }
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    frame: Frame<'a>,
    title: String,
    client: Html,
    /// What stands for the application.
    logo: Option<Html>,
    /// What the tenant says here.
    intro: Option<&'a str>,
    problem: Option<Problem>,
    offer: Offered<'a>,
    signed_in: Html,
    continue_as: Html,
    action: &'a str,
    csrf: &'a str,
    username: FormField<'a>,
    password: FormField<'a>,
    button: Button,
    /// Another way in.
    passkey: Option<PasskeyButton>,
    /// Where people may register themselves.
    register: Option<&'a str>,
    /// Where else they may sign in.
    ways: Vec<WayElsewhere>,
    /// What the application is called.
    name: Legible<'a>,
    /// Where it says more of itself.
    links: Vec<(&'a str, String)>,
}

framed!(Login);

/// What somebody who is signed in is offered.
enum Offered<'a> {
    Nothing,
    /// To go on with their account, there.
    Account(Legible<'a>, String),
    /// To prove again that it is them.
    Proof(Legible<'a>),
}

/// `GET /login`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /login`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

pub(super) fn onward(tenant: &Tenant, shown: &ShownChallenge) -> String {
    with_challenge(&place(tenant, "/consent"), challenge_of(shown))
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let shown = load(app, call, &tenant).await?;
    // What was decided goes on at the consent page.
    if !matches!(shown.waiting.challenge.state, ChallengeState::Waiting) {
        return Ok(html::see_other(&onward(&tenant, &shown)));
    }
    // Whoever is signed in, and only has to prove more, does not begin again.
    let present = PresentPerson::of(app, &tenant, &shown).await?;
    if may_prove_more(app, &shown, &present) {
        return Ok(html::see_other(&second::place_of(&tenant, &SlipBound::Request(challenge_of(&shown)))));
    }
    let elsewhere = upstream::problem(app, &tenant, &call.query()?).await?;
    Ok(page(app, &tenant, &shown, LoginFilled { elsewhere, ..LoginFilled::default() }).await?)
}

/// What somebody has filled in, and what came of it.
#[derive(Default)]
struct LoginFilled<'a> {
    username: Option<&'a str>,
    why: Option<WhyAgain>,
    /// What another identity provider brought.
    elsewhere: Option<Problem>,
}

/// Whether whoever is signed in needs only to prove more.
pub(super) fn may_prove_more(app: &App, shown: &ShownChallenge, present: &PresentPerson) -> bool {
    matches!(offer_of(app, shown, present), Offer::ProveMore(_))
}

/// What whoever is signed in can be offered.
fn offer_of<'a>(app: &'a App, shown: &'a ShownChallenge, present: &'a PresentPerson) -> Offer<'a> {
    let waiting = &shown.waiting;
    let standing = Standing {
        request: &waiting.challenge.request,
        client: &waiting.facts.client,
        hash_key: &app.hash_key,
        session: present.session.as_ref(),
        consent: None,
        waiting_since: Some(waiting.challenge.created_at),
        account: AccountChoice::Open,
        further: present.further,
    };
    offer(&standing, app.clock.now())
}

/// What somebody who is signed in is offered, and how they are called.
fn offered<'a>(
    app: &App,
    tenant: &Tenant,
    shown: &ShownChallenge,
    present: &'a PresentPerson,
) -> (Offered<'a>, Option<&'a str>) {
    let offer = offer_of(app, shown, present);
    let name = present.session.as_ref().and_then(|session| session.username.as_deref());
    let Some(name) = name else { return (Offered::Nothing, None) };
    let legible = Legible::of(name);
    match offer {
        Offer::Nothing => (Offered::Nothing, None),
        Offer::GoOn(_) => (Offered::Account(legible, onward(tenant, shown)), Some(name)),
        Offer::Choose(session) => {
            let token = app.csrf_token(tenant.id, For::Account(challenge_of(shown), session.id));
            (Offered::Account(legible, format!("{}&account={token}", onward(tenant, shown))), Some(name))
        }
        Offer::ProveAgain(_) | Offer::ProveMore(_) => (Offered::Proof(legible), Some(name)),
    }
}

/// The name that the field begins with: what was typed, what the application said, or who has to prove themselves again.
fn typed<'a>(
    shown: &'a ShownChallenge,
    filled: Option<&'a str>,
    offer: &Offered<'_>,
    known: Option<&'a str>,
) -> &'a str {
    if let Some(filled) = filled {
        return filled;
    }
    let hint = shown.waiting.challenge.request.login_hint.as_deref();
    // What an application writes into the field is a name, or nothing.
    match (hint.filter(|hint| username_is_valid(hint)), offer) {
        (Some(hint), _) => hint,
        (None, Offered::Proof(_)) => known.unwrap_or_default(),
        (None, Offered::Nothing | Offered::Account(..)) => "",
    }
}

async fn page(
    app: &App,
    tenant: &Tenant,
    shown: &ShownChallenge,
    form: LoginFilled<'_>,
) -> Result<Response, Fault> {
    let LoginFilled { username: filled, why, elsewhere } = form;
    let bound = ("login_challenge", challenge_of(shown));
    let (mut ways, providers) = upstream::ways(app, tenant, Some(bound)).await?;
    ways.extend(mailed::way(app, tenant, &SlipBound::Request(challenge_of(shown))));
    let tenant = &*dressed(tenant, shown);
    let present = PresentPerson::of(app, tenant, shown).await?;
    let (offer, known) = offered(app, tenant, shown, &present);
    let name = typed(shown, filled, &offer, known);
    let here = |path| with_challenge(&place(tenant, path), challenge_of(shown));
    let problem = why.map(|why| Problem {
        link: (why == WhyAgain::Unverified && app.sends_mail())
            .then(|| (here("/verify-email"), say("send-another-email"))),
        ..why.problem()
    });
    let problem = problem.or(elsewhere);
    let blamed = if why.is_some() { Blamed::Yes } else { Blamed::No };
    let has_account = matches!(offer, Offered::Account(..));
    // Whoever is offered to go on reads that first.
    let (first, second) = match (has_account, name.is_empty()) {
        (true, _) => (Focus::Elsewhere, Focus::Elsewhere),
        (false, true) => (Focus::Here, Focus::Elsewhere),
        (false, false) => (Focus::Elsewhere, Focus::Here),
    };
    let is_choice = matches!(&offer, Offered::Account(_, onward) if onward.contains("&account="));
    let title =
        if is_choice { say("choose-title") } else { say_for(tenant, OwnText::SignInTitle, "sign-in-title") };
    let button = say("sign-in-button");
    let strong = known.map(|known| Html::strong(Legible::of(known).as_str())).unwrap_or_default();
    let signed_in = if has_account { "signed-in-as" } else { "prove-again" };
    let called = Legible::of(shown.waiting.client_name());
    let logo = shown.waiting.client_logo(app, tenant.id).await?;
    let register = app.is_open_to_all(tenant).then(|| here("/register"));
    let passkey = sign_in_button(app, tenant, &SlipBound::Request(challenge_of(shown)));
    let page = Login {
        frame: PasskeyButton::in_frame(Frame::of(tenant, &title), passkey.as_ref()),
        title,
        client: say_html("sign-in-to", &[("client", Html::strong(called.as_str()))]),
        logo: logo.as_ref().map(Html::logo),
        intro: own_text(tenant, OwnText::SignInIntro),
        problem,
        signed_in: say_html(signed_in, &[("name", strong)]),
        continue_as: say_html(
            "continue-as",
            &[("name", known.map(|known| Html::name(Legible::of(known).as_str())).unwrap_or_default())],
        ),
        offer,
        action: &here("/login"),
        csrf: &app.csrf_token(tenant.id, For::Challenge(challenge_of(shown))),
        username: FormField {
            value: name,
            focus: first,
            blamed,
            ..FormField::new("username", InputKind::SignInName, say("username-label"))
        },
        password: FormField {
            focus: second,
            blamed,
            needed: upstream::needs_password(&providers),
            link: app.sends_mail().then(|| (here("/reset-password"), say("forgot"))),
            ..FormField::new("password", InputKind::Password, say("password-label"))
        },
        button: if has_account { Button::other(button) } else { Button::main(button) },
        passkey,
        register: register.as_deref(),
        ways,
        name: called,
        links: asked::links(&shown.waiting),
    };
    let status = if why.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(html::private(status, &page, Forms::Leaving))
}

async fn attempt(app: &App, call: &mut Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form = Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))?;
    let shown = load(app, call, &tenant).await?;
    if !may_still_sign_in(app, &tenant, &shown) {
        return Ok(html::see_other(&onward(&tenant, &shown)));
    }
    let username = form.get("username").unwrap_or_default();
    let again = |why| {
        let filled = LoginFilled { username: Some(username), why: Some(why), elsewhere: None };
        page(app, &tenant, &shown, filled)
    };
    let token = form.get("csrf").unwrap_or_default();
    if !app.is_our_form(&call.headers, token, (tenant.id, For::Challenge(challenge_of(&shown)))) {
        return Ok(again(WhyAgain::ForeignForm).await?);
    }
    let providers = app.ways_elsewhere(tenant.id).await?;
    let typed = (username, form.get("password").unwrap_or_default());
    if let Some(provider) = upstream::leads_elsewhere(&providers, typed) {
        let sent_for = SentFor::Request(challenge_of(&shown).into());
        let there = (&sent_for, Some(username.trim()), Anew::No);
        return upstream::away(app, call, (&tenant, provider), there).await;
    }
    let password = Presented::new(form.get("password").unwrap_or_default().to_owned());
    let browser = shown.browser.as_ref().map(|browser| browser.facts.id);
    let origin = Origin { browser, ..call.origin() };
    let demand = shown.waiting.challenge.request.claims.acr();
    if let Some(sent) = sent_in(&form, PASSKEY) {
        let way = EntryWay {
            tenant: &tenant,
            bound: SlipBound::Request(challenge_of(&shown)),
            request: Some(shown.waiting.challenge.id),
            demand,
            onward: &onward(&tenant, &shown),
            origin: &origin,
        };
        return match passkeys::enter(app, call, &way, sent).await {
            Ok(response) => {
                app.give_back_authorization(&shown.waiting.challenge.request, origin.ip);
                Ok(response)
            }
            Err(fault) => {
                let Some(why) = WhyAgain::of(&fault) else { return Err(fault.into()) };
                Ok(why.answered(again(why).await?, &fault))
            }
        };
    }
    let purpose = PasswordPurpose::SignIn(demand);
    let attempt =
        PasswordAttempt { tenant: &tenant, username, password: &password, origin: &origin, purpose };
    let person = match app.check_password(&attempt).await {
        Ok(person) => person,
        Err(fault) if is_leaving(&fault.error) => return leave::offer(app, &tenant, username).await,
        Err(fault) => {
            let Some(why) = WhyAgain::of(&fault) else { return Err(fault.into()) };
            return Ok(why.answered(again(why).await?, &fault));
        }
    };
    let_in(app, call, (&tenant, &shown), (&person, &origin)).await
}

/// Signs somebody in who has proved to be themselves, here or elsewhere; where that is not enough, they are asked for more.
pub(super) async fn let_in(
    app: &App,
    call: &Call,
    (tenant, shown): (&Tenant, &ShownChallenge),
    (person, origin): (&SignedInUser, &Origin),
) -> FlowPage {
    app.give_back_authorization(&shown.waiting.challenge.request, origin.ip);
    let demand = shown.waiting.challenge.request.claims.acr();
    let person = &app.on_device(&call.headers, (tenant, demand), person.clone()).await?;
    let Some(Sufficiency::Enough(admitted)) = &person.sufficiency else {
        let bound = SlipBound::Request(challenge_of(shown));
        return Ok(html::see_other(&second::place_for(app, tenant, &bound, person)));
    };
    let entering = Entering { tenant, shown, person, admitted, origin };
    app.rounds(|_| enter(app, call, &entering)).await
}

/// Whether the form may still come: for a request that waits, or, a second time, for one that was answered a moment ago.
pub(super) fn may_still_sign_in(app: &App, tenant: &Tenant, shown: &ShownChallenge) -> bool {
    match &shown.waiting.challenge.state {
        ChallengeState::Waiting => true,
        ChallengeState::Answered(AnsweredFacts { at, code: Some(_), .. }) => {
            app.clock.now() < at.plus(tenant.settings.refresh_grace)
        }
        ChallengeState::Answered(_) | ChallengeState::Held(_) => false,
    }
}

/// Somebody who has proved to be themselves.
struct Entering<'a> {
    tenant: &'a Tenant,
    /// For what.
    shown: &'a ShownChallenge,
    person: &'a SignedInUser,
    admitted: &'a Admitted,
    origin: &'a Origin,
}

/// Records the sign-in and sends the browser on with its new cookie. Where this very form has come before, it is signed in
/// already and gets the same cookie again.
async fn enter(app: &App, call: &Call, who: &Entering<'_>) -> Result<Verdict<Response>, Instead> {
    let Entering { tenant, shown, person, admitted, origin } = *who;
    let entry = CookieEntry { challenge: shown.waiting.challenge.id, user: person.id };
    let seat = match app.seat(&call.headers, entry).await? {
        Seated::Now(seat) => seat,
        Seated::Already(cookie) => {
            let response = sent_on(app, (tenant, shown), person).await?;
            return Ok(Verdict::Answer(with_cookie(response, app.set_cookie(&cookie))));
        }
    };
    let present = app.store.session_of(seat.browser, tenant.id).await?;
    // What was answered needs nobody to sign in any more: they have.
    if !matches!(shown.waiting.challenge.state, ChallengeState::Waiting)
        && present.as_ref().is_some_and(|session| is_theirs(app, tenant, session, person))
    {
        return Ok(Verdict::Answer(sent_on(app, (tenant, shown), person).await?));
    }
    let newcomer = Newcomer { tenant, person, admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, html::see_other(&onward(tenant, shown)));
    Ok(Verdict::Commit(response, changes))
}

fn is_theirs(app: &App, tenant: &Tenant, session: &SessionFacts, person: &SignedInUser) -> bool {
    session.user == person.id && session.live(Lifetimes::from(&tenant.settings), app.clock.now())
}

/// Where somebody goes on whose form came twice: to the same answer, if it has left and nobody has used it.
async fn sent_on(
    app: &App,
    at: (&Tenant, &ShownChallenge),
    person: &SignedInUser,
) -> Result<Response, Fault> {
    let (tenant, shown) = at;
    let waiting = &shown.waiting;
    let code = match waiting.challenge.state {
        ChallengeState::Answered(AnsweredFacts { code: Some(code), .. }) => {
            app.store.code(code, tenant.id).await?
        }
        ChallengeState::Answered(_) | ChallengeState::Held(_) | ChallengeState::Waiting => None,
    };
    let origin = Origin::default();
    let deciding = Deciding {
        facts: &waiting.facts,
        request: &waiting.challenge.request,
        challenge: Some(waiting.asked(challenge_of(shown), app)),
        origin: &origin,
        moment: app.moment(),
        hash_key: &app.hash_key,
    };
    Ok(match again(&deciding, (person.id, Say::Yes), code.as_ref()) {
        Some(Decided::Now(answered)) => html::answered(&app.as_wanted(*answered, &waiting.facts).await?),
        Some(Decided::Later(_)) | None => html::see_other(&onward(tenant, shown)),
    })
}
