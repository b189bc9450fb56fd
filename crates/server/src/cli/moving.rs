//! `writ move`: everything from SQLite to PostgreSQL, while no server runs.

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, json};
use writ_core::decision::Random as _;
use writ_store::{MoveStep, MovedRows, PostgresOptions};

use crate::config::{Config, Database, Flags, StoragePlaces};
use crate::state::clock::SystemSource;

/// From where to where.
#[derive(Debug, Args)]
pub(super) struct MoveArgs {
    /// The empty PostgreSQL database: `postgres://user:password@host/database` [default: the configured one]
    #[arg(
        long,
        value_name = "URL",
        env = "WRIT_MOVE_TO",
        hide_env_values = true,
        conflicts_with = "take_back"
    )]
    to: Option<PrivateAddress>,
    /// Allow a server to use the SQLite database again, without what has happened since it was moved
    #[arg(long)]
    take_back: bool,
    #[command(flatten)]
    settings: Flags<StoragePlaces>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// An address with a password in it.
#[derive(Clone)]
struct PrivateAddress(String);

impl std::str::FromStr for PrivateAddress {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for PrivateAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

pub(super) fn run(args: &MoveArgs) -> anyhow::Result<()> {
    let config = Config::load(&args.settings)?;
    if args.take_back {
        return take_back(&config, args.json);
    }
    let configured = config.database.as_ref().map(Database::options);
    let options = args.to.as_ref().map(|to| PostgresOptions::new(to.0.clone())).or(configured);
    let Some(options) = options else {
        bail!("where to? Name the new database: writ move --to postgres://user:password@host/database")
    };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().context("the runtime could not be started")?;
    let mut id = [0; 16];
    SystemSource::default().fill(&mut id);
    let bar = RowBar::new();
    let mut see = |step: MoveStep<'_>| bar.show(&step);
    let moved = writ_store::move_to_postgres(&config.data_dir, &options, id, &mut see);
    let moved = runtime.block_on(moved);
    bar.0.finish_and_clear();
    told(args, &config, &moved?)
}

fn told(args: &MoveArgs, config: &Config, moved: &MovedRows) -> anyhow::Result<()> {
    let MovedRows { to, tables } = moved;
    if args.json {
        let tables: Map<_, _> = tables.iter().map(|(name, rows)| (name.clone(), (*rows).into())).collect();
        return super::print(&format!("{:#}\n", json!({ "moved_to": to, "rows": tables })));
    }
    let width = tables.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let with_rows = tables.iter().filter(|(_, rows)| *rows > 0);
    let lines: Vec<_> = with_rows.map(|(name, rows)| format!("{name:width$}  {rows:>10}\n")).collect();
    let folder = config.data_dir.display();
    super::print(&format!(
        "{}Everything in {folder} is in {to} now; each table was read back and compared.\n\
         Start the server with --database-url, and with the same master key and --data-dir. No server starts on the old \
         database any more: delete it when you no longer need it.\n",
        lines.concat()
    ))
}

fn take_back(config: &Config, json: bool) -> anyhow::Result<()> {
    let taken = writ_store::take_back(&config.data_dir)?;
    if json {
        return super::print(&format!("{:#}\n", json!({ "taken_back": taken })));
    }
    let folder = config.data_dir.display();
    super::print(&if taken {
        format!(
            "A server may use the database in {folder} again. It has nothing of what happened after it was moved.\n"
        )
    } else {
        format!("The database in {folder} was not moved: nothing was changed.\n")
    })
}

/// Rows that go by, on a terminal alone.
struct RowBar(ProgressBar);

impl RowBar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, step: &MoveStep<'_>) {
        match *step {
            MoveStep::Rows { table, done, all } => {
                self.0.set_length(all);
                self.0.set_position(done);
                self.0.set_message(table.to_owned());
            }
            MoveStep::Compared { table, rows } => {
                self.0.set_length(rows);
                self.0.set_position(rows);
                self.0.set_message(format!("{table}, compared"));
            }
        }
    }
}
