//! API keys: shown once, kept as a hash, never wider than whoever makes them.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::authority::Permissions;
use crate::base62;
use crate::caller::Identity;
use crate::change::{Action, Change, Target};
use crate::decision::Decision;
use crate::ids::ApiKeyId;
use crate::networks::{AllowList, Lockout};
use crate::reason::Reason;
use crate::secret::HashKey;
use crate::time::Micros;
use crate::user::{API_KEY_PREFIX, ApiKey, NewApiKey, ShownApiKey};

/// What a new key shall be; name and permissions have to be there.
#[derive(Debug, Clone, Default)]
pub struct ApiKeyDraft {
    /// Display name.
    pub name: Option<String>,
    /// What it may do.
    pub permissions: Option<Permissions>,
    /// When it stops working.
    pub expires_at: Option<Micros>,
    /// From where it may be used.
    pub networks: Option<AllowList>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What shall be changed of a key; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ApiKeyPatch {
    /// Display name.
    pub name: Option<String>,
    /// What it may do.
    pub permissions: Option<Permissions>,
    /// When it stops working; `Some(None)`: never.
    pub expires_at: Option<Option<Micros>>,
    /// From where it may be used; empty: from everywhere.
    pub networks: Option<AllowList>,
    /// What is said to shutting oneself out.
    pub lockout: Lockout,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// A new key, with the one chance to see it.
pub struct MadeApiKey {
    /// The whole key.
    pub secret: Zeroizing<String>,
    /// The key as it is shown from now on.
    pub shown: ShownApiKey,
}

impl std::fmt::Debug for MadeApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeApiKey").field("shown", &self.shown).finish_non_exhaustive()
    }
}

fn check(name: Option<&str>, expires_at: Option<Micros>, deed: &Deed<'_>) -> Violations {
    let mut violations = Violations::default();
    violations.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
    violations.when(
        Wrong(expires_at.is_some_and(|end| end <= deed.moment.now)),
        "expires_at",
        Reason::NotInTheFuture,
    );
    violations
}

/// Makes a key.
///
/// # Errors
/// `invalid_request` naming the fields; `access_denied` for permissions that the caller lacks.
pub fn create(draft: &ApiKeyDraft, hash_key: &HashKey, deed: &Deed<'_>) -> Decision<MadeApiKey> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    let permissions = violations.require("permissions", draft.permissions);
    violations.extend(check(name, draft.expires_at, deed));
    let (name, permissions) = violations.settle_with(name.zip(permissions))?;
    deed.acting.caller().may_grant(permissions)?;
    let mut random = Zeroizing::new([0u8; 32]);
    deed.moment.random.fill(&mut *random);
    let secret = Zeroizing::new(format!("{API_KEY_PREFIX}{}", base62::random_text(&random)));
    let id = ApiKeyId::v7(deed.moment.now, deed.moment.random.bits());
    let key = ApiKey {
        id,
        tenant: deed.acting.tenant(),
        name: Arc::from(name),
        permissions,
        expires_at: draft.expires_at,
        networks: draft.networks.clone().unwrap_or_default(),
    };
    let last_four: Box<str> = secret.get(secret.len() - 4..).unwrap_or_default().into();
    let new = NewApiKey {
        key: key.clone(),
        hash: hash_key.hash(&secret),
        last_four: last_four.clone(),
        created_at: deed.moment.now,
    };
    let shown = ShownApiKey { key, last_four, created_at: deed.moment.now, last_used_at: None, version: 1 };
    let changes =
        deed.unit(Action::ApiKeyCreated, Target::ApiKey(id)).with(Change::CreateApiKey(Box::new(new)));
    Ok((MadeApiKey { secret, shown }, changes))
}

/// Changes a key.
///
/// # Errors
/// `not_found`; `invalid_request`; `access_denied` where the key has, or would get, what the caller lacks.
pub fn update(patch: &ApiKeyPatch, found: Option<&ShownApiKey>, deed: &Deed<'_>) -> Decision<ShownApiKey> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchApiKey))?;
    let mut violations = patch.unread.clone();
    violations.extend(check(patch.name.as_deref(), patch.expires_at.flatten(), deed));
    let is_own = matches!(deed.acting.caller().identity, Identity::ApiKey { key, .. } if key == found.key.id);
    if let Some(list) = patch.networks.as_ref().filter(|_| is_own)
        && let Some(why) = patch.lockout.problem(list, deed.origin.ip)
    {
        violations.note("allowed_networks", why);
    }
    violations.settle()?;
    deed.acting.caller().may_grant(found.key.permissions)?;
    let mut shown = found.clone();
    if let Some(name) = &patch.name {
        shown.key.name = Arc::from(name.as_str());
    }
    if let Some(permissions) = patch.permissions {
        deed.acting.caller().may_grant(permissions)?;
        shown.key.permissions = permissions;
    }
    if let Some(expires_at) = patch.expires_at {
        shown.key.expires_at = expires_at;
    }
    if let Some(networks) = &patch.networks {
        shown.key.networks = networks.clone();
    }
    shown.version += 1;
    let change = Change::UpdateApiKey { to: Box::new(shown.key.clone()), version: found.version };
    let changes = deed.unit(Action::ApiKeyUpdated, Target::ApiKey(shown.key.id)).with(change);
    Ok((shown, changes))
}

/// Revokes a key, on condition that it still is of the version that was found: what somebody else gave it meanwhile
/// may be more than the caller may take away.
///
/// # Errors
/// `not_found`; `access_denied` where it has what the caller lacks.
pub fn revoke(found: Option<&ShownApiKey>, deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchApiKey))?;
    deed.acting.caller().may_grant(found.key.permissions)?;
    let id = found.key.id;
    let change = Change::DeleteApiKey { key: id, tenant: deed.acting.tenant(), only: Some(found.version) };
    Ok(((), deed.unit(Action::ApiKeyRevoked, Target::ApiKey(id)).with(change)))
}
