//! `/docs`: the API description as a page. One page for all of it, so that a browser's own search finds
//! everything; it works without JavaScript and loads nothing. Where few operations are shown, so are calls in other
//! languages than curl's.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use http::header::HeaderValue;
use serde_json::Value;
use writ_core::form::encode_component;

use super::examples::{Example, ExampleBody, ExampleCall, ExampleProof};
use crate::call::assets::DOCS_STYLE;
use crate::call::frame::{Frame, Framed};
use crate::call::html::{self, Forms};
use crate::state::app::App;

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    style: &'static str,
    /// What is looked for; empty: nothing.
    wanted: String,
    /// Whether only what was asked for is shown.
    is_part: bool,
    calls: CallsShown,
    about: Vec<Vec<Bit>>,
    groups: Vec<DocGroup>,
    schemas: Vec<NamedSchema>,
}

impl Framed for Docs {
    fn frame(&self) -> Option<&Frame<'_>> {
        None
    }
}

/// Part of a text.
struct Bit {
    text: String,
    kind: BitKind,
}

/// How a part of a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BitKind {
    Plain,
    Bold,
    Code,
}

/// In which languages calls are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallsShown {
    /// As a command.
    Command,
    /// As a command, and as a program writes them.
    Programs,
}

/// What is asked for of the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocsWanted<'a> {
    /// All of it.
    All,
    /// One operation, by its id.
    Operation(&'a str),
    /// The operations that have a text in them.
    With(&'a str),
}

/// The routes of a contract.
struct DocGroup {
    tag: String,
    about: String,
    operations: Vec<DocOperation>,
}

struct DocOperation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: Vec<Vec<Bit>>,
    parameters: Vec<DocRow>,
    bodies: Vec<DocBody>,
    curl: String,
    examples: Vec<Example>,
    answers: Vec<DocAnswer>,
    errors: Vec<Failure>,
}

/// A parameter, or a member of an object.
struct DocRow {
    name: String,
    place: String,
    kind: DocType,
    is_required: bool,
    about: String,
}

/// A type, in words, with the schema that it leads to.
#[derive(Default)]
struct DocType {
    text: String,
    schema: Option<String>,
}

struct DocBody {
    media: String,
    shape: DocType,
    rows: Vec<DocRow>,
    example: String,
}

struct DocAnswer {
    status: String,
    about: String,
    bodies: Vec<DocBody>,
}

struct Failure {
    status: String,
    codes: Vec<String>,
}

/// A schema that has a name.
struct NamedSchema {
    name: String,
    rows: Vec<DocRow>,
}

/// Characters of a search at the most.
const SEARCH_MOST: usize = 100;

/// Operations that are shown with calls in all languages at the most.
const WITH_PROGRAMS_MOST: usize = 10;

/// `/docs`: what the API description says; all of it, or what is wanted of it.
pub fn docs(app: &App, document: &Value, wanted: DocsWanted<'_>) -> Response {
    let view = DocView { document, base: &app.base };
    let kind = (StatusCode::OK, HeaderValue::from_static("public, max-age=300"));
    html::page(kind, &view.page().cut_to(wanted), Forms::Own)
}

/// The document on its way to a page.
struct DocView<'a> {
    document: &'a Value,
    base: &'a str,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn entries<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// An example as it is sent.
fn written(media: &str, example: &Value) -> String {
    match (media, example) {
        ("application/x-www-form-urlencoded", Value::Object(pairs)) => {
            let written = |(name, value)| format!("{name}={}", encode_component(&pretty(value)));
            pairs.iter().map(written).collect::<Vec<_>>().join("&")
        }
        (_, _) => pretty(example),
    }
}

/// Paragraphs, with what stands in backticks as code, and between two asterisks bold.
fn paragraphs(text: &str) -> Vec<Vec<Bit>> {
    let bits = |paragraph: &str| {
        let mut bits = Vec::new();
        for (at, part) in paragraph.split('`').enumerate() {
            if at % 2 == 1 {
                bits.push(Bit { text: part.to_owned(), kind: BitKind::Code });
                continue;
            }
            bits.extend(part.split("**").enumerate().map(|(at, part)| {
                let kind = if at % 2 == 1 { BitKind::Bold } else { BitKind::Plain };
                Bit { text: part.to_owned(), kind }
            }));
        }
        bits
    };
    text.split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(bits).collect()
}

