//! Migrations: in order, once, each in a transaction, with a checksum that a later start compares.

use aws_lc_rs::digest;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::OpenError;
use crate::inspect::MigrationName;
use crate::sqlite::unavailable;

pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    /// As SQLite takes it; its checksum is that of both engines.
    pub text: &'static str,
}

impl Migration {
    pub(crate) fn id(&self) -> MigrationName {
        MigrationName { version: self.version, name: self.name }
    }
}

/// What is left to do about a migration.
enum Todo {
    Nothing,
    Apply,
}

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "ground", text: include_str!("migrations/0001_ground.sql") },
    Migration { version: 2, name: "authority", text: include_str!("migrations/0002_authority.sql") },
    Migration { version: 3, name: "keys", text: include_str!("migrations/0003_keys.sql") },
    Migration { version: 4, name: "settings", text: include_str!("migrations/0004_settings.sql") },
    Migration { version: 5, name: "clients", text: include_str!("migrations/0005_clients.sql") },
    Migration { version: 6, name: "people", text: include_str!("migrations/0006_people.sql") },
    Migration { version: 7, name: "versions", text: include_str!("migrations/0007_versions.sql") },
    Migration { version: 8, name: "listing", text: include_str!("migrations/0008_listing.sql") },
    Migration { version: 9, name: "flow", text: include_str!("migrations/0009_flow.sql") },
    Migration { version: 10, name: "links", text: include_str!("migrations/0010_links.sql") },
    Migration { version: 11, name: "consents", text: include_str!("migrations/0011_consents.sql") },
    Migration { version: 12, name: "client_keys", text: include_str!("migrations/0012_client_keys.sql") },
    Migration { version: 13, name: "refresh_list", text: include_str!("migrations/0013_refresh_list.sql") },
    Migration { version: 14, name: "client_counts", text: include_str!("migrations/0014_client_counts.sql") },
    Migration { version: 15, name: "subjects", text: include_str!("migrations/0015_subjects.sql") },
    Migration { version: 16, name: "trust", text: include_str!("migrations/0016_trust.sql") },
    Migration {
        version: 17,
        name: "waiting_answers",
        text: include_str!("migrations/0017_waiting_answers.sql"),
    },
    Migration { version: 18, name: "allow_lists", text: include_str!("migrations/0018_allow_lists.sql") },
    Migration { version: 19, name: "addresses", text: include_str!("migrations/0019_addresses.sql") },
    Migration {
        version: 20,
        name: "client_metadata",
        text: include_str!("migrations/0020_client_metadata.sql"),
    },
    Migration { version: 21, name: "used_links", text: include_str!("migrations/0021_used_links.sql") },
    Migration { version: 22, name: "claims", text: include_str!("migrations/0022_claims.sql") },
    Migration {
        version: 23,
        name: "pushed_requests",
        text: include_str!("migrations/0023_pushed_requests.sql"),
    },
    Migration { version: 24, name: "logout", text: include_str!("migrations/0024_logout.sql") },
    Migration { version: 25, name: "assertions", text: include_str!("migrations/0025_assertions.sql") },
    Migration { version: 26, name: "registration", text: include_str!("migrations/0026_registration.sql") },
    Migration { version: 27, name: "asked_claims", text: include_str!("migrations/0027_asked_claims.sql") },
    Migration {
        version: 28,
        name: "response_types",
        text: include_str!("migrations/0028_response_types.sql"),
    },
    Migration { version: 29, name: "sectors", text: include_str!("migrations/0029_sectors.sql") },
    Migration { version: 30, name: "leaving", text: include_str!("migrations/0030_leaving.sql") },
    Migration { version: 31, name: "pictures", text: include_str!("migrations/0031_pictures.sql") },
    Migration {
        version: 32,
        name: "answer_recipients",
        text: include_str!("migrations/0032_answer_recipients.sql"),
    },
    Migration {
        version: 33,
        name: "encryption_keys",
        text: include_str!("migrations/0033_encryption_keys.sql"),
    },
    Migration { version: 34, name: "factors", text: include_str!("migrations/0034_factors.sql") },
    Migration { version: 36, name: "client_logos", text: include_str!("migrations/0036_client_logos.sql") },
    Migration { version: 37, name: "portraits", text: include_str!("migrations/0037_portraits.sql") },
    Migration {
        version: 38,
        name: "leaving_language",
        text: include_str!("migrations/0038_leaving_language.sql"),
    },
    Migration { version: 39, name: "devices", text: include_str!("migrations/0039_devices.sql") },
    Migration {
        version: 43,
        name: "identity_providers",
        text: include_str!("migrations/0043_identity_providers.sql"),
    },
    Migration { version: 46, name: "passkeys", text: include_str!("migrations/0046_passkeys.sql") },
    Migration { version: 49, name: "resources", text: include_str!("migrations/0049_resources.sql") },
    Migration { version: 52, name: "bound_codes", text: include_str!("migrations/0052_bound_codes.sql") },
    Migration { version: 55, name: "groups", text: include_str!("migrations/0055_groups.sql") },
    Migration {
        version: 56,
        name: "client_documents",
        text: include_str!("migrations/0056_client_documents.sql"),
    },
    Migration { version: 57, name: "exchange", text: include_str!("migrations/0057_exchange.sql") },
    Migration { version: 60, name: "mailed_codes", text: include_str!("migrations/0060_mailed_codes.sql") },
    Migration {
        version: 61,
        name: "remembered_devices",
        text: include_str!("migrations/0061_remembered_devices.sql"),
    },
    Migration {
        version: 70,
        name: "logos_by_language",
        text: include_str!("migrations/0070_logos_by_language.sql"),
    },
];

