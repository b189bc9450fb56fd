//! `/api/v1/keys`: the tenant's signing keys, listed, rotated and withdrawn.
//!
//! Under `keys:read` and `keys:write`, the permissions of API keys: whoever may hand out credentials
//! of the tenant can do no more with its signing keys, of which no private half is ever shown.

use http::StatusCode;
use serde::Serialize;
use writ_core::key::StoredKey;
use writ_core::manage::no_such;
use writ_core::manage::signing_keys::{self, needs_a_key};
use writ_core::rotation::{self, MadeKey, Plan, TenantKeys};
use writ_core::time::Micros;
use writ_jose::Algorithm;

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task};

#[derive(Serialize)]
struct View {
    kid: String,
    alg: &'static str,
    state: &'static str,
    created_at: String,
    active_from: String,
    retired_at: Option<String>,
}

#[derive(Serialize)]
struct List {
    keys: Vec<View>,
    total: usize,
}

#[derive(Serialize)]
struct Rotated {
    kid: String,
    alg: &'static str,
    state: &'static str,
    signs_from: String,
}

impl View {
    fn new(key: &StoredKey, now: Micros) -> Self {
        Self {
            kid: key.kid.to_string(),
            alg: key.algorithm.name(),
            state: key.state(now).name(),
            created_at: time(key.created_at),
            active_from: time(key.active_from),
            retired_at: key.retired_at.map(time),
        }
    }
}

/// `GET /api/v1/keys`: the one that signs last comes first; few enough for one answer.
pub async fn list(task: Task) -> Answer {
    let mut facts = facts(&task).await?;
    let now = task.app.clock.now();
    facts.keys.sort_by_key(|key| std::cmp::Reverse((key.active_from, key.id.to_bytes())));
    let keys: Vec<_> = facts.keys.iter().map(|key| View::new(key, now)).collect();
    json(StatusCode::OK, &List { total: keys.len(), keys })
}

/// `POST /api/v1/keys/rotate`: says which key signs next, and from when on.
pub async fn rotate(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let asked = body.word("alg", "one of ES256, EdDSA, RS256 and PS256", Algorithm::parse).flatten();
    body.unread().settle()?;
    let facts = facts(&task).await?;
    let algorithm = match asked {
        Some(algorithm) => algorithm,
        None => usual(&task).await?,
    };
    let plan = rotation::rotate(&facts.keys, algorithm, task.app.clock.now());
    let made = made(&task, algorithm, &plan).await?;
    let rotated = task.commit(|_, deed| signing_keys::rotate(&facts, algorithm, made, deed)).await?;
    task.app.keys_changed(facts.tenant);
    let body = Rotated {
        kid: rotated.kid.to_string(),
        alg: rotated.algorithm.name(),
        state: rotated.state.name(),
        signs_from: time(rotated.signs_from),
    };
    json(StatusCode::OK, &body)
}

/// `POST /api/v1/keys/{kid}/compromised`.
pub async fn compromised(task: Task) -> Answer {
    let facts = facts(&task).await?;
    let kid = task.call.path("kid").to_owned();
    let (id, plan, _) = rotation::compromise(&facts.keys, &kid, task.app.clock.now())
        .map_err(signing_keys::not_compromised)?;
    let algorithm = facts.keys.iter().find(|key| key.id == id).map(|key| key.algorithm);
    let made = match algorithm {
        Some(algorithm) => made(&task, algorithm, &plan).await?,
        None => None,
    };
    task.commit(|_, deed| signing_keys::compromised(&facts, &kid, made, deed)).await?;
    task.app.keys_changed(facts.tenant);
    Ok(no_content())
}

async fn facts(task: &Task) -> Result<TenantKeys, Fault> {
    let found = task.app.store.tenant_keys(task.acting.tenant()).await?;
    Ok(found.ok_or_else(|| no_such("tenant"))?)
}

/// What the tenant's access tokens are signed with.
async fn usual(task: &Task) -> Result<Algorithm, Fault> {
    let tenant = task.app.store.tenant_by_id(task.acting.tenant()).await?.ok_or_else(|| no_such("tenant"))?;
    Ok(task.app.access_token_alg(&tenant))
}

async fn made(task: &Task, algorithm: Algorithm, plan: &Plan) -> Result<Option<MadeKey>, Fault> {
    if needs_a_key(plan) { task.app.make_key_pair(algorithm).await.map(Some) } else { Ok(None) }
}
