//! Accounts, as administrators find and change them: for the contract's endpoints and for the console alike.

use std::sync::Arc;

use writ_core::change::Enabled;
use writ_core::ids::UserId;
use writ_core::manage::no_such;
use writ_core::people::Account;
use writ_core::people::accounts::{self, AccountPatch, NewPassword};
use writ_core::reason::Reason;

use crate::call::fault::Fault;
use crate::call::language::speaking;
use crate::call::routes::Task;
use crate::call::versions::Tag;
use crate::passwords::{self, Lane};
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The account that the path names, where it is one of the tenant.
///
/// # Errors
/// The storage's.
pub async fn find(task: &Task) -> Result<Option<Account>, Fault> {
    match UserId::parse_uuid(task.call.path("user_id")) {
        Some(id) => Ok(task.app.store.account(id, task.acting.tenant()).await?),
        None => Ok(None),
    }
}

/// The account that the path names.
///
/// # Errors
/// 404 for somebody who is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<Account, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchUser))?)
}

/// The version of an account. When somebody last signed in is no change of it.
pub fn tag(account: &Account) -> Tag {
    Tag::new(account.user.id.to_bytes(), account.version).noting(account.last_login_at)
}

/// The hash of a password that may be set.
///
/// # Errors
/// 503 where too many passwords wait.
pub async fn hashed(app: &App, password: Option<&NewPassword>) -> Result<Option<Arc<str>>, Fault> {
    match password {
        Some(new) => {
            Ok(Some(app.passwords.hash(Lane::HOUSE, new.text.clone(), passwords::salt(&*app.random)).await?))
        }
        None => Ok(None),
    }
}

/// Changes an account that was just read. Whoever is let in again starts with no failed attempts; letters that the change
/// causes are queued with it.
///
/// # Errors
/// All that is wrong with the patch; `access_denied` where they have, or would get, what the caller lacks; 409 where
/// it was changed meanwhile.
pub async fn change(task: &Task, patch: &AccountPatch, found: Option<&Account>) -> Result<Account, Fault> {
    let (app, tenant) = (&task.app, task.acting.within());
    let defined = app.store.roles(tenant.id).await?;
    let plan = accounts::plan_update(patch, found, &defined, &task.deed())?;
    let hash = hashed(app, patch.password.as_ref()).await?;
    let (account, letters, changes) = plan.finish(hash, &task.deed().scene());
    let is_let_in = patch.password.is_some() || patch.enabled == Some(Enabled::Yes);
    let changes = if is_let_in {
        changes.with(accounts::let_in(&account, &app.hash_key, app.clock.now()))
    } else {
        changes
    };
    // Whoever is told that their account was kept reads it in the language in which they left.
    let language = found.and_then(|found| found.leaves_in.as_deref());
    let changes = task.through(speaking(language, || app.with_letters(tenant, &letters, changes))?);
    task.commit_on(found.map(tag), |_, _| Ok((account, changes))).await
}

/// Removes the account that the path names. Where somebody else changes it at the same time, it is decided anew.
///
/// # Errors
/// `not_found`; `access_denied` where they have what the caller lacks.
pub async fn remove(task: &Task) -> Result<(), Fault> {
    task.rounds(|| decide_remove(task)).await
}

async fn decide_remove(task: &Task) -> Result<Verdict<()>, Fault> {
    let found = find(task).await?;
    let defined = task.app.store.roles(task.acting.tenant()).await?;
    task.on(found.as_ref().map(tag), accounts::delete(found.as_ref(), &defined, &task.deed()))
}
