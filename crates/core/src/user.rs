//! People, and the API keys of automation.

use std::fmt;
use std::sync::Arc;

use crate::authority::Permissions;
use crate::change::Enabled;
use crate::ids::{ApiKeyId, TenantId, UserId};
use crate::networks::AllowList;
use crate::secret::Digest32;
use crate::time::Micros;

/// What every API key begins with; how a key is told from a token.
pub const API_KEY_PREFIX: &str = "sk_live_";

/// A user to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Row id.
    pub id: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// As the person writes it.
    pub username: Box<str>,
    /// Email address, if there is one.
    pub email: Option<Box<str>>,
    /// Display name.
    pub name: Option<Box<str>>,
    /// When they showed that the address is theirs; for whoever makes the account to say.
    pub email_verified_at: Option<Micros>,
    /// Password hash, a PHC string or an imported one; none: they cannot sign in with a password.
    pub password_hash: Option<Arc<str>>,
    /// Names of roles.
    pub roles: Vec<Box<str>>,
    /// When.
    pub created_at: Micros,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// A user, as far as a decision about their authority needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// As the person writes it.
    pub username: Arc<str>,
    /// Names of roles.
    pub roles: Vec<Box<str>>,
    /// Whether they may sign in.
    pub enabled: Enabled,
}

/// An API key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// Its keyed hash.
    pub hash: Digest32,
    /// The last four characters, for the mask.
    pub last_four: Box<str>,
    /// When.
    pub created_at: Micros,
}

/// An API key, as read from storage.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Row id.
    pub id: ApiKeyId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Display name.
    pub name: Arc<str>,
    /// What it may do.
    pub permissions: Permissions,
    /// When it stops working.
    pub expires_at: Option<Micros>,
    /// From where it may be used.
    pub networks: AllowList,
}

/// An API key as its owner sees it.
#[derive(Debug, Clone)]
pub struct ShownApiKey {
    /// The key.
    pub key: ApiKey,
    /// The last four characters.
    pub last_four: Box<str>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last used, some seconds late.
    pub last_used_at: Option<Micros>,
    /// Goes up with every change; use is none.
    pub version: i64,
}

impl ShownApiKey {
    /// The mask: prefix, 24 dots, last four.
    pub fn masked(&self) -> String {
        format!("{API_KEY_PREFIX}{}{}", "\u{2022}".repeat(24), self.last_four)
    }
}

impl ApiKey {
    /// Whether it works at `now`.
    pub fn live(&self, now: Micros) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
