//! Work that nobody waits for: writing notes, removing what has expired, dropping stale facts.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use writ_store::{Invalidation, JobGuard};

use crate::manage::leaving::DepartureSweep;
use crate::serve::Shutdown;
use crate::state::app::App;
use crate::state::outage::{self, trouble};
use crate::state::sweeper::Sweeper;

/// Between two writes of notes.
const NOTES: Duration = Duration::from_secs(5);
/// Between two windows of the expiry sweep: at most 10,000 rows are looked at in a second.
const SWEEP: Duration = Duration::from_millis(100);
/// Windows left out after one that failed.
const FAILED: u32 = 600;
/// Turns of the sweep between two looks for accounts that are to go.
const PEOPLE: u32 = 300;
/// Windows left out before another node is asked again whether it still sweeps.
const ELSEWHERE: u32 = 100;

/// Between two looks at which limits are far away again.
const LIMITS: Duration = Duration::from_secs(5);
/// Between two looks at what is to be listed.
const LISTS: Duration = Duration::from_millis(250);
/// Windows listed at one look at the most.
const TURNS: u32 = 64;
/// Units written or requests answered during one window by which somebody else is known to be at it.
const OTHERS: u64 = 8;
/// How many times as long as a window took it then rests: listing takes a twentieth of the time, of the writer and of
/// the processor, and what is not listed yet is read from the table itself.
const BUSY: u32 = 19;
/// The same, while nobody else asks for anything.
const IDLE: u32 = 1;

/// Between two looks at the age of signing keys. A successor is made half a day or more before its time.
const KEYS: Duration = Duration::from_mins(10);

/// Runs until the server is told to stop.
pub async fn run(app: Arc<App>, mut shutdown: watch::Receiver<Shutdown>) {
    tokio::select! {
        () = asked_to_stop(&mut shutdown) => {}
        () = write_notes(&app) => {}
        () = sweep(&app) => {}
        () = fill_lists(&app) => {}
        () = forget_limits(&app) => {}
        () = rotate_keys(&app) => {}
        () = publish_keys(&app) => {}
        () = drop_stale(&app) => {}
        () = crate::mail::run(&app) => {}
        () = crate::backchannel::run(&app) => {}
        () = crate::logos::run(&app) => {}
        () = outage::watch(&app) => {}
    }
}

async fn asked_to_stop(shutdown: &mut watch::Receiver<Shutdown>) {
    // Whoever could ask is gone: that is the end too.
    drop(shutdown.wait_for(|stage| *stage != Shutdown::NotAsked).await);
}

async fn write_notes(app: &App) {
    let mut tick = interval(NOTES);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = app.store.flush_notes(app.default_tenant).await {
            trouble!(app, "notes were dropped: {error}");
        }
    }
}

/// A job that one of several nodes does: it takes its turns while this node has the right to it.
struct JobTurns {
    job: &'static str,
    tick: Interval,
    right: Option<JobGuard>,
    /// Turns that are left out.
    rest: u32,
    /// Turns left out where another node has the right.
    elsewhere: u32,
}

impl JobTurns {
    fn of(job: &'static str, every: Duration, elsewhere: u32) -> Self {
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { job, tick, right: None, rest: 0, elsewhere }
    }

    /// Waits for the next turn of this node.
    async fn next(&mut self, app: &App) {
        loop {
            self.tick.tick().await;
            if self.rest > 0 {
                self.rest -= 1;
                continue;
            }
            if self.right.as_ref().is_some_and(JobGuard::is_held) {
                return;
            }
            self.right = app.store.try_job(self.job).await.unwrap_or_else(|error| {
                tracing::debug!("nobody could be asked who has the job {}: {error}", self.job);
                None
            });
            if self.right.is_some() {
                return;
            }
            self.rest = self.elsewhere;
        }
    }

    /// After one that failed.
    const fn rest(&mut self) {
        self.rest = FAILED;
    }
}

