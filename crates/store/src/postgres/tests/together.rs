//! Reads that go together: each gets what is its own, nothing older than its question, and nobody waits for a slow one.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use super::super::together;
use super::{fresh, open};
use crate::error::ReadError;
use crate::sql::{Sql, SqlKind};
use crate::statements::every;
use crate::store::Store;
use crate::suite::WIDTHS;
use crate::value::Value;

/// Finds as many rows as it is asked for, each with its number.
static ECHO: Sql = Sql::of_kind(
    "ECHO",
    "SELECT $1, CAST(n AS BIGINT) FROM generate_series(1, CAST($2 AS BIGINT)) AS n ORDER BY n DESC",
    SqlKind::Together,
);
/// Takes as many milliseconds as it is asked to.
static SLOW: Sql = Sql::of_kind(
    "SLOW",
    "SELECT CAST($1 AS BIGINT) FROM pg_sleep(CAST($1 AS BIGINT) / 1000.0)",
    SqlKind::Together,
);
/// Fails for zero.
static SHARE: Sql = Sql::of_kind("SHARE", "SELECT 100 / CAST($1 AS BIGINT)", SqlKind::Together);
static COUNTER: Sql =
    Sql::of_kind("COUNTER", "SELECT CAST($1 AS BIGINT), nextval('counter')", SqlKind::Together);

async fn numbers(store: &Store, sql: &'static Sql, value: i64) -> Result<Vec<i64>, ReadError> {
    store.read(sql, &[Value::Int(value)], &mut |row| row.int()).await
}

/// What is read together has the same parameters, the same columns and the place behind them.
#[tokio::test]
async fn every_statement_that_is_read_together_can_be() {
    let options = fresh().await;
    drop(open(&options).await);
    let (client, connection) = tokio_postgres::connect(&options.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut seen = 0;
    for sql in every().filter(|sql| sql.kind == SqlKind::Together) {
        let alone = client.prepare(sql.text).await.unwrap();
        let text = together::text(sql, alone.params());
        let prepared = client.prepare(&text).await.unwrap_or_else(|error| panic!("{}: {error:?}", sql.name));
        assert_eq!(prepared.params().len(), sql.parameters(), "{}", sql.name);
        let width = WIDTHS.iter().find(|(known, _)| known.name == sql.name).map_or(0, |(_, width)| *width);
        assert_eq!(prepared.columns().len(), width + 1, "{}", sql.name);
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[tokio::test]
async fn each_gets_its_own_rows_in_their_order() {
    let store = open(&fresh().await).await;
    let mut crowd = JoinSet::new();
    for n in 0..200_i64 {
        let store = Arc::clone(&store);
        crowd.spawn(async move {
            let name = format!("reader {n}");
            let values = [Value::Owned(name.as_str().into()), Value::Int(n % 4)];
            let map = &mut |row: &crate::row::Row<'_>| Ok((row.text()?.to_owned(), row.int()?));
            let found = store.read(&ECHO, &values, map).await.unwrap();
            let expected: Vec<_> = (1..=n % 4).rev().map(|row| (name.clone(), row)).collect();
            assert_eq!(found, expected);
        });
    }
    crowd.join_all().await;
}

/// A read that comes while another is out gets nothing that was read before it came.
#[tokio::test]
async fn nothing_is_older_than_the_question() {
    let options = fresh().await;
    let store = open(&options).await;
    let (client, connection) = tokio_postgres::connect(&options.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE SEQUENCE counter").await.unwrap();
    let mut crowd = JoinSet::new();
    for reader in 0..16_i64 {
        let store = Arc::clone(&store);
        crowd.spawn(async move {
            let mut last = 0;
            for _ in 0..50 {
                let values = [Value::Int(reader)];
                let map = &mut |row: &crate::row::Row<'_>| Ok((row.int()?, row.int()?));
                let found = store.read(&COUNTER, &values, map).await.unwrap();
                let [(whose, count)] = found.as_slice() else { panic!("{found:?}") };
                assert_eq!(*whose, reader);
                assert!(*count > last, "{count} was counted before {last} was told");
                last = *count;
            }
        });
    }
    crowd.join_all().await;
}

#[tokio::test]
async fn a_slow_one_holds_nobody_up() {
    let store = open(&fresh().await).await;
    let slow = numbers(&store, &SLOW, 3_000);
    let quick = async {
        // They come while the slow one is out.
        tokio::task::yield_now().await;
        let mut crowd = JoinSet::new();
        for _ in 0..20 {
            let store = Arc::clone(&store);
            crowd.spawn(async move { numbers(&store, &SLOW, 0).await.unwrap() });
        }
        crowd.join_all().await
    };
    tokio::select! {
        biased;
        found = slow => panic!("the slow one was back first: {found:?}"),
        found = quick => assert_eq!(found, vec![vec![0]; 20]),
    }
}

/// What is wrong with one of them is not wrong with the others.
#[tokio::test]
async fn one_that_fails_fails_alone() {
    let store = open(&fresh().await).await;
    let mut crowd = JoinSet::new();
    for n in 0..60_i64 {
        let store = Arc::clone(&store);
        crowd.spawn(async move { (n, numbers(&store, &SHARE, n % 10).await) });
    }
    for (n, found) in crowd.join_all().await {
        match (n % 10, found) {
            (0, Err(ReadError::Unavailable(why))) => assert!(why.what.contains("22012"), "{why:?}"),
            (0, other) => panic!("{other:?}"),
            (by, found) => assert_eq!(found.unwrap(), [100 / by]),
        }
    }
}

/// Who goes away while waiting leaves no hole, and the turn goes on.
#[tokio::test]
async fn readers_that_go_away_hold_nobody_up() {
    let store = open(&fresh().await).await;
    for _ in 0..20 {
        let mut crowd = JoinSet::new();
        for n in 1..40_i64 {
            let store = Arc::clone(&store);
            crowd.spawn(async move { numbers(&store, &SHARE, n).await.map(drop) });
        }
        tokio::task::yield_now().await;
        crowd.abort_all();
        let found = tokio::time::timeout(Duration::from_secs(20), numbers(&store, &SHARE, 4)).await;
        assert_eq!(found.expect("the turn was lost").unwrap(), [25]);
    }
}
