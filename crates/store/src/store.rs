//! The store: what the server asks of it. The engines are told apart here and nowhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use writ_core::change::{Changes, Note, Receipt, Recorded};
use writ_core::client::{Client, ClientName};
use writ_core::ids::{ClientId, TenantId, TokenId};
use writ_core::key::StoredKey;
use writ_core::noted::Noted;
use writ_core::secret::Digest32;
use writ_core::tenant::Tenant;
use writ_core::time::Micros;
use writ_core::token::TokenFacts;
use writ_core::user::ApiKey;

use crate::clients::named;
use crate::error::{CommitError, OpenError, ReadError};
use crate::invalidation::{Announcer, Invalidations, stale};
use crate::meters::StoreMeters;
use crate::notes::Notes;
use crate::postgres::{HeldLock, Listening, Postgres, PostgresOptions};
use crate::records::{RecordKept, WantedRecords};
use crate::row::{Column, Row, keep, keep_first};
use crate::sql::Sql;
use crate::sqlite::{Sqlite, SqliteOptions};
use crate::value::{Step, Value};
use crate::{reads, statements as sql, writes};

/// An open database.
pub struct Store {
    engine: Engine,
    notes: Notes,
    meters: Arc<StoreMeters>,
    announcer: Announcer,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// The right to do a job, as long as it lives: no other node has it meanwhile.
pub struct JobGuard {
    /// None where there is only one node.
    held: Option<HeldLock>,
}

impl JobGuard {
    /// Whether the right still stands. It ends with the connection that it was given over; another
    /// node may have it then.
    pub fn is_held(&self) -> bool {
        self.held.as_ref().is_none_or(HeldLock::is_held)
    }
}

/// The versions of the caller's rows, as they were when its answer was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerVersions {
    /// Of the client that asks.
    pub client: i64,
    /// Of its tenant.
    pub tenant: i64,
}

/// A token as seen by a caller.
#[derive(Debug, Clone)]
pub struct TokenSeen {
    /// The caller's versions in the same read: where they are not those it was authenticated with,
    /// the caller has to be looked at again.
    pub versions: CallerVersions,
    /// The token, where there is one.
    pub token: Option<TokenFacts>,
}

/// What was noted of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotedClient {
    /// When it last got a token.
    pub last_used_at: Option<Micros>,
    /// How often it asked only for scopes that it may not have.
    pub scope_refusals: i64,
    /// When it last did.
    pub scope_refused_at: Option<Micros>,
}

/// Whether something was noted that had not been noted a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstOfItsKind {
    /// It was.
    Yes,
    /// It only counts, or was dropped.
    No,
}

impl Store {
    /// Opens a SQLite database, makes it where it is missing, and brings it up to date.
    ///
    /// # Errors
    /// [`OpenError`], whose text tells the operator what to do.
    pub fn open_sqlite(options: &SqliteOptions) -> Result<Self, OpenError> {
        let meters = Arc::new(StoreMeters::default());
        let engine = Engine::Sqlite(Sqlite::open(options, &meters)?);
        Ok(Self { engine, notes: Notes::default(), meters, announcer: Announcer::new() })
    }

    /// Opens a PostgreSQL database and brings it up to date; one node at a time does the latter.
    /// Needs a running tokio runtime, in which the writers and the listener live.
    ///
    /// # Errors
    /// [`OpenError`], whose text tells the operator what to do.
    pub async fn open_postgres(options: &PostgresOptions) -> Result<Self, OpenError> {
        let meters = Arc::new(StoreMeters::default());
        let announcer = Announcer::new();
        let postgres = Postgres::open(options, &meters, announcer.clone()).await?;
        let engine = Engine::Postgres(Box::new(postgres));
        Ok(Self { engine, notes: Notes::default(), meters, announcer })
    }

