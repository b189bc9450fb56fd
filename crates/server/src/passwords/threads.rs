//! The threads that hash: as many as there are cores, each with working memory of its own, which it keeps while
//! there is something to do.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::argon2id::Memory;
use super::{Lane, LaneOwner, Pace};

/// How long a thread keeps its memory when there is nothing to do.
const KEPT: Duration = Duration::from_secs(2);

/// Lanes that have nothing waiting and are told apart from new ones.
const KEPT_IN_MIND: usize = 4096;

/// Something that takes as long as a hash.
pub(super) type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Threads that are started when they are first needed, and end with this value: those that do what is at a steady pace,
/// and those that do what is at a slow one. The processor serves the latter last: what a flood makes them do keeps neither
/// an honest sign-in waiting nor a token.
pub(super) struct Threads {
    steady: ThreadGroup,
    slow: ThreadGroup,
}

/// Threads that share what there is to do.
struct ThreadGroup {
    shared: Arc<SharedByThreads>,
    most: usize,
    pace: Pace,
}

#[derive(Default)]
struct SharedByThreads {
    state: Mutex<LanesState>,
    wake: Condvar,
}

/// Jobs that wait, by who they are for. A lane that comes to wait has its first job done before those that were served
/// meanwhile have their next: however many somebody has waiting, another waits for the one that is being done.
#[derive(Default)]
struct WaitingJobs {
    lanes: HashMap<LaneOwner, LaneQueue>,
    /// The turn that was given last.
    turn: u64,
    /// Orders lanes that have the same turn.
    arrivals: u64,
    jobs: usize,
}

/// The jobs of one lane.
#[derive(Default)]
struct LaneQueue {
    jobs: VecDeque<(Pace, Job)>,
    /// When it is this lane's turn; the lowest comes first.
    turn: u64,
    arrival: u64,
    /// One of its jobs that does not come alone is being done.
    is_busy: bool,
    rests_until: Option<Instant>,
}

impl LaneQueue {
    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// Whether its next job may be done now.
    fn is_ready(&self, now: Instant) -> bool {
        match self.jobs.front() {
            None => false,
            Some((Pace::Steady, _)) => true,
            Some((Pace::Slow, _)) => !self.is_busy && !self.rests(now),
        }
    }
}

/// What there is to do.
enum NextJob {
    Job(LaneOwner, Pace, Job),
    /// Something, when this time has come.
    Later(Instant),
    Nothing,
}

impl WaitingJobs {
    fn push(&mut self, lane: Lane, job: Job) {
        self.arrivals += 1;
        let queue = self.lanes.entry(lane.owner).or_default();
        if queue.jobs.is_empty() {
            queue.turn = queue.turn.max(self.turn);
            queue.arrival = self.arrivals;
        }
        queue.jobs.push_back((lane.pace, job));
        self.jobs += 1;
    }

    fn pop(&mut self, now: Instant) -> NextJob {
        // Where nobody waits, or too many are kept in mind, who was served is as good as who was not.
        if self.jobs == 0 || self.lanes.len() > self.jobs + KEPT_IN_MIND {
            self.turn += 1;
        }
        let turn = self.turn;
        // A lane that has nothing waiting is kept while that makes a difference to its next job.
        self.lanes.retain(|_, queue| {
            !queue.jobs.is_empty() || queue.is_busy || queue.rests(now) || queue.turn > turn
        });
        let ready = self.lanes.iter_mut().filter(|(_, queue)| queue.is_ready(now));
        let first = ready.min_by_key(|(_, queue)| (queue.turn, queue.arrival));
        let Some((owner, queue)) = first else { return self.later() };
        let Some((pace, job)) = queue.jobs.pop_front() else { return NextJob::Nothing };
        self.turn = self.turn.max(queue.turn);
        self.arrivals += 1;
        queue.turn += 1;
        queue.arrival = self.arrivals;
        queue.is_busy |= pace == Pace::Slow;
        self.jobs -= 1;
        NextJob::Job(*owner, pace, job)
    }

    fn later(&self) -> NextJob {
        let resting = self.lanes.values().filter(|queue| !queue.jobs.is_empty() && !queue.is_busy);
        resting.filter_map(|queue| queue.rests_until).min().map_or(NextJob::Nothing, NextJob::Later)
    }

