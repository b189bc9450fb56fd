//! The command line.

mod bench_fill;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::LogFormat;

/// An OAuth 2.1 and OpenID Connect authorization server.
///
/// Without a command it serves: on port 8080 of localhost, with everything it keeps in ./writ-data.
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
    /// Fill a database with tokens for the benchmark
    #[command(hide = true)]
    BenchFill(BenchFillArgs),
}

/// The flags of `serve`. Each also stands in the environment, and most in the file.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where to listen: HOST:PORT, or localhost:PORT for both loopback addresses [default: localhost:8080]
    #[arg(long, value_name = "ADDRESS", env = "WRIT_LISTEN", value_delimiter = ',')]
    pub listen: Vec<String>,
    /// The server's base URL as clients see it; the issuer of the first tenant
    #[arg(long, value_name = "URL", env = "WRIT_ISSUER")]
    pub issuer: Option<String>,
    /// Where everything is kept [default: ./writ-data]
    #[arg(long, value_name = "FOLDER", env = "WRIT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// A PostgreSQL database, `postgres://USER@HOST/NAME`, instead of SQLite in the data folder
    #[arg(long, value_name = "URL", env = "WRIT_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// CA certificates (PEM) that vouch for the database [default: those of this machine]
    #[arg(long, value_name = "FILE", env = "WRIT_DATABASE_CA_FILE")]
    pub database_ca_file: Option<PathBuf>,
    /// Obey sslmode=disable also for a database on another machine
    #[arg(long, env = "WRIT_ALLOW_PLAINTEXT_DATABASE", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_plaintext_database: bool,
    /// A configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "WRIT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where /metrics is served, or "off" [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDRESS", env = "WRIT_METRICS_LISTEN")]
    pub metrics_listen: Option<String>,
    /// How log lines look
    #[arg(long, value_enum, env = "WRIT_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Which log lines there are, for example info or debug
    #[arg(long, value_name = "FILTER", env = "WRIT_LOG")]
    pub log_filter: Option<String>,
    /// What access tokens are signed with where nothing else says: ES256 or another algorithm of JOSE
    /// [default: ES256]
    #[arg(long, value_name = "ALG", env = "WRIT_ACCESS_TOKEN_ALG")]
    pub access_token_alg: Option<String>,
    /// Connections open at once at the most [default: 10000]
    #[arg(long, value_name = "N", env = "WRIT_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,
    /// Accept an issuer that is plain http on a host that is not loopback
    #[arg(long, env = "WRIT_ALLOW_INSECURE_ISSUER", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_insecure_issuer: bool,
    /// Serve the benchmark's ceiling
    #[arg(long, hide = true)]
    pub bench_ceiling: bool,
    /// Test only: milliseconds added to each commit
    #[arg(long, hide = true, env = "WRIT_TEST_FSYNC_DELAY_MS", default_value_t = 0)]
    pub test_fsync_delay_ms: u64,
}

#[derive(Debug, Clone, Args)]
struct BenchFillArgs {
    /// The data folder of a server that has been started once
    #[arg(long)]
    data_dir: PathBuf,
    /// How many tokens
    #[arg(long)]
    tokens: u64,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::BenchFill(args)) => bench_fill::run(&args.data_dir, args.tokens),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("writ: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
