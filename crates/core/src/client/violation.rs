//! What is wrong with a client as somebody sent it: all of it together, by field.

use std::borrow::Cow;

use super::{Rare, Setting};
use crate::decision::Refusal;
use crate::error::{ErrorCode, OAuthError};

/// A field of a client, whatever a contract calls it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// Display name.
    Name,
    /// Description.
    Description,
    /// The kind, or what it is inferred from: `type`, `client_type`, `confidential`.
    Kind,
    /// Grant types.
    GrantTypes,
    /// Redirect URIs.
    RedirectUris,
    /// Where a browser may be sent after signing out.
    PostLogoutRedirectUris,
    /// Origins that may call across origins.
    AllowedOrigins,
    /// Scopes.
    Scopes,
    /// Lifetime of access tokens.
    AccessLifetime,
    /// Lifetime of refresh tokens.
    RefreshLifetime,
    /// Whether it may get tokens.
    Enabled,
    /// Whether it is the tenant's own.
    FirstParty,
    /// Homepage.
    ClientUri,
    /// Logo.
    LogoUri,
    /// How it proves who it is.
    AuthMethod,
    /// Whether PKCE is required.
    RequirePkce,
    /// Metadata that is rarely used.
    Rare(Rare),
    /// How its tokens are made.
    Setting(Setting),
    /// How long the secret before this one works on.
    Overlap,
    /// What is no field of a client, as it was sent.
    Other(Box<str>),
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub field: Field,
    /// Why, for whoever sent it: fit for `error_description`.
    pub reason: Cow<'static, str>,
}

/// All that is wrong, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// One violation.
    pub fn of(field: Field, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Violation { field, reason: reason.into() }])
    }

    /// Notes one.
    pub fn note(&mut self, field: Field, reason: impl Into<Cow<'static, str>>) {
        self.0.push(Violation { field, reason: reason.into() });
    }

    /// Whether something is noted of the field: then there is no point in calling it missing, too.
    pub fn has(&self, field: &Field) -> bool {
        self.0.iter().any(|violation| violation.field == *field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// The value, unless something is wrong.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn settle<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// All of them as one `invalid_request`: `field: reason; field: reason`, each field as `spelling` has it.
    pub fn refusal(&self, spelling: impl Fn(&Field) -> Cow<'static, str>) -> Box<Refusal> {
        let texts: Vec<_> =
            self.0.iter().map(|wrong| format!("{}: {}", spelling(&wrong.field), wrong.reason)).collect();
        OAuthError::new(ErrorCode::InvalidRequest, texts.join("; ")).into()
    }
}
