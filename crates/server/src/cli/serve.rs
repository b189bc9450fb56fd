//! `writ serve`: from settings to a server that answers, and to its clean end.

use std::io::{IsTerminal, Write as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::ServeArgs;
use crate::app::Bench;
use crate::bootstrap::BootstrapValues;
use crate::config::{Config, LogFormat, MetricsAddress};
use crate::front::{self, TlsMode};
use crate::serve::{Control, LOOK_AGAIN, Limits, Tls, bind, hang_ups, serve, serve_tls, shutdown_signal};
use crate::start::{Started, start};
use crate::{dev_tls, jobs, router};

/// Runs until a signal.
pub fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let config = Config::load(args)?;
    logs(&config)?;
    let bench = if args.bench_ceiling { Bench::Ceiling } else { Bench::Off };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("writ-worker")
        .build()
        .context("the runtime could not be started")?;
    runtime.block_on(run_until_signal(&config, bench))
}

fn logs(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log_filter).context("log_filter is not right")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let human = match config.log_format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    if human {
        builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}

async fn run_until_signal(config: &Config, bench: Bench) -> anyhow::Result<()> {
    let shutdown = shutdown_signal().context("signals cannot be caught")?;
    // Before anything is written: a taken port must leave nothing behind.
    let listeners = bind(&config.listen).await?;
    let metrics = match &config.metrics {
        MetricsAddress::Off => Vec::new(),
        MetricsAddress::At(address) => bind(std::slice::from_ref(address)).await?,
        MetricsAddress::Usual(address) => bind(std::slice::from_ref(address)).await.unwrap_or_else(|error| {
            tracing::warn!("no /metrics: {error}. Set metrics_listen to an address, or to off");
            Vec::new()
        }),
    };
    let redirect = match &config.front.redirect {
        Some(address) => bind(std::slice::from_ref(address)).await?,
        None => Vec::new(),
    };
    let given = match &config.front.tls {
        TlsMode::Off => None,
        TlsMode::Files(files) => Some(Tls::load(files.clone())?),
        TlsMode::Development => {
            let is_local =
                |listener: &TcpListener| listener.local_addr().is_ok_and(|at| at.ip().is_loopback());
            anyhow::ensure!(
                listeners.iter().all(is_local),
                "dev_tls: its certificate is for this machine alone; listen on localhost, or set tls_cert and tls_key"
            );
            None
        }
    };
    let hang_ups = if config.front.tls == TlsMode::Off { None } else { Some(hang_ups()?) };
    let port =
        listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(0, |address| address.port());
    let base =
        config.issuer.clone().unwrap_or_else(|| format!("{}://localhost:{port}", config.front.tls.scheme()));

    let Started { app, bootstrapped } =
        start(config, &base, bench, BootstrapValues::from_environment).await?;
    let tls = match &config.front.tls {
        TlsMode::Off | TlsMode::Files(_) => given,
        TlsMode::Development => {
            // Only now is the data folder there and ours alone.
            let files = dev_tls::files(&config.data_dir, app.clock.now())?;
            let certificate = files.certificate.display();
            tracing::warn!("TLS is for development: clients have to be told to trust {certificate}");
            Some(Tls::load(files)?)
        }
    };
    let tls = tls.map(Arc::new);
    match &bootstrapped {
        Some(made) => made.announce(&mut std::io::stdout().lock(), std::io::stdout().is_terminal())?,
        None if std::io::stdout().is_terminal() => {
            // A closed terminal is no reason not to serve.
            let _ = writeln!(std::io::stdout(), "Writ is ready at {base}");
        }
        None => {}
    }
    drop(bootstrapped);
    let (listen, metrics_listen, redirects) =
        (addresses(&listeners), addresses(&metrics), addresses(&redirect));
    tracing::info!(issuer = %base, %listen, metrics = %metrics_listen, redirect = %redirects, data_dir = %config.data_dir.display(), "ready");

    let jobs = tokio::spawn(jobs::run(Arc::clone(&app), shutdown.clone()));
    let control = Control {
        limits: Limits { max_connections: config.max_connections.max(1), ..Limits::default() },
        meters: Arc::clone(&app.connections),
        shutdown: shutdown.clone(),
    };
    let side = Control {
        meters: Arc::default(),
        limits: Limits { max_connections: 64, ..Limits::default() },
        shutdown: shutdown.clone(),
    };
    // Nothing of the redirect's is worth keeping a connection for.
    let limits = Limits { max_connections: 1024, keep_alive: Duration::from_secs(5), ..Limits::default() };
    let way = Control { meters: Arc::default(), limits, shutdown: shutdown.clone() };
    let fresh =
        tls.clone().zip(hang_ups).map(|(tls, hang_ups)| tls.keep_fresh(hang_ups, LOOK_AGAIN, shutdown));
    let fresh = fresh.map(tokio::spawn);
    let proxies = config.front.proxies.clone();
    let front = front::handler(Arc::clone(&app), router::router(Arc::clone(&app)), proxies);
    let back = router::handler(Arc::clone(&app), router::metrics_router(Arc::clone(&app)));
    let main = async {
        match tls {
            Some(tls) => serve_tls(listeners, front, control, tls).await,
            None => serve(listeners, front, control).await,
        }
    };
    let (summary, _, _) =
        tokio::join!(main, serve(metrics, back, side), serve(redirect, front::redirect(&base), way));
    drop(fresh);
    // Ends with the signal; what it was doing is safe to leave.
    drop(jobs.await);
    if let Err(error) = app.store.flush_notes(app.default_tenant).await {
        tracing::warn!("the last notes were not written: {error}");
    }
    app.store.close();
    tracing::info!(connections = summary.accepted, drained = ?summary.drained, "stopped");
    Ok(())
}

/// The addresses that were really bound, a chosen port included.
fn addresses(listeners: &[TcpListener]) -> String {
    let bound = listeners.iter().filter_map(|listener| listener.local_addr().ok());
    bound.map(|address| address.to_string()).collect::<Vec<_>>().join(",")
}
