//! Reads of the audit log.

use writ_core::audit::{AuditFilter, AuditRecord, IssuedRecords, TOKEN_ISSUED};
use writ_core::ids::{AuditId, TenantId};

use crate::error::ReadError;
use crate::listing::{AUDIT_MARK, Budget, COUNTED_MOST, ListLane, NEWEST, Stretch, Window, WindowPlace};
use crate::row::{Column, Row};
use crate::sql::Sql;
use crate::statements as sql;
use crate::store::Store;
use crate::tokens::ListPage;
use crate::value::Value;

/// Everything: issued tokens through their side table, other acts through their index.
static EVERYTHING: ListLane = ListLane {
    mark: AUDIT_MARK,
    edges: &[&sql::AUDIT_INDEX_EDGE, &sql::AUDIT_ACTS_EDGE],
    tails: &[&sql::AUDIT_TAIL_EDGE],
};
static ISSUED: ListLane =
    ListLane { mark: AUDIT_MARK, edges: &[&sql::AUDIT_INDEX_EDGE], tails: &[&sql::AUDIT_TAIL_EDGE] };
static ACTS: ListLane = ListLane { mark: AUDIT_MARK, edges: &[&sql::AUDIT_ACTS_EDGE], tails: &[] };

fn lane(filter: &AuditFilter) -> &'static ListLane {
    match (filter.action.as_deref(), filter.issued) {
        (None, IssuedRecords::Included) => &EVERYTHING,
        (Some(TOKEN_ISSUED), IssuedRecords::Included) => &ISSUED,
        (Some(_), _) | (None, IssuedRecords::LeftOut) => &ACTS,
    }
}

fn sources(filter: &AuditFilter, place: WindowPlace) -> Vec<&'static Sql> {
    let issued: &Sql = match place {
        WindowPlace::Listed => &sql::AUDIT_ISSUED,
        WindowPlace::Tail => &sql::AUDIT_TAIL,
    };
    match (filter.action.as_deref(), filter.issued) {
        (None, IssuedRecords::Included) => vec![issued, &sql::AUDIT_ACTS],
        (Some(TOKEN_ISSUED), IssuedRecords::Included) => vec![issued],
        (Some(_), _) | (None, IssuedRecords::LeftOut) => vec![&sql::AUDIT_ACTS],
    }
}

fn stretch(tenant: TenantId, filter: &AuditFilter, to: [u8; 16]) -> Stretch {
    let at = |time| AuditId::v7(time, [0; 8]).to_bytes();
    Stretch {
        owner: tenant.to_bytes(),
        from: filter.from.map_or([0; 16], at),
        to: to.min(filter.to.map_or(NEWEST, at)),
    }
}

fn record(row: &Row<'_>) -> Column<AuditRecord> {
    let text = || Ok::<_, String>(row.maybe_text()?.map(Box::from));
    Ok(AuditRecord {
        id: AuditId::from_bytes(row.id()?),
        at: row.time()?,
        actor_type: row.text()?.into(),
        actor_id: row.maybe_id()?,
        actor_name: text()?,
        action: row.text()?.into(),
        target_type: row.text()?.into(),
        target_id: row.maybe_id()?,
        outcome: row.text()?.into(),
        ip_address: text()?,
        user_agent: text()?,
        request_id: text()?,
        details: text()?,
    })
}

impl Store {
    /// A page of a tenant's audit log, newest first, behind `after`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn audit_page(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        (after, most): ([u8; 16], usize),
    ) -> Result<ListPage<AuditRecord>, ReadError> {
        let mut walk = self.walk(lane(filter), stretch(tenant, filter, after), Budget::Request).await?;
        let mut rows = Vec::new();
        while let Some(window) = walk.next(self).await? {
            rows.extend(self.audit_in(tenant, filter, window).await?);
            if rows.len() > most {
                rows.truncate(most);
                let next = rows.last().map(|last: &AuditRecord| last.id.to_bytes());
                return Ok(ListPage { rows, next });
            }
        }
        let next = (!walk.is_over()).then(|| walk.place());
        Ok(ListPage { rows, next })
    }

    /// How many records there are; `None`: too many to be counted for a list.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn audit_total(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
    ) -> Result<Option<i64>, ReadError> {
        let (lane, stretch) = (lane(filter), stretch(tenant, filter, NEWEST));
        if self.is_beyond_counting(lane, stretch).await? {
            return Ok(None);
        }
        let mut walk = self.walk(lane, stretch, Budget::Request).await?;
        let mut total = 0;
        while let Some(window) = walk.next(self).await? {
            total += i64::try_from(self.audit_in(tenant, filter, window).await?.len()).unwrap_or(i64::MAX);
            if total > COUNTED_MOST {
                return Ok(None);
            }
        }
        Ok(walk.is_over().then_some(total))
    }

    async fn audit_in(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        window: Window,
    ) -> Result<Vec<AuditRecord>, ReadError> {
        let values = [tenant.into(), Value::Id(window.from), Value::Id(window.to)];
        let mut rows = Vec::new();
        for sql in sources(filter, window.place) {
            rows.extend(self.read(sql, &values, &mut record).await?);
        }
        rows.retain(|record| filter.takes(record));
        rows.sort_by_key(|record| std::cmp::Reverse(record.id));
        Ok(rows)
    }
}
