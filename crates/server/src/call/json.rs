//! The one reader of JSON bodies (RFC 8259): an object, in which no member stands twice, at any depth. Which of two
//! would count is what readers disagree about.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::excerpt::Excerpt;
use writ_core::shell_reason::ShellReason;

/// Characters at the most of what an answer quotes of why a body is no JSON.
const ERROR_LIMIT: usize = 285;

/// The members of a JSON object, as they were sent.
#[derive(Debug, Default)]
pub struct Members(pub Map<String, Value>);

impl Members {
    /// Reads a body. Who calls has bounded its length.
    ///
    /// # Errors
    /// `invalid_request` saying where it is no JSON object, or what stands in it twice.
    pub fn read(body: &[u8]) -> Result<Self, OAuthError> {
        serde_json::from_slice(body).map_err(|error| {
            // What is wrong may be quoted, however long it is.
            let why: String = error.to_string().chars().take(ERROR_LIMIT).collect();
            OAuthError::new(ErrorCode::InvalidRequest, ShellReason::JsonBody { why: why.into() })
        })
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor).map(Self)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = access.next_entry::<String, Strict>()? {
            if members.contains_key(&name) {
                let name = Excerpt::of(&name);
                return Err(A::Error::custom(format!("the member {name} is sent more than once")));
            }
            members.insert(name, value);
        }
        Ok(members)
    }
}

/// A value in which no member stands twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Strict(entry)) = access.next_element()? {
            entries.push(entry);
        }
        Ok(entries.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        ObjectVisitor.visit_map(access).map(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reasons;

    #[test]
    fn what_is_no_object_or_says_something_twice_is_refused() {
        let twice_within = r#"{"a":{"b":[{"c":1,"c":1}]}}"#;
        for text in ["[]", "1", "null", "", r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"a":null}"#, twice_within] {
            let refused = Members::read(text.as_bytes()).unwrap_err();
            let told = reasons::error(&refused);
            assert!(told.starts_with("the JSON body: "), "{told}");
        }
        let refused = Members::read(twice_within.as_bytes()).unwrap_err();
        let told = reasons::error(&refused);
        assert!(told.contains("the member c is sent more than once"), "{told}");
    }

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,1.5,"x",{}]}"#;
        let read = Members::read(text.as_bytes()).unwrap();
        assert_eq!(Value::Object(read.0), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_long_complaint_is_cut() {
        let text = format!("{{\"{}\":", "x".repeat(10_000));
        assert!(reasons::error(&Members::read(text.as_bytes()).unwrap_err()).len() <= ERROR_LIMIT);
    }
}
