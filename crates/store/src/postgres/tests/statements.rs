//! Every statement is prepared on PostgreSQL, and takes and gives what it does on SQLite.

use tokio_postgres::NoTls;
use tokio_postgres::types::Type;

use super::super::hot;
use super::super::migrate::{run_list, translated};
use super::{fresh, open};
use crate::cluster;
use crate::error::OpenError;
use crate::migrations::before::{
    CLIENTS_OF_BEFORE, LISTS_OF_BEFORE, LISTS_SINCE, PEOPLE_OF_BEFORE, PEOPLE_SINCE, SCOPES_TAKEN_APART,
    TRUST_OF_BEFORE, TRUST_SINCE,
};
use crate::migrations::{MIGRATIONS, Migration};
use crate::statements::every;
use crate::store::Store;
use crate::suite::WIDTHS;

async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn every_statement_takes_and_gives_what_it_does_on_sqlite() {
    let options = fresh().await;
    drop(open(&options).await);
    let client = client(&options.url).await;
    for sql in every() {
        let statement =
            client.prepare(sql.text).await.unwrap_or_else(|error| panic!("{}: {error:?}", sql.name));
        assert_eq!(statement.params().len(), sql.parameters(), "{}", sql.name);
        let width = WIDTHS.iter().find(|(known, _)| known.name == sql.name).map_or(0, |(_, width)| *width);
        assert_eq!(statement.columns().len(), width, "{}", sql.name);
        let known = [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA];
        assert!(
            statement.params().iter().all(|ty| known.contains(ty)),
            "{}: {:?}",
            sql.name,
            statement.params()
        );
        assert!(statement.columns().iter().all(|c| known.contains(c.type_())), "{}", sql.name);
    }
    for hot in hot::ALL {
        let statement =
            client.prepare(hot.text).await.unwrap_or_else(|error| panic!("{}: {error:?}", hot.name));
        assert_eq!(statement.params().len(), hot.parameters(), "{}", hot.name);
        assert_eq!(statement.columns().len(), 1, "{}", hot.name);
    }
}

#[test]
fn a_migration_is_the_same_file_in_another_dialect() {
    let text = "CREATE TABLE a (id BLOB PRIMARY KEY, b BLOB, c TEXT) WITHOUT ROWID;";
    assert_eq!(translated(text), "CREATE TABLE a (id BYTEA PRIMARY KEY, b BYTEA, c TEXT);");
}

#[tokio::test]
async fn nodes_that_start_together_migrate_once() {
    let options = fresh().await;
    let opened = tokio::join!(open(&options), open(&options), open(&options), open(&options));
    let newest =
        client(&options.url).await.query_one("SELECT COUNT(*) FROM schema_migrations", &[]).await.unwrap();
    assert_eq!(usize::try_from(newest.get::<_, i64>(0)).unwrap(), MIGRATIONS.len());
    drop(opened);
}

#[tokio::test]
async fn clients_of_before_get_a_registration_and_their_scopes_are_taken_apart() {
    let mut client = client(&cluster::fresh_database().await.unwrap()).await;
    run_list(&mut client, &MIGRATIONS[..4]).await.unwrap();
    client.batch_execute(&translated(CLIENTS_OF_BEFORE)).await.unwrap();
    run_list(&mut client, MIGRATIONS).await.unwrap();
    let rows = client.query(SCOPES_TAKEN_APART, &[]).await.unwrap();
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, ["a:openid", "a:oauth:read", "b:x"]);
    let registered = client.query("SELECT redirect_uris FROM client_registrations", &[]).await.unwrap();
    assert_eq!(registered.len(), 3);
}

#[tokio::test]
async fn refresh_tokens_of_before_are_listed_and_clients_are_counted() {
    let mut client = client(&cluster::fresh_database().await.unwrap()).await;
    let before = MIGRATIONS.iter().take_while(|migration| migration.version < 13).count();
    run_list(&mut client, &MIGRATIONS[..before]).await.unwrap();
    client.batch_execute(&translated(CLIENTS_OF_BEFORE)).await.unwrap();
    client.batch_execute(&translated(LISTS_OF_BEFORE)).await.unwrap();
    run_list(&mut client, MIGRATIONS).await.unwrap();
    let mut found = Vec::new();
    for sql in LISTS_SINCE {
        let rows = client.query(&translated(sql), &[]).await.unwrap();
        found.push(rows.iter().map(|row| row.get(0)).collect::<Vec<String>>());
    }
    let expected = [&["2"][..], &["3", "3", "3"], &["empty:0", "full:3"]];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_stood_before_the_holes_were_closed_is_brought_over() {
    let mut client = client(&cluster::fresh_database().await.unwrap()).await;
    let before = MIGRATIONS.iter().take_while(|migration| migration.version < 16).count();
    run_list(&mut client, &MIGRATIONS[..before]).await.unwrap();
    client.batch_execute(&translated(TRUST_OF_BEFORE)).await.unwrap();
    client.batch_execute(&translated(PEOPLE_OF_BEFORE)).await.unwrap();
    run_list(&mut client, MIGRATIONS).await.unwrap();
    for (sql, expected) in TRUST_SINCE.into_iter().chain(PEOPLE_SINCE) {
        let rows = client.query(&translated(sql), &[]).await.unwrap();
        let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(found, expected, "{sql}");
    }
}

#[tokio::test]
async fn an_edited_migration_a_newer_database_and_a_half_done_one_are_refused() {
    let one = |text| [Migration { version: 1, name: "one", text }];
    let mut client = client(&cluster::fresh_database().await.unwrap()).await;
    let failed = run_list(&mut client, &one("CREATE TABLE a (b BIGINT); CREATE TABLE a (b BIGINT);")).await;
    assert!(matches!(failed, Err(OpenError::Migration { version: 1, .. })), "{failed:?}");
    run_list(&mut client, &one("CREATE TABLE a (b BLOB)")).await.unwrap();
    run_list(&mut client, &one("CREATE TABLE a (b BLOB)")).await.unwrap();
    let edited = run_list(&mut client, &one("CREATE TABLE a (c BLOB)")).await;
    assert!(matches!(edited, Err(OpenError::Checksum { version: 1, .. })), "{edited:?}");
    let older = run_list(&mut client, &[]).await;
    assert!(matches!(older, Err(OpenError::Newer { version: 1, known: 0 })), "{older:?}");
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_says_what_to_do() {
    let mut options = fresh().await;
    let url = options.url.clone();
    for (wrong, what) in [
        (url.replace("throw-away", "wrong-password"), "password"),
        (format!("{url}_missing"), "create it"),
        (url.replace("127.0.0.1:", "127.0.0.1:1?x=").split('?').next().unwrap().to_owned(), "reached"),
    ] {
        options.url = wrong;
        let error = Store::open_postgres(&options).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(!error.contains("throw-away") && !error.contains("wrong-password"), "{error}");
    }
}
