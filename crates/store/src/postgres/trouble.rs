//! What PostgreSQL's errors mean: for the unit, for the connection, for the operator.

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::error::{CommitError, Constraint, Unavailable};

/// What went wrong with a statement or a transaction.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The unit's own matter: a guard that does not hold, a constraint, a value that cannot be kept.
    Unit(CommitError),
    /// The server undid it to let another one through: run it again.
    Again(Unavailable),
    /// The server refused it for reasons of its own; nothing was written.
    Refused(Unavailable),
    /// The connection is gone, or the server did not answer in time: what it did is not known.
    Lost(Unavailable),
}

/// For the operator: what an error of the server means.
fn remedy(code: &SqlState) -> &'static str {
    match code.code() {
        "53100" => "the database's disk is full: free some space there; the server goes on by itself",
        "53300" => {
            "the database has no free connection: raise max_connections, or lower the pool sizes of each node"
        }
        "57014" => {
            "the database took too long: look for a lock or an overloaded disk there; the server goes on by itself"
        }
        "55P03" => "a lock is held for too long: look for a transaction that was left open in the database",
        "25006" => "the database is read-only: point the address at the primary",
        "28000" | "28P01" => "the database refuses this user or password: check the address",
        "3D000" => "the database does not exist: create it (CREATE DATABASE), or check the address",
        "42501" => "this database user may not do that: grant it the rights on the schema",
        "57P01" | "57P02" | "57P03" => "the database is starting or stopping; the server goes on by itself",
        "XX001" | "XX002" => "the database is damaged: restore a backup",
        _ => "see the message and the database's log; the server goes on by itself",
    }
}

fn described(error: &DbError) -> Unavailable {
    Unavailable {
        what: format!("PostgreSQL: {} ({})", error.message(), error.code().code()),
        remedy: remedy(error.code()),
    }
}

/// What an error means for the operator.
pub(crate) fn unavailable(error: &tokio_postgres::Error) -> Unavailable {
    if let Some(error) = error.as_db_error() {
        return described(error);
    }
    let mut what = format!("PostgreSQL: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !what.contains(&cause_text) {
            what.push_str(": ");
            what.push_str(&cause_text);
        }
        source = cause.source();
    }
    Unavailable {
        what,
        remedy: "check that the database runs and can be reached; the server goes on by itself",
    }
}

/// No answer within the time that was given.
pub(super) fn overdue(what: &str, patience: std::time::Duration) -> Unavailable {
    Unavailable {
        what: format!("PostgreSQL: {what} took longer than {} ms", patience.as_millis()),
        remedy: "look for a lock, an overloaded disk or a broken network; the server goes on by itself",
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else { return Self::Lost(unavailable(&error)) };
        // A fatal error ends the session: it may have come after the commit.
        if matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic) | None) {
            return Self::Lost(described(db));
        }
        let code = db.code();
        if *code == SqlState::T_R_DEADLOCK_DETECTED || *code == SqlState::T_R_SERIALIZATION_FAILURE {
            return Self::Again(described(db));
        }
        match code.code().get(..2) {
            // Integrity constraints.
            Some("23") => Self::Unit(CommitError::Conflict(
                db.constraint().map_or(Constraint::Other, Constraint::named_in),
            )),
            // A value that PostgreSQL cannot keep, such as U+0000 in a text.
            Some("22") => Self::Unit(CommitError::Conflict(Constraint::Other)),
            _ => Self::Refused(described(db)),
        }
    }
}
