//! The loop over the listeners, the bound on connections, and the drain at the end.

use std::future::{pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::connection::{House, drive, protocol};
use super::crowd::{Crowd, CrowdSeat};
use super::drain::{Drained, ServeSummary, Shutdown, Stage};
use super::h2;
use super::handler::{ConnectionFacts, Handler};
use super::limits::ConnectionLimits;
use super::meters::{ConnectionMeters, count};
use super::secure::{Secure, greet};
use super::tls::Tls;

/// The pause after a failed accept: doubled while it fails, so that a full descriptor table is not a busy loop.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long cut connections get to fall.
const CUT_TIME: Duration = Duration::from_secs(1);

/// What governs a server from outside.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its bounds.
    pub limits: ConnectionLimits,
    /// Where it counts.
    pub meters: Arc<ConnectionMeters>,
    /// When it ends ([`shutdown_signal`](super::shutdown_signal), or any watch channel). A dropped sender asks
    /// for nothing.
    pub shutdown: watch::Receiver<Shutdown>,
}

/// Accepts on `listeners` and answers through `handler` until `control.shutdown` asks it to stop.
///
/// On [`Shutdown::Drain`] it takes what the kernel has already accepted, closes the listeners, answers every
/// request whose first byte has arrived (with `Connection: close`, RFC 9112 §9.6), closes resting connections and
/// ends, at the latest after `drain_timeout`. Requests pipelined behind one that is answered with `close` are not
/// answered; their sender has to repeat them by that section. On [`Shutdown::Now`] it cuts everything.
///
/// Must run inside a tokio runtime with time and I/O. A panic in the handler ends its connection and no other.
pub async fn serve<H: Handler>(listeners: Vec<TcpListener>, handler: H, control: Control) -> ServeSummary {
    serve_over(listeners, handler, control, None).await
}

/// [`serve`] over TLS: HTTP/2 where a peer offers it (ALPN, RFC 7301), else HTTP/1.1.
pub async fn serve_tls<H: Handler>(
    listeners: Vec<TcpListener>,
    handler: H,
    control: Control,
    tls: Arc<Tls>,
) -> ServeSummary {
    let secure = Secure { tls, http: h2::protocol(&control.limits) };
    serve_over(listeners, handler, control, Some(Arc::new(secure))).await
}

async fn serve_over<H: Handler>(
    listeners: Vec<TcpListener>,
    handler: H,
    control: Control,
    secure: Option<Arc<Secure>>,
) -> ServeSummary {
    let Control { limits, meters, mut shutdown } = control;
    let most = u32::try_from(limits.max_connections).unwrap_or(u32::MAX).max(1);
    let stage = Arc::new(Stage::default());
    let http = protocol(&limits);
    let house = Arc::new(House { handler, http, limits, stage, meters, secure });
    let slots = Arc::new(Semaphore::new(most as usize));
    let mut door = Door { house, slots, crowd: Arc::default(), accepted: 0 };

    tokio::select! {
        biased;
        () = asked(&mut shutdown, Shutdown::Drain) => {}
        () = door.keep_open(&listeners) => {}
    }
    let wanted = *shutdown.borrow();
    if wanted == Shutdown::Drain {
        for listener in listeners {
            door.take_backlog(listener);
        }
    }
    door.house.stage.advance(wanted);
    let drained = door.drain(most, &mut shutdown).await;
    ServeSummary { accepted: door.accepted, drained }
}

/// Waits until at least `stage` is asked for.
pub(super) async fn asked(shutdown: &mut watch::Receiver<Shutdown>, stage: Shutdown) {
    if shutdown.wait_for(|now| *now >= stage).await.is_err() {
        pending::<()>().await;
    }
}

/// A place among the connections, given back when dropped.
struct ConnectionSlot {
    meters: Arc<ConnectionMeters>,
    _permit: OwnedSemaphorePermit,
    /// Among those of its network, where it is counted.
    _place: Option<CrowdSeat>,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.meters.open.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Door<H> {
    house: Arc<House<H>>,
    slots: Arc<Semaphore>,
    crowd: Arc<Crowd>,
    accepted: u64,
}

impl<H: Handler> Door<H> {
    /// Accepts for ever.
    async fn keep_open(&mut self, listeners: &[TcpListener]) {
        let mut turn = 0;
        let mut full = Seldom::default();
        loop {
            let Some(permit) = self.slot(&mut full).await else {
                return pending().await; // nobody closes the semaphore
            };
            let (stream, peer) = accept(listeners, &mut turn).await;
            self.admit(stream, peer, permit);
        }
    }

