//! Work that nobody waits for: writing notes, removing what has expired.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use writ_store::SweepCursor;

use crate::app::App;
use crate::serve::Shutdown;

/// Between two writes of notes.
const NOTES: Duration = Duration::from_secs(5);
/// Between two windows of the expiry sweep: at most 10,000 rows are looked at in a second.
const SWEEP: Duration = Duration::from_millis(100);
/// Windows left out at the end of the table before it is walked again.
const REST: u32 = 600;

/// Runs until the server is told to stop.
pub async fn run(app: Arc<App>, mut shutdown: watch::Receiver<Shutdown>) {
    let mut notes = interval(NOTES);
    let mut sweep = interval(SWEEP);
    notes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cursor = SweepCursor::default();
    let mut rest = 0;
    loop {
        tokio::select! {
            () = asked_to_stop(&mut shutdown) => return,
            _ = notes.tick() => {
                if let Err(error) = app.store.flush_notes(app.default_tenant).await {
                    tracing::warn!("notes were dropped: {error}");
                }
            }
            _ = sweep.tick() => {
                if rest > 0 {
                    rest -= 1;
                    continue;
                }
                match app.store.sweep(&mut cursor, app.default_tenant, app.clock.now()).await {
                    Ok((_, true)) => rest = REST,
                    Ok((_, false)) => {}
                    Err(error) => {
                        tracing::warn!("the expiry sweep rests for a minute: {error}");
                        rest = REST;
                    }
                }
            }
        }
    }
}

async fn asked_to_stop(shutdown: &mut watch::Receiver<Shutdown>) {
    // Whoever could ask is gone: that is the end too.
    drop(shutdown.wait_for(|stage| *stage != Shutdown::NotAsked).await);
}
