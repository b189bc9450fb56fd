//! Holds every answer that a test gets to the API description, so that no test has to ask for it.
//!
//! The description's own schemas are open, as readers of an API should be; here they are closed: an answer has
//! no member that is not described. A request that succeeded was allowed to look as it did, so its body has
//! to fit its schema too. A keyword that this small validator does not know is a failure, never skipped.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

/// The document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| writ_server::router::document().clone());

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The status.
    pub status: u16,
    /// The value of `Content-Type`; empty where there is none.
    pub content_type: &'a str,
    /// Names of the headers, in lower case.
    pub headers: &'a [&'a str],
    /// The body.
    pub body: &'a [u8],
}

/// Holds an answer to the description of its route. What is not described at all is another test's matter.
#[track_caller]
pub fn check(asked: Asked<'_>, answered: Answered<'_>) {
    let wrong = wrongs(asked, answered);
    assert!(
        wrong.is_empty(),
        "{} {} answered {}, which is not as the API description says (crates/server/src/openapi/paths): {wrong:#?}\n{}",
        asked.method,
        asked.target,
        answered.status,
        String::from_utf8_lossy(answered.body),
    );
}

/// What is wrong with an answer.
pub fn wrongs(asked: Asked<'_>, answered: Answered<'_>) -> Vec<String> {
    if answered.status == 308 {
        // Plain HTTP is sent on to https before any route is looked for.
        return Vec::new();
    }
    let path = asked.target.split('?').next().unwrap_or_default();
    let Some(operation) = operation(asked.method, path) else { return Vec::new() };
    let Some(response) = member(operation, "responses").and_then(|all| all.get(answered.status.to_string()))
    else {
        return vec!["no such status is described".to_owned()];
    };
    let mut wrong = Vec::new();
    for (name, header) in response.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let is_needed = header.get("$ref").is_some()
            || header.get("required") == Some(&Value::Bool(true))
            || name == "WWW-Authenticate";
        if is_needed && !answered.headers.contains(&&*name.to_ascii_lowercase()) {
            wrong.push(format!("the header {name} is missing"));
        }
    }
    wrong.extend(body(response, answered));
    if (200..300).contains(&answered.status) {
        wrong.extend(request(operation, asked));
    }
    wrong
}

fn body(response: &Value, answered: Answered<'_>) -> Vec<String> {
    let Some(contents) = response.get("content").and_then(Value::as_object) else {
        return if answered.body.is_empty() { Vec::new() } else { vec!["it has a body".to_owned()] };
    };
    let essence = answered.content_type.split(';').next().unwrap_or_default().trim();
    let Some(content) = contents.get(essence) else { return vec![format!("Content-Type: {essence}")] };
    if essence != "application/json" {
        return Vec::new();
    }
    match (serde_json::from_slice(answered.body), content.get("schema")) {
        (Ok(value), Some(schema)) => Look { unknown: Unknown::Refused }.at("", &value, schema),
        (Err(why), _) => vec![format!("the body is not JSON: {why}")],
        (Ok(_), None) => vec!["no schema".to_owned()],
    }
}

fn request(operation: &Value, asked: Asked<'_>) -> Vec<String> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema");
    let (Some(schema), Ok(value)) = (schema, serde_json::from_slice::<Value>(asked.body)) else {
        return Vec::new();
    };
    Look { unknown: Unknown::Ignored }.at("the request's ", &value, schema)
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name)
}

/// The description of a route, wherever its tenant is named.
fn operation<'a>(method: &str, path: &str) -> Option<&'a Value> {
    let paths = DOCUMENT.get("paths").and_then(Value::as_object)?;
    let below = path.strip_prefix("/t/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let path = below.unwrap_or(path);
    let fitting = paths.iter().filter(|(template, _)| fits(template, path));
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.to_ascii_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(wanted, given)| *wanted == given || (wanted.starts_with('{') && !given.is_empty()))
}

/// What is wrong with a value, by a schema of the document; members that the schema does not name are
/// ignored, as a reader should.
pub fn misfits(value: &Value, schema: &Value) -> Vec<String> {
    Look { unknown: Unknown::Ignored }.at("", value, schema)
}

