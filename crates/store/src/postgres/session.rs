//! Connections: how one is made, what is told to the server about it, and its prepared statements.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::DatabaseAddress;
use super::trouble::{Trouble, overdue, unavailable};
use crate::error::Unavailable;

/// What a connection is for: shown in `pg_stat_activity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionRole {
    Writer,
    Reader,
    Listener,
    Job,
    Migrator,
}

impl ConnectionRole {
    const fn name(self) -> &'static str {
        match self {
            Self::Writer => "writ-writer",
            Self::Reader => "writ-reader",
            Self::Listener => "writ-listener",
            Self::Job => "writ-job",
            Self::Migrator => "writ-migrator",
        }
    }
}

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a connection, its handshakes included.
    pub connect: Duration,
    /// For a statement or a transaction.
    pub statement: Duration,
    /// For the database to come back, where only it can tell what became of a unit.
    pub outcome: Duration,
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    pub address: DatabaseAddress,
    pub patience: Patience,
}

/// Which process of the server is behind a connection; its number alone could be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backend {
    pub pid: i32,
    /// Microseconds since the epoch, by the server's clock.
    pub started: i64,
}

pub(super) type RawConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Connector {
    /// The settings of a connection: what the server's own configuration might say otherwise, and
    /// what would make an answer late or a plan unstable.
    pub fn config(&self, role: ConnectionRole) -> Config {
        let mut config = self.address.config.clone();
        let limit = match role {
            // A migration takes the time it takes.
            ConnectionRole::Migrator => 0,
            ConnectionRole::Writer
            | ConnectionRole::Reader
            | ConnectionRole::Listener
            | ConnectionRole::Job => self.patience.statement.as_millis(),
        };
        // enable_seqscan: a plan is kept as long as the connection, and one that was made while a
        // table was empty must not read all of it once it is full.
        let own = format!(
            "-c default_transaction_isolation=read\\ committed -c statement_timeout={limit} \
             -c idle_in_transaction_session_timeout=60000 -c enable_seqscan=off -c jit=off"
        );
        let options = config.get_options().map_or_else(|| own.clone(), |theirs| format!("{theirs} {own}"));
        config.options(options);
        config.application_name(role.name());
        config.connect_timeout(self.patience.connect);
        // A peer that has vanished without a word is noticed within seconds, also while we only wait.
        config.tcp_user_timeout(self.patience.statement.saturating_mul(2));
        config.keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2));
        config.keepalives_retries(3);
        config
    }

    pub async fn raw(&self, role: ConnectionRole) -> Result<(Client, RawConnection), Unavailable> {
        let connecting = self.config(role);
        match tokio::time::timeout(self.patience.connect, connecting.connect(self.address.tls.clone())).await
        {
            Ok(Ok(pair)) => Ok(pair),
            Ok(Err(error)) => Err(unavailable(&error)),
            Err(_elapsed) => Err(overdue("connecting", self.patience.connect)),
        }
    }

    /// A connection with its own task that drives it.
    pub async fn client(&self, role: ConnectionRole) -> Result<(Client, AbortHandle), Unavailable> {
        let (client, mut connection) = self.raw(role).await?;
        let driver = tokio::spawn(async move {
            // What goes wrong is told to whoever waits for an answer.
            while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notice(notice) = message {
                    tracing::debug!("PostgreSQL says: {}", notice.message());
                }
            }
        });
        Ok((client, driver.abort_handle()))
    }

    /// A connection that writes.
    pub async fn session(&self) -> Result<Session, Unavailable> {
        let (client, driver) = self.client(ConnectionRole::Writer).await?;
        let mut session = Session {
            client,
            driver,
            backend: Backend { pid: 0, started: 0 },
            statements: HashMap::new(),
            patience: self.patience,
        };
        session.backend = session.hello().await.map_err(|trouble| match trouble {
            Trouble::Again(why) | Trouble::Refused(why) | Trouble::Lost(why) => why,
            Trouble::Unit(error) => Unavailable { what: error.to_string(), remedy: "report it" },
        })?;
        Ok(session)
    }
}

/// Asks who serves us, and makes sure that an acknowledged commit is on the disk where the
/// database's own configuration says otherwise.
const HELLO: &str = "SELECT pid, CAST(extract(epoch FROM backend_start) * 1000000 AS BIGINT), \
    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END \
    FROM pg_stat_activity WHERE pid = pg_backend_pid()";

/// A connection that writes, with its prepared statements.
pub(super) struct Session {
    pub client: Client,
    pub backend: Backend,
    driver: AbortHandle,
    statements: HashMap<&'static str, Statement>,
    patience: Patience,
}

impl Session {
    async fn hello(&self) -> Result<Backend, Trouble> {
        let row = self.within(async { Ok(self.client.query_one(HELLO, &[]).await?) }).await?;
        Ok(Backend { pid: row.try_get(0)?, started: row.try_get(1)? })
    }

    /// Waits for an answer no longer than a statement may take and a little more: the server's own
    /// limit comes first wherever the server can still be heard.
    pub async fn within<T>(&self, answer: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        let patience = self.patience.statement + Duration::from_millis(500);
        tokio::time::timeout(patience, answer)
            .await
            .unwrap_or_else(|_elapsed| Err(Trouble::Lost(overdue("a statement", patience))))
    }

    /// A prepared statement, prepared where this connection has not yet done so.
    pub async fn statement(&mut self, name: &'static str, text: &str) -> Result<Statement, Trouble> {
        if let Some(statement) = self.statements.get(name) {
            return Ok(statement.clone());
        }
        let statement = self.within(async { Ok(self.client.prepare(text).await?) }).await?;
        self.statements.insert(name, statement.clone());
        Ok(statement)
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Drops the connection at once, whatever it still waits for.
    pub fn abandon(self) {
        self.driver.abort();
    }
}
