//! What is wrong with a configuration: everything at once, each with its name and where it stands.

use std::fmt;

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOrigin {
    /// On the command line, with this flag.
    Flag(String),
    /// In this variable of the environment.
    Variable(String),
    /// In the file.
    File {
        /// Which file.
        path: String,
        /// Counted from 1.
        line: usize,
    },
    /// Nowhere: the default.
    Default,
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Variable(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{path}, line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Which setting.
    pub name: String,
    /// Where it was given.
    pub origin: Option<ValueOrigin>,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

impl ConfigProblem {
    /// About a setting.
    pub fn new(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), origin: None, why: why.into() }
    }

    /// The same, with where the value was given.
    #[must_use]
    pub fn at(mut self, origin: ValueOrigin) -> Self {
        self.origin = Some(origin);
        self
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{} ({origin}): {}", self.name, self.why),
            None => write!(f, "{}: {}", self.name, self.why),
        }
    }
}

impl std::error::Error for ConfigProblem {}

/// What is wrong with the configuration; every text says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            if number > 0 {
                f.write_str("\n      ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigProblem> for ConfigError {
    fn from(problem: ConfigProblem) -> Self {
        Self { problems: vec![problem] }
    }
}

/// `; did you mean …?` where one of `known` is near to `name`, else nothing.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

/// The name nearest to another one, if it is near at all: a slip of the finger, or a word left out or added.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rated = known.into_iter().map(|one| (strsim::jaro_winkler(name, one), one));
    let best = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 > 0.84).then_some(best.1)
}
