//! A request as a handler sees it: who sent it from where, to which tenant, with which body.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequest, RawPathParams};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Request};
use writ_core::authorization::{Authorization, AuthorizationError};
use writ_core::basic::CLIENT_ID_LIMIT;
use writ_core::change::{Actor, Origin, Target};
use writ_core::client::GrantType;
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::ids::{ClientId, TenantId};
use writ_core::networks::Whence;
use writ_core::reason::Reason;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::DEFAULT_SLUG;

use crate::call::fault::Fault;
use crate::call::json::Members;
use crate::call::local::LocalOperator;
use crate::call::proofs::ProofTarget;
use crate::edge::limits::Level;
use crate::edge::request_id::RequestId;
use crate::serve::{Bodies, BodyError, Bound, read_body};
use crate::state::app::App;
use crate::state::rounds::Freshness;

/// Bytes of a protocol request's body at the most.
const FORM_LIMIT: usize = 64 * 1024;
/// Bytes of a JSON body at the most where nobody has proved who they are.
const ANONYMOUS_JSON_LIMIT: usize = 16 * 1024;
/// Bytes of a management request's body at the most.
const JSON_LIMIT: usize = 1024 * 1024;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Characters of a `User-Agent` that the audit log keeps.
const USER_AGENT_LIMIT: usize = 256;

/// Stands for a slug that is not UTF-8; no slug looks like it.
const UNREADABLE_SLUG: &str = "?";

/// What the outermost layer knows of a request.
#[derive(Debug, Clone)]
pub struct Context {
    /// The peer's address.
    pub peer: Option<IpAddr>,
    /// Where the request comes from, for allow lists.
    pub whence: Whence,
    /// The request's id, given by the caller or drawn here.
    pub request_id: RequestId,
    /// Who the caller turns out to be.
    pub who: Who,
}

/// Who a caller turns out to be: told by whoever finds out, read by the outermost layer once the answer stands.
#[derive(Debug, Clone, Default)]
pub struct Who(Arc<KnownOfCall>);

#[derive(Debug, Default)]
struct KnownOfCall {
    named: OnceLock<Box<str>>,
    client: OnceLock<(ClientId, TenantId)>,
    actor: OnceLock<(TenantId, Actor)>,
    concerned: OnceLock<(TenantId, Target)>,
    visited: OnceLock<TenantId>,
    asked: OnceLock<GrantType>,
    level: OnceLock<Level>,
    nonce: OnceLock<Box<str>>,
}

impl Who {
    /// The request names this client; nothing is proved yet.
    pub fn names(&self, client_id: &str) {
        // It is kept until the refusals are written: what is no client_id is not kept whole.
        let end = client_id.floor_char_boundary(CLIENT_ID_LIMIT);
        // Told twice, in another round: the same.
        let _ = self.0.named.set(client_id.get(..end).unwrap_or_default().into());
    }

    /// The client exists, and is the one through which the call is made.
    pub fn is_client(&self, client: ClientId, tenant: TenantId) {
        let _ = self.0.client.set((client, tenant));
    }

    /// The caller is known.
    pub fn acts(&self, tenant: TenantId, actor: Actor) {
        let _ = self.0.actor.set((tenant, actor));
    }

    /// The path names this tenant: what is refused there stands in its log, whoever it was.
    pub fn visits(&self, tenant: TenantId) {
        let _ = self.0.visited.set(tenant);
    }

    /// A token request is for this grant.
    pub fn asks(&self, grant: GrantType) {
        let _ = self.0.asked.set(grant);
    }

    /// The grant that a token request is for.
    pub fn asked(&self) -> Option<GrantType> {
        self.0.asked.get().copied()
    }

    /// The tenant that the path names.
    pub fn visited(&self) -> Option<TenantId> {
        self.0.visited.get().copied()
    }

    /// If the request is refused, the record is about this: what was presented or asked for, and is known.
    pub fn concerns(&self, tenant: TenantId, target: Target) {
        let _ = self.0.concerned.set((tenant, target));
    }

    /// A limit was looked at.
    pub fn limited(&self, level: Level) {
        let _ = self.0.level.set(level);
    }

    /// The caller is given this for its next proof.
    pub fn is_given(&self, nonce: String) {
        let _ = self.0.nonce.set(nonce.into());
    }

