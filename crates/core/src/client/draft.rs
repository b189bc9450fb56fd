//! A client as a contract asks for it, and what it becomes.

use super::proving::Means;
use super::read::ClientReader;
use super::{
    AuthMethod, ClientKind, ClientPatch, ClientSettingsPatch, Field, GrantType, GrantTypes, MetadataPatch,
    Need, Party, RedirectUri, RegisteredClient, Registration, Rules, TokenPolicy, Unsaid, Violations, WebUri,
};
use crate::change::Enabled;
use crate::scope::Scope;

/// The kind, as far as a contract says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentKind {
    /// This one.
    Exactly(ClientKind),
    /// One that keeps a secret: a machine if its only grant type is `client_credentials`, else web.
    Confidential,
    /// One that does not: native if a redirect URI has a private-use scheme or a loopback host, else spa.
    Public,
}

impl SentKind {
    /// Which kind it is for these grant types and redirect URIs.
    pub fn infer(self, grants: Option<&GrantTypes>, uris: &[RedirectUri]) -> ClientKind {
        match self {
            Self::Exactly(kind) => kind,
            Self::Confidential => {
                let is_own = |grant| matches!(grant, GrantType::ClientCredentials | GrantType::TokenExchange);
                let machine = grants.is_some_and(|grants| {
                    grants.contains(GrantType::ClientCredentials) && grants.iter().all(is_own)
                });
                if machine { ClientKind::Machine } else { ClientKind::Web }
            }
            Self::Public => {
                let native = uris.iter().any(RedirectUri::is_on_the_device);
                if native { ClientKind::Native } else { ClientKind::Spa }
            }
        }
    }

    /// Whether a client of this kind may be said to be so: the kind itself never changes.
    pub fn agrees_with(self, kind: ClientKind) -> bool {
        match self {
            Self::Exactly(sent) => sent == kind,
            Self::Confidential => kind.is_confidential(),
            Self::Public => !kind.is_confidential(),
        }
    }
}

impl ClientKind {
    /// The grant types of a client that was registered without any.
    pub fn default_grant_types(self) -> GrantTypes {
        match self {
            Self::Web | Self::Spa | Self::Native => {
                GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken])
            }
            Self::Machine => GrantTypes::new([GrantType::ClientCredentials]),
        }
    }
}

/// What a new client shall be, as it was sent through any contract. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct ClientDraft {
    /// Its kind, or what is said of it.
    pub kind: Option<SentKind>,
    /// Display name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Grant types.
    pub grant_types: Option<Vec<String>>,
    /// Redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Origins that may call across origins.
    pub allowed_origins: Option<Vec<String>>,
    /// Scopes, one an entry.
    pub scopes: Option<Vec<String>>,
    /// Lifetime of access tokens, seconds.
    pub access_lifetime: Option<i64>,
    /// Lifetime of refresh tokens, seconds.
    pub refresh_lifetime: Option<i64>,
    /// Whether it may get tokens; yes by default.
    pub enabled: Option<Enabled>,
    /// Whose application it is; a third party's by default.
    pub party: Option<Party>,
    /// How it proves who it is; by default as its kind does.
    pub auth_method: Option<AuthMethod>,
    /// Homepage.
    pub client_uri: Option<String>,
    /// Logo.
    pub logo_uri: Option<String>,
    /// How its tokens are made.
    pub settings: ClientSettingsPatch,
    /// What is rarely used.
    pub metadata: MetadataPatch,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// A client that may be registered: all that a caller decides about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSpec {
    /// Its kind.
    pub kind: ClientKind,
    /// How it proves who it is.
    pub auth_method: AuthMethod,
    /// Display name.
    pub name: Box<str>,
    /// The grants it may use.
    pub grant_types: GrantTypes,
    /// The scopes it may have.
    pub scope: Scope,
    /// How its tokens are made.
    pub tokens: TokenPolicy,
    /// Whether it may get tokens.
    pub enabled: Enabled,
    /// Whose application it is.
    pub party: Party,
    /// The rest, without owner and times.
    pub registration: Registration,
}