/// Removes what has expired; of several nodes one does.
async fn sweep(app: &App) {
    let mut turns = JobTurns::of("sweep", SWEEP, ELSEWHERE);
    let mut sweeper = Sweeper::default();
    let mut departures = DepartureSweep::default();
    let mut people = 0_u32;
    loop {
        turns.next(app).await;
        if let Err(error) = sweeper.turn(app).await {
            trouble!(app, "the expiry sweep rests for a minute: {error}");
            turns.rest();
        }
        people = if people == 0 { PEOPLE } else { people - 1 };
        if people == PEOPLE
            && let Err(fault) = departures.turn(app).await
        {
            trouble!(app, "accounts that are to go could not be removed: {}", fault.line());
        }
    }
}

/// Forgets who has not come near a limit lately.
async fn forget_limits(app: &App) {
    let mut tick = interval(LIMITS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        app.limits.forget_full(app.clock.now());
        app.shares.forget_whole(app.clock.now());
        app.polls.forget_full(app.clock.now());
    }
}

/// Puts what is new into the lists of tokens and audit records; of several nodes one does. Where others wait for
/// the writer or for an answer, it takes small turns.
async fn fill_lists(app: &App) {
    let mut turns = JobTurns::of("lists", LISTS, ELSEWHERE);
    loop {
        turns.next(app).await;
        for _ in 0..TURNS {
            let (began, before) = (Instant::now(), done(app));
            match app.store.fill_lists(app.default_tenant, app.clock.now()).await {
                Ok(true) => break,
                Ok(false) => {
                    // Its own two are among them.
                    let share = if done(app).saturating_sub(before) > OTHERS { BUSY } else { IDLE };
                    tokio::time::sleep(began.elapsed() * share).await;
                }
                Err(error) => {
                    trouble!(app, "the lists of tokens rest for a minute: {error}");
                    turns.rest();
                    break;
                }
            }
        }
    }
}

/// Units that the writer has taken, and requests that were answered.
fn done(app: &App) -> u64 {
    app.store.meters().units.load(Ordering::Relaxed) + app.meters.answered()
}

/// Makes the successors of signing keys that near their end; of several nodes one does.
async fn rotate_keys(app: &App) {
    let mut turns = JobTurns::of("keys", KEYS, 0);
    loop {
        turns.next(app).await;
        let rotated = match app.rotate_due_keys().await {
            Ok(_) => app.rotate_due_encryption_keys().await,
            failed @ Err(_) => failed,
        };
        if let Err(fault) = rotated {
            trouble!(
                app,
                "signing keys could not be rotated; the next look is in ten minutes: {}",
                fault.line()
            );
        }
    }
}

/// Once, where the server was started with another algorithm than before.
async fn publish_keys(app: &App) {
    if let Err(fault) = app.publish_default_keys().await {
        tracing::warn!(
            "the keys of the configured algorithms could not all be made; those that are missing are made when they \
             are first needed: {}",
            fault.line()
        );
    }
    std::future::pending::<()>().await;
}

/// Drops cached facts that have changed, here or on another node. It only saves reloads: a stale
/// fact that is used all the same is found out by its version.
async fn drop_stale(app: &App) {
    let mut invalidations = app.store.invalidations();
    while let Some(invalidation) = invalidations.next().await {
        match invalidation {
            Invalidation::All => {
                app.clients.invalidate_all();
                app.tenants.invalidate_all();
                app.keyrings.invalidate_all();
                app.resources.invalidate_all();
            }
            Invalidation::Client(id) => {
                let stale = app.clients.iter().find(|(_, cached)| cached.facts.client.id == id);
                if let Some((client_id, _)) = stale {
                    app.clients.invalidate(&*client_id);
                }
            }
            Invalidation::Tenant(id) => {
                app.keyrings.invalidate(&id);
                app.resources.invalidate(&id);
                let stale = app.tenants.iter().find(|(_, known)| known.tenant.id == id);
                if let Some((slug, _)) = stale {
                    app.tenants.invalidate(&*slug);
                }
            }
        }
    }
    // The storage is closed: the server is on its way out.
    std::future::pending::<()>().await;
}
