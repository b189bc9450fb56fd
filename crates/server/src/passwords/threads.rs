//! The threads that hash: as many as there are cores, each with working memory of its own, which it keeps while
//! there is something to do.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Lane;
use super::argon2id::Memory;

/// How long a thread keeps its memory when there is nothing to do.
const KEPT: Duration = Duration::from_secs(2);

/// Something that takes as long as a hash.
pub(super) type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Threads that are started when they are first needed, and end with this value.
pub(super) struct Threads {
    shared: Arc<Shared>,
    most: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

/// Jobs that wait, by who they are for. Each in turn has one done, so that however many somebody has waiting, another
/// waits for no more than one of theirs.
#[derive(Default)]
struct Waiting {
    lanes: HashMap<Lane, VecDeque<Job>>,
    turns: VecDeque<Lane>,
    jobs: usize,
}

impl Waiting {
    fn push(&mut self, lane: Lane, job: Job) {
        let queue = self.lanes.entry(lane).or_default();
        if queue.is_empty() {
            self.turns.push_back(lane);
        }
        queue.push_back(job);
        self.jobs += 1;
    }

    fn pop(&mut self) -> Option<Job> {
        let lane = self.turns.pop_front()?;
        let queue = self.lanes.get_mut(&lane)?;
        let job = queue.pop_front()?;
        if queue.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.turns.push_back(lane);
        }
        self.jobs -= 1;
        Some(job)
    }
}

#[derive(Default)]
struct State {
    waiting: Waiting,
    threads: usize,
    idle: usize,
    is_over: bool,
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("most", &self.most).finish_non_exhaustive()
    }
}

impl Threads {
    /// None yet.
    pub fn new(most: usize) -> Self {
        Self { shared: Arc::default(), most }
    }

    /// Has a job done: of one lane the first come first, and of several lanes one in turn.
    ///
    /// # Errors
    /// Where there is no thread, and none can be started.
    pub fn submit(&self, lane: Lane, job: Job) -> io::Result<()> {
        let mut state = self.shared.state();
        if state.waiting.jobs >= state.idle && state.threads < self.most {
            let shared = Arc::clone(&self.shared);
            let started =
                std::thread::Builder::new().name("writ-hash".to_owned()).spawn(move || shared.work());
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

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut memory = Memory::default();
        while let Some(job) = self.next(&mut memory) {
            // Whoever waits for it hears that nothing came of it; the thread goes on.
            let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        }
    }

    /// The next job; none: it is over.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let mut state = self.state();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(job) = state.waiting.pop() {
                return Some(job);
            }
            state.idle += 1;
            state = if memory.is_empty() {
                self.wake.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = self.wake.wait_timeout(state, KEPT).unwrap_or_else(PoisonError::into_inner);
                if waited.1.timed_out() {
                    memory.give_back();
                }
                waited.0
            };
            state.idle -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn lanes_take_turns() {
        let (sender, receiver) = mpsc::channel();
        let mut waiting = Waiting::default();
        let lane = |n: u8| Lane::of(Some([192, 0, 2, n].into()));
        let mut push = |n: u8, at: u8| {
            let sender = sender.clone();
            waiting.push(lane(n), Box::new(move |_: &mut Memory| sender.send((n, at)).unwrap()));
        };
        for at in 0..3 {
            push(1, at);
        }
        push(2, 0);
        push(3, 0);
        push(3, 1);
        let mut memory = Memory::default();
        while let Some(job) = waiting.pop() {
            job(&mut memory);
        }
        let done: Vec<_> = receiver.try_iter().collect();
        assert_eq!(done, [(1, 0), (2, 0), (3, 0), (1, 1), (3, 1), (1, 2)]);
        assert!(waiting.lanes.is_empty() && waiting.turns.is_empty() && waiting.jobs == 0);
    }
}
