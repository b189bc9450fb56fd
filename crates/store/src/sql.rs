//! Statements: one text for both engines.
//!
//! A statement is written once, with `$1`, `$2` …, as PostgreSQL reads it. SQLite knows `$name`
//! parameters and numbers them by *first appearance*, so `$2, $1` would bind the wrong way round;
//! [`Sql::sqlite`] gives the same text with `?2, ?1`, which SQLite numbers as written.

use std::sync::OnceLock;

/// What a writer or a reader has to know of a statement, as its table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlKind {
    /// Nothing.
    Plain,
    /// It issues an access token of a machine: many are written at once.
    Issue,
    /// It revokes an access token: many are written at once.
    Revoke,
    /// It writes the audit record of a unit.
    Audit,
    /// Its guard looks at rows that do not exist yet, below the tenant that is its second value.
    UnderTenant,
    /// No step of this kind depends on another one.
    Independent,
    /// It reads a few rows by their keys: those of many requests are read at once.
    Together,
}

/// A named statement.
#[derive(Debug)]
pub struct Sql {
    /// Its name, for errors and for the test that prepares every statement.
    pub name: &'static str,
    /// The text with `$n` parameters.
    pub text: &'static str,
    /// What a writer or a reader has to know of it.
    pub kind: SqlKind,
    sqlite: OnceLock<String>,
}

impl Sql {
    /// A statement.
    pub const fn of_kind(name: &'static str, text: &'static str, kind: SqlKind) -> Self {
        Self { name, text, kind, sqlite: OnceLock::new() }
    }

    /// A plain one.
    #[cfg(test)]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self::of_kind(name, text, SqlKind::Plain)
    }

    /// The text as SQLite takes it.
    pub fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| number_as_written(self.text))
    }

    /// How many parameters the text names: the highest `$n`.
    #[cfg(test)]
    pub fn parameters(&self) -> usize {
        let mut highest = 0;
        let mut rest = self.text;
        while let Some(at) = rest.find('$') {
            rest = rest.get(at + 1..).unwrap_or_default();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            highest = highest.max(rest.get(..digits).and_then(|n| n.parse().ok()).unwrap_or(0));
        }
        highest
    }
}

/// `$n` becomes `?n`. Our texts have no `$` in a literal; a test holds that.
fn number_as_written(text: &str) -> String {
    text.replace('$', "?")
}

/// Declares statements and lists them all. A kind stands behind the name where it is not plain.
macro_rules! statements {
    (@kind) => { $crate::sql::SqlKind::Plain };
    (@kind $kind:ident) => { $crate::sql::SqlKind::$kind };
    ($($(#[doc = $doc:literal])* $name:ident $(: $kind:ident)? = $text:expr;)*) => {
        $($(#[doc = $doc])* pub(crate) static $name: $crate::sql::Sql = $crate::sql::Sql::of_kind(
            stringify!($name),
            $text,
            $crate::sql::statements!(@kind $($kind)?),
        );)*

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) static ALL: &[&$crate::sql::Sql] = &[$(&$name,)*];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::*;

    /// The trap this module is for: rusqlite numbers `$n` by first appearance.
    #[test]
    fn sqlite_numbers_dollar_parameters_by_first_appearance_and_question_marks_as_written() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let read = |text: &str| -> (String, String) {
            let mut statement = connection.prepare(text).unwrap();
            statement.raw_bind_parameter(1, "one").unwrap();
            statement.raw_bind_parameter(2, "two").unwrap();
            let mut rows = statement.raw_query();
            let row = rows.next().unwrap().unwrap();
            (row.get(0).unwrap(), row.get(1).unwrap())
        };
        let sql = Sql::new("swapped", "SELECT $2, $1");
        assert_eq!(read(sql.text), ("one".into(), "two".into()), "the trap is gone: simplify");
        assert_eq!(read(sql.sqlite()), ("two".into(), "one".into()));
        assert_eq!(sql.parameters(), 2);
    }

    #[test]
    fn every_dollar_in_a_statement_is_a_parameter() {
        for sql in crate::statements::every() {
            for (at, _) in sql.text.match_indices('$') {
                assert!(sql.text.as_bytes()[at + 1].is_ascii_digit(), "{}", sql.name);
            }
            assert!(!sql.text.contains('?'), "{}", sql.name);
        }
    }
}
