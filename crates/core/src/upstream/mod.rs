//! Other identity providers ("upstreams"): servers at which a tenant's people may sign in instead of here. Writ is a client of
//! theirs, by OpenID Connect Core §3.1 or OAuth 2.0 (RFC 6749 §4.1).
//!
//! 1. [`provider`]: which there are, and what each is trusted with.
//! 2. [`ask`]: the request that a browser is sent there with, and the answer that it comes back with.
//! 3. [`told`]: what the provider says of the person, and whether it may be believed.
//! 4. [`admit`]: whose account that is.
//! 5. [`links`]: which accounts people have connected.

pub mod admit;
pub mod ask;
pub mod links;
pub mod manage;
pub mod preset;
pub mod provider;
pub mod reason;
pub mod told;

use crate::ids::{IdentityProviderId, TenantId, UpstreamRequestId, UserId};
use crate::time::Micros;

pub use admit::NewUpstreamAccount;
pub use ask::NewUpstreamRequest;
pub use links::{LinkedIdentity, NewUpstreamLink};
pub use provider::{IdentityProvider, NewProvider};
pub use reason::UpstreamReason;

/// All that is written about other identity providers.
#[derive(Debug, Clone)]
pub enum UpstreamChange {
    /// Makes a provider known.
    CreateProvider(Box<NewProvider>),
    /// Changes one. Guarded by the version that it was decided on.
    UpdateProvider(Box<NewProvider>),
    /// Removes one, with all links to it. Guarded by the version that it was decided on.
    DeleteProvider {
        /// Which.
        provider: IdentityProviderId,
        /// Of which tenant.
        tenant: TenantId,
        /// The version that it was decided on.
        version: i64,
    },
    /// A browser is sent to a provider.
    Begin(Box<NewUpstreamRequest>),
    /// What it came back with is used. Guarded: it was not before.
    Use {
        /// Which request.
        request: UpstreamRequestId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Connects an account with somebody at a provider. Fails where either has somebody else.
    Link(Box<NewUpstreamLink>),
    /// Somebody signed in by a link. Guarded: it is there.
    SignIn {
        /// Who is known there so.
        link: LinkKey,
        /// Whose account it is.
        user: UserId,
        /// When.
        at: Micros,
    },
    /// Takes a link away. Guarded: it is there.
    Unlink {
        /// To which provider.
        provider: IdentityProviderId,
        /// Of which tenant.
        tenant: TenantId,
        /// Whose.
        user: UserId,
    },
}

/// Somebody at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkKey {
    /// Where.
    pub provider: IdentityProviderId,
    /// Of which tenant that provider is.
    pub tenant: TenantId,
    /// What they are called there: `sub`.
    pub subject: Box<str>,
}

impl From<UpstreamChange> for crate::change::Change {
    fn from(change: UpstreamChange) -> Self {
        Self::Upstream(change)
    }
}
