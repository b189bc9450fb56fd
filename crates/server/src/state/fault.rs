//! Failures of ours, on their way to a caller who is told little and a log that is told all.

use std::borrow::Cow;
use std::fmt;

use writ_core::decision::Refusal;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::reason::Reason;
use writ_core::shell_reason::ShellReason;
use writ_core::violation::{Field, Violations};
use writ_store::{CommitError, ReadError, SweepError};

use crate::edge::limits::Level;
use crate::passwords::PoolError;
use crate::reasons;

/// Why a request was not answered with a success: its own fault, or ours.
#[derive(Debug)]
pub struct Fault {
    /// What the caller is told, and the log.
    pub error: OAuthError,
    /// Seconds after which another try makes sense.
    pub retry_after: Option<u32>,
}

impl Fault {
    /// A failure that is nobody's but ours.
    pub fn internal(detail: impl fmt::Display) -> Self {
        let error = OAuthError::new(ErrorCode::ServerError, ShellReason::Unexpected).internally(detail);
        Self { error, retry_after: None }
    }

    /// One field of the request is wrong.
    pub fn of_field(field: &'static str, reason: impl Into<Reason>) -> Self {
        OAuthError::of_field(field, reason).into()
    }

    /// The same with the fields as `spelling` has them.
    #[must_use]
    pub fn spelled(self, spelling: impl Fn(&Field) -> Cow<'static, str>) -> Self {
        Self { error: self.error.spelled(spelling), ..self }
    }

    /// The error on a line of the log: its word on the wire, and what it says.
    pub fn line(&self) -> String {
        format!("{}: {}", self.error.code().wire(), reasons::error(&self.error))
    }

    /// Too many calls.
    pub fn limited(level: &Level) -> Self {
        let text = ShellReason::TooManyCalls { name: level.policy.name.replace('_', " ").into() };
        Self { error: OAuthError::new(ErrorCode::TooManyRequests, text), retry_after: level.retry_after }
    }

    /// Too much at once, or the storage is away: it passes.
    pub fn unavailable(public: ShellReason, detail: impl fmt::Display, retry_after: u32) -> Self {
        let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, public).internally(detail);
        Self { error, retry_after: Some(retry_after) }
    }
}

impl From<OAuthError> for Fault {
    fn from(error: OAuthError) -> Self {
        // Whatever is too much now is not for long.
        let retry_after = (error.code() == ErrorCode::TooManyRequests).then_some(1);
        Self { error, retry_after }
    }
}

impl From<Box<Refusal>> for Fault {
    fn from(refusal: Box<Refusal>) -> Self {
        refusal.error.into()
    }
}

impl From<Violations> for Fault {
    fn from(wrong: Violations) -> Self {
        OAuthError::invalid(wrong).into()
    }
}

impl From<SweepError> for Fault {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Read(error) => error.into(),
            SweepError::Commit(error) => error.into(),
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(why) => Self::unavailable(ShellReason::StorageUnreadable, why, 2),
            ReadError::Damaged { .. } => Self::internal(error),
        }
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Busy => Self::unavailable(ShellReason::Overloaded, error, 1),
            CommitError::Unavailable(why) => Self::unavailable(ShellReason::StorageUnwritable, why, 2),
            // Guards are settled in rounds, and a conflict is the use case's to name: neither gets here.
            CommitError::Guard | CommitError::Conflict(_) => Self::internal(error),
        }
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Full => Self::unavailable(ShellReason::TooManySecrets, error, 1),
            PoolError::Hash | PoolError::List => Self::internal(error),
        }
    }
}