    async fn slot(&self, full: &mut Seldom) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(permit);
        }
        count(&self.house.meters.refused_at_bound_total);
        if full.may_speak() {
            let bound = self.house.limits.max_connections;
            tracing::warn!(bound, "every connection slot is taken: not accepting until one is free");
        }
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let meters = &self.house.meters;
        let place = if self.house.handler.speaks_for_many(peer.ip()) {
            None
        } else {
            let Some(place) = self.crowd.enter(peer.ip(), self.house.limits.max_connections_per_network)
            else {
                count(&meters.refused_of_network_total);
                return;
            };
            Some(place)
        };
        count(&meters.accepted_total);
        count(&meters.open);
        self.accepted += 1;
        let slot = ConnectionSlot { meters: Arc::clone(meters), _permit: permit, _place: place };
        // Both fail only if the peer has gone already.
        let (Ok(local), Ok(())) = (stream.local_addr(), stream.set_nodelay(true)) else {
            return;
        };
        let house = Arc::clone(&self.house);
        let facts = ConnectionFacts::new(peer, local);
        // Two tasks and not one with a choice in it: a plain connection must not carry TLS' size.
        match house.secure.clone() {
            None => tokio::spawn(async move {
                let _slot = slot;
                drive(stream, facts, house).await;
            }),
            Some(secure) => tokio::spawn(async move {
                let _slot = slot;
                greet(stream, facts, house, secure).await;
            }),
        };
    }

    /// Takes the connections that the kernel has completed and closes the listener. Their peers may have sent a
    /// request already; they were told that we are there.
    fn take_backlog(&mut self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            // Ends with WouldBlock. Asked of the kernel, since the runtime may not have heard of the latest.
            let Ok((stream, peer)) = listener.accept() else {
                return;
            };
            if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                self.admit(stream, peer, permit);
            }
        }
    }

    async fn drain(&self, most: u32, shutdown: &mut watch::Receiver<Shutdown>) -> Drained {
        let is_clean = tokio::select! {
            _ = self.slots.acquire_many(most) => true,
            () = tokio::time::sleep(self.house.limits.drain_timeout) => false,
            () = asked(shutdown, Shutdown::Now) => false,
        };
        // The waiting above holds the free slots; it has ended, so they can be counted.
        let left = (most as usize).saturating_sub(self.slots.available_permits());
        if is_clean || left == 0 {
            return Drained::Clean;
        }
        self.house.stage.advance(Shutdown::Now);
        if tokio::time::timeout(CUT_TIME, self.slots.acquire_many(most)).await.is_err() {
            tracing::warn!("some connections are still at work; their handlers do not yield");
        }
        Drained::Cut(left)
    }
}

/// The next connection of any listener, each having its turn first.
async fn accept(listeners: &[TcpListener], turn: &mut usize) -> (TcpStream, SocketAddr) {
    let mut pause = FIRST_PAUSE;
    let mut trouble = Seldom::default();
    loop {
        *turn = turn.wrapping_add(1) % listeners.len().max(1);
        let start = *turn;
        let accepted = poll_fn(|cx| {
            for listener in listeners.iter().cycle().skip(start).take(listeners.len()) {
                if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                    return Poll::Ready(accepted);
                }
            }
            Poll::Pending
        })
        .await;
        match accepted {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: only time or an ending connection helps.
                if trouble.may_speak() {
                    tracing::error!(%error, "cannot accept connections");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Whether accept failed because that one connection had ended before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Lets a message through at most once a second.
#[derive(Default)]
struct Seldom {
    last: Option<Instant>,
}

impl Seldom {
    fn may_speak(&mut self) -> bool {
        let may = self.last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1));
        if may {
            self.last = Some(Instant::now());
        }
        may
    }
}
