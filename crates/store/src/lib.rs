//! Writ's storage: the only SQL. One text for each statement, two engines behind one [`Store`].

mod error;
mod meters;
mod migrations;
mod notes;
mod reads;
mod row;
mod sql;
mod sqlite;
mod statements;
mod store;
mod sweep;
mod value;
mod writes;

pub use error::{CommitError, Constraint, OpenError, ReadError, Unavailable};
pub use meters::StoreMeters;
pub use sqlite::SqliteOptions;
pub use store::{CallerVersions, NotedClient, Store, TokenSeen};
pub use sweep::{SweepCursor, SweepError};