    /// What the caller is given for its next proof.
    pub fn given(&self) -> Option<&str> {
        self.0.nonce.get().map(|nonce| &**nonce)
    }

    /// The client that the request names.
    pub fn named(&self) -> Option<&str> {
        self.0.named.get().map(|named| &**named)
    }

    /// The client through which the call is made.
    pub fn client(&self) -> Option<(ClientId, TenantId)> {
        self.0.client.get().copied()
    }

    /// The caller.
    pub fn actor(&self) -> Option<&(TenantId, Actor)> {
        self.0.actor.get()
    }

    /// What a refusal is about: what was named, else the client.
    pub fn concerned(&self) -> Option<(TenantId, Target)> {
        let client = || self.client().map(|(client, tenant)| (tenant, Target::Client(client)));
        self.0.concerned.get().copied().or_else(client)
    }

    /// The limit that was looked at.
    pub fn level(&self) -> Option<&Level> {
        self.0.level.get()
    }
}

/// A request, taken apart.
pub struct Call {
    /// What the outermost layer knows.
    pub context: Context,
    /// The tenant's slug in the path, `/t/{slug}`.
    pub slug: Option<Box<str>>,
    /// The headers.
    pub headers: HeaderMap,
    /// The operator of the machine, where the connection is theirs.
    pub local: Option<LocalOperator>,
    /// Whether the address has a query.
    pub query: Option<Box<str>>,
    /// Where it was sent to, if it brings a proof that is for that.
    pub(crate) proof_target: Option<Box<ProofTarget>>,
    params: Vec<(Box<str>, Box<str>)>,
    bodies: Arc<Bodies>,
    /// In a mutex that is never locked: a body alone is not `Sync`, and a call is held across awaits.
    body: Mutex<axum::body::Body>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("context", &self.context)
            .field("slug", &self.slug)
            .finish_non_exhaustive()
    }
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request(
        request: Request<axum::body::Body>,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let params = params(&mut parts, app).await;
        let slug = params.iter().find(|(name, _)| &**name == "slug").map(|(_, value)| value.clone());
        let context = parts.extensions.remove::<Context>().unwrap_or_else(|| Context {
            peer: None,
            whence: Whence::Unknown,
            request_id: RequestId::NONE,
            who: Who::default(),
        });
        let local = parts.extensions.remove::<LocalOperator>();
        let query = parts.uri.query().filter(|query| !query.is_empty()).map(Into::into);
        let proof_target =
            ProofTarget::of((&parts.method, &parts.headers), (slug.as_deref(), parts.uri.path()));
        let headers = parts.headers;
        let bodies = Arc::clone(&app.bodies);
        let body = Mutex::new(body);
        Ok(Self { context, slug, headers, local, query, proof_target, params, bodies, body })
    }
}

/// The parameters of the path.
async fn params(parts: &mut http::request::Parts, app: &Arc<App>) -> Vec<(Box<str>, Box<str>)> {
    use axum::extract::FromRequestParts;
    match RawPathParams::from_request_parts(parts, app).await {
        Ok(params) => params.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        Err(_) => vec![("slug".into(), UNREADABLE_SLUG.into())],
    }
}

impl Call {
    /// Where the request came from, for the audit log.
    pub fn origin(&self) -> Origin {
        origin_of(&self.context, self.headers.get(header::USER_AGENT))
    }

