//! Tokens, introspection, revocation, metadata and keys.

use serde_json::{Value, json};
use writ_core::assertion::ASSERTION_TYPE;
use writ_core::confirmation::TokenScheme;
use writ_core::error::ErrorCode;

use super::super::operation::{Access, Contract, Media, Operation};
use crate::call::schema::{Schema, SchemaMember, optional, required};

const TENANT: (&str, &str, &str) = ("slug", "The tenant's slug.", "acme");

/// The parameters of a client that does not use HTTP Basic.
fn credentials() -> [SchemaMember; 4] {
    [
        optional("client_id", Schema::text().about("Where the client does not use HTTP Basic.")),
        optional("client_secret", Schema::text().about("Where the client does not use HTTP Basic.")),
        optional(
            "client_assertion_type",
            Schema::word([ASSERTION_TYPE]).about("Beside client_assertion (RFC 7523)."),
        ),
        optional(
            "client_assertion",
            Schema::text().about("A JWT that the client has signed: client_secret_jwt or private_key_jwt."),
        ),
    ]
}

/// RFC 8707 §2.
fn resource() -> SchemaMember {
    let about = "The API that the token is for, by its identifier. Where a client may have several in one token, or for a \
        device, it may be there several times.";
    optional("resource", Schema::text().about(about))
}

fn form(members: impl IntoIterator<Item = SchemaMember>) -> Schema {
    Schema::object(members.into_iter().chain(credentials()))
}

fn token(path: &'static str, id: &'static str, contract: Contract) -> Operation {
    let request = form([
        required("grant_type", Schema::text().about("Which grant; the metadata lists those that work.")),
        optional(
            "scope",
            Schema::text().about("Space-separated; all that the client may have where absent."),
        ),
        resource(),
        optional(
            "code",
            Schema::text()
                .about("authorization_code: what came to the redirect URI. Good once, for a minute."),
        ),
        optional(
            "redirect_uri",
            Schema::text().about(
                "authorization_code: the same as in the authorization request; may be left out with PKCE.",
            ),
        ),
        optional(
            "code_verifier",
            Schema::text().about("authorization_code with PKCE: what the code_challenge was made from."),
        ),
        optional(
            "refresh_token",
            Schema::text().about("refresh_token: the newest one. Take the one in the answer from then on."),
        ),
        optional(
            "device_code",
            Schema::text().about("urn:ietf:params:oauth:grant-type:device_code: what the device was given."),
        ),
        optional(
            "subject_token",
            Schema::text().about(
                "urn:ietf:params:oauth:grant-type:token-exchange: an access token of a person, sent to the client (RFC 8693).",
            ),
        ),
        optional(
            "subject_token_type",
            Schema::text().about("With subject_token: urn:ietf:params:oauth:token-type:access_token."),
        ),
        optional(
            "actor_token",
            Schema::text().about("A token of the client for itself, where it wants to be named in spite of impersonation."),
        ),
        optional("actor_token_type", Schema::text().about("With actor_token: as of the subject token.")),
        optional(
            "requested_token_type",
            Schema::text().about("With subject_token: urn:ietf:params:oauth:token-type:access_token, or left out."),
        ),
        optional("audience", Schema::text().about("With subject_token: as resource, by name.")),
        optional("username", Schema::text().about("password, where the tenant has turned it on.")),
        optional("password", Schema::text().about("password, beside username.")),
    ]);
    let answer = Schema::object([
        required("access_token", Schema::text()),
        optional(
            "issued_token_type",
            Schema::text().about("Of an exchange: what access_token is (RFC 8693)."),
        ),
        required("token_type", Schema::word([TokenScheme::Bearer, TokenScheme::Dpop].map(TokenScheme::name))),
        required("expires_in", Schema::integer().about("Seconds.")),
        optional("scope", Schema::text()),
        optional("refresh_token", Schema::text()),
        optional("id_token", Schema::text()),
    ])
    .named("TokenResponse");
    Operation::new(("POST", path), id, contract)
        .summary("Get a token")
        .about("RFC 6749 §3.2. With a proof in the header `DPoP` the tokens are bound to its key, and `token_type` is `DPoP` (RFC 9449).")
        .access(Access::Client)
        .takes_as(Media::Form, request, json!({ "grant_type": "client_credentials", "scope": "read" }))
        .answers(200, "A token.", (answer, json!({
            "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.c2ln",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "read",
        })))
        .refuses(&[
            ErrorCode::InvalidGrant,
            ErrorCode::UnauthorizedClient,
            ErrorCode::UnsupportedGrantType,
            ErrorCode::InvalidScope,
            ErrorCode::InvalidTarget,
            ErrorCode::AuthorizationPending,
            ErrorCode::SlowDown,
            ErrorCode::ExpiredToken,
            ErrorCode::DeviceDenied,
            ErrorCode::InvalidDpopProof,
            ErrorCode::UseDpopNonce,
            ErrorCode::NotFound,
        ])
}

