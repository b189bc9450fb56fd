//! Whose turn it is to lose what has expired: the tables of tokens, which are walked, and every other table, each of
//! which has its own regular turn, however long the walks take and however much another table has to lose.

use writ_core::registration::swept;
use writ_core::time::Micros;
use writ_core::token::TokenType;
use writ_store::{CommitError, ExpiringTable, SweepCursor, SweepError};

use crate::state::app::App;
use crate::state::rounds::Held;

/// Turns that a walk leaves out at the end of its table.
const WALKED: u32 = 600;
/// Turns that a table leaves out in which nothing was left: half a minute.
const EMPTY: u32 = 300;

/// A walk of the sweep through one table of tokens.
#[derive(Debug)]
struct SweepWalk {
    cursor: SweepCursor,
    /// Turns that it leaves out.
    rest: u32,
}

/// What is swept beside tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chore {
    Table(ExpiringTable),
    /// Audit records that are older than they are kept.
    Audit,
    /// Clients that have registered themselves and were never used.
    Registered,
}

/// The sweep, from turn to turn: a window of each table of tokens, and a batch of one other table.
#[derive(Debug)]
pub struct Sweeper {
    walks: [SweepWalk; 2],
    /// Each with the turns that it leaves out. The one whose turn it was goes to the end.
    chores: Vec<(Chore, u32)>,
}

impl Default for Sweeper {
    fn default() -> Self {
        let chores =
            ExpiringTable::ALL.into_iter().map(Chore::Table).chain([Chore::Audit, Chore::Registered]);
        Self {
            walks: TokenType::ALL.map(|of_type| SweepWalk { cursor: SweepCursor::over(of_type), rest: 0 }),
            chores: chores.map(|chore| (chore, 0)).collect(),
        }
    }
}

impl Sweeper {
    /// One turn.
    ///
    /// # Errors
    /// [`SweepError`]; a later turn tries again.
    pub async fn turn(&mut self, app: &App) -> Result<(), SweepError> {
        let now = app.clock.now();
        if let Some(chore) = self.next() {
            let done = look_after(app, chore, now).await;
            // Also where it failed: it comes again.
            let rest = if matches!(done, Ok(1..)) { 0 } else { EMPTY };
            self.chores.push((chore, rest));
            done?;
        }
        for walk in &mut self.walks {
            if walk.rest > 0 {
                walk.rest -= 1;
                continue;
            }
            let (_, wrapped) = app.store.sweep(&mut walk.cursor, app.default_tenant, now).await?;
            walk.rest = if wrapped { WALKED } else { 0 };
        }
        Ok(())
    }

    /// Takes out whose turn it is.
    fn next(&mut self) -> Option<Chore> {
        for (_, rest) in &mut self.chores {
            *rest = rest.saturating_sub(1);
        }
        let at = self.chores.iter().position(|(_, rest)| *rest == 0)?;
        Some(self.chores.remove(at).0)
    }
}

async fn look_after(app: &App, chore: Chore, now: Micros) -> Result<u64, SweepError> {
    match chore {
        Chore::Table(table) => Ok(app.store.sweep_table(table, app.default_tenant, now).await?),
        Chore::Audit => match app.live.load().audit_retention {
            Some(kept) => Ok(app.store.sweep_audit(app.default_tenant, now.minus(kept)).await?),
            None => Ok(0),
        },
        Chore::Registered => unused(app, now).await,
    }
}

/// Removes clients one by one: each has its record, and is forgotten by every cache.
async fn unused(app: &App, now: Micros) -> Result<u64, SweepError> {
    const BATCH: i64 = 50;
    let found = app.store.unused_registered(app.default_tenant, now, BATCH).await?;
    let mut gone = 0;
    for one in &found {
        match app.once(swept(one, app.moment())).await {
            Ok(Held::Yes) => gone += 1,
            // Somebody was faster.
            Ok(Held::No) => {}
            // Why is in the log of the storage's outage.
            Err(_) => return Err(CommitError::Busy.into()),
        }
    }
    Ok(gone)
}
