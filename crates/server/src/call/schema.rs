//! JSON Schema as the API description writes it (`OpenAPI` 3.1: JSON Schema 2020-12), in the few forms that
//! Writ's bodies have.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// A schema, and the named ones in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    value: Value,
    named: Vec<(String, Value)>,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub struct SchemaMember {
    name: &'static str,
    schema: Schema,
    is_required: bool,
}

/// A member that is always there.
pub fn required(name: &'static str, schema: Schema) -> SchemaMember {
    SchemaMember { name, schema, is_required: true }
}

/// A member that may be absent.
pub fn optional(name: &'static str, schema: Schema) -> SchemaMember {
    SchemaMember { name, schema, is_required: false }
}

impl Schema {
    fn plain(value: Value) -> Self {
        Self { value, named: Vec::new() }
    }

    /// That of a type of the wire, as it is written (JSON Schema 2020-12, which is what `OpenAPI` 3.1 has).
    pub fn of<T: JsonSchema>() -> Self {
        let mut generator = SchemaSettings::draft2020_12()
            .with(|settings| settings.definitions_path = "/components/schemas".into())
            .for_serialize()
            .into_generator();
        let value = generator.subschema_for::<T>().to_value();
        Self { value, named: generator.take_definitions(true).into_iter().collect() }
    }

    /// A text.
    pub fn text() -> Self {
        Self::plain(json!({ "type": "string" }))
    }

    /// A text of one form that JSON Schema has a name for: `uuid`, `uri`, `date-time`.
    fn formatted(format: &str) -> Self {
        Self::plain(json!({ "type": "string", "format": format }))
    }

    /// A row id.
    pub fn uuid() -> Self {
        Self::formatted("uuid")
    }

    /// An absolute URI.
    pub fn uri() -> Self {
        Self::formatted("uri")
    }

    /// A time: RFC 3339.
    pub fn time() -> Self {
        Self::formatted("date-time")
    }

