//! `/api/v1/keys`.

use serde_json::json;
use writ_core::error::ErrorCode;
use writ_jose::Algorithm;
use writ_jose::jwe::KeyManagement;

use super::super::operation::{Contract, Operation};
use super::{algorithm, total};
use crate::call::schema::{Schema, optional, required};

fn state() -> Schema {
    Schema::word(["next", "active", "retired", "gone", "compromised"])
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let either =
        Algorithm::ALL.iter().map(|alg| alg.name()).chain(KeyManagement::ALL.map(KeyManagement::name));
    let key = Schema::object([
        required("kid", Schema::text()),
        required(
            "use",
            Schema::word(["sig", "enc"]).about("Whether it signs, or clients encrypt their requests to it."),
        ),
        required("alg", Schema::word(either)),
        required("state", state()),
        required("created_at", Schema::time()),
        required("active_from", Schema::time()),
        required("retired_at", Schema::time().or_null()),
    ]);
    let keys = Schema::object([required("keys", Schema::list(key.named("SigningKey"))), total()]);
    let rotated = Schema::object([
        required("kid", Schema::text()),
        required("alg", algorithm()),
        required("state", state()),
        required("signs_from", Schema::time()),
    ]);
    vec![
        new(("GET", "/api/v1/keys"), "listSigningKeys")
            .summary("List the keys")
            .about("The one that signs last comes first; those that clients encrypt to come last. No private half is ever shown.")
            .answers(200, "All keys of the tenant.", (keys, json!({
                "keys": [{
                    "kid": "Vt1qQ0bWm4s",
                    "use": "sig",
                    "alg": "ES256",
                    "state": "active",
                    "created_at": "2026-11-20T09:00:00Z",
                    "active_from": "2026-11-20T09:10:00Z",
                    "retired_at": null,
                }],
                "total": 1,
            }))),
        new(("POST", "/api/v1/keys/rotate"), "rotateSigningKey")
            .summary("Let another key sign")
            .about("A key signs only after it has been published for as long as verifiers keep the old set; the answer says when.")
            .takes(
                Schema::object([optional(
                    "alg",
                    algorithm().or_null().about("That of the tenant's access tokens where there is none."),
                )]),
                json!({ "alg": "ES256" }),
            )
            .answers(200, "Which key signs next, and from when on.", (rotated.named("SigningKeyRotated"), json!({
                "kid": "Vt1qQ0bWm4s",
                "alg": "ES256",
                "state": "next",
                "signs_from": "2026-11-20T09:10:00Z",
            })))
            .refuses(&[ErrorCode::Conflict]),
        new(("POST", "/api/v1/keys/{kid}/compromised"), "withdrawSigningKey")
            .summary("Withdraw a signing key that somebody else may have")
            .about("It is no longer published, and what it signed no longer verifies.")
            .path("kid", "The key's id in the JWKS.", "Vt1qQ0bWm4s")
            .answers_nothing(204, "It is withdrawn.")
            .refuses(&[ErrorCode::Conflict]),
    ]
}
