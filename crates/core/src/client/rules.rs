//! What decides whether a registration is good, and what fills in what was not said: the contract, the
//! tenant's settings, the server's.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{GrantType, Leniency, TokenPolicy, TokenRate};
use crate::authority::Permission;
use crate::scope::is_person_scope;
use crate::settings::{Choices, Switch};
use crate::time::Seconds;

/// What a contract takes where the kind is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// A confidential client: a machine if its only grant type is `client_credentials`, else web.
    Confidential,
    /// Nothing: it has to be said.
    Refused,
}

/// Whether a contract wants a field to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must be there when a client is made.
    Required,
    /// There is a default.
    Optional,
}

/// When a contract insists on a redirect URI, besides wherever `authorization_code` is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriNeed {
    /// Never else.
    ForCodes,
    /// For every kind but a machine.
    UnlessMachine,
    /// Always.
    Always,
}

/// How the contracts differ where they make or change a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// What an unsaid kind is.
    pub kind: Unsaid,
    /// Whether grant types must be sent.
    pub grant_types: Need,
    /// Grant types that it does not take, though the server knows them.
    pub refused_grants: &'static [GrantType],
    /// Scopes where none are sent; none: they must be sent, at least one.
    pub default_scopes: Option<&'static [&'static str]>,
    /// When it insists on a redirect URI.
    pub redirect_uris: UriNeed,
    /// What secrets that it makes begin with.
    pub secret_prefix: &'static str,
}

impl Profile {
    /// The **tenant** contract.
    pub const TENANT: Self = Self {
        kind: Unsaid::Confidential,
        grant_types: Need::Required,
        refused_grants: &[
            GrantType::Password,
            GrantType::Implicit,
            GrantType::DeviceCode,
            GrantType::TokenExchange,
        ],
        default_scopes: Some(&["openid"]),
        redirect_uris: UriNeed::ForCodes,
        secret_prefix: "sk_live_",
    };
    /// The **identity** contract.
    pub const IDENTITY: Self = Self {
        kind: Unsaid::Confidential,
        grant_types: Need::Optional,
        refused_grants: &[GrantType::Implicit, GrantType::DeviceCode, GrantType::TokenExchange],
        default_scopes: None,
        redirect_uris: UriNeed::Always,
        secret_prefix: "csec_",
    };
    /// The **oauth2** contract.
    pub const OAUTH2: Self = Self {
        kind: Unsaid::Confidential,
        grant_types: Need::Optional,
        refused_grants: &[GrantType::Implicit, GrantType::DeviceCode, GrantType::TokenExchange],
        default_scopes: Some(&["openid"]),
        redirect_uris: UriNeed::ForCodes,
        secret_prefix: "csec_",
    };
    /// The **clients** contract.
    pub const CLIENTS: Self = Self {
        kind: Unsaid::Refused,
        grant_types: Need::Optional,
        refused_grants: &[GrantType::Implicit, GrantType::DeviceCode, GrantType::TokenExchange],
        default_scopes: Some(&["openid", "email", "profile"]),
        redirect_uris: UriNeed::UnlessMachine,
        secret_prefix: "csec_",
    };
    /// Applications that register themselves (RFC 7591).
    pub const REGISTRATION: Self = Self {
        kind: Unsaid::Confidential,
        grant_types: Need::Optional,
        refused_grants: &[GrantType::Password, GrantType::TokenExchange],
        default_scopes: Some(&["openid"]),
        redirect_uris: UriNeed::ForCodes,
        secret_prefix: "csec_",
    };
    /// Writ's own resource, which has every field of a client.
    pub const OWN: Self = Self { refused_grants: &[], ..Self::OAUTH2 };
}

/// A tenant's setting `password_grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasswordGrant {
    /// OAuth 2.1 drops it.
    #[default]
    Off,
    /// Confidential clients may be registered for it.
    On,
}

/// A tenant's setting `strict_scopes`.
#[derive(Debug, Clone, Copy, Default)]
pub enum ScopeRegistry<'a> {
    /// A scope that the tenant does not know yet is added.
    #[default]
    Open,
    /// Only these, the built-in ones, and those that the client has already.
    Strict(&'a BTreeSet<Box<str>>),
}

impl ScopeRegistry<'_> {
    /// Whether a client may be registered for the scope.
    pub fn admits(&self, token: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Strict(known) => {
                known.contains(token) || is_person_scope(token) || Permission::by_name(token).is_some()
            }
        }
    }
}

/// All that decides about a registration.
#[derive(Debug, Clone)]
pub struct Rules<'a> {
    /// Through which contract.
    pub profile: Profile,
    /// The tenant's `password_grant`.
    pub password_grant: PasswordGrant,
    /// The tenant's `legacy_implicit_grant`.
    pub legacy_implicit_grant: Switch,
    /// What its operator leaves to the tenant's administrators: whom to ask for what is off.
    pub left_to_administrators: Choices,
    /// The tenant's `strict_scopes`, with the scopes that it knows.
    pub scopes: ScopeRegistry<'a>,
    /// The tenant's bounds of access tokens' lifetimes, seconds.
    pub access_lifetimes: RangeInclusive<i64>,
    /// The tenant's bounds of refresh tokens' lifetimes, seconds.
    pub refresh_lifetimes: RangeInclusive<i64>,
    /// What the `client_id` of a new client begins with (`clients.id_prefix`).
    pub id_prefix: &'a str,
    /// What new secrets begin with, whatever the contract; none: as the contract has it.
    pub secret_prefix: Option<&'a str>,
    /// The clients through which people act: the tenant's `interaction_clients`.
    pub interaction_clients: &'a [Box<str>],
    /// What the tenant allows of addresses.
    pub leniency: Leniency,
    /// How fast a client may be made to get tokens; none: as fast as can be said, which is an operator's.
    pub token_rate_max: Option<TokenRate>,
}

impl Rules<'_> {
    /// The rules of a contract where tenant and server have chosen nothing: access tokens live from a
    /// minute to a day, refresh tokens from a minute to a year.
    pub fn of(profile: Profile) -> Self {
        Self {
            profile,
            password_grant: PasswordGrant::default(),
            legacy_implicit_grant: Switch::Off,
            left_to_administrators: Choices::usual(),
            scopes: ScopeRegistry::default(),
            access_lifetimes: 60..=86_400,
            refresh_lifetimes: 60..=31_536_000,
            id_prefix: "cli_",
            secret_prefix: None,
            interaction_clients: &[],
            leniency: Leniency::default(),
            token_rate_max: None,
        }
    }

    /// What a new secret begins with.
    pub fn secret_prefix(&self) -> &str {
        self.secret_prefix.unwrap_or(self.profile.secret_prefix)
    }

    /// The lifetime of access tokens where none is sent: the server's default, within the tenant's bounds.
    pub fn default_access_lifetime(&self) -> Seconds {
        within(&self.access_lifetimes, TokenPolicy::default().access_lifetime)
    }

    /// The lifetime of refresh tokens where none is sent: the server's default, within the tenant's bounds.
    pub fn default_refresh_lifetime(&self) -> Seconds {
        within(&self.refresh_lifetimes, TokenPolicy::default().refresh_lifetime)
    }
}

/// Not `clamp`: that panics where a bound is above the other.
fn within(bounds: &RangeInclusive<i64>, default: Seconds) -> Seconds {
    Seconds(default.0.min(*bounds.end()).max(*bounds.start()))
}
