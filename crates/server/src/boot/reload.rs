//! SIGHUP: the configuration is read again, and what can change without a restart does.
//!
//! All or nothing: a mistake anywhere, in the file or in a certificate, leaves everything as it was.

use std::sync::Arc;

use tokio::signal::unix::Signal;
use tokio::sync::watch;

use crate::boot::systemd;
use crate::config::settings::{TakesEffect, slots};
use crate::config::{Config, Environment, Every, Flags, FoundValue, Settings, TlsMode};
use crate::serve::{Shutdown, Tls};
use crate::state::app::{App, Live};

/// Gives the log another filter.
pub type SetFilter = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// Follows hang-ups.
pub struct Reloader {
    /// The command line; it cannot change.
    pub flags: Flags<Every>,
    /// What the server was started with.
    pub started: Settings,
    /// What every request shares.
    pub app: Arc<App>,
    /// The certificate, where there is one.
    pub tls: Option<Arc<Tls>>,
    /// Gives the log another filter.
    pub set_filter: SetFilter,
}

/// A setting that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ChangedSetting {
    reload: TakesEffect,
    key: String,
    /// Before and after, for the log.
    text: String,
}

impl Reloader {
    /// Reads everything again at each hang-up, until the server is told to stop.
    pub async fn follow(self, mut hang_up: Signal, mut shutdown: watch::Receiver<Shutdown>) {
        let mut current = self.started.clone();
        let this = Arc::new(self);
        loop {
            tokio::select! {
                _ = shutdown.wait_for(|stage| *stage != Shutdown::NotAsked) => return,
                heard = hang_up.recv() => if heard.is_none() { return },
            }
            systemd::reloading();
            let (reloader, before) = (Arc::clone(&this), current.clone());
            // Files may lie on a slow network: off the threads that answer.
            match tokio::task::spawn_blocking(move || reloader.reload(&before)).await {
                Ok(Ok(after)) => current = after,
                Ok(Err(why)) => tracing::error!("nothing was changed, what held before stays in use: {why}"),
                Err(error) => tracing::error!(%error, "the configuration was not read again"),
            }
            systemd::ready();
        }
    }

    fn reload(&self, before: &Settings) -> Result<Settings, String> {
        let after = Settings::gather(&self.flags, &Environment::of_process());
        let config = Config::of(&after).map_err(|error| error.to_string())?;
        let changed = changes(before, &after);
        self.take_certificate(&config.front.tls)?;
        let has_changed = |key: &str| changed.iter().any(|one| one.key == key);
        if has_changed("log_filter") {
            (self.set_filter)(&config.log_filter)?;
        }
        self.app.live.store(Arc::new(Live::of(&config)));
        self.app.bodies.set_most(config.per_network.body_bytes);
        let taken = texts(&changed, TakesEffect::Hangup);
        let with = if self.tls.is_some() { ", and the TLS certificate with it" } else { "" };
        tracing::info!(changed = %taken, "the configuration was read again{with}");
        // Against the start: what waits still waits at the next hang-up.
        let waiting = texts(&changes(&self.started, &after), TakesEffect::Restart);
        if !waiting.is_empty() {
            tracing::warn!(settings = %waiting, "these wait for a restart");
        }
        Ok(after)
    }

    /// Reads the certificate, from other files where others are named.
    fn take_certificate(&self, mode: &TlsMode) -> Result<(), String> {
        let restart = |what: &str| tracing::warn!("{what} takes a restart");
        match (&self.tls, mode) {
            (None, TlsMode::Off) => Ok(()),
            (None, TlsMode::Files(_) | TlsMode::Development) => {
                restart("speaking TLS");
                Ok(())
            }
            (Some(_), TlsMode::Off) => {
                restart("leaving out TLS");
                Ok(())
            }
            (Some(tls), TlsMode::Files(files)) => tls.take(files.clone()).map_err(|error| error.to_string()),
            (Some(tls), TlsMode::Development) => tls.reload().map_err(|error| error.to_string()),
        }
    }
}

/// What is not what it was, with both values where they may be shown.
fn changes(before: &Settings, after: &Settings) -> Vec<ChangedSetting> {
    let mut changed = Vec::new();
    for slot in slots() {
        let (old, new) = (before.effective(slot), after.effective(slot));
        let value = |found: &Option<FoundValue>| found.as_ref().map(|found| found.raw.clone());
        if value(&old) == value(&new) {
            continue;
        }
        let shown = |found: Option<FoundValue>| {
            found.map_or_else(|| "nothing".to_owned(), |found| found.raw.to_string())
        };
        let key = slot.key();
        let text =
            if slot.is_shown() { format!("{key}: {} → {}", shown(old), shown(new)) } else { key.clone() };
        changed.push(ChangedSetting { reload: slot.setting.reload, key, text });
    }
    changed
}

fn texts(changed: &[ChangedSetting], reload: TakesEffect) -> String {
    let texts = changed.iter().filter(|one| one.reload == reload).map(|one| one.text.as_str());
    texts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::gather(&Flags::<Every>::default(), &Environment::of(pairs))
    }

    #[test]
    fn a_change_says_what_it_was_and_is_but_never_a_secret() {
        let before = settings(&[("WRIT_LOG", "debug"), ("WRIT_DATABASE_URL", "postgres://a:old@h/d")]);
        let after = settings(&[("WRIT_LISTEN", ":1"), ("WRIT_DATABASE_URL", "postgres://a:new@h/d")]);
        let changed = changes(&before, &after);
        assert_eq!(texts(&changed, TakesEffect::Hangup), "log_filter: debug → info");
        assert_eq!(texts(&changed, TakesEffect::Restart), "listen: localhost:8080 → :1; database_url");
    }

    #[test]
    fn where_a_value_stands_is_no_change() {
        let flags = Flags::<Every>::default().with("log_filter", "debug");
        let by_flag = Settings::gather(&flags, &Environment::default());
        assert_eq!(changes(&settings(&[("WRIT_LOG", "debug")]), &by_flag), Vec::new());
    }
}
