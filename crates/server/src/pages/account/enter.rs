//! `/account/sign-in`: where somebody signs in to their own account, for no application.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::change::Origin;
use writ_core::people::sign_in::is_leaving;
use writ_core::settings::OwnText;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::upstream::IdentityProvider;
use writ_core::upstream::ask::Anew;

use super::super::entering::{EntryWay, ProvedOwner, enter_account};
use super::super::errand::SlipBound;
use super::super::flow::{FlowPage, shown};
use super::super::login::WhyAgain;
use super::super::mailed;
use super::super::parts::{Blamed, Focus, FormField, InputKind, Problem, WayElsewhere};
use super::super::passkeys::{self, PASSKEY, sent_in, sign_in_button};
use super::super::people::{FormPage, form, posted, secret};
use super::super::upstream;
use super::leave::offer;
use super::{Leaf, sign_in_place};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use crate::manage::standing::{addressed, place};
use crate::manage::upstream::SentFor;
use crate::state::app::App;

/// Which page of the account the address leads to.
fn wanted(call: &Call) -> Leaf {
    let query = call.query().ok();
    query.as_ref().and_then(|query| query.get("to")).map_or(Leaf::Home, Leaf::named)
}

/// `GET /account/sign-in`.
pub async fn enter(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let browser = app.browser(&call.headers).await?;
    // Who is asked to prove it once more stays signed in until they have.
    let is_asked = call.query()?.get("anew").is_some();
    if !is_asked && app.session(browser.as_ref(), &tenant).await?.is_some() {
        return Ok(html::see_other(&wanted(call).place(&tenant)));
    }
    let elsewhere = upstream::problem(app, &tenant, &call.query()?).await?;
    let ways = ways(app, (&tenant, wanted(call))).await?;
    Ok(page(app, (&tenant, wanted(call)), EnterFilled { elsewhere, ways, ..EnterFilled::default() }))
}

/// What is on the page besides: what somebody has filled in, what came of it, and where else they may sign in.
#[derive(Default)]
struct EnterFilled<'a> {
    username: &'a str,
    why: Option<WhyAgain>,
    elsewhere: Option<Problem>,
    ways: (Vec<WayElsewhere>, Vec<IdentityProvider>),
}

async fn ways(
    app: &App,
    (tenant, leaf): (&Tenant, Leaf),
) -> Result<(Vec<WayElsewhere>, Vec<IdentityProvider>), Fault> {
    let (mut ways, providers) = upstream::ways(app, tenant, Some(("to", leaf.name()))).await?;
    ways.extend(mailed::way(app, tenant, &SlipBound::Account(leaf)));
    Ok((ways, providers))
}

/// The page before anything was typed.
pub(in crate::pages) fn sign_in_page(app: &App, tenant: &Tenant) -> Response {
    page(app, (tenant, Leaf::Home), EnterFilled::default())
}

fn page(app: &App, at: (&Tenant, Leaf), filled: EnterFilled<'_>) -> Response {
    let ((tenant, leaf), EnterFilled { username: typed, why, elsewhere, ways: (ways, providers) }) =
        (at, filled);
    let blamed = if why.is_some() { Blamed::Yes } else { Blamed::No };
    let (first, second) =
        if typed.is_empty() { (Focus::Here, Focus::Elsewhere) } else { (Focus::Elsewhere, Focus::Here) };
    let fields = [
        FormField {
            value: typed,
            focus: first,
            blamed,
            ..FormField::new("username", InputKind::SignInName, say("username-label"))
        },
        FormField {
            focus: second,
            blamed,
            needed: upstream::needs_password(&providers),
            link: app.sends_mail().then(|| (place(tenant, "/reset-password"), say("forgot"))),
            ..FormField::new("password", InputKind::Password, say("password-label"))
        },
    ];
    let problem = why.map(|why| Problem {
        link: (why == WhyAgain::Unverified && app.sends_mail())
            .then(|| (place(tenant, "/verify-email"), say("send-another-email"))),
        ..why.problem()
    });
    let action = sign_in_place(tenant, leaf);
    let register = app.is_open_to_all(tenant);
    let named = Html::name(Legible::of(&tenant.name).as_str());
    let page = FormPage {
        what: Some(say_html("sign-in-to-account", &[("tenant", named)])),
        problem: problem.or(elsewhere),
        ways,
        fields: &fields,
        under: register.then(|| (say("no-account"), place(tenant, "/register"), say("register-link"))),
        ..FormPage::new(tenant, "sign-in-title", &action, "sign-in-button")
    };
    let page = page
        .in_own_words(tenant, (OwnText::SignInTitle, OwnText::SignInIntro))
        .asking(sign_in_button(app, tenant, &SlipBound::Account(leaf)));
    if why.is_some() { page.again() } else { page.shown() }
}

/// `POST /account/sign-in`.
pub async fn sign_in(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(attempt(&app, &mut call).await)
}

async fn attempt(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    let (form, leaf) = (form(&body)?, wanted(call));
    let username = form.get("username").unwrap_or_default();
    let password = secret(&form, "password");
    let ways = ways(app, (&tenant, leaf)).await?;
    if let Some(provider) = upstream::leads_elsewhere(&ways.1, (username, password.expose())) {
        let sent_for = SentFor::Account(leaf.name().into());
        let there = (&sent_for, Some(username.trim()), Anew::No);
        return upstream::away(app, call, (&tenant, provider), there).await;
    }
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    if let Some(sent) = sent_in(&form, PASSKEY) {
        let way = EntryWay {
            tenant: &tenant,
            bound: SlipBound::Account(leaf),
            request: None,
            demand: leaf.demand(&tenant),
            onward: &leaf.place(&tenant),
            origin: &origin,
        };
        return match passkeys::enter(app, call, &way, sent).await {
            Ok(response) => Ok(response),
            Err(fault) => {
                let Some(why) = WhyAgain::of(&fault) else { return Err(fault.into()) };
                let filled = EnterFilled { username, why: Some(why), elsewhere: None, ways };
                Ok(why.answered(page(app, (&tenant, leaf), filled), &fault))
            }
        };
    }
    let purpose = PasswordPurpose::SignIn(leaf.demand(&tenant));
    let attempt =
        PasswordAttempt { tenant: &tenant, username, password: &password, origin: &origin, purpose };
    let person = match app.check_password(&attempt).await {
        Ok(person) => person,
        Err(fault) if is_leaving(&fault.error) => return offer(app, &tenant, username).await,
        Err(fault) => {
            let Some(why) = WhyAgain::of(&fault) else { return Err(fault.into()) };
            let filled = EnterFilled { username, why: Some(why), elsewhere: None, ways };
            return Ok(why.answered(page(app, (&tenant, leaf), filled), &fault));
        }
    };
    let call = &*call;
    let onward = leaf.place(&tenant);
    let who = ProvedOwner { tenant: &tenant, person: &person, origin: &origin };
    enter_account(app, call, who, (leaf, &onward)).await
}
