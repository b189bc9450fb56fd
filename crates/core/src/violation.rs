//! What is wrong with the fields of a request: all of it together, each with its reason.

use std::borrow::Cow;

use crate::client::{Rare, TokenSetting};
use crate::decision::Refusal;
use crate::error::OAuthError;
use crate::reason::Reason;

/// A field of a request. Those of a client are called differently by each contract, all others the same everywhere.
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
    Setting(TokenSetting),
    /// How long the secret before this one works on.
    Overlap,
    /// One that has this name everywhere.
    Named(&'static str),
    /// Under the name that the contract has for it, or as it was sent where nobody has one.
    Other(Box<str>),
}

impl From<&'static str> for Field {
    fn from(name: &'static str) -> Self {
        Self::Named(name)
    }
}

impl Field {
    /// Its name where no contract has another: as Writ's own API has it, after RFC 7591.
    pub fn name(&self) -> &str {
        match self {
            Self::Name => "client_name",
            Self::Description => "description",
            Self::Kind => "kind",
            Self::GrantTypes => "grant_types",
            Self::RedirectUris => "redirect_uris",
            Self::PostLogoutRedirectUris => "post_logout_redirect_uris",
            Self::AllowedOrigins => "allowed_origins",
            Self::Scopes => "scope",
            Self::AccessLifetime => "access_token_lifetime",
            Self::RefreshLifetime => "refresh_token_lifetime",
            Self::Enabled => "enabled",
            Self::FirstParty => "first_party",
            Self::ClientUri => "client_uri",
            Self::LogoUri => "logo_uri",
            Self::AuthMethod => "token_endpoint_auth_method",
            Self::RequirePkce => "require_pkce",
            Self::Rare(rare) => rare.name(),
            Self::Setting(setting) => setting.name(),
            Self::Overlap => "overlap",
            Self::Named(name) => name,
            Self::Other(name) => name,
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub field: Field,
    /// Why.
    pub reason: Reason,
}

/// All that is wrong, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// One violation.
    pub fn of(field: impl Into<Field>, reason: impl Into<Reason>) -> Self {
        Self(vec![Violation { field: field.into(), reason: reason.into() }])
    }

    /// Notes one.
    pub fn note(&mut self, field: impl Into<Field>, reason: impl Into<Reason>) {
        self.0.push(Violation { field: field.into(), reason: reason.into() });
    }

    /// Notes one, where `wrong` holds.
    pub fn when(&mut self, wrong: Wrong, field: impl Into<Field>, reason: impl Into<Reason>) {
        if wrong.0 {
            self.note(field, reason);
        }
    }

    /// Adds those of another look at the same request.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Gives a field that must be there. Where it is not, that is noted, unless the reason why it
    /// could not be read is noted already.
    pub fn require<T>(&mut self, field: &'static str, value: Option<T>) -> Option<T> {
        let is_missed = value.is_none() && !self.has(&Field::from(field));
        self.when(Wrong(is_missed), field, Reason::Missing);
        value
    }

    /// Whether something is noted of the field: then there is no point in calling it missing, too.
    pub fn has(&self, field: &Field) -> bool {
        self.0.iter().any(|violation| violation.field == *field)
    }

    /// The first reason that is noted of the field with this name.
    pub fn reason(&self, name: &str) -> Option<&Reason> {
        self.0.iter().find(|violation| violation.field.name() == name).map(|found| &found.reason)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// The same with the fields as `spelling` has them.
    #[must_use]
    pub fn spelled(&self, spelling: impl Fn(&Field) -> Cow<'static, str>) -> Self {
        let spelled = |wrong: &Violation| Violation {
            field: Field::Other(spelling(&wrong.field).as_ref().into()),
            reason: wrong.reason.clone(),
        };
        Self(self.0.iter().map(spelled).collect())
    }

    /// All of them in English: `field: reason; field: reason`.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        let english = |wrong: &Violation| format!("{}: {}", wrong.field.name(), wrong.reason);
        self.0.iter().map(english).collect::<Vec<_>>().join("; ")
    }

    /// The value, unless something is wrong.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn checked<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Nothing, or all that is wrong.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn settle(self) -> Result<(), Box<Refusal>> {
        Ok(self.checked(())?)
    }

    /// The required fields, or all that is wrong.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn settle_with<T>(self, required: Option<T>) -> Result<T, Box<Refusal>> {
        match required {
            Some(value) => Ok(self.checked(value)?),
            None => Err(self.into()),
        }
    }
}

impl From<Violations> for OAuthError {
    fn from(wrong: Violations) -> Self {
        Self::invalid(wrong)
    }
}

impl From<Violations> for Box<Refusal> {
    fn from(wrong: Violations) -> Self {
        OAuthError::invalid(wrong).into()
    }
}

/// Whether something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong(pub bool);
