//! The job that fetches logos of clients from where they say that theirs are (`logo_uri`, RFC 7591 §2): once when a client
//! is registered or changed, and again when one is shown after its time. What comes is drawn anew before it is kept. An
//! address that gives no picture costs a few calls and nobody's time.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use writ_core::client::{DueLogo, LOGOS_MOST};
use writ_core::look::{Picture, PictureKind};
use writ_store::JobGuard;

use crate::call::fault::Fault;
use crate::outbound::{Ask, Bounds};
use crate::pictures;
use crate::state::app::App;
use crate::state::outage::trouble;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// What a call may cost.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(5), bytes: pictures::BYTES_MOST };
/// What can be drawn anew.
const ACCEPT: &str = "image/png, image/webp, image/jpeg";

/// Fetches logos until the server stops; of several nodes one does.
pub async fn run(app: &Arc<App>) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut right: Option<JobGuard> = None;
    loop {
        tick.tick().await;
        if let Err(fault) = tell_missed(app).await {
            trouble!(app, "logos of clients that are to be fetched could not be told: {}", fault.line());
        }
        if !right.as_ref().is_some_and(JobGuard::is_held) {
            right = app.store.try_job("logos").await.unwrap_or_else(|error| {
                tracing::debug!("nobody could be asked who fetches logos of clients: {error}");
                None
            });
        }
        if right.is_some()
            && let Err(fault) = fetch_due(app).await
        {
            trouble!(app, "logos of clients could not be looked for: {}", fault.line());
        }
    }
}

/// Looks once: which logos were missed on pages, and which are to be fetched. All of these are.
///
/// # Errors
/// The storage's. That a logo could not be had is none.
pub async fn fetch_all(app: &Arc<App>) -> Result<(), Fault> {
    tell_missed(app).await?;
    fetch_due(app).await
}

async fn tell_missed(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    for missed in app.missed_logos.take() {
        app.store.client_logo_is_missed(missed, now).await?;
    }
    Ok(())
}

async fn fetch_due(app: &Arc<App>) -> Result<(), Fault> {
    let mut tasks = JoinSet::new();
    for due in app.store.client_logos_due(app.clock.now()).await? {
        let app = Arc::clone(app);
        tasks.spawn(async move { look_for(&app, &due).await });
    }
    let mut first = Ok(());
    while let Some(looked) = tasks.join_next().await {
        first = first.and(looked.map_err(Fault::internal).and_then(|looked| looked));
    }
    first
}

async fn look_for(app: &App, due: &DueLogo) -> Result<(), Fault> {
    let found = match fetched(app, due).await {
        Ok(found) => Some(found),
        Err(why) => {
            tracing::info!(client = %due.client, uri = &*due.uri, "the logo of a client cannot be had: {why}");
            None
        }
    };
    let search = due.after(found, app.clock.now());
    Ok(app.store.client_logo_looked_for(due, search).await?)
}

/// What lies there, drawn anew; or why there is nothing that can be shown. That is for the log: whoever registers would
/// learn about networks that they cannot reach.
async fn fetched(app: &App, due: &DueLogo) -> Result<Picture, String> {
    let kept =
        app.store.client_logos_count(due.tenant, due.client).await.map_err(|error| error.to_string())?;
    if kept >= LOGOS_MOST {
        return Err(format!("its tenant has {LOGOS_MOST} already"));
    }
    let ask = Ask { uri: &due.uri, accept: ACCEPT, tenant: due.tenant, bounds: BOUNDS };
    let fetched = app.outbound.get(ask).await.map_err(|error| error.to_string())?;
    let drawn = pictures::apart(move || pictures::logo(PictureKind::ClientLogo, &fetched.body)).await;
    drawn.ok_or_else(|| "it is no PNG, JPEG or WebP, or too large".to_owned())
}
