//! The client: an application that is registered with a tenant (RFC 6749 §2).
//!
//! [`Client`] is what the token endpoint reads. All else that was registered is a [`Registration`], read
//! where somebody signs in or manages clients. What a contract sends is a [`ClientDraft`] or a [`ClientPatch`].

mod auth_method;
mod choices;
#[cfg(test)]
mod corpus;
mod document;
mod draft;
mod exchanging;
mod jwks;
#[cfg(test)]
mod laws;
mod logo;
mod logout_uris;
mod metadata;
mod naming;
mod origin;
mod own_look;
mod patch;
mod proving;
mod rate;
mod read;
mod recipients;
mod redirect_uri;
mod registration;
mod requesting;
mod response_types;
mod rules;
mod secrets;
mod settings;
mod signing_in;
mod software;
mod subjects;
#[cfg(test)]
mod tests;
mod translations;
mod uri;

use std::fmt;
use std::sync::Arc;

use crate::actors::ActorChain;
use crate::authority::{Permission, Permissions};
use crate::change::Enabled;
use crate::ids::{ClientId, SecretId, TenantId};
use crate::networks::AllowList;
use crate::scope::Scope;
use crate::secret::Digest32;
use crate::settings::Switch;
use crate::subject::Sector;
use crate::time::{Micros, Seconds};
use writ_jose::Algorithm;

pub use crate::violation::{Field, Violation, Violations};
pub use auth_method::{AuthMethod, SecretKept};
pub use choices::{IdTokenClaims, TokenChoices, TokenChoicesPatch, Typ};
pub use document::{ClientName, DocumentId};
pub use draft::{ClientDraft, ClientSpec, SentKind};
pub use exchanging::{ExchangePolicy, ExchangePolicyPatch};
pub use jwks::{ClientJwks, JwksError, MAX_JWKS_BYTES, MAX_KEYS, NoRecipient, Recipient, RecipientPlace};
pub use logo::{
    ClientLogo, DueLogo, LOGOS_MOST, LogoInLanguage, LogoOnPage, LogoSearch, LogoUpdate, LogoWish, MissedLogo,
};
pub use logout_uris::{LogoutUris, LogoutUrisPatch};
pub use metadata::{Metadata, MetadataPatch, Rare};
pub use naming::{Naming, Prefix, PrefixError};
pub use origin::{WebOrigin, WebUri};
pub use own_look::{ClientLook, ClientLookPatch};
pub use patch::{ClientPatch, Update};
pub use proving::{AssertionAudience, AuthAlg, ProvingPatch};
pub use rate::{TokenRate, TokenRatePatch, within};
pub use recipients::{AnswerEncryption, AnswerRecipients};
pub(crate) use redirect_uri::answer_parameter;
pub use redirect_uri::{Destination, RedirectReach, RedirectUri, RedirectUriError};
pub use registration::{Pkce, RegisteredClient, Registration};
pub use requesting::{ObjectAlg, ObjectEncryption, Requesting, RequestingPatch};
pub use response_types::{ResponseType, ResponseTypes};
pub use rules::{Need, PasswordGrant, Profile, Rules, ScopeRegistry, Unsaid, UriNeed};
pub use secrets::{GeneratedSecret, MASK, Overlap, Sealer, generate};
pub use settings::{ClientSettingsPatch, EncryptionPatch, TokenSetting, TokenShape};
pub use signing_in::{SignInChoices, SigningInPatch};
pub use software::{ApplicationType, Software, SoftwarePatch};
pub use subjects::{SectorList, SubjectType, SubjectsPatch};
pub use translations::{Translatable, Translations, TranslationsPatch};
pub(crate) use uri::check_resource_uri;
pub use uri::{Leniency, UriError};

/// What sort of application a client is; fixed at creation. It decides confidentiality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// Runs on a server and can keep a secret.
    Web,
    /// Runs in a browser: public.
    Spa,
    /// Runs on a person's device: public.
    Native,
    /// Acts for itself: confidential.
    Machine,
}

impl ClientKind {
    /// The name as stored and as the clients API shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::Native => "native",
            Self::Machine => "machine",
        }
    }

    /// Finds a kind by name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Web, Self::Spa, Self::Native, Self::Machine].into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a client of this kind can keep a secret (RFC 6749 §2.1).
    pub const fn is_confidential(self) -> bool {
        match self {
            Self::Web | Self::Machine => true,
            Self::Spa | Self::Native => false,
        }
    }
}

