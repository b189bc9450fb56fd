//! `/login/with/{provider}`: where somebody is sent to another identity provider, and where they come back from it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{ChallengeState, Prompt};
use writ_core::change::Origin;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::{Form, write_pair};
use writ_core::manage::no_such;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::upstream::admit::NotAdmitted;
use writ_core::upstream::ask::Anew;
use writ_core::upstream::{IdentityProvider, UpstreamReason};

use super::account::{Leaf, connected, sign_in_place};
use super::entering::{ProvedOwner, enter_account};
use super::flow::{FlowPage, Instead, challenge_of, load, load_named, shown};
use super::login;
use super::parts::{Needed, Problem, WayElsewhere};
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms, Notice};
use crate::call::request::Call;
use crate::call::words::{Html, say, say_of};
use crate::manage::standing::{addressed, place, with_challenge, with_cookie};
use crate::manage::upstream::{CameBack, HaltedReturn, Sending, SentFor, WhyStopped};
use crate::state::app::App;

/// The provider that the path names, if people can sign in there.
async fn named(app: &App, call: &Call, tenant: &Tenant) -> Result<IdentityProvider, Instead> {
    let found = app.way_elsewhere(tenant.id, call.path("provider")).await?;
    found.ok_or_else(|| {
        let refusal = no_such(UpstreamReason::NoSuchProvider.into());
        Fault::from(refusal).into()
    })
}

/// The address that begins a sign-in at a provider.
fn address(tenant: &Tenant, provider: &IdentityProvider, bound: Option<(&str, &str)>) -> String {
    let mut address = place(tenant, &format!("/login/with/{}", provider.slug));
    if let Some((name, value)) = bound {
        address.push('?');
        write_pair(name, value, &mut address);
    }
    address
}

/// The ways elsewhere that a sign-in page shows, for a request that waits or on the way to an account.
pub(super) async fn ways(
    app: &App,
    tenant: &Tenant,
    bound: Option<(&str, &str)>,
) -> Result<(Vec<WayElsewhere>, Vec<IdentityProvider>), Fault> {
    let providers = app.ways_elsewhere(tenant.id).await?;
    let way = |provider: &IdentityProvider| WayElsewhere {
        address: address(tenant, provider, bound),
        words: say_of("continue-with", &[("provider", &*Legible::of(&provider.name).isolated())]),
    };
    Ok((providers.iter().map(way).collect(), providers))
}

/// The provider that somebody signs in at who has typed their address, and no password.
pub(super) fn leads_elsewhere<'p>(
    providers: &'p [IdentityProvider],
    (username, password): (&str, &str),
) -> Option<&'p IdentityProvider> {
    providers.iter().find(|provider| password.is_empty() && provider.has_domain_of(username.trim()))
}

/// Whether somebody has to type a password before they send the form: where an address alone may lead elsewhere, they need
/// not.
pub(super) fn needs_password(providers: &[IdentityProvider]) -> Needed {
    let by_address = providers.iter().any(|provider| !provider.settings.domains.is_empty());
    if by_address { Needed::Nowhere } else { Needed::Yes }
}

/// The way by which somebody who is signed in signs in there once more.
pub(super) fn again_at(tenant: &Tenant, provider: &IdentityProvider) -> WayElsewhere {
    WayElsewhere {
        address: address(tenant, provider, Some(("anew", "1"))),
        words: say_of("continue-with", &[("provider", &*Legible::of(&provider.name).isolated())]),
    }
}

/// A page that leads elsewhere, and nowhere else.
pub(super) fn only_ways(
    tenant: &Tenant,
    (title, text): (&str, Html),
    (ways, under): (Vec<WayElsewhere>, Option<(String, String, String)>),
) -> Response {
    let title = say(title);
    let page = WaysPage { frame: Frame::of(tenant, &title), title, text, ways, under };
    html::private(StatusCode::OK, &page, Forms::None)
}

#[derive(Template)]
#[template(path = "people/ways.html")]
struct WaysPage<'a> {
    frame: Frame<'a>,
    title: String,
    text: Html,
    ways: Vec<WayElsewhere>,
    under: Option<(String, String, String)>,
}

framed!(WaysPage);

