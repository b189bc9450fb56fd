//! The router in this process, on the data folder of a server that does not run.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use writ_store::Store;

use super::{ApiReply, ApiRequest, Asker, USER_AGENT, must_exist};
use crate::boot::bootstrap::BootstrapValues;
use crate::boot::start::{self, Sources};
use crate::call::local::LocalOperator;
use crate::config::Config;
use crate::router;
use crate::serve::ListenAddress;
use crate::state::app::App;

/// An open data folder, and the server's parts on it.
pub(in crate::cli) struct Offline {
    app: Arc<App>,
    router: Router,
    operator: LocalOperator,
}

impl Offline {
    /// Opens the folder as the server does, lock and all.
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        must_exist(config)?;
        let store = start::open_store(config).await?;
        match begin(store, config).await {
            Ok(app) => {
                let router = router::router(Arc::clone(&app));
                Ok(Self { app, router, operator: LocalOperator::of_this_process() })
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn send(&self, request: ApiRequest) -> anyhow::Result<ApiReply> {
        let ApiRequest { method, path, tenant, asker, body } = request;
        let mut asked = http::Request::builder().method(method).uri(path);
        asked = asked.header("host", "localhost").header("user-agent", USER_AGENT);
        if let Some(tenant) = tenant {
            asked = asked.header("x-tenant-id", tenant);
        }
        if let Some(content_type) = body.content_type() {
            asked = asked.header("content-type", content_type);
        }
        let mut asked = asked.body(Full::new(Bytes::from(body.into_bytes())))?;
        match asker {
            Asker::Operator => drop(asked.extensions_mut().insert(self.operator.clone())),
            Asker::Request => {}
        }
        let answer = router::answer(&self.app, self.router.clone(), asked, None).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.context("the answer broke off")?.to_bytes();
        let request_id = parts.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        Ok(ApiReply {
            status: parts.status.as_u16(),
            text: String::from_utf8_lossy(&body).into_owned(),
            request_id: request_id.map(str::to_owned),
        })
    }

    /// Writes what waits and lets go of the folder.
    pub(super) async fn close(self) {
        if let Err(error) = self.app.store.flush_notes(self.app.default_tenant).await {
            tracing::warn!("the last notes were not written: {error}");
        }
        self.app.store.close();
    }
}

async fn begin(store: Store, config: &Config) -> anyhow::Result<Arc<App>> {
    if store.sealed_hash_key().await?.is_none() {
        bail!("this database was never started: run `writ serve` on it once");
    }
    let base = base(config);
    let sources = Sources::of_this_machine(|| Ok(BootstrapValues::default()));
    Ok(start::start_with(store, config, &base, sources).await?.app)
}

/// The base URL as the server has it on these settings.
fn base(config: &Config) -> String {
    config.issuer.clone().unwrap_or_else(|| {
        let port = match config.listen.first() {
            Some(
                ListenAddress::Loopback { port }
                | ListenAddress::Every { port }
                | ListenAddress::Name { port, .. },
            ) => *port,
            Some(ListenAddress::Socket(address)) => address.port(),
            None => 8080,
        };
        format!("{}://localhost:{port}", config.front.tls.scheme())
    })
}
