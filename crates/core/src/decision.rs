//! What a use case answers: what to say and what to write, or a refusal and what to write.

use crate::change::{Changes, Note};
use crate::error::OAuthError;
use crate::noted::Noted;
use crate::time::Micros;

/// The outcome of a use case that writes. Both arms carry writes: a refusal may have to end something.
pub type Decision<T> = Result<(T, Changes), Box<Refusal>>;

/// The outcome of a use case, or of a step of one, that only reads.
pub type Judgement<T> = Result<T, Box<Refusal>>;

/// A no, with the writes and notes that belong to it.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What the caller is told.
    pub error: OAuthError,
    /// What has to be written all the same (a replayed code ends its grant).
    pub changes: Option<Changes>,
    /// What is worth counting; a flood of bad requests buys no commits.
    pub notes: Vec<Note>,
    /// What the audit log says of it, a few seconds later.
    pub records: Vec<Noted>,
}

impl Refusal {
    /// A refusal that writes nothing.
    pub fn new(error: OAuthError) -> Box<Self> {
        Box::new(Self { error, changes: None, notes: Vec::new(), records: Vec::new() })
    }

    /// Adds a note.
    #[must_use]
    pub fn noting(mut self: Box<Self>, note: Note) -> Box<Self> {
        self.notes.push(note);
        self
    }

    /// Adds a record.
    #[must_use]
    pub fn recording(mut self: Box<Self>, record: Noted) -> Box<Self> {
        self.records.push(record);
        self
    }
}

impl From<OAuthError> for Box<Refusal> {
    fn from(error: OAuthError) -> Self {
        Refusal::new(error)
    }
}

/// The random part of a row id.
pub type RandomBits = [u8; 8];

/// Where core's randomness comes from: an argument, so that tests can seed it.
pub trait Random: Send + Sync {
    /// Fills `bytes` with bits that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);

    /// Bits for a row id.
    fn bits(&self) -> RandomBits {
        let mut bits = RandomBits::default();
        self.fill(&mut bits);
        bits
    }
}

/// The moment of a decision: taken after the slow facts, and again in every round.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The time.
    pub now: Micros,
    /// The source of ids and secrets.
    pub random: &'a dyn Random,
}

impl std::fmt::Debug for Moment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}
