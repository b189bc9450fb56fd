//! Expired rows go away by themselves, in small batches.
//!
//! Tokens have no index by expiry: it would cost every issued token more than the commit does. The
//! sweep walks each table in the order of its ids (which is the order of issue) in windows, removes
//! what has expired in each, and begins again at the end. On its way it keeps the lists: what is over
//! goes out of them, and what came late goes in.

use std::sync::atomic::Ordering;

use writ_core::ids::{AuditId, TenantId, TokenId};
use writ_core::time::{Micros, Seconds};
use writ_core::token::TokenType;

use crate::error::{CommitError, ReadError};
use crate::listing::TOKEN_MARK;
use crate::people::LATE_LINKS_KEPT;
use crate::row::{Column, Row};
use crate::sql::Sql;
use crate::statements as sql;
use crate::store::Store;
use crate::value::{Step, Value};

/// Rows looked at in one window.
const WINDOW: i64 = 1000;
/// Rows removed in one unit.
const BATCH: usize = 250;
/// Audit records removed in one unit.
const AUDIT_BATCH: i64 = 1000;
/// How long past its expiry a token is kept: clocks of nodes differ.
const GRACE: Seconds = Seconds(60);

/// Where the walk through a table of tokens is.
#[derive(Debug, Clone, Copy)]
pub struct SweepCursor {
    of_type: TokenType,
    after: [u8; 16],
}

impl SweepCursor {
    /// At the beginning of the table of these tokens.
    pub const fn over(of_type: TokenType) -> Self {
        Self { of_type, after: [0; 16] }
    }

    /// Whose table it is.
    pub const fn of_type(&self) -> TokenType {
        self.of_type
    }

    fn window(&self) -> &'static Sql {
        match self.of_type {
            TokenType::Access => &sql::ACCESS_TOKEN_WINDOW,
            TokenType::Refresh => &sql::REFRESH_WINDOW,
        }
    }

    fn delete(&self) -> &'static Sql {
        match self.of_type {
            TokenType::Access => &sql::ACCESS_TOKEN_DELETE_EXPIRED,
            TokenType::Refresh => &sql::REFRESH_DELETE_EXPIRED,
        }
    }
}

/// A token that the sweep looks at.
struct Swept {
    id: [u8; 16],
    expires_at: Micros,
    /// When it was revoked or used up.
    over_at: Option<Micros>,
    /// Whose lists it stands in: its tenant's, its client's, its person's.
    owners: [Option<[u8; 16]>; 3],
    is_listed: bool,
}

impl Swept {
    fn read(row: &Row<'_>) -> Column<Self> {
        Ok(Self {
            id: row.id()?,
            expires_at: row.time()?,
            over_at: row.maybe_time()?,
            owners: [Some(row.id()?), Some(row.id()?), row.maybe_id()?],
            is_listed: row.maybe_id()?.is_some(),
        })
    }

    /// A step for each list that the token stands in.
    fn steps(&self, sql: &'static Sql) -> impl Iterator<Item = Step> {
        let id = self.id;
        self.owners.into_iter().flatten().map(move |owner| Step::new(sql, [Value::Id(owner), Value::Id(id)]))
    }
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
        let values = [TokenId::from_bytes(cursor.after).into(), WINDOW.into()];
        let window = self.read(cursor.window(), &values, &mut Swept::read).await?;
        let expired: Vec<_> = window.iter().filter(|token| token.expires_at <= end).collect();
        for batch in expired.chunks(BATCH) {
            // Out of the lists first, by a unit of its own: a token that is listed no more is not missed.
            self.unlist(batch, tenant).await?;
            let delete = |token: &&Swept| {
                let values = [TokenId::from_bytes(token.id).into(), end.into()];
                Step::new(cursor.delete(), values)
            };
            self.commit_steps(tenant, batch.iter().map(delete).collect()).await?;
            self.meters().swept.fetch_add(batch.len() as u64, Ordering::Relaxed);
        }
        let over = |token: &&Swept| token.is_listed && token.over_at.is_some() && token.expires_at > end;
        let over: Vec<_> = window.iter().filter(over).collect();
        for batch in over.chunks(BATCH) {
            self.unlist(batch, tenant).await?;
        }
        self.list_the_missing(&window, tenant, now).await?;
        let wrapped = window.len() < usize::try_from(WINDOW).unwrap_or(usize::MAX);
        cursor.after = if wrapped { [0; 16] } else { window.last().map_or([0; 16], |token| token.id) };
        Ok((expired.len(), wrapped))
    }

    /// Takes tokens out of the lists.
    async fn unlist(&self, batch: &[&Swept], tenant: TenantId) -> Result<(), CommitError> {
        let steps = batch.iter().flat_map(|token| token.steps(&sql::TOKEN_INDEX_DELETE)).collect();
        self.commit_steps(tenant, steps).await.map(drop)
    }

    /// A token is written a moment after its id was drawn. Where that moment was so long that the lists were
    /// filled beyond it already, it is put into them now.
    async fn list_the_missing(
        &self,
        window: &[Swept],
        tenant: TenantId,
        now: Micros,
    ) -> Result<(), SweepError> {
        if window.iter().all(|token| token.is_listed || token.over_at.is_some()) {
            return Ok(());
        }
        let filled = self.mark(TOKEN_MARK).await?;
        let missing = window.iter().filter(|token| {
            !token.is_listed && token.id < filled && token.expires_at > now && token.over_at.is_none()
        });
        let steps: Vec<_> = missing.flat_map(|token| token.steps(&sql::TOKEN_INDEX_ADD)).collect();
        for batch in steps.chunks(BATCH) {
            self.commit_steps(tenant, batch.to_vec()).await?;
        }
        Ok(())
    }

    /// Removes a batch of audit records from before a time, of all tenants. Answers how many there were.
    ///
    /// # Errors
    /// [`CommitError`]; the next call tries again.
    pub async fn sweep_audit(&self, tenant: TenantId, before: Micros) -> Result<u64, CommitError> {
        // The ids are ordered by time: no other column has to be looked at.
        let first_kept = AuditId::v7(before, [0; 8]);
        let values = [first_kept.into(), AUDIT_BATCH.into()];
        let listed = Step::new(&sql::AUDIT_INDEX_DELETE_OLD, values.clone()).detail();
        let step = Step::new(&sql::AUDIT_DELETE_OLD, values);
        let removed = self.commit_steps(tenant, vec![listed, step]).await?.rows(0);
        self.meters().swept.fetch_add(removed, Ordering::Relaxed);
        Ok(removed)
    }
}

