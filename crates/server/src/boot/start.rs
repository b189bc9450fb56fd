//! From a data folder to an [`App`]: open, unlock, make the first rows where there are none.

use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use writ_core::decision::Random;
use writ_core::secret::HashKey;
use writ_core::tenant::DEFAULT_SLUG;
use writ_store::{JobGuard, SqliteOptions, Store};
use zeroize::Zeroizing;

use crate::boot::bootstrap::{self, BootstrapValues, Bootstrapped};
use crate::config::{Config, is_loopback};
use crate::outbound::{Outbound, Post, Smtp, SmtpSettings};
use crate::passwords::BreachedPasswords;
use crate::serve::ListenAddress;
use crate::state::app::{App, Live, Parts};
use crate::state::clock::{Clock, SystemClock, SystemSource};
use crate::state::master_key;

/// A server's parts, ready to answer.
pub struct StartedServer {
    /// What every request shares.
    pub app: Arc<App>,
    /// What was made, if the database was empty.
    pub bootstrapped: Option<Bootstrapped>,
    /// The right to the issuer, where one was asked for.
    pub claimed: Option<IssuerRight>,
}

/// Between two looks at whether the right to the issuer is still held.
const CLAIM: Duration = Duration::from_secs(30);

/// A server's right to its issuer, for as long as this lives.
pub struct IssuerRight(JobGuard);

/// Makes sure that no other node serves the same database under another issuer: each would take the other's tokens for
/// forged, and letters would lead to one or the other.
///
/// # Errors
/// A text for the operator.
pub async fn claim(store: &Store, base: &str) -> anyhow::Result<IssuerRight> {
    let claimed = store.claim_issuer(base).await?;
    claimed.map(IssuerRight).with_context(|| {
        format!(
            "another node serves this database under another issuer than {base}. Start all nodes with the same --issuer; \
             to change it, stop all of them first"
        )
    })
}

/// Opens the data folder and makes the first rows where there are none.
///
/// # Errors
/// Texts for the operator: what is wrong and what to do.
pub async fn start(
    config: &Config,
    base: &str,
    values: impl FnOnce() -> anyhow::Result<BootstrapValues>,
) -> anyhow::Result<StartedServer> {
    let store = open_store(config).await?;
    // Before anything is written.
    let claimed = claim(&store, base).await?;
    let started = start_with(store, config, base, Sources::of_this_machine(values)).await?;
    Ok(StartedServer { claimed: Some(claimed), ..started })
}

/// Keeps the right to the issuer: it ends with a connection, as where the database restarts. Never returns.
pub async fn keep(claimed: IssuerRight, app: &App) {
    let IssuerRight(mut guard) = claimed;
    loop {
        tokio::time::sleep(CLAIM).await;
        if guard.is_held() {
            continue;
        }
        match app.store.claim_issuer(&app.base).await {
            Ok(Some(again)) => guard = again,
            Ok(None) => tracing::error!(
                issuer = %app.base,
                "another node serves this database under another issuer: stop one of them"
            ),
            Err(error) => tracing::debug!("nobody could be asked which issuers are served: {error}"),
        }
    }
}

/// Where a start takes the time, randomness and first credentials from.
pub struct Sources<F> {
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Ids and secrets.
    pub random: Box<dyn Random>,
    /// What the first rows are made of; asked for on the first start only.
    pub values: F,
}

impl<F: FnOnce() -> anyhow::Result<BootstrapValues>> Sources<F> {
    /// The system's clock and generator.
    pub fn of_this_machine(values: F) -> Self {
        Self { clock: Box::new(SystemClock::default()), random: Box::new(SystemSource::default()), values }
    }
}

/// Opens the storage that the settings name, and makes it where it is missing.
///
/// # Errors
/// As [`start`].
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    Ok(match &config.database {
        None => {
            let options =
                SqliteOptions { fsync_delay: config.fsync_delay, ..SqliteOptions::new(&config.data_dir) };
            Store::open_sqlite(&options)?
        }
        Some(database) => {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&config.data_dir)
                .with_context(|| format!("the data folder {} cannot be used", config.data_dir.display()))?;
            Store::open_postgres(&database.options()).await?
        }
    })
}

