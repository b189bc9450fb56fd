//! `/login/mail`: where people sign in by a link or a code that is mailed to them. The browser that asked is the one that is
//! signed in: a link that is opened elsewhere does nothing, and opening it here changes nothing.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::flow_proof;
use writ_core::change::{Action, Origin};
use writ_core::form::{Form, write_pair};
use writ_core::ids::LinkId;
use writ_core::people::mailed::{MailedProof, token};
use writ_core::people::sign_in::refused;
use writ_core::people::username_is_valid;
use writ_core::secret::Presented;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::entering::{EntryWay, Proven, let_in_by};
use super::errand::{Errand, SlipBound};
use super::flow::{FlowPage, challenge_of, shown};
use super::message::{Message, message};
use super::parts::{Badge, Blamed, Focus, FormField, InputKind, Problem, WayElsewhere};
use super::people::{FormPage, form, later, posted, secret};
use super::second::{too_many, wrong_code};
use crate::call::browser::Seated;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::mailed::{MailedAttempt, is_refused};
use crate::manage::passkeys::ProofOutcome;
use crate::manage::people::Visitor;
use crate::manage::standing::{addressed, with_cookie};
use crate::state::app::App;
use crate::state::rounds::Verdict;

const PATH: &str = "/login/mail";
/// The word in the audit log for what signed somebody in.
const BY: &str = "mail";

/// The way to the page; none: the tenant has it off.
pub(super) fn way(app: &App, tenant: &Tenant, bound: &SlipBound<'_>) -> Option<WayElsewhere> {
    let address = || bound.at(tenant, PATH);
    app.has_mailed_sign_in(tenant).then(|| WayElsewhere { address: address(), words: say("mailed-way") })
}

/// Which letter somebody comes with, and what of it; none: they ask for one.
enum Brought {
    Nothing,
    /// The letter was sent, and its code is asked for.
    Asked(LinkId),
    /// Its link was followed.
    Link(Presented),
}

impl Brought {
    fn of(call: &Call) -> Result<Self, Fault> {
        let query = call.query()?;
        Ok(match (query.get("token"), query.get("asked").and_then(LinkId::parse_uuid)) {
            (Some(token), _) => Self::Link(Presented::new(token.to_owned())),
            (None, Some(id)) => Self::Asked(id),
            (None, None) => Self::Nothing,
        })
    }
}

/// Whether a letter was asked for in this browser.
fn began_here(app: &App, call: &Call, id: LinkId) -> bool {
    let begun = id.to_string();
    let kept = app.kept_of_flow(&call.headers, &begun);
    kept.is_some_and(|kept| kept.ct_eq(&flow_proof(&begun, &app.hash_key)))
}

/// `GET /login/mail`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let brought = Brought::of(call)?;
    if let Brought::Link(text) = &brought {
        let tenant = addressed(app, call.slug.as_deref()).await?;
        let link = token(text).filter(|link| began_here(app, call, link.id));
        let Some(link) = link else { return Ok(elsewhere(&tenant)) };
        let errand = Errand::of(app, call).await?;
        let origin = call.origin();
        let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: None };
        let attempt = MailedAttempt { id: link.id, proof: MailedProof::Link(link), visitor };
        return Ok(match app.mailed_owner(&attempt).await? {
            Some(owner) => confirm(app, &errand, (text, &owner.user.username)),
            None => ask(app, &errand, ("", Some(wrong_code()))),
        });
    }
    let errand = Errand::of(app, call).await?;
    if !app.has_mailed_sign_in(&errand.tenant) {
        return Ok(errand.again());
    }
    if let Brought::Asked(id) = brought {
        return Ok(waiting(app, &errand, id, None));
    }
    let hint =
        errand.request.as_ref().and_then(|shown| shown.waiting.challenge.request.login_hint.as_deref());
    let hint = hint.filter(|hint| username_is_valid(hint)).unwrap_or_default();
    Ok(ask(app, &errand, (hint, None)))
}

