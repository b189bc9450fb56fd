//! The one deadline of a connection.
//!
//! A single timer per connection, armed exactly only for what is rare: a head that did not arrive in one piece, a
//! write that the peer does not read. Everything else it looks at when it happens to ring, so a request that
//! arrives whole and is answered touches neither clock nor timer.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::limits::ConnectionLimits;
use super::pulse::{Phase, Pulse};

/// What the watchdog says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchdogVerdict {
    /// Carry on.
    Fine,
    /// The connection has rested long enough: end it politely.
    Rested,
    /// A head is late.
    HeadLate,
    /// The peer does not read.
    Stalled,
}

/// What the timer is set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Armed {
    /// The first head, counted from accept.
    FirstHead,
    /// The head that began at this beat.
    Head { beat: u32 },
    /// A write blocked at this beat.
    Write { beat: u32 },
    /// A look at a connection that was last seen resting at this beat since then, if at all.
    Look { resting: Option<(u32, Instant)> },
}

/// Whether the timer knows whom to wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    Set,
    Ticking,
}

pub(super) struct Watchdog {
    sleep: Pin<Box<Sleep>>,
    armed: Armed,
    timer: Timer,
    header_read: Duration,
    keep_alive: Duration,
    write_stall: Duration,
}

impl Watchdog {
    pub(super) fn new(limits: &ConnectionLimits) -> Self {
        Self {
            sleep: Box::pin(tokio::time::sleep(limits.header_read_timeout)),
            armed: Armed::FirstHead,
            timer: Timer::Set,
            header_read: limits.header_read_timeout,
            keep_alive: limits.keep_alive,
            write_stall: limits.write_stall_timeout,
        }
    }

    /// To be asked whenever the connection has nothing more to do for now.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>, pulse: &Pulse) -> WatchdogVerdict {
        let beat = pulse.beats();
        if pulse.is_write_blocked() {
            if self.armed != (Armed::Write { beat }) {
                self.arm(Armed::Write { beat }, self.write_stall);
            }
        } else if pulse.phase() == Phase::Head && self.armed != (Armed::Head { beat }) {
            self.arm(Armed::Head { beat }, self.header_read);
        }
        // Once polled it wakes the task by itself (a spawned task has one waker for life), and looking whether it
        // has rung costs a load.
        while self.timer == Timer::Set || self.sleep.is_elapsed() {
            self.timer = Timer::Ticking;
            if self.sleep.as_mut().poll(cx).is_pending() {
                break;
            }
            if let Some(verdict) = self.ring(pulse) {
                return verdict;
            }
        }
        WatchdogVerdict::Fine
    }

    fn arm(&mut self, armed: Armed, after: Duration) {
        self.armed = armed;
        self.timer = Timer::Set;
        self.sleep.as_mut().reset(Instant::now() + after);
    }

    /// The timer rang: either that decides, or the timer is set again.
    fn ring(&mut self, pulse: &Pulse) -> Option<WatchdogVerdict> {
        let beat = pulse.beats();
        match (pulse.phase(), self.armed) {
            (_, Armed::Write { beat: since }) if since == beat && pulse.is_write_blocked() => {
                return Some(WatchdogVerdict::Stalled);
            }
            (Phase::Head, Armed::Head { beat: since }) if since == beat => {
                return Some(WatchdogVerdict::HeadLate);
            }
            (Phase::Fresh | Phase::FirstHead, _) => return Some(WatchdogVerdict::HeadLate),
            (Phase::Idle | Phase::Refused, Armed::Look { resting: Some((since, from)) }) if since == beat => {
                let rested = from.elapsed();
                if rested >= self.keep_alive {
                    self.look(None);
                    return Some(WatchdogVerdict::Rested);
                }
                self.look(Some((since, from)));
            }
            (Phase::Idle | Phase::Refused, _) => self.look(Some((beat, Instant::now()))),
            (Phase::Head | Phase::Busy, _) => self.look(None),
        }
        None
    }

    fn look(&mut self, resting: Option<(u32, Instant)>) {
        // A quarter, but never so short that looking becomes spinning.
        let pause = (self.keep_alive / 4).max(Duration::from_millis(1));
        self.arm(Armed::Look { resting }, pause);
    }
}
