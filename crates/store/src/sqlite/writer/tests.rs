//! The writer without its thread: each test hands it a batch and hears every answer.

use std::path::Path;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use writ_core::change::{Change, Changes, Outcome};
use writ_core::ids::{ClientId, TenantId};
use writ_core::token::NewAccessToken;

use super::*;
use crate::suite::{act, issue, new_client, new_tenant, new_token, unit};
use crate::writes;

type Answer = Result<Receipt, CommitError>;

fn writer(folder: &Path) -> SqliteWriter {
    let mut connection = super::super::open::writer(folder).unwrap();
    crate::migrations::run_sqlite(&mut connection).unwrap();
    SqliteWriter::new(connection, &SqliteOptions::new(folder), Arc::default()).unwrap()
}

fn write(writer: &mut SqliteWriter, units: Vec<Changes>) -> Vec<Answer> {
    let (mut batch, answers): (Vec<_>, Vec<_>) = units
        .into_iter()
        .map(|changes| {
            let (act, list, _) = changes.into_parts();
            let (reply, answer) = oneshot::channel();
            (
                SqliteQueued {
                    steps: writes::steps(list, act.at, Some(writes::audit(*act, Outcome::Success, None))),
                    reply,
                },
                answer,
            )
        })
        .unzip();
    writer.write(&mut batch);
    let heard = answers.into_iter().map(|mut answer| match answer.try_recv() {
        Ok(heard) => heard,
        Err(TryRecvError::Empty | TryRecvError::Closed) => panic!("a unit was not answered"),
    });
    heard.collect()
}

/// A tenant and a client in the database.
fn parents(writer: &mut SqliteWriter) -> (TenantId, ClientId) {
    let tenant = new_tenant();
    let client = new_client(tenant.id);
    let ids = (tenant.id, client.client.id);
    let changes = Changes::new(act(tenant.id))
        .with(Change::CreateTenant(Box::new(tenant)))
        .with(Change::CreateClient(Box::new(client)));
    write(writer, vec![changes]).remove(0).unwrap();
    ids
}

fn count(writer: &SqliteWriter, table: &str) -> i64 {
    writer.connection.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn stale(mut new: NewAccessToken) -> NewAccessToken {
    new.basis.client_version += 1;
    new
}

#[test]
fn units_of_one_batch_stand_and_fall_each_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(folder.path());
    let (tenant, client) = parents(&mut writer);
    let mut taken = new_client(tenant);
    taken.client.id = client;
    let answers = write(
        &mut writer,
        vec![
            issue(new_token(tenant, client)),
            issue(stale(new_token(tenant, client))),
            unit(tenant, Change::CreateClient(Box::new(taken))),
            issue(new_token(tenant, client)),
        ],
    );
    assert!(answers[0].is_ok() && answers[3].is_ok());
    assert_eq!(answers[1], Err(CommitError::Guard));
    assert_eq!(answers[2], Err(CommitError::Conflict(Constraint::Other)));
    assert_eq!((count(&writer, "access_tokens"), count(&writer, "audit_logs")), (2, 1 + 2));
}

/// A record that exists fails a unit behind its guard, where its write was made already.
#[test]
fn a_leftover_is_undone_and_its_neighbours_are_committed() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(folder.path());
    let (tenant, client) = parents(&mut writer);
    let known = act(tenant);
    write(&mut writer, vec![Changes::new(known.clone())]).remove(0).unwrap();
    let twice = Changes::new(known).with(Change::IssueAccessToken(Box::new(new_token(tenant, client))));
    let answers = write(
        &mut writer,
        vec![
            issue(new_token(tenant, client)),
            twice,
            issue(stale(new_token(tenant, client))),
            issue(new_token(tenant, client)),
        ],
    );
    assert!(answers[0].is_ok() && answers[3].is_ok());
    assert_eq!(answers[1], Err(CommitError::Conflict(Constraint::Other)));
    assert_eq!(answers[2], Err(CommitError::Guard));
    assert_eq!((count(&writer, "access_tokens"), count(&writer, "audit_logs")), (2, 2 + 2));
}

/// Nothing is acknowledged that is not there, and what a failed guard saw was never committed.
#[test]
fn a_batch_that_fails_as_a_whole_is_unavailable_to_everyone_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(folder.path());
    let (tenant, client) = parents(&mut writer);
    let pages: i64 = writer.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |writer: &SqliteWriter, pages: i64| {
        writer.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    // What SQLITE_FULL says is the same whether the disk or this limit is the reason.
    limit(&writer, pages);
    let before = (count(&writer, "access_tokens"), count(&writer, "audit_logs"));
    let mut crowd: Vec<_> = (0..100).map(|_| issue(new_token(tenant, client))).collect();
    crowd.insert(0, issue(stale(new_token(tenant, client))));
    for answer in write(&mut writer, crowd) {
        let Err(CommitError::Unavailable(why)) = answer else { panic!("{answer:?}") };
        assert!(why.remedy.contains("disk is full"), "{why}");
    }
    assert_eq!((count(&writer, "access_tokens"), count(&writer, "audit_logs")), before);
    assert!(writer.meters.failing.load(Ordering::Relaxed));
    assert_eq!(writer.meters.failed_batches.load(Ordering::Relaxed), 1);
    // A transaction that had nothing to write succeeds on a full disk too.
    assert_eq!(write(&mut writer, vec![issue(stale(new_token(tenant, client)))]), [Err(CommitError::Guard)]);
    assert!(writer.meters.failing.load(Ordering::Relaxed));

    limit(&writer, 1 << 30);
    let crowd = (0..100).map(|_| issue(new_token(tenant, client))).collect();
    assert!(write(&mut writer, crowd).iter().all(Result::is_ok));
    assert_eq!(count(&writer, "access_tokens"), before.0 + 100);
    assert!(!writer.meters.failing.load(Ordering::Relaxed));
}

/// The COMMIT itself fails: a deferred constraint is checked there and nowhere else.
#[test]
fn a_commit_that_fails_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(folder.path());
    let (tenant, client) = parents(&mut writer);
    writer
        .connection
        .execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE parents (id BLOB PRIMARY KEY);
             CREATE TABLE children (id BLOB REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER orphan AFTER INSERT ON access_tokens BEGIN INSERT INTO children VALUES (new.id); END;",
        )
        .unwrap();
    let answers =
        write(&mut writer, vec![issue(new_token(tenant, client)), issue(stale(new_token(tenant, client)))]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(CommitError::Unavailable(_)))), "{answers:?}");
    assert_eq!((count(&writer, "access_tokens"), count(&writer, "audit_logs")), (0, 1));
    writer.connection.execute_batch("DROP TRIGGER orphan").unwrap();
    assert!(write(&mut writer, vec![issue(new_token(tenant, client))])[0].is_ok());
}
