//! Every route is described, and only routes are; names are unique; examples fit their schemas.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::Value;
use writ_server::{openapi, router};
use writ_testkit::TestServer;
use writ_testkit::conform::{DOCUMENT, misfits};

/// (method, path) of every description.
fn described() -> BTreeSet<(String, String)> {
    let all = openapi::paths::all();
    let described: BTreeSet<_> =
        all.iter().map(|operation| (operation.method.to_owned(), operation.path.to_owned())).collect();
    assert_eq!(described.len(), all.len(), "a route is described twice");
    described
}

/// (method, path) of every route that the server has, as it says itself: a method that nobody knows is
/// answered with those that the path has.
async fn served() -> BTreeSet<(String, String)> {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let mut found = BTreeSet::new();
    for path in router::paths().finish().1 {
        let asked = path.replace("{slug}", &acme.slug);
        let asked: String = asked
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let answer = server.ask(Method::from_bytes(b"BREW").unwrap(), &asked).await;
        assert_eq!(answer.status, 405, "{path}: {}", answer.text());
        for method in answer.header("allow").split(',').filter(|method| *method != "HEAD") {
            found.insert((method.to_owned(), path.clone()));
        }
    }
    found
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_its_route() {
    let (served, described) = (served().await, described());
    let below: BTreeSet<_> = served
        .iter()
        .filter_map(|(method, path)| Some((method.clone(), path.strip_prefix("/t/{slug}")?.to_owned())))
        .collect();
    let root: BTreeSet<_> =
        served.iter().filter(|(_, path)| !path.starts_with("/t/{slug}")).cloned().collect();
    assert!(root.len() > 25, "{root:?}");
    assert!(below.is_subset(&root), "only below a tenant: {:?}", below.difference(&root).collect::<Vec<_>>());
    let missing: Vec<_> = root.difference(&described).collect();
    assert!(missing.is_empty(), "without a description in crates/server/src/openapi/paths: {missing:#?}");
    let stray: Vec<_> = described.difference(&root).collect();
    assert!(stray.is_empty(), "described, but not there: {stray:#?}");
}

#[test]
fn names_are_unique_and_texts_are_there() {
    assert_eq!(openapi::clashes(), [""; 0], "one name for two schemas");
    let mut ids = BTreeMap::new();
    for operation in openapi::paths::all() {
        let what = format!("{} {}", operation.method, operation.path);
        if let Some(other) = ids.insert(operation.id, what.clone()) {
            panic!("{} is the operation id of {other} and of {what}", operation.id);
        }
        assert!(operation.id.chars().all(|c| c.is_ascii_alphanumeric()), "{what}: {}", operation.id);
        assert!(operation.summary.len() > 5 && !operation.summary.ends_with('.'), "{what}: a summary");
        assert!(!operation.replies.is_empty(), "{what}: no answer");
        let named: BTreeSet<_> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = operation.parameters.iter();
        let given: BTreeSet<_> = parameters
            .filter(|parameter| parameter.place == openapi::operation::ParameterIn::Path)
            .map(|parameter| parameter.name)
            .collect();
        assert_eq!(named, given, "{what}: the path's parameters");
    }
}

/// A generator makes more than one name of each schema: Go has constructors `NewX` and `NewXWithDefaults` and a type
/// `NullableX`, and names of its own for the client. Where a schema has such a name, what is generated does not compile.
fn clashing(names: &BTreeSet<String>) -> Vec<String> {
    const TAKEN: [&str; 6] = [
        "APIClient",
        "APIResponse",
        "Configuration",
        "GenericOpenAPIError",
        "ServerConfiguration",
        "MappedNullable",
    ];
    let made = |name: &String| {
        [
            format!("New{name}"),
            format!("New{name}WithDefaults"),
            format!("Nullable{name}"),
            format!("NewNullable{name}"),
        ]
    };
    let made: BTreeSet<String> = names.iter().flat_map(made).collect();
    let taken = names.iter().filter(|name| made.contains(*name) || TAKEN.contains(&name.as_str()));
    // `NewX` is refused also where there is no X yet: somebody adds it.
    let may_be = names.iter().filter(|name| name.strip_prefix("New").is_some_and(starts_big));
    taken.chain(may_be).cloned().collect()
}

fn starts_big(rest: &str) -> bool {
    rest.starts_with(|first: char| first.is_ascii_uppercase())
}

#[test]
fn no_schema_has_the_name_of_what_is_generated_of_another() {
    let names: BTreeSet<String> =
        DOCUMENT["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert!(names.len() > 25, "{names:?}");
    assert_eq!(clashing(&names), [""; 0]);
    assert!(names.iter().all(|name| starts_big(name) && name.chars().all(|c| c.is_ascii_alphanumeric())));
    let lower: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), names.len(), "two names that differ in case alone are one file");
    for bad in ["NewToken", "NullableToken", "Configuration"] {
        let with = names.iter().cloned().chain([bad.to_owned()]).collect();
        assert_eq!(clashing(&with).first().map(String::as_str), Some(bad));
    }
}

#[test]
fn every_example_fits_its_schema() {
    let mut seen = 0;
    for operation in openapi::paths::all() {
        let replies = operation.replies.iter().flat_map(|reply| &reply.content);
        for content in operation.body.iter().chain(replies) {
            let wrong = misfits(&content.example, content.schema.value());
            assert!(wrong.is_empty(), "{}: {wrong:#?}", operation.id);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// Each reference leads somewhere, and each error's example has its contract's shape.
#[test]
fn every_reference_leads_somewhere_and_errors_have_their_shape() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(entries) => entries.iter().for_each(|entry| references(entry, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        let target = reference.strip_prefix('#').and_then(|place| DOCUMENT.pointer(place));
        assert!(target.is_some(), "{reference} is nowhere");
    }
    let mut seen = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let json = &response["content"]["application/json"];
                for (name, example) in json["examples"].as_object().into_iter().flatten() {
                    let place = example["$ref"].as_str().and_then(|text| text.strip_prefix('#')).unwrap();
                    let value = &DOCUMENT.pointer(place).unwrap()["value"];
                    let wrong = misfits(value, &json["schema"]);
                    assert!(wrong.is_empty(), "{method} {path} {status} {name}: {wrong:#?}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

#[tokio::test]
async fn the_served_document_is_the_one_in_the_docs() {
    let server = TestServer::start().await;
    let answer = server.get("/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(answer.json(), *DOCUMENT);
    crate::generated::is_current("docs/openapi.json", answer.text());
}
