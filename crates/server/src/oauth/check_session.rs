//! `GET /oauth2/check-session`: what an application loads in a frame, out of sight, to learn from its messages whether its
//! person still is signed in (OpenID Connect Session Management 1.0 §3). It asks nobody: it compares with a cookie.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{self, HeaderValue};
use writ_core::secret::sha256;

use crate::call::answer::{HTML, respond};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::standing::addressed;
use crate::state::app::App;

const SCRIPT: &str = include_str!("../../assets/check-session.js");

/// Its script and nothing else; any application may have it in a frame.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(sha256(SCRIPT.as_bytes()).as_bytes());
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

#[derive(Template)]
#[template(path = "check_session.html")]
struct CheckSession<'a> {
    /// The name of the cookie.
    cookie: &'a str,
    script: &'static str,
}

/// The page: the same for everybody.
pub async fn check_session(State(app): State<Arc<App>>, call: Call) -> Response {
    page(&app, &call).await.unwrap_or_else(|fault| html::failed(&fault))
}

async fn page(app: &App, call: &Call) -> Result<Response, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let page = CheckSession { cookie: &app.state_cookie_name(&tenant), script: SCRIPT };
    let headers = [
        (header::CONTENT_TYPE, HTML),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok(respond(StatusCode::OK, &headers, page.render().map_err(Fault::internal)?))
}
