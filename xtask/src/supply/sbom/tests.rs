//! The document is what it says: valid, whole, and the same each time.

use super::*;

fn shipment() -> Shipment {
    Shipment::read(&host().unwrap()).unwrap()
}

fn made() -> Value {
    serde_json::from_str(&text(&host().unwrap()).unwrap()).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `CycloneDX` 1.6: what a document must have, and references that lead somewhere and are not told twice.
#[test]
fn the_document_has_the_form_of_cyclonedx() {
    let made = made();
    assert_eq!((word(&made, "bomFormat"), word(&made, "specVersion")), ("CycloneDX", "1.6"));
    assert_eq!(made.get("version"), Some(&json!(1)));
    let program = made.pointer("/metadata/component").unwrap();
    assert_eq!((word(program, "type"), word(program, "name")), ("application", "writ"));
    let mut known = BTreeSet::from([word(program, "bom-ref").to_owned()]);
    for component in list(&made, "components") {
        for name in ["type", "name", "version", "purl", "bom-ref"] {
            assert!(!word(component, name).is_empty(), "{component} lacks {name}");
        }
        let license = component.pointer("/licenses/0/expression").and_then(Value::as_str).unwrap_or_default();
        assert!(!license.is_empty() && !license.contains('/'), "{component}");
        assert!(known.insert(word(component, "bom-ref").to_owned()), "{component} is there twice");
    }
    let mut told = BTreeSet::new();
    for one in list(&made, "dependencies") {
        assert!(told.insert(word(one, "ref").to_owned()), "{one} is told twice");
        for on in list(one, "dependsOn") {
            assert!(known.contains(on.as_str().unwrap()), "{on} is no component");
        }
    }
    assert_eq!(told, known);
}

/// The names of a section of a manifest.
fn names(manifest: &Path, section: &str) -> Vec<String> {
    let text = std::fs::read_to_string(manifest).unwrap();
    let own = text.split(&format!("\n[{section}]\n")).nth(1).unwrap_or_default();
    let own = own.split("\n[").next().unwrap_or_default();
    let names = own
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What a manifest of a shipped crate names is in the document, and what Cargo.lock knows of it is said.
#[test]
fn the_document_is_whole() {
    let (root, shipment, made) = (sh::workspace_root(), shipment(), made());
    let there: BTreeSet<&str> = list(&made, "components").iter().map(|one| word(one, "name")).collect();
    for member in ["server", "store", "core", "jose"] {
        let named = names(&root.join("crates").join(member).join("Cargo.toml"), "dependencies");
        assert!(named.len() > 3, "{member}: {named:?}");
        for name in named {
            assert!(there.contains(name.as_str()), "{name}, which {member} uses, is not in the document");
        }
    }
    assert!(there.contains("aws-lc") && there.contains("sqlite"), "the C code is not in the document");
    for foreign in ["writ-testkit", "xtask", "proptest", "insta", "cc", "serde_derive"] {
        assert!(!there.contains(foreign), "{foreign} is not shipped");
    }
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let checksums = checksums(&lock);
    for component in
        list(&made, "components").iter().filter(|one| word(one, "purl").starts_with("pkg:cargo/"))
    {
        let package =
            Package { name: word(component, "name").into(), version: word(component, "version").into() };
        let hash = component.pointer("/hashes/0/content").and_then(Value::as_str);
        assert_eq!(hash, checksums.get(&package).map(String::as_str), "{package:?}");
        assert!(hash.is_some() || package.name.starts_with("writ-"), "{package:?}");
    }
    assert_eq!(shipment.uses.len() + CARRIED.len(), list(&made, "components").len() + 1);
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let host = host().unwrap();
    assert_eq!(text(&host).unwrap(), text(&host).unwrap());
}

/// Cargo marks what it has shown before, and does not show what it uses again.
#[test]
fn a_tree_is_read_with_its_edges() {
    let tree = "0 writ-server v0.1.0 (/x)\n1 a v1.0.0\n2 b v2.0.0+x\n1 c v3.0.0\n2 a v1.0.0 (*)\n";
    let uses = uses(tree).unwrap();
    let package = |name: &str, version: &str| Package { name: name.to_owned(), version: version.to_owned() };
    let of = |name: &str| {
        let (_, on) = uses.iter().find(|(package, _)| package.name == name).unwrap();
        on.iter().map(|one| one.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((of("writ-server"), of("a"), of("c")), (vec!["a", "c"], vec!["b"], vec!["a"]));
    assert_eq!(package("b", "2.0.0+x").purl(), "pkg:cargo/b@2.0.0%2Bx");
    assert!(super::uses("what?").is_err());
}

#[test]
fn an_older_slash_means_or() {
    assert_eq!(spdx("MIT/Apache-2.0"), "MIT OR Apache-2.0");
    assert_eq!(spdx("(MIT OR Apache-2.0) AND Unicode-3.0"), "(MIT OR Apache-2.0) AND Unicode-3.0");
}
