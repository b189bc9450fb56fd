//! The loop: take an input that did something new, change it, run it, keep it if it did something new again.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::mutate::{Mutator, Random};

/// What is fuzzed.
pub trait Target {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Inputs to begin with, good and bad; what was found once is added here.
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// Words that mean something to it, put in here and there.
    fn words(&self) -> &[&str];

    /// Runs one input and panics where something does not hold. The answer says what happened, in as many words as
    /// there are different things that can happen: an input that gives a new one is worth changing further.
    fn run(&self, input: &[u8]) -> String;
}

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Three seconds, from seed 1.
    Short,
    /// Ten minutes, or what the environment says, from a new seed.
    Long,
    /// So many inputs, from seed 1, however long they take.
    Inputs(u64),
}

/// The most inputs that are kept; then new ones take the place of old ones.
const MOST: usize = 4096;

/// Runs the target for a while; panics, and prints the input, where it does.
pub fn fuzz(target: &dyn Target, span: Span) {
    let (seconds, least, seed) = match span {
        Span::Short => (3, 0, 1),
        Span::Long => (from_environment("WRIT_FUZZ_SECONDS").unwrap_or(600), 0, new_seed()),
        Span::Inputs(least) => (0, least, 1),
    };
    let mut random = Random::new(seed);
    let mut behaviours = HashSet::new();
    let mut kept = Vec::new();
    for input in target.seeds() {
        behaviours.insert(run(target, &input, seed));
        kept.push(input);
    }
    let (begun, patience) = (Instant::now(), Duration::from_secs(seconds));
    let (mut executions, seeds) = (0_u64, kept.len());
    while executions < least || begun.elapsed() < patience {
        let input = Mutator { kept: &kept, words: target.words(), random: &mut random }.next();
        executions += 1;
        if behaviours.insert(run(target, &input, seed)) {
            if kept.len() < MOST {
                kept.push(input);
            } else {
                let at = random.below(MOST);
                kept[at] = input;
            }
        }
    }
    println!(
        "fuzzed {}: {executions} executions in {:.0} s, {} behaviours from {seeds} seeds, seed {seed:#x}, no finding",
        target.name(),
        begun.elapsed().as_secs_f64(),
        behaviours.len(),
    );
}

/// Runs one input. What is kept of its answer is without figures and names: those are not behaviour.
fn run(target: &dyn Target, input: &[u8], seed: u64) -> String {
    match catch_unwind(AssertUnwindSafe(|| target.run(input))) {
        Ok(answer) => without_details(&answer),
        Err(panic) => {
            eprintln!("{} (seed {seed:#x}) failed on b\"{}\"", target.name(), input.escape_ascii());
            resume_unwind(panic)
        }
    }
}

fn without_details(answer: &str) -> String {
    let answer = answer.replace("\\\"", "");
    let outside = answer.split('"').step_by(2);
    outside.flat_map(str::chars).filter(|character| !character.is_ascii_digit()).collect()
}

#[expect(clippy::disallowed_methods, reason = "the outermost layer of a test")]
fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn new_seed() -> u64 {
    from_environment("WRIT_FUZZ_SEED").unwrap_or_else(|| RandomState::new().hash_one(()))
}
