//! The command line.

mod admin;
mod api;
#[cfg(feature = "bench")]
mod bench;
mod config;
mod doctor;
mod list;
mod migrate;
mod pages;
mod place;
mod prompt;
mod rewrap;
mod serve;
mod show;
mod transport;
mod usage;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

pub use pages::{Page, help, man_pages};

use crate::config::{Every, Flags};

/// An OAuth 2.1 and OpenID Connect authorization server.
///
/// Without a command, it serves on port 8080 of localhost and keeps its data in ./writ-data.
#[derive(Debug, Parser)]
#[command(name = "writ", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `writ` does without a command)
    Serve(Box<ServeArgs>),
    /// Check, show and explain the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Find problems of this installation and how to fix them; exit code 1 if there are any
    Doctor(Box<doctor::DoctorArgs>),
    /// Check whether the running server is ready; exit code 1 if it is not
    Healthcheck(Box<doctor::HealthcheckArgs>),
    /// Bring the database up to date without serving
    Migrate(Box<migrate::MigrateArgs>),
    #[command(flatten)]
    Manage(Box<admin::Command>),
    /// Print a completion script for a shell
    Completions(pages::CompletionsArgs),
    #[cfg(feature = "bench")]
    #[command(flatten)]
    Bench(bench::Command),
}

/// The flags of `serve`: every setting, made from the table of settings.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// What the command line says of the settings.
    #[command(flatten)]
    pub settings: Flags<Every>,
    /// Serve the benchmark's ceiling
    #[cfg(feature = "bench")]
    #[arg(long, hide = true)]
    pub bench_ceiling: bool,
    /// Test only: milliseconds added to each commit
    #[arg(long, hide = true, env = "WRIT_TEST_FSYNC_DELAY_MS", default_value_t = 0)]
    pub test_fsync_delay_ms: u64,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    // First of all, so that nothing picks another. Fails only where it has been done.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Config(command)) => config::run(command),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Healthcheck(args)) => doctor::healthcheck(&args),
        Some(Command::Migrate(args)) => migrate::run(&args),
        Some(Command::Completions(args)) => pages::completions(&args),
        Some(Command::Manage(command)) => admin::run(*command).map(done),
        #[cfg(feature = "bench")]
        Some(Command::Bench(command)) => bench::run(command).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("writ: {error:#}");
            if error.is::<usage::Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// Writes to standard output. A reader that has gone is no reason to panic.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// The whole command line, for what is made from it: completions, man pages, help.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Variables that commands read beside the settings.
fn variables() -> Vec<String> {
    fn gather(command: &clap::Command, into: &mut Vec<String>) {
        let named = command.get_arguments().filter_map(clap::Arg::get_env);
        into.extend(named.map(|name| name.to_string_lossy().into_owned()));
        command.get_subcommands().for_each(|below| gather(below, into));
    }
    let mut names = Vec::new();
    gather(&command(), &mut names);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
