//! `/admin/activity`: what happened in a tenant, newest first, by whom and to what.

use std::sync::Arc;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, Outcome};
use writ_core::authority::Permission;
use writ_core::device;
use writ_core::text::Legible;
use writ_store::NEWEST;

use super::at_work::AtWork;
use super::icon::Icon;
use super::parts::{EmptyList, StateTag};
use super::shell::{ConsoleShell, Section, frame};
use crate::call::frame::{Frame, framed};
use crate::call::happened::words;
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::say;
use crate::manage::named::{mentioned, searchable};

/// Records of a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "console/activity.html")]
struct ActivityPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    asked: &'a str,
    action: &'a str,
    outcomes: Vec<OfferedOutcome>,
    rows: Vec<LoggedAct>,
    older: Option<String>,
    empty: Option<EmptyList>,
}

framed!(ActivityPage);

/// What may have come of an act.
struct OfferedOutcome {
    name: &'static str,
    words: String,
    is_chosen: bool,
}

/// A record.
struct LoggedAct {
    action: Box<str>,
    /// Where all of its kind are.
    same: String,
    what: Option<String>,
    outcome: StateTag,
    actor: String,
    target: Option<(String, String)>,
    from: String,
    at: When,
}

fn outcome_words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Success => say("console-outcome-success"),
        Outcome::Attempted => say("console-outcome-attempted"),
        Outcome::Failure => say("console-outcome-failure"),
        Outcome::Refused => say("console-outcome-refused"),
    }
}

/// `GET /admin/activity`.
pub(super) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let query = work.query()?;
    let asked = query.get("q").map(str::trim).unwrap_or_default();
    let action = query.get("action").map(str::trim).unwrap_or_default();
    let outcome = query.get("outcome").and_then(Outcome::by_name);
    let before = query.get("before").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
    let user = match asked {
        "" => None,
        text => Some(mentioned(&work.task, searchable(text)?).await?),
    };
    let filter = AuditFilter {
        user,
        action: (!action.is_empty()).then(|| action.into()),
        outcome,
        // An issued token is looked for by its action: they are far more than all others.
        issued: if action.is_empty() { IssuedRecords::LeftOut } else { IssuedRecords::Included },
        ..AuditFilter::default()
    };
    let app = &work.task.app;
    app.store.flush_notes_early(app.default_tenant).await?;
    let found =
        app.store.audit_page(work.task.acting.tenant(), &filter, (before.unwrap_or(NEWEST), ROWS)).await?;
    let chosen = outcome.map_or("", Outcome::name);
    let older = found.next.map(|id| {
        let before = URL_SAFE_NO_PAD.encode(id);
        work.onward(
            "/activity",
            &[("q", asked), ("action", action), ("outcome", chosen), ("before", &before)],
        )
    });
    let rows: Vec<_> = found.rows.iter().map(|record| row(work, record)).collect();
    let empty = rows.is_empty().then(|| EmptyList {
        title: say("console-activity-none"),
        what: say("console-activity-none-what"),
        link: Some((work.place("/activity"), say("console-everything"))),
        icon: Icon::Pulse,
    });
    let offered = |outcome: Outcome| OfferedOutcome {
        name: outcome.name(),
        words: outcome_words(outcome),
        is_chosen: outcome.name() == chosen,
    };
    let page = ActivityPage {
        frame: frame(work.tenant(), &say("console-audit")),
        shell: work.shell(Section::Audit),
        here: work.place("/activity"),
        asked,
        action,
        outcomes: Outcome::ALL.into_iter().map(offered).collect(),
        rows,
        older,
        empty,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

fn row(work: &AtWork, record: &AuditRecord) -> LoggedAct {
    let outcome = match Outcome::by_name(&record.outcome) {
        Some(outcome @ Outcome::Success) => StateTag::good(outcome_words(outcome)),
        Some(outcome @ (Outcome::Failure | Outcome::Refused)) => StateTag::bad(outcome_words(outcome)),
        Some(outcome @ Outcome::Attempted) => StateTag::plain(outcome_words(outcome)),
        None => StateTag::plain(Legible::of(&record.outcome).to_string()),
    };
    let agent = record.user_agent.as_deref().map(device::named).filter(|name| !name.is_empty());
    let from: Vec<_> = [
        agent.map(|name| Legible::of(&name).to_string()),
        record.ip_address.as_deref().map(str::to_owned),
        record.request_id.as_deref().map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .collect();
    let by_name = record.actor_name.as_deref().map(|name| Legible::of(name).to_string());
    LoggedAct {
        action: record.action.clone(),
        same: work.onward("/activity", &[("action", &record.action)]),
        what: words(record, || say("an-application")),
        outcome,
        actor: by_name.unwrap_or_else(|| record.actor_type.to_string()),
        target: target(work, record),
        from: from.join(" · "),
        at: When::ago(record.at, work.now()),
    }
}

/// The page of what a record is about, where there is one that may be seen.
fn target(work: &AtWork, record: &AuditRecord) -> Option<(String, String)> {
    let id = writ_core::ids::AuditId::from_bytes(record.target_id?);
    let list = match &*record.target_type {
        "client" if work.may(Permission::OauthRead) => "clients",
        "user" if work.may(Permission::UsersRead) => "people",
        _ => return None,
    };
    Some((work.place_of(list, id), record.target_type.to_string()))
}
