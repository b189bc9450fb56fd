//! Invalidations between nodes: `NOTIFY` in the transaction that changes a fact, and a connection
//! that listens.
//!
//! A notification can be lost: while the listener connects, while its connection is dead and nobody
//! has noticed. So it listens first and tells everyone to forget all they know after that; it sends
//! itself a heartbeat through the server, and where one does not come back it begins anew.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_postgres::{AsyncMessage, Notification};
use writ_core::ids::{ClientId, TenantId};

use super::session::{ConnectionRole, Connector};
use super::trouble::{overdue, unavailable};
use crate::error::Unavailable;
use crate::invalidation::{Announcer, Invalidation};

/// The channel of invalidations.
pub(super) const CHANNEL: &str = "writ_facts";
const BEAT: &str = "beat";
/// Heartbeats that may be missing before the connection counts as dead.
const MISSING: u32 = 2;
/// Between two tries to listen.
const PAUSE: Duration = Duration::from_millis(250);

/// An invalidation as it is sent.
pub(super) fn payload(invalidation: Invalidation) -> String {
    let mut text = String::with_capacity(44);
    match invalidation {
        Invalidation::All => text.push_str("all"),
        Invalidation::Client(id) => {
            text.push_str("client:");
            id.write_uuid(&mut text);
        }
        Invalidation::Tenant(id) => {
            text.push_str("tenant:");
            id.write_uuid(&mut text);
        }
    }
    text
}

/// Reads what was sent. What a newer version may say and this one does not know means "forget all".
fn parse(payload: &str) -> Invalidation {
    match payload.split_once(':') {
        Some(("client", id)) => ClientId::parse_uuid(id).map(Invalidation::Client),
        Some(("tenant", id)) => TenantId::parse_uuid(id).map(Invalidation::Tenant),
        Some(_) | None => None,
    }
    .unwrap_or(Invalidation::All)
}

/// What the listener does with what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listening {
    /// It passes it on.
    Awake,
    /// Test only: nothing, and it does not look at its heartbeat either, as if its thread hung.
    Frozen,
}

pub(super) struct Listener {
    connector: Connector,
    heartbeat: Duration,
    announcer: Announcer,
    state: watch::Receiver<Listening>,
    /// Whether that was told.
    interrupted: bool,
}

impl Listener {
    pub fn new(
        connector: Connector,
        heartbeat: Duration,
        announcer: Announcer,
        state: watch::Receiver<Listening>,
    ) -> Self {
        Self { connector, heartbeat, announcer, state, interrupted: false }
    }

    /// Listens for ever.
    pub async fn run(mut self) {
        loop {
            let why = self.listen().await;
            if std::mem::replace(&mut self.interrupted, true) {
                tracing::debug!("invalidations from other nodes are interrupted: {why}");
            } else {
                tracing::warn!(
                    "invalidations from other nodes are interrupted, cached facts are checked at each use: {why}"
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn awake(&mut self) {
        // An error says that the store is gone, and this task with it.
        let _ = self.state.wait_for(|state| *state == Listening::Awake).await;
    }

    /// Listens over one connection until it fails, and says why it did.
    async fn listen(&mut self) -> Unavailable {
        let (client, mut connection) = match self.connector.raw(ConnectionRole::Listener).await {
            Ok(pair) => pair,
            Err(why) => return why,
        };
        // Bounded by the server, which keeps what we have not read.
        let (sender, mut arrived) = mpsc::unbounded_channel::<Notification>();
        let driver = tokio::spawn(async move {
            while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(notification) = message
                    && sender.send(notification).is_err()
                {
                    break;
                }
            }
        });
        let guard = AbortOnDrop(driver.abort_handle());
        let patience = self.connector.patience.statement;
        let begun = async {
            client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
            client.query_one("SELECT pg_backend_pid()", &[]).await?.try_get::<_, i32>(0)
        };
        let own = match tokio::time::timeout(patience, begun).await {
            Ok(Ok(pid)) => pid,
            Ok(Err(error)) => return unavailable(&error),
            Err(_elapsed) => return overdue("LISTEN", patience),
        };
        self.announcer.tell(Invalidation::All);
        if std::mem::take(&mut self.interrupted) {
            tracing::info!("invalidations from other nodes arrive again");
        }

        let beat = format!("NOTIFY {CHANNEL}, '{BEAT}'");
        let mut ticks = tokio::time::interval(self.heartbeat);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                notification = arrived.recv() => {
                    self.awake().await;
                    match notification {
                        None => return Unavailable {
                            what: "PostgreSQL: the listening connection has ended".to_owned(),
                            remedy: "check that the database runs and can be reached; the server goes on by itself",
                        },
                        Some(notification) if notification.payload() == BEAT => {
                            if notification.process_id() == own {
                                heard = Instant::now();
                            }
                        }
                        Some(notification) => self.announcer.tell(parse(notification.payload())),
                    }
                }
                _ = ticks.tick() => {
                    self.awake().await;
                    if heard.elapsed() > self.heartbeat.saturating_mul(MISSING) {
                        drop(guard);
                        return overdue("a heartbeat of the listening connection", heard.elapsed());
                    }
                    match tokio::time::timeout(self.heartbeat, client.batch_execute(&beat)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return unavailable(&error),
                        Err(_elapsed) => return overdue("sending a heartbeat", self.heartbeat),
                    }
                }
            }
        }
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read_and_the_unknown_flushes_all() {
        for invalidation in [
            Invalidation::All,
            Invalidation::Client(ClientId::from_bytes([7; 16])),
            Invalidation::Tenant(TenantId::from_bytes([9; 16])),
        ] {
            assert_eq!(parse(&payload(invalidation)), invalidation);
        }
        for unknown in ["", "role:1", "client:", "client:x", "tenant"] {
            assert_eq!(parse(unknown), Invalidation::All, "{unknown}");
        }
    }
}
