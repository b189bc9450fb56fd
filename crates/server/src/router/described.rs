//! The API description of these routes: `/openapi.json`, and `/docs` for people.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};
use serde_json::Value;

use crate::call::answer::{self, JSON};
use crate::call::request::Call;
use crate::openapi;
use crate::pages::{self, DocsWanted};
use crate::state::app::App;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| openapi::document(&super::managed().finish().1));
static READY: LazyLock<Bytes> = LazyLock::new(|| text().into());

/// The document of every route.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The document as it is served and kept in `docs/openapi.json`.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(document()).unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub(super) async fn serve() -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    answer::respond(StatusCode::OK, &headers, READY.clone())
}

/// `GET /docs`; with `operation` one operation, with `q` what has that text in it.
pub(super) async fn page(State(app): State<Arc<App>>, call: Call) -> Response {
    let query = call.query().ok();
    let given = |name| query.as_ref().and_then(|query| query.get(name)).map(str::trim);
    let wanted = match (given("operation"), given("q").filter(|text| !text.is_empty())) {
        (Some(id), _) => DocsWanted::Operation(id),
        (None, Some(text)) => DocsWanted::With(text),
        (None, None) => DocsWanted::All,
    };
    pages::docs(&app, document(), wanted)
}
