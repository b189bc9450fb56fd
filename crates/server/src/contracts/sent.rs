//! What a contract was sent about a client, read member by member: absent, `null`, or a value.

use serde_json::Value;
use writ_core::client::{Field, Update, Violations};
use writ_core::excerpt::Excerpt;

use super::fields::Fields;
use super::members::Member;

/// Unknown members that an answer names at the most.
const NAMED: usize = 20;

/// The members of a request, and what is wrong with those that were read.
#[derive(Debug)]
pub struct Sent {
    fields: Fields,
    wrong: Violations,
}

impl From<Fields> for Sent {
    fn from(fields: Fields) -> Self {
        Self { fields, wrong: Violations::default() }
    }
}

impl Sent {
    fn read<T>(
        &mut self,
        name: &'static str,
        field: Field,
        read: impl FnOnce(Value) -> Result<T, &'static str>,
    ) -> Update<T> {
        match self.fields.raw(name) {
            None => Update::Keep,
            Some(Value::Null) => Update::Clear,
            Some(value) => match read(value) {
                Ok(value) => Update::Set(value),
                Err(why) => {
                    self.wrong.note(field, why);
                    Update::Keep
                }
            },
        }
    }

    /// A member, as its type reads it.
    pub fn member<T: Member>(&mut self, name: &'static str, field: Field) -> Update<T> {
        self.read(name, field, T::read)
    }

    /// Takes members out as they were sent, unread.
    pub fn unread<const N: usize>(&mut self, names: [&'static str; N]) -> Vec<(&'static str, Value)> {
        names.into_iter().filter_map(|name| Some((name, self.fields.raw(name)?))).collect()
    }

    /// Notes what is wrong with a member that could be read.
    pub fn note(&mut self, field: Field, why: &'static str) {
        self.wrong.note(field, why);
    }

    /// Refuses a member that is known and not taken here.
    pub fn refuse(&mut self, name: &'static str, why: &'static str) {
        if self.fields.raw(name).is_some() {
            self.wrong.note(Field::Other(name.into()), why);
        }
    }

    /// Refuses whatever was not read: a typo would silently drop a setting.
    pub fn nothing_else(&mut self) {
        let more = self.fields.rest().len().saturating_sub(NAMED);
        for name in self.fields.rest().take(NAMED) {
            self.wrong
                .note(Field::Other(Excerpt::of(name).as_str().into()), "is not a field of this request");
        }
        if more > 0 {
            let field = Field::Other("others".into());
            self.wrong.note(field, format!("{more} more are not fields of this request"));
        }
    }

    /// What could not be read.
    pub fn wrong(self) -> Violations {
        self.wrong
    }
}

#[cfg(test)]
mod tests {
    use writ_core::client::ClientKind;

    use super::super::members::{Word, Words};
    use super::*;

    fn sent(text: &str) -> Sent {
        serde_json::from_str::<Fields>(text).unwrap().into()
    }

    fn said(sent: Sent) -> Vec<String> {
        sent.wrong().iter().map(|wrong| format!("{:?}: {}", wrong.field, wrong.reason)).collect()
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let mut sent = sent(r#"{"a":null,"b":"x","c":["y","z"],"d":7,"e":true,"f":" p  q "}"#);
        assert_eq!(sent.member::<String>("none", Field::Name), Update::Keep);
        assert_eq!(sent.member::<String>("a", Field::Name), Update::Clear);
        assert_eq!(sent.member("b", Field::Name), Update::Set("x".to_owned()));
        assert_eq!(sent.member("c", Field::Scopes), Update::Set(vec!["y".to_owned(), "z".to_owned()]));
        assert_eq!(sent.member("d", Field::AccessLifetime), Update::Set(7));
        assert_eq!(sent.member("e", Field::Enabled), Update::Set(true));
        let words = sent.member::<Words>("f", Field::Scopes).map(|words| words.0);
        assert_eq!(words, Update::Set(vec!["p".to_owned(), "q".to_owned()]));
        sent.nothing_else();
        assert!(said(sent).is_empty());
    }

    #[test]
    fn everything_that_cannot_be_read_is_noted() {
        let mut sent = sent(r#"{"a":1,"b":["x",2],"c":1.5,"d":"yes","e":{},"f":"neither","g":1,"typo":1}"#);
        sent.member::<String>("a", Field::Name);
        sent.member::<Vec<String>>("b", Field::Scopes);
        sent.member::<i64>("c", Field::AccessLifetime);
        sent.member::<bool>("d", Field::Enabled);
        sent.member::<Words>("e", Field::Scopes);
        sent.member::<Word<ClientKind>>("f", Field::Kind);
        sent.refuse("g", "stays");
        sent.nothing_else();
        let said = said(sent);
        assert_eq!(said.len(), 8, "{said:?}");
        assert!(said[7].contains("typo"), "{said:?}");
    }

    #[test]
    fn a_flood_of_unknown_members_is_cut_short() {
        let members: Vec<_> = (0..50).map(|n| format!("\"m{n}\":1")).collect();
        let mut sent = sent(&format!("{{{}}}", members.join(",")));
        sent.nothing_else();
        let said = said(sent);
        assert_eq!(said.len(), NAMED + 1);
        assert!(said[NAMED].contains("30 more"), "{said:?}");
    }
}
