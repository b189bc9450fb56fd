//! The side that the network sees: TLS, proxies before the server, and the way from http to https.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};

use crate::call::answer::JSON;
use crate::config::is_loopback;
use crate::edge::proxies::{AddressCertainty, ForwardedScheme, Nobody, RemoteClient, TrustedProxies};
use crate::router;
use crate::serve::{ConnectionFacts, Curt, Handler, Transport};
use crate::state::app::App;

/// RFC 6797 §6.1: a year. Subdomains are other people's.
const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Whether browsers are told to come back over https only (RFC 6797).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hsts {
    /// On every answer that goes over TLS.
    Sent,
    /// Never.
    Omitted,
}

impl Hsts {
    /// Sent where the issuer is https. Not on loopback, whatever the certificate: browsers would hold everything
    /// else on localhost to it as well.
    pub fn of(base: &str) -> Self {
        let is_public = base.parse::<Uri>().is_ok_and(|base| {
            base.scheme_str() == Some("https") && base.host().is_some_and(|host| !is_loopback(host))
        });
        if is_public { Self::Sent } else { Self::Omitted }
    }
}

/// Who sent a request that came over such a connection.
fn client(proxies: &TrustedProxies, facts: ConnectionFacts, headers: &HeaderMap) -> RemoteClient {
    if proxies.is_empty() {
        return RemoteClient { address: facts.peer.ip(), known: AddressCertainty::Yes, scheme: None };
    }
    proxies.client(facts.peer.ip(), headers)
}

/// How long the answer to whoever has used up their share waits, and a refusal to whose network too many were refused:
/// a connection that goes on asking asks twice a second, and takes no time from others.
const PACE: Duration = Duration::from_millis(500);

/// What a body counts for whose length nobody knows beforehand.
const OF_UNKNOWN_LENGTH: u64 = 64 * 1024;

/// A router as the accept loop's handler, behind the proxies that the settings name. They say who the client is;
/// the issuer is the operator's word alone.
pub fn handler(app: Arc<App>, router: Router) -> impl Handler {
    let hsts = Hsts::of(&app.base);
    Facing { app, router, hsts }
}

struct Facing {
    app: Arc<App>,
    router: Router,
    hsts: Hsts,
}

impl Handler for Facing {
    type Body = axum::body::Body;

    fn speaks_for_many(&self, peer: IpAddr) -> bool {
        self.app.live.load().proxies.trusts(peer.to_canonical())
    }

    fn handle(
        &self,
        mut request: Request<Incoming>,
        facts: ConnectionFacts,
    ) -> impl Future<Output = Response<Self::Body>> + Send {
        let (app, router, hsts) = (Arc::clone(&self.app), self.router.clone(), self.hsts);
        let client = client(&app.live.load().proxies, facts, request.headers());
        if client.known == AddressCertainty::No {
            request.extensions_mut().insert(Nobody);
        }
        let body = request.body().size_hint().exact().unwrap_or(OF_UNKNOWN_LENGTH);
        let is_secure = facts.transport == Transport::Tls || client.scheme == Some(ForwardedScheme::Https);
        async move {
            let mut response = router::answer(&app, router, request, Some(client.address)).await;
            if is_secure && hsts == Hsts::Sent {
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, A_YEAR);
            }
            if response.status().is_client_error() && !is_of_a_caller(response.headers()) {
                let is_limited = response.status() == StatusCode::TOO_MANY_REQUESTS;
                if is_limited || app.is_refused_too_often(client.address, body) {
                    tokio::time::sleep(PACE).await;
                    response.extensions_mut().insert(Curt);
                }
            }
            response
        }
    }
}

/// Whether it is a caller who proved who they are that had their share: they know what to do.
fn is_of_a_caller(headers: &HeaderMap) -> bool {
    let policy = headers.get("ratelimit-policy").map(HeaderValue::as_bytes);
    policy.is_some_and(|policy| policy.starts_with(b"\"tokens\"") || policy.starts_with(b"\"management\""))
}

/// Sends every request on to the same path of `base`, method and body kept (308, RFC 9110 §15.4.9). The request's
/// own `Host` has no say in where to. Answers `/health/live` itself: who asks that asks this process.
pub fn redirect(base: &str) -> impl Handler {
    let base: Arc<str> = base.into();
    move |request: Request<Incoming>, _: ConnectionFacts| {
        let response = redirected(&base, request.method(), request.uri());
        std::future::ready(response)
    }
}

fn redirected(base: &str, method: &Method, uri: &Uri) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    if uri.path() == "/health/live" && (method == Method::GET || method == Method::HEAD) {
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        *response.body_mut() = Full::new(Bytes::from_static(b"{\"status\":\"ok\"}"));
        return response;
    }
    // `*` and CONNECT's authority have no path.
    let path = uri.path_and_query().map(http::uri::PathAndQuery::as_str).filter(|path| path.starts_with('/'));
    let target = format!("{base}{}", path.unwrap_or("/"));
    match HeaderValue::try_from(target) {
        Ok(target) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(header::LOCATION, target);
        }
        Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/", "https://id.example.com/")]
    #[case("/oauth2/token?x=1&y=%2F", "https://id.example.com/oauth2/token?x=1&y=%2F")]
    #[case("//evil.example/x", "https://id.example.com//evil.example/x")]
    #[case("/@evil.example", "https://id.example.com/@evil.example")]
    #[case("http://evil.example/a?b", "https://id.example.com/a?b")]
    #[case("http://evil.example", "https://id.example.com/")]
    #[case("*", "https://id.example.com/")]
    #[case("evil.example:443", "https://id.example.com/")]
    fn the_target_is_the_issuer(#[case] target: &str, #[case] location: &str) {
        let response = redirected("https://id.example.com", &Method::POST, &target.parse().unwrap());
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(response.headers()[header::LOCATION], location);
    }

    #[test]
    fn liveness_is_answered_in_place() {
        let uri = "/health/live".parse().unwrap();
        assert_eq!(redirected("https://id.example.com", &Method::GET, &uri).status(), StatusCode::OK);
        let posted = redirected("https://id.example.com", &Method::POST, &uri);
        assert_eq!(posted.status(), StatusCode::PERMANENT_REDIRECT);
    }

    #[rstest]
    #[case("https://id.example.com", Hsts::Sent)]
    #[case("https://id.example.com:8443", Hsts::Sent)]
    #[case("http://id.example.com", Hsts::Omitted)]
    #[case("https://localhost:8443", Hsts::Omitted)]
    #[case("https://127.0.0.1", Hsts::Omitted)]
    #[case("https://[::1]:8443", Hsts::Omitted)]
    fn hsts_is_for_public_https_issuers(#[case] base: &str, #[case] expected: Hsts) {
        assert_eq!(Hsts::of(base), expected);
    }
}