impl From<ClientPatch> for ClientDraft {
    /// The draft that says what a patch says: `null` is as good as absent where something is made.
    fn from(patch: ClientPatch) -> Self {
        Self {
            kind: patch.kind.over(None),
            name: patch.name.over(None),
            description: patch.description.over(None),
            grant_types: patch.grant_types.over(None),
            redirect_uris: patch.redirect_uris.over(None),
            post_logout_redirect_uris: patch.post_logout_redirect_uris.over(None),
            allowed_origins: patch.allowed_origins.over(None),
            scopes: patch.scopes.over(None),
            access_lifetime: patch.access_lifetime.over(None),
            refresh_lifetime: patch.refresh_lifetime.over(None),
            enabled: patch.enabled.over(None),
            party: patch.party.over(None),
            auth_method: patch.auth_method.over(None),
            client_uri: patch.client_uri.over(None),
            logo_uri: patch.logo_uri.over(None),
            settings: patch.settings,
            metadata: patch.metadata,
            unread: patch.unread,
        }
    }
}

impl ClientDraft {
    /// The draft that asks for a client like this one.
    pub fn of(found: &RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            kind: Some(SentKind::Exactly(client.kind)),
            name: Some(client.name.to_string()),
            description: registration.description.as_deref().map(str::to_owned),
            grant_types: Some(client.grant_types.iter().map(|grant| grant.name().to_owned()).collect()),
            redirect_uris: Some(texts(&registration.redirect_uris)),
            post_logout_redirect_uris: Some(texts(&registration.post_logout_redirect_uris)),
            allowed_origins: Some(texts(&registration.allowed_origins)),
            scopes: Some(client.scope.iter().map(str::to_owned).collect()),
            access_lifetime: Some(client.tokens.access_lifetime.0),
            refresh_lifetime: Some(client.tokens.refresh_lifetime.0),
            enabled: Some(client.enabled),
            party: Some(client.party),
            auth_method: Some(client.auth_method),
            client_uri: registration.client_uri.as_ref().map(WebUri::to_string),
            logo_uri: registration.logo_uri.as_ref().map(WebUri::to_string),
            settings: ClientSettingsPatch::restating(found),
            metadata: MetadataPatch::restating(&registration.metadata),
            unread: Violations::default(),
        }
    }

    /// Checks all of it and fills in what was not said.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn check(&self, rules: &Rules<'_>) -> Result<ClientSpec, Violations> {
        let mut reader = ClientReader { rules, violations: self.unread.clone() };
        if self.name.is_none() {
            reader.missing(Field::Name);
        }
        let name = self.name.as_deref().map(|sent| reader.name(sent)).unwrap_or_default();
        let description = self.description.as_deref().and_then(|sent| reader.description(sent));
        let sent_grants =
            self.grant_types.as_deref().map(|sent| reader.grant_types(sent, &GrantTypes::default()));
        if sent_grants.is_none() && rules.profile.grant_types == Need::Required {
            reader.missing(Field::GrantTypes);
        }
        let sent_uris = self.redirect_uris.as_deref().unwrap_or_default();
        let redirect_uris = reader.redirect_uris(Field::RedirectUris, sent_uris);
        let kind = self.kind(&mut reader, sent_grants.as_ref(), &redirect_uris);
        let grant_types = match (sent_grants, kind) {
            (Some(sent), _) => sent,
            // What could not be read is noted; a default in its place would only bring up more.
            (None, Some(kind)) if !reader.violations.has(&Field::GrantTypes) => kind.default_grant_types(),
            (None, _) => GrantTypes::default(),
        };
        if let Some(kind) = kind {
            reader.fit(kind, &grant_types);
        }
        reader.enough_uris(sent_uris.len(), kind, &grant_types, rules.profile.redirect_uris);
        let post_logout_redirect_uris = reader.redirect_uris(
            Field::PostLogoutRedirectUris,
            self.post_logout_redirect_uris.as_deref().unwrap_or_default(),
        );
        let allowed_origins = reader.origins(self.allowed_origins.as_deref().unwrap_or_default());
        let scope = self.scope(&mut reader);
        let access_lifetime = match self.access_lifetime {
            Some(sent) => reader.lifetime(Field::AccessLifetime, sent, &rules.access_lifetimes),
            None => rules.default_access_lifetime(),
        };
        let refresh_lifetime = match self.refresh_lifetime {
            Some(sent) => reader.lifetime(Field::RefreshLifetime, sent, &rules.refresh_lifetimes),
            None => rules.default_refresh_lifetime(),
        };
        let mut tokens = TokenPolicy { access_lifetime, refresh_lifetime, ..TokenPolicy::default() };
        let mut registration = Registration {
            description,
            redirect_uris,
            post_logout_redirect_uris,
            allowed_origins,
            client_uri: self.client_uri.as_deref().and_then(|sent| reader.web_uri(Field::ClientUri, sent)),
            logo_uri: self.logo_uri.as_deref().and_then(|sent| reader.web_uri(Field::LogoUri, sent)),
            ..Registration::default()
        };
        self.settings.apply_to(&mut tokens, &mut registration, &mut reader.violations);
        self.settings.rate.apply_to(&mut tokens.choices.rate, &mut reader);
        self.metadata.apply_to(&mut registration.metadata, &mut reader);
        let keys = self.settings.published(&registration, &self.metadata.jwks_uri);
        self.settings.settle_encryption(&mut tokens, keys, &mut reader.violations);
        registration.metadata.logout.fits(&registration.redirect_uris, &mut reader);
        registration.metadata.software.fits(&registration.redirect_uris, &mut reader);
        self.metadata.subjects.apply_to(
            (&mut tokens.sector, &mut registration.metadata.sector_identifier_uri),
            (&registration.redirect_uris, true),
            &mut reader,
        );
        let types = &self.metadata.response_types;
        registration.metadata.response_types.fit(types, &grant_types, &mut reader);
        let Some(kind) = kind else { return Err(reader.violations) };
        self.settings.fits(kind, &mut reader.violations);
        let method = match self.auth_method {
            Some(sent) => reader.auth_method(kind, sent),
            None => AuthMethod::of(kind),
        };
        let means = Means { method, registration: &registration };
        self.settings.proving.apply_to(&mut tokens.choices, means, &mut reader.violations);
        registration.metadata.request.fits(method, &registration, &mut reader);
        reader.violations.checked(ClientSpec {
            kind,
            auth_method: method,
            name,
            grant_types,
            scope,
            tokens,
            enabled: self.enabled.unwrap_or(Enabled::Yes),
            party: self.party.unwrap_or(Party::Third),
            registration,
        })
    }

    /// The kind; none, and noted, where it is neither said nor to be inferred.
    fn kind(
        &self,
        reader: &mut ClientReader<'_>,
        grants: Option<&GrantTypes>,
        uris: &[RedirectUri],
    ) -> Option<ClientKind> {
        let sent = match (self.kind, reader.rules.profile.kind) {
            (Some(SentKind::Confidential | SentKind::Public) | None, Unsaid::Refused) => None,
            // One that could not be read is noted; taking another in its place would mislead.
            (None, Unsaid::Confidential) if reader.violations.has(&Field::Kind) => None,
            (None, Unsaid::Confidential) => Some(SentKind::Confidential),
            (Some(sent), _) => Some(sent),
        };
        if sent.is_none() {
            reader.missing(Field::Kind);
        }
        sent.map(|sent| sent.infer(grants, uris))
    }

    fn scope(&self, reader: &mut ClientReader<'_>) -> Scope {
        match (&self.scopes, reader.rules.profile.default_scopes) {
            (Some(sent), _) => reader.scopes(sent, &Scope::default()),
            (None, Some(default)) => Scope::parse(&default.join(" ")).unwrap_or_default(),
            (None, None) => {
                reader.missing(Field::Scopes);
                Scope::default()
            }
        }
    }
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(T::to_string).collect()
}
