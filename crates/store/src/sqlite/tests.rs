//! What SQLite alone promises: files, the lock, the queue, the log.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::task::JoinSet;
use writ_core::change::{Change, Changes};
use writ_core::ids::TenantId;
use writ_core::token::Audience;

use super::{SqliteOptions, open};
use crate::error::{CommitError, OpenError};
use crate::statements;
use crate::store::Store;
use crate::suite::{self, WIDTHS, issue, new_tenant, new_token, unit};

fn on_runtime(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case);
}

fn open_in(folder: &Path) -> Result<Store, OpenError> {
    Store::open_sqlite(&SqliteOptions::new(folder))
}

#[test]
fn every_statement_is_prepared_with_its_parameters_and_columns() {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::migrations::run_sqlite(&mut connection).unwrap();
    let mut wrong = Vec::new();
    for sql in statements::every() {
        let statement =
            connection.prepare(sql.sqlite()).unwrap_or_else(|error| panic!("{}: {error}", sql.name));
        assert_eq!(statement.parameter_count(), sql.parameters(), "{}", sql.name);
        let width = WIDTHS.iter().find(|(known, _)| known.name == sql.name).map_or(0, |(_, width)| *width);
        if statement.column_count() != width {
            wrong.push(format!("{} has {} columns, not {width}", sql.name, statement.column_count()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Without stable plans a joined statement is compiled anew at each new value, at four times its own
/// cost (`docs/adr/0001-what-the-storage-design-rests-on.md`).
#[test]
fn a_joined_statement_is_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open::writer(folder.path()).unwrap();
    crate::migrations::run_sqlite(&mut connection).unwrap();
    let joined: Vec<_> = statements::every().filter(|sql| sql.text.contains(" JOIN ")).collect();
    assert!(joined.len() >= 6, "{}", joined.len());
    for sql in joined {
        let mut statement = connection.prepare(sql.sqlite()).unwrap();
        for value in 1..=4u8 {
            for parameter in 1..=sql.parameters() {
                if sql.text.contains(&format!("LIMIT ${parameter}")) {
                    statement.raw_bind_parameter(parameter, value).unwrap();
                } else {
                    statement.raw_bind_parameter(parameter, [value; 16]).unwrap();
                }
            }
            let mut rows = statement.raw_query();
            while rows.next().unwrap().is_some() {}
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0, "{}", sql.name);
    }
}

/// Only the newest audit records are found by walking, from the end of the table; an operator's count
/// of tenants walks their index, and rewrapping reads every key and secret once, offline.
#[test]
fn no_other_statement_scans_a_table() {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::migrations::run_sqlite(&mut connection).unwrap();
    for sql in statements::every() {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite())).unwrap();
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get(3).unwrap();
            let harmless = step == "SCAN CONSTANT ROW"
                || step == "SCAN up"
                || (sql.name == "AUDIT_NEWEST" && step == "SCAN audit_logs")
                || (sql.name == "SEALED_KEYS" && step == "SCAN signing_keys")
                || (sql.name == "SEALED_ENCRYPTION_KEYS" && step == "SCAN encryption_keys")
                || (sql.name == "SEALED_SECRETS" && step == "SCAN client_secrets")
                || (sql.name == "SIGNING_KEYS_OLDEST"
                    && (step.starts_with("SCAN signing_keys") || step == "SCAN q"))
                || (sql.name == "TENANTS_COUNT" && step.starts_with("SCAN tenants USING COVERING INDEX"));
            assert!(harmless || !step.starts_with("SCAN"), "{}: {step}", sql.name);
        }
    }
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let new = new_tenant();
    on_runtime(async {
        let store = open_in(folder.path()).unwrap();
        store.commit(unit(new.id, Change::CreateTenant(Box::new(new.clone())))).await.unwrap();
        store.close();
        assert_eq!(store.wal_bytes(), 0, "closing moves everything into the database");
        drop(store);
        let store = open_in(folder.path()).unwrap();
        assert_eq!(store.tenant_by_slug(&new.slug).await.unwrap().unwrap().id, new.id);
    });
}

#[test]
fn a_folder_in_use_is_refused_and_names_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let first = open_in(folder.path()).unwrap();
    let Err(error @ OpenError::Locked { .. }) = open_in(folder.path()) else { panic!("opened twice") };
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
    drop(first);
    open_in(folder.path()).unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let Err(error @ OpenError::Folder { .. }) = open_in(&file.path().join("below")) else { panic!("opened") };
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn a_damaged_database_is_refused_with_a_remedy() {
    for garbage in [b"not a database at all".as_slice(), &[0xA5; 8192]] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::File::create(folder.path().join(open::DATABASE_FILE)).unwrap().write_all(garbage).unwrap();
        let Err(error @ OpenError::Database { .. }) = open_in(folder.path()) else { panic!("opened") };
        assert!(error.to_string().contains("restore a backup"), "{error}");
    }
}

