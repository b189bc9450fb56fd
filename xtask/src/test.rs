//! `cargo xtask test`: formatting, lints, and every unit, integration and documentation test.

use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use crate::{interop, schemathesis, sh, supply};

/// Options of `cargo xtask test`.
#[derive(Debug, Args)]
pub struct Options {
    /// Leave out formatting and clippy
    #[arg(long)]
    skip_lints: bool,
    /// Passed to the test binaries: a filter on test names, or their options
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Runs the steps in order, all of them even when one fails. The last line is `N passed, N failed`, and
/// `, N skipped` where something could not be had.
pub fn run(options: &Options) -> ExitCode {
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() && !options.skip_lints {
        lints(&mut report);
    }
    if report.is_usable() {
        let mut arguments = vec!["test", "--workspace", "--locked", "--no-fail-fast"];
        if !options.filter.is_empty() {
            arguments.push("--");
            arguments.extend(options.filter.iter().map(String::as_str));
        }
        report.tests(&arguments);
        if options.filter.is_empty() {
            supply::run(&mut report);
            interop::run(&mut report, interop::Extent::Short);
            schemathesis::run(&mut report, schemathesis::Extent::Short);
        }
    }
    report.finish()
}

const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// Formatting and clippy, each one check.
pub fn lints(report: &mut StepReport) {
    report.setup(components_are_installed);
    if report.is_usable() {
        report.check(&["fmt", "--all", "--check"]);
        // With what `cargo xtask bench` adds to the program: the tests below build it without.
        let bench = ["--features", "writ-server/bench"];
        let arguments = [&["clippy", "--workspace", "--all-targets", "--locked"][..], &bench, &DENY].concat();
        report.check(&arguments);
    }
}

fn components_are_installed() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let answer = sh::output_of(sh::cargo().args([subcommand, "--version"]));
        ensure!(answer.is_ok(), "{component} is not installed. Run: rustup component add rustfmt clippy");
    }
    Ok(())
}

/// What has run so far: checks and tests counted, each step with its duration.
#[derive(Debug, Default)]
pub struct StepReport {
    tally: Tally,
    skipped: u64,
    steps: Vec<Step>,
    setup_failed: bool,
}

#[derive(Debug)]
struct Step {
    name: String,
    duration: Duration,
    outcome: &'static str,
}

impl StepReport {
    /// False once the machine turned out not to have what the steps need.
    pub fn is_usable(&self) -> bool {
        !self.setup_failed
    }

    /// Prepares the machine. Success is no check; failure counts as one failed.
    pub fn setup(&mut self, prepare: impl FnOnce() -> Result<()>) {
        if let Err(error) = prepare() {
            eprintln!("error: {error:#}");
            self.tally.failed += 1;
            self.setup_failed = true;
        }
    }

    /// Runs `cargo <arguments>` as one check.
    pub fn check(&mut self, arguments: &[&str]) {
        self.step(arguments, |tally, arguments| {
            let succeeded = sh::succeeds(sh::cargo().args(arguments))?;
            tally.add(if succeeded {
                Tally { passed: 1, failed: 0 }
            } else {
                Tally { passed: 0, failed: 1 }
            });
            Ok(succeeded)
        });
    }

    /// Runs `cargo test …` and counts what its test binaries report.
    pub fn tests(&mut self, arguments: &[&str]) {
        self.tests_with(arguments, &[]);
    }

    /// The same with further environment variables.
    pub fn tests_with(&mut self, arguments: &[&str], environment: &[(&str, &str)]) {
        self.step(arguments, |tally, arguments| {
            let mut seen = Tally::default();
            let mut cargo = sh::cargo();
            cargo.args(arguments).envs(environment.iter().copied());
            let status = sh::tee_lines(&mut cargo, &mut std::io::stdout(), |line| {
                if let Some(result) = test_result(line) {
                    seen.add(result);
                }
            })?;
            // A failed build or a crashed test binary prints no result line: it must still count.
            if !status.success() {
                seen.failed = seen.failed.max(1);
            }
            tally.add(seen);
            Ok(status.success())
        });
    }

    /// Runs a program that prints TAP and counts its lines; a program that shows nothing has failed.
    pub fn tap(&mut self, name: &str, command: &mut Command) {
        self.named(name.to_owned(), |tally| {
            let mut seen = Tally::default();
            let status = sh::tee_lines(command, &mut std::io::stdout(), |line| {
                if let Some(result) = tap_result(line) {
                    seen.add(result);
                }
            })?;
            if !status.success() || seen.passed == 0 {
                seen.failed = seen.failed.max(1);
            }
            tally.add(seen);
            Ok(seen.failed == 0)
        });
    }

    /// Runs a script of the workspace as one check.
    pub fn script(&mut self, path: &str) {
        self.judged(path, || sh::succeeds(&mut Command::new(sh::workspace_root().join(path))));
    }

