//! Lists of what is written too often for an index of its own: tokens, and the audit records of tokens.
//!
//! A side table is filled in the background, in windows sorted by owner and id, up to a mark. What is younger than
//! the mark (the *tail*) is read from the table itself, which is ordered by time. A list walks down both in windows,
//! newest first, and never looks at more rows in one request than its budget says.
//!
//! Access and refresh tokens share one side table and one mark: their ids come from one sequence in time, and a list
//! has both.

use writ_core::ids::{AuditId, TenantId, TokenId};
use writ_core::time::{Micros, Seconds};

use crate::error::{CommitError, ReadError};
use crate::sql::Sql;
use crate::statements as sql;
use crate::store::Store;
use crate::sweep::SweepError;
use crate::value::{Step, Value};

/// Up to where tokens are listed.
pub(crate) const TOKEN_MARK: &str = "token_index";
/// Up to where audit records of tokens are listed.
pub(crate) const AUDIT_MARK: &str = "audit_index";

/// How old a row is before it is listed: it is written a moment after its id was drawn, and clocks of nodes differ.
/// What takes longer all the same is found by the sweep.
const LAG: Seconds = Seconds(5);
/// Rows put into the lists by one unit. The more there are, the more of them share a page of the side table (with
/// 2,000 clients a row of a window of 500 costs about 20 µs), and the longer the writer is held up.
const WINDOW: i64 = 250;

/// Rows of the first window of a walk; each further one is twice as large.
const FIRST: i64 = 128;
/// Rows of a window at the most.
const LARGEST: i64 = 2048;
/// Listed rows that one request looks at.
const BUDGET: i64 = 20_000;
/// Rows of the tail that one request looks at; most of them are skipped without being read.
const TAIL_BUDGET: i64 = 200_000;

/// Rows counted before a count is given up.
pub(crate) const COUNTED_MOST: i64 = 5_000;

/// Behind every id.
pub const NEWEST: [u8; 16] = [0xff; 16];

/// One kind of list: where its rows stand, and how far down a number of them reach.
pub(crate) struct ListLane {
    pub mark: &'static str,
    /// Sources with an index: each is given the owner, a range and a number.
    pub edges: &'static [&'static Sql],
    /// The tables themselves: each is given a range and a number. None: all is in the sources above.
    pub tails: &'static [&'static Sql],
}

/// What a walk is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub owner: [u8; 16],
    /// From this id on.
    pub from: [u8; 16],
    /// Up to here, this id not included.
    pub to: [u8; 16],
}

/// Where the rows of a window are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindowPlace {
    /// Through the side table.
    Listed,
    /// In the table itself.
    Tail,
}

/// A part of a walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub place: WindowPlace,
    pub from: [u8; 16],
    pub to: [u8; 16],
}

/// How many rows one walk may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    /// As many as one request may.
    Request,
    /// All of them.
    Whole,
}

/// A walk down a list, newest first.
pub(crate) struct ListWalk {
    lane: &'static ListLane,
    stretch: Stretch,
    /// Where the tail begins.
    tail: [u8; 16],
    size: i64,
    left: (i64, i64),
}

impl ListWalk {
    /// Where it stands: everything from here on has been looked at.
    pub fn place(&self) -> [u8; 16] {
        self.stretch.to
    }

    /// Whether it has come to the end.
    pub fn is_over(&self) -> bool {
        self.stretch.to <= self.stretch.from
    }

    /// The next window; `None` at the end, or where the budget is used up.
    pub async fn next(&mut self, store: &Store) -> Result<Option<Window>, ReadError> {
        if self.is_over() {
            return Ok(None);
        }
        let Stretch { from, to, .. } = self.stretch;
        let (place, from) = if to > self.tail && !self.lane.tails.is_empty() {
            (WindowPlace::Tail, from.max(self.tail))
        } else {
            (WindowPlace::Listed, from)
        };
        let left = if place == WindowPlace::Tail { &mut self.left.1 } else { &mut self.left.0 };
        if *left <= 0 {
            return Ok(None);
        }
        *left = left.saturating_sub(self.size);
        let size = self.size;
        self.size = (size * 2).min(LARGEST);
        let range = [Value::Id(from), Value::Id(to), size.into()];
        let owner = Value::Id(self.stretch.owner);
        let (edges, values): (_, Vec<_>) = match place {
            WindowPlace::Tail => (self.lane.tails, range.into()),
            WindowPlace::Listed => (self.lane.edges, std::iter::once(owner).chain(range).collect()),
        };
        let mut lowest = from;
        for edge in edges {
            lowest = lowest.max(store.edge(edge, &values).await?.unwrap_or_default());
        }
        self.stretch.to = lowest;
        Ok(Some(Window { place, from: lowest, to }))
    }
}

