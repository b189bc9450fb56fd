//! The job that tells clients, server to server, that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0 §2.5).
//! What is to be told was queued with what ended it (`store/writes/logouts.rs`); it is taken before it is sent, so that a
//! crash in between sends it twice, not never. A client is told one thing at a time, and many clients at once: one that
//! does not answer keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use writ_core::backchannel::{AfterFailure, DeliveryProblem, WaitingDelivery};
use writ_core::change::{Action, Details, Target};
use writ_core::ids::{ClientId, TenantId};
use writ_core::scene::Scene;
use writ_core::time::Seconds;
use writ_store::JobGuard;

use crate::call::fault::Fault;
use crate::outbound::OutboundError;
use crate::state::app::App;
use crate::state::outage::trouble;

mod recipient;

use recipient::LogoutRecipient;

/// Between two looks into the queue.
const LOOK: Duration = Duration::from_secs(1);
/// How many clients are told at the same time.
const TOGETHER: usize = 64;
/// How many of a tenant: half of the calls that go out for one at once.
const OF_A_TENANT: usize = 8;
/// What is read of a client's at once.
const BATCH: i64 = 50;
/// What is taken is due again after this, should we not be there to say what came of it: longer than a call takes.
const LEASE: Seconds = Seconds(15);

/// Tells clients until the server stops; of several nodes one does.
pub async fn run(app: &Arc<App>) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut right: Option<JobGuard> = None;
    let mut turns = Turns::default();
    loop {
        tokio::select! {
            () = turns.end_of_one() => continue,
            _ = tick.tick() => {}
        }
        if !right.as_ref().is_some_and(JobGuard::is_held) {
            right = app.store.try_job("logouts").await.unwrap_or_else(|error| {
                tracing::debug!("nobody could be asked who tells clients of sign-outs: {error}");
                None
            });
        }
        if right.is_none() {
            continue;
        }
        if let Err(fault) = turns.begin(app).await {
            trouble!(app, "it could not be looked at who is to be told of sign-outs: {}", fault.line());
        }
    }
}

/// Looks into the queue once, and tells every client for which something is due.
///
/// # Errors
/// The storage's. That a client could not be told is none: it is tried again.
pub async fn tell_all(app: &Arc<App>) -> Result<(), Fault> {
    let mut turns = Turns::default();
    turns.begin(app).await?;
    while !turns.tasks.is_empty() {
        turns.end_of_one().await;
    }
    Ok(())
}

/// The clients that are being told.
#[derive(Default)]
struct Turns {
    tasks: JoinSet<()>,
    of: HashMap<Id, (ClientId, TenantId)>,
}

impl Turns {
    /// Begins the turns of clients for which something is due, as far as there is room.
    async fn begin(&mut self, app: &Arc<App>) -> Result<(), Fault> {
        for (client, tenant) in app.store.logouts_due(app.clock.now()).await? {
            let of_tenant = self.of.values().filter(|(_, of)| *of == tenant).count();
            let is_told = self.of.values().any(|(told, _)| *told == client);
            if is_told || of_tenant >= OF_A_TENANT || self.of.len() >= TOGETHER {
                continue;
            }
            let app = Arc::clone(app);
            let task = self.tasks.spawn(async move {
                if let Err(fault) = turn(&app, (client, tenant)).await {
                    trouble!(app, "a client could not be told of sign-outs: {}", fault.line());
                }
            });
            self.of.insert(task.id(), (client, tenant));
        }
        Ok(())
    }

    /// Waits until a turn is over; for good where there is none.
    async fn end_of_one(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => return std::future::pending().await,
        };
        self.of.remove(&ended);
    }
}

/// Tells a client all that is due, until there is nothing left or it does not answer.
async fn turn(app: &App, (client, tenant): (ClientId, TenantId)) -> Result<(), Fault> {
    let recipient = LogoutRecipient::load(app, client, tenant).await?;
    loop {
        let due = app.store.logouts_due_of(client, app.clock.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        for waiting in due {
            let Some(recipient) = &recipient else {
                // It is gone, or wants to hear nothing any more.
                app.store.logout_told(&waiting).await?;
                continue;
            };
            if tell(app, recipient, waiting).await? == DeliveryOutcome::Failed {
                return Ok(());
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryOutcome {
    /// The next one may be told.
    Done,
    /// The client does not answer as it should: what else it is to be told waits.
    Failed,
}

async fn tell(
    app: &App,
    recipient: &LogoutRecipient,
    waiting: WaitingDelivery,
) -> Result<DeliveryOutcome, Fault> {
    if waiting.is_over(app.clock.now()) {
        give_up(app, &waiting, None).await?;
        return Ok(DeliveryOutcome::Done);
    }
    let again = app.clock.now().plus(LEASE);
    let Some(taken) = app.store.take_logout(waiting, again).await? else { return Ok(DeliveryOutcome::Done) };
    let problem = match recipient.tell(app, &taken).await {
        Ok(()) => {
            app.logouts.sent.fetch_add(1, Ordering::Relaxed);
            app.store.logout_told(&taken).await?;
            return Ok(DeliveryOutcome::Done);
        }
        Err(problem) => problem,
    };
    app.logouts.failed.fetch_add(1, Ordering::Relaxed);
    let now = app.clock.now();
    match taken.after_failure(now) {
        AfterFailure::Again(again) => app.store.logout_again(&taken, problem, (now, again)).await?,
        AfterFailure::GiveUp => give_up(app, &taken, Some(problem)).await?,
    }
    Ok(DeliveryOutcome::Failed)
}

/// Gives one up. Administrators find it in the list and in the audit log, the operator in the log.
async fn give_up(
    app: &App,
    waiting: &WaitingDelivery,
    problem: Option<DeliveryProblem>,
) -> Result<(), Fault> {
    app.store.give_logout_up(waiting, problem, app.clock.now()).await?;
    app.logouts.given_up.fetch_add(1, Ordering::Relaxed);
    let (client, tries) = (waiting.client, waiting.tries);
    tracing::error!(%client, session = %waiting.session, tries, "a client was not told of a sign-out");
    let scene = Scene::of_system(waiting.tenant, app.moment());
    let unit = scene.unit(Action::LogoutGivenUp, Target::Client(client));
    let problem = problem.or(waiting.problem).map(|problem| problem.to_stored().into_string());
    let members = [("session_id", Some(waiting.session.to_string())), ("reason", problem)];
    let details = Details::new(members.into_iter().filter_map(|(name, value)| Some((name, value?))));
    app.once(unit.detailed(details)).await.map(drop)
}

/// What is shown of why there was no answer; the log has all of it.
fn shown(error: &OutboundError) -> DeliveryProblem {
    match error {
        OutboundError::Status(status) | OutboundError::Redirect(status) => DeliveryProblem::Status(*status),
        OutboundError::Uri(_)
        | OutboundError::Name { .. }
        | OutboundError::Address { .. }
        | OutboundError::Busy(_)
        | OutboundError::Unresolved(_)
        | OutboundError::Unreachable(_)
        | OutboundError::NoAuthorities(_)
        | OutboundError::Tls(_)
        | OutboundError::Http(_)
        | OutboundError::Encoded(_)
        | OutboundError::Oversize(_)
        | OutboundError::Late(_) => DeliveryProblem::NoAnswer,
    }
}
