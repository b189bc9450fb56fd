//! `/health/live`: the process answers. `/health/ready`: it can do its work.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderValue};

use crate::call::answer::{JSON, respond};
use crate::state::app::App;
use crate::state::outage::trouble;

const NO_STORE: (http::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// `GET /health/live`.
pub async fn live() -> Response {
    respond(StatusCode::OK, &[(header::CONTENT_TYPE, JSON), NO_STORE], "{\"status\":\"ok\"}")
}

/// `GET /health/ready`: the storage can be read, its last write succeeded, and the signing keys can be opened. After a failed
/// write a new one is tried, so that readiness comes back by itself.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let headers = [(header::CONTENT_TYPE, JSON), NO_STORE];
    match app.not_ready().await {
        None => respond(StatusCode::OK, &headers, "{\"status\":\"ready\"}"),
        Some((reason, why)) => {
            trouble!(app, "not ready: {why}");
            let body = format!("{{\"status\":\"unavailable\",\"reason\":\"{reason}\"}}");
            respond(StatusCode::SERVICE_UNAVAILABLE, &headers, body)
        }
    }
}
