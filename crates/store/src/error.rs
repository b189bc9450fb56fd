//! What can go wrong between a decision and the disk.

use std::fmt;

/// Why a unit was not committed. In every case nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitError {
    /// A guard did not hold: the facts have changed since they were read. Load afresh, decide again.
    Guard,
    /// A named constraint stands against it.
    Conflict(Constraint),
    /// The queue is full, or the tenant's share of it. Try again soon.
    Busy,
    /// The storage cannot be written at present; the text is for the log.
    Unavailable(Unavailable),
}

/// Why the storage cannot be used, with what the operator can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// What went wrong.
    pub what: String,
    /// What the operator can do.
    pub remedy: &'static str,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} — {}", self.what, self.remedy)
    }
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guard => f.write_str("the facts have changed since they were read"),
            Self::Conflict(constraint) => write!(f, "conflict: {}", constraint.what()),
            Self::Busy => f.write_str("the write queue is full"),
            Self::Unavailable(why) => write!(f, "storage unavailable: {why}"),
        }
    }
}

impl std::error::Error for CommitError {}

/// A uniqueness that the database keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// `tenants.slug`.
    TenantSlug,
    /// `clients.client_id`.
    ClientId,
    /// `users (tenant_id, username_key)`.
    Username,
    /// `users (tenant_id, address)`.
    Address,
    /// `api_keys.hash`.
    ApiKey,
    /// `roles (tenant_id, name)`.
    RoleName,
    /// `scopes (tenant_id, name)`.
    ScopeName,
    /// `resources (tenant_id, identifier_key)`.
    ResourceIdentifier,
    /// `person_groups (tenant_id, name)`.
    GroupName,
    /// Some other one; a row id that exists, for instance.
    Other,
}

impl Constraint {
    /// What is taken.
    pub const fn what(self) -> &'static str {
        match self {
            Self::TenantSlug => "this tenant slug is taken",
            Self::ClientId => "this client_id is taken",
            Self::Username => "this username is taken",
            Self::Address => "this email address leads to another account",
            Self::ApiKey => "this API key exists already",
            Self::RoleName => "this role name is taken",
            Self::ScopeName => "this scope name is taken",
            Self::ResourceIdentifier => "this resource identifier is taken",
            Self::GroupName => "this group name is taken",
            Self::Other => "this row exists already",
        }
    }

    /// From an engine's message.
    pub(crate) fn named_in(message: &str) -> Self {
        if message.contains("tenants.slug") || message.contains("tenants_slug") {
            Self::TenantSlug
        } else if message.contains("clients.client_id") || message.contains("clients_client_id") {
            Self::ClientId
        } else if message.contains("users.username_key") || message.contains("users_username") {
            Self::Username
        } else if message.contains("users.address") || message.contains("users_address") {
            Self::Address
        } else if message.contains("api_keys.hash") || message.contains("api_keys_hash") {
            Self::ApiKey
        } else if message.contains("person_groups.name") || message.contains("person_groups_name") {
            Self::GroupName
        } else if message.contains("roles.name") || message.contains("roles_name") {
            Self::RoleName
        } else if message.contains("scopes.name") || message.contains("scopes_name") {
            Self::ScopeName
        } else if message.contains("resources.identifier") || message.contains("resources_identifier") {
            Self::ResourceIdentifier
        } else {
            Self::Other
        }
    }
}

/// Why a read gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The storage cannot be read at present.
    Unavailable(Unavailable),
    /// A stored value does not have the shape that this version writes.
    Damaged {
        /// Which statement read it.
        statement: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "storage unavailable: {why}"),
            Self::Damaged { statement, what } => write!(f, "damaged row read by {statement}: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Why the storage could not be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be used.
    #[error(
        "the data folder {path} cannot be used: {why}. Choose another with --data-dir, or give this user the right to write there"
    )]
    Folder {
        /// Which folder.
        path: String,
        /// Why.
        why: std::io::Error,
    },
    /// Another process holds it.
    #[error(
        "the data folder {path} is in use by another writ process{holder}. Stop that one, or choose another folder with --data-dir"
    )]
    Locked {
        /// Which folder.
        path: String,
        /// The other process, where it said its number.
        holder: String,
    },
    /// The database cannot be opened.
    #[error("the database {path} cannot be opened: {why}")]
    Database {
        /// Which file.
        path: String,
        /// Why, with a remedy.
        why: Unavailable,
    },
    /// The database's address cannot be used; the text never shows its password.
    #[error("the database address cannot be used: {why}")]
    Address {
        /// Why, with a remedy.
        why: String,
    },
    /// Everything of it is in another database.
    #[error(
        "the database {path} was moved to {to}, and what has happened since is there. Start the server with --database-url. To use this one again without what has happened since, run `writ move --take-back`"
    )]
    Moved {
        /// Which file.
        path: String,
        /// Where everything is now.
        to: String,
    },
    /// It is on its way to another database.
    #[error(
        "the database {path} is being moved to PostgreSQL. Run `writ move` again to go on with it, or `writ move --take-back` to use this one again"
    )]
    Moving {
        /// Which file.
        path: String,
    },
    /// Something is on its way into it.
    #[error(
        "a move to the database {path} is not finished. Run `writ move` again to go on with it, or empty this database"
    )]
    HalfMoved {
        /// Where.
        path: String,
    },
    /// A migration was changed after it had run.
    #[error(
        "migration {version} ({name}) is not the one that made this database: its checksum differs. Run the version of writ that made it, or restore a backup"
    )]
    Checksum {
        /// Which migration.
        version: i64,
        /// Its name.
        name: String,
    },
    /// The database is newer than this program.
    #[error(
        "the database was made by a newer version of writ (it has migration {version}, this one knows {known}). Run that version"
    )]
    Newer {
        /// The newest migration of the database.
        version: i64,
        /// The newest migration that this program knows.
        known: i64,
    },
    /// A migration failed.
    #[error("migration {version} ({name}) failed and was undone: {why}")]
    Migration {
        /// Which migration.
        version: i64,
        /// Its name.
        name: &'static str,
        /// Why.
        why: Unavailable,
    },
}
