//! Answers: JSON bodies, errors in RFC 6749's shape, and the headers that belong to them.

use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, HeaderName, StatusCode};
use writ_core::change::Actor;
use writ_core::error::{Challenge, ErrorCode, OAuthError, Why};
use writ_core::reason::{Reason, Word};
use writ_core::shell_reason::ShellReason;
use writ_core::step_up::StepUp;
use writ_core::violation::Violations;
use writ_jose::Algorithm;

use crate::call::fault::Fault;
use crate::reasons;
use crate::state::app::App;

/// The media type of JSON.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The media type of a page.
pub const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// `x-request-id`, `x-content-type-options`, `vary`, the two of rate limits; and hyper's own three.
const FURTHER_HEADERS: usize = 8;

/// A response from its parts.
pub fn respond(status: StatusCode, headers: &[(HeaderName, HeaderValue)], body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    // Room for those that every answer gets on its way out: growing the map would move all of them.
    response.headers_mut().reserve(headers.len() + FURTHER_HEADERS);
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

/// The shape of an error: that of the contract that documents the method and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// RFC 6749 §5.2, with `error_uri`: the protocol, **oauth2**, **clients** and our own.
    OAuth,
    /// **tenant**: an envelope, and the fields one by one.
    Tenant,
    /// **identity**: two members.
    Identity,
    /// A path that **tenant** documents for people, and **oauth2** for applications and API keys.
    ByCredential,
}

impl Shape {
    /// The shape of a method and path, with or without the tenant in front of it.
    pub fn of(method: &str, path: &str) -> Self {
        let below = path.strip_prefix("/t/").and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
        let path = below.unwrap_or(path);
        let is_or_below = |parent: &str| {
            path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if is_or_below("/api/v1/oauth/admin") || is_or_below("/api/v1/oauth/consent") {
            Self::Tenant
        } else if is_or_below("/v1/admin") {
            Self::Identity
        } else if is_shared(method, path) {
            Self::ByCredential
        } else {
            Self::OAuth
        }
    }

    /// The shape for whoever sent these headers.
    #[must_use]
    pub fn for_caller(self, headers: &HeaderMap) -> Self {
        let Self::ByCredential = self else { return self };
        let sent = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        let begins =
            |with: &[u8]| sent.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        if begins(b"basic ") || begins(b"bearer sk_live_") { Self::OAuth } else { Self::Tenant }
    }
}

impl Shape {
    /// The shape for whoever turned out to call.
    #[must_use]
    pub fn for_actor(self, actor: &Actor) -> Self {
        match (self, actor) {
            (Self::ByCredential, Actor::User { .. }) => Self::Tenant,
            (
                Self::ByCredential,
                Actor::Client { .. }
                | Actor::ApiKey { .. }
                | Actor::Local { .. }
                | Actor::Anonymous
                | Actor::System,
            ) => Self::OAuth,
            (Self::OAuth | Self::Tenant | Self::Identity, _) => self,
        }
    }
}

/// Whether **tenant** documents a method and path for people, and **oauth2** for the others: a client's public part, and
/// one's own consents.
fn is_shared(method: &str, path: &str) -> bool {
    let is_one_of = |list: &str| {
        path.strip_prefix(list)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|id| !id.contains('/') && id != "history")
    };
    match method {
        "GET" | "HEAD" => is_one_of("/api/v1/oauth/clients") || path == CONSENTS,
        "DELETE" => is_one_of(CONSENTS),
        _ => false,
    }
}

/// Where consents are listed and withdrawn.
const CONSENTS: &str = "/api/v1/oauth/consents";

/// An error in the shape of RFC 6749 §5.2, with `error_uri`, and its line in the log.
pub fn error(app: &App, fault: &Fault) -> Response {
    error_in(Shape::OAuth, app, fault)
}

/// An error in a contract's shape, and its line in the log.
pub fn error_in(shape: Shape, app: &App, fault: &Fault) -> Response {
    let error = &fault.error;
    let entry = error.code().entry();
    let status = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match shape {
        Shape::OAuth => serde_json::json!({
            "error": entry.wire,
            "error_description": described(&reasons::error(error)),
            "error_uri": app.error_uri(entry.wire),
        }),
        Shape::Tenant | Shape::ByCredential => {
            let fields = error.wrong().into_iter().flat_map(Violations::iter);
            let fields = fields.map(|wrong| {
                serde_json::json!({ "field": wrong.field.name(), "message": reasons::reason(&wrong.reason) })
            });
            serde_json::json!({ "success": false, "error": {
                "code": entry.page, "message": reasons::error(error), "fields": fields.collect::<Vec<_>>(),
            } })
        }
        Shape::Identity => serde_json::json!({ "error": entry.page, "message": reasons::error(error) }),
    };
    let mut response = json_no_store(status, body.to_string());
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        for value in challenges(app, error) {
            headers.append(header::WWW_AUTHENTICATE, value);
        }
    }
    if error.code() == ErrorCode::InsufficientScope
        && let Ok(value) = HeaderValue::from_str(&match error.challenge() {
            Some(Challenge::Dpop) => dpop_challenge(app, Some(error)),
            Some(
                Challenge::Token
                | Challenge::Basic
                | Challenge::Bearer
                | Challenge::Both
                | Challenge::StepUp(_),
            )
            | None => bearer_challenge(app, error),
        })
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

