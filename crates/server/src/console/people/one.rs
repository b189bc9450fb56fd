//! `/admin/people/{user_id}`: one person: what happened to them, what they prove themselves with, where they are signed in,
//! which applications they have let in.

use std::sync::Arc;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, Mentioned, Outcome};
use writ_core::authority::Permission;
use writ_core::client::RegisteredClient;
use writ_core::device;
use writ_core::ids::ClientId;
use writ_core::people::Account;
use writ_core::people::factors::{FactorKind, Factors};
use writ_core::session::Lifetimes;
use writ_core::text::Legible;
use writ_store::{After, NEWEST, Of};

use super::super::at_work::AtWork;
use super::super::icon::Icon;
use super::super::parts::{Remark, StateTag};
use super::super::shell::{ConsoleShell, Section, frame};
use super::state;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed, initial};
use crate::call::happened::{is_bad, words};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::{say, say_of};
use crate::manage::accounts;

/// Rows of each list.
const ROWS: i64 = 10;
/// Records of a page of the timeline.
const EVENTS: usize = 25;

#[derive(Template)]
#[template(path = "console/people/one.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct PersonPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    csrf: String,
    name: Legible<'a>,
    initial: String,
    username: Legible<'a>,
    id: String,
    email: Option<Legible<'a>>,
    is_confirmed: bool,
    roles: Vec<Legible<'a>>,
    since: When,
    seen: Option<When>,
    state: StateTag,
    note: Option<Remark>,
    is_locked: bool,
    may_change: bool,
    may_reset: bool,
    may_end_all: bool,
    may_see_log: bool,
    only_failures: bool,
    everything: String,
    failures: String,
    events: Vec<PersonEvent>,
    older: Option<String>,
    factors: Vec<PersonFactor>,
    devices: Option<Vec<PersonDevice>>,
    may_end: bool,
    applications: Option<Vec<PersonApplication>>,
}

framed!(PersonPage);

/// Something that happened.
struct PersonEvent {
    what: Option<String>,
    action: Box<str>,
    icon: Icon,
    class: &'static str,
    by: Option<String>,
    device: Option<String>,
    ip: Option<Box<str>>,
    request: Option<Box<str>>,
    at: When,
}

/// What somebody proves themselves with.
struct PersonFactor {
    name: String,
    used: String,
    icon: Icon,
}

/// Where somebody is signed in.
struct PersonDevice {
    id: String,
    name: String,
    ip: Option<Box<str>>,
    seen: When,
    end: String,
}

/// An application that somebody has let in.
struct PersonApplication {
    name: String,
    scope: String,
    since: When,
}

