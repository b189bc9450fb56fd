//! Errors: one table from code to status, meaning and remedy.
//!
//! Every refusal that leaves the server names an [`ErrorCode`]. The table below is the only place
//! that knows the HTTP status of a code, the word on the wire, and what a reader of
//! `/errors/{code}` is told.

use std::borrow::Cow;
use std::fmt;

use crate::networks::ListOf;
use crate::reason::Reason;
use crate::step_up::StepUp;
use crate::violation::{Field, Violations};

/// One row of the error table.
#[derive(Debug, Clone, Copy)]
pub struct ErrorEntry {
    /// The code that the row describes.
    pub code: ErrorCode,
    /// The word in `error` on the wire; several codes may share one (RFC 6749 §5.2 knows few words).
    pub wire: &'static str,
    /// The last path segment of `error_uri`: unique.
    pub page: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it means, for a developer who reads it for the first time.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where it is defined.
    pub source: &'static str,
}

macro_rules! error_table {
    ($($(#[doc = $doc:literal])* $code:ident {
        wire: $wire:literal, page: $page:literal, status: $status:literal,
        meaning: $meaning:literal, remedy: $remedy:literal, source: $source:literal $(,)?
    })*) => {
        /// Every error that Writ answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[doc = $doc])* $code,)* }

        /// The table, in the order of the enum.
        pub const ERRORS: &[ErrorEntry] = &[$(ErrorEntry {
            code: ErrorCode::$code, wire: $wire, page: $page, status: $status,
            meaning: $meaning, remedy: $remedy, source: $source,
        },)*];

        impl ErrorCode {
            /// The row of this code.
            pub const fn entry(self) -> &'static ErrorEntry {
                match self { $(Self::$code => &ErrorEntry {
                    code: ErrorCode::$code, wire: $wire, page: $page, status: $status,
                    meaning: $meaning, remedy: $remedy, source: $source,
                },)* }
            }
        }
    };
}

