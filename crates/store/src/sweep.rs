//! Expired rows go away by themselves, in small batches.
//!
//! Tokens have no index by expiry: it would cost every issued token more than the commit does. The
//! sweep walks the table in the order of its ids (which is the order of issue) in windows, removes
//! what has expired in each, and begins again at the end.

use std::sync::atomic::Ordering;

use writ_core::ids::{AuditId, TenantId, TokenId};
use writ_core::time::{Micros, Seconds};

use crate::error::{CommitError, ReadError};
use crate::statements as sql;
use crate::store::Store;
use crate::value::Step;

/// Rows looked at in one window.
const WINDOW: i64 = 1000;
/// Rows removed in one unit.
const BATCH: usize = 250;
/// Audit records removed in one unit.
const AUDIT_BATCH: i64 = 1000;
/// Remembered answers removed in one unit.
const REMEMBERED_BATCH: i64 = 250;
/// How long past its expiry a token is kept: clocks of nodes differ.
const GRACE: Seconds = Seconds(60);

/// Where the walk is.
#[derive(Debug, Clone, Copy, Default)]
pub struct SweepCursor {
    after: [u8; 16],
}

/// Why a sweep stopped; the cursor stays where it was.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Removing failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Store {
    /// Looks at one window and removes what has expired in it. Answers how many rows were removed
    /// and whether the walk has come to the end of the table (and will begin again).
    ///
    /// # Errors
    /// [`SweepError`]; the next call tries the same window again.
    pub async fn sweep(
        &self,
        cursor: &mut SweepCursor,
        tenant: TenantId,
        now: Micros,
    ) -> Result<(usize, bool), SweepError> {
        let end = now.minus(GRACE);
        let window = self
            .read(
                &sql::ACCESS_TOKEN_WINDOW,
                &[TokenId::from_bytes(cursor.after).into(), WINDOW.into()],
                &mut |row| Ok((row.id(0)?, row.time(1)?)),
            )
            .await?;
        let expired: Vec<_> = window
            .iter()
            .filter(|(_, expires_at)| *expires_at <= end)
            .map(|(id, _)| TokenId::from_bytes(*id))
            .collect();
        for batch in expired.chunks(BATCH) {
            let steps = batch
                .iter()
                .map(|id| Step::new(&sql::ACCESS_TOKEN_DELETE_EXPIRED, [(*id).into(), end.into()]))
                .collect();
            self.commit_steps(tenant, steps).await?;
            self.meters().swept.fetch_add(batch.len() as u64, Ordering::Relaxed);
        }
        let wrapped = window.len() < usize::try_from(WINDOW).unwrap_or(usize::MAX);
        cursor.after = if wrapped { [0; 16] } else { window.last().map_or([0; 16], |(id, _)| *id) };
        Ok((expired.len(), wrapped))
    }

    /// Forgets a batch of answers to requests that may not be repeated any more. Answers how many there
    /// were.
    ///
    /// # Errors
    /// [`CommitError`]; the next call tries again.
    pub async fn sweep_remembered(&self, tenant: TenantId, now: Micros) -> Result<u64, CommitError> {
        let step = Step::new(&sql::FORGET, [now.minus(GRACE).into(), REMEMBERED_BATCH.into()]);
        let removed = self.commit_steps(tenant, vec![step]).await?.rows(0);
        self.meters().swept.fetch_add(removed, Ordering::Relaxed);
        Ok(removed)
    }

    /// Removes a batch of audit records from before a time, of all tenants. Answers how many there
    /// were: a full batch says that there may be more.
    ///
    /// # Errors
    /// [`CommitError`]; the next call tries again.
    pub async fn sweep_audit(&self, tenant: TenantId, before: Micros) -> Result<u64, CommitError> {
        // The ids are ordered by time: no other column has to be looked at.
        let first_kept = AuditId::v7(before, [0; 8]);
        let step = Step::new(&sql::AUDIT_DELETE_OLD, [first_kept.into(), AUDIT_BATCH.into()]);
        let removed = self.commit_steps(tenant, vec![step]).await?.rows(0);
        self.meters().swept.fetch_add(removed, Ordering::Relaxed);
        Ok(removed)
    }
}
