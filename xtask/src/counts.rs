//! `cargo xtask counts`: how the source is cut, in figures that can be compared with another checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use xtask::imports;
use xtask::source::{self, SourceFile, Token, Word};

use crate::sh;

/// The crates that a server is made of.
const CRATES: [&str; 4] = ["crates/jose/src", "crates/core/src", "crates/store/src", "crates/server/src"];
const SERVER: &str = "crates/server/src";
/// Longer functions are counted.
const LINES: usize = 60;
/// So are functions that take more.
const PARAMETERS: usize = 4;
/// Loops there are no handler's own: the one engine, the command line.
const BESIDE: [&str; 2] = ["/rounds.rs", "/cli/"];

/// Options of `cargo xtask counts`.
#[derive(Debug, Args)]
pub struct Options {
    /// Count in this checkout; again for another column [default: this workspace]
    #[arg(long, value_name = "DIR")]
    at: Vec<PathBuf>,
    /// The client field whose files are counted
    #[arg(long, value_name = "NAME", default_value = "logo_uri")]
    field: String,
    /// Also name what was counted
    #[arg(long)]
    names: bool,
}

/// One line of the table, and what it counted.
#[derive(Debug)]
struct Count {
    what: String,
    value: String,
    names: Vec<String>,
}

impl Count {
    fn of(what: &str, names: Vec<String>) -> Self {
        Self { what: what.to_owned(), value: names.len().to_string(), names }
    }
}

/// Prints the table: a row for each figure, a column for each checkout.
pub fn run(options: &Options) -> Result<()> {
    let own = vec![sh::workspace_root()];
    let places = if options.at.is_empty() { &own } else { &options.at };
    let mut order: Vec<String> = Vec::new();
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (column, place) in places.iter().enumerate() {
        for count in counts(place, &options.field)? {
            if options.names && !count.names.is_empty() {
                println!("{} in {}:\n  {}", count.what, place.display(), count.names.join("\n  "));
            }
            if !order.contains(&count.what) {
                order.push(count.what.clone());
            }
            let row = table.entry(count.what).or_default();
            row.resize(column, "-".to_owned());
            row.push(count.value);
        }
    }
    // Rooms last: their rows differ from checkout to checkout.
    order.sort_by_key(|what| what.starts_with("files in "));
    let heads: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    println!("| | {} |\n|---|{}", heads.join(" | "), "--:|".repeat(places.len()));
    for what in order {
        let mut row = table.remove(&what).unwrap_or_default();
        row.resize(places.len(), "-".to_owned());
        println!("| {what} | {} |", row.join(" | "));
    }
    Ok(())
}

fn counts(root: &Path, field: &str) -> Result<Vec<Count>> {
    let mut files = Vec::new();
    for folder in CRATES {
        // Older checkouts have no crate `jose`.
        if root.join(folder).is_dir() {
            files.extend(source::read(root, folder)?);
        }
    }
    let mut counts = vec![Count::of("production files", Vec::new())];
    if let Some(first) = counts.first_mut() {
        first.value = files.len().to_string();
    }
    counts.extend(sizes(&files));
    let functions: Vec<(String, Function)> =
        files.iter().flat_map(|file| functions(&file.tokens).map(|one| (file.path.clone(), one))).collect();
    let named = |keep: &dyn Fn(&Function) -> Option<usize>| -> Vec<String> {
        let found = functions.iter().filter_map(|(path, function)| {
            keep(function).map(|size| format!("{path}:{} {} ({size})", function.line, function.name))
        });
        found.collect()
    };
    counts.push(Count { value: functions.len().to_string(), ..Count::of("functions", Vec::new()) });
    counts.push(Count::of(
        &format!("functions above {LINES} lines"),
        named(&|one| (one.lines > LINES).then_some(one.lines)),
    ));
    counts.push(Count::of(
        &format!("functions above {PARAMETERS} parameters, tuples opened"),
        named(&|one| (one.parameters > PARAMETERS).then_some(one.parameters)),
    ));
    let loops = files.iter().filter(|file| file.path.starts_with(SERVER) && !is_beside(&file.path));
    let loops = loops
        .flat_map(|file| commit_loops(&file.tokens).into_iter().map(|line| format!("{}:{line}", file.path)));
    counts.push(Count::of("hand-written commit loops in server", loops.collect()));
    counts.push(Count::of(&format!("files that name `{field}`"), files_of_field(root, &files, field)?));
    let modules = imports::modules(root, SERVER)?;
    let circles = imports::circles(&modules);
    let largest: Vec<String> = circles.first().into_iter().flatten().cloned().collect();
    counts.push(Count::of("files in the largest circle of imports in server", largest));
    let mut rooms = imports::rooms(&modules);
    // Files without a room of their own are no rooms.
    rooms.retain(|room, _| root.join(SERVER).join(room).is_dir());
    let circles = imports::circles(&rooms).first().into_iter().flatten().cloned().collect();
    counts.push(Count::of("rooms in the largest circle of imports in server", circles));
    counts.extend(rooms_by_size(&files));
    Ok(counts)
}

