//! Which cached facts a unit makes stale, and how those who cache them hear of it.
//!
//! A cached fact never decides alone (the write or the read that uses it compares its version), so
//! an invalidation that is late or lost costs a reload, never a wrong answer.

use tokio::sync::broadcast;
use writ_core::change::Change;
use writ_core::ids::{ClientId, TenantId};

/// How many invalidations a slow receiver may be behind before it is told [`Invalidation::All`].
const BEHIND: usize = 1024;

/// A cached fact that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// Anything may have changed: messages may have been missed.
    All,
    /// A client, or its secrets.
    Client(ClientId),
    /// A tenant, its settings or its signing keys.
    Tenant(TenantId),
}

/// Where the invalidations arrive, from this process and from the other nodes.
#[derive(Debug)]
pub struct Invalidations {
    receiver: broadcast::Receiver<Invalidation>,
}

impl Invalidations {
    /// The next one; `None` once the storage is closed for good.
    pub async fn next(&mut self) -> Option<Invalidation> {
        match self.receiver.recv().await {
            Ok(invalidation) => Some(invalidation),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Invalidation::All),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// Tells all who cache.
#[derive(Debug, Clone)]
pub(crate) struct Announcer {
    sender: broadcast::Sender<Invalidation>,
}

impl Announcer {
    pub fn new() -> Self {
        Self { sender: broadcast::channel(BEHIND).0 }
    }

    pub fn listen(&self) -> Invalidations {
        Invalidations { receiver: self.sender.subscribe() }
    }

    pub fn tell(&self, invalidation: Invalidation) {
        // An error says that nobody caches anything.
        let _ = self.sender.send(invalidation);
    }
}

/// What the changes of a unit make stale. New rows make nothing stale: absence is never cached.
pub(crate) fn stale(changes: &[Change]) -> Vec<Invalidation> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::EndTenantTokens { tenant }
            | Change::RaiseKeyLifetime { tenant, .. }
            | Change::EraseEncryptionKeys { tenant, .. }
            | Change::UpdateTenant { tenant, .. }
            | Change::DeleteTenant { tenant, .. } => Some(Invalidation::Tenant(*tenant)),
            Change::Resource(change) => Some(Invalidation::Tenant(change.tenant())),
            Change::CreateSigningKey(new) => Some(Invalidation::Tenant(new.tenant)),
            Change::CreateEncryptionKey(new) => Some(Invalidation::Tenant(new.tenant)),
            Change::ReplaceEncryptionKey(replacement) => Some(Invalidation::Tenant(replacement.new.tenant)),
            Change::ScheduleSigningKeys(schedule) => Some(Invalidation::Tenant(schedule.tenant)),
            Change::UpdateClient(update) => Some(Invalidation::Client(update.after.client.id)),
            Change::SetClientLogo(update) => Some(Invalidation::Client(update.client)),
            Change::SetClientEnabled { client, .. }
            | Change::DeleteClient { client, .. }
            | Change::EndClientTokens { client, .. }
            | Change::AddClientSecret { client, .. }
            | Change::EndClientSecret { client, .. }
            | Change::RemoveClientSecret { client, .. } => Some(Invalidation::Client(*client)),
            Change::Initialise { .. }
            | Change::Rewrap(_)
            | Change::CreateTenant(_)
            | Change::CreateClient(_)
            // A picture stays what it is.
            | Change::Picture(_)
            // Who manages a client is never cached.
            | Change::Registering(_)
            // What a scope is taken from is found by its version.
            | Change::RegisterScopes(_)
            | Change::CreateScope(_)
            | Change::UpdateScope(_)
            | Change::DeleteScope(_)
            | Change::People(_)
            | Change::Factor(_)
            | Change::Upstream(_)
            | Change::Group(_)
            | Change::CreateUser(_)
            | Change::SetUserEnabled { .. }
            | Change::SetUserRoles { .. }
            | Change::DeleteUser { .. }
            | Change::CreateGrant(_)
            | Change::Exchange(_)
            | Change::EndGrant { .. }
            | Change::CreateApiKey(_)
            | Change::Remember(_)
            | Change::UseOnce(_)
            | Change::UpdateApiKey { .. }
            | Change::DeleteApiKey { .. }
            | Change::CreateRole(_)
            | Change::UpdateRole { .. }
            | Change::DeleteRole { .. }
            | Change::IssueAccessToken(_)
            | Change::RevokeAccessToken { .. }
            | Change::EndAccessToken { .. }
            | Change::EndFamily { .. }
            | Change::EndUserTokens { .. }
            | Change::EndTokensIssuedBefore { .. }
            | Change::EndGrantsBetween { .. }
            | Change::Flow(_) => None,
        })
        .collect()
}
