//! `/api/v1/audit-logs`: who did what (the **oauth2** contract), as pages or as JSON lines.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};
use http_body::Frame;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, Mentioned, Outcome};
use writ_core::error::OAuthError;
use writ_core::ids::AuditId;
use writ_core::networks::NetworkPrefix;
use writ_core::reason::Reason;
use writ_core::shell_reason::ShellReason;
use writ_core::time::Micros;
use writ_store::{After, NEWEST};

use super::fields::parse_time;
use super::wire::{Page, json, time};
use crate::call::answer::respond;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::routes::{Answer, Task};
use crate::manage::named::mentioned;

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Records read at once for an export.
const CHUNK: usize = 500;
/// Chunks that wait for a slow reader.
const AHEAD: usize = 2;

#[derive(Serialize)]
struct AuditActor<'a> {
    r#type: &'a str,
    id: Option<String>,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct AuditTarget<'a> {
    r#type: &'a str,
    id: Option<String>,
}

#[derive(Serialize)]
struct AuditView<'a> {
    id: String,
    at: String,
    actor: AuditActor<'a>,
    action: &'a str,
    target: AuditTarget<'a>,
    outcome: &'a str,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
    request_id: Option<&'a str>,
    details: Option<Value>,
}

#[derive(Serialize)]
struct AuditList<'a> {
    audit_logs: Vec<AuditView<'a>>,
    /// `null` where there are more than are worth counting.
    total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a AuditRecord> for AuditView<'a> {
    fn from(record: &'a AuditRecord) -> Self {
        let uuid = |id: Option<[u8; 16]>| id.map(|id| AuditId::from_bytes(id).to_string());
        Self {
            id: record.id.to_string(),
            at: time(record.at),
            actor: AuditActor {
                r#type: &record.actor_type,
                id: uuid(record.actor_id),
                name: record.actor_name.as_deref(),
            },
            action: &record.action,
            target: AuditTarget { r#type: &record.target_type, id: uuid(record.target_id) },
            outcome: &record.outcome,
            ip_address: record.ip_address.as_deref(),
            user_agent: record.user_agent.as_deref(),
            request_id: record.request_id.as_deref(),
            details: record.details.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        }
    }
}

/// `GET /api/v1/audit-logs`, newest first; with `format=jsonl` or `Accept: application/x-ndjson` all of it, a record
/// a line.
pub async fn list(task: Task) -> Answer {
    let filter = filter(&task).await?;
    // Whoever asks why something was refused asks at once. On other nodes it takes some seconds.
    task.app.store.flush_notes_early(task.app.default_tenant).await?;
    if wants_lines(&task.call)? {
        return Ok(export(task, filter));
    }
    let page = Page::of(&task.call)?;
    let (store, tenant) = (&task.app.store, task.acting.tenant());
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found = store.audit_page(tenant, &filter, (page.after.id, most)).await?;
    let total = store.audit_total(tenant, &filter).await?;
    let next_cursor = found.next.map(|id| Page::cursor(After { at: page.after.at, id }));
    json(
        StatusCode::OK,
        &AuditList { audit_logs: found.rows.iter().map(AuditView::from).collect(), total, next_cursor },
    )
}

async fn maybe(task: &Task, name: Option<&str>) -> Result<Option<Mentioned>, Fault> {
    match name {
        Some(name) => mentioned(task, name).await.map(Some),
        None => Ok(None),
    }
}

async fn filter(task: &Task) -> Result<AuditFilter, Fault> {
    let query = task.call.query()?;
    let at = |name: &'static str| -> Result<Option<Micros>, OAuthError> {
        let read = |text: &str| parse_time(text).map_err(|why| OAuthError::of_field(name, why));
        query.get(name).map(read).transpose()
    };
    Ok(AuditFilter {
        actor: maybe(task, query.get("actor")).await?,
        action: query.get("action").map(Into::into),
        target: maybe(task, query.get("target")).await?,
        user: maybe(task, query.get("user")).await?,
        outcome: query.get("outcome").map(outcome).transpose()?,
        network: query.get("ip_address").map(network).transpose()?,
        from: at("from")?,
        to: at("to")?,
        issued: IssuedRecords::Included,
    })
}

fn outcome(name: &str) -> Result<Outcome, OAuthError> {
    Outcome::by_name(name).ok_or_else(|| {
        let known = Outcome::ALL.map(Outcome::name).join(", ");
        OAuthError::of_field("outcome", ShellReason::OneOf { known: known.into() })
    })
}

fn network(text: &str) -> Result<NetworkPrefix, OAuthError> {
    NetworkPrefix::parse(text).ok_or_else(|| OAuthError::of_field("ip_address", Reason::NetworkRule))
}

fn wants_lines(call: &Call) -> Result<bool, OAuthError> {
    match call.query()?.get("format") {
        Some("jsonl") => return Ok(true),
        Some("json") => return Ok(false),
        Some(_) => return Err(OAuthError::of_field("format", ShellReason::AuditFormat)),
        None => {}
    }
    let accepts = call.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepts.flat_map(|text| text.split(',')).filter_map(|item| item.split(';').next());
    Ok(types.any(|essence| essence.trim().eq_ignore_ascii_case("application/x-ndjson")))
}

/// All records that are asked for, read as fast as they are taken. Where the storage fails on the way, the
/// connection is cut: half an export never looks like a whole one.
fn export(task: Task, filter: AuditFilter) -> axum::response::Response {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let (store, tenant) = (&task.app.store, task.acting.tenant());
        let mut after = NEWEST;
        loop {
            let (lines, next) = match store.audit_page(tenant, &filter, (after, CHUNK)).await {
                Ok(page) => (lines(&page.rows), page.next),
                Err(error) => {
                    // A reader that has gone does not hear it.
                    drop(sender.send(Err(error.into())).await);
                    return;
                }
            };
            if !lines.is_empty() && sender.send(Ok(lines)).await.is_err() {
                return;
            }
            match next {
                Some(id) => after = id,
                None => return,
            }
        }
    });
    let headers = [(header::CONTENT_TYPE, NDJSON), (header::CACHE_CONTROL, NO_STORE)];
    respond(StatusCode::OK, &headers, Body::new(LineStream(receiver)))
}

fn lines(records: &[AuditRecord]) -> Bytes {
    let mut text = String::new();
    for record in records {
        // Texts and numbers: nothing here fails to become JSON.
        text.push_str(&serde_json::to_string(&AuditView::from(record)).unwrap_or_default());
        text.push('\n');
    }
    text.into()
}

/// A body that is read while it is sent.
struct LineStream(mpsc::Receiver<Result<Bytes, BoxError>>);

impl http_body::Body for LineStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}