    /// The one `Authorization` header, read.
    ///
    /// # Errors
    /// `invalid_request` for more than one; a 401 for one that cannot be read.
    pub fn authorization(&self, failure: ErrorCode) -> Result<Option<Authorization>, OAuthError> {
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::AuthorizationTwice));
        }
        Authorization::parse(value.as_bytes()).map(Some).map_err(|error| {
            // The challenge names the scheme that was used, where one can be told.
            let (code, challenge) = match (failure, &error) {
                (ErrorCode::InvalidClient, _) | (_, AuthorizationError::Basic(_)) => {
                    (ErrorCode::InvalidClient, Challenge::Basic)
                }
                (_, AuthorizationError::BearerSyntax { .. } | AuthorizationError::BearerTooLong { .. }) => {
                    (ErrorCode::InvalidToken, Challenge::Bearer)
                }
                (_, AuthorizationError::NoScheme | AuthorizationError::NoCredentials) => {
                    (failure, Challenge::Both)
                }
            };
            OAuthError::new(code, Reason::AuthorizationBad { why: error.into() }).challenged(challenge)
        })
    }

    fn take_body(&mut self) -> axum::body::Body {
        std::mem::take(self.body.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body of a protocol request: form-encoded, UTF-8, not compressed, and everything in it
    /// (RFC 6749 §3.2: nothing in the address).
    ///
    /// # Errors
    /// 415, 413, 408 or 400, with what to send instead.
    pub async fn form_body(&mut self) -> Result<Bytes, OAuthError> {
        if self.query.is_some() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::QueryNotTaken));
        }
        self.page_form().await
    }

    /// The body of a form that a page of ours was sent with; its address may say what it is about.
    ///
    /// # Errors
    /// 415, 413, 408 or 400, with what to send instead.
    pub async fn page_form(&mut self) -> Result<Bytes, OAuthError> {
        form_content_type(&self.headers)?;
        let body = self.take_body();
        self.read(body, FORM_LIMIT).await
    }

    /// The body of a form of ours that brings a file: as long as a management request's.
    ///
    /// # Errors
    /// 415, 413, 408 or 400, with what to send instead.
    pub async fn file_form(&mut self) -> Result<Bytes, OAuthError> {
        refuse_compressed(&self.headers)?;
        let body = self.take_body();
        self.read(body, JSON_LIMIT).await
    }

    /// Whether the body says that it is a form that brings a file.
    pub fn has_file(&self) -> bool {
        self.content_type().to_ascii_lowercase().starts_with("multipart/form-data")
    }

    /// What the body says to be; empty where it says nothing.
    pub fn content_type(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Reads a body whole. What makes us wait counts among what its network has on the way.
    async fn read(&self, body: axum::body::Body, limit: usize) -> Result<Bytes, OAuthError> {
        let room = self.context.peer.map(|peer| self.bodies.of(peer));
        read_body(body, Bound { limit, timeout: BODY_TIMEOUT, room })
            .await
            .map_err(|error| body_error(&error))
    }
}

impl Call {
    /// The body of a management request: JSON (RFC 8259).
    ///
    /// # Errors
    /// 415, 413, 408, or 400 naming what could not be read.
    pub async fn json<T: From<Members>>(&mut self) -> Result<T, OAuthError> {
        self.json_within(JSON_LIMIT).await
    }

    /// The same of a request that anybody may send.
    ///
    /// # Errors
    /// The same.
    pub async fn anonymous_json<T: From<Members>>(&mut self) -> Result<T, OAuthError> {
        self.json_within(ANONYMOUS_JSON_LIMIT).await
    }

    async fn json_within<T: From<Members>>(&mut self, limit: usize) -> Result<T, OAuthError> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|text| text.split(';').next()).map(str::trim);
        if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            return Err(OAuthError::new(ErrorCode::UnsupportedMediaType, ShellReason::SendJson));
        }
        refuse_compressed(&self.headers)?;
        let body = self.bytes(limit).await?;
        Members::read(&body).map(T::from)
    }

    /// The bytes of a management request's body. It can be read again.
    ///
    /// # Errors
    /// 413, 408 or 400.
    pub async fn json_bytes(&mut self) -> Result<Bytes, OAuthError> {
        self.bytes(JSON_LIMIT).await
    }

    async fn bytes(&mut self, limit: usize) -> Result<Bytes, OAuthError> {
        let body = self.take_body();
        let body = self.read(body, limit).await?;
        *self.body.get_mut().unwrap_or_else(PoisonError::into_inner) = body.clone().into();
        Ok(body)
    }

    /// What the path's parameters are, but for the tenant: with the route, the thing it is about.
    pub fn place(&self) -> String {
        let named = self.params.iter().filter(|(name, _)| &**name != "slug");
        named.map(|(name, value)| format!("{name}={}", value.escape_default())).collect::<Vec<_>>().join("&")
    }

    /// Whether the body says that it is a form.
    pub fn has_form(&self) -> bool {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        content_type
            .and_then(|text| text.split(';').next())
            .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }

    /// A parameter of the path.
    pub fn path(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| &**known == name).map_or("", |(_, value)| value)
    }

    /// Parameters of the query, each at most once.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn query(&self) -> Result<writ_core::form::Form<'_>, OAuthError> {
        writ_core::form::Form::parse(self.query.as_deref().unwrap_or_default().as_bytes())
            .map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))
    }
}