    /// A job at slow pace is done: its lane rests for twice as long as it took.
    fn done(&mut self, owner: LaneOwner, (began, ended): (Instant, Instant)) {
        if let Some(queue) = self.lanes.get_mut(&owner) {
            queue.is_busy = false;
            queue.rests_until = Some(ended + 2 * ended.duration_since(began));
        }
    }
}

#[derive(Default)]
struct LanesState {
    waiting: WaitingJobs,
    threads: usize,
    idle: usize,
    is_over: bool,
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("most", &self.steady.most).finish_non_exhaustive()
    }
}

impl Threads {
    /// None yet.
    pub fn new(most: usize) -> Self {
        let group = |pace| ThreadGroup { shared: Arc::default(), most, pace };
        Self { steady: group(Pace::Steady), slow: group(Pace::Slow) }
    }

    /// Has a job done: of one lane the first come first, and of several lanes one in turn. Of a lane at slow pace one at
    /// a time, and none for twice as long as that one took.
    ///
    /// # Errors
    /// Where there is no thread, and none can be started.
    pub fn submit(&self, lane: Lane, job: Job) -> io::Result<()> {
        match lane.pace {
            Pace::Steady => self.steady.submit(lane, job),
            Pace::Slow => self.slow.submit(lane, job),
        }
    }
}

impl ThreadGroup {
    fn submit(&self, lane: Lane, job: Job) -> io::Result<()> {
        let mut state = self.shared.state();
        if state.waiting.jobs >= state.idle && state.threads < self.most {
            let (shared, pace) = (Arc::clone(&self.shared), self.pace);
            let started =
                std::thread::Builder::new().name("writ-hash".to_owned()).spawn(move || shared.work(pace));
            match started {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => return Err(error),
                // Those that are there will come to it.
                Err(_) => {}
            }
        }
        state.waiting.push(lane, job);
        drop(state);
        self.shared.wake.notify_one();
        Ok(())
    }
}

impl Drop for ThreadGroup {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.wake.notify_all();
    }
}

/// Nice 10 on a scale on which 0 is nice 20 and 99 is nice -20: about a tenth of another thread's share.
#[cfg(target_os = "linux")]
const NICE_10: u8 = 24;

