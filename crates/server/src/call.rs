//! A request as a handler sees it: who sent it from where, to which tenant, with which body.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, RawPathParams};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use writ_core::authorization::Authorization;
use writ_core::change::Origin;
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::ids::TenantId;

use crate::app::App;
use crate::fault::Fault;
use crate::rounds::Freshness;
use crate::serve::{BodyError, read_body};

/// Bytes of a protocol request's body at the most.
const FORM_LIMIT: usize = 64 * 1024;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Characters of a `User-Agent` that the audit log keeps.
const USER_AGENT_LIMIT: usize = 256;

/// What the outermost layer knows of a request.
#[derive(Debug, Clone)]
pub struct Context {
    /// The peer's address.
    pub peer: Option<IpAddr>,
    /// The request's id, given by the caller or drawn here.
    pub request_id: Arc<str>,
}

/// A request, taken apart.
pub struct Call {
    /// What the outermost layer knows.
    pub context: Context,
    /// The tenant's slug in the path, `/t/{slug}`.
    pub slug: Option<Box<str>>,
    /// The headers.
    pub headers: HeaderMap,
    /// Whether the address has a query.
    pub query: Option<Box<str>>,
    body: axum::body::Body,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("context", &self.context).field("slug", &self.slug).finish_non_exhaustive()
    }
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request<axum::body::Body>, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let slug = if parts.uri.path().starts_with("/t/") || parts.extensions.get::<axum::extract::OriginalUri>().is_some() {
            use axum::extract::FromRequestParts;
            RawPathParams::from_request_parts(&mut parts, app)
                .await
                .ok()
                .and_then(|params| params.iter().find(|(name, _)| *name == "slug").map(|(_, value)| value.into()))
        } else {
            None
        };
        let context = parts
            .extensions
            .remove::<Context>()
            .unwrap_or_else(|| Context { peer: None, request_id: Arc::from("-") });
        let query = parts.uri.query().filter(|query| !query.is_empty()).map(Into::into);
        Ok(Self { context, slug, headers: parts.headers, query, body })
    }
}

impl Call {
    /// Where the request came from, for the audit log.
    pub fn origin(&self) -> Origin {
        let user_agent = self.headers.get(header::USER_AGENT).map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.chars().filter(|c| !c.is_control()).take(USER_AGENT_LIMIT).collect::<String>().into()
        });
        Origin { ip: self.context.peer, user_agent, request_id: Some(Arc::clone(&self.context.request_id)) }
    }

    /// The one `Authorization` header, read.
    ///
    /// # Errors
    /// `invalid_request` for more than one; a 401 for one that cannot be read.
    pub fn authorization(&self, failure: ErrorCode) -> Result<Option<Authorization>, OAuthError> {
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "Authorization: the header was sent more than once"));
        }
        Authorization::parse(value.as_bytes()).map(Some).map_err(|error| {
            let challenge = match failure {
                ErrorCode::InvalidClient => Challenge::Basic,
                _ => Challenge::Both,
            };
            OAuthError::new(failure, format!("Authorization: {error}")).challenged(challenge)
        })
    }

    /// The body of a protocol request: form-encoded, UTF-8, not compressed, and everything in it
    /// (RFC 6749 §3.2: nothing in the address).
    ///
    /// # Errors
    /// 415, 413, 408 or 400, with what to send instead.
    pub async fn form_body(&mut self) -> Result<Bytes, OAuthError> {
        if self.query.is_some() {
            return Err(OAuthError::new(
                ErrorCode::InvalidRequest,
                "the parameters belong in the body; this endpoint takes no query",
            ));
        }
        form_content_type(&self.headers)?;
        let body = std::mem::take(&mut self.body);
        read_body(body, FORM_LIMIT, BODY_TIMEOUT).await.map_err(|error| body_error(&error))
    }
}

/// The tenant that a path names; `None` at the root.
///
/// # Errors
/// `not_found` for a tenant that does not exist.
pub async fn path_tenant(app: &App, slug: Option<&str>) -> Result<Option<TenantId>, Fault> {
    let Some(slug) = slug else { return Ok(None) };
    match app.tenant(slug, Freshness::Cached).await? {
        Some(tenant) if tenant.enabled.is_yes() => Ok(Some(tenant.id)),
        Some(_) | None => Err(no_tenant()),
    }
}

/// The error for a tenant that does not exist.
pub fn no_tenant() -> Fault {
    OAuthError::new(ErrorCode::NotFound, "there is no such tenant").into()
}

/// What a body that could not be read is answered with.
pub fn body_error(error: &BodyError) -> OAuthError {
    let code = match error {
        BodyError::TooLarge { .. } => ErrorCode::PayloadTooLarge,
        BodyError::TimedOut => ErrorCode::RequestTimeout,
        BodyError::Malformed => ErrorCode::InvalidRequest,
    };
    OAuthError::new(code, error.to_string())
}

fn form_content_type(headers: &HeaderMap) -> Result<(), OAuthError> {
    let unsupported = |what: &'static str| Err(OAuthError::new(ErrorCode::UnsupportedMediaType, what));
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return unsupported("Content-Encoding: the body must not be compressed");
    }
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(value) = values.next() else {
        return unsupported("Content-Type: missing; send application/x-www-form-urlencoded");
    };
    if values.next().is_some() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "Content-Type: the header was sent more than once"));
    }
    if value.as_bytes() == b"application/x-www-form-urlencoded" {
        return Ok(());
    }
    let text = value.to_str().unwrap_or_default();
    let mut parts = text.split(';');
    if !parts.next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return unsupported("Content-Type: send application/x-www-form-urlencoded");
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
        if name.trim().eq_ignore_ascii_case("charset") && !utf8 {
            return unsupported("Content-Type: the charset must be UTF-8");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("application/x-www-form-urlencoded", true)]
    #[case("application/x-www-form-urlencoded; charset=UTF-8", true)]
    #[case("APPLICATION/X-WWW-FORM-URLENCODED;charset=\"utf-8\"", true)]
    #[case("application/x-www-form-urlencoded; charset=iso-8859-1", false)]
    #[case("application/json", false)]
    #[case("", false)]
    #[case("application/x-www-form-urlencodedX", false)]
    fn content_types(#[case] value: &str, #[case] good: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
        assert_eq!(form_content_type(&headers).is_ok(), good, "{value}");
    }
}
