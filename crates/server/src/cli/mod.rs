//! The command line.

mod admin;
mod api;
mod backup;
#[cfg(feature = "bench")]
mod bench;
mod config;
mod doctor;
mod list;
mod migrate;
mod moving;
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

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

pub use pages::{CommandPage, help, man_pages};

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
    /// Copy the SQLite database into a file, also while a server runs
    Backup(Box<backup::BackupArgs>),
    /// Put a backup in the place of a SQLite database
    Restore(Box<backup::RestoreArgs>),
    /// Move everything from SQLite to PostgreSQL
    Move(Box<moving::MoveArgs>),
    #[command(flatten)]
    Manage(Box<admin::AdminCommand>),
    /// Print a completion script for a shell
    Completions(pages::CompletionsArgs),
    #[cfg(feature = "bench")]
    #[command(flatten)]
    Bench(bench::BenchCommand),
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
    let cli = Cli::try_parse().unwrap_or_else(|error| with_a_tip(error).exit());
    let result = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Config(command)) => config::run(command),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Healthcheck(args)) => doctor::healthcheck(&args),
        Some(Command::Migrate(args)) => migrate::run(&args),
        Some(Command::Backup(args)) => backup::backup(&args).map(done),
        Some(Command::Restore(args)) => backup::restore(&args).map(done),
        Some(Command::Move(args)) => moving::run(&args).map(done),
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

/// Flags before a command would be those of the server that `writ` alone starts: the error says where they go.
fn with_a_tip(mut error: clap::Error) -> clap::Error {
    let tip = match (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::PriorArg)) {
        (Some(ContextValue::String(command)), Some(ContextValue::String(flag))) => {
            format!("put it after the command: 'writ {command} … {flag}'")
        }
        (Some(ContextValue::String(command)), Some(ContextValue::Strings(flags))) => {
            format!("put them after the command: 'writ {command} … {}'", flags.join(" "))
        }
        (_, _) => return error,
    };
    if error.kind() == ErrorKind::ArgumentConflict {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
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
    fn a_flag_before_the_command_is_told_its_place() {
        let said = |line: &[&str]| with_a_tip(Cli::try_parse_from(line).unwrap_err()).to_string();
        let one = said(&["writ", "--data-dir", "d", "user", "list"]);
        assert!(one.contains("put it after the command: 'writ user … --data-dir <FOLDER>'"), "{one}");
        let two = said(&["writ", "--data-dir", "d", "--config", "c", "user", "list"]);
        assert!(two.contains("after the command: 'writ user … ") && two.contains("--config"), "{two}");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
