//! The PostgreSQL engine: a few writers that commit in batches, a pool of readers, and a listener.

mod address;
mod hot;
mod job;
mod migrate;
mod notify;
mod queue;
mod reader;
mod session;
#[cfg(test)]
pub(crate) mod tests;
mod together;
mod trouble;
mod unit;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;
use tokio_postgres::Client;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use writ_core::change::Receipt;
use writ_core::ids::TenantId;

pub use address::Plaintext;
pub(crate) use job::HeldLock;
pub use notify::Listening;
pub(crate) use trouble::unavailable;

use crate::error::{CommitError, OpenError, ReadError, Unavailable};
use crate::inspect::{Inspection, MigrationName};
use crate::invalidation::{Announcer, Invalidation};
use crate::line::NotTaken;
use crate::meters::StoreMeters;
use crate::moving::MOVING;
use crate::row::See;
use crate::sql::Sql;
use crate::statements;
use crate::value::{Step, Value};
use queue::{PostgresQueue, PostgresQueued};
use session::{Connector, Patience};

/// How a PostgreSQL database is opened.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database`, with the parameters of libpq that the driver
    /// knows. Off this machine the connection is encrypted and certificate and name are verified,
    /// whether the address says `sslmode=verify-full` or nothing.
    pub url: String,
    /// A file of CA certificates (PEM) that vouch for the server, in place of this machine's own
    /// list; `sslrootcert` in the address means the same.
    pub ca_file: Option<PathBuf>,
    /// Whether `sslmode=disable` is obeyed off this machine.
    pub plaintext: Plaintext,
    /// How many connections write, 1 to 4.
    pub writers: usize,
    /// How many connections read.
    pub readers: usize,
    /// How many units may wait for the writers; a tenant may have three quarters of them.
    pub queue: usize,
    /// How many units a writer takes at once at most.
    pub batch: usize,
    /// How long a connection may take, its handshakes included.
    pub connect_timeout: Duration,
    /// How long a statement or a transaction may take.
    pub statement_timeout: Duration,
    /// How long a unit waits for the database to come back where only it can tell whether the unit
    /// was written.
    pub outcome_timeout: Duration,
    /// How often the listener sends itself a heartbeat.
    pub heartbeat: Duration,
}

impl PostgresOptions {
    /// The usual options for an address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca_file: None,
            plaintext: Plaintext::LoopbackOnly,
            writers: 2,
            readers: (std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2)
                .clamp(4, 16),
            queue: 8192,
            batch: 128,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            outcome_timeout: Duration::from_secs(4),
            heartbeat: Duration::from_secs(3),
        }
    }
}

impl PostgresOptions {
    /// Whether the address, and what it is checked with, can be used at all; nothing is connected to.
    ///
    /// # Errors
    /// [`OpenError::Address`].
    pub fn check(&self) -> Result<(), OpenError> {
        connector(self).map(drop)
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address bears a password.
        f.debug_struct("PostgresOptions")
            .field("ca_file", &self.ca_file)
            .field("plaintext", &self.plaintext)
            .field("writers", &self.writers)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

fn connector(options: &PostgresOptions) -> Result<Connector, OpenError> {
    Ok(Connector {
        address: address::DatabaseAddress::parse(
            &options.url,
            options.ca_file.as_deref(),
            options.plaintext,
        )?,
        patience: Patience {
            connect: options.connect_timeout,
            statement: options.statement_timeout,
            outcome: options.outcome_timeout,
        },
    })
}

/// Looks at a database and changes nothing.
pub(crate) async fn inspect(options: &PostgresOptions) -> Result<Inspection, OpenError> {
    migrate::inspect(&connector(options)?).await
}

/// Brings a database up to date; says which migrations ran.
pub(crate) async fn bring_up_to_date(options: &PostgresOptions) -> Result<Vec<MigrationName>, OpenError> {
    migrate::run(&connector(options)?).await
}

/// A database that everything is moved to, with a connection of its own that holds the right to do so.
pub(crate) struct RawTarget {
    pub client: Client,
    /// Without a password.
    pub shown: String,
}

/// Brings a database up to date, and takes the right to move something there; `None`: somebody else has it.
pub(crate) async fn raw_target(options: &PostgresOptions) -> Result<Option<RawTarget>, OpenError> {
    let connector = connector(options)?;
    migrate::run(&connector).await?;
    let shown = connector.address.shown.clone();
    let client = job::take_for_move(&connector).await;
    let client = client.map_err(|why| OpenError::Database { path: shown.clone(), why })?;
    Ok(client.map(|client| RawTarget { client, shown }))
}

/// Where a database is, without a password.
pub(crate) fn shown(options: &PostgresOptions) -> Result<String, OpenError> {
    Ok(connector(options)?.address.shown)
}

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    connector: Connector,
    queue: Arc<PostgresQueue>,
    readers: reader::PostgresReaders,
    listener: AbortHandle,
    listening: watch::Sender<Listening>,
}

impl Postgres {
    pub async fn open(
        options: &PostgresOptions,
        meters: &Arc<StoreMeters>,
        announcer: Announcer,
    ) -> Result<Self, OpenError> {
        let connector = connector(options)?;
        migrate::run(&connector).await?;
        let readers = reader::PostgresReaders::new(&connector, options.readers)?;
        let queue = Arc::new(PostgresQueue::new(options.queue));
        let mut sessions = Vec::new();
        for _ in 0..options.writers.clamp(1, 4) {
            let failed = |why| OpenError::Database { path: connector.address.shown.clone(), why };
            sessions.push(connector.session().await.map_err(failed)?);
        }
        if let Some(session) = sessions.first() {
            refuse_half_moved(&session.client, &connector.address.shown).await?;
        }
        let shared = writer::SharedByWriters {
            queue: Arc::clone(&queue),
            meters: Arc::clone(meters),
            batch: options.batch,
        };
        for writer in writer::PostgresWriter::all(sessions, &connector, &shared) {
            tokio::spawn(writer.run());
        }
        let (listening, state) = watch::channel(Listening::Awake);
        let listener = notify::Listener::new(connector.clone(), options.heartbeat, announcer, state);
        let listener = tokio::spawn(listener.run()).abort_handle();
        Ok(Self { connector, queue, readers, listener, listening })
    }

