//! `writ migrate`: brings the database up to date without serving, or tells what would be done.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use writ_store::{DatabasePlace, MigrationName, inspect, migrate};

use crate::config::{Config, Database, Flags};

/// Says that `--check` found something to do.
const PENDING: u8 = 3;

/// Which database.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    settings: Flags<crate::config::StoragePlaces>,
    /// Only show pending migrations; exit code 3 if there are any
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.settings)?;
    let options = config.database.as_ref().map(Database::options);
    let place = options.as_ref().map_or(DatabasePlace::Sqlite(&config.data_dir), DatabasePlace::Postgres);
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().context("the runtime could not be started")?;
    if args.check {
        let pending = runtime.block_on(inspect(place))?.pending;
        told(args, ("pending", "Nothing is pending."), &pending)?;
        return Ok(if pending.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(PENDING) });
    }
    let ran = runtime.block_on(migrate(place))?;
    told(args, ("applied", "The database is up to date already."), &ran)?;
    Ok(ExitCode::SUCCESS)
}

fn told(args: &MigrateArgs, words: (&str, &str), list: &[MigrationName]) -> anyhow::Result<()> {
    let (done, nothing) = words;
    if args.json {
        let list: Vec<_> =
            list.iter().map(|one| json!({ "version": one.version, "name": one.name })).collect();
        return super::print(&format!("{:#}\n", json!({ done: list })));
    }
    if list.is_empty() {
        return super::print(&format!("{nothing}\n"));
    }
    let lines: Vec<_> = list.iter().map(|one| format!("{done}  {:4}  {}\n", one.version, one.name)).collect();
    super::print(&lines.concat())
}
