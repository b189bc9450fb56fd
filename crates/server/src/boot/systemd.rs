//! What systemd hands over and wants to hear: sockets that it holds (`LISTEN_FDS`), and how far the service is
//! (`NOTIFY_SOCKET`). Without systemd nothing here does anything.

use std::net::TcpListener;

use anyhow::Context as _;
use listenfd::ListenFd;
use sd_notify::NotifyState;

/// Sockets that were handed over, by what they are for.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Instead of `listen`: those with any name but the two below.
    pub main: Vec<TcpListener>,
    /// Instead of `metrics_listen`: `FileDescriptorName=metrics`.
    pub metrics: Vec<TcpListener>,
    /// Instead of `redirect_listen`: `FileDescriptorName=redirect`.
    pub redirect: Vec<TcpListener>,
}

/// Takes the sockets that are meant for this process (`LISTEN_PID`). Called once, before there is another thread.
///
/// # Errors
/// One of them is not a listening TCP socket.
#[expect(clippy::disallowed_methods, reason = "the outermost layer reads the environment")]
pub fn inherited() -> anyhow::Result<Inherited> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let mut sockets = ListenFd::from_env();
    let mut inherited = Inherited::default();
    for at in 0..sockets.len() {
        let name = names.next().unwrap_or_default();
        let taken = sockets.take_tcp_listener(at);
        let listener = taken.with_context(|| {
            format!(
                "socket {at} ({name:?}), handed over by systemd, is not a TCP socket; see its ListenStream="
            )
        })?;
        let Some(listener) = listener else { continue };
        // A socket unit may hold it blocking.
        listener.set_nonblocking(true)?;
        match name {
            "metrics" => inherited.metrics.push(listener),
            "redirect" => inherited.redirect.push(listener),
            _ => inherited.main.push(listener),
        }
    }
    Ok(inherited)
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd was not told: {error}");
    }
}

/// The server answers.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("systemd was not told: {error}"),
    }
}

/// The server is on its way out.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}
