//! Records of the audit log that nobody waits for: what was refused, sign-ins that failed, and what nobody in
//! particular did.
//!
//! They are no units of their own: a flood of bad requests buys no commits. The same thing, again and again, is one
//! record with a count; past a bound they are dropped, and the dropped are counted.

use crate::act::Act;
use crate::audit::Outcome;
use crate::details::Details;
use crate::excerpt::Excerpt;
use crate::networks::ListOf;

/// How much a record is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is about somebody, and something else bounds how many of its kind there are.
    Each,
    /// Anybody can cause it at will: a network that causes many gets few records, with large counts.
    Few,
}

/// Where the audit record of a unit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// In the unit, with what came of it.
    Inside(Outcome),
    /// A few seconds later, and once for many of its kind ([`Noted::done`]): nobody in
    /// particular did it.
    Noted,
    /// By the decision that follows.
    Later,
}

/// Something to be recorded.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Who did or wanted what, from where.
    pub act: Act,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, and what the record calls that: `error` as on the wire, or `reason`.
    pub why: Option<(&'static str, &'static str)>,
    /// What was wrong in particular, in words for the operator; never a secret.
    pub reason: Option<Box<str>>,
    /// The name that was given, and what the record calls it.
    pub name: Option<(&'static str, Box<str>)>,
    /// The allow list that the caller was not on.
    pub list: Option<ListOf>,
    /// The path that was asked.
    pub path: Option<Box<str>>,
    /// How much it is worth.
    pub worth: Worth,
}

impl Noted {
    /// An act that anybody can cause, done.
    pub const fn done(act: Act) -> Self {
        Self {
            act,
            outcome: Outcome::Success,
            why: None,
            reason: None,
            name: None,
            list: None,
            path: None,
            worth: Worth::Few,
        }
    }

    /// What the record says besides.
    pub fn details(&self, count: u64) -> Details {
        let texts = [
            self.why.map(|(name, why)| (name, why.to_owned())),
            self.reason.as_deref().map(|reason| ("reason", Excerpt::of_reason(reason).to_string())),
            self.path.as_deref().map(|path| ("path", Excerpt::of(path).to_string())),
            Some(("count", count.to_string())),
            self.name.as_ref().map(|(name, text)| (*name, Excerpt::of(text).to_string())),
            self.list.map(|list| ("allow_list", list.name().to_owned())),
        ];
        Details::new(texts.into_iter().flatten())
    }
}
