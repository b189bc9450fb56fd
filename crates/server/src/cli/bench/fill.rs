//! `writ bench-fill`: a table that already holds a million tokens, for `cargo xtask bench`.
//!
//! The samples are real: issued by the core's own decision and signed. The rest are rows of the
//! same shape whose token nobody holds.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use writ_core::authenticate::ClientFacts;
use writ_core::change::{Action, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, GrantType, GrantTypes, Naming, NewClient, Party, RedirectUri,
    Registration, TokenFormat, TokenPolicy, generate,
};
use writ_core::client_credentials::{ClientCredentialsRequest, issue};
use writ_core::ids::{ClientId, TenantId, TokenId};
use writ_core::issuing::{IdTokenPolicy, Issuing};
use writ_core::networks::AllowList;
use writ_core::resource::{Resources, Targets, Wanted};
use writ_core::scene::Scene;
use writ_core::scope::Scope;
use writ_core::secret::sha256;
use writ_core::tenant::{NewTenant, TenantSettings};
use writ_core::time::Seconds;
use writ_core::token::{Audience, NewAccessToken};
use writ_jose::{Algorithm, SigningKey};
use writ_store::Plaintext;

use crate::boot::bootstrap::BootstrapValues;
use crate::boot::start::start;
use crate::config::{Config, Database, InsecureIssuer, LogFormat, MetricsAddress};
use crate::edge::access_log::AccessLog;
use crate::outbound::OutboundSettings;
use crate::state::app::App;

const SAMPLES: usize = 1000;
const TOGETHER: usize = 1024;
/// Samples and rows outlive any benchmark.
const LIFETIME: Seconds = Seconds(7 * 86400);

/// What to fill the database with.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// So many tokens, samples included.
    pub tokens: u64,
    /// So many tenants with nothing in them.
    pub tenants: u64,
    /// So many clients of the first tenant.
    pub clients: u64,
}

/// Fills the database of a data folder and prints live samples.
pub fn run(data_dir: &Path, database_url: Option<&str>, amount: Amount) -> anyhow::Result<()> {
    let database = database_url.map(|url| Database {
        url: url.to_owned(),
        ca_file: None,
        plaintext: Plaintext::LoopbackOnly,
    });
    tokio::runtime::Runtime::new()?.block_on(fill(data_dir, database, amount))
}

async fn fill(data_dir: &Path, database: Option<Database>, amount: Amount) -> anyhow::Result<()> {
    let bootstrap = std::fs::read_to_string(data_dir.join("bootstrap.json"))
        .context("start the server once, so that the folder has a bootstrap.json")?;
    let bootstrap: serde_json::Value = serde_json::from_str(&bootstrap)?;
    let (Some(issuer), Some(client_id)) = (
        bootstrap.get("issuer").and_then(|v| v.as_str()),
        bootstrap.pointer("/client/client_id").and_then(|v| v.as_str()),
    ) else {
        bail!("bootstrap.json is not one of ours");
    };
    let config = Config {
        allowed_networks: AllowList::default(),
        breached_passwords: None,
        listen: Vec::new(),
        issuer: None,
        data_dir: data_dir.to_owned(),
        database,
        metrics: MetricsAddress::Off,
        log_format: LogFormat::Auto,
        log_filter: String::new(),
        access_token_alg: Algorithm::Es256,
        id_token_alg: Algorithm::Rs256,
        id_token_claims: writ_core::client::IdTokenClaims::default(),
        naming: Naming::default(),
        key_max_age: writ_core::rotation::MaxAge::Never,
        audit_retention: None,
        master_key: crate::config::MasterKeySource::DataFolder,
        insecure_issuer: InsecureIssuer::Refused,
        rate_limits: crate::edge::limits::RateLimits::Off,
        token_rate: writ_core::client::TokenRate::DEFAULT,
        max_connections: 1,
        per_network: crate::edge::shares::PerNetwork::default(),
        front: crate::config::Front::default(),
        smtp: None,
        outbound: OutboundSettings::default(),
        access_log: AccessLog::Off,
        fsync_delay: Duration::ZERO,
    };
    let app = start(&config, issuer, || Ok(BootstrapValues::default())).await?.app;
    tenants(&app, amount.tenants).await?;
    clients(&app, amount.clients).await?;
    if amount.tokens == 0 {
        app.store.close();
        return Ok(());
    }
    let loaded = app
        .client(client_id.into(), crate::state::rounds::Freshness::Fresh)
        .await
        .map_err(|fault| refused(&fault.error))?;
    let client = loaded.facts.context("the bootstrap client is gone")?;
    let facts = long_lived(&client.facts);
    rows(&app, &facts, amount.tokens).await?;
    samples(&app, &facts).await?;
    app.store.close();
    Ok(())
}

