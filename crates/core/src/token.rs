//! Access tokens: what is recorded of one, what its bearer gets, and when it is live.
//!
//! JWT (RFC 9068), encrypted JWT and opaque tokens share one path: all carry their row id, and the row holds
//! SHA-256 of the whole token as presented. Finding a token is a primary-key read and one
//! comparison; no signature has to be checked and no `alg` can lie.

use std::sync::Arc;

use crate::actors::ActorChain;
use crate::base62;
use crate::confirmation::Confirmation;
use crate::ids::{ClientId, GrantId, TenantId, TokenId, UserId};
use crate::scope::Scope;
use crate::secret::{Digest32, sha256};
use crate::session::Authentication;
use crate::subject::Sector;
use crate::time::Micros;
use writ_jose::JsonObject;

/// What an opaque access token begins with.
pub const OPAQUE_PREFIX: &str = "at_";

/// What the payload of every JWT access token begins with, and the header of every encrypted one.
/// [`TokenRef::parse`] relies on it, so it never changes; a token with another beginning was not made here.
const PAYLOAD_START: &[u8] = b"{\"jti\":\"";

/// Who a token is for: space-separated names, none of which contains white space (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience(Arc<str>);

impl Audience {
    /// From names in order; a repeated name counts once.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut joined = String::new();
        for name in names {
            if joined.split(' ').any(|known| known == name) {
                continue;
            }
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(name);
        }
        Self(joined.into())
    }

    /// As stored.
    pub fn from_stored(joined: &str) -> Self {
        Self(joined.into())
    }

    /// As stored: names joined by one space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As stored, without a copy.
    pub fn into_stored(self) -> Arc<str> {
        self.0
    }

    /// Adds `aud`: one name or several (RFC 7519 §4.1.3); nothing where there is none.
    pub fn write_to(&self, json: &mut JsonObject) {
        let mut names = self.iter();
        match (names.next(), names.next()) {
            (None, _) => {}
            (Some(only), None) => {
                json.string("aud", only);
            }
            (Some(_), Some(_)) => {
                json.strings("aud", &self.iter().collect::<Vec<_>>());
            }
        }
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|name| !name.is_empty())
    }

    /// Whether a name is among them.
    pub fn names(&self, name: &str) -> bool {
        self.iter().any(|known| known == name)
    }
}

/// The versions of the cached facts that a decision rests on; the write repeats them as its guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// Version of the client's row.
    pub client_version: i64,
    /// Version of the tenant's row, which also covers its keys.
    pub tenant_version: i64,
}

/// An access token to be recorded.
#[derive(Debug, Clone)]
pub struct NewAccessToken {
    /// Row id, and `jti`.
    pub id: TokenId,
    /// Whose issuer made it.
    pub tenant: TenantId,
    /// Who it was issued to.
    pub client: ClientId,
    /// Whom it speaks for; nobody for a machine's own token.
    pub user: Option<UserId>,
    /// The grant it came from; none for a machine's own token.
    pub grant: Option<GrantId>,
    /// SHA-256 of the whole token.
    pub hash: Digest32,
    /// What it may do.
    pub scope: Scope,
    /// Who it is for.
    pub audience: Audience,
    /// What it is bound to; none: it is for whoever has it.
    pub cnf: Option<Confirmation>,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// What it was decided on.
    pub basis: Basis,
}

/// A new opaque token: prefix, then base62 of the row id and 256 random bits.
pub(crate) fn opaque(prefix: &str, id: [u8; 16], random: [u8; 32]) -> String {
    let mut bytes = [0; 48];
    let (head, tail) = bytes.split_at_mut(16);
    head.copy_from_slice(&id);
    tail.copy_from_slice(&random);
    let mut token = String::with_capacity(prefix.len() + base62::width(48));
    token.push_str(prefix);
    base62::encode(&bytes, &mut token);
    token
}

/// A presented access token, as far as it can be read without storage: where its row would be, and
/// the hash that the row must bear.
#[derive(Debug, Clone, Copy)]
pub struct TokenRef {
    /// Row id.
    pub id: TokenId,
    /// SHA-256 of the whole presented text.
    pub hash: Digest32,
}

impl TokenRef {
    /// Reads a presented token. `None`: nothing that this server could have issued.
    pub fn parse(presented: &str) -> Option<Self> {
        let id = if let Some(rest) = presented.strip_prefix(OPAQUE_PREFIX) {
            let bytes = base62::decode::<48>(rest)?;
            let (id, _) = bytes.split_first_chunk::<16>()?;
            TokenId::from_bytes(*id)
        } else {
            jwt_id(presented)?
        };
        Some(Self { id, hash: sha256(presented.as_bytes()) })
    }
}

/// The `jti` of one of our own JWTs: of a signed one from its payload, of an encrypted one from its header, which
/// begins alike. No signature is checked, and nobody believes what stands there: it says where to look for the row, and
/// the row holds the hash of the whole token.
fn jwt_id(compact: &str) -> Option<TokenId> {
    use base64::Engine;
    let bytes = compact.as_bytes();
    let mut dots = memchr::memchr_iter(b'.', bytes);
    let (first, second) = (dots.next()?, dots.next()?);
    let telling = match (dots.next(), dots.next(), dots.next()) {
        (None, ..) => bytes.get(first + 1..second)?,
        (Some(_), Some(_), None) => bytes.get(..first)?,
        (Some(_), ..) => return None,
    };
    // `{"jti":"` and a UUID are 44 bytes: 60 characters of base64url hold 45.
    let mut start = [0u8; 45];
    let head = telling.get(..60)?;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode_slice(head, &mut start).ok()?;
    let rest = start.strip_prefix(PAYLOAD_START)?;
    let uuid = std::str::from_utf8(rest.get(..36)?).ok()?;
    TokenId::parse_uuid(uuid)
}