    /// Commits a unit: all of it, or nothing.
    ///
    /// # Errors
    /// [`CommitError`]; nothing of the unit was written.
    pub async fn commit(&self, changes: Changes) -> Result<Receipt, CommitError> {
        let (details, recorded) = (changes.details().cloned(), changes.record());
        let (act, list, notes) = changes.into_parts();
        let (tenant, at) = (act.tenant, act.at);
        let stale = stale(&list);
        let (inside, later) = match recorded {
            Recorded::Inside(outcome) => (Some(writes::audit(*act, outcome, details.as_ref())), None),
            Recorded::Noted => (None, Some(act)),
            Recorded::Later => (None, None),
        };
        let steps = writes::steps(list, at, inside);
        let receipt = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.commit(tenant, steps).await,
            Engine::Postgres(postgres) => postgres.commit(tenant, steps, stale.clone()).await,
        }?;
        for invalidation in stale {
            self.announcer.tell(invalidation);
        }
        for note in notes {
            self.note(note);
        }
        if let Some(act) = later {
            let _ = self.record(Noted::done(*act));
        }
        Ok(receipt)
    }

    pub(crate) async fn commit_steps(
        &self,
        tenant: TenantId,
        steps: Vec<Step>,
    ) -> Result<Receipt, CommitError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.commit(tenant, steps).await,
            Engine::Postgres(postgres) => postgres.commit(tenant, steps, Vec::new()).await,
        }
    }

    pub(crate) async fn read<T: Send>(
        &self,
        sql: &'static Sql,
        values: &[Value],
        map: &mut (dyn FnMut(&Row<'_>) -> Column<T> + Send),
    ) -> Result<Vec<T>, ReadError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let mut found = Vec::new();
                sqlite.read(sql, values, &mut |row| keep(&mut found, row, map))?;
                Ok(found)
            }
            // In a box of its own: what a reader of SQLite would carry about for it is two kilobytes.
            Engine::Postgres(postgres) => {
                Box::pin(async {
                    let mut found = Vec::new();
                    postgres.read(sql, values, &mut |row| keep(&mut found, row, map)).await?;
                    Ok(found)
                })
                .await
            }
        }
    }

    /// The first row that a statement finds.
    pub(crate) async fn read_one<T: Send>(
        &self,
        sql: &'static Sql,
        values: &[Value],
        map: &mut (dyn FnMut(&Row<'_>) -> Column<T> + Send),
    ) -> Result<Option<T>, ReadError> {
        match &self.engine {
            // Nothing waits here, so no future has room for what is found; nor is a list made of it.
            Engine::Sqlite(sqlite) => {
                let mut found = None;
                sqlite.read(sql, values, &mut |row| keep_first(&mut found, row, map))?;
                Ok(found)
            }
            Engine::Postgres(postgres) => {
                Box::pin(async {
                    let mut found = None;
                    postgres.read(sql, values, &mut |row| keep_first(&mut found, row, map)).await?;
                    Ok(found)
                })
                .await
            }
        }
    }

    /// Remembers something that nobody waits for; dropped, and counted, where too much waits already.
    pub fn note(&self, note: Note) {
        if self.notes.add(note) == RecordKept::Dropped {
            self.meters.dropped_notes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Remembers something for the audit log, as [`note`](Self::note) does. Says whether it is the first of its kind
    /// since the last ones were written: then it is worth a line in the log.
    pub fn record(&self, noted: Noted) -> FirstOfItsKind {
        match self.notes.record(noted) {
            RecordKept::Yes => FirstOfItsKind::Yes,
            RecordKept::Again => FirstOfItsKind::No,
            RecordKept::Dropped => {
                self.meters.dropped_notes.fetch_add(1, Ordering::Relaxed);
                FirstOfItsKind::No
            }
        }
    }

    /// Writes what was noted. Called every few seconds; a failure drops what it tried to write. Of the audit records
    /// that anybody can cause, those of a network that causes many wait for a later call.
    ///
    /// # Errors
    /// [`CommitError`] of the first unit that failed.
    pub async fn flush_notes(&self, tenant: TenantId) -> Result<(), CommitError> {
        self.write_notes(tenant, WantedRecords::Due).await
    }

    /// The same, for whoever is about to read what was noted: they find what has just happened.
    ///
    /// # Errors
    /// [`CommitError`] of the first unit that failed.
    pub async fn flush_notes_early(&self, tenant: TenantId) -> Result<(), CommitError> {
        self.write_notes(tenant, WantedRecords::Early).await
    }

    /// Writes all that was noted: there will be no later call.
    ///
    /// # Errors
    /// [`CommitError`] of the first unit that failed.
    pub async fn flush_last_notes(&self, tenant: TenantId) -> Result<(), CommitError> {
        self.write_notes(tenant, WantedRecords::All).await
    }

    async fn write_notes(&self, tenant: TenantId, wanted: WantedRecords) -> Result<(), CommitError> {
        let mut units = self.notes.take(wanted).into_iter();
        while let Some(unit) = units.next() {
            let notes = unit.len();
            if let Err(error) = self.commit_steps(tenant, unit).await {
                let lost = notes + units.map(|unit| unit.len()).sum::<usize>();
                self.meters.dropped_notes.fetch_add(lost as u64, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    }

    /// The sealed key of the keyed hashes; `None`: the database is empty.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sealed_hash_key(&self) -> Result<Option<Vec<u8>>, ReadError> {
        self.read_one(&sql::META_GET, &[writes::HASH_KEY.into()], &mut |row| Ok(row.bytes()?.to_vec())).await
    }

    /// A tenant by slug.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, ReadError> {
        self.read_one(&sql::TENANT_BY_SLUG, &[Value::Owned(slug.into())], &mut |row| reads::tenant(row)).await
    }

    /// The same for whoever has it already, as it was in some version.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenant_since(
        &self,
        slug: &str,
        known: Option<&Arc<Tenant>>,
    ) -> Result<Option<Arc<Tenant>>, ReadError> {
        let values = [Value::Owned(slug.into())];
        self.read_one(&sql::TENANT_BY_SLUG, &values, &mut |row| reads::tenant_since(row, known)).await
    }

    /// A tenant by row id.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, ReadError> {
        self.read_one(&sql::TENANT_BY_ID, &[id.into()], &mut |row| reads::tenant(row)).await
    }

    /// A client by its public id, with its secrets and its tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_by_client_id(
        &self,
        name: impl Into<ClientName<'_>>,
    ) -> Result<Option<(Client, Tenant)>, ReadError> {
        let found = self
            .read_one(&sql::CLIENT_BY_CLIENT_ID, &named(name.into()), &mut |row| {
                Ok((reads::client(row)?, reads::tenant(row)?))
            })
            .await?;
        let Some((mut client, tenant)) = found else { return Ok(None) };
        // A secret changes only together with its client's version. Read after the client's row,
        // the list is as new or newer than the version; where it is newer, the guard fails.
        client.secrets =
            self.read(&sql::CLIENT_SECRETS, &[client.id.into()], &mut reads::client_secret).await?;
        Ok(Some((client, tenant)))
    }

    /// What was noted of a client.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_notes(&self, client: ClientId) -> Result<Option<NotedClient>, ReadError> {
        self.read_one(&sql::CLIENT_NOTES, &[client.into()], &mut |row| {
            Ok(NotedClient {
                last_used_at: row.maybe_time()?,
                scope_refusals: row.int()?,
                scope_refused_at: row.maybe_time()?,
            })
        })
        .await
    }

    /// An API key by its keyed hash, with its tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn api_key_by_hash(&self, hash: &Digest32) -> Result<Option<(ApiKey, Tenant)>, ReadError> {
        self.read_one(&sql::API_KEY_BY_HASH, &[(*hash).into()], &mut |row| {
            Ok((reads::api_key(row)?, reads::tenant(row)?))
        })
        .await
    }

    /// The signing keys of a tenant, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn signing_keys(&self, tenant: TenantId) -> Result<Vec<StoredKey>, ReadError> {
        self.read(&sql::SIGNING_KEYS, &[tenant.into()], &mut reads::signing_key).await
    }

    /// A token of the tenant of a client that asks, and the caller's versions, in one read.
    /// `None`: the caller itself is gone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn token_for_client(
        &self,
        token: TokenId,
        caller: ClientId,
    ) -> Result<Option<TokenSeen>, ReadError> {
        self.read_one(&sql::TOKEN_FOR_CLIENT, &[token.into(), caller.into()], &mut |row| {
            let versions = CallerVersions { client: row.int()?, tenant: row.int()? };
            Ok(TokenSeen { versions, token: reads::token(row)? })
        })
        .await
    }

    /// A token of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn token_in_tenant(
        &self,
        token: TokenId,
        tenant: TenantId,
    ) -> Result<Option<TokenFacts>, ReadError> {
        let found = self
            .read_one(&sql::TOKEN_IN_TENANT, &[token.into(), tenant.into()], &mut |row| {
                row.skip(2);
                reads::token(row)
            })
            .await?;
        Ok(found.flatten())
    }

    /// A token and its tenant, wherever it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn token_anywhere(&self, token: TokenId) -> Result<Option<(TenantId, TokenFacts)>, ReadError> {
        let found = self
            .read_one(&sql::TOKEN_ANYWHERE, &[token.into()], &mut |row| {
                let tenant = TenantId::from_bytes(row.id()?);
                Ok(reads::token(row)?.map(|token| (tenant, token)))
            })
            .await?;
        Ok(found.flatten())
    }

    /// The newest audit records of a tenant: `(action, actor type)`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn audit_newest(
        &self,
        tenant: TenantId,
        most: i64,
    ) -> Result<Vec<(String, String)>, ReadError> {
        self.read(&sql::AUDIT_NEWEST, &[tenant.into(), most.into()], &mut |row| {
            row.skip(1);
            let second = row.text()?.to_owned();
            row.skip(1);
            Ok((row.text()?.to_owned(), second))
        })
        .await
    }

    /// Whether the storage answers.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn ping(&self) -> Result<(), ReadError> {
        self.read(&sql::PING, &[], &mut |row| row.int()).await.map(drop)
    }

    /// Whether the storage can be written: writes a few bytes that differ each time.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn ping_writer(&self, tenant: TenantId, now: Micros) -> Result<(), CommitError> {
        let value = now.0.to_be_bytes().to_vec();
        self.commit_steps(tenant, vec![Step::new(&sql::META_HEARTBEAT, [value.into()])]).await.map(drop)
    }

    /// Counters since the start.
    pub fn meters(&self) -> &StoreMeters {
        &self.meters
    }

    /// Size of the write-ahead log, bytes; 0 on PostgreSQL, which keeps its own.
    pub fn wal_bytes(&self) -> u64 {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.wal_bytes(),
            Engine::Postgres(_) => 0,
        }
    }

    /// Size of the database, bytes; 0 on PostgreSQL, which knows its own.
    pub fn database_bytes(&self) -> u64 {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.database_bytes(),
            Engine::Postgres(_) => 0,
        }
    }

    /// Hears which cached facts are stale, from here and (on PostgreSQL) from the other nodes. Each
    /// receiver hears all of it, from when it was made.
    pub fn invalidations(&self) -> Invalidations {
        self.announcer.listen()
    }

    /// Test only: stops the listener of invalidations, or lets it go on. Nothing on SQLite.
    pub fn set_listening(&self, listening: Listening) {
        match &self.engine {
            Engine::Sqlite(_) => {}
            Engine::Postgres(postgres) => postgres.listening(listening),
        }
    }

    /// The right to do a job that one node does at a time; `None`: another node has it. The one who
    /// keeps the guard keeps the schedule: a guard given back after each turn would let every node
    /// take a turn after the other.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn try_job(&self, name: &str) -> Result<Option<JobGuard>, ReadError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(Some(JobGuard { held: None })),
            Engine::Postgres(postgres) => {
                Ok(postgres.try_job(name).await?.map(|held| JobGuard { held: Some(held) }))
            }
        }
    }

    /// The right to serve under an issuer, for as long as the guard lives; `None`: another node serves the same database
    /// under another one. With SQLite there is no other node.
    ///
    /// # Errors
    /// The storage's.
    pub async fn claim_issuer(&self, issuer: &str) -> Result<Option<JobGuard>, ReadError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(Some(JobGuard { held: None })),
            Engine::Postgres(postgres) => {
                Ok(postgres.claim(issuer).await?.map(|held| JobGuard { held: Some(held) }))
            }
        }
    }

    /// Units that wait for the writer.
    pub fn queued(&self) -> usize {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.queued(),
            Engine::Postgres(postgres) => postgres.queued(),
        }
    }

    /// Commits what waits, checkpoints and closes; whoever asks later hears "unavailable".
    pub fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close(),
            Engine::Postgres(postgres) => postgres.close(),
        }
    }
}
