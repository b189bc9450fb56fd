//! `writ serve`: from settings to a server that answers, and to its clean end.

use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};

use super::ServeArgs;
use crate::boot::bootstrap::{BootstrapValues, Bootstrapped};
use crate::boot::dev_tls;
use crate::boot::front;
use crate::boot::jobs;
use crate::boot::local::LocalSocket;
use crate::boot::reload::{Reloader, SetFilter};
use crate::boot::start::{StartedServer, keep, start};
use crate::boot::systemd::{self, Inherited};
use crate::config::{Config, Environment, Every, Flags, LogFormat, MetricsAddress, Raw, Settings, TlsMode};
use crate::router;
use crate::serve::{
    ConnectionLimits, Control, Drained, LOOK_AGAIN, ListenAddress, Shutdown, Tls, bind, hang_ups, serve,
    serve_tls, shutdown_signal,
};
use crate::state::app::App;
use crate::state::clock::{Clock as _, SystemClock};

const LISTEN: &str = "--listen";
const METRICS: &str = "--metrics-listen";
const REDIRECT: &str = "--redirect-listen";

/// Runs until a signal.
pub fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    // Before there is another thread: it takes its variables out of the environment.
    let inherited = systemd::inherited()?;
    let environment = Environment::of_process();
    let settings = Settings::gather(&args.settings, &environment);
    let is_json = settings.find("log_format").is_some_and(|found| found.raw == Raw::Text("json".to_owned()));
    match run_with(args, (environment, settings, inherited)) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if is_json => {
            eprintln!("{}", as_json(&error));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error),
    }
}

fn run_with(args: &ServeArgs, read: (Environment, Settings, Inherited)) -> anyhow::Result<()> {
    let (environment, settings, inherited) = read;
    let mut config = Config::of(&settings)?;
    config.fsync_delay = Duration::from_millis(args.test_fsync_delay_ms);
    let set_filter = logs(&config)?;
    for stranger in environment.strangers(&super::variables()) {
        tracing::warn!("{stranger}");
    }
    let given = ServeInput {
        router: main_router(args),
        flags: args.settings.clone(),
        settings,
        set_filter,
        inherited,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("writ-worker")
        .build()
        .context("the runtime could not be started")?;
    runtime.block_on(run_until_signal(&config, given))
}

/// What the process was given, beside what its settings mean.
struct ServeInput {
    router: fn(Arc<App>) -> Router,
    flags: Flags<Every>,
    settings: Settings,
    set_filter: SetFilter,
    inherited: Inherited,
}

/// What answers where the server listens.
#[cfg(not(feature = "bench"))]
fn main_router(_: &ServeArgs) -> fn(Arc<App>) -> Router {
    router::router
}

/// What answers where the server listens: with the benchmark's ceiling where it is asked for.
#[cfg(feature = "bench")]
fn main_router(args: &ServeArgs) -> fn(Arc<App>) -> Router {
    if args.bench_ceiling { router::router_with_ceiling } else { router::router }
}

/// Starts the log, and gives what changes its filter.
fn logs(config: &Config) -> anyhow::Result<SetFilter> {
    let filter =
        filter_of(&config.log_filter).map_err(anyhow::Error::msg).context("log_filter is not right")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let human = match config.log_format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    if human {
        let builder = builder.with_ansi(std::io::stderr().is_terminal()).with_target(false);
        let builder = builder.with_filter_reloading();
        let handle = builder.reload_handle();
        builder.init();
        Ok(Box::new(move |text| handle.reload(filter_of(text)?).map_err(|error| error.to_string())))
    } else {
        let builder = builder.json().flatten_event(true).with_filter_reloading();
        let handle = builder.reload_handle();
        builder.init();
        std::panic::set_hook(Box::new(log_panic));
        Ok(Box::new(move |text| handle.reload(filter_of(text)?).map_err(|error| error.to_string())))
    }
}

/// A panic as a line of the log: what the standard library writes is none.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    let why = panic.payload_as_str().unwrap_or("a panic without a text");
    tracing::error!(at, "panicked: {why}");
}

