//! Answers that their client wants signed, or encrypted to a key of its own: those to authorization requests (JWT Secured Authorization Response Mode,
//! JARM), UserInfo (OpenID Connect Core §5.3.2), and those about tokens (RFC 9701).

use std::sync::Arc;

use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use writ_core::authenticate::ClientFacts;
use writ_core::authorize::{Answered, Wrapping};
use writ_core::client::Recipient;
use writ_core::introspect::signed_answer;
use writ_core::tenant::Tenant;
use writ_core::time::Seconds;
use writ_jose::jwe::Content;
use writ_jose::{Algorithm, JwtType, SigningKey};

use crate::call::answer::{json_no_store, respond};
use crate::call::fault::Fault;
use crate::reasons;
use crate::state::app::App;
use crate::state::keyring::WantedKey;
use crate::state::rounds::Freshness;

/// How often the tenant is looked at: once before its key is made, and once after.
const LOOKS: usize = 3;
/// How long an answer without an end of its own may be verified at the least.
const LIFETIME: Seconds = Seconds(3600);
/// OpenID Connect Core §5.3.2.
const USERINFO: &str = "application/jwt";
/// RFC 9701 §4.
const INTROSPECTION: &str = "application/token-introspection+jwt";

/// What is answered, and as what.
pub(crate) enum AnswerBody {
    /// JSON.
    Json(String),
    /// A JWT, of this media type.
    Jwt(String, &'static str),
}

impl AnswerBody {
    /// The answer, which no cache may keep.
    pub(crate) fn into_response(self) -> Response {
        let (jwt, media) = match self {
            Self::Json(json) => return json_no_store(StatusCode::OK, json),
            Self::Jwt(jwt, media) => (jwt, media),
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(media)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::PRAGMA, HeaderValue::from_static("no-cache")),
        ];
        respond(StatusCode::OK, &headers, jwt)
    }
}

/// Whether a caller wants what is said of a token signed (RFC 9701 §4): it names that media type.
pub(crate) fn wants_signed(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = accepted.flat_map(|value| value.split(','));
    ranges.any(|range| {
        let media = range.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case(INTROSPECTION)
    })
}

impl App {
    /// What UserInfo says, encrypted and not signed: JSON within (OpenID Connect Core §5.3.2).
    ///
    /// # Errors
    /// Where it cannot be encrypted.
    pub(crate) async fn encrypted_userinfo(
        &self,
        tenant: &Tenant,
        recipient: &Recipient,
        claims: &str,
    ) -> Result<AnswerBody, Fault> {
        let key = self.encryption_key(recipient, tenant.id).await?;
        let jwe = key.encrypt_compact(Content::Octets, claims.as_bytes()).map_err(Fault::internal)?;
        Ok(AnswerBody::Jwt(jwe, USERINFO))
    }

    /// A signed answer as its client gets it: within an encrypted one where it wants that (RFC 7519 §11.2).
    async fn sealed(
        &self,
        jwt: String,
        recipient: Option<&Recipient>,
        tenant: &Tenant,
    ) -> Result<String, Fault> {
        let Some(recipient) = recipient else { return Ok(jwt) };
        let key = self.encryption_key(recipient, tenant.id).await?;
        key.encrypt_compact(Content::Jwt, jwt.as_bytes()).map_err(Fault::internal)
    }

    /// An answer as it was asked for: as it is, or as one signed JWT (JARM §2).
    ///
    /// # Errors
    /// Where nothing can be signed.
    pub(crate) async fn as_wanted(&self, answered: Answered, facts: &ClientFacts) -> Result<Answered, Fault> {
        let answered = answered.worded(reasons::why);
        if answered.to.mode.wrapping == Wrapping::None {
            return Ok(answered);
        }
        let own = facts.client.tokens.choices.authorization_alg;
        let algorithm = own.unwrap_or_else(|| self.id_token_alg(&facts.tenant));
        let claims = answered.claims(&facts.client.client_id, self.clock.now());
        let wanted = WantedKey { algorithm, lifetime: facts.client.tokens.access_lifetime };
        // In a box: nearly all answers are sent as they are, and need not carry room for this.
        let jwt = Box::pin(self.signed_jwt(&facts.tenant, (JwtType::IdToken, wanted), &claims)).await?;
        let recipient = facts.client.tokens.answers.authorization.as_deref();
        Ok(answered.signed(Box::pin(self.sealed(jwt, recipient, &facts.tenant)).await?))
    }

    /// What UserInfo says, signed, and then encrypted where its client wants that too (OpenID Connect Core §5.3.2).
    ///
    /// # Errors
    /// Where nothing can be signed.
    pub(crate) async fn signed_userinfo(
        &self,
        tenant: &Tenant,
        (algorithm, recipient): (Algorithm, Option<&Recipient>),
        claims: &str,
    ) -> Result<AnswerBody, Fault> {
        let wanted = WantedKey { algorithm, lifetime: LIFETIME };
        let jwt = self.signed_jwt(tenant, (JwtType::UserInfo, wanted), claims).await?;
        Ok(AnswerBody::Jwt(self.sealed(jwt, recipient, tenant).await?, USERINFO))
    }

    /// What is said of a token to a client, signed (RFC 9701 §5).
    ///
    /// # Errors
    /// Where nothing can be signed.
    pub(crate) async fn signed_introspection(
        &self,
        facts: &ClientFacts,
        answer: &str,
    ) -> Result<AnswerBody, Fault> {
        let own = facts.client.tokens.choices.introspection_alg;
        let algorithm = own.unwrap_or_else(|| self.id_token_alg(&facts.tenant));
        let between = (&*facts.issuer, &*facts.client.client_id);
        let claims = signed_answer(answer, between, self.clock.now());
        let wanted = WantedKey { algorithm, lifetime: LIFETIME };
        let jwt = self.signed_jwt(&facts.tenant, (JwtType::Introspection, wanted), &claims).await?;
        let recipient = facts.client.tokens.answers.introspection.as_deref();
        let jwt = self.sealed(jwt, recipient, &facts.tenant).await?;
        Ok(AnswerBody::Jwt(jwt, INTROSPECTION))
    }

    async fn signed_jwt(
        &self,
        tenant: &Tenant,
        (typ, wanted): (JwtType, WantedKey),
        claims: &str,
    ) -> Result<String, Fault> {
        let key = self.key_for_answers(tenant, wanted).await?;
        key.sign_compact(typ, claims.as_bytes()).map_err(Fault::internal)
    }

    /// A key for what is answered at once, made where there is none yet.
    ///
    /// # Errors
    /// Where there is none to be had.
    pub(crate) async fn key_for_answers(
        &self,
        tenant: &Tenant,
        wanted: WantedKey,
    ) -> Result<Arc<SigningKey>, Fault> {
        for _ in 0..LOOKS {
            let fresh = self.tenant(&tenant.slug, Freshness::Fresh).await?;
            let version = fresh.map_or(tenant.version, |tenant| tenant.version);
            if let Some(key) = self.signing_key((tenant.id, version), wanted).await? {
                return Ok(key);
            }
        }
        Err(Fault::internal("no key signs answers"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9701 §4, RFC 9110 §12.5.1: who accepts anything has not asked for a signature.
    #[test]
    fn a_signature_is_asked_for_by_name() {
        for (accept, expected) in [
            ("application/token-introspection+jwt", true),
            ("application/json, Application/Token-Introspection+JWT;q=0.5", true),
            ("application/json", false),
            ("application/*, */*", false),
            ("application/jwt", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(wants_signed(&headers), expected, "{accept}");
        }
        assert!(!wants_signed(&HeaderMap::new()));
    }
}
