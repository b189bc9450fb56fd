//! The members of a JSON body, read one by one, so that everything that is wrong is said at once.
//!
//! Unknown members are ignored (as RFC 7591 §2 does), unless a contract refuses them. `null` is as good as absent,
//! except where a field can be taken away.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::{Map, Value};
use writ_core::authority::{Permission, Permissions};
use writ_core::client::{Translatable, TranslationsPatch, Update, within};
use writ_core::excerpt::Excerpt;
use writ_core::networks::{AllowList, Lockout};
use writ_core::reason::Reason;
use writ_core::secret::Presented;
use writ_core::settings::{PolicyError, RegistrationPolicy};
use writ_core::shell_reason::ShellReason;
use writ_core::time::{Micros, Seconds};
use writ_core::violation::{Field, Violations};

use super::members::Member;
use crate::call::json::Members;

use crate::config::nearest;

/// Entries of a list at the most, whatever it lists.
const LIST_LIMIT: usize = 10_000;
/// Unknown names that an answer quotes at the most.
const QUOTED: usize = 5;
/// Unknown members that an answer names at the most.
const NAMED: usize = 20;

/// A JSON object as it was sent.
#[derive(Debug, Default)]
pub struct Fields {
    members: Map<String, Value>,
    /// Members that were looked for.
    known: Vec<&'static str>,
    unread: Violations,
}

impl From<Members> for Fields {
    fn from(Members(members): Members) -> Self {
        Self { members, ..Self::default() }
    }
}

impl Fields {
    /// Notes what is wrong with a member that could be read.
    pub fn wrong(&mut self, field: impl Into<Field>, why: impl Into<Reason>) {
        self.unread.note(field, why);
    }

    /// Whether everything could be read so far.
    pub fn is_fine(&self) -> bool {
        self.unread.is_empty()
    }

    /// What could not be read.
    pub fn unread(self) -> Violations {
        self.unread
    }

    /// A member of a client, as its type reads it: absent, `null`, or a value.
    pub fn member<T: Member>(&mut self, name: &'static str, field: Field) -> Update<T> {
        match self.members.remove(name) {
            None => Update::Keep,
            Some(Value::Null) => Update::Clear,
            Some(value) => match T::read(value) {
                Ok(value) => Update::Set(value),
                Err(why) => {
                    self.unread.note(field, why);
                    Update::Keep
                }
            },
        }
    }

    /// Members of a client that are there in a language (RFC 7591 §2.2), by their whole names: `client_name#ja`.
    pub fn translations(&mut self) -> TranslationsPatch {
        let names = self.members.keys().filter(|name| Translatable::of_member(name).is_some()).cloned();
        let mut sent = Vec::new();
        for name in names.collect::<Vec<_>>() {
            let update = match self.members.remove(&name) {
                None => continue,
                Some(Value::Null) => Update::Clear,
                Some(value) => match String::read(value) {
                    Ok(text) => Update::Set(text),
                    Err(why) => {
                        self.unread.note(Field::Other(name.as_str().into()), why);
                        continue;
                    }
                },
            };
            sent.push((name, update));
        }
        TranslationsPatch(sent)
    }