/// What is made of a member that the schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Ignored,
    Refused,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    unknown: Unknown,
}

impl Look {
    fn at(self, place: &str, value: &Value, schema: &Value) -> Vec<String> {
        let schema = schema.as_object().expect("a schema is an object");
        let mut wrong = Vec::new();
        for (keyword, rule) in schema {
            if let Some(why) = self.keyword((keyword, rule), value, (place, schema), &mut wrong) {
                wrong.push(format!("{place}: {why}: {value}"));
            }
        }
        if let (Value::Object(members), Some(known)) =
            (value, schema.get("properties").and_then(Value::as_object))
            && self.unknown == Unknown::Refused
            && !schema.contains_key("additionalProperties")
        {
            let unknown = members.keys().filter(|name| !known.contains_key(*name) && !is_like(schema, name));
            wrong.extend(unknown.map(|name| format!("{place}.{name} is not described")));
        }
        wrong
    }

    /// One keyword; what it finds deeper down is added to the list.
    fn keyword(
        self,
        (keyword, rule): (&str, &Value),
        value: &Value,
        (place, schema): (&str, &Map<String, Value>),
        wrong: &mut Vec<String>,
    ) -> Option<String> {
        let size = || usize::try_from(rule.as_u64().expect("a size")).expect("a size");
        let broken = match (keyword, value) {
            ("$ref", _) => {
                let name = rule.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
                let target = DOCUMENT.pointer(name).unwrap_or_else(|| panic!("{name} is nowhere"));
                wrong.extend(self.at(place, value, target));
                false
            }
            ("anyOf", _) => {
                let mut tries =
                    rule.as_array().expect("schemas").iter().map(|one| self.at(place, value, one));
                !tries.any(|misfits| misfits.is_empty())
            }
            ("type", _) => !match rule {
                Value::Array(names) => names.iter().any(|name| is_a(name, value)),
                name => is_a(name, value),
            },
            ("enum", _) => !rule.as_array().expect("words").contains(value),
            ("properties", Value::Object(members)) => {
                for (name, inner) in rule.as_object().expect("properties") {
                    if let Some(member) = members.get(name) {
                        wrong.extend(self.at(&format!("{place}.{name}"), member, inner));
                    }
                }
                false
            }
            ("patternProperties", Value::Object(members)) => {
                for (pattern, inner) in rule.as_object().expect("patterns") {
                    let like = Regex::new(pattern).expect("a pattern");
                    for (name, member) in members.iter().filter(|(name, _)| like.is_match(name)) {
                        wrong.extend(self.at(&format!("{place}.{name}"), member, inner));
                    }
                }
                false
            }
            ("required", Value::Object(members)) => {
                let names = rule.as_array().expect("names").iter().filter_map(Value::as_str);
                let missing: Vec<_> = names.filter(|name| !members.contains_key(*name)).collect();
                wrong.extend(missing.iter().map(|name| format!("{place}.{name} is missing")));
                false
            }
            ("additionalProperties", Value::Object(members)) => {
                let known = schema.get("properties").and_then(Value::as_object);
                let is_known = |name: &String| {
                    known.is_some_and(|known| known.contains_key(name)) || is_like(schema, name)
                };
                rule == false && !members.keys().all(is_known)
            }
            ("minProperties", Value::Object(members)) => members.len() < size(),
            ("items", Value::Array(entries)) => {
                for (at, entry) in entries.iter().enumerate() {
                    wrong.extend(self.at(&format!("{place}[{at}]"), entry, rule));
                }
                false
            }
            ("minItems", Value::Array(entries)) => entries.len() < size(),
            ("maxItems", Value::Array(entries)) => entries.len() > size(),
            ("minLength", Value::String(text)) => text.chars().count() < size(),
            ("maxLength", Value::String(text)) => text.chars().count() > size(),
            ("pattern", Value::String(text)) => {
                !Regex::new(rule.as_str().expect("a pattern")).expect("a pattern").is_match(text)
            }
            ("format", Value::String(text)) => !has_form(rule.as_str().expect("a format"), text),
            ("minimum", Value::Number(number)) => number.as_i64() < rule.as_i64(),
            ("maximum", Value::Number(number)) => number.as_i64() > rule.as_i64(),
            // No rules, or rules for another type than the value has.
            (
                "description"
                | "default"
                | "properties"
                | "patternProperties"
                | "required"
                | "additionalProperties"
                | "minProperties"
                | "items"
                | "minItems"
                | "maxItems"
                | "minLength"
                | "maxLength"
                | "pattern"
                | "format"
                | "minimum"
                | "maximum",
                _,
            ) => false,
            (unknown, _) => {
                panic!("{unknown}: teach this keyword to the test kit (crates/testkit/src/conform.rs)")
            }
        };
        broken.then(|| format!("{keyword} is {rule}"))
    }
}