    /// One of a few words.
    pub fn word<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<_> = words.into_iter().collect();
        Self::plain(json!({ "type": "string", "enum": words }))
    }

    /// A whole number.
    pub fn integer() -> Self {
        Self::plain(json!({ "type": "integer" }))
    }

    /// A truth value.
    pub fn flag() -> Self {
        Self::plain(json!({ "type": "boolean" }))
    }

    /// Nothing.
    pub fn null() -> Self {
        Self::plain(json!({ "type": "null" }))
    }

    /// Anything at all.
    pub fn any() -> Self {
        Self::plain(json!({}))
    }

    /// A list.
    pub fn list(of: Self) -> Self {
        Self { value: json!({ "type": "array", "items": of.value }), named: of.named }
    }

    /// An object with these members. Others are neither described nor, in a request, refused; see [`Self::closed`].
    pub fn object(members: impl IntoIterator<Item = SchemaMember>) -> Self {
        let (mut properties, mut wanted, mut named) = (Map::new(), Vec::new(), Vec::new());
        for member in members {
            if member.is_required {
                wanted.push(member.name);
            }
            properties.insert(member.name.to_owned(), member.schema.value);
            named.extend(member.schema.named);
        }
        let mut value = json!({ "type": "object", "properties": properties });
        if !wanted.is_empty() {
            put(&mut value, "required", json!(wanted));
        }
        Self { value, named }
    }

    /// Either of these.
    pub fn either(these: impl IntoIterator<Item = Self>) -> Self {
        let (mut values, mut named) = (Vec::new(), Vec::new());
        for one in these {
            values.push(one.value);
            named.extend(one.named);
        }
        Self { value: json!({ "anyOf": values }), named }
    }

    /// An object of which these members alone are described.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        if let Some(properties) = self.value.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| names.contains(&name.as_str()));
        }
        self
    }

    /// An object without other members: a request with one is refused.
    #[must_use]
    pub fn closed(self) -> Self {
        self.with("additionalProperties", false)
    }

    /// An object with further members that are not described here.
    #[must_use]
    pub fn open(self) -> Self {
        self.with("additionalProperties", true)
    }

    /// An object of which some member has to be there.
    #[must_use]
    pub fn not_empty(self) -> Self {
        self.with("minProperties", 1)
    }

    /// These members have to be there, and are not `null`.
    #[must_use]
    pub fn requiring(mut self, names: &[&str]) -> Self {
        for name in names {
            let kind = self.value.pointer_mut(&format!("/properties/{name}/type"));
            if let Some(kind) = kind
                && let Some(first) = kind.get(0).cloned()
            {
                *kind = first;
            }
        }
        self.with("required", json!(names))
    }

    /// With further members.
    #[must_use]
    pub fn with_members(mut self, more: impl IntoIterator<Item = SchemaMember>) -> Self {
        if let Some(Value::Object(members)) = self.value.get_mut("properties") {
            for member in more {
                members.insert(member.name.to_owned(), member.schema.value);
                self.named.extend(member.schema.named);
            }
        }
        self
    }

    /// With members whose names are like a pattern.
    #[must_use]
    pub fn with_members_like(self, pattern: &str, member: Self) -> Self {
        let like: Map<_, _> = [(pattern.to_owned(), member.value)].into_iter().collect();
        self.with("patternProperties", like)
    }

    /// Without these members.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        if let Some(Value::Object(members)) = self.value.get_mut("properties") {
            members.retain(|name, _| !names.contains(&name.as_str()));
        }
        self
    }

    /// The shortest and the longest, in characters.
    #[must_use]
    pub fn between(self, least: u32, most: u32) -> Self {
        self.with("minLength", least).with("maxLength", most)
    }

    /// The smallest and the greatest number.
    #[must_use]
    pub fn within(self, least: i64, most: i64) -> Self {
        self.with("minimum", least).with("maximum", most)
    }

    /// At least so many entries.
    #[must_use]
    pub fn at_least(self, entries: u32) -> Self {
        self.with("minItems", entries)
    }

    /// At most so many entries.
    #[must_use]
    pub fn at_most(self, entries: usize) -> Self {
        self.with("maxItems", entries)
    }

    /// A text that matches a regular expression (ECMA-262).
    #[must_use]
    pub fn like(self, pattern: &'static str) -> Self {
        self.with("pattern", pattern)
    }

    /// What it is where it is absent.
    #[must_use]
    pub fn default_is(self, value: impl Into<Value>) -> Self {
        self.with("default", value)
    }

    /// What it means.
    #[must_use]
    pub fn about(self, text: &'static str) -> Self {
        if text.is_empty() { self } else { self.with("description", text) }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        put(&mut self.value, name, value.into());
        self
    }

    /// This, or `null`.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        if self.value.get("type").is_some_and(Value::is_array) {
            return self;
        }
        if let Some(Value::Array(words)) = self.value.get_mut("enum") {
            words.push(Value::Null);
        }
        match self.value.get("type").and_then(Value::as_str) {
            Some(name) => {
                let both = json!([name, "null"]);
                put(&mut self.value, "type", both);
                self
            }
            None => Self::either([self, Self::null()]),
        }
    }

    /// Gives it a name, under which it stands among the document's components.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        let whole = std::mem::replace(&mut self.value, reference);
        self.named.push((name.to_owned(), whole));
        self
    }

    /// The schema as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The named schemas in it.
    pub fn components(&self) -> &[(String, Value)] {
        &self.named
    }
}

impl From<Schema> for schemars::Schema {
    fn from(schema: Schema) -> Self {
        Self::try_from(schema.value).unwrap_or_default()
    }
}

fn put(value: &mut Value, name: &str, member: Value) {
    if let Value::Object(members) = value {
        members.insert(name.to_owned(), member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_added_to_every_form() {
        assert_eq!(*Schema::text().or_null().value(), json!({ "type": ["string", "null"] }));
        let word = Schema::word(["a"]).or_null();
        assert_eq!(*word.value(), json!({ "type": ["string", "null"], "enum": ["a", null] }));
        let named = Schema::object([]).named("Thing").or_null();
        let reference = json!({ "$ref": "#/components/schemas/Thing" });
        assert_eq!(*named.value(), json!({ "anyOf": [reference, { "type": "null" }] }));
    }

    #[test]
    fn named_schemas_are_carried_to_the_outside() {
        let inner = Schema::object([required("id", Schema::uuid())]).named("Inner");
        let outer = Schema::list(Schema::object([optional("inner", inner)]).named("Outer"));
        let names: Vec<_> = outer.components().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Inner", "Outer"]);
        assert_eq!(outer.value()["items"]["$ref"], "#/components/schemas/Outer");
    }
}