impl DocOperation {
    /// Whether it has a text in its name, path or words, whatever the case.
    fn has(&self, wanted: &str) -> bool {
        let bits = self.about.iter().flatten().map(|bit| &bit.text);
        let names =
            self.parameters.iter().chain(self.bodies.iter().flat_map(|body| &body.rows)).map(|row| &row.name);
        let texts = [&self.id, &self.summary, &self.path, &self.method].into_iter().chain(bits).chain(names);
        texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

impl Docs {
    /// Only what is wanted.
    fn cut_to(mut self, wanted: DocsWanted<'_>) -> Self {
        match wanted {
            DocsWanted::All => return self,
            DocsWanted::Operation(id) => {
                self.keep(|operation| operation.id == id);
                self.schemas.clear();
            }
            DocsWanted::With(text) => {
                self.wanted = text.chars().take(SEARCH_MOST).collect();
                let text = self.wanted.to_lowercase();
                self.keep(|operation| operation.has(&text));
                self.schemas.retain(|schema| schema.name.to_lowercase().contains(&text));
            }
        }
        let shown: usize = self.groups.iter().map(|group| group.operations.len()).sum();
        let calls = if shown > WITH_PROGRAMS_MOST { CallsShown::Command } else { CallsShown::Programs };
        Self { is_part: true, calls, ..self }
    }

    fn keep(&mut self, is_wanted: impl Fn(&DocOperation) -> bool) {
        for group in &mut self.groups {
            group.operations.retain(&is_wanted);
        }
        self.groups.retain(|group| !group.operations.is_empty());
    }
}

impl DocView<'_> {
    fn page(&self) -> Docs {
        let info = self.document.get("info").unwrap_or(&Value::Null);
        let groups = entries(self.document, "tags").map(|tag| self.group(tag)).collect();
        let components = self.document.get("components").unwrap_or(&Value::Null);
        let schemas = members(components, "schemas")
            .map(|(name, schema)| NamedSchema { name: name.clone(), rows: Self::rows(schema) })
            .collect();
        let about = paragraphs(&text(info, "description"));
        Docs {
            style: &DOCS_STYLE.path,
            wanted: String::new(),
            is_part: false,
            calls: CallsShown::Command,
            about,
            groups,
            schemas,
        }
    }

    /// The routes of a tag, in the order of their paths.
    fn group(&self, tag: &Value) -> DocGroup {
        let name = text(tag, "name");
        let mut operations = Vec::new();
        for (path, item) in members(self.document, "paths") {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if entries(operation, "tags").any(|one| one.as_str() == Some(&name)) {
                    operations.push(self.operation((method, path), operation));
                }
            }
        }
        let order = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        operations.sort_by_key(|operation| {
            let place = order.iter().position(|method| *method == operation.method);
            (operation.path.clone(), place)
        });
        DocGroup { about: text(tag, "description"), tag: name, operations }
    }

    fn operation(&self, route: (&str, &str), operation: &Value) -> DocOperation {
        let (method, path) = (route.0.to_ascii_uppercase(), route.1);
        let parameters: Vec<_> =
            entries(operation, "parameters").map(|parameter| self.resolved(parameter)).collect();
        let call = self.call((&method, path), operation, &parameters);
        let mut operation_view = DocOperation {
            id: text(operation, "operationId"),
            summary: text(operation, "summary"),
            about: paragraphs(&text(operation, "description")),
            parameters: parameters.iter().map(|parameter| Self::parameter(parameter)).collect(),
            bodies: operation.get("requestBody").map(Self::bodies).unwrap_or_default(),
            curl: call.curl(),
            examples: call.examples(),
            answers: Vec::new(),
            errors: Vec::new(),
            method,
            path: path.to_owned(),
        };
        for (status, response) in members(operation, "responses") {
            let codes: Vec<_> = members(response, "content")
                .flat_map(|(_, content)| members(content, "examples"))
                .map(|(code, _)| code.clone())
                .collect();
            if codes.is_empty() {
                let (about, bodies) = (text(response, "description"), Self::bodies(response));
                operation_view.answers.push(DocAnswer { status: status.clone(), about, bodies });
            } else {
                operation_view.errors.push(Failure { status: status.clone(), codes });
            }
        }
        operation_view
    }

    fn parameter(parameter: &Value) -> DocRow {
        DocRow {
            name: text(parameter, "name"),
            place: text(parameter, "in"),
            kind: Self::kind(parameter.get("schema").unwrap_or(&Value::Null)),
            is_required: parameter.get("required") == Some(&Value::Bool(true)),
            about: text(parameter, "description"),
        }
    }