/// Why the server does not start, as a line of the log where that is asked to be JSON.
fn as_json(error: &anyhow::Error) -> String {
    let level = "ERROR";
    let now = SystemClock::default().now();
    let timestamp = jiff::Timestamp::from_microsecond(now.0).map(|at| at.to_string()).unwrap_or_default();
    serde_json::json!({ "timestamp": timestamp, "level": level, "message": format!("{error:#}") }).to_string()
}

/// What is logged. The TLS library warns of each farewell that some clients send, so that anybody could fill the log: it
/// speaks of errors alone where the filter does not name it.
fn filter_of(text: &str) -> Result<EnvFilter, String> {
    let filter = EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    let has_warnings = filter.max_level_hint().is_none_or(|most| most >= LevelFilter::WARN);
    if text.contains("rustls") || !has_warnings {
        return Ok(filter);
    }
    let quiet = "rustls=error".parse::<Directive>().map_err(|error| error.to_string())?;
    Ok(filter.add_directive(quiet))
}

/// Sockets that systemd holds, or those that the settings name.
async fn sockets(
    handed: Vec<std::net::TcpListener>,
    named: &[ListenAddress],
    flag: &'static str,
) -> anyhow::Result<Vec<TcpListener>> {
    if handed.is_empty() {
        return bind_by(named, flag).await;
    }
    Ok(handed.into_iter().map(TcpListener::from_std).collect::<Result<_, _>>()?)
}

/// Binds, or says why not with the flag that another address is given by.
async fn bind_by(named: &[ListenAddress], flag: &'static str) -> anyhow::Result<Vec<TcpListener>> {
    bind(named).await.map_err(|error| anyhow::anyhow!("{}", error.with_flag(flag)))
}

async fn run_until_signal(config: &Config, given: ServeInput) -> anyhow::Result<()> {
    let shutdown = shutdown_signal().context("signals cannot be caught")?;
    // From here on a hang-up does not end the process.
    let hang_up = hang_ups().context("signals cannot be caught")?;
    let ServeInput { router, flags, settings, set_filter, inherited } = given;
    // Before anything is written: a taken port must leave nothing behind.
    let listeners = sockets(inherited.main, &config.listen, LISTEN).await?;
    let metrics = match &config.metrics {
        _ if !inherited.metrics.is_empty() => sockets(inherited.metrics, &[], METRICS).await?,
        MetricsAddress::Off => Vec::new(),
        MetricsAddress::At(address) => bind_by(std::slice::from_ref(address), METRICS).await?,
        MetricsAddress::Usual(address) => {
            bind_by(std::slice::from_ref(address), METRICS).await.unwrap_or_else(|error| {
                tracing::warn!("no /metrics: {error}. Set metrics_listen to an address, or to off");
                Vec::new()
            })
        }
    };
    let redirect = sockets(inherited.redirect, config.front.redirect.as_slice(), REDIRECT).await?;
    let certificate = match &config.front.tls {
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
    let port =
        listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(0, |address| address.port());
    let base = config.base(port);

    let StartedServer { app, bootstrapped, claimed } =
        start(config, &base, BootstrapValues::from_environment).await?;
    let tls = match &config.front.tls {
        TlsMode::Off | TlsMode::Files(_) => certificate,
        TlsMode::Development => {
            // Only now is the data folder there and ours alone.
            let files = dev_tls::files(&config.data_dir, app.clock.now())?;
            let certificate = files.certificate.display();
            tracing::warn!("TLS is for development: clients have to be told to trust {certificate}");
            Some(Tls::load(files)?)
        }
    };
    let tls = tls.map(Arc::new);
    announce(bootstrapped.as_ref(), &base)?;
    let socket = LocalSocket::open(config);
    drop(bootstrapped);
    let (listen, metrics_listen, redirects) =
        (addresses(&listeners), addresses(&metrics), addresses(&redirect));
    // What there is nothing of is left out.
    let some = |text: String| (!text.is_empty()).then(|| tracing::field::display(text));
    let (metrics_listen, redirects) = (some(metrics_listen), some(redirects));
    tracing::info!(issuer = %base, %listen, metrics = metrics_listen, redirect = redirects, data_dir = %config.data_dir.display(), "ready");

    let jobs = tokio::spawn(jobs::run(Arc::clone(&app), shutdown.clone()));
    let claim = claimed.map(|claimed| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { keep(claimed, &app).await })
    });
    let [control, side, way] = controls(config, &app, &shutdown);
    let fresh = tls.clone().map(|tls| tokio::spawn(tls.keep_fresh(LOOK_AGAIN, shutdown.clone())));
    let reloader = Reloader { flags, started: settings, app: Arc::clone(&app), tls: tls.clone(), set_filter };
    let reloads = tokio::spawn(reloader.follow(hang_up, shutdown.clone()));
    tokio::spawn(tell_of_the_end(shutdown));
    let front = front::handler(Arc::clone(&app), router(Arc::clone(&app)));
    let back = router::handler(Arc::clone(&app), router::metrics_router(Arc::clone(&app)));
    let local = async {
        if let Some(socket) = socket {
            socket.serve(Arc::clone(&app), side.clone()).await;
        }
    };
    let main = async {
        match tls {
            Some(tls) => serve_tls(listeners, front, control, tls).await,
            None => serve(listeners, front, control).await,
        }
    };
    systemd::ready();
    let (summary, _, _, ()) = tokio::join!(
        main,
        serve(metrics, back, side.clone()),
        serve(redirect, front::redirect(&base), way),
        local
    );
    drop((fresh, reloads));
    claim.iter().for_each(tokio::task::JoinHandle::abort);
    // Ends with the signal; what it was doing is safe to leave.
    drop(jobs.await);
    if let Err(error) = app.store.flush_last_notes(app.default_tenant).await {
        tracing::warn!("the last notes were not written: {error}");
    }
    app.store.close();
    match summary.drained {
        Drained::Clean => tracing::info!("stopped"),
        Drained::Cut(cut) => tracing::warn!(connections_cut = cut, "stopped"),
    }
    Ok(())
}