/// A way to get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.3: dropped by OAuth 2.1, off unless a tenant turns it on.
    Password,
    /// RFC 6749 §4.2: what the authorization endpoint gives without a code (OpenID Connect Core §3.2). The token endpoint knows
    /// nothing of it.
    Implicit,
    /// RFC 8628: for devices without a browser.
    DeviceCode,
    /// RFC 8693: for tokens of people that were sent to the client.
    TokenExchange,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: [Self; 7] = [
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::Password,
        Self::Implicit,
        Self::DeviceCode,
        Self::TokenExchange,
    ];

    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::Password => "password",
            Self::Implicit => "implicit",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// Finds a grant type by the value of `grant_type`.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// A set of grant types that keeps the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantTypes(Vec<GrantType>);

impl GrantTypes {
    /// From a list; a repeated entry counts once.
    pub fn new(list: impl IntoIterator<Item = GrantType>) -> Self {
        let mut grants = Vec::new();
        for grant in list {
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        Self(grants)
    }

    /// Whether the grant type is among them.
    pub fn contains(&self, grant: GrantType) -> bool {
        self.0.contains(&grant)
    }

    /// In the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = GrantType> {
        self.0.iter().copied()
    }
}

/// Whose application a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The tenant's own: no consent screen, and a person may act through it.
    First,
    /// Somebody else's.
    Third,
}

/// What an access token looks like to its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFormat {
    /// A JWT by RFC 9068, signed with this algorithm, or the tenant's default one.
    Jwt(Option<Algorithm>),
    /// A random reference.
    Opaque,
}

/// A client secret, as stored.
#[derive(Clone)]
pub struct ClientSecret {
    /// Row id.
    pub id: SecretId,
    /// How to recognise it.
    pub hash: SecretHash,
    /// What the mask begins with (`csec_`, `sk_live_`).
    pub prefix: Box<str>,
    /// The last four characters, for the mask.
    pub last_four: Box<str>,
    /// When it was made.
    pub created_at: Micros,
    /// When it stops working.
    pub expires_at: Option<Micros>,
}

impl ClientSecret {
    /// Whether it works at `now`.
    pub fn live(&self, now: Micros) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How a secret is recognised.
#[derive(Clone)]
pub enum SecretHash {
    /// HMAC-SHA-256 under the server's hash key: right for secrets of 190 bits or more that Writ made.
    Keyed(Digest32),
    /// argon2id (PHC string): for a secret that a person or another system chose.
    Slow(Arc<str>),
    /// The secret itself, sealed under the master key with its row id as context: for a client that signs with it.
    Sealed(Arc<[u8]>),
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyed(_) => f.write_str("Keyed([redacted])"),
            Self::Slow(_) => f.write_str("Slow([redacted])"),
            Self::Sealed(_) => f.write_str("Sealed([redacted])"),
        }
    }
}

/// What is known of a presented secret: facts that core compares and never computes.
#[derive(Debug, Clone, Default)]
pub struct SecretProof {
    /// The keyed hash of what was presented.
    pub keyed: Option<Digest32>,
    /// The secret whose slow hash matched, found out on the bounded pool while loading.
    pub slow: Option<SecretId>,
}

/// How long, how and for whom a client's tokens are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPolicy {
    /// What access tokens look like.
    pub format: TokenFormat,
    /// Lifetime of access tokens, seconds.
    pub access_lifetime: Seconds,
    /// Lifetime of refresh tokens, seconds.
    pub refresh_lifetime: Seconds,
    /// Audience besides the issuer.
    pub audience: Vec<Box<str>>,
    /// Whether a refresh token is replaced when it is used.
    pub rotation: Switch,
    /// What ID tokens are signed with; none: as the tenant's are.
    pub id_token_alg: Option<Algorithm>,
    /// What ID tokens are encrypted to; none: they are signed alone.
    pub id_token_recipient: Option<Box<Recipient>>,
    /// What access tokens are encrypted to; none: they are signed alone.
    pub access_token_recipient: Option<Box<Recipient>>,
    /// What answers are encrypted to.
    pub answers: AnswerRecipients,
    /// From where the client may use its credential, and what it got with it for itself.
    pub networks: AllowList,
    /// What is rarely chosen.
    pub choices: TokenChoices,
    /// In which sector they name people; none: by the name that all clients know (OpenID Connect Core §8).
    pub sector: Option<Sector>,
    /// What the client may do with tokens of others, and whether it is an agent; none: nothing, and none.
    pub exchange: Option<Box<ExchangePolicy>>,
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            format: TokenFormat::Jwt(None),
            access_lifetime: Seconds(3600),
            refresh_lifetime: Seconds(2_592_000),
            audience: Vec::new(),
            rotation: Switch::On,
            id_token_alg: None,
            id_token_recipient: None,
            access_token_recipient: None,
            answers: AnswerRecipients::default(),
            networks: AllowList::default(),
            choices: TokenChoices::default(),
            sector: None,
            exchange: None,
        }
    }
}