fn long_lived(facts: &ClientFacts) -> ClientFacts {
    let mut client = (*facts.client).clone();
    client.tokens.access_lifetime = LIFETIME;
    ClientFacts { client: Arc::new(client), ..facts.clone() }
}

async fn commit_all(app: &App, units: Vec<Changes>) -> anyhow::Result<()> {
    let tasks = units.into_iter().map(|unit| app.store.commit(unit));
    let mut pending: Vec<_> = tasks.map(Box::pin).collect();
    // All are in the queue at once, so that they share a few commits.
    let mut failed = None;
    std::future::poll_fn(|cx| {
        pending.retain_mut(|unit| match unit.as_mut().poll(cx) {
            std::task::Poll::Pending => true,
            std::task::Poll::Ready(Ok(_)) => false,
            std::task::Poll::Ready(Err(error)) => {
                failed = Some(error);
                false
            }
        });
        if pending.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Tenants `bench-0` and on, as an operator would make them.
async fn tenants(app: &App, count: u64) -> anyhow::Result<()> {
    let numbers: Vec<u64> = (0..count).collect();
    for together in numbers.chunks(TOGETHER) {
        let now = app.clock.now();
        let units = together.iter().map(|number| {
            let id = TenantId::v7(now, app.random.bits());
            let new = NewTenant {
                id,
                slug: format!("bench-{number}").into(),
                name: format!("Tenant {number}").into(),
                settings: TenantSettings::default(),
                created_at: now,
            };
            let unit = Scene::of_system(id, app.moment()).unit(Action::TenantCreated, Target::Tenant(id));
            unit.with(Change::CreateTenant(Box::new(new)))
        });
        commit_all(app, units.collect()).await?;
    }
    Ok(())
}

/// Clients that may do all that a website does, and ask for tokens of their own. Prints the form that does.
async fn clients(app: &App, count: u64) -> anyhow::Result<()> {
    let numbers: Vec<u64> = (0..count).collect();
    let mut out = std::io::stdout().lock();
    for together in numbers.chunks(TOGETHER) {
        let mut units = Vec::with_capacity(together.len());
        for number in together {
            let (changes, form) = client(app, *number);
            writeln!(out, "client {form}")?;
            units.push(changes);
        }
        commit_all(app, units).await?;
    }
    Ok(())
}

/// A client, and the form that asks for a token of its own.
fn client(app: &App, number: u64) -> (Changes, String) {
    let (now, tenant) = (app.clock.now(), app.default_tenant);
    let secret = generate("csec_", &app.hash_key, app.moment());
    let id = ClientId::v7(now, app.random.bits());
    let client = Client {
        id,
        tenant,
        client_id: id.prefixed().into(),
        name: format!("Client {number}").into(),
        kind: ClientKind::Web,
        auth_method: AuthMethod::AnySecret,
        grant_types: GrantTypes::new([
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ]),
        scope: Scope::from_stored("openid email read"),
        tokens: TokenPolicy::default(),
        secrets: vec![secret.stored],
        party: Party::Third,
        enabled: Enabled::Yes,
        version: 1,
    };
    let uris = [format!("https://client-{number}.example/callback"), format!("com.example.c{number}:/cb")];
    let registration = Registration {
        description: Some("Made by the bench".into()),
        redirect_uris: uris.iter().map(|uri| RedirectUri::from_stored(uri)).collect(),
        ..Registration::at(now)
    };
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        client.client_id, *secret.text
    );
    let unit = Scene::of_system(tenant, app.moment()).unit(Action::ClientCreated, Target::Client(id));
    (unit.with(Change::CreateClient(Box::new(NewClient { client, registration }))), form)
}

async fn rows(app: &App, facts: &ClientFacts, tokens: u64) -> anyhow::Result<()> {
    let mut left = usize::try_from(tokens)?.saturating_sub(2 * SAMPLES);
    let total = left;
    let (audience, origin) = (Audience::new([&*facts.issuer]), Origin::default());
    while left > 0 {
        let now = app.clock.now();
        let units = (0..left.min(TOGETHER))
            .map(|_| {
                let id = TokenId::v7(now, app.random.bits());
                let row = NewAccessToken {
                    id,
                    tenant: facts.tenant.id,
                    client: facts.client.id,
                    user: None,
                    grant: None,
                    hash: sha256(&id.to_bytes()),
                    scope: facts.client.scope.clone(),
                    audience: audience.clone(),
                    cnf: None,
                    issued_at: now,
                    expires_at: now.plus(LIFETIME),
                    basis: facts.basis(),
                };
                let scene = Scene::of_client(facts, &origin, app.moment());
                scene
                    .unit(Action::AccessTokenIssued, Target::AccessToken(id))
                    .with(Change::IssueAccessToken(Box::new(row)))
            })
            .collect::<Vec<_>>();
        left -= units.len();
        commit_all(app, units).await?;
        if left % (TOGETHER * 100) < TOGETHER {
            eprintln!("{} of {total}", total - left);
        }
    }
    Ok(())
}

async fn samples(app: &App, facts: &ClientFacts) -> anyhow::Result<()> {
    let keyring =
        app.keyring(facts.tenant.id, facts.tenant.version).await.map_err(|fault| refused(&fault.error))?;
    let mut facts = facts.clone();
    let mut signer = keyring.signing(Algorithm::Es256, app.clock.now()).cloned();
    if signer.is_none() {
        app.make_signing_key(facts.tenant.id, Algorithm::Es256)
            .await
            .map_err(|fault| refused(&fault.error))?;
        let tenant = app.store.tenant_by_id(facts.tenant.id).await?.context("the tenant is gone")?;
        let keyring = app.keyring(tenant.id, tenant.version).await.map_err(|fault| refused(&fault.error))?;
        signer = keyring.signing(Algorithm::Es256, app.clock.now()).cloned();
        facts.tenant = Arc::new(tenant);
    }
    let signer: Arc<SigningKey> = signer.context("no signing key")?;
    let origin = Origin::default();
    let mut out = std::io::stdout().lock();
    for (name, format) in [("jwt", TokenFormat::Jwt(None)), ("opaque", TokenFormat::Opaque)] {
        let mut client = (*facts.client).clone();
        client.tokens.format = format;
        let facts = ClientFacts { client: Arc::new(client), ..facts.clone() };
        let mut units = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let issuing = Issuing {
                facts: &facts,
                origin: &origin,
                moment: app.moment(),
                id_tokens: IdTokenPolicy { algorithm: Algorithm::Es256, claims: app.id_token_claims },
                hash_key: &app.hash_key,
                targets: Targets { known: &Resources::default(), wanted: Wanted::NONE },
                confirmation: None,
            };
            let draft = issue(&ClientCredentialsRequest { scope: None }, &issuing)
                .map_err(|refusal| refused(&refusal.error))?;
            let (issued, changes) = draft.seal(|unsigned| unsigned.seal(&signer, None))?;
            writeln!(out, "{name} {}", issued.access_token)?;
            units.push(changes);
        }
        commit_all(app, units).await?;
    }
    Ok(())
}

/// What the server answers its own filling with, as an error of a command.
fn refused(error: &writ_core::error::OAuthError) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}
