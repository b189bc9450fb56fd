//! Answers: JSON bodies, errors in RFC 6749's shape, and the headers that belong to them.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderName, StatusCode};
use writ_core::error::{Challenge, ErrorCode, OAuthError};

use crate::app::App;
use crate::fault::Fault;

/// The media type of JSON.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The media type of a page.
pub const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A response from its parts.
pub fn respond(status: StatusCode, headers: &[(HeaderName, HeaderValue)], body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

/// A JSON answer that no cache may keep (RFC 6749 §5.1).
pub fn json_no_store(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    respond(status, &headers, body.into())
}

/// An error in the shape of RFC 6749 §5.2, with `error_uri`, and its line in the log.
pub fn error(app: &App, fault: &Fault) -> Response {
    let error = &fault.error;
    let entry = error.code().entry();
    let status = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::json!({
        "error": entry.wire,
        "error_description": described(error.public()),
        "error_uri": app.error_uri(entry.page),
    });
    let mut response = json_no_store(status, body.to_string());
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        for value in challenges(app, error) {
            headers.append(header::WWW_AUTHENTICATE, value);
        }
    }
    if error.code() == ErrorCode::InsufficientScope
        && let Ok(value) = HeaderValue::from_str(&bearer_challenge(app, error))
    {
        // RFC 6750 §3: also a 403 says what would have been needed.
        headers.append(header::WWW_AUTHENTICATE, value);
    }
    if let Some(seconds) = fault.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(Told(error.clone()));
    response
}

/// What an error answer was made of: the outermost layer logs it beside the request's id.
#[derive(Debug, Clone)]
pub struct Told(pub OAuthError);

/// RFC 6749 §5.2: only `%x20-21 / %x23-5B / %x5D-7E`.
fn described(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}

/// A Bearer challenge that says what was wrong (RFC 6750 §3).
fn bearer_challenge(app: &App, error: &OAuthError) -> String {
    let (wire, text) = (error.code().wire(), described(error.public()));
    format!("Bearer realm=\"{}\", error=\"{wire}\", error_description=\"{text}\"", app.base)
}

/// The challenges of a 401 (RFC 9110 §11.6.1; RFC 6750 §3).
fn challenges(app: &App, error: &OAuthError) -> Vec<HeaderValue> {
    let basic = || format!("Basic realm=\"{}\", charset=\"UTF-8\"", app.base);
    let texts = match error.challenge().unwrap_or(Challenge::Both) {
        Challenge::Basic => vec![basic()],
        Challenge::Bearer => vec![bearer_challenge(app, error)],
        // RFC 6750 §3.1: no error information where no credential was sent.
        Challenge::Both => vec![basic(), format!("Bearer realm=\"{}\"", app.base)],
    };
    texts.iter().filter_map(|text| HeaderValue::from_str(text).ok()).collect()
}
