//! What is away for a while, such as the database: its beginning is logged once, and its end once. What fails meanwhile is
//! counted, and each failure is told at the level `debug`.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::state::app::App;

/// Between two looks at whether it is over.
const LOOK: Duration = Duration::from_secs(1);
/// Nothing may have failed for so long.
const QUIET: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
struct Open {
    since: Instant,
    latest: Instant,
    failures: u64,
    /// Of which kinds the first was told.
    told: [bool; 2],
}

/// Whether something is away.
#[derive(Debug, Default)]
pub struct Outage(Mutex<Option<Open>>);

/// What fails in an outage; the first of each kind is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A request, which is answered with 503.
    Request,
    /// Work that nobody waits for.
    Work,
}

/// Whether a failure is the first of its kind in an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageStage {
    /// It is: whoever runs the server should hear of it.
    First,
    /// Others have been told.
    Again,
}

impl Outage {
    /// Something failed because of it, now.
    pub fn failed(&self, what: What) -> OutageStage {
        self.failed_at(what, Instant::now())
    }

    fn failed_at(&self, what: What, now: Instant) -> OutageStage {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.get_or_insert(Open { since: now, latest: now, failures: 0, told: [false; 2] });
        (open.latest, open.failures) = (now, open.failures + 1);
        let [request, work] = &mut open.told;
        let told = match what {
            What::Request => request,
            What::Work => work,
        };
        if std::mem::replace(told, true) { OutageStage::Again } else { OutageStage::First }
    }

    /// Whether one is on in which nothing has failed for a while.
    fn may_be_over(&self, now: Instant) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.is_some_and(|open| now.duration_since(open.latest) >= QUIET)
    }

    /// It is over: how long it took, and what failed.
    fn end(&self) -> Option<(Duration, u64)> {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        ended.map(|open| (open.latest.duration_since(open.since), open.failures))
    }
}

/// Says that something failed: aloud where it is the first in an outage.
macro_rules! trouble {
    ($app:expr, $($arguments:tt)+) => {
        match $app.outage.failed($crate::state::outage::What::Work) {
            $crate::state::outage::OutageStage::First => tracing::warn!($($arguments)+),
            $crate::state::outage::OutageStage::Again => tracing::debug!($($arguments)+),
        }
    };
}
pub(crate) use trouble;

impl App {
    /// Why the server cannot do its work, if it cannot: the storage can be read, its last write succeeded, and the
    /// signing keys can be opened. After a failed write a new one is tried.
    pub(crate) async fn not_ready(&self) -> Option<(&'static str, String)> {
        let reads = self.store.ping().await;
        let writes = if self.store.meters().failing.load(Ordering::Relaxed) {
            let written = self.store.ping_writer(self.default_tenant, self.clock.now()).await;
            written.map_err(|error| error.to_string())
        } else {
            Ok(())
        };
        let storage = reads.err().map(|error| error.to_string()).or(writes.err());
        match storage {
            Some(why) => Some(("storage", why)),
            None => self.cannot_sign().await.map(|why| ("signing_keys", why)),
        }
    }
}

/// Says when an outage is over. Never returns.
pub async fn watch(app: &App) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if !app.outage.may_be_over(Instant::now()) || app.not_ready().await.is_some() {
            continue;
        }
        if let Some((took, failures)) = app.outage.end() {
            tracing::info!(seconds = took.as_secs(), failures, "requests are answered again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_and_ends_once() {
        let outage = Outage::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!outage.may_be_over(at(0)), "there is none");
        assert_eq!(outage.failed_at(What::Request, at(0)), OutageStage::First);
        for second in 1..=100 {
            assert_eq!(outage.failed_at(What::Request, at(second)), OutageStage::Again);
        }
        assert_eq!(outage.failed_at(What::Work, at(100)), OutageStage::First);
        assert!(!outage.may_be_over(at(101)));
        assert!(outage.may_be_over(at(100) + QUIET));
        assert_eq!(outage.end(), Some((Duration::from_secs(100), 102)));
        assert_eq!(outage.end(), None);
        assert_eq!(outage.failed_at(What::Request, at(200)), OutageStage::First, "the next one");
    }
}
