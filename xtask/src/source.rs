//! Rust files read as words: enough to count functions, loops and imports without a parser of the whole language.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A word of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A name or keyword.
    Name(String),
    /// A character that is not part of a name.
    Mark(char),
    /// What stands in a string.
    Text(String),
}

/// A word and the line that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The word.
    pub word: Word,
    /// Its line, from 1.
    pub line: usize,
}

impl Token {
    /// The name, if it is one.
    pub fn name(&self) -> Option<&str> {
        match &self.word {
            Word::Name(name) => Some(name),
            Word::Mark(_) | Word::Text(_) => None,
        }
    }

    /// Whether it is that mark.
    pub fn is(&self, mark: char) -> bool {
        self.word == Word::Mark(mark)
    }
}

/// A production file of a crate: test modules are left out of its words.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// From the workspace's root, with slashes.
    pub path: String,
    /// How many lines the whole file has.
    pub lines: usize,
    /// The words of what is not a test.
    pub tokens: Vec<Token>,
}

/// Reads the production files below a folder of a workspace, sorted by path.
///
/// # Errors
/// Where the folder cannot be read.
pub fn read(root: &Path, folder: &str) -> Result<Vec<SourceFile>> {
    let mut paths = Vec::new();
    gather(&root.join(folder), &mut paths).with_context(|| format!("{folder} in {}", root.display()))?;
    paths.sort();
    let mut files = Vec::new();
    let mut tests: Vec<PathBuf> = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let (tokens, modules) = production(&words(&text));
        let home = module_folder(&path);
        for module in modules {
            match module {
                TestModule::Named(name) => {
                    tests.push(home.join(format!("{name}.rs")));
                    tests.push(home.join(name));
                }
                TestModule::At(file) => tests.extend(path.parent().map(|folder| folder.join(file))),
            }
        }
        files.push((path, text.lines().count(), tokens));
    }
    let is_test = |path: &Path| tests.iter().any(|test| path.starts_with(test));
    let files = files.into_iter().filter(|(path, ..)| !is_test(path)).map(|(path, lines, tokens)| {
        let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        SourceFile { path, lines, tokens }
    });
    Ok(files.collect())
}