    pub async fn commit(
        &self,
        tenant: TenantId,
        steps: Vec<Step>,
        stale: Vec<Invalidation>,
    ) -> Result<Receipt, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(tenant, PostgresQueued { steps, stale, reply }).map_err(|refused| match refused {
            NotTaken::Full => CommitError::Busy,
            NotTaken::Closed => stopped(),
        })?;
        answer.await.unwrap_or_else(|_closed| Err(stopped()))
    }

    pub async fn read(
        &self,
        sql: &'static Sql,
        values: &[Value],
        see: &mut See<'_>,
    ) -> Result<(), ReadError> {
        self.readers.read(sql, values, see).await
    }

    /// Takes the lock of a job; `None`: another node has it.
    pub async fn try_job(&self, name: &str) -> Result<Option<HeldLock>, ReadError> {
        job::take(&self.connector, name).await.map_err(ReadError::Unavailable)
    }

    /// Serves under an issuer; `None`: another node serves under another one.
    pub async fn claim(&self, issuer: &str) -> Result<Option<HeldLock>, ReadError> {
        job::claim(&self.connector, issuer).await.map_err(ReadError::Unavailable)
    }

    pub fn listening(&self, listening: Listening) {
        self.listening.send_replace(listening);
    }

    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Refuses new units; the writers commit those that wait, and end.
    pub fn close(&self) {
        self.queue.close();
        self.listener.abort();
        self.readers.close();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}

/// Refuses a database into which something is on its way.
async fn refuse_half_moved(client: &Client, shown: &str) -> Result<(), OpenError> {
    let path = || shown.to_owned();
    match client.query_opt(statements::META_GET.text, &[&MOVING]).await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(OpenError::HalfMoved { path: path() }),
        Err(error) => Err(OpenError::Database { path: path(), why: unavailable(&error) }),
    }
}

fn stopped() -> CommitError {
    CommitError::Unavailable(Unavailable {
        what: "the writer has stopped".to_owned(),
        remedy: "the server is shutting down; ask again after its restart",
    })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            // PostgreSQL takes an untyped number beside a literal for an INTEGER.
            Self::Int(int) if *ty == Type::INT4 => i32::try_from(*int)?.to_sql(ty, out),
            Self::Int(int) => int.to_sql(ty, out),
            Self::Text(text) => text.as_ref().to_sql(ty, out),
            Self::Owned(text) => text.as_ref().to_sql(ty, out),
            Self::Static(text) => text.to_sql(ty, out),
            Self::Id(id) => id.as_slice().to_sql(ty, out),
            Self::Hash(hash) => hash.as_slice().to_sql(ty, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}
