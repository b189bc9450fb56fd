//! Refusals worth remembering: sign-ins that failed, and what somebody wanted and may not.
//!
//! They are no units of their own: a flood of bad requests buys no commits. The same refusal, again and again, is
//! one record with a count; past a bound they are dropped, and the dropped are counted.

use crate::change::{Act, Details};
use crate::excerpt::Excerpt;
use crate::networks::ListOf;

/// Something that was refused.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Who wanted what, from where.
    pub act: Act,
    /// The error, as on the wire.
    pub error: &'static str,
    /// The client that was named, where nobody was authenticated.
    pub named: Option<Box<str>>,
    /// The allow list that the caller was not on.
    pub list: Option<ListOf>,
    /// The path that was asked.
    pub path: Box<str>,
}

impl Refused {
    /// What the record says besides.
    pub fn details(&self, count: u64) -> Details {
        let named = self.named.as_deref().map(|named| ("client_id", Excerpt::of(named).to_string()));
        Details::new(
            [
                ("error", self.error.to_owned()),
                ("path", Excerpt::of(&self.path).to_string()),
                ("count", count.to_string()),
            ]
            .into_iter()
            .chain(named)
            .chain(self.list.map(|list| ("allow_list", list.name().to_owned()))),
        )
    }
}
