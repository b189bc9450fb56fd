//! What a contract was sent about a client, read member by member: absent, `null`, or a value.

use serde_json::Value;
use writ_core::client::{Field, Update, Violations};
use writ_core::excerpt::Excerpt;

use super::fields::Fields;

/// Unknown members that an answer names at the most.
const NAMED: usize = 20;

/// The members of a request, and what is wrong with those that were read.
#[derive(Debug)]
pub struct Sent {
    fields: Fields,
    wrong: Violations,
}

/// A value that is there; `null` is as good as absent where something is made.
pub fn given<T>(update: Update<T>) -> Option<T> {
    match update {
        Update::Set(value) => Some(value),
        Update::Keep | Update::Clear => None,
    }
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

    /// A text.
    pub fn text(&mut self, name: &'static str, field: Field) -> Update<String> {
        self.read(name, field, text)
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &'static str, field: Field) -> Update<Vec<String>> {
        const WHY: &str = "must be a list of texts";
        self.read(name, field, |value| match value {
            Value::Array(entries) => entries.into_iter().map(|entry| text(entry).map_err(|_| WHY)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Err(WHY),
        })
    }

    /// A text of words with spaces between them.
    pub fn words(&mut self, name: &'static str, field: Field) -> Update<Vec<String>> {
        self.read(name, field, |value| {
            let text = text(value).map_err(|_| "must be a text, with spaces between the scopes")?;
            Ok(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
        })
    }

    /// A whole number.
    pub fn number(&mut self, name: &'static str, field: Field) -> Update<i64> {
        self.read(name, field, |value| value.as_i64().ok_or("must be a whole number"))
    }

    /// A truth value.
    pub fn flag(&mut self, name: &'static str, field: Field) -> Update<bool> {
        self.read(name, field, |value| value.as_bool().ok_or("must be true or false"))
    }

    /// One of a few words.
    pub fn word<T>(
        &mut self,
        (name, field): (&'static str, Field),
        known: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Update<T> {
        self.read(name, field, |value| value.as_str().and_then(parse).ok_or(known))
    }

    /// An object, as JSON.
    pub fn object(&mut self, name: &'static str, field: Field) -> Update<String> {
        self.read(name, field, |value| match value {
            Value::Object(_) => Ok(value.to_string()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err("must be an object")
            }
        })
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

fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err("must be a text")
        }
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(sent.text("none", Field::Name), Update::Keep);
        assert_eq!(sent.text("a", Field::Name), Update::Clear);
        assert_eq!(sent.text("b", Field::Name), Update::Set("x".to_owned()));
        assert_eq!(sent.texts("c", Field::Scopes), Update::Set(vec!["y".to_owned(), "z".to_owned()]));
        assert_eq!(sent.number("d", Field::AccessLifetime), Update::Set(7));
        assert_eq!(sent.flag("e", Field::Enabled), Update::Set(true));
        assert_eq!(sent.words("f", Field::Scopes), Update::Set(vec!["p".to_owned(), "q".to_owned()]));
        sent.nothing_else();
        assert!(said(sent).is_empty());
    }

    #[test]
    fn everything_that_cannot_be_read_is_noted() {
        let mut sent = sent(r#"{"a":1,"b":["x",2],"c":1.5,"d":"yes","e":{},"f":"neither","g":1,"typo":1}"#);
        sent.text("a", Field::Name);
        sent.texts("b", Field::Scopes);
        sent.number("c", Field::AccessLifetime);
        sent.flag("d", Field::Enabled);
        sent.words("e", Field::Scopes);
        sent.word(("f", Field::Kind), "must be x or y", |_| None::<()>);
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
