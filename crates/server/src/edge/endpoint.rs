//! Under which name a request is counted and logged.

use http::Method;

/// Defines the enum, the list of all, and each one's name, in one order.
macro_rules! endpoints {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// Which endpoint a request is counted under; few, so that the series stay few.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Endpoint { $($(#[doc = $doc])* $name,)* }

        impl Endpoint {
            /// All of them, in the order of the enum.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The label of its counters.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

endpoints! {
    /// The token endpoint.
    Token = "token",
    /// Introspection.
    Introspect = "introspect",
    /// Revocation.
    Revoke = "revoke",
    /// The authorization endpoint.
    Authorize = "authorize",
    /// Where authorization requests are pushed.
    Par = "par",
    /// Where devices begin to wait for their person.
    DeviceAuthorization = "device_authorization",
    /// The page on which people type what a device shows.
    Device = "device",
    /// Where applications register themselves.
    Register = "register",
    /// `UserInfo`.
    UserInfo = "userinfo",
    /// The sign-in page.
    Login = "login",
    /// The consent page.
    Consent = "consent",
    /// Signing out, asked for by an application or on the page, and whether somebody has.
    Logout = "logout",
    /// Pages on which people register, set a new password, confirm an address, or look at their account.
    Account = "account",
    /// The pages on which administrators manage.
    Console = "console",
    /// Metadata and keys.
    Metadata = "metadata",
    /// Health.
    Health = "health",
    /// `/api/v1/oauth/admin/clients`.
    ApiTenantClients = "api_tenant_clients",
    /// `/v1/admin/oauth-clients`.
    ApiIdentityClients = "api_identity_clients",
    /// `/api/v1/oauth/clients`.
    ApiOauthClients = "api_oauth2_clients",
    /// `/v1/clients`.
    ApiClientsClients = "api_clients_clients",
    /// `/api/v1/clients`.
    ApiClients = "api_clients",
    /// `/api/v1/oauth/scopes`.
    ApiScopes = "api_scopes",
    /// `/api/v1/oauth/tokens`, but for issuing one.
    ApiTokens = "api_tokens",
    /// `/api/v1/oauth/consent` and `/api/v1/oauth/consents`.
    ApiConsents = "api_consents",
    /// `/api/v1/oauth/sessions` and `/api/v1/logouts`.
    ApiSessions = "api_sessions",
    /// `/api/v1/oauth/rate-limits`.
    ApiRateLimits = "api_rate_limits",
    /// `/api/v1/users`.
    ApiUsers = "api_users",
    /// `/api/v1/roles`.
    ApiRoles = "api_roles",
    /// `/api/v1/api-keys`.
    ApiKeys = "api_api_keys",
    /// `/api/v1/registration-tokens`.
    ApiRegistrationTokens = "api_registration_tokens",
    /// `/api/v1/identity-providers`.
    ApiIdentityProviders = "api_identity_providers",
    /// `/api/v1/keys`.
    ApiSigningKeys = "api_signing_keys",
    /// `/api/v1/tenant` and `/api/v1/tenants`.
    ApiTenants = "api_tenants",
    /// `/api/v1/audit-logs`.
    ApiAuditLogs = "api_audit_logs",
    /// Everything else.
    Other = "other",
}

/// The first segments of what has parameters behind them.
const APIS: &[(&str, Endpoint)] = &[
    ("/api/v1/oauth/admin", Endpoint::ApiTenantClients),
    ("/v1/admin/oauth-clients", Endpoint::ApiIdentityClients),
    ("/api/v1/oauth/clients", Endpoint::ApiOauthClients),
    ("/v1/clients", Endpoint::ApiClientsClients),
    ("/api/v1/clients", Endpoint::ApiClients),
    ("/api/v1/oauth/scopes", Endpoint::ApiScopes),
    ("/api/v1/oauth/tokens", Endpoint::ApiTokens),
    ("/api/v1/oauth/consent", Endpoint::ApiConsents),
    ("/api/v1/oauth/consents", Endpoint::ApiConsents),
    ("/api/v1/oauth/sessions", Endpoint::ApiSessions),
    ("/api/v1/logouts", Endpoint::ApiSessions),
    ("/api/v1/oauth/rate-limits", Endpoint::ApiRateLimits),
    ("/api/v1/users", Endpoint::ApiUsers),
    ("/api/v1/roles", Endpoint::ApiRoles),
    ("/api/v1/api-keys", Endpoint::ApiKeys),
    ("/api/v1/registration-tokens", Endpoint::ApiRegistrationTokens),
    ("/api/v1/identity-providers", Endpoint::ApiIdentityProviders),
    ("/oauth2/register", Endpoint::Register),
    ("/login/with", Endpoint::Login),
    ("/api/v1/keys", Endpoint::ApiSigningKeys),
    ("/api/v1/tenant", Endpoint::ApiTenants),
    ("/api/v1/tenants", Endpoint::ApiTenants),
    ("/api/v1/audit-logs", Endpoint::ApiAuditLogs),
];

impl Endpoint {
    /// Whether it may answer with a page that people read.
    pub const fn is_for_people(self) -> bool {
        matches!(
            self,
            Self::Authorize
                | Self::Login
                | Self::Consent
                | Self::Logout
                | Self::Account
                | Self::Device
                | Self::Console
                | Self::Other
        )
    }

    /// From a request's method and path, with or without a tenant before it.
    pub fn of(method: &Method, path: &str) -> Self {
        let below = path.strip_prefix("/t/").and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
        match below.unwrap_or(path) {
            "/oauth2/token" => Self::Token,
            "/api/v1/oauth/tokens" if *method == Method::POST => Self::Token,
            "/oauth2/introspect" | "/api/v1/oauth/introspect" => Self::Introspect,
            "/oauth2/revoke" => Self::Revoke,
            "/oauth2/authorize" => Self::Authorize,
            "/oauth2/par" => Self::Par,
            "/oauth2/device_authorization" => Self::DeviceAuthorization,
            "/device" => Self::Device,
            "/oauth2/userinfo" => Self::UserInfo,
            "/oauth2/logout" | "/logout" | "/oauth2/check-session" => Self::Logout,
            "/login" | "/login/factor" | "/login/mail" => Self::Login,
            "/consent" => Self::Consent,
            "/register" | "/reset-password" | "/verify-email" | "/account" => Self::Account,
            path if path.starts_with("/account/") || path.starts_with("/pictures/") => Self::Account,
            path if path == "/admin" || path.starts_with("/admin/") => Self::Console,
            rest if rest.starts_with("/.well-known/") => Self::Metadata,
            rest if rest.starts_with("/health/") => Self::Health,
            rest => Self::of_api(rest),
        }
    }

    fn of_api(path: &str) -> Self {
        let is_below = |start: &str| {
            path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        APIS.iter().find(|(start, _)| is_below(start)).map_or(Self::Other, |(_, endpoint)| *endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_counted_under_their_endpoint() {
        for (method, path, endpoint) in [
            (Method::POST, "/oauth2/token", Endpoint::Token),
            (Method::POST, "/t/acme/oauth2/token", Endpoint::Token),
            (Method::POST, "/api/v1/oauth/tokens", Endpoint::Token),
            (Method::GET, "/api/v1/oauth/tokens", Endpoint::ApiTokens),
            (Method::POST, "/api/v1/oauth/tokens/bulk-revoke", Endpoint::ApiTokens),
            (Method::POST, "/oauth2/introspect", Endpoint::Introspect),
            (Method::POST, "/api/v1/oauth/introspect", Endpoint::Introspect),
            (Method::POST, "/oauth2/revoke", Endpoint::Revoke),
            (Method::GET, "/t/acme/oauth2/authorize", Endpoint::Authorize),
            (Method::GET, "/oauth2/userinfo", Endpoint::UserInfo),
            (Method::POST, "/t/acme/oauth2/par", Endpoint::Par),
            (Method::POST, "/oauth2/device_authorization", Endpoint::DeviceAuthorization),
            (Method::GET, "/t/acme/device", Endpoint::Device),
            (Method::POST, "/t/acme/oauth2/register", Endpoint::Register),
            (Method::PUT, "/oauth2/register/cli_1", Endpoint::Register),
            (Method::POST, "/login", Endpoint::Login),
            (Method::GET, "/t/acme/consent", Endpoint::Consent),
            (Method::GET, "/oauth2/logout", Endpoint::Logout),
            (Method::GET, "/reset-password", Endpoint::Account),
            (Method::GET, "/t/acme/pictures/face-1.png", Endpoint::Account),
            (Method::GET, "/t/acme/admin", Endpoint::Console),
            (Method::POST, "/admin/clients/new", Endpoint::Console),
            (Method::GET, "/administration", Endpoint::Other),
            (Method::GET, "/.well-known/jwks.json", Endpoint::Metadata),
            (Method::GET, "/t/acme/.well-known/openid-configuration", Endpoint::Metadata),
            (Method::GET, "/health/live", Endpoint::Health),
            (Method::GET, "/api/v1/oauth/admin/clients/x", Endpoint::ApiTenantClients),
            (Method::GET, "/t/acme/v1/clients/x/tokens", Endpoint::ApiClientsClients),
            (Method::POST, "/api/v1/oauth/consent", Endpoint::ApiConsents),
            (Method::GET, "/api/v1/oauth/consents/history", Endpoint::ApiConsents),
            (Method::GET, "/api/v1/tenant", Endpoint::ApiTenants),
            (Method::GET, "/api/v1/tenantsx", Endpoint::Other),
            (Method::GET, "/", Endpoint::Other),
        ] {
            assert_eq!(Endpoint::of(&method, path), endpoint, "{method} {path}");
        }
    }

    #[test]
    fn each_has_a_name_of_its_own_at_its_place() {
        let names: std::collections::BTreeSet<_> = Endpoint::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Endpoint::ALL.len());
        for (index, endpoint) in Endpoint::ALL.iter().enumerate() {
            assert_eq!(*endpoint as usize, index);
        }
    }
}
