//! Which path leads where, and what every request passes on its way in and out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{self, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use writ_core::error::{ErrorCode, OAuthError};

use crate::answer;
use crate::app::{App, Bench};
use crate::call::{Call, Context};
use crate::oauth::{introspect, metadata, revoke, token};
use crate::ops::metrics::Endpoint;
use crate::ops::{health, metrics};
use crate::pages;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// The paths of one issuer: at the root for the first tenant, below `/t/{slug}` for every other.
fn protocol() -> Router<Arc<App>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata::metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata::metadata))
        .route("/.well-known/jwks.json", get(metadata::jwks))
        .route("/oauth2/token", post(token::token))
        .route("/oauth2/introspect", post(introspect::introspect))
        .route("/oauth2/revoke", post(revoke::revoke))
        .route("/api/v1/oauth/tokens", post(token::token))
        .route("/api/v1/oauth/introspect", post(introspect::introspect))
}

/// All paths of the server.
pub fn router(app: Arc<App>) -> Router {
    let mut router = protocol()
        .nest("/t/{slug}", protocol())
        // RFC 8414 §3.1: for an issuer with a path, the well-known part goes in between.
        .route("/.well-known/oauth-authorization-server/t/{slug}", get(metadata::metadata))
        .route("/.well-known/openid-configuration/t/{slug}", get(metadata::metadata))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/", get(pages::home))
        .route("/errors", get(pages::error_index))
        .route("/errors/{code}", get(pages::error_page));
    if app.bench == Bench::Ceiling {
        router = router.route("/bench/ceiling", post(token::ceiling));
    }
    router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(app)
}

/// The paths of the operator's address.
pub fn metrics_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(not_found)
        .with_state(app)
}

async fn not_found(State(app): State<Arc<App>>, call: Call) -> Response {
    if pages::wants_html(&call.headers) {
        return pages::not_found(&app);
    }
    answer::error(&app, &OAuthError::new(ErrorCode::NotFound, "there is nothing at this path").into())
}

async fn method_not_allowed(State(app): State<Arc<App>>) -> Response {
    // axum adds the Allow header.
    answer::error(&app, &OAuthError::new(ErrorCode::MethodNotAllowed, "this endpoint does not take that method").into())
}

/// A router as the accept loop's handler.
pub fn handler(app: Arc<App>, router: Router) -> impl crate::serve::Handler {
    move |request: Request<hyper::body::Incoming>, facts: crate::serve::ConnectionFacts| {
        let (app, router) = (Arc::clone(&app), router.clone());
        async move { answer(&app, router, request, Some(facts.peer)).await }
    }
}

/// The outermost layer: gives a request its id, answers it, and counts the answer.
pub async fn answer<B>(app: &App, router: Router, mut request: Request<B>, peer: Option<SocketAddr>) -> Response
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let started = Instant::now();
    let endpoint = Endpoint::of(request.uri().path());
    let request_id = request_id(&request);
    let id_header = HeaderValue::from_str(&request_id).ok();
    request.extensions_mut().insert(Context { peer: peer.map(|peer| peer.ip()), request_id: Arc::clone(&request_id) });
    let span = tracing::debug_span!("request", id = %request_id, method = %request.method(), path = request.uri().path());
    let answered = tracing::Instrument::instrument(router.oneshot(request.map(Body::new)), span).await;
    let mut response = match answered {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let headers = response.headers_mut();
    if let Some(id) = id_header {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    app.meters.count(endpoint, response.status(), started.elapsed());
    if response.status() >= StatusCode::INTERNAL_SERVER_ERROR {
        tracing::warn!(id = %request_id, status = response.status().as_u16(), "request failed");
    }
    response
}

/// The caller's `x-request-id` where it is short and plain, else a number of our own.
fn request_id<B>(request: &Request<B>) -> Arc<str> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    });
    match given {
        Some(text) => text.into(),
        None => format!("{:x}-{:x}", boot(), NEXT.fetch_add(1, Ordering::Relaxed)).into(),
    }
}

/// Tells the numbers of this process from those of the one before.
fn boot() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    static BOOT: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *BOOT.get_or_init(|| RandomState::new().build_hasher().finish() >> 16)
}
