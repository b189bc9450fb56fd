//! The file: TOML, unknown keys refused, wrong types named with their line.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::given::{Layer, Raw};
use super::problem::{ConfigProblem, ValueOrigin, did_you_mean};
use super::settings::{Slot, ValueKind, slot, slots};

/// Reads a file into a layer. What is wrong is added to `problems`, all of it.
pub(super) fn read(path: &Path, problems: &mut Vec<ConfigProblem>) -> Layer {
    let shown = path.display().to_string();
    let mut layer = Layer::default();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, &shown, &mut layer, problems),
        Err(why) => {
            let why = format!("the configuration file {shown} cannot be read: {why}");
            problems.push(ConfigProblem::new("config", why));
        }
    }
    layer
}

/// The line of a place in a text, counted from 1.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn parse(text: &str, path: &str, layer: &mut Layer, problems: &mut Vec<ConfigProblem>) {
    match DeTable::parse(text) {
        Ok(table) => {
            let mut walk = FileWalk { text, path, layer, problems };
            walk.table("", table.get_ref());
        }
        Err(error) => {
            let line = line(text, error.span().map_or(0, |span| span.start));
            // Its message alone: what stands in that line may be a secret.
            let why = format!("is not TOML: {}", error.message());
            let origin = ValueOrigin::File { path: path.to_owned(), line };
            problems.push(ConfigProblem::new("config", why).at(origin));
        }
    }
}

struct FileWalk<'a> {
    text: &'a str,
    path: &'a str,
    layer: &'a mut Layer,
    problems: &'a mut Vec<ConfigProblem>,
}

impl FileWalk<'_> {
    fn table(&mut self, before: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = line(self.text, name.span().start);
            let origin = ValueOrigin::File { path: self.path.to_owned(), line };
            let key = format!("{before}{}", name.get_ref());
            self.entry(&key, value, origin);
        }
    }

    fn entry(&mut self, key: &str, value: &Spanned<DeValue<'_>>, origin: ValueOrigin) {
        let below = format!("{key}.");
        let is_table = slots().iter().any(|slot| slot.is_in_file() && slot.key().starts_with(&below));
        if let (true, DeValue::Table(table)) = (is_table, value.get_ref()) {
            return self.table(&below, table);
        }
        let why = match slot(key) {
            Some(slot) if slot.is_in_file() => match raw(slot.kind(), value.get_ref()) {
                Ok(raw) => {
                    self.layer.put(slot.key(), raw, origin);
                    return;
                }
                Err(why) => why,
            },
            Some(slot) => {
                let variable = slot.variable();
                match slot.flag() {
                    Some(flag) => format!("does not stand in the file; say --{flag} or set {variable}"),
                    None => format!("does not stand in the file; set {variable} or {variable}_FILE"),
                }
            }
            None => {
                let known: Vec<String> =
                    slots().iter().filter(|slot| slot.is_in_file()).map(Slot::key).collect();
                format!("is not a setting{}", did_you_mean(key, known.iter().map(String::as_str)))
            }
        };
        self.problems.push(ConfigProblem::new(key, why).at(origin));
    }
}

/// A value of the type that a setting has; else what it is, and what it must be.
fn raw(kind: ValueKind, value: &DeValue<'_>) -> Result<Raw, String> {
    let is = || match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    let wrong = |must: &str| Err(format!("is {}, and must be {must}", is()));
    match (kind, value) {
        (
            ValueKind::Text | ValueKind::Path | ValueKind::Choice(_) | ValueKind::List,
            DeValue::String(text),
        ) => Raw::of_text(kind, text),
        (ValueKind::List, DeValue::Array(items)) => {
            let items = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            let items = items.collect::<Option<Vec<_>>>();
            items.map(Raw::List).ok_or_else(|| "is an array, but not one of texts alone".to_owned())
        }
        (ValueKind::Whole, DeValue::Integer(digits)) => {
            let number = u64::from_str_radix(digits.as_str(), digits.radix());
            number.map(Raw::Whole).map_err(|_| "must be a whole number, 0 or more".to_owned())
        }
        (ValueKind::Switch, DeValue::Boolean(on)) => Ok(Raw::Switch(*on)),
        (ValueKind::Text | ValueKind::Path | ValueKind::Choice(_), _) => wrong("a text in quotes"),
        (ValueKind::List, _) => wrong("a text in quotes, or an array of them"),
        (ValueKind::Whole, _) => wrong("a whole number without quotes"),
        (ValueKind::Switch, _) => wrong("true or false, without quotes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn problems(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        parse(text, "writ.toml", &mut Layer::default(), &mut problems);
        problems.iter().map(ToString::to_string).collect()
    }

    #[rstest]
    #[case("isuer = \"x\"", "isuer (writ.toml, line 1): is not a setting; did you mean issuer?")]
    #[case("\n\ndatadir = \"x\"", "datadir (writ.toml, line 3): is not a setting; did you mean data_dir?")]
    #[case("database_url_fiel = \"x\"", "did you mean database_url_file?")]
    #[case("colour = \"red\"", "colour (writ.toml, line 1): is not a setting")]
    #[case("[issuer]\nx = 1", "issuer (writ.toml, line 1): is a table, and must be a text in quotes")]
    #[case(
        "# first\nmax_connections = \"many\"",
        "max_connections (writ.toml, line 2): is a text, and must be a"
    )]
    #[case("max_connections = -1", "whole number, 0 or more")]
    #[case("max_connections = 1.5", "a number with a point")]
    #[case("dev_tls = \"true\"", "must be true or false, without quotes")]
    #[case("listen = [\"localhost:1\", 2]", "listen (writ.toml, line 1): is an array, but not one of texts")]
    #[case("log_format = \"pretty\"", "must be one of auto, human, json")]
    #[case("config = \"other.toml\"", "say --config or set WRIT_CONFIG")]
    #[case("master_key = \"00\"", "set WRIT_MASTER_KEY or WRIT_MASTER_KEY_FILE")]
    #[case("bootstrap_api_key_file = \"x\"", "does not stand in the file")]
    #[case("issuer = \"a\"\nissuer = \"b\"", "config (writ.toml, line 2): is not TOML")]
    fn what_is_wrong_is_named_with_its_line(#[case] text: &str, #[case] says: &str) {
        let found = problems(text);
        assert!(found.len() == 1 && found[0].contains(says), "{found:?}");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        assert_eq!(
            problems("isuer = 1\nmax_connections = true\nlisten = \"localhost:1\"\ndev_tls = 0").len(),
            3
        );
    }

    #[test]
    fn a_broken_line_is_not_repeated_since_it_may_hold_a_secret() {
        let found = problems("listen = \"localhost:1\"\ndatabase_url = \"postgres://writ:hunter2@db/writ");
        assert!(found[0].contains("line 2") && !found[0].contains("hunter2"), "{found:?}");
    }

    #[test]
    fn hexadecimal_and_grouped_numbers_are_numbers() {
        assert_eq!(problems("max_connections = 0x10\naudit_retention_days = 1_000"), Vec::<String>::new());
    }
}
