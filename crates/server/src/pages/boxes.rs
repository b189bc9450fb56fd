//! The boxes of the consent page: one for each scope that a person may leave out.

use writ_core::authorize::{Approved, AuthorizationRequest};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::resource::Resource;
use writ_core::scope::Scope;
use writ_core::shell_reason::ShellReason;

use super::asked::host_of;
use crate::call::words::say_count;

/// What the name of a box begins with; the scope that it stands for follows. Each has a name of its own, so that none
/// is lost where fields are kept by their names.
const BOX: &str = "scope.";
/// Sent along by whoever was shown boxes: without it, no box at all means that nobody was asked.
const SHOWN: &str = "boxes";

/// What a person leaves ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ticked {
    /// All that was asked for.
    All,
    /// This, with `openid` where that was asked for.
    These(Scope),
    /// Nothing, and so there is nothing to agree to.
    Nothing,
}

impl Ticked {
    /// Reads the boxes of a form.
    ///
    /// # Errors
    /// `invalid_scope` for scopes that were not asked for.
    pub(super) fn read(form: &Form<'_>, request: &AuthorizationRequest) -> Result<Self, OAuthError> {
        let ticked: Vec<&str> = form.iter().filter_map(|(name, _)| name.strip_prefix(BOX)).collect();
        let is_asked = form.get(SHOWN).is_some() || !ticked.is_empty();
        if !is_asked || request.scope.is_empty() {
            return Ok(Self::All);
        }
        if !ticked.iter().all(|name| request.scope.contains(name)) {
            return Err(OAuthError::new(ErrorCode::InvalidScope, ShellReason::BoxUnasked));
        }
        // There is no box for `openid`: it is part of every yes.
        let left = request.scope.without(|name| name != "openid" && !ticked.contains(&name));
        Ok(if left.is_empty() { Self::Nothing } else { Self::These(left) })
    }

    /// What of the request it says yes to; none: nothing.
    ///
    /// # Errors
    /// As [`Approved::scope`].
    pub(super) fn approved(&self, request: &AuthorizationRequest) -> Result<Option<Scope>, OAuthError> {
        match self {
            Self::All => Approved::scope(request, None).map(Some),
            Self::These(left) => Approved::scope(request, Some(left)).map(Some),
            Self::Nothing => Ok(None),
        }
    }

    /// Whether the box of a scope is ticked.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(scope) => scope.contains(name),
            Self::Nothing => false,
        }
    }
}

/// A scope on the page.
#[derive(Debug)]
pub(super) struct ScopeBox<'a> {
    /// Its name, which only the form knows.
    pub name: &'a str,
    /// What it allows, for people.
    pub words: String,
    /// What the application would be told under it today.
    pub values: Vec<String>,
    /// Its box.
    pub shown: BoxShown,
}

/// What is asked for of one API, or of none in particular.
#[derive(Debug)]
pub(super) struct ScopeGroup<'a> {
    /// The API; none: of none in particular.
    pub resource: Option<&'a Resource>,
    /// What stands on the page at once.
    pub open: Vec<ScopeBox<'a>>,
    /// Those of a long request that come last.
    pub folded: Vec<ScopeBox<'a>>,
}

impl ScopeGroup<'_> {
    /// What leads to those that are folded.
    pub(super) fn more(&self) -> String {
        say_count("consent-more", self.folded.len().try_into().unwrap_or_default())
    }

    /// Where the API is.
    pub(super) fn host(&self) -> Option<&str> {
        host_of(self.resource?.identifier.as_str())
    }
}

/// How a scope is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoxShown {
    /// Without a box: it is part of every yes.
    Always,
    /// With a ticked box.
    Ticked,
    /// With an empty box.
    Empty,
}

impl BoxShown {
    pub(super) fn of(name: &str, ticked: &Ticked) -> Self {
        if name == "openid" {
            Self::Always
        } else if ticked.has(name) {
            Self::Ticked
        } else {
            Self::Empty
        }
    }
}
