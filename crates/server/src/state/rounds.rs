//! Rounds: load, decide, commit, and once more where the facts had changed. Every handler that commits does it here.
//!
//! A cached fact never decides alone. What is written carries the versions it was decided on, and a
//! refusal that rests on a cached fact is decided again on fresh ones before it is answered.
//!
//! Nothing is answered before it is on disk: a round hands its answer over together with its unit, and the answer comes
//! back once the unit is written. Whether a commit whose outcome is unknown was made is found out below, by the storage:
//! what it answers is so.

use std::future::Future;

use writ_core::change::{Changes, Note, Receipt};
use writ_core::decision::{Decision, Refusal};
use writ_core::error::OAuthError;
use writ_core::noted::Noted;
use writ_core::shell_reason::ShellReason;
use writ_store::{CommitError, Constraint, Store};

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

/// A round, and what those before it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    freshness: Freshness,
    has_lost: bool,
    taken: Option<Constraint>,
}

impl Round {
    /// The first round may use cached facts.
    pub const FIRST: Self = Self { freshness: Freshness::Cached, has_lost: false, taken: None };

    /// How fresh this round's facts have to be.
    pub const fn freshness(self) -> Freshness {
        self.freshness
    }

    /// Whether a guard of a round before did not hold.
    pub const fn has_lost(self) -> bool {
        self.has_lost
    }

    /// The constraint that stood against the unit of a round before, if one did.
    pub const fn taken(self) -> Option<Constraint> {
        self.taken
    }

    /// The round after one that was not settled.
    const fn after(self, why: Unsettled) -> Self {
        let next = Self { freshness: Freshness::Fresh, ..self };
        match why {
            Unsettled::Lost => Self { has_lost: true, ..next },
            Unsettled::Taken(constraint) => Self { taken: Some(constraint), ..next },
            Unsettled::Stale => next,
        }
    }
}

/// What was decided in a round.
#[derive(Debug)]
pub enum Verdict<T> {
    /// Write, then answer; where a guard does not hold, another round.
    Commit(T, Changes),
    /// The same for a unit that is bound to what the caller named: where a guard does not hold, this is why not.
    Bound(T, Changes, OAuthError),
    /// Answer; nothing is written.
    Answer(T),
    /// Answer; what was read carried the versions of the facts, so they are good wherever they came from.
    Confirmed(T),
    /// What was read carried other versions than those of the facts: look again.
    Stale,
    /// Refuse, once what belongs to the refusal is written.
    Refuse(Box<Refusal>),
}

impl<T> Verdict<T> {
    /// The verdict on facts from there: what nothing has confirmed does not rest on a cache.
    #[must_use]
    pub fn on(self, source: Source) -> Self {
        match (source, self) {
            (Source::Cache, Self::Answer(_) | Self::Refuse(_)) => Self::Stale,
            (Source::Cache | Source::Storage, verdict) => verdict,
        }
    }
}

impl<T> From<Decision<T>> for Verdict<T> {
    fn from(decision: Decision<T>) -> Self {
        match decision {
            Ok((answer, changes)) => Self::Commit(answer, changes),
            Err(refusal) => Self::Refuse(refusal),
        }
    }
}

impl<T> From<OAuthError> for Verdict<T> {
    fn from(error: OAuthError) -> Self {
        Self::Refuse(error.into())
    }
}

/// What a round came to.
#[derive(Debug)]
pub enum Settled<T> {
    /// The answer; what belongs to it is on disk.
    Done(T, Receipt),
    /// There is none on these facts.
    Not(Unsettled),
}

/// Why a round has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsettled {
    /// A guard did not hold: the facts have changed since they were read.
    Lost,
    /// A named constraint stands against the unit.
    Taken(Constraint),
    /// The facts were stale, or of a cache and confirmed by nothing.
    Stale,
}

/// Whether the guard of a unit held, where that is what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It did, and the unit is on disk.
    Yes,
    /// It did not, and nothing was written.
    No,
}

/// Where units are written: the storage, and in tests what stands for it.
trait Disk {
    fn write(&self, changes: Changes) -> impl Future<Output = Result<Receipt, CommitError>> + Send;
    fn note(&self, note: Note);
    fn record(&self, record: Noted);
}

impl Disk for Store {
    fn write(&self, changes: Changes) -> impl Future<Output = Result<Receipt, CommitError>> + Send {
        self.commit(changes)
    }

    fn note(&self, note: Note) {
        Self::note(self, note);
    }

    fn record(&self, record: Noted) {
        // Dropped where there are too many of them; the storage counts those.
        let _ = Self::record(self, record);
    }
}

