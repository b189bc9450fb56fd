//! `/account/activity`: what happened to an account lately, as the audit log has it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, Mentioned};
use writ_core::client::RegisteredClient;
use writ_core::device;
use writ_core::ids::ClientId;
use writ_core::text::Legible;
use writ_core::time::Seconds;
use writ_store::NEWEST;

use super::super::flow::{FlowPage, shown};
use super::{Leaf, Owner, Top};
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::happened::{is_bad, words};
use crate::call::html::{self, Forms};
use crate::call::language::called;
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::say;
use crate::state::app::App;

/// How far back it goes.
const SHOWN: Seconds = Seconds(30 * 86_400);
/// Rows of a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "account/activity.html")]
struct Activity<'a> {
    frame: Frame<'a>,
    top: Top,
    events: &'a [Event],
    more: Option<String>,
}

framed!(Activity);

/// Something that happened.
struct Event {
    what: String,
    device: Option<String>,
    ip: Option<Box<str>>,
    at: When,
    is_bad: bool,
}

/// `GET /account/activity`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Activity).await?;
    let query = call.query()?;
    let before = query.get("before").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
    let filter = of(&owner, app);
    app.store.flush_notes_early(app.default_tenant).await.map_err(Fault::from)?;
    let found = app.store.audit_page(owner.tenant.id, &filter, (before.unwrap_or(NEWEST), ROWS)).await?;
    let here = owner.place(Leaf::Activity);
    let more = found.next.map(|id| format!("{here}?before={}", URL_SAFE_NO_PAD.encode(id)));
    let names = ClientNames::load(app, &owner, &found.rows).await?;
    let events: Vec<_> = found.rows.iter().filter_map(|record| event(record, &names, app)).collect();
    let title = say("activity-title");
    let page = Activity {
        frame: Frame::of(&owner.tenant, &title),
        top: Top::of(&owner.tenant, Leaf::Activity),
        events: &events,
        more,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::None))
}

/// What somebody did, or what was done to them, in the last weeks.
pub(super) fn of(owner: &Owner, app: &App) -> AuditFilter {
    AuditFilter {
        user: Some(Mentioned::Row(owner.session.user.to_bytes())),
        from: Some(app.clock.now().minus(SHOWN)),
        issued: IssuedRecords::LeftOut,
        ..AuditFilter::default()
    }
}

/// A record as people read it; none where it tells them nothing.
fn event(record: &AuditRecord, names: &ClientNames, app: &App) -> Option<Event> {
    let agent = record.user_agent.as_deref().map(device::named).filter(|name| !name.is_empty());
    let is_somebody_elses = is_somebody_elses(record);
    let device = if is_somebody_elses {
        Some(say("by-administrator"))
    } else {
        agent.map(|name| Legible::of(&name).to_string())
    };
    Some(Event {
        what: words(record, || names.of(record))?,
        device,
        ip: record.ip_address.clone().filter(|_| !is_somebody_elses),
        at: When::ago(record.at, app.clock.now()),
        is_bad: is_bad(&record.action),
    })
}

/// Whether somebody else did it to them. Where an administrator sits is nobody else's business.
pub(super) fn is_somebody_elses(record: &AuditRecord) -> bool {
    match &*record.actor_type {
        "user" => &*record.target_type == "user" && record.actor_id != record.target_id,
        "anonymous" => false,
        _ => true,
    }
}

fn named(found: &RegisteredClient) -> Box<str> {
    called(&found.client.name, &found.registration.metadata.translations).into()
}

/// What the applications of records are called.
struct ClientNames(Vec<(ClientId, Box<str>)>);

impl ClientNames {
    async fn load(app: &App, owner: &Owner, records: &[AuditRecord]) -> Result<Self, Fault> {
        let mut known: Vec<(ClientId, Box<str>)> = Vec::new();
        for id in records.iter().filter_map(application) {
            if known.iter().any(|(other, _)| *other == id) {
                continue;
            }
            let found = app.store.registered_client(id, owner.tenant.id).await?;
            known.push((id, found.map(|found| named(&found)).unwrap_or_default()));
        }
        Ok(Self(known))
    }

    /// The application that a record is about; one that is gone is called an application.
    fn of(&self, record: &AuditRecord) -> String {
        let found = application(record).and_then(|id| self.0.iter().find(|(known, _)| *known == id));
        match found {
            Some((_, name)) if !name.is_empty() => Legible::of(name).isolated().into_owned(),
            Some(_) | None => say("an-application"),
        }
    }
}

fn application(record: &AuditRecord) -> Option<ClientId> {
    let is_about_one = matches!(&*record.action, "authorization.approved" | "authorization.denied");
    record.target_id.filter(|_| is_about_one).map(ClientId::from_bytes)
}