error_table! {
    /// A parameter is missing, repeated, malformed or contradicts another.
    InvalidRequest {
        wire: "invalid_request", page: "invalid_request", status: 400,
        meaning: "The request is malformed: a parameter is missing, sent twice, has a value that cannot be read, or two parameters contradict each other.",
        remedy: "Read error_description: it names the parameter. Send each parameter once, form-encoded, and authenticate the client in one way only.",
        source: "RFC 6749, section 5.2",
    }
    /// Client authentication failed.
    InvalidClient {
        wire: "invalid_client", page: "invalid_client", status: 401,
        meaning: "The client could not be authenticated: the client_id is unknown, the secret is wrong or expired, the client is disabled, or no authentication was sent.",
        remedy: "Check client_id and client_secret. With HTTP Basic, form-urlencode both halves before the base64. If the secret was rotated, use the new one. The answer is the same for an unknown client and a wrong secret.",
        source: "RFC 6749, section 5.2",
    }
    /// The grant presented is not, or no longer, good.
    InvalidGrant {
        wire: "invalid_grant", page: "invalid_grant", status: 400,
        meaning: "The authorization code, refresh token or password is wrong, expired, already used, revoked, or was issued to another client or redirect URI.",
        remedy: "Start a new authorization. A code works once and only for a short time; a refresh token that has been rotated must not be used again.",
        source: "RFC 6749, section 5.2",
    }
    /// The client may not do this.
    UnauthorizedClient {
        wire: "unauthorized_client", page: "unauthorized_client", status: 400,
        meaning: "The client is known, but it is not registered for this grant type, or the token belongs to another client.",
        remedy: "Add the grant type to the client's grant types, or use the client that the token was issued to.",
        source: "RFC 6749, section 5.2; RFC 7009, section 2.1",
    }
    /// The grant type does not exist here.
    UnsupportedGrantType {
        wire: "unsupported_grant_type", page: "unsupported_grant_type", status: 400,
        meaning: "The server does not know the grant type that was sent.",
        remedy: "grant_types_supported in the server's metadata lists the grant types that work.",
        source: "RFC 6749, section 5.2",
    }
    /// Nothing of the scope asked for may be granted.
    InvalidScope {
        wire: "invalid_scope", page: "invalid_scope", status: 400,
        meaning: "The scope is malformed, or none of the scopes asked for is allowed for this client.",
        remedy: "Ask for scopes that the client is registered for, separated by single spaces, or leave scope out to get all of them.",
        source: "RFC 6749, section 5.2",
    }
    /// RFC 8707 §2.
    InvalidTarget {
        wire: "invalid_target", page: "invalid_target", status: 400,
        meaning: "A resource that was named is malformed, unknown to this tenant, not for this client, or not part of what was granted; or several were named for one token.",
        remedy: "Read error_description: it names the resource. Register the API at /api/v1/resources, let the client use it, name it in the authorization request too, and name one resource for each token unless the client is registered with multiple_resources.",
        source: "RFC 8707, section 2",
    }
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType {
        wire: "unsupported_response_type", page: "unsupported_response_type", status: 400,
        meaning: "The authorization request asks for a response type that there is not, or that the tenant has turned off.",
        remedy: "Use response_type=code with PKCE. An ID token beside it is for clients that are registered so; an access token is only given where the tenant has turned on legacy_implicit_grant, since OAuth 2.1 has dropped that.",
        source: "RFC 6749, section 4.1.2.1",
    }
    /// RFC 9101 §7, OpenID Connect Core §3.1.2.6.
    InvalidRequestObject {
        wire: "invalid_request_object", page: "invalid_request_object", status: 400,
        meaning: "The request object is not good for this client here and now: it cannot be read, is not signed as the client is registered, is for somebody else, has expired, or contradicts what stands beside it.",
        remedy: "Read error_description. Sign the object with a key of the client's jwks or jwks_uri, or with the secret of a client_secret_jwt client, as request_object_signing_alg says; iss is the client_id and aud the issuer.",
        source: "RFC 9101, section 7",
    }
    /// RFC 9126 §4, OpenID Connect Core §3.1.2.6.
    InvalidRequestUri {
        wire: "invalid_request_uri", page: "invalid_request_uri", status: 400,
        meaning: "What request_uri points at is no request of this client that can still be used: a reference that is unknown, expired, or gave a code already; or an address that is not registered, or where no request object can be had.",
        remedy: "Push the request again and send the browser on with the new reference at once: it lasts a minute and gives one code. An address is https, one of the client's request_uris, and answers with a request object of at most 24 KiB within five seconds.",
        source: "RFC 9126, section 4",
    }
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported {
        wire: "registration_not_supported", page: "registration_not_supported", status: 400,
        meaning: "The authorization request carries the parameter registration, which is for self-issued providers only.",
        remedy: "Register the client beforehand and leave registration out.",
        source: "OpenID Connect Core, section 3.1.2.6",
    }
    /// A redirect URI of a client that registers itself is not good.
    InvalidRedirectUri {
        wire: "invalid_redirect_uri", page: "invalid_redirect_uri", status: 400,
        meaning: "The registration was refused: a redirect URI is missing, malformed, or leads where clients of this tenant may not send people.",
        remedy: "Read error_description: it names the field and the entry. Use https, or http on a loopback host or a private-use scheme for applications on a device.",
        source: "RFC 7591, section 3.2.2",
    }
    /// Something else of a client that registers itself is not good.
    InvalidClientMetadata {
        wire: "invalid_client_metadata", page: "invalid_client_metadata", status: 400,
        meaning: "The registration was refused: a value of the client's metadata is missing, malformed, not offered here, or does not go with another one.",
        remedy: "Read error_description: it names every field that is wrong, and why. Correct them all and send the registration again.",
        source: "RFC 7591, section 3.2.2",
    }
    /// The software statement cannot be believed.
    InvalidSoftwareStatement {
        wire: "invalid_software_statement", page: "invalid_software_statement", status: 400,
        meaning: "The registration was refused: its software statement is missing although one is needed, malformed, expired, or not signed by a key of its issuer.",
        remedy: "Get a new statement from whoever publishes the software, and send it unchanged.",
        source: "RFC 7591, section 3.2.2",
    }
    /// The software statement is of nobody that is trusted here.
    UnapprovedSoftwareStatement {
        wire: "unapproved_software_statement", page: "unapproved_software_statement", status: 400,
        meaning: "The registration was refused: the issuer of the software statement is not one that the tenant trusts.",
        remedy: "Ask whoever runs the server to add the issuer and its keys to the tenant's registration_policy.",
        source: "RFC 7591, section 3.2.2",
    }
    /// OpenID Connect Core Unmet Authentication Requirements 1.0 §2.
    UnmetAuthenticationRequirements {
        wire: "unmet_authentication_requirements", page: "unmet_authentication_requirements", status: 400,
        meaning: "The request has an essential acr, and nobody can sign in here in one of the ways that it names.",
        remedy: "Ask for one of acr_values_supported in the server's metadata, or ask for it by acr_values, which is a wish.",
        source: "OpenID Connect Core Unmet Authentication Requirements 1.0, section 2",
    }
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired {
        wire: "login_required", page: "login_required", status: 400,
        meaning: "The request has prompt=none, but the person must sign in first: nobody is signed in in this browser, the sign-in is older than max_age allows, or id_token_hint names somebody else.",
        remedy: "Send the person through an authorization request without prompt=none.",
        source: "OpenID Connect Core, section 3.1.2.6",
    }
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired {
        wire: "consent_required", page: "consent_required", status: 400,
        meaning: "The request has prompt=none, but the person has not yet consented to what it asks for.",
        remedy: "Send the person through an authorization request without prompt=none.",
        source: "OpenID Connect Core, section 3.1.2.6",
    }
    /// RFC 8628 §3.5.
    AuthorizationPending {
        wire: "authorization_pending", page: "authorization_pending", status: 400,
        meaning: "The person has not answered yet on the page that the device told them of.",
        remedy: "Ask again after as many seconds as interval said, until the answer is another one.",
        source: "RFC 8628, section 3.5",
    }
    /// RFC 8628 §3.5.
    SlowDown {
        wire: "slow_down", page: "slow_down", status: 400,
        meaning: "The person has not answered yet, and the device asks more often than it may.",
        remedy: "Add five seconds to the interval, and ask again after that.",
        source: "RFC 8628, section 3.5",
    }
    /// RFC 8628 §3.5.
    ExpiredToken {
        wire: "expired_token", page: "expired_token", status: 400,
        meaning: "The device code has expired: nobody answered in time, or the device did not come back for the answer.",
        remedy: "Send a new device authorization request, and show the person its code, once they want to go on.",
        source: "RFC 8628, section 3.5",
    }
    /// RFC 8628 §3.5.
    DeviceDenied {
        wire: "access_denied", page: "device_denied", status: 400,
        meaning: "The person said no on the page that the device told them of.",
        remedy: "Do not ask again by yourself. If the person wants it, send a new device authorization request.",
        source: "RFC 8628, section 3.5; RFC 6749, section 4.1.2.1",
    }
    /// RFC 9449 §5.
    InvalidDpopProof {
        wire: "invalid_dpop_proof", page: "invalid_dpop_proof", status: 400,
        meaning: "The DPoP header has no good proof for this request, or the client gets tokens only with one: it is missing, cannot be read, is for another method or address, too old, or was used before.",
        remedy: "Read error_description. Make a new proof for each request: typ is dpop+jwt, jwk the public key, htm and htu the method and address, iat the time, and jti a random text. dpop_signing_alg_values_supported lists the algorithms.",
        source: "RFC 9449, section 5",
    }
    /// RFC 9449 §8.
    UseDpopNonce {
        wire: "use_dpop_nonce", page: "use_dpop_nonce", status: 400,
        meaning: "The proof in the DPoP header bears no nonce of the server's, or one that is too old.",
        remedy: "Send the request again with a new proof, whose claim nonce is the value of the DPoP-Nonce header of the answer. Libraries for DPoP do that by themselves.",
        source: "RFC 9449, section 8",
    }
    /// RFC 9449 §7.1: the same of whoever comes with an access token.
    InvalidDpopProofOfCall {
        wire: "invalid_dpop_proof", page: "invalid_dpop_proof_of_call", status: 401,
        meaning: "The access token is bound to a key, and the DPoP header has no good proof of that key for this request.",
        remedy: "Read error_description. Make a new proof for each request, with ath beside the other claims: base64url of SHA-256 of the access token.",
        source: "RFC 9449, section 7.1",
    }
    /// RFC 9449 §9: the same of whoever comes with an access token.
    UseDpopNonceInCall {
        wire: "use_dpop_nonce", page: "use_dpop_nonce_in_call", status: 401,
        meaning: "The proof in the DPoP header bears no nonce of the server's, or one that is too old.",
        remedy: "Send the request again with a new proof, whose claim nonce is the value of the DPoP-Nonce header of the answer.",
        source: "RFC 9449, section 9",
    }
    /// The bearer token is not good.
    InvalidToken {
        wire: "invalid_token", page: "invalid_token", status: 401,
        meaning: "The access token or API key is malformed, expired, revoked, unknown, or was not issued for this server.",
        remedy: "Get a new token. A token for the server's own endpoints must have the issuer in its audience.",
        source: "RFC 6750, section 3.1",
    }
    /// No credential was sent.
    CredentialRequired {
        wire: "invalid_token", page: "credential_required", status: 401,
        meaning: "The request had no credential, or one with an unknown scheme.",
        remedy: "Send an Authorization header: Basic with a client's id and secret, Bearer with an access token or an API key, or DPoP with an access token that is bound to a key.",
        source: "RFC 6750, section 3",
    }
    /// RFC 9470 §3.
    InsufficientUserAuthentication {
        wire: "insufficient_user_authentication", page: "insufficient_user_authentication", status: 401,
        meaning: "The access token is good, but the person behind it has proved less, or longer ago, than the tenant wants of whoever manages it.",
        remedy: "Send the person through an authorization request with the acr_values and max_age that stand in the WWW-Authenticate header, and use the token that comes of it.",
        source: "RFC 9470, section 3",
    }
    /// The caller lacks a permission.
    InsufficientScope {
        wire: "insufficient_scope", page: "insufficient_scope", status: 403,
        meaning: "The credential is valid, but it does not have the permission that this endpoint needs.",
        remedy: "Use a credential with the permission named in error_description, or have an administrator grant it.",
        source: "RFC 6750, section 3.1",
    }
    /// The credential may not do this here, whatever its permissions.
    AccessDenied {
        wire: "access_denied", page: "access_denied", status: 403,
        meaning: "The credential is valid, but it may not do this: it would grant more than it has, act in another tenant, or act for a person without permission.",
        remedy: "Read error_description. Nobody can grant, edit or rotate more authority than they have; use a credential that has it.",
        source: "RFC 9110, section 15.5.4",
    }
    /// Nothing is there.
    NotFound {
        wire: "not_found", page: "not_found", status: 404,
        meaning: "Nothing exists at this address, or it belongs to another tenant.",
        remedy: "Check the path. The server's metadata and README list the endpoints that exist.",
        source: "RFC 9110, section 15.5.5",
    }
    /// The path exists, the method does not.
    MethodNotAllowed {
        wire: "invalid_request", page: "method_not_allowed", status: 405,
        meaning: "The endpoint exists, but not with this HTTP method.",
        remedy: "Use a method from the Allow header of the answer. Token, introspection and revocation requests are POST.",
        source: "RFC 9110, section 15.5.6",
    }
    /// The body did not arrive in time.
    RequestTimeout {
        wire: "invalid_request", page: "request_timeout", status: 408,
        meaning: "The request's body did not arrive in time.",
        remedy: "Send the request again, in one piece.",
        source: "RFC 9110, section 15.5.9",
    }
    /// The resource already exists.
    Conflict {
        wire: "conflict", page: "conflict", status: 409,
        meaning: "The request conflicts with existing data; most often a name is already taken.",
        remedy: "Choose another name, or read the current state and try again.",
        source: "RFC 9110, section 15.5.10",
    }
    /// An `Idempotency-Key` that came with another request before.
    IdempotencyKeyReused {
        wire: "conflict", page: "idempotency_key_reused", status: 409,
        meaning: "The Idempotency-Key was used within the last day for a request with another body. Nothing was changed.",
        remedy: "Send each key with one request only: a new request needs a new key. To repeat a request, send the same body byte for byte.",
        source: "draft-ietf-httpapi-idempotency-key-header, section 2.7",
    }
    /// The object has another version than the one that was named.
    PreconditionFailed {
        wire: "precondition_failed", page: "precondition_failed", status: 412,
        meaning: "Somebody changed the object after you read it: its version is not the one in If-Match. Nothing was changed.",
        remedy: "Read the object again, and repeat the change with the ETag of that answer if it still applies.",
        source: "RFC 9110, section 13.1.1",
    }
    /// The body is too large.
    PayloadTooLarge {
        wire: "invalid_request", page: "payload_too_large", status: 413,
        meaning: "The request's body is larger than this endpoint accepts.",
        remedy: "Send a smaller body. Protocol requests are a few hundred bytes.",
        source: "RFC 9110, section 15.5.14",
    }
    /// The body has the wrong media type.
    UnsupportedMediaType {
        wire: "invalid_request", page: "unsupported_media_type", status: 415,
        meaning: "The Content-Type is not one that this endpoint accepts, or the body is compressed.",
        remedy: "Send application/x-www-form-urlencoded (UTF-8) to protocol endpoints and application/json to management endpoints, without Content-Encoding.",
        source: "RFC 6749, section 3.2; RFC 9110, section 15.5.16",
    }
    /// Too many calls in too short a time.
    TooManyRequests {
        wire: "too_many_requests", page: "too_many_requests", status: 429,
        meaning: "Too many calls in a short time by this client or API key, or too many failed authentications from this address.",
        remedy: "Wait for the time in Retry-After. RateLimit-Policy says how many calls are allowed in how many seconds, RateLimit how many are left. If the secret is wrong, correct it first.",
        source: "RFC 6585, section 4; draft-ietf-httpapi-ratelimit-headers",
    }
    /// The server failed.
    ServerError {
        wire: "server_error", page: "server_error", status: 500,
        meaning: "An unexpected error happened on the server. Nothing was changed.",
        remedy: "Try again. If it happens again, tell the server's operator the x-request-id of the answer; the log has more about it.",
        source: "RFC 6749, section 4.1.2.1",
    }
    /// The server cannot do it just now.
    TemporarilyUnavailable {
        wire: "temporarily_unavailable", page: "temporarily_unavailable", status: 503,
        meaning: "The server is overloaded, or its storage cannot be written at the moment. Nothing was changed.",
        remedy: "Try again after the time in Retry-After.",
        source: "RFC 6749, section 4.1.2.1",
    }
}

