//! Writ's developer commands: `cargo xtask test | bench | check | docs | openapi | sbom`.
//!
//! This crate is an outermost layer: it may read the environment and the clock. It stays light (anyhow, clap,
//! `serde_json`, std), because it is compiled before anything else can run.

mod bench;
mod check;
mod conformance;
mod contracts;
mod counts;
mod docs;
mod interop;
mod openapi;
mod rooms;
mod schemathesis;
mod sh;
mod supply;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// Developer commands of the Writ workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Xtask {
    /// Set up the machine, then run formatting, lints and every test
    Test(test::Options),
    /// Measure under load what packages ship, and write docs/benchmarks.md
    Bench(bench::Options),
    /// Run the lints; with --long also the long tests that are ignored by default
    Check(check::Options),
    /// Write what is made from the program: configuration reference, man pages, help
    Docs,
    /// Run client libraries, programs and a browser that are not ours against servers that this starts
    Interop(interop::Options),
    /// Take pictures of every page into docs/screenshots/, and check each with axe-core
    Screenshots,
    /// Write the API description to docs/openapi.json
    Openapi,
    /// Write docs/contracts.md: which tests hold each endpoint of the four contracts
    Contracts,
    /// Write docs/conformance.md: which tests hold which sections of the specifications
    Conformance,
    /// Write what the program ships as a bill of materials
    Sbom(supply::sbom::Options),
    /// Check what the program is made of: licences, sources, versions, advisories and its bill of materials
    Supply,
    /// Count how the source is cut: files, functions, loops, circles
    Counts(counts::Options),
    /// Draw the server's rooms and their imports into ARCHITECTURE.md, and list circles
    Rooms,
    /// Send drawn requests to a server that this starts, and hold its answers to the API description
    Schemathesis,
}

fn main() -> ExitCode {
    match Xtask::parse() {
        Xtask::Test(options) => test::run(&options),
        Xtask::Check(options) => check::run(&options),
        Xtask::Docs => docs::run(),
        Xtask::Interop(options) => interop::alone(&options),
        Xtask::Screenshots => interop::screenshots::run(),
        Xtask::Openapi => written(openapi::run()),
        Xtask::Contracts => written(contracts::run()),
        Xtask::Conformance => written(conformance::run()),
        Xtask::Sbom(options) => written(supply::sbom::run(&options)),
        Xtask::Supply => supply::alone(),
        Xtask::Counts(options) => written(counts::run(&options)),
        Xtask::Rooms => written(rooms::run()),
        Xtask::Schemathesis => schemathesis::alone(),
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

/// Whether a file could be written.
fn written(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
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