    /// Whether a member was sent as `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(Value::is_null)
    }

    /// Takes members out as they were sent.
    pub fn as_sent<const N: usize>(&mut self, names: [&'static str; N]) -> Vec<(&'static str, Value)> {
        names.into_iter().filter_map(|name| Some((name, self.members.remove(name)?))).collect()
    }

    /// Refuses a member that is known and not taken here.
    pub fn refuse(&mut self, name: &'static str, why: ShellReason) {
        if self.members.remove(name).is_some() {
            self.unread.note(name, why);
        }
    }

    /// Refuses whatever was not read: a typo would silently drop a setting.
    pub fn nothing_else(&mut self) {
        let more = self.members.len().saturating_sub(NAMED);
        for name in self.members.keys().take(NAMED) {
            let field = Field::Other(Excerpt::of(name).as_str().into());
            self.unread.note(field, ShellReason::NoFieldOfRequest);
        }
        if more > 0 {
            self.unread.note("others", ShellReason::MoreFieldsUnknown { more: more.into() });
        }
    }

    /// Takes a member out; `None`: it was not sent. What it should have been is noted where it was not.
    fn take<T, E: Into<Reason>>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value) -> Result<T, E>,
    ) -> Option<T> {
        // A member of an inner object is noted under its whole path, and found by the last part of it.
        let member = name.rsplit_once('.').map_or(name, |(_, last)| last);
        self.known.push(member);
        match read(self.members.remove(member)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.unread.note(name, why);
                None
            }
        }
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name, |value| unless_null(value, text)).flatten()
    }

    /// A text that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn text_or_null(&mut self, name: &'static str) -> Option<Option<String>> {
        self.take(name, |value| unless_null(value, text))
    }

    /// A secret text.
    pub fn secret(&mut self, name: &'static str) -> Option<Presented> {
        self.text(name).map(Presented::new)
    }

    /// The parameters of a form, where a JSON object of texts could have been sent as well.
    pub fn of_form(form: &writ_core::form::Form<'_>, names: &[&str]) -> Self {
        let member = |name: &&str| Some(((*name).to_owned(), Value::from(form.get(name)?)));
        Self { members: names.iter().filter_map(member).collect(), ..Self::default() }
    }

    /// A text that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn nullable_text(&mut self, name: &'static str) -> Option<Option<String>> {
        self.take(name, |value| unless_null(value, text))
    }

    /// A truth value.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.take(name, |value| unless_null(value, |value| value.as_bool().ok_or(ShellReason::Flag)))
            .flatten()
    }

    /// A list of permissions, by name.
    pub fn permissions(&mut self, name: &'static str) -> Option<Permissions> {
        self.take(name, |value| unless_null(value, permissions)).flatten()
    }

    /// A time that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn time(&mut self, name: &'static str) -> Option<Option<Micros>> {
        self.take(name, |value| unless_null(value, |value| parse_time(&text(value)?)))
    }

    /// One of a few words, which can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn word<T>(
        &mut self,
        name: &'static str,
        known: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        let wrong = || ShellReason::MustBeOrNull { known: known.into() };
        self.take(name, |value| unless_null(value, |value| value.as_str().and_then(parse).ok_or_else(wrong)))
    }

    /// A truth value that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn switch(&mut self, name: &'static str) -> Option<Option<bool>> {
        self.take(name, |value| unless_null(value, |value| value.as_bool().ok_or(ShellReason::FlagOrNull)))
    }

    /// A number of seconds within bounds that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn seconds(&mut self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<Option<Seconds>> {
        let (least, most) = (bounds.start().into(), bounds.end().into());
        let wrong = || ShellReason::SecondsOrNull { least, most };
        self.take(name, |value| {
            unless_null(value, |value| {
                value.as_i64().filter(|n| bounds.contains(n)).map(Seconds).ok_or_else(wrong)
            })
        })
    }

    /// A whole number within bounds that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn whole(&mut self, name: &'static str, bounds: &RangeInclusive<i64>) -> Option<Option<u32>> {
        self.take(name, |value| {
            unless_null(value, |value| within(value.as_i64().unwrap_or(i64::MIN), bounds))
        })
    }

    /// A list of texts that can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn texts(&mut self, name: &'static str) -> Option<Option<Vec<Box<str>>>> {
        self.take(name, |value| {
            unless_null(value, |value| {
                if value.as_array().is_some_and(|list| list.len() > LIST_LIMIT) {
                    return Err(ShellReason::EntriesBeyond { most: LIST_LIMIT.into() });
                }
                let texts = value.as_array().map(|list| list.iter().map(|one| one.as_str().map(Box::from)));
                texts.and_then(Iterator::collect).ok_or(ShellReason::TextsOrNull)
            })
        })
    }

    /// What clients that register themselves may have, which can be taken away: `Some(None)` is `null`.
    #[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
    pub fn policy(&mut self, name: &'static str) -> Option<Option<Arc<RegistrationPolicy>>> {
        let sent = self.take(name, |value| unless_null(value, |value| Ok::<_, Reason>(value.to_string())))?;
        let Some(text) = sent else { return Some(None) };
        match RegistrationPolicy::from_json(&text) {
            Ok(policy) => Some(Some(policy)),
            Err(PolicyError { member: "", reason }) => {
                self.unread.note(name, reason);
                None
            }
            Err(PolicyError { member, reason }) => {
                self.unread.note(Field::Other(format!("{name}.{member}").into()), reason);
                None
            }
        }
    }

    /// Networks of an allow list; `null` is as good as none.
    pub fn networks(&mut self, name: &'static str) -> Option<AllowList> {
        let sent = self.texts(name)?.unwrap_or_default();
        match AllowList::read(&sent) {
            Ok(list) => Some(list),
            Err(wrong) => {
                for why in wrong {
                    self.unread.note(name, why);
                }
                None
            }
        }
    }

    /// What is said to shutting oneself out by an allow list.
    pub fn lockout(&mut self) -> Lockout {
        self.flag("confirm_lockout").unwrap_or_default().into()
    }

    /// An object in the object. None of its members may be unknown: it is read by `read`, whose own
    /// violations are noted under this name.
    pub fn object<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let found = self.take(name, |value| match value {
            Value::Null => Ok(None),
            Value::Object(members) => Ok(Some(members)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(ShellReason::ObjectWanted)
            }
        });
        let mut inner = Self { members: found??, known: Vec::new(), unread: Violations::default() };
        let value = read(&mut inner);
        let unknown: Vec<_> = inner.members.keys().map(String::as_str).collect();
        if !unknown.is_empty() {
            let meant = unknown.first().and_then(|name| nearest(name, inner.known.iter().copied()));
            let names = quoted(&unknown).into();
            let why = match meant {
                Some(meant) => ShellReason::MembersOddMeant { names, meant: meant.into() },
                None => ShellReason::MembersOdd { names },
            };
            self.unread.note(name, why);
        }
        self.unread.extend(inner.unread);
        Some(value)
    }
}

