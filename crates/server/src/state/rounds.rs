//! Rounds: load, decide, commit, and once more where the facts had changed.
//!
//! A cached fact never decides alone. What is written carries the versions it was decided on, and a
//! refusal that rests on a cached fact is decided again on fresh ones before it is answered.

use writ_core::change::{Changes, Receipt};
use writ_core::decision::Refusal;
use writ_store::CommitError;

use crate::state::app::App;
use crate::state::fault::Fault;

/// How many times a request is decided at the most.
const MOST: u8 = 4;

/// How fresh the facts of a round have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A cached fact will do: whatever is decided on it is checked.
    Cached,
    /// Past every cache.
    Fresh,
}

/// Where facts came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A cache.
    Cache,
    /// Storage, in this round.
    Storage,
}

/// What was decided in a round.
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the usual one, and lives for a moment on the stack"
)]
pub enum Verdict<T> {
    /// Write, then answer.
    Commit(T, Changes),
    /// Answer; what was read carried the versions it rests on.
    Answer(T),
    /// The versions in the answer are not those of the facts: look again.
    Stale,
    /// Refuse.
    Refuse(Box<Refusal>),
}

/// The rounds of one request.
#[derive(Debug)]
pub struct Rounds {
    left: u8,
    freshness: Freshness,
}

/// What a round came to.
pub enum Settled<T> {
    /// An answer.
    Done(T, Receipt),
    /// Another round is needed.
    Again,
}

impl Rounds {
    /// The first round may use cached facts.
    pub fn new() -> Self {
        Self { left: MOST, freshness: Freshness::Cached }
    }

    /// How fresh this round's facts have to be.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// Settles a round: commits, or asks for another one.
    ///
    /// # Errors
    /// The refusal, once it rests on fresh facts; a failure of the storage; 503 after the last round.
    pub async fn settle<T>(
        &mut self,
        app: &App,
        source: Source,
        verdict: Verdict<T>,
    ) -> Result<Settled<T>, Fault> {
        let again = match verdict {
            Verdict::Answer(answer) => return Ok(Settled::Done(answer, Receipt::default())),
            Verdict::Commit(answer, changes) => match app.store.commit(changes).await {
                Ok(receipt) => return Ok(Settled::Done(answer, receipt)),
                Err(CommitError::Guard) => "the facts changed while it was being decided",
                Err(error) => return Err(error.into()),
            },
            Verdict::Stale => "the facts changed while they were read",
            Verdict::Refuse(_) if source == Source::Cache => "a refusal rests on cached facts",
            Verdict::Refuse(refusal) => match refuse(app, refusal).await {
                Err(CommitError::Guard) => "what belongs to the refusal was done by somebody else",
                Err(failure) => return Err(failure.into()),
                Ok(fault) => return Err(fault),
            },
        };
        self.freshness = Freshness::Fresh;
        self.left -= 1;
        if self.left == 0 {
            return Err(Fault::unavailable("what the request depends on keeps changing", again, 1));
        }
        Ok(Settled::Again)
    }
}

impl Default for Rounds {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes what belongs to a refusal, then gives its error. It is an answer only together with its writes.
async fn refuse(app: &App, refusal: Box<Refusal>) -> Result<Fault, CommitError> {
    let Refusal { error, changes, notes, records } = *refusal;
    for note in notes {
        app.store.note(note);
    }
    for record in records {
        let _ = app.store.record(record);
    }
    if let Some(changes) = changes {
        app.store.commit(changes).await?;
    }
    Ok(error.into())
}