fn is_beside(path: &str) -> bool {
    BESIDE.iter().any(|part| path.contains(part))
}

fn sizes(files: &[SourceFile]) -> Vec<Count> {
    let mut lines: Vec<(usize, &str)> = files.iter().map(|file| (file.lines, file.path.as_str())).collect();
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).map_or(0, |(lines, _)| *lines);
    let (largest, path) = lines.last().copied().unwrap_or_default();
    vec![
        Count { value: largest.to_string(), ..Count::of("lines of the largest file", vec![path.to_owned()]) },
        Count { value: median.to_string(), ..Count::of("lines of the median file", Vec::new()) },
    ]
}

fn rooms_by_size(files: &[SourceFile]) -> Vec<Count> {
    let mut rooms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let Some(path) = file.path.strip_prefix(SERVER) else { continue };
        let room = match path.trim_start_matches('/').split_once('/') {
            Some((room, _)) => format!("files in server/{room}/"),
            None => "files in server, loose".to_owned(),
        };
        rooms.entry(room).or_default().push(file.path.clone());
    }
    rooms.into_iter().map(|(room, files)| Count { names: Vec::new(), ..Count::of(&room, files) }).collect()
}

/// A function of production code.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    line: usize,
    lines: usize,
    /// `self` is none; a tuple counts as what is in it.
    parameters: usize,
}

fn functions(tokens: &[Token]) -> impl Iterator<Item = Function> + '_ {
    (0..tokens.len()).filter_map(|at| function(tokens, at))
}

fn function(tokens: &[Token], at: usize) -> Option<Function> {
    let keyword = tokens.get(at).filter(|token| token.name() == Some("fn"))?;
    let name = tokens.get(at + 1)?.name()?.to_owned();
    let open = behind_generics(tokens, at + 2);
    tokens.get(open).filter(|token| token.is('('))?;
    let end = source::closed(tokens, open);
    let parameters = parts(tokens.get(open + 1..end - 1)?);
    let parameters = parameters.into_iter().filter(|part| !is_self(part)).map(weight).sum();
    let body = (end..tokens.len())
        .find(|place| tokens.get(*place).is_some_and(|token| token.is('{') || token.is(';')))?;
    let last = if tokens.get(body)?.is('{') { source::closed(tokens, body) - 1 } else { body };
    let lines = tokens.get(last)?.line + 1 - keyword.line;
    Some(Function { name, line: keyword.line, lines, parameters })
}

