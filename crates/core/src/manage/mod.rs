//! Managing what Writ itself is made of: API keys, roles, tenants. One function a use case: from
//! facts to a decision.

pub mod api_keys;
pub mod claims;
pub mod clients;
pub mod roles;
pub mod scopes;
pub mod signing_keys;
pub mod tenants;
pub mod tokens;
pub mod users;

use crate::caller::Acting;
use crate::change::{Act, Action, Changes, Origin, Target};
use crate::decision::{Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::AuditId;
use crate::text::{self, Lines, TextError};

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
        let changes = Changes::new(Act {
            id: AuditId::v7(self.moment.now, self.moment.random.bits()),
            at: self.moment.now,
            tenant: self.acting.tenant(),
            actor: self.acting.caller().actor(),
            action,
            target,
            origin: self.origin.clone(),
        });
        match self.acting.caller().through() {
            Some(details) => changes.detailed(details),
            None => changes,
        }
    }
}

/// What is wrong with a request's fields, all of it together.
#[derive(Debug, Clone, Default)]
pub struct Violations(Vec<(&'static str, String)>);

impl Violations {
    /// Notes one.
    pub fn note(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.push((field, why.into()));
    }

    /// Notes one, where `wrong` holds.
    pub fn when(&mut self, wrong: Wrong, field: &'static str, why: impl Into<String>) {
        if wrong.0 {
            self.note(field, why);
        }
    }

    /// Adds those of another look at the same request.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Gives a field that must be there. Where it is not, that is noted, unless the reason why it
    /// could not be read is noted already.
    pub fn require<T>(&mut self, field: &'static str, value: Option<T>) -> Option<T> {
        let known = self.0.iter().any(|(noted, _)| *noted == field);
        self.when(Wrong(value.is_none() && !known), field, "missing");
        value
    }

    /// Nothing, or all of them as one error: `field: reason; field: reason`.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn settle(self) -> Result<(), Box<Refusal>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }

    /// The required fields, or all that is wrong.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn settle_with<T>(self, required: Option<T>) -> Result<T, Box<Refusal>> {
        match required {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => Err(self.refusal()),
        }
    }

    fn refusal(self) -> Box<Refusal> {
        let texts: Vec<_> = self.0.iter().map(|(field, why)| format!("{field}: {why}")).collect();
        OAuthError::new(ErrorCode::InvalidRequest, texts.join("; ")).into()
    }
}

/// Whether something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong(pub bool);

/// The answer for an id that is unknown, or another tenant's: nobody can tell which.
pub fn no_such(what: &str) -> Box<Refusal> {
    OAuthError::new(ErrorCode::NotFound, format!("there is no such {what}")).into()
}

/// Characters of a display name at the most.
const NAME_MOST: usize = 255;

/// What a display name has to be.
pub(crate) const NAME_RULE: &str = "1 to 255 characters, at least one of them visible, without control characters, invisible \
     characters, characters that change the order of others, or white space at the ends";

/// A display name: [`NAME_RULE`].
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