/// The tenant that a path names; `None` at the root. It only tells an address that leads nowhere
/// from one that leads somewhere: whose credential it takes is decided on the credential's own tenant.
///
/// # Errors
/// `not_found` for a tenant that does not exist, or whose place is the root.
pub async fn path_tenant(app: &App, slug: Option<&str>) -> Result<Option<TenantId>, Fault> {
    let Some(slug) = slug else { return Ok(None) };
    // RFC 8414 §3.3: the first tenant's issuer is the base URL, so this address would be another's.
    if slug == DEFAULT_SLUG {
        return Err(no_tenant());
    }
    for freshness in [Freshness::Cached, Freshness::Fresh] {
        if let Some(tenant) = app.tenant(slug, freshness).await?.filter(|tenant| tenant.enabled.is_yes()) {
            return Ok(Some(tenant.id));
        }
        // A refusal that rests on a cached fact is decided again.
    }
    Err(no_tenant())
}

impl Call {
    /// [`path_tenant`] of this request.
    ///
    /// # Errors
    /// As [`path_tenant`].
    pub async fn path_tenant(&self, app: &App) -> Result<Option<TenantId>, Fault> {
        let found = path_tenant(app, self.slug.as_deref()).await?;
        if let Some(tenant) = found {
            self.context.who.visits(tenant);
        }
        Ok(found)
    }
}

/// The error for a tenant that does not exist.
pub fn no_tenant() -> Fault {
    OAuthError::new(ErrorCode::NotFound, ShellReason::TenantUnknown).into()
}

/// What a body that could not be read is answered with.
pub fn body_error(error: &BodyError) -> OAuthError {
    let (code, why) = match error {
        BodyError::TooLarge { limit } => {
            (ErrorCode::PayloadTooLarge, ShellReason::BodyTooLarge { limit: limit.into() })
        }
        BodyError::TimedOut => (ErrorCode::RequestTimeout, ShellReason::BodyLate),
        BodyError::Crowded => (ErrorCode::TooManyRequests, ShellReason::BodiesCrowd),
        BodyError::Malformed => (ErrorCode::InvalidRequest, ShellReason::BodyMalformed),
    };
    OAuthError::new(code, why)
}

/// Where a request came from, for the audit log; with its `User-Agent`, cut and without control characters.
pub fn origin_of(context: &Context, user_agent: Option<&HeaderValue>) -> Origin {
    let user_agent = user_agent.map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.chars().filter(|c| !c.is_control()).take(USER_AGENT_LIMIT).collect::<String>().into()
    });
    Origin {
        ip: context.peer,
        user_agent,
        request_id: Some(context.request_id.as_str().into()),
        browser: None,
    }
}

fn refuse_compressed(headers: &HeaderMap) -> Result<(), OAuthError> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(OAuthError::new(ErrorCode::UnsupportedMediaType, ShellReason::BodyCompressed))
        }
        Some(_) | None => Ok(()),
    }
}

fn form_content_type(headers: &HeaderMap) -> Result<(), OAuthError> {
    let unsupported = |what: ShellReason| Err(OAuthError::new(ErrorCode::UnsupportedMediaType, what));
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return unsupported(ShellReason::BodyCompressed);
    }
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(value) = values.next() else {
        return unsupported(ShellReason::ContentTypeMissing);
    };
    if values.next().is_some() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, ShellReason::ContentTypeTwice));
    }
    if value.as_bytes() == b"application/x-www-form-urlencoded" {
        return Ok(());
    }
    let text = value.to_str().unwrap_or_default();
    // Parameters say nothing: such a form is UTF-8, whatever it calls itself (WHATWG URL Standard §5).
    let essence = text.split(';').next().unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return unsupported(ShellReason::SendForm);
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
    #[case("application/x-www-form-urlencoded; charset=iso-8859-1", true)]
    #[case("application/x-www-form-urlencoded; boundary=x; charset", true)]
    #[case("application/json", false)]
    #[case("", false)]
    #[case("application/x-www-form-urlencodedX", false)]
    fn content_types(#[case] value: &str, #[case] good: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
        assert_eq!(form_content_type(&headers).is_ok(), good, "{value}");
    }
}
