//! `/device`: a person types the code that a device shows (RFC 8628 §3.3), and goes on to the page on which they decide.
//! Made for phones: one field, and nothing to be typed where the device could show a link.
//!
//! The code only leads to a request. Whoever follows it signs in as for any other, and is always asked: they are shown the
//! application, the code to compare, and from where the device asked (RFC 8628 §5.4).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{AccountChoice, FurtherFactor, Next, Standing, next};
use writ_core::device_code::{DEVICE_PATH, UserCode};
use writ_core::form::write_pair;
use writ_core::tenant::Tenant;

use super::flow::{FlowPage, Instead, shown};
use super::message::{Message, message};
use super::parts::{Badge, Blamed, Focus, FormField, InputKind, Problem};
use super::people::{FormPage, form, later, posted};
use crate::call::browser::Arrival;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say};
use crate::edge::shares::Share;
use crate::manage::standing::{Waits, addressed, let_wait, place, registered};
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// `GET /device`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /device`: to the page behind the code.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(typed(&app, &mut call).await)
}

async fn typed(app: &App, call: &mut Call) -> FlowPage {
    let (tenant, body) = posted(app, call).await?;
    let form = form(&body)?;
    let typed = form.get("user_code").unwrap_or_default();
    // What is no code is shown again as it was typed.
    let Some(code) = UserCode::read(typed) else { return Ok(unknown(&tenant, typed)) };
    let mut address = place(&tenant, DEVICE_PATH);
    address.push('?');
    write_pair("user_code", &code.shown(), &mut address);
    Ok(html::see_other(&address))
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    call.context.who.visits(tenant.id);
    let query = call.query()?;
    match (query.get("done"), query.get("user_code")) {
        (Some("allowed"), _) => Ok(said(&tenant, Badge::DONE, ("device-allowed-title", "device-allowed"))),
        (Some("denied"), _) => Ok(said(&tenant, Badge::IMPOSSIBLE, ("device-denied-title", "device-denied"))),
        (_, None | Some("")) => Ok(page(&tenant, "", None)),
        (_, Some(typed)) => enter(app, call, (&tenant, typed)).await,
    }
}

fn said(tenant: &Tenant, badge: Badge, (title, text): (&str, &str)) -> Response {
    let said = Message { badge: Some(badge), ..Message::new(say(title), Html::plain(&say(text))) };
    message(StatusCode::OK, tenant, said)
}

/// Follows a code. Each that leads nowhere is a guess, of which a network has so many; one that leads somewhere makes
/// the server keep something, as an authorization request does (RFC 8628 §5.1).
async fn enter(app: &App, call: &Call, (tenant, typed): (&Arc<Tenant>, &str)) -> FlowPage {
    let again = |problem| page(tenant, typed, Some(problem));
    let guess = match app.take_share(Share::Links, call.context.peer, 1) {
        Ok(guess) => guess,
        Err(fault) => return later(fault, again),
    };
    let _ = match app.take_share(Share::Authorizations, call.context.peer, 1) {
        Ok(kept) => kept,
        Err(fault) => return later(fault, again),
    };
    let found = app.rounds(|_| follow(app, call, (tenant, typed))).await?;
    match found {
        Some(onward) => {
            app.give_back(guess);
            Ok(onward)
        }
        None => Ok(unknown(tenant, typed)),
    }
}

/// The way to the page on which the person decides; none: nothing waits under this code.
async fn follow(
    app: &App,
    call: &Call,
    (tenant, typed): (&Tenant, &str),
) -> Result<Verdict<Option<Response>>, Instead> {
    let nothing = || Ok(Verdict::Answer(None));
    let Some(code) = UserCode::read(typed) else { return nothing() };
    let found = app.store.device_showing(&code, tenant.id).await?;
    let Some(device) = found.filter(|device| device.is_open(app.clock.now())) else { return nothing() };
    let Some(client_id) = &device.client_id else { return nothing() };
    let Some((client, facts)) = registered(app, client_id, tenant.id).await? else { return nothing() };
    if !client.client.enabled.is_yes() {
        return nothing();
    }
    let Arrival { browser, session, consent } = app.arrival(&call.headers, tenant, facts.client.id).await?;
    let (request, moment) = (device.request(&facts.issuer), app.moment());
    let standing = Standing {
        request: &request,
        client: &facts.client,
        hash_key: &app.hash_key,
        session: session.as_ref(),
        consent: consent.as_ref(),
        waiting_since: None,
        account: AccountChoice::Open,
        // A device cannot wish for more.
        further: FurtherFactor::None,
    };
    let path = match next(&standing, moment.now)? {
        Next::SignIn => "/login",
        Next::Consent(_) | Next::Give(_) => "/consent",
    };
    let waits = Waits {
        facts: &facts,
        browser: browser.as_ref(),
        signed_in: session.as_ref().map(|session| session.user),
        address: place(tenant, path),
    };
    let (onward, changes) = let_wait(app, call, (request, waits), &moment);
    Ok(Verdict::Commit(Some(onward), changes))
}

fn unknown(tenant: &Tenant, typed: &str) -> Response {
    page(tenant, typed, Some(Problem::new(say("device-unknown"))))
}

/// The form, as it was filled in.
fn page(tenant: &Tenant, typed: &str, problem: Option<Problem>) -> Response {
    let blamed = if problem.is_some() { Blamed::Yes } else { Blamed::No };
    let fields = [FormField {
        value: typed,
        focus: Focus::Here,
        blamed,
        ..FormField::new("user_code", InputKind::Code, say("device-code-label"))
    }];
    let action = place(tenant, DEVICE_PATH);
    let is_fine = problem.is_none();
    let page = FormPage {
        what: Some(Html::plain(&say("device-what"))),
        problem,
        fields: &fields,
        ..FormPage::new(tenant, "device-title", &action, "device-button")
    };
    if is_fine { page.shown() } else { page.again() }
}
