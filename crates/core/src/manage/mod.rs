//! Managing what Writ itself is made of: API keys, roles, tenants. One function a use case: from
//! facts to a decision.

pub mod api_keys;
pub mod roles;
pub mod tenants;

use crate::caller::Acting;
use crate::change::{Act, Action, Changes, Origin, Target};
use crate::decision::{Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::AuditId;

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

impl Deed<'_> {
    /// The unit of this deed, as yet without a write.
    pub fn changes(&self, action: Action, target: Target) -> Changes {
        Changes::new(Act {
            id: AuditId::v7(self.moment.now, self.moment.random.bits()),
            at: self.moment.now,
            tenant: self.acting.tenant(),
            actor: self.acting.caller().actor(),
            action,
            target,
            origin: self.origin.clone(),
        })
    }
}

/// What is wrong with a request's fields, all of it together.
#[derive(Debug, Default)]
pub struct Violations(Vec<(&'static str, String)>);

impl Violations {
    /// Notes one, where `wrong` holds.
    pub fn when(&mut self, wrong: Wrong, field: &'static str, why: impl Into<String>) {
        if wrong.0 {
            self.0.push((field, why.into()));
        }
    }

    /// Nothing, or all of them as one error: `field: reason; field: reason`.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn settle(self) -> Result<(), Box<Refusal>> {
        if self.0.is_empty() {
            return Ok(());
        }
        let texts: Vec<_> = self.0.iter().map(|(field, why)| format!("{field}: {why}")).collect();
        Err(OAuthError::new(ErrorCode::InvalidRequest, texts.join("; ")).into())
    }
}

/// Whether something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong(pub bool);

/// The answer for an id that is unknown, or another tenant's: nobody can tell which.
pub fn no_such(what: &str) -> Box<Refusal> {
    OAuthError::new(ErrorCode::NotFound, format!("there is no such {what}")).into()
}

/// A display name: 1 to 255 characters, none of them a control character.
fn name_is_valid(name: &str) -> bool {
    (1..=255).contains(&name.chars().count()) && !name.chars().any(char::is_control) && name.trim() == name
}
