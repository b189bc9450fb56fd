//! Requests that may be repeated: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
//!
//! The answer of a POST that was sent with such a key is written in the same unit as what it made, by a guarded
//! statement that comes first in it. So the same key makes one thing, also where two requests race on two
//! nodes, and whoever comes second is given the first one's answer. There may be a secret in it: it is sealed,
//! and swept after a day, and shown again only to who could still read or change the thing: whoever has lost the right
//! since, or finds the thing gone or grown beyond them, does not see its secret. Refusals are not remembered: nothing was made, and the next try may succeed.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use writ_core::authority::Permissions;
use writ_core::caller::{Acting, Identity};
use writ_core::change::{Remembered, Target};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::{ApiKeyId, ClientId, RegistrationTokenId, TenantId};
use writ_core::secret::{Digest32, sha256};
use writ_core::shell_reason::ShellReason;
use writ_core::time::Seconds;
use writ_jose::MasterKey;

use crate::call::answer;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::state::app::App;

/// The header.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Characters of a key at the most.
const MOST: usize = 255;
/// How long an answer is remembered.
const DAY: Seconds = Seconds(24 * 60 * 60);

/// A request that may be repeated.
#[derive(Debug, Clone, Copy)]
pub struct Repeat {
    tenant: TenantId,
    /// Of key, caller, tenant and route.
    name: Digest32,
    /// Of query and body.
    request: Digest32,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    made: Made,
}

/// What a request made, as far as its answer shows a secret of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Made {
    /// A client.
    Client([u8; 16]),
    /// An API key.
    ApiKey([u8; 16]),
    /// An initial access token.
    RegistrationToken([u8; 16]),
    /// Something without a secret.
    Other,
}

impl Made {
    /// Of what a unit is about.
    pub fn of(target: Target) -> Self {
        match target {
            Target::Client(id) => Self::Client(id.to_bytes()),
            Target::ApiKey(id) => Self::ApiKey(id.to_bytes()),
            Target::RegistrationToken(id) => Self::RegistrationToken(id.to_bytes()),
            _ => Self::Other,
        }
    }

    /// Whether a caller may see the secret again: the thing is there, and what it may do by now is within what the
    /// caller may give.
    async fn shown_to(self, app: &App, acting: &Acting) -> Result<(), Fault> {
        let tenant = acting.tenant();
        let authority = match self {
            Self::Other => return Ok(()),
            Self::ApiKey(id) => {
                let found = app.store.shown_api_key(ApiKeyId::from_bytes(id), tenant).await?;
                found.map(|found| found.key.permissions)
            }
            Self::RegistrationToken(id) => {
                let found = app.store.registration_token(RegistrationTokenId::from_bytes(id), tenant).await?;
                found.map(|_| Permissions::NONE)
            }
            Self::Client(id) => {
                let found = app.store.registered_client(ClientId::from_bytes(id), tenant).await?;
                let named = &acting.within().settings.interaction_clients;
                found.map(|found| found.client.authority(named))
            }
        };
        let Some(authority) = authority else {
            let text = ShellReason::RepeatGone;
            return Err(OAuthError::new(ErrorCode::IdempotencyKeyReused, text).into());
        };
        Ok(acting.caller().may_grant(authority)?)
    }
}

impl Repeat {
    /// Reads the key of a request, where it has one, and with it the body.
    ///
    /// # Errors
    /// 400 for a key that cannot be one; what a body can be refused for.
    pub async fn of(app: &App, call: &mut Call, acting: &Acting, path: &str) -> Result<Option<Self>, Fault> {
        let Some(key) = key(&call.headers)? else { return Ok(None) };
        let body = call.json_bytes().await?;
        Ok(Some(Self::named(app, call, (acting, path), (&key, &body))))
    }

    /// The same for a form, which brings its key in a field; none where what it brings cannot be one.
    pub fn of_form(app: &App, call: &Call, of: (&Acting, &str), sent: (&str, &[u8])) -> Option<Self> {
        is_a_key(sent.0).then(|| Self::named(app, call, of, sent))
    }

    fn named(app: &App, call: &Call, (acting, path): (&Acting, &str), (key, body): (&str, &[u8])) -> Self {
        let caller = match &acting.caller().identity {
            Identity::Application { client, .. } => format!("client {client}"),
            Identity::Person { user, client, .. } => format!("user {user} {client}"),
            Identity::ApiKey { key, .. } => format!("key {key}"),
            Identity::AtConsole { user, .. } => format!("console {user}"),
            Identity::Local { .. } => "local".to_owned(),
        };
        let (tenant, place) = (acting.tenant(), call.place());
        // Nothing but the key is chosen by the caller and may have a line end in it, and the key has none.
        let name = format!("idempotency key\n{tenant}\n{caller}\nPOST {path}\n{place}\n{key}");
        let query = call.query.as_deref().unwrap_or_default();
        let body = URL_SAFE_NO_PAD.encode(sha256(body).as_bytes());
        let request = format!("idempotent request\n{body}\n{query}");
        // Keyed: a body may have a password in it.
        Self { tenant, name: app.hash_key.hash(&name), request: app.hash_key.hash(&request) }
    }