/// What is said of a link that was opened in another browser.
fn elsewhere(tenant: &Tenant) -> Response {
    let said = Message::new(say("mailed-elsewhere-title"), Html::plain(&say("mailed-elsewhere")));
    message(StatusCode::BAD_REQUEST, tenant, Message { badge: Some(Badge::IMPOSSIBLE), ..said })
}

fn hidden<'a>(csrf: Option<&'a str>, more: Option<(&'static str, &'a str)>) -> Vec<(&'static str, &'a str)> {
    csrf.map(|csrf| ("csrf", csrf)).into_iter().chain(more).collect()
}

fn blamed(problem: Option<&Problem>) -> Blamed {
    if problem.is_some() { Blamed::Yes } else { Blamed::No }
}

/// A page on the way there.
fn page_of(errand: &Errand, page: &FormPage<'_>) -> Response {
    let status = if page.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    html::private(status, page, errand.forms())
}

/// The page that asks for a name.
fn ask(app: &App, errand: &Errand, (username, problem): (&str, Option<Problem>)) -> Response {
    let (tenant, bound) = (errand.dressed(), errand.bound());
    let (csrf, action) = (errand.csrf(app), bound.at(&tenant, PATH));
    let fields = [FormField {
        value: username,
        focus: Focus::Here,
        blamed: blamed(problem.as_ref()),
        ..FormField::new("username", InputKind::Username, say("username-or-address"))
    }];
    let named = Html::name(Legible::of(&tenant.name).as_str());
    let page = FormPage {
        what: Some(say_html("mailed-what", &[("tenant", named)])),
        problem,
        hidden: &hidden(csrf.as_deref(), None),
        fields: &fields,
        under: Some((String::new(), bound.beginning(&tenant), say("back-to-sign-in"))),
        ..FormPage::new(&tenant, "mailed-title", &action, "mailed-button")
    };
    page_of(errand, &page)
}

fn address_of(errand: &Errand, id: LinkId) -> String {
    let mut address = errand.bound().at(&errand.tenant, PATH);
    address.push('&');
    write_pair("asked", &id.to_string(), &mut address);
    address
}

/// The page that says that a letter is on its way, whether or not one is, and takes the code in it.
fn waiting(app: &App, errand: &Errand, id: LinkId, problem: Option<Problem>) -> Response {
    let (tenant, bound) = (errand.dressed(), errand.bound());
    let (csrf, action) = (errand.csrf(app), address_of(errand, id));
    let fields = [FormField {
        focus: Focus::Here,
        blamed: blamed(problem.as_ref()),
        ..FormField::new("code", InputKind::LongCode, say("mailed-code-label"))
    }];
    let page = FormPage {
        what: Some(Html::plain(&say("mailed-sent"))),
        problem,
        hidden: &hidden(csrf.as_deref(), None),
        fields: &fields,
        under: Some((String::new(), bound.at(&tenant, PATH), say("mailed-again"))),
        ..FormPage::new(&tenant, "check-email-title", &action, "sign-in-button")
    };
    page_of(errand, &page)
}

/// The page behind a link: it asks before it acts.
fn confirm(app: &App, errand: &Errand, (token, username): (&Presented, &str)) -> Response {
    let tenant = errand.dressed();
    let (csrf, action) = (errand.csrf(app), errand.bound().at(&tenant, PATH));
    let named = Html::name(Legible::of(&tenant.name).as_str());
    let who = Html::strong(Legible::of(username).as_str());
    let page = FormPage {
        what: Some(say_html("mailed-confirm", &[("tenant", named), ("name", who)])),
        hidden: &hidden(csrf.as_deref(), Some(("token", token.expose()))),
        ..FormPage::new(&tenant, "mailed-title", &action, "sign-in-button")
    };
    page_of(errand, &page)
}

/// `POST /login/mail`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

