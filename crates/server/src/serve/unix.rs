//! The loop over a unix socket: few connections, all from this machine, each with the user behind it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::accept::{Control, asked};
use super::connection::{House, Wire, drive, protocol};
use super::drain::{Shutdown, Stage};
use super::handler::{ConnectionFacts, Handler, Transport};
use super::meters::count;

/// The pause after a failed accept.
const PAUSE: Duration = Duration::from_millis(100);
/// Nobody's address: what such a connection is from is its user.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Wire for UnixStream {
    /// Not asked: who loses a request to a server that ends is told so, and asks again.
    fn has_unread(&self) -> bool {
        false
    }
}

/// Answers what comes through a unix socket until `control.shutdown` asks it to stop, as
/// [`serve`](super::serve) does for TCP.
pub async fn serve_local<H: Handler>(listener: UnixListener, handler: H, control: Control) {
    let Control { limits, meters, mut shutdown } = control;
    let drain_timeout = limits.drain_timeout;
    let most = limits.max_connections.max(1);
    let http = protocol(&limits);
    let stage = Arc::new(Stage::default());
    let house = Arc::new(House { handler, http, limits, stage, meters, secure: None });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = asked(&mut shutdown, Shutdown::Drain) => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < most => match accepted {
                Ok((stream, _)) => {
                    // Without a user there is nobody to act.
                    let Ok(user) = stream.peer_cred() else { continue };
                    count(&house.meters.accepted_total);
                    let transport = Transport::Local { uid: user.uid() };
                    let facts = ConnectionFacts { peer: NOWHERE, local: NOWHERE, transport };
                    connections.spawn(drive(stream, facts, Arc::clone(&house)));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept at the socket");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let wanted = *shutdown.borrow();
    house.stage.advance(wanted);
    let over = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = over => {}
        () = tokio::time::sleep(drain_timeout) => {}
        () = asked(&mut shutdown, Shutdown::Now) => {}
    }
    house.stage.advance(Shutdown::Now);
}