fn introspect(path: &'static str, id: &'static str, contract: Contract) -> Operation {
    let request = form([
        required("token", Schema::text()),
        optional("token_type_hint", Schema::text().about("access_token or refresh_token; not needed.")),
    ]);
    let answer = Schema::object([
        required("active", Schema::flag()),
        optional("scope", Schema::text()),
        optional("client_id", Schema::text()),
        optional("username", Schema::text().about("Of a person's token: their username.")),
        optional("token_type", Schema::text()),
        optional("exp", Schema::integer()),
        optional("iat", Schema::integer()),
        optional("sub", Schema::text()),
        optional("aud", Schema::either([Schema::text(), Schema::list(Schema::text())])),
        optional("iss", Schema::text()),
        optional("jti", Schema::text()),
        optional(
            "roles",
            Schema::list(Schema::text())
                .about("The names of the roles that the person bears now; with the scope roles."),
        ),
        optional(
            "entitlements",
            Schema::list(Schema::text())
                .about("The tenant's own names that those roles hold; with the scope roles."),
        ),
        optional(
            "groups",
            Schema::list(Schema::text())
                .about("The names of the groups that the person is in now; with the scope groups."),
        ),
        optional("cnf", Schema::object([]).open().about("The key that the token is bound to.")),
        optional(
            "auth_time",
            Schema::integer().about("Of a person's token: when they signed in (RFC 9470)."),
        ),
        optional("acr", Schema::text().about("How far they proved to be themselves.")),
        optional("amr", Schema::list(Schema::text()).about("By what.")),
        optional(
            "act",
            Schema::object([]).open().about("Who acts for the person: `sub` is the client (RFC 8693)."),
        ),
    ])
    .named("Introspection");
    Operation::new(("POST", path), id, contract)
        .summary("Ask about a token")
        .about("RFC 7662. A client sees its own tokens and those meant for it, with `oauth:read` all of the tenant; any other is exactly `{\"active\":false}`.")
        .access(Access::ClientOrBearer)
        .takes_as(Media::Form, request, json!({ "token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.e30.c2ln" }))
        .answers_or_jwt("What is to be said of it; signed where a client accepts that (RFC 9701).", (answer, json!({
            "active": true,
            "scope": "read",
            "client_id": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H",
            "token_type": "Bearer",
            "exp": 1_795_170_000,
            "iat": 1_795_166_400,
            "sub": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H",
            "aud": "https://id.example.com",
            "iss": "https://id.example.com",
            "jti": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        })), Media::Introspection)
        .refuses(&[ErrorCode::UnauthorizedClient, ErrorCode::NotFound])
}

fn revoke() -> Operation {
    let request = form([
        required("token", Schema::text()),
        optional("token_type_hint", Schema::text().about("access_token or refresh_token; not needed.")),
    ]);
    Operation::new(("POST", "/oauth2/revoke"), "revokeOwnToken", Contract::Protocol)
        .summary("End a token")
        .about(
            "RFC 7009: by the client that it was issued to. A token that is not known is answered the same.",
        )
        .access(Access::Client)
        .takes_as(
            Media::Form,
            request,
            json!({ "token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.e30.c2ln" }),
        )
        .answers(200, "It is not live any more, if it ever was.", (Schema::object([]), json!({})))
        .refuses(&[ErrorCode::UnauthorizedClient, ErrorCode::NotFound])
}