    /// Runs something that is one check.
    pub fn judged(&mut self, name: &str, run: impl FnOnce() -> Result<bool>) {
        self.named(name.to_owned(), |tally| {
            let succeeded = run()?;
            tally.add(Tally { passed: u64::from(succeeded), failed: u64::from(!succeeded) });
            Ok(succeeded)
        });
    }

    /// Says that a check did not run, and why. It counts for itself, neither as passed nor as failed.
    pub fn skipped(&mut self, name: &str, reason: &str) {
        println!("==> {name}\nskipped: {reason}");
        self.skipped += 1;
        self.steps.push(Step { name: name.to_owned(), duration: Duration::ZERO, outcome: "skip" });
    }

    fn step(&mut self, arguments: &[&str], run: impl FnOnce(&mut Tally, &[&str]) -> Result<bool>) {
        self.named(format!("cargo {}", arguments.join(" ")), |tally| run(tally, arguments));
    }

    fn named(&mut self, name: String, run: impl FnOnce(&mut Tally) -> Result<bool>) {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = match run(&mut self.tally) {
            Ok(true) => "ok",
            Ok(false) => "FAILED",
            Err(error) => {
                eprintln!("error: {error:#}");
                self.tally.failed += 1;
                "FAILED"
            }
        };
        self.steps.push(Step { name, duration: start.elapsed(), outcome });
    }

    /// Prints the steps and, as the last line, the counts.
    pub fn finish(&self) -> ExitCode {
        println!();
        for Step { name, duration, outcome } in &self.steps {
            println!("{outcome:>6}  {:>7.1} s  {name}", duration.as_secs_f64());
        }
        println!("{}", self.counts());
        // A lost summary line is no reason to change the verdict.
        let _ = std::io::stdout().flush();
        if self.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl StepReport {
    fn counts(&self) -> String {
        let Tally { passed, failed } = self.tally;
        match self.skipped {
            0 => format!("{passed} passed, {failed} failed"),
            skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
    }
}

/// Counts of passed and failed tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; …`; any other line is `None`.
fn test_result(line: &str) -> Option<Tally> {
    let plain = without_colours(line);
    let (_verdict, counts) = plain.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        counts.split("; ").find_map(|part| part.strip_suffix(what)?.strip_suffix(' ')?.parse::<u64>().ok())
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

/// Reads a line of TAP that stands by itself, not one of a test within a test.
fn tap_result(line: &str) -> Option<Tally> {
    if line.starts_with("ok ") {
        Some(Tally { passed: 1, failed: 0 })
    } else if line.starts_with("not ok ") {
        Some(Tally { passed: 0, failed: 1 })
    } else {
        None
    }
}

/// The line without ANSI colour sequences (`ESC [ … m`).
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(test_result(ok), Some(Tally { passed: 12, failed: 0 }));
        let failed = "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(test_result(failed), Some(Tally { passed: 7, failed: 2 }));
    }

    #[test]
    fn colours_do_not_hide_a_result() {
        let line = "test result: \u{1b}[31mFAILED\u{1b}[m. 1 passed; 4 failed; 0 ignored";
        assert_eq!(test_result(line), Some(Tally { passed: 1, failed: 4 }));
    }

    #[test]
    fn other_lines_are_not_results() {
        for line in [
            "",
            "running 3 tests",
            "test oauth::token ... ok",
            "  test result: ok. 1 passed; 0 failed",
            "test result: ok",
            "test result: ok. many passed; 0 failed;",
        ] {
            assert_eq!(test_result(line), None, "{line}");
        }
    }

    #[test]
    fn lines_of_tap_are_counted() {
        assert_eq!(tap_result("ok 1 - signs in"), Some(Tally { passed: 1, failed: 0 }));
        assert_eq!(tap_result("not ok 2 - refreshes"), Some(Tally { passed: 0, failed: 1 }));
        for line in ["TAP version 13", "1..2", "    ok 1 - inner", "# ok 1", "okay"] {
            assert_eq!(tap_result(line), None, "{line}");
        }
        let mut report = StepReport::default();
        report.tap("silent", &mut Command::new("true"));
        report.tap("broken", Command::new("sh").args(["-c", "echo 'ok 1 - a'; exit 3"]));
        report.tap("good", Command::new("sh").args(["-c", "echo 'ok 1 - a'; echo 'ok 2 - b'"]));
        assert_eq!(report.tally, Tally { passed: 3, failed: 2 });
    }

    #[test]
    fn a_step_that_cannot_run_is_a_failure() {
        let mut report = StepReport::default();
        report.setup(|| anyhow::bail!("no compiler"));
        assert!(!report.is_usable());
        assert_eq!(report.tally, Tally { passed: 0, failed: 1 });
    }

    /// What could not be checked is not lost among what was.
    #[test]
    fn a_skipped_check_is_counted_for_itself() {
        let mut report = StepReport::default();
        report.judged("one", || Ok(true));
        assert_eq!(report.counts(), "1 passed, 0 failed");
        report.skipped("another", "there is no network");
        assert_eq!(report.counts(), "1 passed, 0 failed, 1 skipped");
        assert!(report.is_usable());
    }
}