#[test]
fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _store = open_in(folder.path()).unwrap();
    for file in [open::DATABASE_FILE, open::WAL_FILE] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

#[test]
fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open_in(folder.path()).unwrap();
    let reader = open::reader(folder.path()).unwrap();
    reader.execute("DELETE FROM tenants", []).unwrap_err();
}

/// Holds the database's write lock, so that the writer waits with what it has taken.
struct Hold(Connection);

impl Hold {
    fn new(folder: &Path) -> Self {
        let connection = Connection::open(folder.join(open::DATABASE_FILE)).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn release(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

type Crowd = JoinSet<Result<(), CommitError>>;

/// Lets the others run until `holds`; the case fails where it does not come to that.
async fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(4), "it did not come to that");
        tokio::task::yield_now().await;
    }
}

/// Commits a unit that the case does not wait for.
fn push(store: &Arc<Store>, tenant: TenantId, crowd: &mut Crowd) {
    let changes = Changes::new(suite::act(tenant));
    let store = Arc::clone(store);
    crowd.spawn(async move { store.commit(changes).await.map(drop) });
}

/// A store whose writer is held with one unit in its hands, and two tenants.
async fn held(folder: &Path, crowd: &mut Crowd) -> (Arc<Store>, Hold, TenantId, TenantId) {
    let options = SqliteOptions { queue: 8, ..SqliteOptions::new(folder) };
    let store = Arc::new(Store::open_sqlite(&options).unwrap());
    let (a, b) = (suite::tenant(&store).await.id, suite::tenant(&store).await.id);
    let taken = || store.meters().units.load(Ordering::Relaxed);
    let before = taken();
    let hold = Hold::new(folder);
    push(&store, a, crowd);
    until(|| taken() == before + 1).await;
    (store, hold, a, b)
}

#[test]
fn a_full_queue_is_busy_and_a_tenant_has_its_share_of_it() {
    let folder = tempfile::tempdir().unwrap();
    on_runtime(async {
        let mut crowd = JoinSet::new();
        let (store, hold, a, b) = held(folder.path(), &mut crowd).await;
        for _ in 0..6 {
            push(&store, a, &mut crowd);
        }
        until(|| store.queued() == 6).await;
        let empty = |tenant| Changes::new(suite::act(tenant));
        assert_eq!(store.commit(empty(a)).await, Err(CommitError::Busy), "three quarters are its share");
        push(&store, b, &mut crowd);
        push(&store, b, &mut crowd);
        until(|| store.queued() == 8).await;
        assert_eq!(store.commit(empty(b)).await, Err(CommitError::Busy), "full");
        hold.release();
        assert_eq!(crowd.join_all().await, vec![Ok(()); 9], "what was taken is answered");
        store.commit(empty(a)).await.unwrap();
    });
}

#[test]
fn closing_answers_what_was_taken_and_takes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    on_runtime(async {
        let mut crowd = JoinSet::new();
        let (store, hold, a, _) = held(folder.path(), &mut crowd).await;
        for _ in 0..5 {
            push(&store, a, &mut crowd);
        }
        until(|| store.queued() == 5).await;
        let closing = std::thread::spawn({
            let store = Arc::clone(&store);
            move || store.close()
        });
        // From the moment of closing on, which the other thread chooses, nothing is taken. Until then
        // units without a record are: they are answered, and leave nothing to count.
        let refused = loop {
            let mut ask = Box::pin(store.ping_writer(a, suite::NOW));
            match std::future::poll_fn(|context| Poll::Ready(ask.as_mut().poll(context))).await {
                Poll::Ready(Err(CommitError::Unavailable(why))) => break why,
                Poll::Ready(_) | Poll::Pending => tokio::task::yield_now().await,
            }
        };
        hold.release();
        closing.join().unwrap();
        assert!(refused.remedy.contains("restart"), "{refused}");
        assert_eq!(crowd.join_all().await, vec![Ok(()); 6]);
        assert_eq!(suite::records(&store, a).await, 1 + 6);
    });
}

/// Whatever the size of a batch: 20,000 rows in crowds of 500, and rows of 4 kB.
#[test]
fn the_log_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    on_runtime(async {
        let store = Arc::new(open_in(folder.path()).unwrap());
        let tenant = suite::tenant(&store).await.id;
        let client = suite::client(&store, tenant).await.id;
        let long: String = "x".repeat(4000);
        let mut largest = 0;
        for round in 0..50 {
            let mut crowd = JoinSet::new();
            for _ in 0..500 {
                let of = Arc::clone(&store);
                let mut new = new_token(tenant, client);
                if round >= 40 {
                    new.audience = Audience::new([&*long]);
                }
                crowd.spawn(async move { of.commit(issue(new)).await.map(drop) });
            }
            assert!(crowd.join_all().await.iter().all(Result::is_ok));
            largest = largest.max(store.wal_bytes());
        }
        assert!(largest < 16 << 20, "{largest} bytes");
        assert!(store.meters().checkpoints.load(Ordering::Relaxed) > 0);
    });
}