/// The status of a page that is shown again, with what is wrong on it.
pub(super) const fn status(is_again: bool) -> StatusCode {
    if is_again { StatusCode::BAD_REQUEST } else { StatusCode::OK }
}

/// What is said on a sign-in page to whom a provider brought nowhere: by the words in the address, and nothing else.
pub(super) async fn problem(app: &App, tenant: &Tenant, query: &Form<'_>) -> Result<Option<Problem>, Fault> {
    let (Some(said), Some(slug)) = (query.get("said"), query.get("with")) else { return Ok(None) };
    let Some(provider) = app.way_elsewhere(tenant.id, slug).await? else { return Ok(None) };
    let Some((what, remedy)) = words(said) else { return Ok(None) };
    let named = Legible::of(&provider.name);
    let with = [("provider", &*named.isolated())];
    let problem = Problem { what: say_of(what, &with), remedy: say_of(remedy, &with), link: None };
    Ok(Some(problem))
}

/// The sentences that a word in the address stands for.
fn words(said: &str) -> Option<(&'static str, &'static str)> {
    Some(match said {
        "denied" => ("upstream-denied", "upstream-denied-remedy"),
        "failed" => ("upstream-failed", "upstream-failed-remedy"),
        "many" => ("too-many-sign-ins", "wait-and-retry"),
        "taken" => ("upstream-taken", "upstream-taken-remedy"),
        "none" => ("upstream-none", "upstream-none-remedy"),
        "address" => ("upstream-address", "upstream-address-remedy"),
        "account" => ("not-signed-in", "upstream-account-remedy"),
        _ => return None,
    })
}

/// The word for why somebody goes no further; none: there is nothing to be said.
const fn word(why: WhyStopped) -> Option<&'static str> {
    match why {
        WhyStopped::Again => None,
        WhyStopped::Denied => Some("denied"),
        WhyStopped::Failed => Some("failed"),
        WhyStopped::TooMany => Some("many"),
        WhyStopped::NotAdmitted(NotAdmitted::AddressTaken) => Some("taken"),
        WhyStopped::NotAdmitted(NotAdmitted::NoAccount) => Some("none"),
        WhyStopped::NotAdmitted(NotAdmitted::NoAddress) => Some("address"),
        WhyStopped::NotAdmitted(NotAdmitted::Account(_)) => Some("account"),
    }
}

/// Where somebody goes on who was sent away from there.
fn back(tenant: &Tenant, provider: &IdentityProvider, (sent_for, why): (&SentFor, WhyStopped)) -> Response {
    let mut address = match sent_for {
        SentFor::Request(challenge) => with_challenge(&place(tenant, "/login"), challenge),
        SentFor::Account(leaf) => sign_in_place(tenant, Leaf::named(leaf)),
        SentFor::Link(_) => Leaf::Connections.place(tenant),
    };
    if let Some(word) = word(why) {
        address.push(if address.contains('?') { '&' } else { '?' });
        write_pair("said", word, &mut address);
        address.push('&');
        write_pair("with", &provider.slug, &mut address);
    }
    html::see_other(&address)
}

/// `GET /login/with/{provider}`: sends the browser there.
pub async fn start(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(begin(&app, &call).await)
}

async fn begin(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let provider = named(app, call, &tenant).await?;
    let query = call.query()?;
    if query.get("login_challenge").is_none() {
        let sent_for = SentFor::Account(query.get("to").map_or(Leaf::Home, Leaf::named).name().into());
        let anew = if query.get("anew").is_some() { Anew::Yes } else { Anew::No };
        return away(app, call, (&tenant, &provider), (&sent_for, None, anew)).await;
    }
    let shown = load(app, call, &tenant).await?;
    let challenge = &shown.waiting.challenge;
    if !matches!(challenge.state, ChallengeState::Waiting) {
        return Ok(html::see_other(&login::onward(&tenant, &shown)));
    }
    let request = &challenge.request;
    let is_new = request.prompts.has(Prompt::Login) || request.max_age.is_some();
    let anew = if is_new { Anew::Yes } else { Anew::No };
    let sent_for = SentFor::Request(challenge_of(&shown).into());
    let hint = request.login_hint.as_deref();
    away(app, call, (&tenant, &provider), (&sent_for, hint, anew)).await
}