impl App {
    /// Decides in rounds until what was decided is on disk, then gives the answer. Each round loads its facts anew: the
    /// first may take them from a cache, the others go past it.
    ///
    /// A round is a function that gives a future, and no async closure: the future of those is not `Send` as far as the
    /// compiler can see, and every handler's has to be.
    ///
    /// # Errors
    /// The refusal; a failure of the storage; 503 where no round was settled.
    pub async fn rounds<T, E, F>(&self, decide: impl Fn(Round) -> F) -> Result<T, E>
    where
        E: From<Fault>,
        F: Future<Output = Result<Verdict<T>, E>>,
    {
        match in_rounds(&self.store, decide).await? {
            Settled::Done(answer, _) => Ok(answer),
            Settled::Not(why) => Err(restless(why).into()),
        }
    }

    /// The same, where it is the caller who says what it means that no round was settled.
    ///
    /// # Errors
    /// As [`rounds`](Self::rounds), but for the last.
    pub async fn settled<T, F>(&self, decide: impl Fn(Round) -> F) -> Result<Settled<T>, Fault>
    where
        F: Future<Output = Result<Verdict<T>, Fault>>,
    {
        in_rounds(&self.store, decide).await
    }

    /// Settles what was decided on facts that are not loaded again.
    ///
    /// # Errors
    /// The refusal; a failure of the storage.
    pub async fn settle<T>(&self, verdict: Verdict<T>) -> Result<Settled<T>, Fault> {
        settle(&self.store, verdict).await
    }

    /// Commits a unit whose guard is a question: whether an attempt is left, whether nobody else has done the same.
    ///
    /// # Errors
    /// A failure of the storage.
    pub async fn once(&self, changes: Changes) -> Result<Held, Fault> {
        match self.settle(Verdict::Commit((), changes)).await? {
            Settled::Done((), _) => Ok(Held::Yes),
            Settled::Not(Unsettled::Taken(constraint)) => Err(Fault::internal(constraint.what())),
            Settled::Not(Unsettled::Lost | Unsettled::Stale) => Ok(Held::No),
        }
    }
}

async fn in_rounds<T, E, F>(disk: &impl Disk, decide: impl Fn(Round) -> F) -> Result<Settled<T>, E>
where
    E: From<Fault>,
    F: Future<Output = Result<Verdict<T>, E>>,
{
    let mut round = Round::FIRST;
    let mut left = MOST;
    loop {
        let why = match settle(disk, decide(round).await?).await? {
            Settled::Not(why) => why,
            done @ Settled::Done(..) => return Ok(done),
        };
        left -= 1;
        if left == 0 {
            return Ok(Settled::Not(why));
        }
        round = round.after(why);
    }
}

#[expect(clippy::manual_async_fn, reason = "the future of an async fn has room for its arguments twice")]
fn settle<T>(disk: &impl Disk, verdict: Verdict<T>) -> impl Future<Output = Result<Settled<T>, Fault>> {
    async move {
        let (written, answer) = match verdict {
            Verdict::Answer(answer) | Verdict::Confirmed(answer) => {
                return Ok(Settled::Done(answer, Receipt::default()));
            }
            Verdict::Stale => return Ok(Settled::Not(Unsettled::Stale)),
            Verdict::Refuse(refusal) => {
                let Refusal { error, changes, notes, records } = *refusal;
                let written = match changes {
                    Some(changes) => disk.write(changes).await,
                    None => Ok(Receipt::default()),
                };
                if written.is_ok() {
                    for note in notes {
                        disk.note(note);
                    }
                    for record in records {
                        disk.record(record);
                    }
                }
                (written, Err(error))
            }
            Verdict::Commit(answer, changes) => (disk.write(changes).await, Ok(answer)),
            Verdict::Bound(answer, changes, why_not) => match disk.write(changes).await {
                Err(CommitError::Guard) => return Err(why_not.into()),
                written => (written, Ok(answer)),
            },
        };
        match written {
            Ok(receipt) => Ok(Settled::Done(answer?, receipt)),
            Err(CommitError::Guard) => Ok(Settled::Not(Unsettled::Lost)),
            Err(CommitError::Conflict(constraint)) => Ok(Settled::Not(Unsettled::Taken(constraint))),
            Err(error @ (CommitError::Busy | CommitError::Unavailable(_))) => Err(error.into()),
        }
    }
}

/// What a request is told whose facts never stand still.
fn restless(why: Unsettled) -> Fault {
    let why = match why {
        Unsettled::Lost => "a guard failed in every round",
        Unsettled::Taken(constraint) => constraint.what(),
        Unsettled::Stale => "what was read was stale in every round",
    };
    Fault::unavailable(ShellReason::KeepsChanging, why, 1)
}

#[cfg(test)]
mod tests;
