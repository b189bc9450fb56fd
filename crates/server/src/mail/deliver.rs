//! The job that sends what is queued: retried with growing pauses, given up in the end, one node at a
//! time. A letter is taken before it is sent, so that a crash in between sends it later, not never.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use writ_core::change::{Action, Details, Target};
use writ_core::excerpt::Excerpt;
use writ_core::scene::Scene;
use writ_core::time::Seconds;
use writ_store::{JobGuard, WaitingMail};

use super::{Post, open};
use crate::call::fault::Fault;
use crate::state::app::App;
use crate::state::outage::trouble;

/// Between two looks into the queue.
const LOOK: Duration = Duration::from_secs(1);
/// Letters sent in one go.
const BATCH: i64 = 50;
/// Pauses after the first tries, seconds; the last one stands for all further ones.
const PAUSES: [i64; 6] = [10, 30, 60, 300, 900, 3600];
/// Tries at the most.
const TRIES: i64 = 20;

/// Sends mail until the server stops; of several nodes one does.
pub async fn run(app: &App) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut right: Option<JobGuard> = None;
    loop {
        tick.tick().await;
        if !right.as_ref().is_some_and(JobGuard::is_held) {
            right = app.store.try_job("mail").await.unwrap_or_else(|error| {
                tracing::debug!("nobody could be asked who sends mail: {error}");
                None
            });
        }
        if right.is_none() {
            continue;
        }
        if let Err(fault) = deliver(app).await {
            trouble!(app, "mail could not be looked at: {}", fault.line());
        }
    }
}

/// Looks into the queue once and sends what is due. Answers how many letters were sent.
///
/// # Errors
/// The storage's. That a letter could not be sent is none: it is tried again.
pub async fn deliver(app: &App) -> Result<usize, Fault> {
    let mut sent = 0;
    for waiting in app.store.mail_due(app.clock.now(), BATCH).await? {
        if deliver_one(app, &waiting).await? == SendOutcome::Sent {
            sent += 1;
        }
    }
    Ok(sent)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SendOutcome {
    Sent,
    NotSent,
}

async fn deliver_one(app: &App, waiting: &WaitingMail) -> Result<SendOutcome, Fault> {
    let (tenant, now, id) = (app.default_tenant, app.clock.now(), waiting.id);
    if waiting.expires_at <= now || waiting.tries >= TRIES {
        let to = open(app, id, &waiting.sealed).ok().and_then(|mail| mail.to);
        return give_up(app, waiting, (to.as_deref(), "its time is over")).await;
    }
    let mail = match open(app, id, &waiting.sealed) {
        Ok(mail) => mail,
        Err(fault) => return give_up(app, waiting, (None, &fault.line())).await,
    };
    let Some(to) = &mail.to else {
        // For nobody, written so that asking for it tells nothing.
        app.store.remove_mail(tenant, id).await?;
        return Ok(SendOutcome::NotSent);
    };
    let Post::Smtp(smtp) = &app.post else { return Ok(SendOutcome::NotSent) };
    let tries = usize::try_from(waiting.tries).unwrap_or(usize::MAX);
    let pause = PAUSES.get(tries).or(PAUSES.last()).copied().unwrap_or(3600);
    // When its time is over it is looked at once more, to be given up.
    let again = now.plus(Seconds(pause)).min(waiting.expires_at);
    if !app.store.take_mail(tenant, waiting, again).await? {
        return Ok(SendOutcome::NotSent);
    }
    match smtp.send((id, waiting.created_at), to, &mail).await {
        Ok(()) => {
            app.mails.sent.fetch_add(1, Ordering::Relaxed);
            app.store.remove_mail(tenant, id).await?;
            Ok(SendOutcome::Sent)
        }
        // RFC 5321 §4.2.1: asking again would get the same answer.
        Err(error) if error.is_final() => {
            app.mails.failed.fetch_add(1, Ordering::Relaxed);
            give_up(app, waiting, (Some(to), &error.to_string())).await
        }
        Err(error) => {
            app.mails.failed.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(mail = %id, tries = waiting.tries + 1, again_in = pause, "mail was not sent: {error}");
            Ok(SendOutcome::NotSent)
        }
    }
}

/// Gives a letter up. Administrators find it in the audit log, the operator in the log.
async fn give_up(app: &App, waiting: &WaitingMail, what: (Option<&str>, &str)) -> Result<SendOutcome, Fault> {
    let (to, why) = what;
    app.store.remove_mail(app.default_tenant, waiting.id).await?;
    // Without a mail server nobody expected it to be sent.
    if !matches!(app.post, Post::Smtp(_)) {
        return Ok(SendOutcome::NotSent);
    }
    app.mails.given_up.fetch_add(1, Ordering::Relaxed);
    tracing::error!(mail = %waiting.id, tries = waiting.tries, "mail was given up: {why}");
    let scene = Scene::of_system(waiting.tenant, app.moment());
    let unit = scene.unit(Action::MailGivenUp, Target::Tenant(waiting.tenant));
    let members = [("to", to.map(str::to_owned)), ("reason", Some(Excerpt::of(why).to_string()))];
    let details = Details::new(members.into_iter().filter_map(|(name, value)| Some((name, value?))));
    app.once(unit.detailed(details)).await?;
    Ok(SendOutcome::NotSent)
}
