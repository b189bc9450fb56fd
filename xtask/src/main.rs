//! Writ's developer commands: `cargo xtask test | bench | check | docs | openapi`.
//!
//! This crate is an outermost layer: it may read the environment and the clock. It stays light (anyhow, clap,
//! `serde_json`, std), because it is compiled before anything else can run.

mod bench;
mod check;
mod docs;
mod interop;
mod openapi;
mod sh;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// Developer commands of the Writ workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Xtask {
    /// Set up the machine, then run formatting, lints and every test
    Test(test::Options),
    /// Measure the release build under load and write docs/benchmarks.md
    Bench(bench::Options),
    /// Run the lints; with --long also the long tests that are ignored by default
    Check(check::Options),
    /// Write what is made from the program: configuration reference, man pages, help
    Docs,
    /// Run client libraries that are not ours against a server that this starts
    Interop,
    /// Write the API description to docs/openapi.json
    Openapi,
}

fn main() -> ExitCode {
    match Xtask::parse() {
        Xtask::Test(options) => test::run(&options),
        Xtask::Check(options) => check::run(&options),
        Xtask::Docs => docs::run(),
        Xtask::Interop => interop::alone(),
        Xtask::Openapi => match openapi::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("openapi: {error:#}");
                ExitCode::FAILURE
            }
        },
        Xtask::Bench(options) => match bench::run(&options) {
            Ok(bench::Verdict::Passed) => ExitCode::SUCCESS,
            Ok(bench::Verdict::GateFailed) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("bench: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        super::Xtask::command().debug_assert();
    }
}
