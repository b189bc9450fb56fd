//! Why clients fail: what the audit log has of requests that were refused lately, by client and by cause.

use std::collections::BTreeMap;

use serde_json::Value;
use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, Mentioned, Outcome};
use writ_core::authority::Permission;
use writ_core::client::Client;
use writ_core::error::ErrorCode;
use writ_core::ids::ClientId;
use writ_core::time::{Micros, Seconds};
use writ_store::NEWEST;

use super::at_work::AtWork;
use crate::call::fault::Fault;

/// How far back a client counts as failing.
pub(super) const LATELY: Seconds = Seconds(86_400);
/// Records that are looked at for a page.
const LOOKED_AT: usize = 500;

/// Clients that were refused something in the last day.
#[derive(Debug, Default)]
pub(super) struct Failing(BTreeMap<[u8; 16], u64>);

impl Failing {
    /// Those of the tenant, as far as whoever asks may read the audit log.
    pub(super) async fn load(work: &AtWork) -> Result<Self, Fault> {
        let mut counts = BTreeMap::new();
        for record in refused(work, None).await? {
            if let Some(id) = record.target_id.filter(|_| &*record.target_type == "client") {
                *counts.entry(id).or_default() += count(&record);
            }
        }
        Ok(Self(counts))
    }

    /// How often a client was refused; none: never.
    pub(super) fn of(&self, client: &Client) -> Option<u64> {
        self.0.get(&client.id.to_bytes()).copied()
    }

    /// Those that were refused most, first.
    pub(super) fn most(&self) -> Vec<(ClientId, u64)> {
        let mut all: Vec<_> = self.0.iter().map(|(id, count)| (ClientId::from_bytes(*id), *count)).collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }
}

/// A cause for which a client was refused something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusalCause {
    /// The error on the wire.
    pub error: Box<str>,
    /// What was wrong in particular, as the operator is told.
    pub reason: Box<str>,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Micros,
    /// From where last.
    pub ip: Option<Box<str>>,
}

impl RefusalCause {
    /// The error of the table, where it is one.
    pub(super) fn code(&self) -> Option<ErrorCode> {
        ErrorCode::by_page(&self.error)
    }
}

/// Why a client was refused something in the last day: what happened most comes first.
pub(super) async fn causes(work: &AtWork, client: &Client) -> Result<Vec<RefusalCause>, Fault> {
    let mut causes: Vec<RefusalCause> = Vec::new();
    for record in refused(work, Some(client.id)).await? {
        let read: Value =
            record.details.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let text = |name: &str| read.get(name).and_then(Value::as_str).unwrap_or_default();
        let (error, reason, count) = (text("error"), text("reason"), count(&record));
        // Records come newest first.
        match causes.iter_mut().find(|known| &*known.error == error && &*known.reason == reason) {
            Some(known) => known.count += count,
            None => causes.push(RefusalCause {
                error: error.into(),
                reason: reason.into(),
                count,
                last: record.at,
                ip: record.ip_address.clone(),
            }),
        }
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    Ok(causes)
}

/// What was refused in the last day, of one client or of all; nothing to whoever may not read the audit log.
async fn refused(work: &AtWork, of: Option<ClientId>) -> Result<Vec<AuditRecord>, Fault> {
    if !work.may(Permission::AuditRead) {
        return Ok(Vec::new());
    }
    let app = &work.task.app;
    // Whoever asks why something was refused asks at once.
    app.store.flush_notes_early(app.default_tenant).await?;
    let filter = AuditFilter {
        target: of.map(|client| Mentioned::Row(client.to_bytes())),
        outcome: Some(Outcome::Refused),
        from: Some(work.now().minus(LATELY)),
        issued: IssuedRecords::LeftOut,
        ..AuditFilter::default()
    };
    Ok(app.store.audit_page(work.task.acting.tenant(), &filter, (NEWEST, LOOKED_AT)).await?.rows)
}

/// For how many requests a record stands.
fn count(record: &AuditRecord) -> u64 {
    let read: Option<Value> = record.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let count = read.as_ref().and_then(|read| read.get("count")).and_then(Value::as_str);
    count.and_then(|text| text.parse().ok()).unwrap_or(1)
}
