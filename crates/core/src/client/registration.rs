//! What of a client the token endpoint has no use for.

use std::borrow::Cow;

use super::{Client, ClientJwks, ClientKind, ClientSecret, Metadata, RedirectUri, WebOrigin, WebUri};
use crate::ids::UserId;
use crate::time::Micros;

/// Whether a code exchange must prove that it comes from where the authorization request came from
/// (RFC 7636, S256 only). A challenge that was sent is always honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkce {
    /// An authorization request without a challenge is refused.
    Required,
    /// A confidential client may do without.
    #[default]
    WhenSent,
}

/// What was registered besides what the token endpoint needs. Lists keep the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registration {
    /// For people who manage it, and for the consent screen.
    pub description: Option<Box<str>>,
    /// Where answers may be sent.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Origins that may call across origins.
    pub allowed_origins: Vec<WebOrigin>,
    /// Homepage.
    pub client_uri: Option<WebUri>,
    /// Logo.
    pub logo_uri: Option<WebUri>,
    /// The person who made it.
    pub owner: Option<UserId>,
    /// The client's own setting; see [`RegisteredClient::pkce`] for what holds.
    pub pkce: Pkce,
    /// Its public keys.
    pub jwks: Option<ClientJwks>,
    /// What else is registered, and rarely used.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

impl Registration {
    /// Nothing but the time at which the client is made.
    pub fn at(now: Micros) -> Self {
        Self { created_at: now, updated_at: now, ..Self::default() }
    }

    /// The origins whose pages may call with this client: those that were registered, and for a single-page
    /// application that registered none, the origins of its redirect URIs.
    pub fn origins(&self, kind: ClientKind) -> Cow<'_, [WebOrigin]> {
        if kind != ClientKind::Spa || !self.allowed_origins.is_empty() {
            return Cow::Borrowed(&self.allowed_origins);
        }
        let mut origins: Vec<WebOrigin> = Vec::new();
        for origin in self.redirect_uris.iter().filter_map(|uri| WebOrigin::of(uri.as_str())) {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Cow::Owned(origins)
    }
}

/// A client with all that was registered.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// What the token endpoint needs.
    pub client: Client,
    /// The rest.
    pub registration: Registration,
}

impl RegisteredClient {
    /// What holds: public clients always prove where they come from.
    pub const fn pkce(&self) -> Pkce {
        if self.client.kind.is_confidential() { self.registration.pkce } else { Pkce::Required }
    }

    /// The redirect URI that a request presented, if it is registered.
    pub fn redirect_uri(&self, presented: &str) -> Option<&RedirectUri> {
        self.registration
            .redirect_uris
            .iter()
            .find(|registered| registered.matches(presented, self.client.kind))
    }

    /// The secret that was made last; none for a public client.
    pub fn newest_secret(&self) -> Option<&ClientSecret> {
        self.client.secrets.iter().max_by_key(|secret| (secret.created_at, secret.id))
    }

    /// The newest secret, masked; none for a public client.
    pub fn masked_secret(&self) -> Option<String> {
        self.newest_secret().map(ClientSecret::masked)
    }
}
