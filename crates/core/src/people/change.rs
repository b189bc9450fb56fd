//! All that is written about people.

use std::fmt;
use std::sync::Arc;

use crate::ids::{TenantId, UserId};
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};

use super::sign_in::{Attempt, Bucket};

/// A write about a person that the store knows how to make.
#[derive(Debug, Clone)]
pub enum PeopleChange {
    /// Takes one attempt out of a bucket. Guarded: there is one left.
    ReserveAttempt(Attempt),
    /// Somebody signed in. Guarded: they may, and their password is the one that was checked.
    SignIn(Box<SignIn>),
}

/// A sign-in by password that succeeded.
#[derive(Clone)]
pub struct SignIn {
    /// Who.
    pub user: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Micros,
    /// The hash that the password was checked against.
    pub checked: Arc<str>,
    /// The hash from now on: the same, unless its format or parameters were out of date.
    pub kept: Arc<str>,
    /// The bucket that the attempt came from: it is full again.
    pub bucket: Bucket,
    /// Where they signed in from: it has a bucket of its own from now on.
    pub place: Option<Digest32>,
    /// How long that place is remembered.
    pub remembered: Seconds,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("user", &self.user)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
