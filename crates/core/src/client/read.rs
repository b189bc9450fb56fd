//! Reads what was sent into a client's fields, one rule a function, and notes all that is wrong.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::{
    AuthMethod, ClientKind, Field, GrantType, GrantTypes, PasswordGrant, RedirectUri, Rules, UriNeed,
    Violations, WebOrigin, WebUri,
};
use crate::excerpt::Excerpt;
use crate::manage::{description_problem, name_is_valid};
use crate::reason::Reason;
use crate::scope::{SCOPE_LIMIT, Scope, ScopeToken};
use crate::settings::Choice;
use crate::time::Seconds;

/// The most entries of a list.
const LIST_LIMIT: usize = 100;
/// The most characters of a description.
const DESCRIPTION_LIMIT: usize = 2000;

/// A look at one request: the rules, and what was found wrong.
pub(super) struct ClientReader<'a> {
    pub(super) rules: &'a Rules<'a>,
    pub(super) violations: Violations,
}

impl ClientReader<'_> {
    /// Notes that a field is missing, unless it is noted already why it could not be read.
    pub(super) fn missing(&mut self, field: Field) {
        if !self.violations.has(&field) {
            self.violations.note(field, Reason::Missing);
        }
    }

    pub(super) fn name(&mut self, sent: &str) -> Box<str> {
        if !name_is_valid(sent) {
            self.violations.note(Field::Name, Reason::NameRule);
        }
        sent.into()
    }

    /// A description; the empty text is none.
    pub(super) fn description(&mut self, sent: &str) -> Option<Box<str>> {
        if let Some(why) = description_problem(sent, DESCRIPTION_LIMIT) {
            self.violations.note(Field::Description, why);
        }
        (!sent.is_empty()).then(|| sent.into())
    }

    /// Grant types that the client may newly get; those in `held` it has already.
    pub(super) fn grant_types(&mut self, sent: &[String], held: &GrantTypes) -> GrantTypes {
        if sent.is_empty() && !self.violations.has(&Field::GrantTypes) {
            self.violations.note(Field::GrantTypes, Reason::GrantTypeNeeded);
        }
        let read = |text: &str| GrantType::by_name(text).ok_or(Reason::GrantTypeUnknown);
        let grants = self.list(Field::GrantTypes, sent, LIST_LIMIT, read);
        for grant in &grants {
            if self.rules.profile.refused_grants.contains(grant) {
                self.violations
                    .note(Field::GrantTypes, Reason::GrantTypeNotOffered { grant: grant.name().into() });
            } else if *grant == GrantType::Password
                && self.rules.password_grant == PasswordGrant::Off
                && !held.contains(GrantType::Password)
            {
                let why = self.rules.left_to_administrators.turned_on_by(Choice::PasswordGrant);
                self.violations.note(Field::GrantTypes, Reason::PasswordGrantOff { why: why.into() });
            }
        }
        GrantTypes::new(grants)
    }

    /// Whether a kind of client may have these grant types.
    pub(super) fn fit(&mut self, kind: ClientKind, grants: &GrantTypes) {
        let clean = !self.violations.has(&Field::GrantTypes);
        for grant in grants.iter() {
            let why = match (kind, grant) {
                (
                    ClientKind::Spa | ClientKind::Native,
                    GrantType::ClientCredentials | GrantType::Password | GrantType::TokenExchange,
                ) => Reason::GrantTypeOfConfidential { grant: grant.name().into() },
                (
                    ClientKind::Machine,
                    GrantType::AuthorizationCode
                    | GrantType::RefreshToken
                    | GrantType::Password
                    | GrantType::Implicit
                    | GrantType::DeviceCode,
                ) => Reason::GrantTypeOfMachine { grant: grant.name().into() },
                (ClientKind::Machine, GrantType::ClientCredentials | GrantType::TokenExchange)
                | (
                    ClientKind::Spa | ClientKind::Native,
                    GrantType::AuthorizationCode
                    | GrantType::RefreshToken
                    | GrantType::Implicit
                    | GrantType::DeviceCode,
                )
                | (
                    ClientKind::Web,
                    GrantType::AuthorizationCode
                    | GrantType::ClientCredentials
                    | GrantType::RefreshToken
                    | GrantType::Password
                    | GrantType::Implicit
                    | GrantType::DeviceCode
                    | GrantType::TokenExchange,
                ) => continue,
            };
            self.violations.note(Field::GrantTypes, why);
        }
        if clean && grants.iter().eq([GrantType::RefreshToken]) && kind != ClientKind::Machine {
            self.violations.note(Field::GrantTypes, Reason::RefreshTokenAlone);
        }
    }

    /// How a client of this kind proves who it is; what does not fit it is noted.
    pub(super) fn auth_method(&mut self, kind: ClientKind, sent: AuthMethod) -> AuthMethod {
        if sent.fits(kind) {
            return sent;
        }
        let why = if kind.is_confidential() {
            Reason::AuthMethodOfConfidential { kind: kind.name().into() }
        } else {
            Reason::AuthMethodOfPublic { kind: kind.name().into() }
        };
        self.violations.note(Field::AuthMethod, why);
        AuthMethod::of(kind)
    }

    /// Whether redirect URIs are there where they have to be. `sent` counts them, bad ones too; `need`
    /// is the contract's own wish.
    pub(super) fn enough_uris(
        &mut self,
        sent: usize,
        kind: Option<ClientKind>,
        grants: &GrantTypes,
        need: UriNeed,
    ) {
        if sent > 0 || self.violations.has(&Field::RedirectUris) {
            return;
        }
        let wished = match need {
            UriNeed::ForCodes => false,
            UriNeed::UnlessMachine => kind.is_some_and(|kind| kind != ClientKind::Machine),
            UriNeed::Always => true,
        };
        if grants.contains(GrantType::AuthorizationCode) || grants.contains(GrantType::Implicit) {
            self.violations.note(Field::RedirectUris, Reason::RedirectUriNeededForCodes);
        } else if wished {
            self.violations.note(Field::RedirectUris, Reason::RedirectUriNeeded);
        }
    }

    pub(super) fn redirect_uris(&mut self, field: Field, sent: &[String]) -> Vec<RedirectUri> {
        let allowed = self.rules.leniency;
        self.list(field, sent, LIST_LIMIT, |text| RedirectUri::parse_allowing(text, allowed))
    }

    pub(super) fn origins(&mut self, sent: &[String]) -> Vec<WebOrigin> {
        let allowed = self.rules.leniency;
        self.list(Field::AllowedOrigins, sent, LIST_LIMIT, |text| WebOrigin::parse_allowing(text, allowed))
    }

    /// An address for people; the empty text is none.
    pub(super) fn web_uri(&mut self, field: Field, sent: &str) -> Option<WebUri> {
        if sent.is_empty() {
            return None;
        }
        WebUri::parse(sent).map_err(|error| self.violations.note(field, error)).ok()
    }

    /// Scopes; of those in `held` it is not asked whether the tenant knows them.
    pub(super) fn scopes(&mut self, sent: &[String], held: &Scope) -> Scope {
        if sent.is_empty() && self.rules.profile.default_scopes.is_none() {
            self.violations.note(Field::Scopes, Reason::ScopeNeeded);
        }
        let tokens = self.list(Field::Scopes, sent, SCOPE_LIMIT, |text| {
            ScopeToken::parse(text).map_err(|error| Reason::NotAScope { why: error.into() })
        });
        for token in tokens.iter().map(ScopeToken::as_str) {
            if !held.contains(token) && !self.rules.scopes.admits(token) {
                let reason = Reason::ScopeUnknown { scope: Excerpt::of(token).into() };
                self.violations.note(Field::Scopes, reason);
            }
        }
        // The bound was kept by the list.
        Scope::from_tokens(&tokens).unwrap_or_default()
    }

    pub(super) fn lifetime(&mut self, field: Field, sent: i64, bounds: &RangeInclusive<i64>) -> Seconds {
        if !bounds.contains(&sent) {
            self.violations.note(
                field,
                Reason::SecondsWithin { least: bounds.start().into(), most: bounds.end().into() },
            );
        }
        Seconds(sent)
    }

    /// Reads a list: bounded, without repetition, every entry good. Numbers entries from 1.
    pub(super) fn list<T, E: Into<Reason>>(
        &mut self,
        field: Field,
        sent: &[String],
        limit: usize,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        if sent.len() > limit {
            self.violations.note(field, Reason::EntriesMost { most: limit.into() });
            return Vec::new();
        }
        let mut seen = HashSet::with_capacity(sent.len());
        let mut good = Vec::with_capacity(sent.len());
        for (number, text) in (1_usize..).zip(sent) {
            let wrong: Reason = if seen.insert(text.as_str()) {
                match read(text) {
                    Ok(entry) => {
                        good.push(entry);
                        continue;
                    }
                    Err(error) => error.into(),
                }
            } else {
                Reason::Twice
            };
            let reason =
                Reason::Entry { at: number.into(), entry: Excerpt::of(text).into(), why: wrong.into() };
            self.violations.note(field.clone(), reason);
        }
        good
    }
}
