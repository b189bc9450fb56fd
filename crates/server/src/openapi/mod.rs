//! The API description: one `OpenAPI` 3.1 document of every route, at `/openapi.json`.
//!
//! Each route is described by an [`Operation`](operation::Operation) in [`paths`], a file a contract. What the
//! router knows itself (the permission of a management route) is not said twice: the document takes it from
//! there. Tests hold the rest: every route has its description and every description its route, every example
//! fits its schema, and the test kit compares each answer that any test gets with what is described here.

mod document;
mod errors;
pub mod operation;
pub mod paths;
pub mod schema;

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};

use crate::call::answer::{self, JSON};
use crate::state::app::App;

pub use document::{clashes, document};

/// The document as it is served and kept in `docs/openapi.json`.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

static READY: LazyLock<Bytes> = LazyLock::new(|| text().into());

/// `GET /openapi.json`.
pub async fn serve(State(_): State<Arc<App>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    answer::respond(StatusCode::OK, &headers, READY.clone())
}
