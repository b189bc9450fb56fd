//! Writes one JSON object into one buffer: token payloads and JWKs, without a serializer on the hot path.

use std::fmt::Write as _;

/// A JSON object being written, member by member, in the order of the calls.
///
/// Strings are escaped by RFC 8259 §7. Names are not compared: whoever adds claims from configuration makes sure
/// that none of them repeats a registered one.
///
/// ```
/// use writ_jose::JsonObject;
///
/// let mut claims = JsonObject::with_capacity(64);
/// claims.string("sub", "a\"b").strings("aud", &["x", "y"]).number("exp", 300);
/// assert_eq!(claims.finish(), r#"{"sub":"a\"b","aud":["x","y"],"exp":300}"#);
/// ```
#[derive(Debug, Clone)]
pub struct JsonObject {
    text: String,
}

impl Default for JsonObject {
    fn default() -> Self {
        Self::with_capacity(256)
    }
}

impl JsonObject {
    /// An empty object whose buffer holds `bytes` before it grows.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut text = String::with_capacity(bytes.max(2));
        text.push('{');
        Self { text }
    }

    /// Adds a string.
    pub fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        push_string(&mut self.text, value);
        self
    }

    /// Adds an array of strings.
    pub fn strings<S: AsRef<str>>(&mut self, name: &str, values: &[S]) -> &mut Self {
        self.name(name);
        self.text.push('[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            push_string(&mut self.text, value.as_ref());
        }
        self.text.push(']');
        self
    }

    /// Adds a whole number, such as a `NumericDate` in seconds (RFC 7519 §2).
    pub fn number(&mut self, name: &str, value: i64) -> &mut Self {
        self.name(name);
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{value}");
        self
    }

    /// Adds `true` or `false`.
    pub fn boolean(&mut self, name: &str, value: bool) -> &mut Self {
        self.name(name);
        self.text.push_str(if value { "true" } else { "false" });
        self
    }

    /// Adds a value that is JSON already, such as another object; it is not checked.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name);
        self.text.push_str(json);
        self
    }

    /// The object's text.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        // Only the opening brace is one byte long: every member is longer.
        if self.text.len() > 1 {
            self.text.push(',');
        }
        push_string(&mut self.text, name);
        self.text.push(':');
    }
}

/// Appends `value` as a JSON string. RFC 8259 §7: quotation mark, reverse solidus and U+0000 to U+001F are
/// escaped, all else stands for itself.
fn push_string(text: &mut String, value: &str) {
    text.push('"');
    // The first look goes over all bytes without a branch, many at a time: what is written here hardly ever has
    // anything to escape.
    if value.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
        push_escaped(text, value);
    } else {
        text.push_str(value);
    }
    text.push('"');
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch at each byte would keep the loop from taking many at a time"
)]
const fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn push_escaped(text: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(is_escaped) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            // Writing to a String cannot fail.
            Some(control) => drop(write!(text, "\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn an_object_without_members_is_one() {
        assert_eq!(JsonObject::with_capacity(0).finish(), "{}");
        assert_eq!(JsonObject::default().finish(), "{}");
    }

    #[test]
    fn members_stand_in_the_order_of_the_calls() {
        let mut object = JsonObject::default();
        object
            .string("iss", "https://issuer.example")
            .strings("aud", &["a", "b\n"])
            .strings::<&str>("amr", &[])
            .number("iat", -1)
            .number("max", i64::MAX)
            .boolean("yes", true)
            .boolean("no", false)
            .raw("cnf", r#"{"jkt":"x"}"#);
        assert_eq!(
            object.finish(),
            "{\"iss\":\"https://issuer.example\",\"aud\":[\"a\",\"b\\n\"],\"amr\":[],\"iat\":-1,\
             \"max\":9223372036854775807,\"yes\":true,\"no\":false,\"cnf\":{\"jkt\":\"x\"}}"
        );
    }

    #[test]
    fn every_control_character_is_escaped() {
        let all: String =
            (0..0x80_u8).map(char::from).chain("\u{80}\u{2028}\u{2029}\u{feff}🦀".chars()).collect();
        let mut object = JsonObject::default();
        object.string(&all, &all);
        let text = object.finish();
        assert!(!text.bytes().any(|byte| byte < 0x20));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, json!({ all.clone(): all }));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(name in any::<String>(), value in any::<String>(),
                                        values in prop::collection::vec(any::<String>(), 0..4), n in any::<i64>()) {
            let mut object = JsonObject::default();
            object.string(&name, &value).strings("\u{1}values", &values).number("\u{2}n", n);
            let read: Value = serde_json::from_str(&object.finish()).unwrap();
            let mut expected = serde_json::Map::new();
            expected.insert(name, json!(value));
            expected.insert("\u{1}values".to_owned(), json!(values));
            expected.insert("\u{2}n".to_owned(), json!(n));
            prop_assert_eq!(read, Value::Object(expected));
        }
    }
}
