//! `writ key rewrap`: puts everything that is sealed under another master key, while no server runs.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use writ_core::change::{Action, Actor, Change, Origin, Resealed, Rewrap, Target};
use writ_core::decision::Moment;
use writ_core::scene::Scene;
use writ_core::tenant::DEFAULT_SLUG;
use writ_jose::MasterKey;
use writ_store::Store;

use super::admin::RewrapArgs;
use super::place::ConnectFlags;
use crate::boot::bootstrap::HASH_KEY_CONTEXT;
use crate::boot::start;
use crate::call::local::LocalOperator;
use crate::config::Config;
use crate::state::clock::{Clock as _, SystemClock, SystemSource};
use crate::state::master_key;

pub(super) fn run(place: &ConnectFlags, args: &RewrapArgs) -> anyhow::Result<()> {
    let config = place.config()?;
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not be started")?;
    let Counts { keys, secrets } = runtime.block_on(rewrap(&config, &args.to))?;
    let to = args.to.display();
    println!("{keys} signing keys, {secrets} client secrets and the hash key are sealed under {to}.");
    println!("Start the server with --master-key-file {to}, or put that file in the place of the old one.");
    println!("Keep the old key for as long as you keep backups made under it.");
    Ok(())
}

async fn rewrap(config: &Config, to: &Path) -> anyhow::Result<Counts> {
    if config.database.is_none() && !config.data_dir.is_dir() {
        bail!("there is no data folder {}", config.data_dir.display());
    }
    let store = start::open_store(config).await?;
    let done = reseal(&store, config, to).await;
    store.close();
    done
}

/// How much was sealed anew.
struct Counts {
    keys: usize,
    secrets: usize,
}

async fn reseal(store: &Store, config: &Config, to: &Path) -> anyhow::Result<Counts> {
    let before = store
        .sealed_hash_key()
        .await?
        .context("this database was never started: there is nothing to seal")?;
    let old = master_key::load(&config.master_key, &config.data_dir, true)?;
    let tenant = store.tenant_by_slug(DEFAULT_SLUG).await?.context("the first tenant is missing")?.id;
    let sealed = store.sealed_keys().await?;
    // On the disk before anything is sealed under it.
    let new = master_key::load_or_make_at(to)?;
    if new.id() == old.id() {
        bail!("{} is the master key that is in use already", to.display());
    }
    let again = |context: &[u8], sealed: &[u8]| reopened((&old, &new), context, sealed);
    let hash_key = Resealed { after: again(HASH_KEY_CONTEXT, &before)?, before };
    let keys = sealed
        .into_iter()
        .map(|(id, before)| Ok((id, Resealed { after: again(&id.to_bytes(), &before)?, before })))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let encryption_keys = store
        .sealed_encryption_keys()
        .await?
        .into_iter()
        .map(|(id, before)| Ok((id, Resealed { after: again(&id.to_bytes(), &before)?, before })))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let secrets = store
        .sealed_secrets()
        .await?
        .into_iter()
        .map(|(id, before)| Ok((id, Resealed { after: again(&id.to_bytes(), &before)?, before })))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let count = Counts { keys: keys.len() + encryption_keys.len(), secrets: secrets.len() };
    let moment = Moment { now: SystemClock::default().now(), random: &SystemSource::default() };
    let actor = Actor::Local { name: Arc::clone(LocalOperator::of_this_process().name()) };
    let scene = Scene { tenant, actor, origin: &Origin::default(), moment };
    let unit = scene.unit(Action::MasterKeyChanged, Target::Server);
    let change = Change::Rewrap(Box::new(Rewrap { hash_key, keys, encryption_keys, secrets }));
    store.commit(unit.with(change)).await.context("nothing was changed")?;
    Ok(count)
}

fn reopened(keys: (&MasterKey, &MasterKey), context: &[u8], sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (old, new) = keys;
    let plain = old
        .open(context, sealed)
        .map_err(|error| anyhow::anyhow!("the present master key does not open this database: {error}"))?;
    Ok(new.seal(context, &plain)?)
}
