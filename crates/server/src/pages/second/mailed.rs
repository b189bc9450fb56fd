//! The second step by a code that is mailed: for whoever has set up nothing else, where the tenant has it so.

use axum::response::Response;
use http::StatusCode;
use writ_core::change::Origin;
use writ_core::form::{Form, write_pair};
use writ_core::secret::Presented;
use writ_core::text::Legible;

use super::super::flow::FlowPage;
use super::super::parts::{Blamed, Button, Focus, FormField, InputKind, Problem};
use super::super::people::{FormPage, later, secret};
use super::{HalfWay, finish, too_many};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::factors::SecondAttempt;
use crate::manage::mailed::is_refused;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// An address, so that its owner knows it again and nobody else learns it.
fn hinted(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// The page that offers a code, or asks for the one that was sent.
pub(super) fn page(app: &App, half: &HalfWay, problem: Option<Problem>) -> Response {
    let csrf = half.errand.csrf(app);
    let mut hidden: Vec<_> = csrf.as_deref().map(|csrf| ("csrf", csrf)).into_iter().collect();
    let is_sent = half.mailed.is_some();
    if !is_sent {
        hidden.push(("send", "1"));
    }
    let field = FormField {
        focus: Focus::Here,
        blamed: if problem.is_some() { Blamed::Yes } else { Blamed::No },
        ..FormField::new("code", InputKind::OneTimeCode, say("mailed-code-label"))
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (what, button) = if is_sent {
        ("mailed-second-sent", "factor-button")
    } else {
        ("mailed-second-what", "mailed-second-send")
    };
    let address = hinted(half.account.email.as_deref().unwrap_or_default());
    let tenant = half.errand.dressed();
    let own = Html::name(Legible::of(&tenant.name).as_str());
    let again = Button { sends: Some(("send", "1")), ..Button::other(say("mailed-second-again")) };
    let action = here(half);
    let page = FormPage {
        what: Some(say_html(what, &[("tenant", own), ("email", Html::address(&address))])),
        problem,
        hidden: &hidden,
        account: Some(Legible::of(&half.account.user.username)),
        fields: if is_sent { std::slice::from_ref(&field) } else { &[] },
        other: is_sent.then_some(again),
        under: Some((String::new(), format!("{}&by=app", half.here), say("mailed-second-app"))),
        ..FormPage::new(&tenant, "mailed-second-title", &action, button)
    };
    html::private(status, &page, half.errand.forms())
}

/// Where the form goes: to the letter that was sent, if one was.
fn here(half: &HalfWay) -> String {
    let mut here = half.here.clone();
    if let Some(id) = half.mailed {
        here.push('&');
        write_pair("mailed", &id.to_string(), &mut here);
    }
    here
}

/// Sends a code, or takes the one that was typed.
pub(super) async fn take(app: &App, call: &Call, half: &HalfWay, form: &Form<'_>) -> FlowPage {
    if !half.errand.is_our_form(app, call, form) {
        return Ok(page(app, half, Some(Problem::new(say("old-form")))));
    }
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let typed = secret(form, "code");
    let attempt = attempt(half, &typed, &origin);
    let Some(id) = half.mailed.filter(|_| form.get("send").is_none()) else {
        return send(app, half, &attempt).await;
    };
    let taken = match app.reserve_second(&attempt).await {
        Ok(Some(taken)) => taken,
        Ok(None) => return Ok(page(app, half, Some(too_many()))),
        Err(fault) => return later(fault, |problem| page(app, half, Some(problem))),
    };
    let done: Result<Response, Fault> = app
        .rounds(|_| async {
            match app.try_mailed_second(&attempt, id).await? {
                Verdict::Answer(outcome) => finish(app, call, half, (outcome, &origin)).await,
                Verdict::Refuse(refusal) => Ok(Verdict::Refuse(refusal)),
                Verdict::Commit(..) | Verdict::Bound(..) | Verdict::Confirmed(_) | Verdict::Stale => {
                    Ok(Verdict::Stale)
                }
            }
        })
        .await;
    match done {
        Ok(response) => {
            app.second_succeeded(taken);
            half.errand.arrived(app, call);
            Ok(response)
        }
        Err(fault) if is_refused(&fault) => Ok(page(app, half, Some(wrong()))),
        Err(fault) => Err(fault.into()),
    }
}

fn attempt<'a>(half: &'a HalfWay, typed: &'a Presented, origin: &'a Origin) -> SecondAttempt<'a> {
    SecondAttempt {
        tenant: &half.errand.tenant,
        account: &half.account,
        proved: &half.proved,
        demand: half.errand.demand(),
        typed,
        origin,
    }
}

/// What is said of a code that was not taken.
pub(in super::super) fn wrong() -> Problem {
    Problem { what: say("mailed-wrong"), remedy: say("mailed-wrong-remedy"), link: None }
}

async fn send(app: &App, half: &HalfWay, attempt: &SecondAttempt<'_>) -> FlowPage {
    match app.mail_second(attempt).await {
        Ok(Some(id)) => {
            let mut to = half.here.clone();
            to.push('&');
            write_pair("mailed", &id.to_string(), &mut to);
            Ok(html::see_other(&to))
        }
        Ok(None) => Ok(page(app, half, Some(Problem::new(say("mailed-second-many"))))),
        Err(fault) => later(fault, |problem| page(app, half, Some(problem))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_hinted_at() {
        assert_eq!(hinted("ada@example.com"), "a…@example.com");
        assert_eq!(hinted("éva@example.com"), "é…@example.com");
    }
}