pub(crate) fn checksum(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Refuses a database that a newer version has made.
fn check_newest(newest: Option<i64>, migrations: &[Migration]) -> Result<(), OpenError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    match newest {
        Some(version) if version > known => Err(OpenError::Newer { version, known }),
        Some(_) | None => Ok(()),
    }
}

/// What is to be done, by the name and checksum that the database has of a migration.
fn todo(migration: &Migration, stored: Option<(String, String)>) -> Result<Todo, OpenError> {
    match stored {
        Some((_, sum)) if sum == checksum(migration.text) => Ok(Todo::Nothing),
        Some((name, _)) => Err(OpenError::Checksum { version: migration.version, name }),
        None => Ok(Todo::Apply),
    }
}

/// The migrations of a list that have not run, by what the database has of each: version, name, checksum.
pub(crate) fn pending<'m>(
    migrations: &'m [Migration],
    stored: &[(i64, String, String)],
) -> Result<Vec<&'m Migration>, OpenError> {
    check_newest(stored.iter().map(|(version, _, _)| *version).max(), migrations)?;
    let mut pending = Vec::new();
    for migration in migrations {
        let row = stored.iter().find(|(version, _, _)| *version == migration.version);
        match todo(migration, row.map(|(_, name, sum)| (name.clone(), sum.clone())))? {
            Todo::Nothing => {}
            Todo::Apply => pending.push(migration),
        }
    }
    Ok(pending)
}

/// Brings a SQLite database up to date. Says which migrations ran.
pub(crate) fn run_sqlite(connection: &mut Connection) -> Result<Vec<MigrationName>, OpenError> {
    run_list(connection, MIGRATIONS)
}

/// What a SQLite database has of each migration.
pub(crate) fn stored(connection: &Connection) -> rusqlite::Result<Vec<(i64, String, String)>> {
    let mut statement = connection.prepare("SELECT version, name, checksum FROM schema_migrations")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn run_list(connection: &mut Connection, migrations: &[Migration]) -> Result<Vec<MigrationName>, OpenError> {
    let table_failed = |error: &rusqlite::Error| OpenError::Migration {
        version: 0,
        name: "the list of migrations",
        why: unavailable(error),
    };
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
        )
        .map_err(|error| table_failed(&error))?;
    let stored = stored(connection).map_err(|error| table_failed(&error))?;
    let mut ran = Vec::new();
    for migration in pending(migrations, &stored)? {
        apply(connection, migration).map_err(|error| OpenError::Migration {
            version: migration.version,
            name: migration.name,
            why: unavailable(&error),
        })?;
        ran.push(migration.id());
    }
    Ok(ran)
}