/// The scope that a token lacks, where one is enough: whoever asks for it once more gets further (RFC 6750 §3.1).
fn needed(error: &OAuthError) -> Option<Box<str>> {
    let Why::Reason(why) = error.why() else { return None };
    match why {
        Reason::PermissionMissing { permission: Word::Text(name) }
        | Reason::PermissionMissingEvenOwn { permission: Word::Text(name), .. } => Some(name.clone()),
        Reason::Shell(ShellReason::OpenidNeeded) => Some("openid".into()),
        _ => None,
    }
}

/// A Bearer challenge that says what was wrong (RFC 6750 §3).
fn bearer_challenge(app: &App, error: &OAuthError) -> String {
    let (wire, text) = (error.code().wire(), described(&reasons::error(error)));
    let scope = needed(error).map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
    format!("Bearer realm=\"{}\", error=\"{wire}\", error_description=\"{text}\"{scope}", app.base)
}

/// A DPoP challenge: the algorithms of proofs, and what was wrong, where something was sent (RFC 9449 §7.1).
fn dpop_challenge(app: &App, error: Option<&OAuthError>) -> String {
    let algs = Algorithm::ALL.map(Algorithm::name).join(" ");
    let mut challenge = format!("DPoP realm=\"{}\", algs=\"{algs}\"", app.base);
    if let Some(error) = error {
        let (wire, text) = (error.code().wire(), described(&reasons::error(error)));
        // Writing to a String cannot fail.
        let _ = write!(challenge, ", error=\"{wire}\", error_description=\"{text}\"");
    }
    challenge
}

/// What somebody has to prove, as parameters of a challenge (RFC 9470 §3).
fn demanded(StepUp { acr, max_age }: StepUp) -> String {
    let acr = acr.map(|acr| format!(", acr_values=\"{}\"", acr.name()));
    let max_age = max_age.map(|age| format!(", max_age=\"{}\"", age.0));
    [acr, max_age].into_iter().flatten().collect()
}

/// The challenges of a 401 (RFC 9110 §11.6.1; RFC 6750 §3; RFC 9449 §7.1).
fn challenges(app: &App, error: &OAuthError) -> Vec<HeaderValue> {
    let basic = || format!("Basic realm=\"{}\", charset=\"UTF-8\"", app.base);
    let bearer = || format!("Bearer realm=\"{}\"", app.base);
    let texts = match error.challenge().unwrap_or(Challenge::Both) {
        Challenge::Basic => vec![basic()],
        Challenge::Bearer => vec![bearer_challenge(app, error)],
        Challenge::StepUp(demand) => vec![bearer_challenge(app, error) + &demanded(demand)],
        // RFC 6750 §3.1: no error information where no credential was sent.
        Challenge::Token => vec![bearer(), dpop_challenge(app, None)],
        Challenge::Dpop => vec![dpop_challenge(app, Some(error))],
        Challenge::Both => vec![basic(), bearer(), dpop_challenge(app, None)],
    };
    texts.iter().filter_map(|text| HeaderValue::from_str(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("POST", "/oauth2/token", Shape::OAuth)]
    #[case("GET", "/api/v1/oauth/admin/clients", Shape::Tenant)]
    #[case("PATCH", "/t/acme/api/v1/oauth/admin/clients/x", Shape::Tenant)]
    #[case("GET", "/api/v1/oauth/administration", Shape::OAuth)]
    #[case("POST", "/v1/admin/oauth-clients", Shape::Identity)]
    #[case("GET", "/t/acme/v1/admin/oauth-clients/x", Shape::Identity)]
    #[case("GET", "/api/v1/oauth/clients", Shape::OAuth)]
    #[case("GET", "/api/v1/oauth/clients/x", Shape::ByCredential)]
    #[case("GET", "/api/v1/oauth/clients/x/secrets", Shape::OAuth)]
    #[case("PUT", "/api/v1/oauth/clients/x", Shape::OAuth)]
    #[case("GET", "/v1/clients/x", Shape::OAuth)]
    #[case("POST", "/api/v1/oauth/consent", Shape::Tenant)]
    #[case("GET", "/api/v1/oauth/consents", Shape::ByCredential)]
    #[case("DELETE", "/t/acme/api/v1/oauth/consents/x", Shape::ByCredential)]
    #[case("POST", "/api/v1/oauth/consents", Shape::OAuth)]
    #[case("GET", "/api/v1/oauth/consents/history", Shape::OAuth)]
    #[case("GET", "/api/v1/oauth/consents/x", Shape::OAuth)]
    #[case("GET", "/t/acme", Shape::OAuth)]
    fn each_path_has_the_shape_of_its_contract(
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: Shape,
    ) {
        assert_eq!(Shape::of(method, path), expected);
    }

    #[test]
    fn a_person_hears_the_tenant_contract_and_an_application_the_other() {
        for (sent, expected) in [
            (None, Shape::Tenant),
            (Some("Bearer eyJ"), Shape::Tenant),
            (Some("bearer sk_live_x"), Shape::OAuth),
            (Some("Basic eHg6eQ=="), Shape::OAuth),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(sent.map(|sent| (header::AUTHORIZATION, HeaderValue::from_static(sent))));
            assert_eq!(Shape::ByCredential.for_caller(&headers), expected, "{sent:?}");
            assert_eq!(Shape::Identity.for_caller(&headers), Shape::Identity);
        }
    }
}