/// How connections are treated at the main address, at those of the operator, and at that of the redirect.
fn controls(config: &Config, app: &App, shutdown: &watch::Receiver<Shutdown>) -> [Control; 3] {
    let most = config.max_connections.max(1);
    let of_network = config.per_network.connections_of(most);
    let main = ConnectionLimits {
        max_connections: most,
        max_connections_per_network: of_network,
        ..ConnectionLimits::default()
    };
    let side = ConnectionLimits { max_connections: 64, ..ConnectionLimits::default() };
    // Nothing of the redirect's is worth keeping a connection for.
    let way = ConnectionLimits {
        max_connections: 1024,
        keep_alive: Duration::from_secs(5),
        ..ConnectionLimits::default()
    };
    let meters = [Arc::clone(&app.connections), Arc::default(), Arc::default()];
    let mut meters = meters.into_iter();
    [main, side, way].map(|limits| Control {
        limits,
        meters: meters.next().unwrap_or_default(),
        shutdown: shutdown.clone(),
    })
}

async fn tell_of_the_end(mut shutdown: watch::Receiver<Shutdown>) {
    if shutdown.wait_for(|stage| *stage != Shutdown::NotAsked).await.is_ok() {
        systemd::stopping();
    }
}

/// What whoever started it is told on standard output.
fn announce(bootstrapped: Option<&Bootstrapped>, base: &str) -> anyhow::Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    match bootstrapped {
        Some(made) => made.announce(&mut std::io::stdout().lock(), is_terminal)?,
        None if is_terminal => {
            // A closed terminal is no reason not to serve.
            let _ = writeln!(std::io::stdout(), "Writ is ready at {base}");
        }
        None => {}
    }
    Ok(())
}

/// The addresses that were really bound, a chosen port included.
fn addresses(listeners: &[TcpListener]) -> String {
    let bound = listeners.iter().filter_map(|listener| listener.local_addr().ok());
    bound.map(|address| address.to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clients that say farewell in TLS are no matter for the operator; whoever looks for something there names it.
    #[test]
    fn what_peers_say_in_tls_is_logged_where_it_is_asked_for() {
        let shown = |text: &str| filter_of(text).map(|filter| filter.to_string());
        for (text, is_quiet) in
            [("info", true), ("info,writ_server=debug", true), ("info,rustls=debug", false), ("off", false)]
        {
            assert_eq!(shown(text).map(|all| all.contains("rustls=error")), Ok(is_quiet), "{text}");
        }
        assert!(filter_of("info,=").is_err());
    }
}
