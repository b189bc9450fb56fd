//! Writ's storage: the only SQL. One text for each statement, two engines behind one [`Store`].

mod audit;
mod clients;
#[cfg(test)]
#[expect(dead_code, reason = "measurements elsewhere use the rest of it")]
#[path = "../../testkit/src/postgres.rs"]
mod cluster;
mod error;
mod factors;
mod flow;
mod groups;
mod inspect;
mod invalidation;
mod line;
mod listing;
mod logos;
mod logouts;
mod mailed;
mod mails;
mod manage;
mod meters;
mod migrations;
mod moving;
mod notes;
mod people;
mod postgres;
mod reads;
mod records;
mod registering;
mod row;
mod settings;
mod sql;
mod sqlite;
mod statements;
mod store;
#[cfg(test)]
mod suite;
mod sweep;
mod tokens;
mod upstream;
mod value;
mod writes;

pub use clients::{ClientVersions, ShownSecret};
pub use error::{CommitError, Constraint, OpenError, ReadError, Unavailable};
pub use flow::{Of, ShownConsentEvent, SignedInFacts};
pub use inspect::{DatabasePlace, Inspection, MigrationName, inspect, migrate};
pub use invalidation::{Invalidation, Invalidations};
pub use listing::NEWEST;
pub use mails::WaitingMail;
pub use manage::After;
pub use meters::StoreMeters;
pub use moving::{MoveError, MoveStep, MovedRows, move_to_postgres, take_back};
pub use postgres::{Listening, Plaintext, PostgresOptions};
pub use sqlite::SqliteOptions;
pub use sqlite::backup::{BackupError, BackupFacts, CopyProgress, backup, examine, restore};
pub use store::{CallerVersions, FirstOfItsKind, JobGuard, NotedClient, Store, TokenSeen};
pub use sweep::{ExpiringTable, SweepCursor, SweepError};
pub use tokens::{ListPage, ListedToken, TokensAsked};
