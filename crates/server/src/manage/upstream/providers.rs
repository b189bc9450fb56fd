//! A tenant's identity providers: listed, made, changed and removed.

use writ_core::manage::{Violations, no_such};
use writ_core::upstream::manage::{self, ProviderDraft};
use writ_core::upstream::preset::Preset;
use writ_core::upstream::{IdentityProvider, UpstreamReason};
use writ_jose::{Algorithm, SigningKey};
use writ_store::After;

use super::exchange::der_of;
use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The version of a provider.
pub(crate) fn tag(provider: &IdentityProvider) -> Tag {
    Tag::new(provider.id.to_bytes(), provider.version)
}

/// The page that the query asks for, newest first.
///
/// # Errors
/// 400 for a query that cannot be read; the storage's.
pub(crate) async fn page(task: &Task) -> Result<Listed<IdentityProvider>, Fault> {
    let page = Page::of(&task.call)?;
    let mut all = task.app.store.identity_providers(task.acting.tenant()).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    all.sort_by_key(|provider| std::cmp::Reverse((provider.created_at, provider.id)));
    let place = |provider: &IdentityProvider| After { at: provider.created_at, id: provider.id.to_bytes() };
    let behind = all.into_iter().filter(|provider| {
        let place = place(provider);
        (place.at, place.id) < (page.after.at, page.after.id)
    });
    let most = usize::try_from(page.to_read()).unwrap_or(usize::MAX);
    Ok(page.listed((behind.take(most).collect(), total), place))
}

async fn find(task: &Task) -> Result<Option<IdentityProvider>, Fault> {
    let slug = task.call.path("provider");
    if slug.len() > 63 || !slug.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    Ok(task.app.store.identity_provider(task.acting.tenant(), slug).await?)
}

/// The provider that the path names.
///
/// # Errors
/// 404 for one that is unknown.
pub(crate) async fn existing(task: &Task) -> Result<IdentityProvider, Fault> {
    let found = find(task).await?;
    Ok(found.ok_or_else(|| no_such(UpstreamReason::NoSuchProvider.into()))?)
}

/// The addresses that Writ itself would call are looked at: what is never called is said at once.
fn look_at(task: &Task, draft: &ProviderDraft, wrong: &mut Violations) {
    let [_, token, userinfo] = &draft.endpoints;
    let called = [("issuer", &draft.issuer), ("token_endpoint", token), ("userinfo_endpoint", userinfo)];
    for (field, uri) in called {
        if let Some(uri) = uri.as_deref().filter(|uri| uri.starts_with("https:") && !uri.contains('#'))
            && let Err(why) = task.app.outbound.would_call(uri)
        {
            wrong.note(field, why.reason());
        }
    }
}

/// The secret that was sent, sealed. Apple's is a key, which is looked at first.
fn sealed(
    task: &Task,
    draft: &mut ProviderDraft,
    (slug, preset): (&str, Option<Preset>),
    secret: Option<String>,
) -> Result<(), Fault> {
    let Some(secret) = secret else { return Ok(()) };
    let is_key = || der_of(&secret).is_some_and(|der| SigningKey::from_pkcs8(Algorithm::Es256, &der).is_ok());
    if preset == Some(Preset::Apple) && !is_key() {
        draft.unread.note("client_secret", UpstreamReason::SigningKeyBad);
    } else if secret.is_empty() || secret.len() > 8192 {
        draft.unread.note("client_secret", UpstreamReason::SecretNeeded);
    } else {
        draft.secret = Some(task.app.seal_provider_secret((task.acting.tenant(), slug), &secret)?);
    }
    Ok(())
}

/// Makes one, and the answer that shows it.
pub(crate) async fn create(
    task: &Task,
    (mut draft, secret): (ProviderDraft, Option<String>),
    render: impl FnOnce(&IdentityProvider) -> Answer,
) -> Answer {
    let (slug, preset) = (draft.slug.clone().unwrap_or_default(), draft.preset);
    sealed(task, &mut draft, (&slug, preset), secret)?;
    let mut wrong = std::mem::take(&mut draft.unread);
    look_at(task, &draft, &mut wrong);
    draft.unread = wrong;
    let others = task.app.store.identity_providers(task.acting.tenant()).await?;
    let answer = |made: IdentityProvider| tagged(&tag(&made), render(&made));
    task.create(|_, deed| manage::create(&draft, &others, deed), answer).await
}

/// Changes the one that the path names.
///
/// # Errors
/// 404; 400 naming the fields; 412.
pub(crate) async fn update(
    task: &Task,
    (mut draft, secret): (ProviderDraft, Option<String>),
) -> Result<IdentityProvider, Fault> {
    let found = find(task).await?;
    if let Some(found) = &found {
        sealed(task, &mut draft, (&found.slug, Some(found.settings.preset)), secret)?;
    }
    let mut wrong = std::mem::take(&mut draft.unread);
    look_at(task, &draft, &mut wrong);
    draft.unread = wrong;
    task.commit_on(found.as_ref().map(tag), |_, deed| manage::update(&draft, found.as_ref(), deed)).await
}

/// Removes the one that the path names.
///
/// # Errors
/// 404; 412.
pub(crate) async fn delete(task: &Task) -> Result<(), Fault> {
    let found = find(task).await?;
    task.commit_on(found.as_ref().map(tag), |_, deed| manage::delete(found.as_ref(), deed)).await
}
