//! `/api/v1/keys`: the tenant's keys, those that sign and those that clients encrypt to: listed, rotated and withdrawn.
//!
//! Under `keys:read` and `keys:write`, the permissions of API keys: whoever may hand out credentials
//! of the tenant can do no more with its signing keys, of which no private half is ever shown.

use http::StatusCode;
use serde::Serialize;
use writ_core::encryption_key::StoredEncryptionKey;
use writ_core::key::{KeyState, StoredKey};
use writ_core::time::Micros;
use writ_jose::Algorithm;

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::routes::{Answer, Task};
use crate::manage::signing_keys;

#[derive(Serialize)]
struct SigningKeyView {
    kid: String,
    /// RFC 7517 §4.2.
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    state: &'static str,
    created_at: String,
    active_from: String,
    retired_at: Option<String>,
}

#[derive(Serialize)]
struct SigningKeyList {
    keys: Vec<SigningKeyView>,
    total: usize,
}

#[derive(Serialize)]
struct RotatedView {
    kid: String,
    alg: &'static str,
    state: &'static str,
    signs_from: String,
}

impl SigningKeyView {
    fn new(key: &StoredKey, now: Micros) -> Self {
        Self {
            kid: key.kid.to_string(),
            usage: "sig",
            alg: key.algorithm.name(),
            state: key.state(now).name(),
            created_at: time(key.created_at),
            active_from: time(key.active_from),
            retired_at: key.retired_at.map(time),
        }
    }

    /// One that clients encrypt to: it may be used from the first moment on, and opens for a while after another one
    /// has taken its place.
    fn encrypting(key: &StoredEncryptionKey, now: Micros) -> Self {
        let state = match key.replaced_at {
            None => KeyState::Active,
            Some(_) if key.opens(now) => KeyState::Retired,
            Some(_) => KeyState::Gone,
        };
        Self {
            kid: key.kid.to_string(),
            usage: "enc",
            alg: key.management.name(),
            state: state.name(),
            created_at: time(key.created_at),
            active_from: time(key.created_at),
            retired_at: key.replaced_at.map(time),
        }
    }
}

/// `GET /api/v1/keys`: the one that signs last comes first, those to encrypt to come last; few enough for one answer.
pub async fn list(task: Task) -> Answer {
    let now = task.app.clock.now();
    let mut keys: Vec<_> =
        signing_keys::all(&task).await?.iter().map(|key| SigningKeyView::new(key, now)).collect();
    let encrypting = task.app.store.encryption_keys(task.acting.tenant()).await?;
    keys.extend(encrypting.iter().rev().map(|key| SigningKeyView::encrypting(key, now)));
    json(StatusCode::OK, &SigningKeyList { total: keys.len(), keys })
}

/// `POST /api/v1/keys/rotate`: says which key signs next, and from when on.
pub async fn rotate(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let asked = body.word("alg", "one of ES256, EdDSA, RS256 and PS256", Algorithm::parse).flatten();
    body.unread().settle()?;
    let rotated = signing_keys::rotate(&task, asked).await?;
    let body = RotatedView {
        kid: rotated.kid.to_string(),
        alg: rotated.algorithm.name(),
        state: rotated.state.name(),
        signs_from: time(rotated.signs_from),
    };
    json(StatusCode::OK, &body)
}

/// `POST /api/v1/keys/{kid}/compromised`.
pub async fn compromised(task: Task) -> Answer {
    signing_keys::withdraw(&task).await?;
    Ok(no_content())
}