/// [`start`] with the storage, clock and randomness given: what the test kit uses.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    store: Store,
    config: &Config,
    base: &str,
    sources: Sources<impl FnOnce() -> anyhow::Result<BootstrapValues>>,
) -> anyhow::Result<StartedServer> {
    let Sources { clock, random, values } = sources;
    // Nodes that start at once on one database: one makes the first rows, the others find them.
    let first = alone(&store).await?;
    let mut sealed = store.sealed_hash_key().await?;
    let master_key = master_key::load(&config.master_key, &config.data_dir, sealed.is_some())?;
    let mut bootstrapped = None;
    if sealed.is_none() {
        bootstrap::discard_unfinished(&config.data_dir)?;
        // Looked at on the first start only: what stands there later concerns nobody.
        let values = values()?;
        let made = bootstrap::Bootstrap {
            base,
            values: &values,
            naming: &config.naming,
            now: clock.now(),
            random: &*random,
            master_key: &master_key,
        };
        bootstrapped = bootstrap::run(&store, &config.data_dir, made).await?;
        sealed = store.sealed_hash_key().await?;
    } else {
        bootstrap::finish(&config.data_dir)?;
    }
    drop(first);
    let sealed = sealed.context("the database was not initialised")?;
    let opened = master_key.open(bootstrap::HASH_KEY_CONTEXT, &sealed).map_err(|error| {
        anyhow::anyhow!(
            "the master key does not open this database: {error}. Put back the one that it was made with"
        )
    })?;
    let bytes: [u8; 32] = opened.as_slice().try_into().context("the hash key is damaged")?;
    let tenant = store.tenant_by_slug(DEFAULT_SLUG).await?.context("the first tenant is missing")?;
    let app = App::new(Parts {
        store,
        clock,
        random,
        base: base.into(),
        default_tenant: tenant.id,
        access_token_alg: config.access_token_alg,
        id_token_alg: config.id_token_alg,
        id_token_claims: config.id_token_claims,
        naming: config.naming.clone(),
        live: ArcSwap::from_pointee(Live::of(config)),
        hash_key: HashKey::new(Zeroizing::new(bytes)),
        master_key,
        post: post(config, base)?,
        outbound: Outbound::new(config.outbound.clone()),
        document_words: crate::contracts::registration::words_of_document,
        breached: config
            .breached_passwords
            .as_deref()
            .map(BreachedPasswords::open)
            .transpose()
            .context("breached_passwords")?,
    });
    Ok(StartedServer { app: Arc::new(app), bootstrapped, claimed: None })
}

/// What happens to mail: sent, shown to a developer on this machine, or nothing.
fn post(config: &Config, base: &str) -> anyhow::Result<Post> {
    if let Some(settings) = &config.smtp {
        let issuer: Option<http::Uri> = base.parse().ok();
        let host = issuer.as_ref().and_then(http::Uri::host).map(str::to_owned);
        let settings = SmtpSettings { hello: settings.hello.clone().or(host), ..settings.clone() };
        let smtp = Smtp::new(&settings).context("smtp: the settings cannot be used")?;
        return Ok(Post::Smtp(Box::new(smtp)));
    }
    if is_a_developers(config, base) {
        return Ok(Post::Mailbox);
    }
    tracing::warn!("no mail is sent: set smtp.host and smtp.from, or people get no links for new passwords");
    Ok(Post::Nowhere)
}

/// Whether nobody but this machine can reach the server: then letters are shown instead of sent.
pub(crate) fn is_a_developers(config: &Config, base: &str) -> bool {
    let is_here = |address: &ListenAddress| match address {
        ListenAddress::Loopback { .. } => true,
        ListenAddress::Socket(at) => at.ip().is_loopback(),
        ListenAddress::Every { .. } | ListenAddress::Name { .. } => false,
    };
    let issuer: Option<http::Uri> = base.parse().ok();
    let issuer_is_here = issuer.as_ref().and_then(http::Uri::host).is_some_and(is_loopback);
    issuer_is_here && config.listen.iter().all(is_here)
}

/// The right to make the first rows; waits while another node has it.
async fn alone(store: &Store) -> anyhow::Result<JobGuard> {
    const PATIENCE: u32 = 150;
    for _ in 0..PATIENCE {
        if let Some(guard) = store.try_job("bootstrap").await? {
            return Ok(guard);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("another node has been starting on this database for 30 s; see its log")
}
