//! What `cargo xtask bench` asks of the program: only there when it is built with the feature `bench`.

mod fill;
mod hash;
mod proofs;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

/// The benchmark's commands.
#[derive(Debug, Subcommand)]
pub(super) enum BenchCommand {
    /// Fill a database with tokens for the benchmark
    #[command(hide = true, name = "bench-fill")]
    Fill(FillArgs),
    /// Hash passwords in one thread for the benchmark, and print how many a second
    #[command(hide = true, name = "bench-hash")]
    Hash {
        /// For how long
        #[arg(long)]
        seconds: u64,
    },
    /// Print proofs of a key for the benchmark
    #[command(hide = true, name = "bench-proofs")]
    Proofs {
        /// The address that they are for
        #[arg(long)]
        url: String,
        /// How many
        #[arg(long)]
        count: u64,
    },
}

#[derive(Debug, Clone, Args)]
pub(super) struct FillArgs {
    /// The data folder of a server that has been started once
    #[arg(long)]
    data_dir: PathBuf,
    /// Its PostgreSQL database, where it has one
    #[arg(long, value_name = "URL", env = "WRIT_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How many tokens
    #[arg(long)]
    tokens: u64,
    /// How many tenants with nothing in them
    #[arg(long, default_value_t = 0)]
    tenants: u64,
    /// How many clients of the first tenant
    #[arg(long, default_value_t = 0)]
    clients: u64,
}

/// Does what the command says.
pub(super) fn run(command: BenchCommand) -> anyhow::Result<()> {
    match command {
        BenchCommand::Hash { seconds } => hash::run(Duration::from_secs(seconds)),
        BenchCommand::Proofs { url, count } => proofs::run(&url, count),
        BenchCommand::Fill(args) => {
            let amount = fill::Amount { tokens: args.tokens, tenants: args.tenants, clients: args.clients };
            fill::run(&args.data_dir, args.database_url.as_deref(), amount)
        }
    }
}
