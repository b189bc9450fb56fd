//! Pages for people: where the server is, and what its errors mean. They work without JavaScript
//! and load nothing from elsewhere.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{HeaderMap, HeaderName, StatusCode};
use writ_core::error::{ERRORS, ErrorCode, ErrorEntry};

use crate::answer::{HTML, respond};
use crate::app::App;

/// No script, no frame, no form, nothing from elsewhere; the style is the page's own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'sha256-STYLE'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const STYLE: &str = include_str!("style.css");

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    style: &'a str,
    issuer: &'a str,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    style: &'a str,
    entry: &'a ErrorEntry,
}

#[derive(Template)]
#[template(path = "errors.html")]
struct ErrorIndex<'a> {
    style: &'a str,
    entries: &'a [ErrorEntry],
}

/// `GET /`: what this address is.
pub async fn home(State(app): State<Arc<App>>) -> Response {
    page(StatusCode::OK, &Home { style: STYLE, issuer: &app.base })
}

/// `GET /errors`: every error.
pub async fn error_index() -> Response {
    page(StatusCode::OK, &ErrorIndex { style: STYLE, entries: ERRORS })
}

/// `GET /errors/{code}`: what `error_uri` points at.
pub async fn error_page(State(app): State<Arc<App>>, Path(code): Path<String>) -> Response {
    match ErrorCode::by_page(&code) {
        Some(code) => page(StatusCode::OK, &ErrorPage { style: STYLE, entry: code.entry() }),
        None => not_found(&app),
    }
}

/// The page for an address where nothing is.
pub fn not_found(_app: &App) -> Response {
    page(StatusCode::NOT_FOUND, &ErrorPage { style: STYLE, entry: ErrorCode::NotFound.entry() })
}

/// Whether the caller is a browser that wants to see a page.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HTML),
        (header::CONTENT_SECURITY_POLICY, policy()),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    match template.render() {
        Ok(body) => respond(status, &headers, body),
        Err(error) => {
            tracing::error!("a page could not be made: {error}");
            respond(StatusCode::INTERNAL_SERVER_ERROR, &headers, "")
        }
    }
}

/// The policy with the hash of our style, so that no other style is ever applied.
fn policy() -> HeaderValue {
    use base64::Engine;
    static FILLED: std::sync::OnceLock<HeaderValue> = std::sync::OnceLock::new();
    FILLED
        .get_or_init(|| {
            let hash = base64::engine::general_purpose::STANDARD
                .encode(writ_core::secret::sha256(STYLE.as_bytes()).as_bytes());
            let text = POLICY.to_str().unwrap_or_default().replace("STYLE", &hash);
            HeaderValue::from_str(&text).unwrap_or(POLICY)
        })
        .clone()
}
