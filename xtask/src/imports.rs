//! Who imports whom: the modules of a crate, and the circles among them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::source::{self, SourceFile, Token};

/// A directed graph by names.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// The modules of a crate and what each imports of the others; production code alone.
///
/// # Errors
/// Where the crate cannot be read.
pub fn modules(root: &Path, folder: &str) -> Result<Graph> {
    let files = source::read(root, folder)?;
    let known: BTreeSet<String> = files.iter().map(|file| module_of(file, folder)).collect();
    let mut graph = Graph::new();
    for file in &files {
        let module = module_of(file, folder);
        let imported: BTreeSet<String> = paths(&file.tokens, &module)
            .into_iter()
            .filter_map(|path| nearest(&path, &known))
            .filter(|other| *other != module)
            .collect();
        graph.insert(module, imported);
    }
    Ok(graph)
}

/// `a::b` for `folder/a/b.rs`; empty for the crate's root.
fn module_of(file: &SourceFile, folder: &str) -> String {
    let path = file.path.strip_prefix(folder).unwrap_or(&file.path).trim_start_matches('/');
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main" | "mod") { String::new() } else { path.replace('/', "::") }
}

/// The module that a path leads to or into.
fn nearest(path: &str, known: &BTreeSet<String>) -> Option<String> {
    let mut path = path;
    while !path.is_empty() {
        if known.contains(path) {
            return Some(path.to_owned());
        }
        path = path.rsplit_once("::").map_or("", |(front, _)| front);
    }
    None
}

/// Every path of the crate that a file names, from the crate's root.
fn paths(tokens: &[Token], module: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_first = !matches!(tokens.get(at.wrapping_sub(1)), Some(before) if before.is(':'));
        let base = match token.name() {
            Some("crate") if is_first => Some(String::new()),
            Some("self") if is_first => Some(module.to_owned()),
            Some("super") if is_first => Some(above(module)),
            _ => None,
        };
        if let Some(base) = base
            && is_separator(tokens, at + 1)
        {
            at = tree(tokens, at + 3, &base, &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn above(module: &str) -> String {
    module.rsplit_once("::").map_or("", |(front, _)| front).to_owned()
}

fn is_separator(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.is(':')) && tokens.get(at + 1).is_some_and(|token| token.is(':'))
}

fn joined(base: &str, name: &str) -> String {
    if base.is_empty() { name.to_owned() } else { format!("{base}::{name}") }
}

/// Reads what follows `base::`: a name, more of a path, or braces around several. Gives where it ends.
fn tree(tokens: &[Token], at: usize, base: &str, found: &mut Vec<String>) -> usize {
    match tokens.get(at) {
        Some(open) if open.is('{') => {
            let end = source::closed(tokens, at);
            let mut inner = at + 1;
            while inner + 1 < end {
                let next = tree(tokens, inner, base, found);
                inner = next.max(inner + 1);
                while inner + 1 < end && !tokens.get(inner).is_some_and(|token| token.is(',')) {
                    inner += 1;
                }
                inner += 1;
            }
            end
        }
        Some(token) => {
            let Some(name) = token.name() else {
                found.push(base.to_owned());
                return at + 1;
            };
            let path = match name {
                "self" => base.to_owned(),
                "super" => above(base),
                name => joined(base, name),
            };
            if is_separator(tokens, at + 1) {
                tree(tokens, at + 3, &path, found)
            } else {
                found.push(path);
                at + 1
            }
        }
        None => at,
    }
}

/// The rooms of a crate: modules by the first part of their path.
pub fn rooms(modules: &Graph) -> Graph {
    let room = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut rooms = Graph::new();
    for (module, imported) in modules.iter().filter(|(module, _)| !module.is_empty()) {
        let from = room(module);
        let others = imported.iter().map(|other| room(other)).filter(|other| *other != from);
        let others: Vec<String> = others.collect();
        rooms.entry(from).or_default().extend(others);
    }
    rooms
}

/// The circles of a graph: sets of more than one name, each of which leads to every other; the largest first.
pub fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|name| (name.as_str(), reached(graph, name))).collect();
    let leads = |from: &str, to: &str| reach.get(from).is_some_and(|names| names.contains(to));
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for name in graph.keys() {
        if seen.contains(name.as_str()) || !leads(name, name) {
            continue;
        }
        let circle: BTreeSet<String> =
            graph.keys().filter(|other| leads(name, other) && leads(other, name)).cloned().collect();
        seen.extend(graph.keys().map(String::as_str).filter(|other| circle.contains(*other)));
        if circle.len() > 1 {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// What a name leads to, in one step or more.
fn reached<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = graph.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(graph.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_of_imports_are_opened() {
        let text = "use crate::a::{b, c::{D, self}, e::*};\nfn f() { crate::g::h(super::i::j, self::k) }\nuse x::crate_y;";
        let found = paths(&source::words(text), "m::n");
        assert_eq!(found, ["a::b", "a::c::D", "a::c", "a::e", "g::h", "m::i::j", "m::n::k"]);
    }

    #[test]
    fn a_circle_is_what_leads_back() {
        let graph = |edges: &[(&str, &[&str])]| -> Graph {
            let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            edges.iter().map(|(from, to)| ((*from).to_owned(), own(to))).collect()
        };
        let straight = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
        assert_eq!(circles(&straight), Vec::<BTreeSet<String>>::new());
        let round = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]);
        assert_eq!(circles(&round), [BTreeSet::from(["a".to_owned(), "b".to_owned(), "c".to_owned()])]);
    }
}
