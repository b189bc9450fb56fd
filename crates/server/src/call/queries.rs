//! What lists take of a query. A filter that is silently ignored shows other people's rows: what a list does not know is
//! refused, behind every contract.

use std::collections::HashMap;
use std::sync::Arc;

use writ_core::error::OAuthError;
use writ_core::excerpt::Excerpt;
use writ_core::shell_reason::ShellReason;
use writ_core::violation::{Field, Violations};

use crate::call::request::Call;

/// Unknown parameters that an answer names at the most.
const NAMED: usize = 20;

/// The lists, by method and path, and the parameters that each takes.
#[derive(Debug, Default)]
pub struct Queries(HashMap<(&'static str, &'static str), ListParameters>);

impl Queries {
    /// From all lists.
    pub fn new(lists: impl IntoIterator<Item = (&'static str, &'static str, Vec<&'static str>)>) -> Self {
        let lists =
            lists.into_iter().map(|(method, path, names)| ((method, path), ListParameters(names.into())));
        Self(lists.collect())
    }

    /// What a route takes; none where it is no list.
    pub fn of(&self, method: &'static str, path: &'static str) -> Option<ListParameters> {
        self.0.get(&(method, path)).cloned()
    }
}

/// The parameters that a list takes.
#[derive(Debug, Clone)]
pub struct ListParameters(Arc<[&'static str]>);

impl ListParameters {
    /// Refuses what the list does not know.
    ///
    /// # Errors
    /// `invalid_request`, naming each.
    pub fn nothing_else(&self, call: &Call) -> Result<(), OAuthError> {
        let query = call.query()?;
        let mut wrong = Violations::default();
        for name in query.iter().map(|(name, _)| name).filter(|name| !self.0.contains(name)).take(NAMED) {
            let known = match &*self.0 {
                [] => ShellReason::NoParametersOfList,
                known => ShellReason::NoParameterOfList { known: known.join(" ").into() },
            };
            wrong.note(Field::Other(Excerpt::of(name).as_str().into()), known);
        }
        if wrong.is_empty() { Ok(()) } else { Err(OAuthError::invalid(wrong)) }
    }
}
