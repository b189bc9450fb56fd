//! The threads that hash: as many as there are cores, each with working memory of its own, which it keeps while
//! there is something to do.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
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

    /// Has a job done, the first come first.
    ///
    /// # Errors
    /// Where there is no thread, and none can be started.
    pub fn submit(&self, job: Job) -> io::Result<()> {
        let mut state = self.shared.state();
        if state.jobs.len() >= state.idle && state.threads < self.most {
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
        state.jobs.push_back(job);
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
            if let Some(job) = state.jobs.pop_front() {
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
