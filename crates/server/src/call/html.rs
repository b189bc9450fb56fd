//! Pages as answers: their headers, their policy, and those pages that more than one part of the server shows. They
//! work without JavaScript and load nothing from elsewhere.

use askama::Template;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use writ_core::authorize::{Answered, Carrier};
use writ_core::client::WebOrigin;
use writ_core::error::OAuthError;
use writ_core::secret::sha256;

use crate::call::answer::{self, HTML, respond};
use crate::call::assets::SCRIPT;
use crate::call::copy::CopyButton;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, Framed, Width, framed};
use crate::call::language::present;
use crate::call::words::say;
use crate::edge::request_id::RequestId;
use crate::reasons;

/// Sends the form on at once, where scripts run at all.
const SUBMIT: &str = "document.forms[0].submit()";

/// No text becomes markup or code (Trusted Types): no script of ours does that.
const TRUSTED_TYPES: &str = "require-trusted-types-for 'script'; trusted-types 'none'; ";

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What a page may do besides showing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// It has no form.
    None,
    /// Its forms go to this server, and stay here.
    Own,
    /// Its forms go to this server, and from there the browser is sent on, by applications perhaps to places that we do
    /// not know. Browsers hold the whole way that a form leads to `form-action`, so that none is said.
    Leaving,
    /// Its one form goes to an application, by a script of ours if need be, and on from there.
    Elsewhere,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    notice: &'a Notice<'a>,
    request_id: &'a str,
    /// The page about the error; none for one of ours.
    about: Option<&'static str>,
}

framed!(RefusedPage, FormPost);

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
    frame: Frame<'a>,
    script: &'a str,
    action: &'a str,
    parameters: &'a [(&'static str, Box<str>)],
}

/// A page that no cache keeps.
pub fn private(status: StatusCode, template: &(impl Template + Framed), forms: Forms) -> Response {
    page((status, NO_STORE), template, forms)
}

/// A page with a status and a lifetime in caches.
pub fn page(kind: (StatusCode, HeaderValue), template: &(impl Template + Framed), forms: Forms) -> Response {
    let (status, cache) = kind;
    let referrer = match forms {
        // With `no-referrer`, browsers would say `Origin: null` when they send our own forms.
        Forms::Own | Forms::Leaving => "same-origin",
        Forms::None | Forms::Elsewhere => "no-referrer",
    };
    rendered((status, cache), template, (policy(forms, &[], template), referrer))
}

/// A page without a form that no cache keeps, and that shows pages of these origins in frames.
pub fn framing(template: &(impl Template + Framed), origins: &[WebOrigin]) -> Response {
    rendered((StatusCode::OK, NO_STORE), template, (policy(Forms::None, origins, template), "no-referrer"))
}

fn rendered(
    (status, cache): (StatusCode, HeaderValue),
    template: &impl Template,
    (policy, referrer): (HeaderValue, &'static str),
) -> Response {
    let headers: [(HeaderName, HeaderValue); 6] = [
        (header::CONTENT_TYPE, HTML),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(present().tag)),
        (header::VARY, HeaderValue::from_static("accept-language, cookie")),
        (header::CONTENT_SECURITY_POLICY, policy),
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

/// The policy of a page: no style and no script but ours, forms only where they have to go, and frames of these origins.
fn policy(forms: Forms, frames: &[WebOrigin], page: &impl Framed) -> HeaderValue {
    let mut policy = "default-src 'none'; style-src 'self'".to_owned();
    if let Some(drawn) = page.frame().and_then(|frame| frame.drawn.as_ref()) {
        policy.extend([" ", &drawn.source]);
    }
    // Browsers take the icon of a page for one of its pictures.
    policy.push_str("; img-src 'self'; base-uri 'none'; ");
    match forms {
        Forms::None => policy.push_str("form-action 'none'; "),
        Forms::Own => policy.push_str("form-action 'self'; "),
        Forms::Leaving => {}
        Forms::Elsewhere => {
            let hash = STANDARD.encode(sha256(SUBMIT.as_bytes()).as_bytes());
            policy.extend(["script-src 'sha256-", &hash, "'; "]);
        }
    }
    // Files of ours alone: what people send is served as pictures, and nothing is taken for a script that is not one.
    if page.frame().is_some_and(|frame| !frame.scripts.is_empty()) {
        policy.push_str("script-src 'self'; ");
    }
    policy.push_str(TRUSTED_TYPES);
    for (at, origin) in frames.iter().enumerate() {
        policy.push_str(if at == 0 { "frame-src " } else { " " });
        policy.push_str(origin.as_str());
    }
    if !frames.is_empty() {
        policy.push_str("; ");
    }
    policy.push_str("frame-ancestors 'none'");
    HeaderValue::from_str(&policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// The page for a request that must not be sent on to anybody.
pub fn refused(error: &OAuthError) -> Response {
    let remedy = say(if error.code().status() < 500 { "refused-remedy" } else { "failed-remedy" });
    let why = reasons::error_in(present().tag, error);
    told(error, &Notice { why: &why, remedy: &remedy, link: None })
}

/// An error, with what the person behind the browser is told of it.
pub fn told(error: &OAuthError, notice: &Notice<'_>) -> Response {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let title = say(if status.is_server_error() { "problem-title" } else { "refused-title" });
    let frame = Frame { width: Width::Narrow, ..Frame::own(&title) }.with_script(&SCRIPT);
    let id = RequestId::present();
    let about = (!status.is_server_error()).then(|| error.code().entry().page);
    let page = RefusedPage { frame, title: &title, notice, request_id: id.as_str(), about };
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

/// What a HEAD is told where a GET may give something away or begin something: that there is something. Whoever only
/// looks (a preview of a link, a scanner) uses nothing up and leaves nothing behind.
pub fn looked_at() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HTML),
        (header::CACHE_CONTROL, NO_STORE),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    respond(StatusCode::OK, &headers, "")
}

/// Sends the answer to an authorization request to its client.
pub fn answered(answered: &Answered) -> Response {
    match answered.to.mode.carrier {
        Carrier::Query | Carrier::Fragment => see_other(&answered.location()),
        Carrier::FormPost => {
            let page = FormPost {
                frame: Frame { width: Width::Narrow, ..Frame::own(&say("form-post-title")) },
                script: SUBMIT,
                action: &answered.to.redirect_uri,
                parameters: &answered.parameters,
            };
            private(StatusCode::OK, &page, Forms::Elsewhere)
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