/// From now on this thread gives way to others, where its pace is slow. It still gets its share: a thread that is served
/// only when nothing else wants the processor (`SCHED_IDLE`) keeps others waiting for locks that it holds. Where it cannot
/// be asked for, the thread is as any other.
#[cfg(target_os = "linux")]
fn give_way(pace: Pace) {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    };
    if let (Pace::Slow, Ok(nice)) = (pace, ThreadPriorityValue::try_from(NICE_10)) {
        let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
        let (this, nice) = (thread_priority::thread_native_id(), ThreadPriority::Crossplatform(nice));
        let _ = thread_priority::set_thread_priority_and_policy(this, nice, policy);
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way(_: Pace) {}

impl SharedByThreads {
    fn state(&self) -> MutexGuard<'_, LanesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, pace: Pace) {
        give_way(pace);
        let mut memory = Memory::default();
        while let Some((owner, pace, job)) = self.next(&mut memory) {
            let began = Instant::now();
            // Whoever waits for it hears that nothing came of it; the thread goes on.
            let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
            if pace == Pace::Slow {
                self.state().waiting.done(owner, (began, Instant::now()));
                self.wake.notify_one();
            }
        }
    }

    /// The next job; none: it is over.
    fn next(&self, memory: &mut Memory) -> Option<(LaneOwner, Pace, Job)> {
        let mut state = self.state();
        loop {
            if state.is_over {
                return None;
            }
            let now = Instant::now();
            let later = match state.waiting.pop(now) {
                NextJob::Job(owner, pace, job) => return Some((owner, pace, job)),
                NextJob::Later(then) => Some(then.duration_since(now)),
                NextJob::Nothing => None,
            };
            state.idle += 1;
            let kept = (!memory.is_empty()).then_some(KEPT);
            state = match later.or(kept) {
                None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(long) => {
                    let waited = self.wake.wait_timeout(state, long).unwrap_or_else(PoisonError::into_inner);
                    if later.is_none() && waited.1.timed_out() {
                        memory.give_back();
                    }
                    waited.0
                }
            };
            state.idle -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn lane(n: u8) -> Lane {
        Lane::of(Some([192, 0, 2, n].into()))
    }

    /// Jobs that say who they were for, in the order in which they are done.
    struct Told {
        waiting: WaitingJobs,
        sender: mpsc::Sender<(u8, u8)>,
        receiver: mpsc::Receiver<(u8, u8)>,
        memory: Memory,
    }

    impl Told {
        fn new() -> Self {
            let (sender, receiver) = mpsc::channel();
            Self { waiting: WaitingJobs::default(), sender, receiver, memory: Memory::default() }
        }

        fn push(&mut self, lane: Lane, (n, at): (u8, u8)) {
            let sender = self.sender.clone();
            self.waiting.push(lane, Box::new(move |_: &mut Memory| sender.send((n, at)).unwrap()));
        }

        /// Does the next job, if there is one at this time.
        fn next(&mut self, now: Instant) -> Option<(u8, u8)> {
            let NextJob::Job(_, _, job) = self.waiting.pop(now) else { return None };
            job(&mut self.memory);
            self.receiver.try_iter().next()
        }

        fn rest(&mut self, now: Instant) -> Vec<(u8, u8)> {
            std::iter::from_fn(|| self.next(now)).collect()
        }
    }

    #[test]
    fn lanes_take_turns() {
        let (mut told, now) = (Told::new(), Instant::now());
        for at in 0..3 {
            told.push(lane(1), (1, at));
        }
        told.push(lane(2), (2, 0));
        told.push(lane(3), (3, 0));
        told.push(lane(3), (3, 1));
        assert_eq!(told.rest(now), [(1, 0), (2, 0), (3, 0), (1, 1), (3, 1), (1, 2)]);
        assert_eq!(told.waiting.jobs, 0);
        assert!(matches!(told.waiting.pop(now), NextJob::Nothing));
    }

    #[test]
    fn who_comes_now_does_not_wait_for_the_next_of_who_was_just_served() {
        let (mut told, now) = (Told::new(), Instant::now());
        for at in 0..9 {
            told.push(lane(1), (1, at));
        }
        assert_eq!(told.next(now), Some((1, 0)));
        assert_eq!(told.next(now), Some((1, 1)));
        told.push(lane(2), (2, 0));
        assert_eq!(told.next(now), Some((2, 0)));
        // Nor does whoever comes again and again keep the others waiting.
        told.push(lane(2), (2, 1));
        told.push(lane(3), (3, 0));
        assert_eq!([told.next(now), told.next(now)], [Some((3, 0)), Some((1, 2))]);
        assert_eq!([told.next(now), told.next(now)], [Some((2, 1)), Some((1, 3))]);
    }

    #[test]
    fn those_who_were_served_are_forgotten() {
        let (mut told, now) = (Told::new(), Instant::now());
        told.push(Lane::HOUSE, (0, 0));
        for n in 0..u32::try_from(3 * KEPT_IN_MIND).unwrap() {
            told.push(Lane::of(Some(n.to_be_bytes().into())), (1, 0));
            assert!(told.next(now).is_some());
            assert!(told.waiting.lanes.len() <= KEPT_IN_MIND + 2);
        }
        told.rest(now);
        assert!(matches!(told.waiting.pop(now), NextJob::Nothing) && told.waiting.lanes.is_empty());
    }

    #[test]
    fn a_lane_at_slow_pace_rests_twice_as_long_as_it_worked() {
        let (mut told, now) = (Told::new(), Instant::now());
        let after = |millis| now + Duration::from_millis(millis);
        told.push(lane(1).at(Pace::Slow), (1, 0));
        told.push(lane(1).at(Pace::Slow), (1, 1));
        told.push(lane(2), (2, 0));
        assert_eq!(told.next(now), Some((1, 0)));
        // One at a time, and the others in between.
        assert_eq!((told.next(now), told.next(now)), (Some((2, 0)), None));
        told.waiting.done(lane(1).owner, (now, after(20)));
        assert_eq!(told.next(after(59)), None);
        assert!(matches!(told.waiting.pop(after(59)), NextJob::Later(then) if then == after(60)));
        assert_eq!(told.next(after(60)), Some((1, 1)));
        told.waiting.done(lane(1).owner, (after(60), after(80)));
        // It is forgotten when it has rested, not before.
        assert!(matches!(told.waiting.pop(after(81)), NextJob::Nothing) && !told.waiting.lanes.is_empty());
        assert!(matches!(told.waiting.pop(after(121)), NextJob::Nothing));
        told.push(lane(3), (3, 0));
        assert_eq!(told.next(after(121)), Some((3, 0)));
        assert!(!told.waiting.lanes.contains_key(&lane(1).owner));
    }
}
