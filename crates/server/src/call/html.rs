//! Pages as answers: their headers, their policy, and those pages that more than one part of the server shows. They
//! work without JavaScript and load nothing from elsewhere.

use askama::Template;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use writ_core::authorize::{Answered, ResponseMode};
use writ_core::error::OAuthError;
use writ_core::secret::sha256;

use crate::call::answer::{self, HTML, respond};
use crate::call::fault::Fault;
use crate::edge::request_id::RequestId;

/// The style of every page.
pub const STYLE: &str = include_str!("../pages/style.css");

/// Sends the form on at once, where scripts run at all.
const SUBMIT: &str = "document.forms[0].submit()";

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What a page may do besides showing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms<'a> {
    /// It has no form.
    None,
    /// Its forms go to this server, from where the browser may be sent to this address.
    Own(Option<&'a str>),
    /// Its one form goes to this address, by a script of ours if need be.
    Elsewhere(&'a str),
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    style: &'a str,
    title: &'a str,
    notice: &'a Notice<'a>,
    request_id: &'a str,
}

/// What a person is told who cannot go on.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// What is the matter.
    pub why: &'a str,
    /// What to do about it.
    pub remedy: &'a str,
    /// Where that may be done, and in which words.
    pub link: Option<(&'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    style: &'a str,
    script: &'a str,
    action: &'a str,
    parameters: &'a [(&'static str, Box<str>)],
}

/// A page that no cache keeps.
pub fn private(status: StatusCode, template: &impl Template, forms: Forms<'_>) -> Response {
    page((status, NO_STORE), template, forms)
}

/// A page with a status and a lifetime in caches.
pub fn page(kind: (StatusCode, HeaderValue), template: &impl Template, forms: Forms<'_>) -> Response {
    let (status, cache) = kind;
    let referrer = match forms {
        // With `no-referrer`, browsers would say `Origin: null` when they send our own forms.
        Forms::Own(_) => "same-origin",
        Forms::None | Forms::Elsewhere(_) => "no-referrer",
    };
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HTML),
        (header::CONTENT_SECURITY_POLICY, policy(forms)),
        (header::REFERRER_POLICY, HeaderValue::from_static(referrer)),
        (header::CACHE_CONTROL, cache),
    ];
    match template.render() {
        Ok(body) => respond(status, &headers, body),
        Err(error) => {
            tracing::error!("a page could not be made: {error}");
            respond(StatusCode::INTERNAL_SERVER_ERROR, &headers, "")
        }
    }
}

/// The policy of a page: no style and no script but ours, and forms only where they have to go.
fn policy(forms: Forms<'_>) -> HeaderValue {
    let hash = |text: &str| STANDARD.encode(sha256(text.as_bytes()).as_bytes());
    let mut policy = format!("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; ", hash(STYLE));
    match forms {
        Forms::None => policy.push_str("form-action 'none'"),
        Forms::Own(None) => policy.push_str("form-action 'self'"),
        // Browsers hold the whole way that a form leads to this, redirects included.
        Forms::Own(Some(uri)) => {
            policy.push_str("form-action 'self' ");
            policy.push_str(source(uri));
        }
        Forms::Elsewhere(uri) => {
            let parts = ["script-src 'sha256-", &hash(SUBMIT), "'; form-action ", source(uri)];
            policy.extend(parts);
        }
    }
    policy.push_str("; frame-ancestors 'none'");
    HeaderValue::from_str(&policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// A redirect URI as a policy names it: its origin, or its scheme where it has none that a policy could name.
fn source(uri: &str) -> &str {
    let scheme = uri.find(':').and_then(|at| uri.get(..=at)).unwrap_or("'none'");
    let Some(rest) = uri.get(scheme.len()..).and_then(|rest| rest.strip_prefix("//")) else { return scheme };
    let authority = rest.find(['/', '?']).map_or(rest.len(), |at| at);
    let end = scheme.len() + 2 + authority;
    match uri.get(..end) {
        Some(origin) if scheme.starts_with("http") && !origin.contains(['[', '@', ';', ',', ' ', '\'']) => {
            origin
        }
        _ => scheme,
    }
}

/// The page for a request that must not be sent on to anybody.
pub fn refused(error: &OAuthError) -> Response {
    let remedy = if error.code().status() < 500 {
        "You were not sent back to the application. Go there and try again; if this stays, its operator can tell what \
         is wrong from the text above."
    } else {
        "This passes by itself. Go back and try again in a moment."
    };
    told(error, &Notice { why: error.public(), remedy, link: None })
}

/// An error, with what the person behind the browser is told of it.
pub fn told(error: &OAuthError, notice: &Notice<'_>) -> Response {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let title = if status.is_server_error() { "That did not work" } else { "Request refused" };
    let id = RequestId::present();
    let page = RefusedPage { style: STYLE, title, notice, request_id: id.as_str() };
    let mut response = private(status, &page, Forms::None);
    response.extensions_mut().insert(answer::Told(error.clone()));
    response
}

/// The page for a failure; one of ours says when to come again.
pub fn failed(fault: &Fault) -> Response {
    let mut response = refused(&fault.error);
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A page of ours as the answer to what could not be done now: with the status of the fault, and when to come again.
pub fn later(mut page: Response, fault: &Fault) -> Response {
    *page.status_mut() =
        StatusCode::from_u16(fault.error.code().status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if let Some(seconds) = fault.retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    page.extensions_mut().insert(answer::Told(fault.error.clone()));
    page
}

/// Sends a browser on. 303: whatever the method was, the next request is a GET.
pub fn see_other(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, NO_STORE),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    respond(StatusCode::SEE_OTHER, &headers, "")
}

/// Sends the answer to an authorization request to its client.
pub fn answered(answered: &Answered) -> Response {
    match answered.to.mode {
        ResponseMode::Query => see_other(&answered.location()),
        ResponseMode::FormPost => {
            let page = FormPost {
                style: STYLE,
                script: SUBMIT,
                action: &answered.to.redirect_uri,
                parameters: &answered.parameters,
            };
            private(StatusCode::OK, &page, Forms::Elsewhere(&answered.to.redirect_uri))
        }
    }
}

/// Whether the caller is a browser that wants to see a page.
pub fn wanted(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://app.example/cb?x=1", "https://app.example")]
    #[case("https://app.example:8443?x", "https://app.example:8443")]
    #[case("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000")]
    #[case("http://[::1]:5000/cb", "http:")]
    #[case("com.example.app:/cb", "com.example.app:")]
    #[case("com.example.app://callback", "com.example.app:")]
    fn a_redirect_uri_is_named_in_a_policy_by_its_origin(#[case] uri: &str, #[case] expected: &str) {
        assert_eq!(source(uri), expected);
    }
}
