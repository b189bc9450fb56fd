//! `writ backup` and `writ restore`: a copy of a SQLite database while the server works, and the way back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;
use writ_store::{BackupFacts, CopyProgress};

use crate::boot::bootstrap::HASH_KEY_CONTEXT;
use crate::config::{Config, Flags, MasterKeySource, StoragePlaces};
use crate::state::master_key;

/// Which database, and to where.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to make; only its owner may read it
    #[arg(value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    settings: Flags<StoragePlaces>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Which backup, and to where.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    settings: Flags<StoragePlaces>,
    /// Only check the backup: whether it is whole, and whether the master key opens it
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn backup(args: &BackupArgs) -> anyhow::Result<()> {
    let config = sqlite_config(&args.settings, "backed up")?;
    let bar = ByteBar::new();
    let facts = writ_store::backup(&config.data_dir, &args.to, &mut |progress| bar.show(progress))?;
    bar.finish();
    // The backup stands, also where this says that its key is elsewhere.
    let opened = opens(&config, &facts);
    if args.json {
        return told_as_json(&args.to, &facts, opened.is_ok());
    }
    let (path, bytes) = (args.to.display(), indicatif::BinaryBytes(facts.bytes));
    super::print(&format!("{path}: {bytes}, everything up to {}.\n", moment(&facts)))?;
    match opened {
        Ok(()) => super::print(&format!(
            "The master key is not in it, and without the key nobody can use it. Keep a copy of the key in another place: {}.\n",
            place_of_key(&config)
        )),
        Err(why) => super::print(&format!("The present master key does not open it: {why:#}.\n")),
    }
}

pub(super) fn restore(args: &RestoreArgs) -> anyhow::Result<()> {
    let config = sqlite_config(&args.settings, "restored")?;
    let facts = writ_store::examine(&args.from)?;
    opens(&config, &facts).with_context(|| {
        format!("{} was not restored: it is sealed under another master key", args.from.display())
    })?;
    if !args.check {
        let bar = ByteBar::new();
        writ_store::restore(&args.from, &config.data_dir, &mut |progress| bar.show(progress))?;
        bar.finish();
    }
    if args.json {
        return told_as_json(&args.from, &facts, true);
    }
    let (path, moment) = (args.from.display(), moment(&facts));
    if args.check {
        return super::print(&format!(
            "{path} is whole, and the master key opens it: everything up to {moment}.\n"
        ));
    }
    super::print(&format!(
        "{} is as it was at {moment}. Start the server.\n\
         What was changed after that moment is as it was before: passwords, consents, and tokens and sessions that were \
         ended. To end all tokens from before, run `writ token revoke-all --issued-before {now}` for each tenant.\n",
        config.data_dir.display(),
        now = Timestamp::now().round(jiff::Unit::Second)?,
    ))
}

/// The configuration of a server that keeps its data in SQLite.
fn sqlite_config(flags: &Flags<StoragePlaces>, what: &str) -> anyhow::Result<Config> {
    let config = Config::load(flags)?;
    if config.database.is_some() {
        bail!(
            "this server keeps its data in PostgreSQL, which is {what} with PostgreSQL's own tools: see \"Backups\" in docs/operating.md"
        );
    }
    Ok(config)
}

fn opens(config: &Config, facts: &BackupFacts) -> anyhow::Result<()> {
    let key = master_key::load(&config.master_key, &config.data_dir, true)?;
    key.open(HASH_KEY_CONTEXT, &facts.sealed_hash_key)
        .map(drop)
        .map_err(|error| anyhow::anyhow!("the key at {} does not open it: {error}", place_of_key(config)))
}

fn place_of_key(config: &Config) -> String {
    match &config.master_key {
        MasterKeySource::DataFolder => config.data_dir.join(master_key::FILE).display().to_string(),
        MasterKeySource::File(path) => path.display().to_string(),
        MasterKeySource::Digits(_) => "WRIT_MASTER_KEY".to_owned(),
        MasterKeySource::Command(_) => "what master_key_command prints".to_owned(),
    }
}

fn moment(facts: &BackupFacts) -> String {
    let newest = facts.newest.and_then(|at| Timestamp::from_microsecond(at.0).ok());
    newest.map_or_else(|| "its first start".to_owned(), |at| at.to_string())
}

fn told_as_json(path: &Path, facts: &BackupFacts, opens: bool) -> anyhow::Result<()> {
    let told = json!({
        "file": path,
        "bytes": facts.bytes,
        "newest_record_at": facts.newest.map(|_| moment(facts)),
        "pending_migrations": facts.pending,
        "master_key_opens_it": opens,
    });
    super::print(&format!("{told:#}\n"))
}

/// Bytes that go by, on a terminal alone.
struct ByteBar(ProgressBar);

impl ByteBar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, progress: CopyProgress) {
        self.0.set_length(progress.all);
        self.0.set_position(progress.done);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}
