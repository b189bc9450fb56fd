//! `/api/v1/oauth/clients/{client_id}/settings`.

use serde_json::{Value, json};
use writ_core::client::{MAX_KEYS, TokenShape};
use writ_core::error::ErrorCode;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::super::operation::{Contract, Operation};
use super::super::schema::{Schema, optional, required};
use super::{algorithm, confirm_lockout, networks, texts};

const ID: (&str, &str, &str) = ("client_id", "The client_id or row id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");
const SETTINGS: &str = "/api/v1/oauth/clients/{client_id}/settings";

/// The settings: how each is called, and its values.
fn settings() -> Vec<(&'static str, Schema)> {
    let alg = |about| Schema::word(KeyManagement::ALL.map(KeyManagement::name)).or_null().about(about);
    let enc = || {
        Schema::word(ContentEncryption::ALL.map(ContentEncryption::name)).or_null().about(
            "The cipher; where an alg is named and no enc, it is A128CBC-HS256, as OpenID Connect has it.",
        )
    };
    let key = Schema::object([required("kty", Schema::text())]).open();
    let jwks =
        Schema::object([required("keys", Schema::list(key).at_most(MAX_KEYS))]).open().named("ClientJwks");
    vec![
        (
            "require_pkce",
            Schema::flag().about("Whether PKCE is required of the client; of a public one it always is."),
        ),
        (
            "access_token_format",
            Schema::word(TokenShape::ALL.map(TokenShape::name))
                .about("A JWT by RFC 9068, or a random reference."),
        ),
        (
            "access_token_signed_response_alg",
            algorithm().or_null().about("What access tokens are signed with; null: what the tenant's are."),
        ),
        (
            "audience",
            texts()
                .about("Who access tokens are for, besides this server where one of its scopes is granted."),
        ),
        (
            "refresh_token_rotation",
            Schema::flag().about("Whether a refresh token is replaced when it is used."),
        ),
        (
            "id_token_signed_response_alg",
            algorithm().or_null().about("What ID tokens are signed with; null: what the tenant's are."),
        ),
        (
            "id_token_encrypted_response_alg",
            alg("How ID tokens are encrypted to a key of jwks, once they are signed; null: not at all."),
        ),
        ("id_token_encrypted_response_enc", enc()),
        (
            "access_token_encrypted_response_alg",
            alg("How access tokens are encrypted to a key of jwks, once they are signed; null: not at all."),
        ),
        ("access_token_encrypted_response_enc", enc()),
        ("jwks", jwks.or_null()),
        (
            "allowed_networks",
            networks().about(
                "From where the client may use its credential, and the tokens that it got for itself; none: from \
                 everywhere.",
            ),
        ),
    ]
}

fn view() -> Schema {
    Schema::object(settings().into_iter().map(|(name, schema)| required(name, schema)))
        .named("ClientSettings")
}

/// The settings as they are sent: what is absent stays, and `null` takes a choice back.
fn sent() -> Schema {
    let sent = settings().into_iter().map(|(name, schema)| optional(name, schema.or_null()));
    Schema::object(sent.chain([confirm_lockout()])).closed().named("ClientSettingsChange")
}

fn jwks() -> Value {
    json!({ "keys": [{
        "kty": "EC",
        "use": "enc",
        "alg": "ECDH-ES",
        "kid": "2026-11",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }] })
}

fn example() -> Value {
    json!({
        "require_pkce": true,
        "access_token_format": "jwt",
        "access_token_signed_response_alg": null,
        "audience": ["https://api.example.com"],
        "refresh_token_rotation": true,
        "id_token_signed_response_alg": null,
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "access_token_encrypted_response_alg": null,
        "access_token_encrypted_response_enc": null,
        "jwks": jwks(),
        "allowed_networks": ["10.0.0.0/8", "2001:db8::/32"],
    })
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours).path(ID.0, ID.1, ID.2);
    vec![
        new(("GET", SETTINGS), "getClientSettings")
            .summary("Show how a client's tokens are made")
            .answers(200, "What holds.", (view(), example()))
            .versioned(),
        new(("PUT", SETTINGS), "updateClientSettings")
            .summary("Change how a client's tokens are made")
            .about("Changes only what is sent; null takes a choice back. What is sent in jwks replaces the whole set.")
            .takes(
                sent(),
                json!({
                    "require_pkce": true,
                    "id_token_encrypted_response_alg": "ECDH-ES",
                    "id_token_encrypted_response_enc": "A256GCM",
                    "jwks": jwks(),
                }),
            )
            .answers(200, "What holds now.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}