/// The types of tokens that are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
}

impl TokenType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Access, Self::Refresh];

    /// The name, as a token type hint has it (RFC 7009 §2.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Refresh => "refresh_token",
        }
    }

    /// Finds a type by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What a recorded token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An access token.
    Access,
    /// A refresh token, live while it was not used.
    Refresh {
        /// Its family: what ends with it.
        family: GrantId,
    },
}

impl TokenKind {
    /// Its type.
    pub const fn of_type(self) -> TokenType {
        match self {
            Self::Access => TokenType::Access,
            Self::Refresh { .. } => TokenType::Refresh,
        }
    }
}

/// A recorded token with the present state of everything it depends on.
#[derive(Debug, Clone)]
pub struct TokenFacts {
    /// Row id.
    pub id: TokenId,
    /// What it is.
    pub kind: TokenKind,
    /// Who it was issued to.
    pub client: ClientId,
    /// Whom it speaks for.
    pub user: Option<UserId>,
    /// SHA-256 of the whole token.
    pub hash: Digest32,
    /// What it may do.
    pub scope: Scope,
    /// Who it is for; nobody, for a refresh token.
    pub audience: Audience,
    /// What it is bound to; none: it is for whoever has it.
    pub cnf: Option<Confirmation>,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// Since when it has been revoked, or used up.
    pub revoked_at: Option<Micros>,
    /// The public id of its client; none: the client is gone.
    pub client_id: Option<Arc<str>>,
    /// The person's username; none: it speaks for nobody, or they are gone.
    pub username: Option<Arc<str>>,
    /// The names of the roles that the person bears now.
    pub roles: Vec<Box<str>>,
    /// In which sector its client knows people.
    pub sector: Option<Sector>,
    /// Its client's generation.
    pub client_parent: Parent,
    /// Its tenant's generation.
    pub tenant_parent: Parent,
    /// Its user's generation.
    pub user_parent: Parent,
    /// Its grant.
    pub grant: GrantState,
    /// Who acts with it.
    pub actors: ActorChain,
    /// How its person had proved to be themselves; none: it speaks for nobody.
    pub authentication: Option<Authentication>,
    /// The latest of its parents' marks: tokens issued before it were ended.
    pub issued_before: Micros,
}

/// The generation stored in a token against that of the parent's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// The token has no such parent.
    None,
    /// The parent's row is gone.
    Gone,
    /// The parent's row is there.
    Present {
        /// The generation stored in the token.
        stored: i64,
        /// The parent's generation now.
        current: i64,
    },
}

impl Parent {
    /// Whether the parent still is as it was when the token was made.
    pub const fn alive(self) -> bool {
        match self {
            Self::None => true,
            Self::Gone => false,
            Self::Present { stored, current } => stored == current,
        }
    }
}

/// The grant behind a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantState {
    /// There is none: a machine's own token.
    None,
    /// Its row is gone.
    Gone,
    /// It was ended, or what it comes of was.
    Ended,
    /// It goes on.
    Live,
}

/// Why a token is not live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    /// Its time is over.
    Expired,
    /// It was revoked itself.
    Revoked,
    /// Its grant ended.
    GrantEnded,
    /// Its client, user or tenant ended all their tokens, or is gone.
    ParentEnded,
    /// The row is another token's: the text was altered.
    OtherToken,
}

impl Dead {
    /// In words, for the log and the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "the token has expired",
            Self::Revoked => "the token was revoked",
            Self::GrantEnded => "the token's grant has ended",
            Self::ParentEnded => "all tokens of its client, person or tenant were ended",
            Self::OtherToken => "unknown token",
        }
    }
}

impl TokenFacts {
    /// Whether the token is live at `now`. Liveness is derived here and copied nowhere.
    pub fn live(&self, now: Micros) -> Result<(), Dead> {
        if self.expires_at <= now {
            return Err(Dead::Expired);
        }
        if self.revoked_at.is_some() {
            return Err(Dead::Revoked);
        }
        match self.grant {
            GrantState::None | GrantState::Live => {}
            GrantState::Gone | GrantState::Ended => return Err(Dead::GrantEnded),
        }
        // The one comparison of times: a mark is a time that an operator named.
        if self.issued_at < self.issued_before {
            return Err(Dead::ParentEnded);
        }
        if self.client_parent.alive() && self.tenant_parent.alive() && self.user_parent.alive() {
            Ok(())
        } else {
            Err(Dead::ParentEnded)
        }
    }

    /// Whether ending it ends anything: a refresh token takes its family with it, also after it was used.
    pub fn holds_something(&self, now: Micros) -> bool {
        match self.kind {
            TokenKind::Access => self.live(now).is_ok(),
            TokenKind::Refresh { .. } => {
                let parents = [self.client_parent, self.tenant_parent, self.user_parent];
                self.grant == GrantState::Live && parents.into_iter().all(Parent::alive)
            }
        }
    }

    /// Whether the row is that of the presented text, and live.
    pub fn live_as(&self, presented: &TokenRef, now: Micros) -> Result<(), Dead> {
        if !self.hash.ct_eq(&presented.hash) {
            return Err(Dead::OtherToken);
        }
        self.live(now)
    }
}
