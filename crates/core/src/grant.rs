//! Grants: what a person has allowed a client, from which that client's tokens come.
//!
//! Ending a grant is one row; every token that came from it is dead with it.

use crate::ids::{ClientId, GrantId, TenantId, UserId};
use crate::time::Micros;

/// A grant to be made.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// Row id.
    pub id: GrantId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// To which client.
    pub client: ClientId,
    /// By which person.
    pub user: UserId,
    /// When.
    pub created_at: Micros,
}
