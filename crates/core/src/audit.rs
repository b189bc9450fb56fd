//! The audit log as it is read: records, and what a reader asks for.

use crate::ids::{AuditId, ClientId};
use crate::time::Micros;

/// The action of the records that are far more than all others.
pub const TOKEN_ISSUED: &str = "access_token.issued";

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was tried; another record says what came of it.
    Attempted,
    /// Somebody could not prove who they are.
    Failure,
    /// Somebody wanted what they may not.
    Refused,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Success, Self::Attempted, Self::Failure, Self::Refused];

    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Attempted => "attempted",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }
}

/// A record of the audit log. What it names may be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Row id.
    pub id: AuditId,
    /// When.
    pub at: Micros,
    /// What kind of actor.
    pub actor_type: Box<str>,
    /// Row id of the actor.
    pub actor_id: Option<[u8; 16]>,
    /// Name of the actor at that time.
    pub actor_name: Option<Box<str>>,
    /// What was done, `noun.verb`.
    pub action: Box<str>,
    /// What kind of thing it was done to.
    pub target_type: Box<str>,
    /// Row id of that thing.
    pub target_id: Option<[u8; 16]>,
    /// The word of an [`Outcome`].
    pub outcome: Box<str>,
    /// The peer's address.
    pub ip_address: Option<Box<str>>,
    /// `User-Agent`.
    pub user_agent: Option<Box<str>>,
    /// The request's id.
    pub request_id: Option<Box<str>>,
    /// More, as a JSON object.
    pub details: Option<Box<str>>,
}

/// Somebody or something that a reader names: by row id, else by name or kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mentioned {
    /// A row.
    Row([u8; 16]),
    /// A name, or a kind such as `user`.
    Text(Box<str>),
}

impl Mentioned {
    /// Reads a UUID, `cli_…`, or anything else as a text.
    pub fn parse(text: &str) -> Self {
        match ClientId::parse_uuid(text).or_else(|| ClientId::parse_prefixed(text)) {
            Some(id) => Self::Row(id.to_bytes()),
            None => Self::Text(text.into()),
        }
    }

    fn is(&self, id: Option<[u8; 16]>, names: [Option<&str>; 2]) -> bool {
        match self {
            Self::Row(row) => id == Some(*row),
            Self::Text(text) => names.contains(&Some(text)),
        }
    }
}

/// What a reader asks for; everything that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who.
    pub actor: Option<Mentioned>,
    /// What.
    pub action: Option<Box<str>>,
    /// To which thing.
    pub target: Option<Mentioned>,
    /// At this time or later.
    pub from: Option<Micros>,
    /// Before this time.
    pub to: Option<Micros>,
}

impl AuditFilter {
    /// Whether a record is asked for.
    pub fn takes(&self, record: &AuditRecord) -> bool {
        // A public client id that has the form of a row id was recorded as the name.
        let actor = self.actor.as_ref().is_none_or(|actor| {
            actor.is(record.actor_id, [record.actor_name.as_deref(), Some(&record.actor_type)])
        });
        let target = self
            .target
            .as_ref()
            .is_none_or(|target| target.is(record.target_id, [Some(&record.target_type), None]));
        actor
            && target
            && self.action.as_ref().is_none_or(|action| *action == record.action)
            && self.from.is_none_or(|from| record.at >= from)
            && self.to.is_none_or(|to| record.at < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> AuditRecord {
        AuditRecord {
            id: AuditId::from_bytes([1; 16]),
            at: Micros(10),
            actor_type: "user".into(),
            actor_id: Some([2; 16]),
            actor_name: Some("ann".into()),
            action: "role.created".into(),
            target_type: "role".into(),
            target_id: Some([3; 16]),
            outcome: "success".into(),
            ip_address: None,
            user_agent: None,
            request_id: None,
            details: None,
        }
    }

    #[test]
    fn everything_that_is_set_has_to_hold() {
        let uuid = |byte: u8| Mentioned::parse(&AuditId::from_bytes([byte; 16]).to_string());
        let none = AuditFilter::default();
        let cases = [
            (none.clone(), true),
            (AuditFilter { actor: Some(uuid(2)), ..none.clone() }, true),
            (AuditFilter { actor: Some(uuid(3)), ..none.clone() }, false),
            (AuditFilter { actor: Some(Mentioned::parse("ann")), ..none.clone() }, true),
            (AuditFilter { actor: Some(Mentioned::parse("user")), ..none.clone() }, true),
            (AuditFilter { actor: Some(Mentioned::parse("role")), ..none.clone() }, false),
            (AuditFilter { target: Some(uuid(3)), ..none.clone() }, true),
            (AuditFilter { target: Some(uuid(2)), ..none.clone() }, false),
            (AuditFilter { target: Some(Mentioned::parse("role")), ..none.clone() }, true),
            (AuditFilter { target: Some(Mentioned::parse("ann")), ..none.clone() }, false),
            (AuditFilter { action: Some("role.created".into()), ..none.clone() }, true),
            (AuditFilter { action: Some("role".into()), ..none.clone() }, false),
            (AuditFilter { from: Some(Micros(10)), to: Some(Micros(11)), ..none.clone() }, true),
            (AuditFilter { from: Some(Micros(11)), ..none.clone() }, false),
            (AuditFilter { to: Some(Micros(10)), ..none.clone() }, false),
            (AuditFilter { actor: Some(uuid(2)), action: Some("other".into()), ..none }, false),
        ];
        for (filter, expected) in cases {
            assert_eq!(filter.takes(&record()), expected, "{filter:?}");
        }
    }
}