async fn attempt(app: &App, call: &mut Call) -> FlowPage {
    let (_, body) = posted(app, call).await?;
    let (form, errand) = (form(&body)?, Errand::of(app, call).await?);
    if !app.has_mailed_sign_in(&errand.tenant) {
        return Ok(errand.again());
    }
    let brought = match form.get("token") {
        Some(text) => Brought::Link(Presented::new(text.to_owned())),
        None => Brought::of(call)?,
    };
    if !errand.is_our_form(app, call, &form) {
        let name = form.get("username").unwrap_or_default();
        return Ok(ask(app, &errand, (name, Some(Problem::new(say("old-form"))))));
    }
    match brought {
        Brought::Nothing => send(app, call, &errand, &form).await,
        Brought::Link(text) => match token(&text) {
            Some(link) => enter(app, call, &errand, (link.id, MailedProof::Link(link))).await,
            None => Ok(ask(app, &errand, ("", Some(wrong_code())))),
        },
        Brought::Asked(id) => {
            let typed = secret(&form, "code");
            enter(app, call, &errand, (id, MailedProof::Code(&typed))).await
        }
    }
}

/// Sends the letter that a form asks for, and has the browser remember that it has asked.
async fn send(app: &App, call: &Call, errand: &Errand, form: &Form<'_>) -> FlowPage {
    let (username, origin) = (form.get("username").unwrap_or_default(), call.origin());
    let challenge = errand.request.as_ref().map(challenge_of);
    match app.mail_sign_in(Visitor { tenant: &errand.tenant, origin: &origin, challenge }, username).await {
        Ok(id) => {
            let kept = app.remember_flow(&call.headers, &id.to_string());
            let onward = html::see_other(&address_of(errand, id));
            Ok(kept.into_iter().map(Some).fold(onward, with_cookie))
        }
        Err(fault) => later(fault, |problem| ask(app, errand, (username, Some(problem)))),
    }
}

/// Signs somebody in by what they bring.
async fn enter(app: &App, call: &Call, errand: &Errand, (id, proof): (LinkId, MailedProof<'_>)) -> FlowPage {
    let again = |problem| match proof {
        MailedProof::Code(_) => waiting(app, errand, id, Some(problem)),
        MailedProof::Link(_) => ask(app, errand, ("", Some(problem))),
    };
    if !began_here(app, call, id) {
        return Ok(elsewhere(&errand.tenant));
    }
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let visitor = Visitor { tenant: &errand.tenant, origin: &origin, challenge: None };
    let attempt = MailedAttempt { id, proof, visitor };
    let taken = match app.reserve_mailed(&attempt).await {
        Ok(Some(taken)) => taken,
        Ok(None) => return Ok(again(too_many())),
        Err(fault) => return later(fault, again),
    };
    let done: Result<Response, Fault> = app.rounds(|_| round(app, call, errand, &attempt)).await;
    match done {
        Ok(response) => {
            app.second_succeeded(taken);
            errand.arrived(app, call);
            Ok(response)
        }
        Err(fault) if is_refused(&fault) => Ok(again(wrong_code())),
        Err(fault) => Err(fault.into()),
    }
}

async fn round(
    app: &App,
    call: &Call,
    errand: &Errand,
    attempt: &MailedAttempt<'_>,
) -> Result<Verdict<Response>, Fault> {
    let outcome = match app.try_mailed(attempt, errand.demand()).await? {
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
    let onward = errand.onward();
    let (proved, seat) = match (outcome, app.seat(&call.headers, errand.entry(user)).await?) {
        (_, Seated::Already(cookie)) => {
            return Ok(Verdict::Answer(with_cookie(html::see_other(&onward), app.set_cookie(&cookie))));
        }
        (ProofOutcome::Proved(proved), Seated::Now(seat)) => (*proved, seat),
        // It was used, and not for this browser.
        (ProofOutcome::Again(_), Seated::Now(_)) => {
            return Ok(refused().into());
        }
    };
    let way = EntryWay {
        tenant: &errand.tenant,
        bound: errand.bound(),
        request: errand.request.as_ref().map(|shown| shown.waiting.challenge.id),
        demand: errand.demand(),
        onward: &onward,
        origin: attempt.visitor.origin,
    };
    let_in_by(app, call, (&way, seat), Proven { proved, accepted: Action::SignInMailAccepted, by: BY }).await
}
