//! Calls from web pages of other origins (Fetch §3.2): preflights, and what a page may read of an answer.
//!
//! A preflight has no credential: it is answered from the origins of the clients of the tenant that the path names,
//! at the root of the first one. The call itself is then checked against its own client: an answer is readable for
//! pages of origins that this client is registered with. An error for somebody who could not be told at all is
//! readable like a preflight: it says nothing of anybody, and a page must notice that its token has ended. Cookies are never meant: `Access-Control-Allow-Credentials`
//! is never sent. What is public anyway (metadata, keys) is readable for everybody.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use writ_core::client::{Leniency, WebOrigin};
use writ_core::ids::TenantId;
use writ_core::tenant::DEFAULT_SLUG;

use crate::call::answer::{Told, respond};
use crate::call::request::Who;
use crate::state::app::App;
use crate::state::rounds::Freshness;

const ANY: HeaderValue = HeaderValue::from_static("*");
const VARY: HeaderValue = HeaderValue::from_static("origin");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, if-match, if-none-match, idempotency-key, x-tenant-id, x-request-id, dpop",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "www-authenticate, dpop-nonce, ratelimit, ratelimit-policy, retry-after, etag, location, x-request-id",
);
/// A browser asks again after ten minutes.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const REQUEST_METHOD: HeaderName = header::ACCESS_CONTROL_REQUEST_METHOD;

/// What a path is to web pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebAccess {
    /// Readable for everybody.
    Public,
    /// Readable for pages of its caller's origins.
    ByOrigin,
    /// Not for pages of other origins: what people look at themselves, and what is no API.
    Never,
}

impl WebAccess {
    /// Of a path, with or without a tenant before it.
    pub fn of(path: &str) -> Self {
        let rest = below_tenant(path).1;
        if rest.starts_with("/.well-known/") {
            return Self::Public;
        }
        // The authorization and logout endpoints are visited, not called.
        let protocol = [
            "/oauth2/token",
            "/oauth2/introspect",
            "/oauth2/revoke",
            "/oauth2/userinfo",
            "/oauth2/par",
            "/oauth2/register",
        ];
        let is_api = ["/api/", "/v1/", "/oauth2/register/"].iter().any(|start| rest.starts_with(start));
        if is_api || protocol.contains(&rest) { Self::ByOrigin } else { Self::Never }
    }
}

/// The slug in a path, and what follows it.
fn below_tenant(path: &str) -> (Option<&str>, &str) {
    let Some(rest) = path.strip_prefix("/t/") else { return (None, path) };
    match rest.find('/') {
        Some(end) => {
            let (slug, rest) = rest.split_at(end);
            (Some(slug), rest)
        }
        None => (Some(rest), ""),
    }
}

/// What a request says of the page it comes from.
#[derive(Debug, Clone)]
pub struct CrossOrigin {
    shared: WebAccess,
    slug: Option<Box<str>>,
    /// As the browser sent it; none: no page, or one without an origin that could be registered.
    origin: Option<(WebOrigin, HeaderValue)>,
    is_preflight: bool,
}