    /// The answer that was given before, if there is one.
    ///
    /// # Errors
    /// 409 where it was given to another request, or what that made is gone; 403 where the caller could not make it
    /// any more.
    pub async fn answer(&self, app: &App, acting: &Acting) -> Result<Option<Response>, Fault> {
        let found = app.store.remembered(self.name, app.clock.now()).await?;
        let Some((request, sealed)) = found else { return Ok(None) };
        if !request.ct_eq(&self.request) {
            let text = ShellReason::RepeatOfAnother;
            return Err(OAuthError::new(ErrorCode::IdempotencyKeyReused, text).into());
        }
        let opened = sealer(app)?.open(self.name.as_bytes(), &sealed).map_err(Fault::internal)?;
        // One that a server of before remembered says not of what it is: it is not shown again.
        let kept: KeptAnswer = serde_json::from_slice(&opened).map_err(|_| {
            let text = ShellReason::RepeatNotShown;
            OAuthError::new(ErrorCode::IdempotencyKeyReused, text)
        })?;
        kept.made.shown_to(app, acting).await?;
        let status = StatusCode::from_u16(kept.status).map_err(Fault::internal)?;
        let mut response = answer::respond(status, &[], kept.body);
        for (name, value) in kept.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        Ok(Some(response))
    }

    /// What is to be written together with what the answer is about; and the answer.
    ///
    /// # Errors
    /// A failure of ours: an answer that cannot be sealed.
    pub async fn remember(
        &self,
        app: &App,
        response: Response,
        made: Made,
    ) -> Result<(Remembered, Response), Fault> {
        let (parts, body) = response.into_parts();
        let body: Bytes = body.collect().await.map_err(Fault::internal)?.to_bytes();
        let kept = KeptAnswer {
            status: parts.status.as_u16(),
            headers: parts
                .headers
                .iter()
                .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
                .collect(),
            body: String::from_utf8(body.to_vec()).map_err(Fault::internal)?,
            made,
        };
        let text = zeroize::Zeroizing::new(serde_json::to_vec(&kept).map_err(Fault::internal)?);
        let sealed = sealer(app)?.seal(self.name.as_bytes(), &text).map_err(Fault::internal)?;
        let at = app.clock.now();
        let remembered = Remembered {
            name: self.name,
            tenant: self.tenant,
            request: self.request,
            sealed,
            at,
            expires_at: at.plus(DAY),
        };
        Ok((remembered, Response::from_parts(parts, body.into())))
    }
}

/// The key that answers are sealed under: it follows from that of the keyed hashes, which is itself sealed
/// under the master key and outlives a change of it.
fn sealer(app: &App) -> Result<MasterKey, Fault> {
    let key = app.hash_key.hash("the key that remembered answers are sealed under, v1");
    MasterKey::from_bytes(key.as_bytes()).map_err(Fault::internal)
}

/// A string as RFC 8941 §3.3.3 writes it, or the same without quotes, as most clients send it.
fn key(headers: &HeaderMap) -> Result<Option<String>, OAuthError> {
    let wrong = || {
        let text = ShellReason::RepeatKeyBad;
        OAuthError::new(ErrorCode::InvalidRequest, text)
    };
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| wrong())?.trim();
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if !is_a_key(inner) || values.next().is_some() {
        return Err(wrong());
    }
    Ok(Some(inner.to_owned()))
}

fn is_a_key(text: &str) -> bool {
    (1..=MOST).contains(&text.len())
        && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<String>, OAuthError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(KEY, HeaderValue::from_str(value).unwrap());
        }
        key(&headers)
    }

    #[test]
    fn a_key_is_a_string_with_or_without_its_quotes() {
        let long = "x".repeat(MOST);
        for text in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", &long] {
            assert_eq!(read(&[text]).unwrap().as_deref(), Some(text));
            assert_eq!(read(&[&format!("\"{text}\"")]).unwrap().as_deref(), Some(text));
        }
        assert_eq!(read(&[]).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        let long = "x".repeat(MOST + 1);
        for values in
            [&[""][..], &["\"\""], &["\""], &["a b"], &["\"a\"b"], &["a\\"], &[&long], &["a", "a"], &["ä"]]
        {
            assert!(read(values).is_err(), "{values:?}");
        }
    }
}
