//! Managing what Writ itself is made of: API keys, roles, tenants. One function a use case: from
//! facts to a decision.

pub mod api_keys;
pub mod claims;
pub mod clients;
pub mod groups;
pub mod resources;
pub mod roles;
pub mod scopes;
pub mod signing_keys;
pub mod tenants;
pub mod tokens;
pub mod users;

use crate::caller::Acting;
use crate::change::{Action, Changes, Origin, Target};
use crate::decision::{Decision, Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::text::{self, Lines, TextError};
pub use crate::violation::{Violations, Wrong};

/// Who acts, from where and when: what every use case here is given besides its facts.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Who, and in which tenant.
    pub acting: &'a Acting,
    /// From where.
    pub origin: &'a Origin,
    /// When, and with which randomness.
    pub moment: Moment<'a>,
}

impl<'a> Deed<'a> {
    /// Who acts, from where and when, whatever they may.
    pub fn scene(&self) -> Scene<'a> {
        let (tenant, actor) = (self.acting.tenant(), self.acting.caller().actor());
        Scene { tenant, actor, origin: self.origin, moment: self.moment }
    }

    /// The unit of this deed, as yet without a write. Where an application acts for a person, the record names it.
    pub fn unit(&self, action: Action, target: Target) -> Changes {
        self.through(self.scene().unit(action, target))
    }

    /// Names, in the audit record, the application through which a person acts.
    pub fn through(&self, changes: Changes) -> Changes {
        match self.acting.caller().through() {
            Some(details) => changes.detailed(details),
            None => changes,
        }
    }

    /// The same for what was decided of the scene alone.
    ///
    /// # Errors
    /// The refusal.
    pub fn done<T>(&self, decided: Decision<T>) -> Decision<T> {
        decided.map(|(outcome, changes)| (outcome, self.through(changes)))
    }
}

/// The answer for an id that is unknown, or another tenant's: nobody can tell which.
pub fn no_such(what: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::NotFound, what).into()
}

/// Characters of a display name at the most.
const NAME_MOST: usize = 255;

/// A display name: [`Reason::NameRule`].
pub(crate) fn name_is_valid(name: &str) -> bool {
    text::check(name, NAME_MOST, Lines::One).is_ok() && name.trim() == name
}

/// What is wrong with a description of so many characters at the most; the empty one is none at all.
pub(crate) fn description_problem(description: &str, most: usize) -> Option<TextError> {
    if description.is_empty() {
        return None;
    }
    text::check(description, most, Lines::Many).err()
}