impl Store {
    async fn edge(&self, sql: &'static Sql, values: &[Value]) -> Result<Option<[u8; 16]>, ReadError> {
        self.read_one(sql, values, &mut |row| row.id()).await
    }

    /// Up to where a side table is filled; the id itself is not in it.
    pub(crate) async fn mark(&self, name: &'static str) -> Result<[u8; 16], ReadError> {
        let found = self
            .read_one(&sql::META_GET, &[name.into()], &mut |row| {
                row.bytes()?.try_into().map_err(|_| "not a mark".to_owned())
            })
            .await?;
        Ok(found.unwrap_or_default())
    }

    /// Begins a walk.
    pub(crate) async fn walk(
        &self,
        lane: &'static ListLane,
        stretch: Stretch,
        budget: Budget,
    ) -> Result<ListWalk, ReadError> {
        let left = match budget {
            Budget::Request => (BUDGET, TAIL_BUDGET),
            Budget::Whole => (i64::MAX, i64::MAX),
        };
        Ok(ListWalk { lane, stretch, tail: self.mark(lane.mark).await?, size: FIRST, left })
    }

    /// Whether a stretch has more listed rows than are worth counting.
    pub(crate) async fn is_beyond_counting(
        &self,
        lane: &ListLane,
        stretch: Stretch,
    ) -> Result<bool, ReadError> {
        let values =
            [Value::Id(stretch.owner), Value::Id(stretch.from), Value::Id(stretch.to), COUNTED_MOST.into()];
        for edge in lane.edges {
            if self.edge(edge, &values).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lists a window of tokens and one of audit records. Answers whether everything that is old enough is listed
    /// now. One node does this at a time; where two do, one of them finds the mark moved and writes nothing.
    ///
    /// # Errors
    /// [`SweepError`]; the next call tries the same windows again.
    pub async fn fill_lists(&self, tenant: TenantId, now: Micros) -> Result<bool, SweepError> {
        let end = now.minus(LAG);
        let tokens = Filling {
            mark: TOKEN_MARK,
            nth: &sql::TOKENS_NTH,
            fill: &TOKEN_FILL,
            end: TokenId::v7(end, [0; 8]).to_bytes(),
            more: vec![now.into()],
        };
        let records = Filling {
            mark: AUDIT_MARK,
            nth: &sql::AUDIT_NTH,
            fill: &AUDIT_FILL,
            end: AuditId::v7(end, [0; 8]).to_bytes(),
            more: Vec::new(),
        };
        let all = [self.fill(tenant, tokens).await?, self.fill(tenant, records).await?];
        Ok(all == [true, true])
    }

    async fn fill(&self, tenant: TenantId, filling: Filling) -> Result<bool, SweepError> {
        let from = self.mark(filling.mark).await?;
        if from >= filling.end {
            return Ok(true);
        }
        let range = |nth: i64| [Value::Id(from), Value::Id(filling.end), nth.into()];
        let (to, done) = match self.edge(filling.nth, &range(WINDOW)).await? {
            Some(id) => (id, false),
            // Where nothing is new, nothing is written either: an idle server stays idle.
            None if self.edge(filling.nth, &range(0)).await?.is_none() => return Ok(true),
            None => (filling.end, true),
        };
        let values: Vec<_> = [Value::Id(from), Value::Id(to)].into_iter().chain(filling.more).collect();
        // The mark first: it is locked by its update, so that of two nodes one waits and finds it moved.
        let mark = Step::new(&sql::MARK_FORWARD, [filling.mark.into(), to.to_vec().into()]).guarded();
        let steps = std::iter::once(mark)
            .chain(filling.fill.iter().map(|sql| Step::new(sql, values.clone()).detail()))
            .collect();
        match self.commit_steps(tenant, steps).await {
            Ok(_) => Ok(done),
            // Another node was faster.
            Err(CommitError::Guard) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// A refresh token is issued with an access token, so that the windows of these are small enough for both.
static TOKEN_FILL: [&Sql; 6] = [
    &sql::TOKEN_INDEX_TENANTS,
    &sql::REFRESH_INDEX_TENANTS,
    &sql::TOKEN_INDEX_CLIENTS,
    &sql::REFRESH_INDEX_CLIENTS,
    &sql::TOKEN_INDEX_USERS,
    &sql::REFRESH_INDEX_USERS,
];
static AUDIT_FILL: [&Sql; 1] = [&sql::AUDIT_INDEX_FILL];

/// One side table on its way.
struct Filling {
    mark: &'static str,
    /// The n-th row of a range.
    nth: &'static Sql,
    /// What a range becomes.
    fill: &'static [&'static Sql],
    /// Up to here, not included.
    end: [u8; 16],
    /// Parameters behind the range.
    more: Vec<Value>,
}