fn apply(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.text)?;
    transaction.execute(
        "INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3)",
        (migration.version, migration.name, checksum(migration.text)),
    )?;
    transaction.commit()
}

#[cfg(test)]
pub(crate) mod before;

#[cfg(test)]
mod tests {
    use super::before::*;
    use super::*;

    fn one(text: &'static str) -> Vec<Migration> {
        vec![Migration { version: 1, name: "one", text }]
    }

    #[test]
    fn running_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(run_sqlite(&mut connection).unwrap().len(), MIGRATIONS.len());
        assert_eq!(run_sqlite(&mut connection).unwrap(), Vec::new());
    }

    #[test]
    fn clients_of_before_get_a_registration_and_their_scopes_are_taken_apart() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_list(&mut connection, &MIGRATIONS[..4]).unwrap();
        connection.execute_batch(CLIENTS_OF_BEFORE).unwrap();
        run_sqlite(&mut connection).unwrap();
        let read = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(read(SCOPES_TAKEN_APART), ["a:openid", "a:oauth:read", "b:x"].map(str::to_owned));
        assert_eq!(read("SELECT redirect_uris FROM client_registrations"), ["", "", ""]);
    }

    #[test]
    fn refresh_tokens_of_before_are_listed_and_clients_are_counted() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = MIGRATIONS.iter().take_while(|migration| migration.version < 13).count();
        run_list(&mut connection, &MIGRATIONS[..before]).unwrap();
        connection.execute_batch(CLIENTS_OF_BEFORE).unwrap();
        connection.execute_batch(LISTS_OF_BEFORE).unwrap();
        run_sqlite(&mut connection).unwrap();
        let read = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let expected = [&["2"][..], &["3", "3", "3"], &["empty:0", "full:3"]];
        assert_eq!(LISTS_SINCE.map(read), expected);
    }

    #[test]
    fn what_stood_before_the_holes_were_closed_is_brought_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = MIGRATIONS.iter().take_while(|migration| migration.version < 16).count();
        run_list(&mut connection, &MIGRATIONS[..before]).unwrap();
        connection.execute_batch(TRUST_OF_BEFORE).unwrap();
        connection.execute_batch(PEOPLE_OF_BEFORE).unwrap();
        run_sqlite(&mut connection).unwrap();
        for (sql, expected) in TRUST_SINCE.into_iter().chain(PEOPLE_SINCE) {
            let mut statement = connection.prepare(sql).unwrap();
            let found: Vec<String> =
                statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert_eq!(found, expected, "{sql}");
        }
    }

    #[test]
    fn an_edited_migration_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_list(&mut connection, &one("CREATE TABLE a (b BIGINT)")).unwrap();
        let error = run_list(&mut connection, &one("CREATE TABLE a (c BIGINT)")).unwrap_err();
        assert!(matches!(error, OpenError::Checksum { version: 1, .. }), "{error}");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_list(&mut connection, &one("CREATE TABLE a (b BIGINT)")).unwrap();
        assert!(matches!(run_list(&mut connection, &[]), Err(OpenError::Newer { version: 1, known: 0 })));
    }

    #[test]
    fn a_migration_that_fails_half_way_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let error = run_list(&mut connection, &one("CREATE TABLE a (b BIGINT); CREATE TABLE a (b BIGINT);"));
        assert!(matches!(error, Err(OpenError::Migration { version: 1, .. })));
        run_list(&mut connection, &one("CREATE TABLE a (b BIGINT)")).unwrap();
    }
}