/// `GET /admin/people/{user_id}`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let account = accounts::existing(&work.task).await?;
    let query = work.query()?;
    let (user, tenant) = (account.user.id, work.task.acting.tenant());
    let here = work.person_place(&account);
    let below = format!("/people/{user}");
    let only_failures = query.get("show") == Some("failures");
    let before = query.get("before").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
    let (events, older) = timeline(work, &account, (only_failures, before.unwrap_or(NEWEST))).await?;
    let show = if only_failures { "failures" } else { "" };
    let older =
        older.map(|id| work.onward(&below, &[("show", show), ("before", &URL_SAFE_NO_PAD.encode(id))]));
    let username = Legible::of(&account.user.username);
    let name = account.name.as_deref().map_or_else(|| username.clone(), Legible::of);
    let title = name.as_str().to_owned();
    let page = PersonPage {
        frame: frame(work.tenant(), &title),
        shell: work.shell(Section::People).below(work, Section::People, title),
        csrf: work.csrf(),
        initial: initial(name.as_str()),
        name,
        username,
        id: user.to_string(),
        email: account.email.as_deref().map(Legible::of),
        is_confirmed: account.email_is_verified(),
        roles: account.user.roles.iter().map(|role| Legible::of(role)).collect(),
        since: When::on(account.created_at),
        seen: account.last_login_at.map(|at| When::ago(at, work.now())),
        state: state(&account),
        note: query.get("done").and_then(done),
        is_locked: !account.user.enabled.is_yes(),
        may_change: work.may(Permission::UsersWrite),
        may_reset: work.may(Permission::UsersWrite) && work.task.app.sends_mail(),
        may_end_all: work.may(Permission::SessionsWrite) && work.may(Permission::OauthWrite),
        may_see_log: work.may(Permission::AuditRead),
        only_failures,
        everything: here.clone(),
        failures: work.onward(&below, &[("show", "failures")]),
        events,
        older,
        factors: factors(work, &work.task.app.store.factors(user, tenant).await?),
        devices: devices(work, &account).await?,
        may_end: work.may(Permission::SessionsWrite),
        applications: applications(work, &account).await?,
        here,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

/// What was done, by the word in the address: nothing else is ever said there.
fn done(word: &str) -> Option<Remark> {
    let words = match word {
        "locked" => say("console-done-locked"),
        "unlocked" => say("console-done-unlocked"),
        "reset" => say("console-done-reset"),
        "ended" => say("console-done-ended"),
        "everywhere" => say("console-done-everywhere"),
        "factors" => say("console-done-factors"),
        _ => return None,
    };
    Some(Remark::done(words))
}

/// What happened to somebody, newest first, and where it goes on; nothing to whoever may not read the audit log.
async fn timeline(
    work: &AtWork,
    account: &Account,
    (only_failures, before): (bool, [u8; 16]),
) -> Result<(Vec<PersonEvent>, Option<[u8; 16]>), Fault> {
    if !work.may(Permission::AuditRead) {
        return Ok((Vec::new(), None));
    }
    let app = &work.task.app;
    app.store.flush_notes_early(app.default_tenant).await?;
    let name = account.user.username.as_ref().into();
    let filter = AuditFilter {
        user: Some(Mentioned::Named(account.user.id.to_bytes(), name)),
        outcome: only_failures.then_some(Outcome::Failure),
        issued: IssuedRecords::LeftOut,
        ..AuditFilter::default()
    };
    let found = app.store.audit_page(work.task.acting.tenant(), &filter, (before, EVENTS)).await?;
    let mut events = Vec::with_capacity(found.rows.len());
    for record in &found.rows {
        events.push(event(work, account, record).await?);
    }
    Ok((events, found.next))
}

async fn event(work: &AtWork, account: &Account, record: &AuditRecord) -> Result<PersonEvent, Fault> {
    let agent = record.user_agent.as_deref().map(device::named).filter(|name| !name.is_empty());
    let is_theirs = record.actor_id == Some(account.user.id.to_bytes()) || &*record.actor_type == "anonymous";
    let is_bad = is_bad(&record.action) || matches!(&*record.outcome, "failure" | "refused");
    let by = record.actor_name.as_deref().filter(|_| !is_theirs);
    let client = client_of(work, record).await?;
    let (icon, class) = match (is_bad, is_theirs) {
        (true, _) => (Icon::Cross, "is-bad"),
        (false, true) => (Icon::Tick, "is-ok"),
        (false, false) => (Icon::Pen, ""),
    };
    Ok(PersonEvent {
        what: words(record, || client.clone()),
        action: record.action.clone(),
        icon,
        class,
        by: by.map(|name| say_of("console-by", &[("name", &*Legible::of(name).isolated())])),
        device: agent.map(|name| Legible::of(&name).to_string()),
        ip: record.ip_address.clone(),
        request: record.request_id.clone(),
        at: When::ago(record.at, work.now()),
    })
}

/// What the application is called that a record is about.
async fn client_of(work: &AtWork, record: &AuditRecord) -> Result<String, Fault> {
    let is_about_one = &*record.target_type == "client";
    let Some(id) = record.target_id.filter(|_| is_about_one) else { return Ok(say("an-application")) };
    let store = &work.task.app.store;
    let found = store.registered_client(ClientId::from_bytes(id), work.task.acting.tenant()).await?;
    let named = |found: RegisteredClient| Legible::of(&found.client.name).isolated().into_owned();
    Ok(found.map_or_else(|| say("an-application"), named))
}

fn factors(work: &AtWork, factors: &Factors) -> Vec<PersonFactor> {
    let factor = |factor: &writ_core::people::factors::Factor| {
        let (words, at) = match factor.used_at {
            Some(at) => ("factor-used", at),
            None => ("factor-set-up", factor.created_at),
        };
        PersonFactor {
            name: Legible::of(&factor.name).as_str().to_owned(),
            used: say_of(words, &[("when", When::ago(at, work.now()).words())]),
            icon: if factor.kind() == FactorKind::Passkey { Icon::Key } else { Icon::Phone },
        }
    };
    factors.list.iter().map(factor).collect()
}

/// Where somebody is signed in; none to whoever may not see that.
async fn devices(work: &AtWork, account: &Account) -> Result<Option<Vec<PersonDevice>>, Fault> {
    if !work.may(Permission::SessionsRead) {
        return Ok(None);
    }
    let at = (Lifetimes::from(&work.tenant().settings), work.now());
    let of = Of::User(account.user.id);
    let (found, _) = work.task.app.store.sessions_page(of, (After::START, ROWS), at).await?;
    let shown = found.into_iter().map(|session| {
        let name = match device::named(session.user_agent.as_deref().unwrap_or_default()) {
            name if name.is_empty() => say("unknown-device"),
            name => Legible::of(&name).to_string(),
        };
        PersonDevice {
            id: session.id.to_string(),
            end: say_of("sign-out-device", &[("device", &name)]),
            name,
            ip: session.ip,
            seen: When::ago(session.last_seen_at, work.now()),
        }
    });
    Ok(Some(shown.collect()))
}

/// Which applications somebody has let in; none to whoever may not see that.
async fn applications(work: &AtWork, account: &Account) -> Result<Option<Vec<PersonApplication>>, Fault> {
    if !work.may(Permission::OauthRead) {
        return Ok(None);
    }
    let of = Of::User(account.user.id);
    let (found, _) = work.task.app.store.consents_page(of, After::START, ROWS).await?;
    let shown = found.iter().map(|consent| PersonApplication {
        name: Legible::of(&consent.client_name).as_str().to_owned(),
        scope: consent.scope.as_str().to_owned(),
        since: When::ago(consent.granted_at, work.now()),
    });
    Ok(Some(shown.collect()))
}