/// Codes and challenges are kept for so long: one that comes back is recognised.
const REMEMBERED: Seconds = Seconds(3600);
/// How long it can be looked at who could not be told of a sign-out.
const GIVEN_UP_KEPT: Seconds = Seconds(30 * 86_400);
/// Rows of a table removed in one unit.
const TABLE_BATCH: i64 = 500;

/// A table whose rows end by themselves, and in which those that are over are found at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiringTable {
    /// Authorization requests that wait, or were decided.
    Challenges,
    /// Authorization requests that were pushed.
    Pushed,
    /// Devices that wait for their person.
    Devices,
    /// Browsers that were sent to another identity provider.
    SentAway,
    /// Codes.
    Codes,
    /// Grants whose last token is over.
    Grants,
    /// What such grants came of.
    GrantLines,
    /// Sign-ins.
    Sessions,
    /// Browsers.
    Browsers,
    /// Buckets of attempts.
    Attempts,
    /// Links by mail.
    Links,
    /// Answers to requests that might have been repeated.
    Remembered,
    /// Clients that could not be told of a sign-out.
    Logouts,
    /// Assertions of clients that nobody takes any more.
    Assertions,
    /// Devices on which somebody was not asked for the second factor.
    KnownDevices,
}

impl ExpiringTable {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Challenges,
        Self::Pushed,
        Self::Devices,
        Self::SentAway,
        Self::Codes,
        Self::Grants,
        Self::GrantLines,
        Self::Sessions,
        Self::Browsers,
        Self::Attempts,
        Self::Links,
        Self::Remembered,
        Self::Logouts,
        Self::Assertions,
        Self::KnownDevices,
    ];

    fn delete(self, now: Micros) -> Vec<Step> {
        // Ids of version 7 are ordered by time.
        let first_kept = AuditId::v7(now.minus(REMEMBERED), [0; 8]);
        // What nobody but this server looks at needs no grace.
        let (sql, end): (_, Value) = match self {
            Self::Challenges => (&sql::flow::CHALLENGES_DELETE_OLD, first_kept.into()),
            Self::Pushed => (&sql::flow::PUSHED_DELETE_OLD, first_kept.into()),
            Self::Devices => (&sql::flow::DEVICES_DELETE_OLD, first_kept.into()),
            Self::SentAway => (&sql::upstream::REQUESTS_DELETE_OLD, first_kept.into()),
            Self::Codes => (&sql::flow::CODES_DELETE_OLD, first_kept.into()),
            Self::Grants => (&sql::flow::GRANTS_DELETE_OLD, now.minus(GRACE).into()),
            Self::GrantLines => (&sql::flow::GRANT_LINES_DELETE_OLD, now.minus(GRACE).into()),
            Self::Sessions => (&sql::flow::SESSIONS_DELETE_OLD, now.minus(GRACE).into()),
            Self::Browsers => (&sql::flow::BROWSERS_DELETE_OLD, now.minus(GRACE).into()),
            Self::Attempts => (&sql::ATTEMPTS_DELETE_OLD, now.into()),
            Self::Links => (&sql::LINKS_DELETE_OLD, now.minus(LATE_LINKS_KEPT).into()),
            Self::Remembered => (&sql::FORGET, now.minus(GRACE).into()),
            Self::Logouts => (&sql::logouts::LOGOUTS_DELETE_OLD, now.minus(GIVEN_UP_KEPT).into()),
            Self::Assertions => (&sql::ASSERTIONS_DELETE_OLD, now.minus(GRACE).into()),
            Self::KnownDevices => (&sql::factors::REMEMBERED_DELETE_OLD, now.into()),
        };
        let values = [end, TABLE_BATCH.into()];
        let with_them = (self == Self::Sessions)
            .then(|| Step::new(&sql::logouts::SESSION_CLIENTS_DELETE_OLD, values.clone()).detail());
        with_them.into_iter().chain([Step::new(sql, values)]).collect()
    }
}

impl Store {
    /// Removes a batch of what is over in a table. Answers how many rows there were.
    ///
    /// # Errors
    /// [`CommitError`]; the next call tries again.
    pub async fn sweep_table(
        &self,
        table: ExpiringTable,
        tenant: TenantId,
        now: Micros,
    ) -> Result<u64, CommitError> {
        let removed = self.commit_steps(tenant, table.delete(now)).await?.rows(0);
        self.meters().swept.fetch_add(removed, Ordering::Relaxed);
        Ok(removed)
    }
}