/// Behind `<…>`, if that is what stands there.
fn behind_generics(tokens: &[Token], at: usize) -> usize {
    if !tokens.get(at).is_some_and(|token| token.is('<')) {
        return at;
    }
    let mut depth = 0_usize;
    let mut at = at;
    while let Some(token) = tokens.get(at) {
        let is_arrow = token.is('>')
            && at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|t| t.is('-'));
        match token.word {
            Word::Mark('<') => depth += 1,
            Word::Mark('>') if !is_arrow => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// What commas part, brackets and generics left whole.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(token) = tokens.get(at) {
        match token.word {
            Word::Mark('(' | '[' | '{') => at = source::closed(tokens, at),
            Word::Mark('<') => at = behind_generics(tokens, at),
            Word::Mark(',') => {
                parts.extend(tokens.get(start..at));
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    parts.extend(tokens.get(start..).filter(|rest| !rest.is_empty()));
    parts
}

fn is_self(part: &[Token]) -> bool {
    part.iter().take_while(|token| !token.is(':')).any(|token| token.name() == Some("self"))
}

/// How many things a parameter brings.
fn weight(part: &[Token]) -> usize {
    // Behind the pattern, which may be a tuple itself.
    let behind = match part.first() {
        Some(open) if open.is('(') => source::closed(part, 0),
        _ => 0,
    };
    let rest = part.get(behind..).unwrap_or_default();
    match rest.iter().position(|token| token.is(':')) {
        Some(colon) => of_type(rest.get(colon + 1..).unwrap_or_default()),
        None => 1,
    }
}

fn of_type(kind: &[Token]) -> usize {
    let bare =
        kind.iter().position(|token| !token.is('&') && token.name() != Some("mut")).unwrap_or_default();
    let kind = kind.get(bare..).unwrap_or_default();
    if !kind.first().is_some_and(|token| token.is('(')) {
        return 1;
    }
    let end = source::closed(kind, 0);
    parts(kind.get(1..end - 1).unwrap_or_default()).into_iter().map(of_type).sum::<usize>().max(1)
}

/// Lines of the innermost loops that decide and commit again until it holds: `loop`, `while` or `for … in` around a call of
/// `settle`, `commit` or what begins with it, or that count to `ROUNDS`.
fn commit_loops(tokens: &[Token]) -> Vec<usize> {
    let mut loops: Vec<(usize, usize)> = Vec::new();
    for at in 0..tokens.len() {
        let Some(word @ ("loop" | "while" | "for")) = tokens.get(at).and_then(Token::name) else { continue };
        let Some(open) = (at..tokens.len())
            .find(|place| tokens.get(*place).is_some_and(|token| token.is('{') || token.is(';')))
        else {
            continue;
        };
        let head = tokens.get(at..open).unwrap_or_default();
        // `impl A for B {` and `for<'a>` are no loops.
        if word == "for" && !head.iter().any(|token| token.name() == Some("in")) {
            continue;
        }
        if tokens.get(open).is_some_and(|token| token.is('{')) {
            loops.push((at, source::closed(tokens, open)));
        }
    }
    let commits = (0..tokens.len()).filter(|at| is_commit(tokens, *at));
    let innermost = commits.filter_map(|at| {
        loops.iter().filter(|(open, end)| (*open..*end).contains(&at)).max_by_key(|(open, _)| *open)
    });
    let mut lines: Vec<usize> =
        innermost.filter_map(|(open, _)| tokens.get(*open)).map(|token| token.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// `commit(…)`, `commit_with(…)`, `settle(…)`, or the constant that the rounds are counted by.
fn is_commit(tokens: &[Token], at: usize) -> bool {
    let Some(name) = tokens.get(at).and_then(Token::name) else { return false };
    let is_call = tokens.get(at + 1).is_some_and(|token| token.is('('));
    name == "ROUNDS" || (is_call && (name == "settle" || name.starts_with("commit")))
}

/// Production files, migrations and templates with the field's name in any spelling.
fn files_of_field(root: &Path, files: &[SourceFile], field: &str) -> Result<Vec<String>> {
    let camel: String = field.split('_').map(capitalised).collect();
    let spellings = [
        field.to_owned(),
        field.to_uppercase(),
        field.replace('_', "-"),
        camel.chars().take(1).flat_map(char::to_lowercase).chain(camel.chars().skip(1)).collect(),
        camel,
    ];
    let is_named = |text: &str| spellings.iter().any(|spelling| text.contains(spelling));
    let in_code = files.iter().filter(|file| {
        file.tokens.iter().any(|token| match &token.word {
            Word::Name(name) => is_named(name),
            Word::Text(text) => is_named(text),
            Word::Mark(_) => false,
        })
    });
    let mut found: Vec<String> = in_code.map(|file| file.path.clone()).collect();
    for folder in CRATES {
        others(root, Path::new(folder), &is_named, &mut found)?;
    }
    Ok(found)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Files beside the Rust ones.
fn others(
    root: &Path,
    folder: &Path,
    is_named: &dyn Fn(&str) -> bool,
    found: &mut Vec<String>,
) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let kind = path.extension().and_then(std::ffi::OsStr::to_str);
        if entry.file_type()?.is_dir() {
            others(root, &path, is_named, found)?;
        } else if matches!(kind, Some("sql" | "html" | "ftl"))
            && is_named(&std::fs::read_to_string(entry.path())?)
        {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_with_tuples_opened() {
        let text = "fn a(&self, b: u8, (c, d): (&str, Option<(u8, u8)>)) {}\nfn e<F: Fn(u8) -> u8>(f: F, g: &(A, (B, C)), h: impl Fn(A, B)) -> u8 {\n1\n}\nfn i();";
        let tokens = source::words(text);
        let found: Vec<(String, usize, usize)> =
            functions(&tokens).map(|one| (one.name, one.parameters, one.lines)).collect();
        let expected = [("a", 3, 1), ("e", 5, 3), ("i", 0, 1)];
        let expected: Vec<_> =
            expected.map(|(name, parameters, lines)| (name.to_owned(), parameters, lines)).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_loop_that_commits_is_counted_once_and_by_itself() {
        let text = "impl A for B { fn c() {\nfor x in y {\nloop { s.commit(d); r.settle(e) }\n}\nloop { f() }\ng.commit(h)\nfor _ in 0..ROUNDS {\n} } }";
        assert_eq!(commit_loops(&source::words(text)), [3, 7]);
    }
}
