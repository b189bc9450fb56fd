//! The tenant's signing keys: listed, rotated and withdrawn.

use writ_core::key::StoredKey;
use writ_core::manage::no_such;
use writ_core::manage::signing_keys::{self, Rotated, needs_a_key};
use writ_core::reason::Reason;
use writ_core::rotation::{self, MadeKey, Plan, TenantKeys};
use writ_jose::Algorithm;

use crate::call::fault::Fault;
use crate::call::routes::Task;

/// All of them: the one that signs last comes first.
pub async fn all(task: &Task) -> Result<Vec<StoredKey>, Fault> {
    let mut keys = facts(task).await?.keys;
    keys.sort_by_key(|key| std::cmp::Reverse((key.active_from, key.id.to_bytes())));
    Ok(keys)
}

/// Lets another key sign, of this algorithm or the tenant's usual one.
pub async fn rotate(task: &Task, algorithm: Option<Algorithm>) -> Result<Rotated, Fault> {
    let facts = facts(task).await?;
    let algorithm = algorithm.unwrap_or_else(|| usual(task));
    let plan = rotation::rotate(&facts.keys, algorithm, task.app.clock.now());
    let made = made(task, algorithm, &plan).await?;
    let rotated = task.commit(|_, deed| signing_keys::rotate(&facts, algorithm, made, deed)).await?;
    task.app.keys_changed(facts.tenant);
    Ok(rotated)
}

/// Withdraws the key that the path names.
pub async fn withdraw(task: &Task) -> Result<(), Fault> {
    let facts = facts(task).await?;
    let kid = task.call.path("kid").to_owned();
    if withdraw_encryption_key(task, &kid).await? {
        return Ok(());
    }
    let (id, plan, _) = rotation::compromise(&facts.keys, &kid, task.app.clock.now())
        .map_err(signing_keys::not_compromised)?;
    let algorithm = facts.keys.iter().find(|key| key.id == id).map(|key| key.algorithm);
    let made = match algorithm {
        Some(algorithm) => made(task, algorithm, &plan).await?,
        None => None,
    };
    task.commit(|_, deed| signing_keys::compromised(&facts, &kid, made, deed)).await?;
    task.app.keys_changed(facts.tenant);
    Ok(())
}

/// The same for one that clients encrypt to: another one takes its place at once, and nothing is left of it.
async fn withdraw_encryption_key(task: &Task, kid: &str) -> Result<bool, Fault> {
    let tenant = task.acting.tenant();
    let stored = task.app.store.encryption_keys(tenant).await?;
    let Some(old) = stored.into_iter().find(|key| key.is_published() && *key.kid == *kid) else {
        return Ok(false);
    };
    let new = task.app.make_encryption_key(tenant, old.management).await?;
    task.commit(|_, deed| Ok(signing_keys::replaced(&old, new.clone(), deed))).await?;
    task.app.keys_changed(tenant);
    Ok(true)
}

async fn facts(task: &Task) -> Result<TenantKeys, Fault> {
    let found = task.app.store.tenant_keys(task.acting.tenant()).await?;
    Ok(found.ok_or_else(|| no_such(Reason::NoSuchTenant))?)
}

/// What the tenant's access tokens are signed with.
fn usual(task: &Task) -> Algorithm {
    task.app.access_token_alg(task.acting.within())
}

async fn made(task: &Task, algorithm: Algorithm, plan: &Plan) -> Result<Option<MadeKey>, Fault> {
    if needs_a_key(plan) { task.app.make_key_pair(algorithm).await.map(Some) } else { Ok(None) }
}