    fn bodies(of: &Value) -> Vec<DocBody> {
        let all = members(of, "content").map(|(media, content)| {
            let schema = content.get("schema").unwrap_or(&Value::Null);
            let shape = Self::kind(schema);
            // What has a name of its own is shown once, further down.
            let rows = if shape.schema.is_some() { Vec::new() } else { Self::rows(schema) };
            let example = content.get("example").map(|example| written(media, example)).unwrap_or_default();
            DocBody { media: media.clone(), shape, rows, example }
        });
        all.collect()
    }

    /// The members of an object.
    fn rows(schema: &Value) -> Vec<DocRow> {
        let required: Vec<_> = entries(schema, "required").filter_map(Value::as_str).collect();
        members(schema, "properties")
            .map(|(name, member)| DocRow {
                name: name.clone(),
                place: String::new(),
                kind: Self::kind(member),
                is_required: required.contains(&name.as_str()),
                about: text(member, "description"),
            })
            .collect()
    }

    /// A type in words.
    fn kind(schema: &Value) -> DocType {
        if let Some(name) =
            schema.get("$ref").and_then(Value::as_str).and_then(|place| place.rsplit('/').next())
        {
            return DocType { text: name.to_owned(), schema: Some(name.to_owned()) };
        }
        let either: Vec<_> = entries(schema, "anyOf").map(Self::kind).collect();
        if !either.is_empty() {
            let words: Vec<_> = either.iter().map(|one| one.text.clone()).collect();
            return DocType {
                text: words.join(" or "),
                schema: either.into_iter().find_map(|one| one.schema),
            };
        }
        let words: Vec<_> = entries(schema, "enum").map(Value::to_string).collect();
        if !words.is_empty() {
            return DocType { text: words.join(" | "), schema: None };
        }
        if let Some(items) = schema.get("items") {
            let inner = Self::kind(items);
            return DocType { text: format!("list of {}", inner.text), schema: inner.schema };
        }
        let mut names: Vec<_> = match schema.get("type") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(name)) => vec![name.clone()],
            _ => vec!["anything".to_owned()],
        };
        if let (Some(format), Some(first)) = (schema.get("format").and_then(Value::as_str), names.first_mut())
        {
            format.clone_into(first);
        }
        DocType { text: names.join(" or "), schema: None }
    }

    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        let place = value.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix('#'));
        place.and_then(|place| self.document.pointer(place)).unwrap_or(value)
    }

    /// A call that can be copied.
    fn call(&self, route: (&str, &str), operation: &Value, parameters: &[&Value]) -> ExampleCall {
        let (method, path) = route;
        let mut path = path.to_owned();
        let mut names_tenant = false;
        for parameter in parameters {
            let (name, place) = (text(parameter, "name"), text(parameter, "in"));
            if place == "path" {
                path = path.replace(&format!("{{{name}}}"), &text(parameter, "example"));
            } else if place == "header" && parameter.get("required") == Some(&Value::Bool(true)) {
                names_tenant = true;
            }
        }
        let takes = |scheme: &str| entries(operation, "security").any(|one| one.get(scheme).is_some());
        let proof = match (takes("bearer"), takes("basic")) {
            (true, _) => ExampleProof::Bearer,
            (false, true) => ExampleProof::Basic,
            (false, false) => ExampleProof::Nothing,
        };
        let sent = operation.get("requestBody").and_then(|body| members(body, "content").next());
        let sent = sent.map_or(ExampleBody::Nothing, |(media, content)| {
            let example = content.get("example").unwrap_or(&Value::Null);
            if media == "application/json" {
                return ExampleBody::Json(example.clone());
            }
            let pairs = example.as_object().into_iter().flatten();
            ExampleBody::Form(pairs.map(|(name, value)| (name.clone(), pretty(value))).collect())
        });
        let address = format!("{}{path}", self.base);
        ExampleCall { method: method.to_owned(), address, proof, names_tenant, sent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_is_shown_as_a_form() {
        let form = json!({ "grant_type": "password", "scope": "a b" });
        assert_eq!(written("application/x-www-form-urlencoded", &form), "grant_type=password&scope=a+b");
        assert_eq!(written("application/json", &json!({ "a": 1 })), "{\n  \"a\": 1\n}");
    }

    #[test]
    fn asterisks_and_backticks_are_marks() {
        let text = paragraphs("a **b** `c**d`\n\ne");
        let seen: Vec<_> = text.iter().flatten().map(|bit| (&*bit.text, bit.kind)).collect();
        let wanted = [
            ("a ", BitKind::Plain),
            ("b", BitKind::Bold),
            (" ", BitKind::Plain),
            ("c**d", BitKind::Code),
            ("", BitKind::Plain),
            ("e", BitKind::Plain),
        ];
        assert_eq!(seen, wanted);
    }
}
