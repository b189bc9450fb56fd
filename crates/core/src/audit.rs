//! The audit log as it is read: records, and what a reader asks for.

use std::net::IpAddr;

use writ_jose::Json;

use crate::excerpt::Excerpt;
use crate::ids::{AuditId, ClientId};
use crate::networks::NetworkPrefix;
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

    /// The outcome that a word means.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

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
    /// A name, and the row that bears it now.
    Named([u8; 16], Box<str>),
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
            Self::Named(row, text) => id == Some(*row) || names.contains(&Some(text)),
        }
    }
}

/// What a reader asks for; everything that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who.
    pub actor: Option<Mentioned>,
    /// Somebody who acted, or to whom it was done, or whose name was tried.
    pub user: Option<Mentioned>,
    /// What.
    pub action: Option<Box<str>>,
    /// To which thing.
    pub target: Option<Mentioned>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// From an address in this network.
    pub network: Option<NetworkPrefix>,
    /// At this time or later.
    pub from: Option<Micros>,
    /// Before this time.
    pub to: Option<Micros>,
    /// Whether issued tokens are among them.
    pub issued: IssuedRecords,
}

/// Whether a reader asks for the records that are far more than all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IssuedRecords {
    /// They do, among others.
    #[default]
    Included,
    /// They do not, and none is read.
    LeftOut,
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
            && self.user.as_ref().is_none_or(|user| is_about(user, record))
            && self.outcome.is_none_or(|outcome| outcome.name() == &*record.outcome)
            && self.network.is_none_or(|network| came_from(network, record))
            && self.action.as_ref().is_none_or(|action| *action == record.action)
            && self.from.is_none_or(|from| record.at >= from)
            && self.to.is_none_or(|to| record.at < to)
    }
}

/// Whether a person acted, or it was done to them, or their name was tried.
fn is_about(user: &Mentioned, record: &AuditRecord) -> bool {
    let named = match (user, &*record.actor_type) {
        (Mentioned::Text(_) | Mentioned::Named(..), "user") => record.actor_name.as_deref(),
        (Mentioned::Text(_) | Mentioned::Named(..) | Mentioned::Row(_), _) => None,
    };
    let tried = match user {
        Mentioned::Text(name) | Mentioned::Named(_, name) => {
            record.details.as_deref().is_some_and(|details| tried(details, name))
        }
        Mentioned::Row(_) => false,
    };
    user.is(record.actor_id, [named, None]) || user.is(record.target_id, [None, None]) || tried
}

/// Whether a record says that this username was given.
fn tried(details: &str, name: &str) -> bool {
    let read = Json::parse(details.as_bytes());
    // As it was written down.
    let name = Excerpt::of(name);
    read.is_ok_and(|members| members.get("username").and_then(Json::as_str) == Some(name.as_str()))
}

fn came_from(network: NetworkPrefix, record: &AuditRecord) -> bool {
    let address = record.ip_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
    address.is_some_and(|address| network.contains(address))
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
            ip_address: Some("192.0.2.7".into()),
            user_agent: None,
            request_id: None,
            details: Some(r#"{"username":"bob@example.com"}"#.into()),
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
            (AuditFilter { user: Some(uuid(2)), ..none.clone() }, true),
            (AuditFilter { user: Some(uuid(3)), ..none.clone() }, true),
            (AuditFilter { user: Some(uuid(4)), ..none.clone() }, false),
            (AuditFilter { user: Some(Mentioned::parse("ann")), ..none.clone() }, true),
            (AuditFilter { user: Some(Mentioned::parse("bob@example.com")), ..none.clone() }, true),
            (AuditFilter { user: Some(Mentioned::parse("bob")), ..none.clone() }, false),
            (AuditFilter { user: Some(Mentioned::parse("user")), ..none.clone() }, false),
            (AuditFilter { outcome: Some(Outcome::Success), ..none.clone() }, true),
            (AuditFilter { outcome: Some(Outcome::Failure), ..none.clone() }, false),
            (AuditFilter { network: NetworkPrefix::parse("192.0.2.0/24"), ..none.clone() }, true),
            (AuditFilter { network: NetworkPrefix::parse("192.0.2.7"), ..none.clone() }, true),
            (AuditFilter { network: NetworkPrefix::parse("198.51.100.0/24"), ..none.clone() }, false),
            (AuditFilter { actor: Some(uuid(2)), action: Some("other".into()), ..none }, false),
        ];
        for (filter, expected) in cases {
            assert_eq!(filter.takes(&record()), expected, "{filter:?}");
        }
    }
}