fn unless_null<T, E>(value: Value, read: impl FnOnce(Value) -> Result<T, E>) -> Result<Option<T>, E> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

fn text(value: Value) -> Result<String, ShellReason> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(ShellReason::TextNeeded)
        }
    }
}

/// A time as RFC 3339 writes it.
pub(super) fn parse_time(text: &str) -> Result<Micros, ShellReason> {
    let time = text.parse::<jiff::Timestamp>().map(|time| Micros(time.as_microsecond()));
    time.map_err(|_| ShellReason::TimeUnreadable)
}

fn permissions(value: Value) -> Result<Permissions, ShellReason> {
    let list = || ShellReason::ListOfTexts;
    let Value::Array(entries) = value else { return Err(list()) };
    let names = entries.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or_else(list)?;
    let unknown: Vec<_> = names.iter().copied().filter(|name| Permission::by_name(name).is_none()).collect();
    if unknown.is_empty() {
        return Ok(names.into_iter().filter_map(Permission::by_name).collect());
    }
    let known: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
    Err(ShellReason::PermissionsUnknown { names: quoted(&unknown).into(), known: known.join(" ").into() })
}

/// Some names as an answer may quote them.
pub(super) fn quoted(names: &[&str]) -> String {
    let mut texts: Vec<_> = names.iter().take(QUOTED).map(|name| Excerpt::of(name).to_string()).collect();
    if names.len() > QUOTED {
        texts.push(format!("and {} more", names.len() - QUOTED));
    }
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use writ_core::client::ClientKind;

    use super::super::members::{KnownWord, ScopeText};
    use super::*;
    use crate::reasons;

    fn fields(text: &str) -> Fields {
        Members::read(text.as_bytes()).unwrap().into()
    }

    fn said(fields: Fields) -> String {
        fields.unread().settle().map_or_else(|refusal| reasons::error(&refusal.error), |()| String::new())
    }

    #[test]
    fn everything_that_is_wrong_is_noted_under_its_name() {
        let mut sent =
            fields(r#"{"a":1,"b":"x","c":["no","keys:read"],"d":"yesterday","e":[],"f":1,"g":[1]}"#);
        assert_eq!(sent.text("a"), None);
        assert_eq!(sent.flag("b"), None);
        assert_eq!(sent.permissions("c"), None);
        assert_eq!(sent.time("d"), None);
        assert!(sent.object("e", |_| ()).is_none());
        assert_eq!(sent.word("f", "one of x and y", |_| Some(())), None);
        assert_eq!(sent.permissions("g"), None);
        let text = said(sent);
        for part in [
            "a: must be a text",
            "b: must be true or false",
            "c: unknown: no; known: oauth:read ",
            "d: not a time",
            "e: must be an object",
            "f: must be one of x and y, or null",
            "g: must be a list of texts",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn null_is_absent_except_where_it_takes_away() {
        let mut sent = fields(r#"{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null}"#);
        assert_eq!((sent.text("a"), sent.flag("b"), sent.permissions("c")), (None, None, None));
        assert_eq!((sent.time("d"), sent.time("absent")), (Some(None), None));
        assert!(sent.object("e", |_| ()).is_none());
        assert_eq!(sent.word("f", "x", |_| Some(1)), Some(None));
        assert_eq!(said(sent), "");
    }

    #[test]
    fn times_are_rfc_3339() {
        let mut sent = fields(r#"{"t":"2023-11-14T23:13:20+01:00"}"#);
        assert_eq!(sent.time("t"), Some(Some(Micros::from_secs(1_700_000_000))));
    }

    #[test]
    fn an_inner_object_has_no_unknown_members_and_many_are_cut_short() {
        let mut sent = fields(r#"{"s":{"t":5,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}}"#);
        assert!(sent.object("s", |inner| inner.text("t")).is_some());
        assert_eq!(said(sent), "s: unknown: a b c d e and 2 more; t: must be a text");
    }

    fn notes(sent: Fields) -> Vec<String> {
        sent.unread()
            .iter()
            .map(|wrong| format!("{:?}: {}", wrong.field, reasons::reason(&wrong.reason)))
            .collect()
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let mut sent = fields(r#"{"a":null,"b":"x","c":["y","z"],"d":7,"e":true,"f":" p  q "}"#);
        assert_eq!(sent.member::<String>("none", Field::Name), Update::Keep);
        assert_eq!(sent.member::<String>("a", Field::Name), Update::Clear);
        assert_eq!(sent.member("b", Field::Name), Update::Set("x".to_owned()));
        assert_eq!(sent.member("c", Field::Scopes), Update::Set(vec!["y".to_owned(), "z".to_owned()]));
        assert_eq!(sent.member("d", Field::AccessLifetime), Update::Set(7));
        assert_eq!(sent.member("e", Field::Enabled), Update::Set(true));
        let words = sent.member::<ScopeText>("f", Field::Scopes).map(|words| words.0);
        assert_eq!(words, Update::Set(vec!["p".to_owned(), "q".to_owned()]));
        sent.nothing_else();
        assert!(notes(sent).is_empty());
    }

    #[test]
    fn everything_that_cannot_be_read_is_noted() {
        let mut sent = fields(r#"{"a":1,"b":["x",2],"c":1.5,"d":"yes","e":{},"f":"neither","g":1,"typo":1}"#);
        sent.member::<String>("a", Field::Name);
        sent.member::<Vec<String>>("b", Field::Scopes);
        sent.member::<i64>("c", Field::AccessLifetime);
        sent.member::<bool>("d", Field::Enabled);
        sent.member::<ScopeText>("e", Field::Scopes);
        sent.member::<KnownWord<ClientKind>>("f", Field::Kind);
        sent.refuse("g", ShellReason::ServerMakesOnce);
        sent.nothing_else();
        let said = notes(sent);
        assert_eq!(said.len(), 8, "{said:?}");
        assert!(said[7].contains("typo"), "{said:?}");
    }

    #[test]
    fn a_flood_of_unknown_members_is_cut_short() {
        let members: Vec<_> = (0..50).map(|n| format!("\"m{n}\":1")).collect();
        let mut sent = fields(&format!("{{{}}}", members.join(",")));
        sent.nothing_else();
        let said = notes(sent);
        assert_eq!(said.len(), NAMED + 1);
        assert!(said[NAMED].contains("30 more"), "{said:?}");
    }
}
