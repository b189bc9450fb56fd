//! Applications that register themselves (RFC 7591), manage their registration (RFC 7592), and what holds for them. They
//! are clients like all others; beside each stands the row that says how it came and who may manage it.

mod decide;
mod document;
mod policy;
mod statement;
mod tokens;

pub use decide::{
    ManagedClient, Managing, NewRegistration, Registering, RegistrationProof, SentSecret, ServerDecided,
    Unused, Updated, admit, authenticated, register, remove, swept, update,
};
pub use document::{Describing, DocumentSent, described, may_describe};
pub use policy::settle;
pub use statement::{Statement, verify};
pub use tokens::{MadeToken, NewRegistrationToken, RegistrationToken, TokenDraft};
pub use tokens::{create as create_token, delete as delete_token};

use crate::ids::{ClientId, RegistrationTokenId, TenantId};
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};

/// Where clients register themselves, below the issuer.
pub const REGISTRATION_PATH: &str = "/oauth2/register";

/// A write about clients that register themselves.
#[derive(Debug, Clone)]
pub enum RegisteringChange {
    /// Remembers how a client came. Guarded: the tenant has room for another one.
    Add(Box<NewManaged>),
    /// Gives a client another registration access token: the one before is worth nothing any more. Guarded: it had that
    /// one.
    Rotate {
        /// Which client.
        client: ClientId,
        /// The hash until now.
        from: Digest32,
        /// The hash from now on.
        to: Digest32,
    },
    /// Makes an initial access token.
    CreateToken(Box<NewRegistrationToken>),
    /// Uses an initial access token. Guarded: it has a use left, and its time is not over.
    UseToken {
        /// Which token.
        token: RegistrationTokenId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Ends an initial access token. Guarded: it is there.
    DeleteToken {
        /// Which token.
        token: RegistrationTokenId,
        /// Of which tenant.
        tenant: TenantId,
    },
}

/// How a client came that has registered itself.
#[derive(Debug, Clone)]
pub struct NewManaged {
    /// Which client.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// SHA-256 of its registration access token.
    pub hash: Digest32,
    /// The initial access token that it came with; none: it needed none.
    pub token: Option<RegistrationTokenId>,
    /// When it goes unless it has got a token by then; none: it stays.
    pub unused_until: Option<Micros>,
    /// How long it lives without getting a token, once it has got one; none: for good.
    pub idle: Option<Seconds>,
    /// How many such clients the tenant may have.
    pub most: i64,
}
