//! What the server says of itself: OpenID Connect Discovery 1.0 §3, RFC 8414, and the keys.
//!
//! Only what works is advertised.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};
use serde::Serialize;
use writ_core::assertion::token_endpoint;
use writ_core::authorize::{Prompt, ResponseMode};
use writ_core::claims::{ACR_VALUES, SCOPES_SUPPORTED, supported};
use writ_core::client::{AuthAlg, GrantType, PasswordGrant, ResponseType, SubjectType};
use writ_core::key::JWKS_MAX_AGE;
use writ_core::registration::REGISTRATION_PATH;
use writ_core::settings::ClientRegistration;
use writ_core::tenant::{DEFAULT_SLUG, Tenant};
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use crate::call::answer::{self, JSON, respond};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::language::LANGUAGES;
use crate::call::request::{Call, no_tenant};
use crate::manage::standing::place;
use crate::state::app::App;
use crate::state::facts::PublishedTenant;
use crate::state::rounds::Freshness;

/// RFC 8414 §2.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of the specifications")]
struct ServerMetadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    end_session_endpoint: String,
    check_session_iframe: String,
    jwks_uri: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    pushed_authorization_request_endpoint: String,
    device_authorization_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    client_id_metadata_document_supported: bool,
    require_pushed_authorization_requests: bool,
    scopes_supported: &'static [&'static str],
    claims_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    response_types_supported: Vec<&'static str>,
    response_modes_supported: Vec<&'static str>,
    prompt_values_supported: Vec<&'static str>,
    ui_locales_supported: Vec<&'static str>,
    display_values_supported: [&'static str; 3],
    code_challenge_methods_supported: &'static [&'static str],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    authorization_signing_alg_values_supported: Vec<&'static str>,
    userinfo_signing_alg_values_supported: Vec<&'static str>,
    introspection_signing_alg_values_supported: Vec<&'static str>,
    id_token_encryption_alg_values_supported: Vec<&'static str>,
    id_token_encryption_enc_values_supported: Vec<&'static str>,
    authorization_encryption_alg_values_supported: Vec<&'static str>,
    authorization_encryption_enc_values_supported: Vec<&'static str>,
    userinfo_encryption_alg_values_supported: Vec<&'static str>,
    userinfo_encryption_enc_values_supported: Vec<&'static str>,
    introspection_encryption_alg_values_supported: Vec<&'static str>,
    introspection_encryption_enc_values_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: &'static [&'static str],
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 5],
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 5],
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 5],
    subject_types_supported: [&'static str; 2],
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    acr_values_supported: [&'static str; 2],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    request_object_signing_alg_values_supported: [&'static str; 5],
    request_object_encryption_alg_values_supported: [&'static str; 2],
    request_object_encryption_enc_values_supported: [&'static str; 2],
    require_signed_request_object: bool,
    dpop_signing_alg_values_supported: [&'static str; 4],
}

/// The page on which a person can give themselves another password.
const PASSWORD_PAGE: &str = "/account/password";
const GRANTS: &[&str] = &[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];
/// The claims of every ID token; those of people follow from the scopes.
const CLAIMS: &[&str] =
    &["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"];
const CLIENT_AUTHENTICATION: &[&str] =
    &["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"];
const REVOCATION_AUTHENTICATION: &[&str] =
    &["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub async fn metadata(State(app): State<Arc<App>>, call: Call) -> Response {
    match addressed(&app, call.slug.as_deref(), Freshness::Cached).await {
        Ok(published) => public(published.metadata(|tenant| document(&app, tenant))),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// `GET /.well-known/jwks.json` (RFC 7517 §5).
pub async fn jwks(State(app): State<Arc<App>>, call: Call) -> Response {
    let keys = async {
        let mut tenant = addressed(&app, call.slug.as_deref(), Freshness::Cached).await?.tenant;
        let mut keyring = app.keyring(tenant.id, tenant.version).await?;
        if let Some(keys) = keyring.rendered(app.clock.now()) {
            return Ok(keys);
        }
        // Verifiers keep what they get here for minutes: the keys that will sign are in it from the
        // first time on.
        let mut missing = vec![app.access_token_alg(&tenant), app.id_token_alg(&tenant)];
        missing.retain(|algorithm| keyring.signing(*algorithm, app.clock.now()).is_none());
        for algorithm in &missing {
            app.make_signing_key(tenant.id, *algorithm).await?;
        }
        if !missing.is_empty() {
            tenant = addressed(&app, call.slug.as_deref(), Freshness::Fresh).await?.tenant;
            keyring = app.keyring(tenant.id, tenant.version).await?;
        }
        Ok::<_, Fault>(keyring.jwks(app.clock.now()))
    };
    match keys.await {
        Ok(keys) => public(keys),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// `GET /.well-known/change-password`: where a password manager sends a person (W3C, A Well-Known URL for Changing
/// Passwords).
pub async fn change_password(State(app): State<Arc<App>>, call: Call) -> Response {
    match addressed(&app, call.slug.as_deref(), Freshness::Fresh).await {
        Ok(published) => html::see_other(&place(&published.tenant, PASSWORD_PAGE)),
        Err(fault) => answer::error(&app, &fault),
    }
}

pub(super) async fn addressed(
    app: &App,
    slug: Option<&str>,
    freshness: Freshness,
) -> Result<PublishedTenant, Fault> {
    if slug == Some(DEFAULT_SLUG) {
        return Err(no_tenant());
    }
    let slug = slug.unwrap_or(DEFAULT_SLUG);
    match app.published(slug, freshness).await? {
        Some(published) if published.tenant.enabled.is_yes() => Ok(published),
        Some(_) | None => Err(no_tenant()),
    }
}

fn document(app: &App, tenant: &Tenant) -> String {
    let (issuer, settings) = (&*app.issuer(tenant), &tenant.settings);
    let can_register = app.is_open_to_all(tenant);
    let by_password = (settings.password_grant == PasswordGrant::On).then_some(GrantType::Password.name());
    let implicit = GrantType::Implicit;
    let is_registrable = settings.registration != ClientRegistration::Off
        && settings.registration_policy.grant_types.contains(&implicit);
    let implicit = (settings.legacy_implicit_grant.is_on() || is_registrable).then_some(implicit.name());
    let metadata = ServerMetadata {
        issuer,
        authorization_endpoint: format!("{issuer}/oauth2/authorize"),
        token_endpoint: token_endpoint(issuer),
        userinfo_endpoint: format!("{issuer}/oauth2/userinfo"),
        end_session_endpoint: format!("{issuer}/oauth2/logout"),
        check_session_iframe: format!("{issuer}/oauth2/check-session"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        introspection_endpoint: format!("{issuer}/oauth2/introspect"),
        revocation_endpoint: format!("{issuer}/oauth2/revoke"),
        pushed_authorization_request_endpoint: format!("{issuer}/oauth2/par"),
        device_authorization_endpoint: format!("{issuer}/oauth2/device_authorization"),
        registration_endpoint: (settings.registration != ClientRegistration::Off)
            .then(|| format!("{issuer}{REGISTRATION_PATH}")),
        client_id_metadata_document_supported: settings.client_documents.is_on(),
        require_pushed_authorization_requests: settings.require_pushed_authorization_requests.is_on(),
        scopes_supported: &SCOPES_SUPPORTED,
        claims_supported: CLAIMS.iter().copied().chain(supported()).collect(),
        grant_types_supported: GRANTS.iter().copied().chain(by_password).chain(implicit).collect(),
        response_types_supported: ResponseType::ALL
            .into_iter()
            .filter(|known| !known.has_token() || settings.legacy_implicit_grant.is_on())
            .map(ResponseType::name)
            .collect(),
        response_modes_supported: ResponseMode::ALL
            .into_iter()
            .map(ResponseMode::name)
            .chain(["jwt"])
            .collect(),
        prompt_values_supported: Prompt::ALL
            .into_iter()
            .filter(|prompt| can_register || *prompt != Prompt::Create)
            .map(Prompt::name)
            .collect(),
        ui_locales_supported: LANGUAGES.iter().map(|language| language.tag).collect(),
        // The pages fit a small window and a phone as they are.
        display_values_supported: ["page", "popup", "touch"],
        code_challenge_methods_supported: &["S256"],
        // RS256 among them, as OpenID Connect Discovery §3 demands.
        id_token_signing_alg_values_supported: Algorithm::ALL.into_iter().map(Algorithm::name).collect(),
        authorization_signing_alg_values_supported: Algorithm::ALL.into_iter().map(Algorithm::name).collect(),
        userinfo_signing_alg_values_supported: Algorithm::ALL.into_iter().map(Algorithm::name).collect(),
        introspection_signing_alg_values_supported: Algorithm::ALL.into_iter().map(Algorithm::name).collect(),
        id_token_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).into(),
        id_token_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).into(),
        authorization_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).into(),
        authorization_encryption_enc_values_supported: ContentEncryption::ALL
            .map(ContentEncryption::name)
            .into(),
        userinfo_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).into(),
        userinfo_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).into(),
        introspection_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).into(),
        introspection_encryption_enc_values_supported: ContentEncryption::ALL
            .map(ContentEncryption::name)
            .into(),
        token_endpoint_auth_methods_supported: REVOCATION_AUTHENTICATION,
        introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
        revocation_endpoint_auth_methods_supported: REVOCATION_AUTHENTICATION,
        token_endpoint_auth_signing_alg_values_supported: AuthAlg::ALL.map(AuthAlg::name),
        introspection_endpoint_auth_signing_alg_values_supported: AuthAlg::ALL.map(AuthAlg::name),
        revocation_endpoint_auth_signing_alg_values_supported: AuthAlg::ALL.map(AuthAlg::name),
        subject_types_supported: SubjectType::ALL.map(SubjectType::name),
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        acr_values_supported: ACR_VALUES,
        claims_parameter_supported: true,
        request_parameter_supported: true,
        request_uri_parameter_supported: true,
        require_request_uri_registration: true,
        // Without none: what is listed here is good for a client that has registered nothing (Registration §2).
        request_object_signing_alg_values_supported: AuthAlg::ALL.map(AuthAlg::name),
        // A key is in the JWKS once a client is registered for it.
        request_object_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name),
        request_object_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name),
        require_signed_request_object: settings.require_signed_request_object.is_on(),
        dpop_signing_alg_values_supported: Algorithm::ALL.map(Algorithm::name),
    };
    serde_json::to_string(&metadata).unwrap_or_default()
}

/// A key signs only after it has been published for longer than this.
static MAX_AGE: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::try_from(format!("public, max-age={}", JWKS_MAX_AGE.0))
        .unwrap_or(HeaderValue::from_static("no-cache"))
});

/// Public and some seconds old at the most; any web page may read it.
pub(super) fn public(body: impl Into<Bytes>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, MAX_AGE.clone()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    respond(StatusCode::OK, &headers, body.into())
}
