//! Reads JSON strictly: a member that stands twice, at any depth, is an error (RFC 7515 §4, RFC 7519 §4), not a
//! choice between two readings that an attacker may make for us.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde_core::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::error::clipped;

/// A JSON value with unique member names.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number without fraction and exponent that fits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
}

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON by RFC 8259 in UTF-8, or nested deeper than 128 levels.
    #[error("not JSON at line {line}, column {column}")]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 where a line has just begun.
        column: usize,
    },
    /// A member name stands twice in one object.
    #[error("the member {name:?} stands twice")]
    DuplicateMember {
        /// The name, cut to 32 characters.
        name: String,
    },
}

impl Json {
    /// Reads one value and nothing after it. The caller bounds the length.
    pub fn parse(text: &[u8]) -> Result<Self, JsonError> {
        let duplicate = RefCell::new(None);
        let mut source = serde_json::Deserializer::from_slice(text);
        let read = JsonBuilder { duplicate: &duplicate }
            .deserialize(&mut source)
            .and_then(|value| source.end().map(|()| value));
        read.map_err(|error| match duplicate.take() {
            Some(name) => JsonError::DuplicateMember { name },
            None => JsonError::Malformed { line: error.line(), column: error.column() },
        })
    }

    /// The member of that name, where this is an object and has one.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object().and_then(|members| members.get(name))
    }

    /// The members, where this is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The elements, where this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// The number, where this is a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }
}

/// As RFC 8259 writes it, without white space; members in the order of their names.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &str| serde_json::to_string(text).map_err(|_| fmt::Error);
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => f.write_str(&serde_json::to_string(number).map_err(|_| fmt::Error)?),
            Self::String(value) => f.write_str(&text(value)?),
            Self::Array(values) => {
                f.write_str("[")?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", if at == 0 { "" } else { "," }, text(name)?)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Builds a [`Json`] from parser events; leaves the name of a repeated member in `duplicate`, since the parser's
/// own errors carry only text.
#[derive(Clone, Copy)]
struct JsonBuilder<'a> {
    duplicate: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for JsonBuilder<'_> {
    type Value = Json;

    fn deserialize<D: serde_core::Deserializer<'de>>(self, source: D) -> Result<Json, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonBuilder<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "JSON numbers beyond i64 are approximate, as RFC 8259 §6 says"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = source.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = source.next_key::<String>()? {
            if members.contains_key(&name) {
                self.duplicate.replace(Some(clipped(&name, 32)));
                return Err(A::Error::custom("duplicate member"));
            }
            let value = source.next_value_seed(self)?;
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read() {
        let json =
            Json::parse(br#" {"a":[null,true,-1,1.5,18446744073709551615,"x\u0041"],"b":{}} "#).unwrap();
        let expected = [
            Json::Null,
            Json::Boolean(true),
            Json::Integer(-1),
            Json::Float(1.5),
            Json::Float(18_446_744_073_709_551_615.0),
            Json::String("xA".to_owned()),
        ];
        assert_eq!(json.get("a").unwrap().as_array().unwrap(), expected);
        assert_eq!(json.get("b").unwrap().as_object().unwrap().len(), 0);
        assert_eq!(json.get("c"), None);
        assert_eq!(Json::Integer(7).as_i64(), Some(7));
        assert_eq!(Json::Float(7.0).as_i64(), None);
        assert_eq!(Json::Null.as_str(), None);
    }

    /// RFC 7515 §4
    #[test]
    fn a_repeated_member_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"b":[{"a":1,"c":{},"a":2}]}"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(
                Json::parse(text.as_bytes()),
                Err(JsonError::DuplicateMember { name: "a".to_owned() }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for text in ["", "{", "{}x", "{}{}", "{\"a\":1,}", "{'a':1}", "[01]", "NaN", "\"\\ud800\"", &deep] {
            assert!(matches!(Json::parse(text.as_bytes()), Err(JsonError::Malformed { .. })), "{text}");
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Json::parse(&bytes);
        }

        #[test]
        fn what_is_accepted_is_json_to_others_too(text in "[\\[\\]{}:,\"a-c0-9.eE \\\\-]{0,24}") {
            if Json::parse(text.as_bytes()).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            }
        }
    }
}
