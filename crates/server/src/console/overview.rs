//! `/admin`: what is there, what fails, and what was changed lately.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::audit::{AuditFilter, IssuedRecords, Outcome};
use writ_core::authority::Permission;
use writ_core::text::Legible;
use writ_store::{After, NEWEST};

use super::at_work::AtWork;
use super::icon::Icon;
use super::refusals::Failing;
use super::shell::{ConsoleShell, Section, frame};
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::{say, say_count, say_of};

/// Rows of each list.
const ROWS: usize = 6;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    title: String,
    figures: Vec<Figure>,
    failing: Vec<FailingClient>,
    is_quiet: bool,
    changes: Vec<RecentChange>,
    all_changes: Option<String>,
    first_client: Option<String>,
}

framed!(OverviewPage);

/// A number with what it counts.
struct Figure {
    label: String,
    number: String,
    address: String,
}

/// A client that was refused something lately.
struct FailingClient {
    address: String,
    name: String,
    initial: String,
    times: String,
}

/// Something that was done lately.
struct RecentChange {
    action: Box<str>,
    by: String,
    at: When,
}

/// `GET /admin`.
pub(super) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let store = &work.task.app.store;
    let tenant = work.task.acting.tenant();
    let mut figures = Vec::new();
    let mut first_client = None;
    if work.may(Permission::OauthRead) {
        let (_, clients) = store.clients_page(tenant, After::START, 1).await?;
        figures.push(figure("console-figure-clients", clients, work.place("/clients")));
        if clients == 0 && work.may(Permission::OauthWrite) {
            first_client = Some(work.place("/clients/new"));
        }
    }
    if work.may(Permission::UsersRead) {
        let (_, people) = store.accounts_page(tenant, After::START, 1).await?;
        figures.push(figure("console-figure-people", people, work.place("/people")));
    }
    let failing = if work.may(Permission::OauthRead) { failing(work).await? } else { Vec::new() };
    if work.may(Permission::AuditRead) {
        let many = i64::try_from(failing.len()).unwrap_or_default();
        figures.push(figure("console-figure-failing", many, work.place("/clients")));
    }
    let named = Legible::of(&work.tenant().name);
    let title = say("console-overview");
    let page = OverviewPage {
        frame: frame(work.tenant(), &title),
        shell: work.shell(Section::Overview),
        title: say_of("console-overview-of", &[("tenant", &*named.isolated())]),
        figures,
        is_quiet: work.may(Permission::AuditRead) && failing.is_empty(),
        failing: failing.into_iter().take(ROWS).collect(),
        changes: changes(work).await?,
        all_changes: work.may(Permission::AuditRead).then(|| work.place("/activity")),
        first_client,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

fn figure(label: &'static str, number: i64, address: String) -> Figure {
    Figure { label: say(label), number: say_count("console-number", number), address }
}

/// The clients that were refused most in the last day.
async fn failing(work: &AtWork) -> Result<Vec<FailingClient>, Fault> {
    let mut shown = Vec::new();
    for (id, count) in Failing::load(work).await?.most() {
        let found = work.task.app.store.registered_client(id, work.task.acting.tenant()).await?;
        let Some(found) = found else { continue };
        let name = Legible::of(&found.client.name).as_str().to_owned();
        shown.push(FailingClient {
            address: work.place_of("clients", id),
            initial: initial(&name),
            name,
            times: say_count("console-times", i64::try_from(count).unwrap_or(i64::MAX)),
        });
        // Whoever has more that fail sees them in the list.
        if shown.len() > 20 {
            break;
        }
    }
    Ok(shown)
}

/// What was done lately, as far as whoever asks may read the audit log.
async fn changes(work: &AtWork) -> Result<Vec<RecentChange>, Fault> {
    if !work.may(Permission::AuditRead) {
        return Ok(Vec::new());
    }
    let filter = AuditFilter {
        outcome: Some(Outcome::Success),
        issued: IssuedRecords::LeftOut,
        ..AuditFilter::default()
    };
    let store = &work.task.app.store;
    let found = store.audit_page(work.task.acting.tenant(), &filter, (NEWEST, ROWS)).await?;
    let shown = found.rows.iter().map(|record| RecentChange {
        action: record.action.clone(),
        by: record.actor_name.as_deref().map(|name| Legible::of(name).to_string()).unwrap_or_default(),
        at: When::ago(record.at, work.now()),
    });
    Ok(shown.collect())
}
