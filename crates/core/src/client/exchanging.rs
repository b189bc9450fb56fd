//! What a client may do with tokens of others (RFC 8693), and whether it is an agent. Kept together as one JSON text.

use writ_jose::{Json, JsonObject};

use super::settings::after;
use super::{TokenSetting, Update, Violations};
use crate::basic::CLIENT_ID_LIMIT;
use crate::reason::Reason;
use crate::settings::Switch;

/// Clients whose tokens one may take at the most.
const SUBJECTS: usize = 100;
/// Stands for every client of the tenant.
const EVERY: &str = "*";

/// What a client may do with tokens of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExchangePolicy {
    /// The public ids of the clients whose tokens it may take; none: only its own.
    pub subjects: Vec<Box<str>>,
    /// Whether it may speak as the person without being named in the token.
    pub impersonation: Switch,
    /// The only client that may exchange the tokens of this one; none: whoever may take them.
    pub may_act: Option<Box<str>>,
    /// Whether it acts by itself for people: then its tokens always name it, and people agree for a time.
    pub agent: Switch,
}

impl ExchangePolicy {
    /// Whether it may take tokens that were issued to a client.
    pub fn takes(&self, client_id: &str) -> bool {
        self.subjects.iter().any(|known| **known == *EVERY || **known == *client_id)
    }

    /// Whether it may do with tokens of others what takes trust to be given.
    pub fn is_trusted(&self) -> bool {
        !self.subjects.is_empty() || self.impersonation.is_on()
    }

    /// As stored: a JSON object of what there is; none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let mut json = JsonObject::with_capacity(128);
        if !self.subjects.is_empty() {
            json.strings(TokenSetting::ExchangeSubjects.name(), &self.subjects);
        }
        if self.impersonation.is_on() {
            json.boolean(TokenSetting::ExchangeImpersonation.name(), true);
        }
        if let Some(client_id) = &self.may_act {
            json.string(TokenSetting::MayAct.name(), client_id);
        }
        if self.agent.is_on() {
            json.boolean(TokenSetting::Agent.name(), true);
        }
        Some(json.finish())
    }

    /// From the stored text. What is not known here is passed over: a later version may have written it.
    pub fn from_stored(text: &str) -> Self {
        let json = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        let member = |setting: TokenSetting| json.get(setting.name());
        let is_on = |setting| Switch::from(matches!(member(setting), Some(Json::Boolean(true))));
        let subjects = member(TokenSetting::ExchangeSubjects).and_then(Json::as_array).unwrap_or_default();
        Self {
            subjects: subjects.iter().filter_map(Json::as_str).map(Box::from).collect(),
            impersonation: is_on(TokenSetting::ExchangeImpersonation),
            may_act: member(TokenSetting::MayAct).and_then(Json::as_str).map(Box::from),
            agent: is_on(TokenSetting::Agent),
        }
    }
}

/// What shall become of it, as it was sent. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct ExchangePolicyPatch {
    /// The clients whose tokens it may take; the whole list.
    pub subjects: Update<Vec<String>>,
    /// Whether it may speak as the person without being named.
    pub impersonation: Update<Switch>,
    /// The only client that may exchange its tokens.
    pub may_act: Update<String>,
    /// Whether it is an agent.
    pub agent: Update<Switch>,
}

impl ExchangePolicyPatch {
    /// The patch that says of everything what it is.
    pub(super) fn restating(held: Option<&ExchangePolicy>) -> Self {
        let held = held.cloned().unwrap_or_default();
        Self {
            subjects: Update::Set(held.subjects.iter().map(ToString::to_string).collect()),
            impersonation: Update::Set(held.impersonation),
            may_act: Update::sent(Some(held.may_act.as_deref().map(str::to_owned))),
            agent: Update::Set(held.agent),
        }
    }

    pub(super) fn apply_to(&self, held: &mut Option<Box<ExchangePolicy>>, wrong: &mut Violations) {
        let mut policy = held.take().map(|held| *held).unwrap_or_default();
        match &self.subjects {
            Update::Keep => {}
            Update::Clear => policy.subjects.clear(),
            Update::Set(sent) if sent.len() > SUBJECTS => {
                wrong.note(TokenSetting::ExchangeSubjects, Reason::EntriesMost { most: SUBJECTS.into() });
            }
            Update::Set(sent) => {
                if sent.iter().any(|id| !can_be_id(id)) {
                    wrong.note(TokenSetting::ExchangeSubjects, Reason::ClientIdsNeeded);
                }
                policy.subjects = sent.iter().map(|id| id.as_str().into()).collect();
            }
        }
        policy.impersonation = after(&self.impersonation, policy.impersonation, Switch::Off);
        policy.agent = after(&self.agent, policy.agent, Switch::Off);
        match &self.may_act {
            Update::Keep => {}
            Update::Clear => policy.may_act = None,
            Update::Set(sent) if sent.is_empty() => policy.may_act = None,
            Update::Set(sent) => {
                if !can_be_id(sent) {
                    wrong.note(TokenSetting::MayAct, Reason::ClientIdsNeeded);
                }
                policy.may_act = Some(sent.as_str().into());
            }
        }
        *held = (policy != ExchangePolicy::default()).then(|| Box::new(policy));
    }
}

fn can_be_id(text: &str) -> bool {
    (1..=CLIENT_ID_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_comes_back_from_storage() {
        let policy = ExchangePolicy {
            subjects: vec!["app".into(), "https://a.example/c".into()],
            impersonation: Switch::On,
            may_act: Some("agent".into()),
            agent: Switch::On,
        };
        assert_eq!(ExchangePolicy::from_stored(&policy.to_stored().unwrap()), policy);
        assert_eq!(ExchangePolicy::default().to_stored(), None);
        assert_eq!(ExchangePolicy::from_stored("[]"), ExchangePolicy::default());
        assert!(policy.takes("app") && !policy.takes("other") && policy.is_trusted());
        let every = ExchangePolicy { subjects: vec![EVERY.into()], ..ExchangePolicy::default() };
        assert!(every.takes("other"));
        let mut held = Some(Box::new(policy.clone()));
        let mut wrong = Violations::default();
        ExchangePolicyPatch::restating(held.as_deref()).apply_to(&mut held, &mut wrong);
        assert_eq!((held.as_deref(), wrong.is_empty()), (Some(&policy), true));
        let bad = ExchangePolicyPatch {
            subjects: Update::Set(vec!["a b".to_owned()]),
            may_act: Update::Set("\u{e9}".to_owned()),
            ..ExchangePolicyPatch::default()
        };
        bad.apply_to(&mut held, &mut wrong);
        assert_eq!(wrong.iter().count(), 2);
    }
}
