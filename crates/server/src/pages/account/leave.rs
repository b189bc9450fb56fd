//! `/account/delete` and `/account/keep`: people delete their account, and think again.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::change::{Actor, Origin};
use writ_core::claims::AcrDemand;
use writ_core::error::ErrorCode;
use writ_core::people::leaving::{Departure, keep as decide};
use writ_core::people::sign_in::SignedInUser;
use writ_core::people::{Account, username_key};
use writ_core::scene::Scene;
use writ_core::secret::Presented;
use writ_core::session::Authentication;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::super::entering::{ProvedOwner, enter_account};
use super::super::flow::{FlowPage, shown};
use super::super::message::{Message, message};
use super::super::parts::{Badge, Button, Focus, FormField, InputKind, Problem};
use super::super::people::{FormPage, form, later, posted, said_of, secret};
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, say, say_html, say_of};
use crate::manage::standing::place;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

#[derive(Template)]
#[template(path = "people/leave.html")]
struct LeavePage<'a> {
    frame: Frame<'a>,
    title: String,
    what: Html,
    /// What happens to what, a paragraph each.
    told: Vec<Html>,
    problem: Option<Problem>,
    action: &'a str,
    csrf: &'a str,
    username: Legible<'a>,
    password: FormField<'a>,
    button: Button,
    account: &'a str,
}

framed!(LeavePage);

/// `GET /account/delete`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Delete).await?;
    if !owner.tenant.settings.account_deletion.is_on() {
        return Ok(html::see_other(&owner.place(Leaf::Home)));
    }
    Ok(page(app, &owner, (None, None)))
}

/// What is wrong with the password, and with the whole.
type LeaveProblems = (Option<String>, Option<Problem>);

fn page(app: &App, owner: &Owner, (wrong, problem): LeaveProblems) -> Response {
    let tenant = &*owner.tenant;
    let name = Legible::of(owner.session.username.as_deref().unwrap_or_default());
    let own = Html::name(Legible::of(&tenant.name).as_str());
    let grace = tenant.settings.account_deletion_grace;
    let when = if grace.0 == 0 {
        Html::plain(&say("leave-now"))
    } else {
        let until = When::on(app.clock.now().plus(grace));
        Html::plain(&say_of("leave-grace", &[("when", until.words())]))
    };
    let data = Html::link(&place(tenant, "/account/data"), &say("leave-data"));
    let status = if wrong.is_some() || problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let title = say("delete-account");
    let page = LeavePage {
        frame: Frame::of(tenant, &title),
        title,
        what: say_html("leave-what", &[("name", Html::strong(name.as_str())), ("tenant", own.clone())]),
        told: vec![
            Html::plain(&say("leave-out")),
            when,
            Html::plain(&say("leave-gone")),
            say_html("leave-stays", &[("tenant", own), ("data", data)]),
        ],
        problem,
        action: &owner.place(Leaf::Delete),
        csrf: &owner.csrf(app),
        username: name,
        password: FormField {
            error: wrong.as_deref(),
            focus: Focus::Elsewhere,
            ..FormField::new("current_password", InputKind::Password, say("current-password-label"))
        },
        button: Button::risky(say("leave-button")),
        account: &owner.place(Leaf::Home),
    };
    html::private(status, &page, Forms::Own)
}

/// `POST /account/delete`.
pub async fn leave(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(take(&app, &mut call).await)
}

async fn take(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Delete).await?;
    let form = form(&body)?;
    if !owner.is_our_form(app, (call, &form)) {
        return Ok(page(app, &owner, (None, Some(Problem::new(say("old-form"))))));
    }
    let (origin, current) = (call.origin(), secret(&form, "current_password"));
    let left = app.rounds(|_| leaving(app, &owner, (&origin, &current))).await;
    match left {
        Ok(leaving) => Ok(gone(&owner.tenant, leaving)),
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let wrong = said_of(&fault, "current_password").map(|_| say("current-password-wrong"));
            Ok(page(app, &owner, (wrong, None)))
        }
        Err(fault) => later(fault, |problem| page(app, &owner, (None, Some(problem)))),
    }
}

async fn leaving(
    app: &App,
    owner: &Owner,
    (origin, current): (&Origin, &Presented),
) -> Result<Verdict<Departure>, Fault> {
    app.leave_own(&owner.own(app, origin), current).await
}

/// What somebody reads who has left.
fn gone(tenant: &Tenant, leaving: Departure) -> Response {
    let said = match leaving {
        Departure::Gone => Message::new(say("left-now-title"), Html::plain(&say("left-now"))),
        Departure::At(at) => {
            let until = say_of("left-until", &[("when", When::on(at).words())]);
            Message {
                link: Some((place(tenant, "/account/sign-in"), say("left-keep"))),
                ..Message::new(say("left-title"), Html::plain(&until))
            }
        }
    };
    message(StatusCode::OK, tenant, Message { badge: Some(Badge::DONE), ..said })
}

/// What somebody is offered who has typed the right password of an account that is to go.
pub(crate) async fn offer(app: &App, tenant: &Tenant, username: &str) -> FlowPage {
    let found = app.store.candidate(tenant.id, &username_key(username)).await.map_err(Fault::from)?;
    let leaving = found.and_then(|found| Some((found.account.leaves_at?, found.account)));
    let Some((at, account)) = leaving else {
        // It went, or was kept, this very moment.
        return Ok(html::see_other(&place(tenant, "/account/sign-in")));
    };
    let (action, proof) = (place(tenant, "/account/keep"), app.keeping(&account));
    let name = Html::strong(Legible::of(&account.user.username).as_str());
    let when = Html::plain(When::on(at).words());
    let page = FormPage {
        what: Some(say_html("keep-what", &[("name", name), ("when", when)])),
        hidden: &[("proof", &proof)],
        ..FormPage::new(tenant, "keep-title", &action, "keep-button")
    };
    Ok(page.shown())
}

/// `POST /account/keep`.
pub async fn keep(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(stay(&app, &mut call).await)
}

async fn stay(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    let form = form(&body)?;
    let Some(account) = app.kept_by(&tenant, form.get("proof").unwrap_or_default()).await? else {
        return Ok(html::see_other(&place(&tenant, "/account/sign-in")));
    };
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let Some(person) = kept(app, (&tenant, &account), &origin).await? else {
        return Ok(html::see_other(&place(&tenant, "/account/sign-in")));
    };
    let onward = format!("{}?done=kept", Leaf::Home.place(&tenant));
    let call = &*call;
    let who = ProvedOwner { tenant: &tenant, person: &person, origin: &origin };
    enter_account(app, call, who, (Leaf::Home, &onward)).await
}

/// Keeps the account; none: it changed meanwhile.
async fn kept(
    app: &App,
    (tenant, account): (&Tenant, &Account),
    origin: &Origin,
) -> Result<Option<SignedInUser>, Fault> {
    let (id, name) = (account.user.id, Arc::clone(&account.user.username));
    let scene = Scene { tenant: tenant.id, actor: Actor::User { id, name }, origin, moment: app.moment() };
    let (account, changes) = decide(account, &scene)?;
    if app.once(changes).await? == Held::No {
        return Ok(None);
    }
    let known = app.known_factors(id, tenant.id).await?;
    let assurance = known.assurance(&tenant.settings, AcrDemand::Nothing);
    let proved = Authentication::by_password(scene.moment.now);
    Ok(Some(SignedInUser::of(&account, proved, Some(&assurance))))
}