fn par() -> Operation {
    let request = form([
        required("response_type", Schema::text()),
        required("redirect_uri", Schema::uri()),
        optional("scope", Schema::text()),
        optional("state", Schema::text()),
        optional("code_challenge", Schema::text()),
        optional("code_challenge_method", Schema::text()),
        optional(
            "dpop_jkt",
            Schema::text().about(
                "The thumbprint of the key that the code is for (RFC 9449); a proof in the header DPoP says it as well.",
            ),
        ),
    ])
    .open();
    let answer = Schema::object([
        required("request_uri", Schema::uri().about("What the browser is sent on with, beside client_id.")),
        required("expires_in", Schema::integer().about("Seconds.")),
    ])
    .named("PushedRequest");
    Operation::new(("POST", "/oauth2/par"), "pushAuthorizationRequest", Contract::Protocol)
        .summary("Push an authorization request")
        .about("RFC 9126: the parameters of an authorization request, all but `request_uri`. The reference lasts a minute and gives one code.")
        .access(Access::Client)
        .takes_as(
            Media::Form,
            request,
            json!({
                "response_type": "code",
                "redirect_uri": "https://app.example.com/callback",
                "scope": "openid",
                "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                "code_challenge_method": "S256",
            }),
        )
        .answers(201, "The reference to it.", (answer, json!({
            "request_uri": "urn:ietf:params:oauth:request_uri:par_2HKzPYRYgNgGh6tqEYjN1Qd5sX0yJxw7mT3v8cLpA4bRkUeWfZiSoDnMtVhBqGra",
            "expires_in": 60,
        })))
        .refuses(&[
            ErrorCode::UnauthorizedClient,
            ErrorCode::InvalidScope,
            ErrorCode::InvalidDpopProof,
            ErrorCode::UseDpopNonce,
            ErrorCode::InvalidTarget,
            ErrorCode::NotFound,
        ])
}

fn device_authorization() -> Operation {
    let scope = Schema::text().about("Space-separated; all that the client may have where absent.");
    let request = form([optional("scope", scope), resource()]);
    let answer = Schema::object([
        required("device_code", Schema::text()),
        required(
            "user_code",
            Schema::text().about("What the person types, in capitals or not, with or without the dash."),
        ),
        required("verification_uri", Schema::uri()),
        required(
            "verification_uri_complete",
            Schema::uri().about("The same with the code in it: for a QR code."),
        ),
        required("expires_in", Schema::integer().about("Seconds.")),
        required("interval", Schema::integer().about("Seconds between two requests for the token.")),
    ])
    .named("DeviceAuthorization");
    let path = "/oauth2/device_authorization";
    Operation::new(("POST", path), "authorizeDevice", Contract::Protocol)
        .summary("Let a device wait for its person")
        .about("RFC 8628 §3.1: for a device without a browser. Its person types the code on the page, signs in and decides; the device asks the token endpoint until they have.")
        .access(Access::Client)
        .takes_as(Media::Form, request, json!({ "scope": "openid" }))
        .answers(200, "The two codes.", (answer, json!({
            "device_code": "dc_2HKzPYRYgNgGh6tqEYjN1Qd5sX0yJxw7mT3v8cLpA4bRkUeWfZiSoDnMtVhBqGra",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://id.example.com/device",
            "verification_uri_complete": "https://id.example.com/device?user_code=WDJB-MJHT",
            "expires_in": 600,
            "interval": 5,
        })))
        .refuses(&[
            ErrorCode::UnauthorizedClient,
            ErrorCode::InvalidScope,
            ErrorCode::InvalidTarget,
            ErrorCode::NotFound,
        ])
}

/// RFC 8414 §2 and OpenID Connect Discovery 1.0 §3: what is said, whatever it is.
fn metadata(path: &'static str, id: &'static str) -> Operation {
    let uri = Schema::uri;
    let texts = || Schema::list(Schema::text());
    let answer = Schema::object([
        required("issuer", uri()),
        required("authorization_endpoint", uri()),
        required("token_endpoint", uri()),
        required("userinfo_endpoint", uri()),
        required("end_session_endpoint", uri()),
        required("jwks_uri", uri()),
        required("introspection_endpoint", uri()),
        required("revocation_endpoint", uri()),
        required("grant_types_supported", texts()),
        required("response_types_supported", texts()),
        required("token_endpoint_auth_methods_supported", texts()),
        required("token_endpoint_auth_signing_alg_values_supported", texts()),
    ])
    .open()
    .named("Metadata");
    Operation::new(("GET", path), id, Contract::Protocol)
        .summary("What this server offers")
        .about("OpenID Connect Discovery 1.0, RFC 8414.")
        .answers(200, "The metadata of the issuer.", (answer, metadata_example()))
        .refuses(&[ErrorCode::NotFound])
}