impl CrossOrigin {
    /// Reads a request.
    pub fn of(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::ORIGIN).iter();
        let origin = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok().and_then(|text| {
                let origin = WebOrigin::parse_allowing(text, Leniency::ALL).ok()?;
                // Browsers write an origin in one way only; anything else is no browser's.
                (origin.as_str() == text).then(|| (origin, value.clone()))
            }),
            (None, _) | (Some(_), Some(_)) => None,
        };
        let is_preflight = *method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(REQUEST_METHOD);
        Self { shared: WebAccess::of(path), slug: below_tenant(path).0.map(Into::into), origin, is_preflight }
    }

    /// The answer to a preflight; `None`: this is none, or nothing that pages may call.
    pub async fn preflight(&self, app: &App) -> Option<Response> {
        if !self.is_preflight {
            return None;
        }
        let mut response = respond(StatusCode::NO_CONTENT, &[(header::VARY, VARY)], Body::empty());
        let allowed = match (self.shared, &self.origin) {
            (WebAccess::Never, _) => return None,
            (WebAccess::Public, _) => Some(ANY),
            (WebAccess::ByOrigin, Some((origin, value))) => {
                self.is_known(app, origin).await.then(|| value.clone())
            }
            (WebAccess::ByOrigin, None) => None,
        };
        if let Some(allowed) = allowed {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
        Some(response)
    }

    /// Whether any client of the tenant is registered with the origin; some seconds old at the most.
    async fn is_known(&self, app: &App, origin: &WebOrigin) -> bool {
        let slug = self.slug.as_deref().unwrap_or(DEFAULT_SLUG);
        let tenant = match app.tenant(slug, Freshness::Cached).await {
            Ok(Some(tenant)) if tenant.enabled.is_yes() => tenant.id,
            Ok(_) | Err(_) => return false,
        };
        let key: (TenantId, Arc<str>) = (tenant, origin.as_str().into());
        if let Some(known) = app.origins.get(&key) {
            return known;
        }
        // A storage that is away allows nothing.
        let known = app.store.origin_is_known(tenant, origin).await.unwrap_or(false);
        if known {
            // That something does not exist is never cached.
            app.origins.insert(key, known);
        }
        known
    }

    /// Lets the page read an answer, where its caller's client is registered with the origin.
    pub async fn allow(&self, app: &App, who: &Who, response: &mut Response) {
        match self.shared {
            WebAccess::Never => return,
            WebAccess::Public => {
                response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
                return;
            }
            WebAccess::ByOrigin => {}
        }
        // The same address answers differently for pages of other origins, also where none asked.
        response.headers_mut().append(header::VARY, VARY);
        let Some((origin, value)) = &self.origin else { return };
        let is_allowed = match (who.client(), who.actor()) {
            (Some((client, tenant)), _) => {
                app.store.origin_is_of(client, tenant, origin).await.unwrap_or(false)
            }
            // An API key belongs to no page.
            (None, Some(_)) => false,
            (None, None) => response.extensions().get::<Told>().is_some() && self.is_known(app, origin).await,
        };
        if is_allowed {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/.well-known/jwks.json", WebAccess::Public)]
    #[case("/t/acme/.well-known/openid-configuration", WebAccess::Public)]
    #[case("/.well-known/oauth-authorization-server/t/acme", WebAccess::Public)]
    #[case("/oauth2/token", WebAccess::ByOrigin)]
    #[case("/t/acme/oauth2/userinfo", WebAccess::ByOrigin)]
    #[case("/api/v1/oauth/tokens", WebAccess::ByOrigin)]
    #[case("/v1/clients", WebAccess::ByOrigin)]
    #[case("/oauth2/register", WebAccess::ByOrigin)]
    #[case("/t/acme/oauth2/register/cli_1", WebAccess::ByOrigin)]
    #[case("/oauth2/authorize", WebAccess::Never)]
    #[case("/oauth2/logout", WebAccess::Never)]
    #[case("/login", WebAccess::Never)]
    #[case("/t/acme/consent", WebAccess::Never)]
    #[case("/t/acme", WebAccess::Never)]
    #[case("/", WebAccess::Never)]
    #[case("/metrics", WebAccess::Never)]
    fn paths(#[case] path: &str, #[case] expected: WebAccess) {
        assert_eq!(WebAccess::of(path), expected);
    }

    #[rstest]
    #[case("https://app.example", true)]
    #[case("http://localhost:3000", true)]
    #[case("null", false)]
    #[case("https://app.example/", false)]
    #[case("HTTPS://app.example", false)]
    #[case("https://app.example:443", false)]
    #[case("*", false)]
    fn origins_are_as_browsers_write_them(#[case] origin: &str, #[case] good: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        assert_eq!(CrossOrigin::of(&Method::GET, "/v1/clients", &headers).origin.is_some(), good);
        headers.append(header::ORIGIN, HeaderValue::from_static("https://app.example"));
        assert!(CrossOrigin::of(&Method::GET, "/v1/clients", &headers).origin.is_none(), "one origin");
    }
}