impl ErrorCode {
    /// Finds a code by the last segment of its page's address.
    pub fn by_page(page: &str) -> Option<Self> {
        ERRORS.iter().find(|entry| entry.page == page).map(|entry| entry.code)
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.entry().status
    }

    /// The word on the wire.
    pub const fn wire(self) -> &'static str {
        self.entry().wire
    }
}

/// Which scheme the challenge of a 401 names (RFC 9110 §11.6.1; RFC 6750 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// `Bearer` and `DPoP`, where nothing was sent and nothing else than a token is taken.
    Token,
    /// `Basic`: the client authenticated, or should have, as a client.
    Basic,
    /// `Bearer`: a token or API key was sent.
    Bearer,
    /// `DPoP`: a token was sent that is, or has to be, bound to a key (RFC 9449 §7.1).
    Dpop,
    /// No credential was sent: all schemes are named.
    Both,
    /// `Bearer`: the token is good, and its person has to prove this (RFC 9470 §3).
    StepUp(StepUp),
}

/// What a caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// One reason.
    Reason(Reason),
    /// What is wrong with fields, one by one.
    Fields(Violations),
}

/// An error on its way to a caller: a code, why, and a message for the log.
#[derive(Debug, Clone)]
pub struct OAuthError {
    code: ErrorCode,
    why: Why,
    internal: Option<Box<str>>,
    /// Apart, since errors are moved about.
    challenge: Option<Box<Challenge>>,
    shut_out_by: Option<ListOf>,
}

