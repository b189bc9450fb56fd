//! The command line.

mod bench_fill;
mod rewrap;
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
    /// Keys that the server keeps
    #[command(subcommand)]
    Key(rewrap::KeyCommand),
    /// Fill a database with tokens for the benchmark
    #[command(hide = true)]
    BenchFill(BenchFillArgs),
}

/// The flags of `serve`. Each also stands in the environment, and most in the file.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
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
    /// A file with the master key, 64 hexadecimal digits [default: master.key in the data folder]
    #[arg(long, value_name = "FILE", env = "WRIT_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// A command that prints the master key, as of a secret store
    #[arg(long, value_name = "COMMAND", env = "WRIT_MASTER_KEY_COMMAND", hide_env_values = true)]
    pub master_key_command: Option<String>,
    /// How old a signing key becomes before another one signs; 0: until somebody rotates it [default: 90]
    #[arg(long, value_name = "DAYS", env = "WRIT_KEY_ROTATION_DAYS")]
    pub key_rotation_days: Option<u32>,
    /// Days after which audit records are removed; 0: never [default: 365]
    #[arg(long, value_name = "DAYS", env = "WRIT_AUDIT_RETENTION_DAYS")]
    pub audit_retention_days: Option<u32>,
    /// Connections open at once at the most [default: 10000]
    #[arg(long, value_name = "N", env = "WRIT_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,
    /// Speak TLS with this certificate chain (PEM); read again when it changes
    #[arg(long, value_name = "FILE", env = "WRIT_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM)
    #[arg(long, value_name = "FILE", env = "WRIT_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Speak TLS on localhost with a certificate made for it
    #[arg(long, env = "WRIT_DEV_TLS", value_parser = clap::builder::BoolishValueParser::new())]
    pub dev_tls: bool,
    /// Where plain http is sent on to https
    #[arg(long, value_name = "ADDRESS", env = "WRIT_REDIRECT_LISTEN")]
    pub redirect_listen: Option<String>,
    /// Networks of proxies whose Forwarded or X-Forwarded-For is believed
    #[arg(long, value_name = "CIDR", env = "WRIT_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
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
    /// Its PostgreSQL database, where it has one
    #[arg(long, value_name = "URL", env = "WRIT_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How many tokens
    #[arg(long)]
    tokens: u64,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    // First of all, so that nothing picks another. Fails only where it has been done.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Key(command)) => rewrap::run(command),
        Some(Command::BenchFill(args)) => {
            bench_fill::run(&args.data_dir, args.database_url.as_deref(), args.tokens)
        }
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