fn gather(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// Where the modules that a file declares lie.
fn module_folder(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(path);
    match path.file_stem().and_then(std::ffi::OsStr::to_str) {
        None | Some("mod" | "lib" | "main") => parent.to_owned(),
        Some(stem) => parent.join(stem),
    }
}

/// A module that is only compiled for tests and lies in a file of its own.
#[derive(Debug, PartialEq, Eq)]
enum TestModule {
    Named(String),
    At(String),
}

/// Takes out what only tests see (`#[cfg(test)]`), and names the modules of it that lie in other files.
fn production(tokens: &[Token]) -> (Vec<Token>, Vec<TestModule>) {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut modules = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_test_attribute(tokens.get(at..).unwrap_or_default()) {
            let end = item_end(tokens, at);
            modules.extend(declared(tokens.get(at..end).unwrap_or_default()));
            at = end;
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    (kept, modules)
}

fn is_test_attribute(tokens: &[Token]) -> bool {
    let shown: Vec<String> = tokens
        .iter()
        .take(7)
        .map(|token| match &token.word {
            Word::Name(name) => name.clone(),
            Word::Mark(mark) => mark.to_string(),
            Word::Text(_) => "\"".to_owned(),
        })
        .collect();
    shown.concat() == "#[cfg(test)]"
}

/// Behind the item that begins at `at`: its attributes, and what follows up to `;` or the end of its braces.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut at = at;
    while tokens.get(at).is_some_and(|token| token.is('#')) {
        at = closed(tokens, at + 1);
    }
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        match token.word {
            Word::Mark('(' | '[') => depth += 1,
            Word::Mark(')' | ']') => depth = depth.saturating_sub(1),
            Word::Mark('{') if depth == 0 => {
                let end = closed(tokens, at);
                // `use a::{b};` goes on behind its braces.
                return if tokens.get(end).is_some_and(|token| token.is(';')) { end + 1 } else { end };
            }
            Word::Mark(';') if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// `mod name;` in an item that only tests see.
fn declared(item: &[Token]) -> Option<TestModule> {
    let place = item.iter().position(|token| token.name() == Some("mod"))?;
    if !item.get(place + 2)?.is(';') {
        return None;
    }
    let path = item
        .windows(3)
        .find(|window| matches!(window, [key, equals, _] if key.name() == Some("path") && equals.is('=')));
    if let Some([_, _, Token { word: Word::Text(file), .. }]) = path {
        return Some(TestModule::At(file.clone()));
    }
    item.get(place + 1)?.name().map(|name| TestModule::Named(name.to_owned()))
}

/// Behind the bracket that closes the one at `open`.
pub fn closed(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = open;
    while let Some(token) = tokens.get(at) {
        match token.word {
            Word::Mark('(' | '[' | '{') => depth += 1,
            Word::Mark(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
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

/// The words of a text: comments and lifetimes are left out.
pub fn words(text: &str) -> Vec<Token> {
    let mut reader = Reader { characters: text.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    while reader.step() {}
    reader.tokens
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek(0)?;
        self.at += 1;
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    fn push(&mut self, word: Word, line: usize) {
        self.tokens.push(Token { word, line });
    }

    /// Reads a word, a comment or a space; false at the end.
    fn step(&mut self) -> bool {
        let Some(character) = self.peek(0) else { return false };
        let line = self.line;
        match (character, self.peek(1)) {
            ('/', Some('/')) => while self.peek(0).is_some_and(|c| c != '\n') && self.next().is_some() {},
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(line),
            ('r', Some('"' | '#')) if self.is_raw(1) => self.raw_string(1, line),
            ('b', Some('"')) => {
                self.at += 1;
                self.string(line);
            }
            ('b', Some('r')) if self.is_raw(2) => self.raw_string(2, line),
            ('b', Some('\'')) => {
                self.at += 1;
                self.quote();
            }
            ('\'', _) => self.quote(),
            (c, _) if c.is_alphanumeric() || c == '_' => {
                let mut name = String::new();
                while let Some(c) = self.peek(0).filter(|c| c.is_alphanumeric() || *c == '_') {
                    name.push(c);
                    self.at += 1;
                }
                self.push(Word::Name(name), line);
            }
            (c, _) => {
                self.next();
                if !c.is_whitespace() {
                    self.push(Word::Mark(c), line);
                }
            }
        }
        true
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(character) = self.next() {
            match (character, self.peek(0)) {
                ('/', Some('*')) => {
                    self.at += 1;
                    depth += 1;
                }
                ('*', Some('/')) => {
                    self.at += 1;
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn string(&mut self, line: usize) {
        self.next();
        let mut text = String::new();
        while let Some(character) = self.next() {
            match character {
                '"' => break,
                '\\' => drop(self.next()),
                other => text.push(other),
            }
        }
        self.push(Word::Text(text), line);
    }

    fn is_raw(&self, from: usize) -> bool {
        let mut ahead = from;
        while self.peek(ahead) == Some('#') {
            ahead += 1;
        }
        self.peek(ahead) == Some('"')
    }

    fn raw_string(&mut self, prefix: usize, line: usize) {
        self.at += prefix;
        let mut hashes = 0;
        while self.peek(0) == Some('#') {
            hashes += 1;
            self.at += 1;
        }
        self.next();
        let mut text = String::new();
        while let Some(character) = self.next() {
            if character == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.at += hashes;
                break;
            }
            text.push(character);
        }
        self.push(Word::Text(text), line);
    }

    /// A character or a lifetime; neither is a word.
    fn quote(&mut self) {
        self.next();
        match (self.peek(0), self.peek(1)) {
            (Some('\\'), _) => {
                self.next();
                self.next();
                while self.next().is_some_and(|c| c != '\'') {}
            }
            (Some(_), Some('\'')) => {
                self.next();
                self.next();
            }
            _ => {
                while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') && self.next().is_some() {
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = words(text).into_iter().map(|token| match token.word {
            Word::Name(name) => name,
            Word::Mark(mark) => mark.to_string(),
            Word::Text(text) => format!("<{text}>"),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_strings_characters_and_lifetimes_are_told_apart() {
        let text =
            "fn a<'x>(b: &'x str) { // fn c\n /* fn /* d */ */ '\\'' '{' b\"}\" r#\"e\"f\"# \"g\\\"h\" }";
        assert_eq!(shown(text), "fn a < > ( b : & str ) { <}> <e\"f> <gh> }");
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\n#[cfg(test)]\nmod laws;\n\
                    #[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod more;\nfn c() {}";
        let (kept, modules) = production(&words(text));
        let names: Vec<&str> = kept.iter().filter_map(Token::name).collect();
        assert_eq!(names, ["fn", "a", "fn", "c"]);
        assert_eq!(modules, [TestModule::Named("laws".into()), TestModule::At("x_tests.rs".into())]);
    }
}