impl OAuthError {
    /// An error with the reason that its caller is told.
    pub fn new(code: ErrorCode, why: impl Into<Reason>) -> Self {
        let why = Why::Reason(why.into());
        Self { code, why, internal: None, challenge: None, shut_out_by: None }
    }

    /// `invalid_request` for fields that are wrong.
    pub fn invalid(wrong: Violations) -> Self {
        let (code, why) = (ErrorCode::InvalidRequest, Why::Fields(wrong));
        Self { code, why, internal: None, challenge: None, shut_out_by: None }
    }

    /// `invalid_request` for one field.
    pub fn of_field(field: impl Into<Field>, reason: impl Into<Reason>) -> Self {
        Self::invalid(Violations::of(field, reason))
    }

    /// What is wrong with fields, one by one.
    pub const fn wrong(&self) -> Option<&Violations> {
        match &self.why {
            Why::Reason(_) => None,
            Why::Fields(wrong) => Some(wrong),
        }
    }

    /// The same with the fields as `spelling` has them.
    #[must_use]
    pub fn spelled(self, spelling: impl Fn(&Field) -> Cow<'static, str>) -> Self {
        match self.why {
            Why::Reason(_) => self,
            Why::Fields(wrong) => Self { why: Why::Fields(wrong.spelled(spelling)), ..self },
        }
    }

