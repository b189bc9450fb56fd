//! The three ways to the management API: the router in this process while no server runs, the
//! socket of the one that does, and a server's address with an API key.

mod offline;
mod remote;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use offline::Offline;
use remote::Http;
use serde_json::Value;
use writ_store::OpenError;

use super::place::ConnectFlags;
use crate::config::Config;

/// How long a command waits for a server that starts or ends, or for another command.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// What commands call themselves in the audit log.
const USER_AGENT: &str = concat!("writ-cli/", env!("CARGO_PKG_VERSION"));

/// How a request says who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// As the operator of the machine, or with the API key.
    Operator,
    /// By what is in the request itself.
    Request,
}

/// A request's body.
#[derive(Debug, Clone)]
pub(super) enum RequestBody {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Form parameters, encoded.
    Form(String),
}

impl RequestBody {
    fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Form(text) => text.into_bytes(),
        }
    }
}

/// A request of the management API.
#[derive(Debug, Clone)]
pub(super) struct ApiRequest {
    /// The method.
    pub method: &'static str,
    /// The path, with its query.
    pub path: String,
    /// The tenant's row id for `X-Tenant-ID`.
    pub tenant: Option<String>,
    /// Who asks.
    pub asker: Asker,
    /// The body.
    pub body: RequestBody,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub(super) struct ApiReply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub text: String,
    /// The id under which the server's log has more.
    pub request_id: Option<String>,
}

/// A way to the management API.
pub(super) enum ApiTransport {
    /// The router in this process.
    Offline(Box<Offline>),
    /// The socket of the server that runs on the data folder.
    Socket(Http),
    /// A server's address.
    Remote(Http),
}

impl ApiTransport {
    /// Opens the way that the settings mean: an address where one is named, else the socket of a
    /// running server, else the data folder itself.
    pub(super) async fn open(place: &ConnectFlags) -> anyhow::Result<Self> {
        if let Some(server) = &place.server {
            return Ok(Self::Remote(Http::to_server(server, place)?));
        }
        let config = place.config()?;
        let begin = Instant::now();
        loop {
            if let Some(socket) = Http::to_socket(&config).await? {
                return Ok(Self::Socket(socket));
            }
            match Offline::open(&config).await {
                Ok(offline) => return Ok(Self::Offline(Box::new(offline))),
                Err(error) if !is_locked(&error) => return Err(error),
                Err(_) if begin.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    return Err(error).with_context(|| unreachable_server(&config));
                }
            }
        }
    }

    pub(super) async fn send(&self, request: ApiRequest) -> anyhow::Result<ApiReply> {
        match self {
            Self::Offline(offline) => offline.send(request).await,
            Self::Socket(http) | Self::Remote(http) => http.send(request).await,
        }
    }

    /// Lets go of the data folder, with everything written.
    pub(super) async fn close(self) {
        match self {
            Self::Offline(offline) => offline.close().await,
            Self::Socket(_) | Self::Remote(_) => {}
        }
    }
}

fn is_locked(error: &anyhow::Error) -> bool {
    error.downcast_ref::<OpenError>().is_some_and(|error| matches!(error, OpenError::Locked { .. }))
}

fn unreachable_server(config: &Config) -> String {
    format!(
        "a process holds {} but does not answer at {}. If it is a server, its log says why it has no \
         socket; reach it with --server URL and an API key",
        config.data_dir.display(),
        config.data_dir.join(crate::boot::local::SOCKET_FILE).display()
    )
}

/// Refuses a folder that no server has ever started on: a slip of the pen must not make a new one.
fn must_exist(config: &Config) -> anyhow::Result<()> {
    if config.database.is_none() && !config.data_dir.join("writ.db").is_file() {
        bail!(
            "there is no Writ in {}. Name its folder with --data-dir, or start the server there once with \
             `writ serve --data-dir {}`",
            config.data_dir.display(),
            config.data_dir.display()
        );
    }
    Ok(())
}
