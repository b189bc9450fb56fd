//! TLS: which certificate the server shows, and how it changes without a restart.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::drain::Shutdown;

/// What ALPN (RFC 7301) calls HTTP/2.
pub(super) const H2: &[u8] = b"h2";
/// What ALPN calls HTTP/1.1.
const HTTP_11: &[u8] = b"http/1.1";
/// Between two looks at the files.
pub const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// The files that a certificate is read from, both PEM (RFC 7468).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those that lead from it to one that clients know.
    pub certificate: PathBuf,
    /// Its private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: PathBuf,
}

/// Why files do not make a certificate that can be shown. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates cannot be read.
    #[error(
        "the certificate file {path} cannot be used: {why}. It must hold PEM certificates, the server's own first"
    )]
    Certificate {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// The key cannot be read.
    #[error(
        "the key file {path} cannot be used: {why}. It must hold one private key in PEM, without a passphrase"
    )]
    Key {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// They do not go together.
    #[error("the certificate {certificate} and the key {key} do not go together: {why}")]
    Pair {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
        /// Why.
        why: rustls::Error,
    },
}

/// Whether files had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReloadedFiles {
    /// They had: new connections see the new certificate.
    Done,
    /// They had not.
    Unchanged,
}

/// The TLS side of a server: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.
#[derive(Debug)]
pub struct Tls {
    files: RwLock<TlsFiles>,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<[Option<Stamp>; 2]>,
}

/// What tells a file from the one that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: (i64, i64),
    length: u64,
    inode: u64,
}

impl From<Metadata> for Stamp {
    fn from(of: Metadata) -> Self {
        Self { modified: (of.mtime(), of.mtime_nsec()), length: of.len(), inode: of.ino() }
    }
}

impl TlsFiles {
    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).ok().map(Stamp::from))
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let seen = Mutex::new(files.stamps());
        let current = RwLock::new(Arc::new(read(&files)?));
        warn_of_open_key(&files.key);
        Ok(Self { files: RwLock::new(files), current, seen })
    }

    /// Reads the files again. New connections see the new certificate, old ones live on.
    ///
    /// # Errors
    /// [`TlsError`]; the certificate from before stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.take(self.files())
    }

    /// Reads these files from now on. New connections see their certificate, old ones live on.
    ///
    /// # Errors
    /// [`TlsError`]; files and certificate from before stay.
    pub fn take(&self, files: TlsFiles) -> Result<(), TlsError> {
        let stamps = files.stamps();
        let fresh = Arc::new(read(&files)?);
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamps;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn files(&self) -> TlsFiles {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// [`reload`](Self::reload) where the files are others than at the last look, whatever came of that.
    ///
    /// # Errors
    /// As [`reload`](Self::reload), once for each change.
    pub fn reload_if_changed(&self) -> Result<ReloadedFiles, TlsError> {
        let files = self.files();
        let stamps = files.stamps();
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == stamps {
            return Ok(ReloadedFiles::Unchanged);
        }
        // Also where they cannot be used: that is said once. Taken before the files are read: a change in between
        // is seen at the next look.
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamps;
        self.take(files).map(|()| ReloadedFiles::Done)
    }

    pub(super) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows the files until the server is told to stop: looks every `pause`. What cannot be used is said in the
    /// log, and the certificate from before stays.
    pub async fn keep_fresh(self: Arc<Self>, pause: Duration, mut shutdown: watch::Receiver<Shutdown>) {
        let mut tick = interval(pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let tls = Arc::clone(&self);
            // A file may lie on a slow network: off the threads that answer.
            let look = tokio::select! {
                _ = shutdown.wait_for(|stage| *stage != Shutdown::NotAsked) => return,
                _ = tick.tick() => tokio::task::spawn_blocking(move || tls.reload_if_changed()),
            };
            match look.await {
                Ok(Ok(ReloadedFiles::Unchanged)) => {}
                Ok(Ok(ReloadedFiles::Done)) => tracing::info!("the TLS certificate was read again"),
                Ok(Err(error)) => tracing::error!("the TLS certificate from before stays in use: {error}"),
                Err(error) => tracing::error!(%error, "the TLS certificate was not looked at"),
            }
        }
    }
}

/// Hang-ups (SIGHUP), which from now on do not end the process. Must be called inside a tokio runtime.
///
/// # Errors
/// The operating system's, if the handler cannot be installed.
pub fn hang_ups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let shown = |path: &Path| path.display().to_string();
    let certificate =
        |why: &dyn ToString| TlsError::Certificate { path: shown(&files.certificate), why: why.to_string() };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| certificate(&why))?;
    if chain.is_empty() {
        return Err(certificate(&"there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|why| TlsError::Key { path: shown(&files.key), why: why.to_string() })?;
    let pair = |why| TlsError::Pair { certificate: shown(&files.certificate), key: shown(&files.key), why };
    // The provider is named, not taken from the process: a test has no `main` that installs one.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    config.alpn_protocols = vec![H2.to_vec(), HTTP_11.to_vec()];
    Ok(config)
}

fn warn_of_open_key(key: &Path) {
    if std::fs::metadata(key).is_ok_and(|of| of.mode() & 0o007 != 0) {
        tracing::warn!("everybody on this machine may read the key file {}: chmod o= it", key.display());
    }
}