    /// The same under another code: what a field's being wrong is called differs between protocols.
    #[must_use]
    pub fn recoded(self, code: ErrorCode) -> Self {
        Self { code, ..self }
    }

    /// Adds what only the log may say.
    #[must_use]
    pub fn internally(mut self, detail: impl fmt::Display) -> Self {
        self.internal = Some(detail.to_string().into_boxed_str());
        self
    }

    /// Names the scheme of the `WWW-Authenticate` header.
    #[must_use]
    pub fn challenged(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(Box::new(challenge));
        self
    }

    /// Says which allow list the caller was not on: for the log and the audit log, never for the caller.
    #[must_use]
    pub fn shut_out_by(mut self, list: ListOf) -> Self {
        self.shut_out_by = Some(list);
        self
    }

    /// The allow list that the caller was not on.
    pub const fn shut_out(&self) -> Option<ListOf> {
        self.shut_out_by
    }

    /// The code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What the caller is told.
    pub const fn why(&self) -> &Why {
        &self.why
    }

    /// What the caller reads in English.
    #[cfg(test)]
    pub(crate) fn public(&self) -> String {
        match &self.why {
            Why::Reason(why) => why.to_string(),
            Why::Fields(wrong) => wrong.text(),
        }
    }

    /// The message for the log, if there is one.
    pub fn internal(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    /// The scheme that a 401 names.
    pub fn challenge(&self) -> Option<Challenge> {
        self.challenge.as_deref().copied()
    }
}

#[cfg(test)]
impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.wire(), self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn pages_are_unique_and_lead_back_to_their_code() {
        let pages: HashSet<_> = ERRORS.iter().map(|entry| entry.page).collect();
        assert_eq!(pages.len(), ERRORS.len());
        for entry in ERRORS {
            assert_eq!(ErrorCode::by_page(entry.page), Some(entry.code));
            assert_eq!(entry.code.entry().page, entry.page);
        }
    }

    /// RFC 6749 §5.2: `error_description` MUST NOT include `"` or `\`; the table's texts are used as such.
    #[test]
    fn texts_keep_to_the_character_set_of_error_description() {
        for entry in ERRORS {
            assert!(entry.meaning.bytes().all(|b| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\'));
        }
    }
}