/// Whether a member's name is like a pattern that the schema has.
fn is_like(schema: &Map<String, Value>, name: &str) -> bool {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    patterns.is_some_and(|known| known.keys().any(|one| Regex::new(one).expect("a pattern").is_match(name)))
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}: teach this type to the test kit"),
    }
}

/// Times are as Writ writes them: RFC 3339 in UTC with `Z`, to the second or finer.
fn has_form(name: &str, text: &str) -> bool {
    match name {
        "uuid" => UUID.is_match(text),
        "date-time" => TIME.is_match(text),
        "uri" => URI.is_match(text),
        other => panic!("{other}: teach this format to the test kit"),
    }
}

static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$").expect("a pattern")
});
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$").expect("a pattern")
});
static URI: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^[A-Za-z][A-Za-z0-9+.-]*:[^ <>\"]*$").expect("a pattern"));

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answered(status: u16, body: &str) -> Vec<String> {
        let asked = Asked { method: "GET", target: "/t/acme/api/v1/roles?limit=1", body: b"" };
        let answered =
            Answered { status, content_type: "application/json", headers: &[], body: body.as_bytes() };
        wrongs(asked, answered)
    }

    /// A hook that finds nothing wrong with anything would be green for ever.
    #[test]
    fn what_is_not_described_is_found() {
        assert_eq!(answered(200, r#"{"roles":[{"name":"a","permissions":[]}],"total":1}"#), [""; 0]);
        for (status, body, wrong) in [
            (200, r#"{"roles":[]}"#, ".total is missing"),
            (200, r#"{"roles":[],"total":0,"more":1}"#, ".more is not described"),
            (200, r#"{"roles":[{"name":"a","permissions":[],"id":1}],"total":1}"#, "].id is not described"),
            (200, r#"{"roles":[],"total":"0"}"#, "type is \"integer\""),
            (200, r#"{"roles":[{"name":"A","permissions":[]}],"total":1}"#, "pattern is"),
            (200, r#"{"roles":[{"name":"a","permissions":[1]}],"total":1}"#, "type is \"string\""),
            (200, "", "not JSON"),
            (201, "{}", "no such status"),
            (404, r#"{"message":"no"}"#, ".error is missing"),
            (
                401,
                r#"{"error":"a","error_description":"b","error_uri":"c:d"}"#,
                "WWW-Authenticate is missing",
            ),
        ] {
            let found = answered(status, body);
            assert!(found.iter().any(|one| one.contains(wrong)), "{status} {body}: {found:?}");
        }
    }

    #[test]
    fn literal_paths_are_found_before_templates() {
        assert_eq!(operation("POST", "/api/v1/keys/rotate").unwrap()["operationId"], "rotateSigningKey");
        assert_eq!(operation("GET", "/t/acme/api/v1/roles/x").unwrap()["operationId"], "getRole");
        assert!(operation("GET", "/api/v1/roles/").is_none());
        assert!(operation("BREW", "/api/v1/roles").is_none());
    }

    #[test]
    fn a_request_has_no_member_that_its_closed_schema_does_not_name() {
        let schema = json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": false });
        assert_eq!(misfits(&json!({ "a": 1 }), &schema), [""; 0]);
        assert_eq!(misfits(&json!({ "b": 1 }), &schema).len(), 1);
    }
}