fn metadata_example() -> Value {
    json!({
        "issuer": "https://id.example.com",
        "authorization_endpoint": "https://id.example.com/oauth2/authorize",
        "token_endpoint": "https://id.example.com/oauth2/token",
        "userinfo_endpoint": "https://id.example.com/oauth2/userinfo",
        "end_session_endpoint": "https://id.example.com/oauth2/logout",
        "jwks_uri": "https://id.example.com/.well-known/jwks.json",
        "introspection_endpoint": "https://id.example.com/oauth2/introspect",
        "revocation_endpoint": "https://id.example.com/oauth2/revoke",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA"],
    })
}

fn jwks() -> Operation {
    let key = Schema::object([
        required("kty", Schema::text()),
        required("kid", Schema::text()),
        required("alg", Schema::text()),
        required("use", Schema::word(["sig", "enc"])),
    ])
    .open();
    let answer = Schema::object([required("keys", Schema::list(key))]).named("JwkSet");
    Operation::new(("GET", "/.well-known/jwks.json"), "getJwks", Contract::Protocol)
        .summary("The keys that tokens are signed with")
        .about("RFC 7517. Those with use enc are for clients that encrypt their request objects; none signs.")
        .answers(
            200,
            "The public keys of the issuer.",
            (
                answer,
                json!({ "keys": [{
            "kty": "EC",
            "crv": "P-256",
            "kid": "Vt1qQ0bWm4s",
            "alg": "ES256",
            "use": "sig",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }] }),
            ),
        )
        .refuses(&[ErrorCode::NotFound])
}

/// RFC 9728 §2.
fn protected_resource(path: &'static str, id: &'static str) -> Operation {
    let texts = || Schema::list(Schema::text());
    let answer = Schema::object([
        required("resource", Schema::uri()),
        required("authorization_servers", texts()),
        required("scopes_supported", texts()),
        required("bearer_methods_supported", texts()),
        required("resource_name", Schema::text()),
        required("resource_documentation", Schema::uri()),
    ])
    .named("ProtectedResource");
    Operation::new(("GET", path), id, Contract::Protocol)
        .summary("What these APIs say of themselves")
        .about("RFC 9728: this server's own APIs as a protected resource, whose identifier is the issuer.")
        .answers(
            200,
            "The metadata.",
            (
                answer,
                json!({
                    "resource": "https://id.example.com",
                    "authorization_servers": ["https://id.example.com"],
                    "scopes_supported": ["openid", "oauth:read", "oauth:write"],
                    "bearer_methods_supported": ["header"],
                    "resource_name": "Northlight",
                    "resource_documentation": "https://id.example.com/docs",
                }),
            ),
        )
        .refuses(&[ErrorCode::NotFound])
}

fn change_password() -> Operation {
    Operation::new(("GET", "/.well-known/change-password"), "getChangePassword", Contract::People)
        .summary("Where a person changes their password")
        .about("What password managers ask for (W3C, A Well-Known URL for Changing Passwords).")
        .redirects(303, "To the page.")
        .refuses(&[ErrorCode::NotFound])
}

pub(super) fn all() -> Vec<Operation> {
    let (name, about, example) = TENANT;
    vec![
        token("/oauth2/token", "token", Contract::Protocol),
        introspect("/oauth2/introspect", "introspect", Contract::Protocol),
        revoke(),
        par(),
        device_authorization(),
        metadata("/.well-known/openid-configuration", "getOpenidConfiguration"),
        metadata("/.well-known/oauth-authorization-server", "getServerMetadata"),
        metadata("/.well-known/oauth-authorization-server/t/{slug}", "getTenantServerMetadata")
            .path(name, about, example),
        metadata("/.well-known/openid-configuration/t/{slug}", "getTenantOpenidConfiguration")
            .path(name, about, example),
        protected_resource("/.well-known/oauth-protected-resource", "getProtectedResource"),
        protected_resource("/.well-known/oauth-protected-resource/t/{slug}", "getTenantProtectedResource")
            .path(name, about, example),
        jwks(),
        change_password(),
        token("/api/v1/oauth/tokens", "createToken", Contract::Oauth2),
        introspect("/api/v1/oauth/introspect", "introspectToken", Contract::Oauth2),
    ]
}