/// Sends a browser to a provider, with what it is to remember of it.
pub(super) async fn away(
    app: &App,
    call: &Call,
    (tenant, provider): (&Tenant, &IdentityProvider),
    (sent_for, login_hint, anew): (&SentFor, Option<&str>, Anew),
) -> FlowPage {
    let origin = call.origin();
    let sending = Sending { tenant, provider, sent_for, login_hint, anew, origin: &origin };
    let Some((address, state)) = app.send_away(&sending).await? else {
        return Ok(back(tenant, provider, (sent_for, WhyStopped::Failed)));
    };
    let kept = app.remember_flow(&call.headers, &state);
    Ok(kept.into_iter().map(Some).fold(html::see_other(&address), with_cookie))
}

/// `POST /login/with/{provider}/callback`: the provider's own page has a form sent here, without the browser's cookies. It
/// comes once more by itself, with them.
pub async fn posted(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(repeated(&app, &mut call).await)
}

/// What of a form counts.
const ANSWER: [&str; 4] = ["state", "code", "error", "iss"];

async fn repeated(app: &App, call: &mut Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let provider = named(app, call, &tenant).await?;
    let body = call.page_form().await?;
    let form = Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))?;
    let mut address = place(&tenant, &format!("/login/with/{}/callback", provider.slug));
    let mut separator = '?';
    for (name, value) in ANSWER.into_iter().filter_map(|name| Some((name, form.get(name)?))) {
        address.push(separator);
        write_pair(name, value, &mut address);
        separator = '&';
    }
    Ok(html::see_other(&address))
}

/// `GET /login/with/{provider}/callback`: a browser comes back.
pub async fn come_back(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(returned(&app, &call).await)
}

async fn returned(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let provider = named(app, call, &tenant).await?;
    let answer = call.query()?;
    let redeemed = app.redeem_return((&tenant, &provider), call, &answer).await;
    let done = match redeemed {
        Ok(came) => go_on(app, call, (&tenant, &provider), &came).await,
        Err(halted) => Err(halted),
    };
    match done {
        Ok(page) => page,
        Err(HaltedReturn::Fault(fault)) => Err(fault.into()),
        Err(HaltedReturn::Nowhere) => Err(nowhere()),
        Err(HaltedReturn::Back(sent_for, why)) => Ok(back(&tenant, &provider, (&sent_for, why))),
    }
}

/// For every reason alike: nobody learns of a sign-in that is not theirs.
fn nowhere() -> Instead {
    let error = OAuthError::new(ErrorCode::InvalidRequest, UpstreamReason::ReturnUnknown);
    let (why, remedy) = (say("upstream-unknown"), say("upstream-unknown-remedy"));
    html::told(&error, &Notice { why: &why, remedy: &remedy, link: None }).into()
}

/// Somebody has come back, and it is known who they are there.
async fn go_on(
    app: &App,
    call: &Call,
    at: (&Tenant, &IdentityProvider),
    came: &CameBack,
) -> Result<FlowPage, HaltedReturn> {
    let (tenant, _) = at;
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    Ok(match &came.sent_for {
        SentFor::Request(challenge) => {
            let shown = match load_named(app, call, (tenant, challenge)).await {
                Ok(shown) => shown,
                Err(instead) => return Ok(Err(instead)),
            };
            if !login::may_still_sign_in(app, tenant, &shown) {
                return Ok(Ok(html::see_other(&login::onward(tenant, &shown))));
            }
            let demand = shown.waiting.challenge.request.claims.acr();
            let person = app.admit_from(at, came, (demand, &origin)).await?;
            login::let_in(app, call, (tenant, &shown), (&person, &origin)).await
        }
        SentFor::Account(leaf) => {
            let leaf = Leaf::named(leaf);
            let person = app.admit_from(at, came, (leaf.demand(tenant), &origin)).await?;
            let who = ProvedOwner { tenant, person: &person, origin: &origin };
            enter_account(app, call, who, (leaf, &leaf.place(tenant))).await
        }
        SentFor::Link(session) => connected(app, call, (at, came), *session).await?,
    })
}
