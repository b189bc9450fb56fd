//! What is done about one person: locked, let in again, sent a link, signed out somewhere or everywhere, freed of factors
//! that they have lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use writ_core::change::Enabled;
use writ_core::manage::Violations;
use writ_core::manage::tokens::{BulkRevoke, NamedRow};
use writ_core::people::Account;
use writ_core::people::accounts::AccountPatch;
use writ_core::people::links::LinkKind;
use writ_core::text::Legible;

use super::super::at_work::AtWork;
use super::super::icon::Icon;
use super::super::shell::{ConsoleShell, Section, frame};
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::words::{say, say_of};
use crate::manage::people::Visitor;
use crate::manage::{accounts, factors as known_factors, sessions, tokens};

#[derive(Template)]
#[template(path = "console/people/confirm.html")]
struct ConfirmAct<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    action: String,
    person: String,
    csrf: String,
    title: String,
    ends: Vec<String>,
    button: String,
}

framed!(ConfirmAct);

fn back(work: &AtWork, account: &Account, told: &str) -> Response {
    work.done(&format!("/people/{}", account.user.id), told)
}

/// `POST /admin/people/{user_id}/state`: locks somebody out, or lets them in again.
pub(in crate::console) async fn lock(work: Arc<AtWork>) -> Answer {
    let form = work.form()?;
    let (enabled, told) = match form.get("to") {
        Some("on") => (Enabled::Yes, "unlocked"),
        _ => (Enabled::No, "locked"),
    };
    let found = accounts::find(&work.task).await?;
    let patch = AccountPatch { enabled: Some(enabled), ..AccountPatch::default() };
    let account = accounts::change(&work.task, &patch, found.as_ref()).await?;
    Ok(back(&work, &account, told))
}

/// `POST /admin/people/{user_id}/reset`: sends them a link with which they set a new password.
pub(in crate::console) async fn reset(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    let (app, task) = (&work.task.app, &work.task);
    let visitor = Visitor { tenant: work.tenant(), origin: task.origin(), challenge: None };
    app.send_link_by(task.acting.caller().actor(), (LinkKind::Reset, visitor), &account.user.username)
        .await?;
    Ok(back(&work, &account, "reset"))
}

/// `POST /admin/people/{user_id}/sessions/{session_id}`: ends one sign-in.
pub(in crate::console) async fn end_session(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    sessions::end_of(&work.task, account.user.id).await?;
    Ok(back(&work, &account, "ended"))
}

fn confirm(work: &AtWork, account: &Account, (what, ends): (&str, Vec<String>)) -> Response {
    let name = account.name.as_deref().unwrap_or(&account.user.username);
    let name = Legible::of(name);
    let with = [("name", &*name.isolated())];
    let person = work.person_place(account);
    let (title, button, end) = match what {
        "factors" => ("console-factors-of", "console-factors-button", "factors"),
        _ => ("console-everywhere-of", "console-everywhere-button", "everywhere"),
    };
    let title = say_of(title, &with);
    let page = ConfirmAct {
        frame: frame(work.tenant(), &title),
        shell: work
            .shell(Section::People)
            .below(work, Section::People, say(button))
            .past(person.clone(), name.as_str().to_owned()),
        action: format!("{person}/{end}"),
        person,
        csrf: work.csrf(),
        title,
        ends,
        button: say(button),
    };
    html::private(StatusCode::OK, &page, Forms::Own)
}

/// `GET /admin/people/{user_id}/everywhere`: what ends with it.
pub(in crate::console) async fn everywhere(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    let ends =
        vec![say("console-ends-sign-ins"), say("console-ends-their-tokens"), say("console-ends-pending")];
    Ok(confirm(&work, &account, ("everywhere", ends)))
}

/// `POST /admin/people/{user_id}/everywhere`: ends everything of theirs at once.
pub(in crate::console) async fn everywhere_form(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    let asked = BulkRevoke {
        client: NamedRow::Any,
        user: NamedRow::One(account.user.id),
        tokens: None::<BTreeSet<_>>,
        issued_before: None,
        unread: Violations::default(),
    };
    tokens::revoke_all(&work.task, &asked).await?;
    Ok(back(&work, &account, "everywhere"))
}

/// `GET /admin/people/{user_id}/factors`: what is taken away.
pub(in crate::console) async fn factors(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    Ok(confirm(&work, &account, ("factors", vec![say("console-ends-factors"), say("console-ends-codes")])))
}

/// `POST /admin/people/{user_id}/factors`: takes all second factors away.
pub(in crate::console) async fn factors_form(work: Arc<AtWork>) -> Answer {
    let account = accounts::existing(&work.task).await?;
    known_factors::take_away(&work.task).await?;
    Ok(back(&work, &account, "factors"))
}
