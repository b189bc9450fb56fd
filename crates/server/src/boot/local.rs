//! The operator of the machine: whoever may open the data folder may manage the server, through the
//! socket in that folder while a server runs, and on the folder itself while none does.
//!
//! That a request comes from there is a fact of its connection. It is kept in an extension of the
//! request, which nothing that is sent over a network can set, and which this crate alone can make.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use http::Request;
use hyper::body::Incoming;
use nix::unistd::Uid;
use tokio::net::UnixListener;

use crate::call::local::LocalOperator;
use crate::config::Config;
use crate::router;
use crate::serve::{ConnectionFacts, Control, Handler, Transport, serve_local};
use crate::state::app::App;

/// The name of the socket in the data folder.
pub const SOCKET_FILE: &str = "writ.sock";
/// The folder in which a socket is made, closed to everybody else, before it gets its name.
const MAKING: &str = "writ.sock.tmp";
/// The file that a process on a data folder holds a lock on.
const LOCK_FILE: &str = "writ.lock";

/// Whether a user may manage this process: the one that it runs as, and the one who may do everything.
fn may_manage(uid: u32) -> bool {
    uid == Uid::effective().as_raw() || Uid::from_raw(uid).is_root()
}

/// The socket of a running server.
pub struct LocalSocket {
    path: PathBuf,
    listener: UnixListener,
    /// On PostgreSQL nothing else holds the lock of a node's folder.
    _lock: Option<File>,
}

impl LocalSocket {
    /// Makes the socket of a data folder whose lock this process holds, in the place of one that a
    /// killed server left. Without one the server serves all the same, and says so.
    pub fn open(config: &Config) -> Option<Self> {
        match Self::bind(config) {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::warn!("no socket for commands on this machine: {error:#}. They need --server then");
                None
            }
        }
    }

    fn bind(config: &Config) -> anyhow::Result<Self> {
        let folder = &config.data_dir;
        let lock = config.database.is_some().then(|| lock(folder)).transpose()?;
        let path = folder.join(SOCKET_FILE);
        let listener = make(folder, &path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { path, listener, _lock: lock })
    }

    /// Answers what comes through it until the server is asked to stop, then takes it away: while the
    /// lock is still held, so that another server's cannot be in its place.
    pub async fn serve(self, app: Arc<App>, control: Control) {
        let router = router::router(Arc::clone(&app));
        serve_local(self.listener, handler(app, router), control).await;
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket could not be removed");
        }
    }
}

/// Nodes of a PostgreSQL database that share a folder: the first has the socket.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).with_context(|| format!("{} cannot be used", path.display()))?;
    file.try_lock().map_err(|_| anyhow::anyhow!("another server uses {}", folder.display()))?;
    Ok(file)
}

/// Bound where nobody else can reach it, closed to everybody else, and only then given its name.
fn make(folder: &Path, path: &Path) -> std::io::Result<UnixListener> {
    let making = folder.join(MAKING);
    let _ = std::fs::remove_dir_all(&making);
    DirBuilder::new().mode(0o700).create(&making)?;
    let made = making.join("s");
    let bound = UnixListener::bind(&made).and_then(|listener| {
        std::fs::set_permissions(&made, Permissions::from_mode(0o600))?;
        std::fs::rename(&made, path)?;
        Ok(listener)
    });
    let _ = std::fs::remove_dir_all(&making);
    bound
}

/// A router as the handler of the socket's connections.
fn handler(app: Arc<App>, router: Router) -> impl Handler {
    move |mut request: Request<Incoming>, facts: ConnectionFacts| {
        let (app, router) = (Arc::clone(&app), router.clone());
        if let Transport::Local { uid } = facts.transport
            && may_manage(uid)
        {
            request.extensions_mut().insert(LocalOperator::of(uid));
        }
        async move { router::answer(&app, router, request, None).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_for_its_owner_and_replaces_what_a_killed_server_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SOCKET_FILE);
        drop(make(folder.path(), &path).unwrap());
        assert!(path.exists(), "as after a kill");
        let listener = make(folder.path(), &path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!folder.path().join(MAKING).exists());
        let connected = tokio::net::UnixStream::connect(&path).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        assert!(may_manage(accepted.peer_cred().unwrap().uid()));
        drop(connected);
    }

    #[test]
    fn a_stranger_may_not_manage_it() {
        assert!(!may_manage(4_000_000_000));
    }

    #[test]
    fn a_folder_has_one_lock() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        assert!(lock(folder.path()).is_err());
        drop(held);
    }
}