/// A registered client, as read from storage.
#[derive(Debug, Clone)]
pub struct Client {
    /// Row id.
    pub id: ClientId,
    /// Whose client it is.
    pub tenant: TenantId,
    /// Public `client_id`, unique in the whole server.
    pub client_id: Arc<str>,
    /// Display name.
    pub name: Box<str>,
    /// What sort of application it is.
    pub kind: ClientKind,
    /// How it proves who it is; fits its kind.
    pub auth_method: AuthMethod,
    /// The grants it may use.
    pub grant_types: GrantTypes,
    /// The scopes it may have.
    pub scope: Scope,
    /// How its tokens are made.
    pub tokens: TokenPolicy,
    /// Its secrets, at most two live ones.
    pub secrets: Vec<ClientSecret>,
    /// Whether it is one of the tenant's own applications, through which a person may act.
    pub party: Party,
    /// Whether it may get tokens.
    pub enabled: Enabled,
    /// Goes up with every change: the guard of decisions that used this row.
    pub version: i64,
}

impl Client {
    /// The permissions among its scopes: what it may get for itself or on behalf of people.
    pub fn permissions(&self) -> Permissions {
        Permissions::of_scope(&self.scope)
    }

    /// The authority that the client has by its own credential: none without `client_credentials`, for then what is
    /// in its scope is for people to give it.
    pub fn own_permissions(&self) -> Permissions {
        if self.grant_types.contains(GrantType::ClientCredentials) {
            self.permissions()
        } else {
            Permissions::NONE
        }
    }

    /// Whether it acts by itself for people.
    pub fn is_agent(&self) -> bool {
        self.tokens.exchange.as_ref().is_some_and(|policy| policy.agent.is_on())
    }

    /// Who acts with the tokens that people let it have: an agent says so in each of them.
    pub fn acting(&self) -> ActorChain {
        if self.is_agent() { ActorChain::of(&self.client_id) } else { ActorChain::default() }
    }

    /// What somebody needs, beside `oauth:write`, to make or change the client: whoever does could act with all of
    /// it. One that is trusted, because it is first party or among these clients through which people act, or may take
    /// tokens of others, needs `clients:trust` too.
    pub fn authority(&self, interaction_clients: &[Box<str>]) -> Permissions {
        let named = interaction_clients.iter().any(|name| **name == *self.client_id);
        let exchanges = self.tokens.exchange.as_ref().is_some_and(|policy| policy.is_trusted());
        let trusted = (named || exchanges || self.party == Party::First).then_some(Permission::ClientsTrust);
        self.permissions().iter().chain(trusted).collect()
    }

    /// Whether a refresh token is replaced when it is used. That of a public client always is, whatever is stored:
    /// nothing else shows that it was stolen (RFC 9700 §4.14.2).
    pub fn rotation(&self) -> Switch {
        if self.kind.is_confidential() { self.tokens.rotation } else { Switch::On }
    }

    /// Whether a presented secret is one of the client's live ones.
    pub fn proved_by(&self, proof: &SecretProof, now: Micros) -> bool {
        self.proving(proof, now).is_some()
    }

    /// Which of the client's live secrets was presented. Looks at every secret, always.
    pub fn proving(&self, proof: &SecretProof, now: Micros) -> Option<SecretId> {
        let mut proving = None;
        for secret in &self.secrets {
            let matches = match &secret.hash {
                SecretHash::Keyed(hash) => proof.keyed.is_some_and(|keyed| hash.ct_eq(&keyed)),
                SecretHash::Slow(_) => proof.slow == Some(secret.id),
                // It signs, and is never sent.
                SecretHash::Sealed(_) => false,
            };
            if matches & secret.live(now) {
                proving = Some(secret.id);
            }
        }
        proving
    }
}

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// The client. Its version is not looked at: a new row starts at 1.
    pub client: Client,
    /// The rest, with the time at which it was made.
    pub registration: Registration,
}

/// A change of a client: written where the row is still of the version it was decided on.
#[derive(Debug, Clone)]
pub struct ClientUpdate {
    /// As it was: its version is the guard.
    pub before: RegisteredClient,
    /// As it shall be, with the version that it then has.
    pub after: RegisteredClient,
}
