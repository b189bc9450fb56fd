//! All that the world may be asked to write.
//!
//! A decision does not write: it lists [`Changes`]. Only the store knows how each [`Change`]
//! becomes SQL. `Changes` cannot be made without the [`Act`] behind it, so the audit record is
//! part of every unit.

pub use crate::act::{Act, Action, Actor, Origin, Target};
pub use crate::audit::Outcome;
use crate::authority::Permissions;
use crate::client::{ClientSecret, ClientUpdate, LogoUpdate, NewClient};
pub use crate::details::Details;
use crate::encryption_key::{NewEncryptionKey, Replacement};
use crate::flow::FlowChange;
use crate::grant::NewGrant;
use crate::group::GroupChange;
use crate::ids::SessionId;
use crate::ids::{ApiKeyId, ClientId, GrantId, KeyId, RoleId, SecretId, TenantId, TokenId, UserId};
use crate::key::{KeySchedule, NewSigningKey};
use crate::look::PictureChange;
pub use crate::noted::Recorded;
use crate::people::PeopleChange;
use crate::people::factors::FactorChange;
use crate::registration::RegisteringChange;
use crate::resource::ResourceChange;
use crate::role::NewRole;
use crate::scope_registry::{NewScope, ScopeRemoval, ScopeUpdate};
use crate::secret::Digest32;
use crate::tenant::{NewTenant, TenantSettings};
use crate::time::{Micros, Seconds};
use crate::token::{Basis, NewAccessToken};
use crate::token_exchange::NewExchange;
use crate::upstream::UpstreamChange;
use crate::used_once::UsedOnce;
use crate::user::{ApiKey, NewApiKey, NewUser};

/// A write that the store knows how to make.
#[derive(Debug, Clone)]
pub enum Change {
    /// Marks the database as initialised. Guarded: happens once.
    Initialise {
        /// When.
        at: Micros,
        /// The key of the keyed hashes, sealed under the master key.
        sealed_hash_key: Vec<u8>,
    },
    /// Puts what is sealed under another master key. Guarded: each is as it was when it was opened.
    Rewrap(Box<Rewrap>),
    /// Makes a tenant.
    CreateTenant(Box<NewTenant>),
    /// Ends every token of a tenant: its generation goes up by one.
    EndTenantTokens {
        /// Which tenant.
        tenant: TenantId,
    },
    /// Makes a client with its secrets and all that was registered.
    CreateClient(Box<NewClient>),
    /// Something about the pictures of a tenant.
    Picture(PictureChange),
    /// Something about other identity providers.
    Upstream(UpstreamChange),
    /// Something about clients that register themselves.
    Registering(RegisteringChange),
    /// Changes a client. Guarded by the version it was decided on.
    UpdateClient(Box<ClientUpdate>),
    /// Gives a client another logo, or none. Guarded by the version it was decided on.
    SetClientLogo(Box<LogoUpdate>),
    /// Lets a client get tokens, or no more. Tokens it has live on.
    SetClientEnabled {
        /// Which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
        /// The new state.
        enabled: Enabled,
        /// When.
        at: Micros,
    },
    /// Removes a client; every token of it is dead with it. Guarded: it is there.
    DeleteClient {
        /// Which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
        /// Only while it has this version.
        only: Option<i64>,
    },
    /// Ends every token of a client: its generation goes up by one.
    EndClientTokens {
        /// Which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
    },
    /// Gives a client a further secret; those that it has work on. Guarded by the version of the client
    /// that it was decided on: of two rotations at the same time one happens.
    AddClientSecret {
        /// Which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
        /// The client's version it was decided on.
        version: i64,
        /// The secret.
        secret: Box<ClientSecret>,
    },
    /// Lets a secret work until `end` and no longer. Guarded: it is there, and it has no end that is
    /// as early.
    EndClientSecret {
        /// Which secret.
        secret: SecretId,
        /// Of which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
        /// When it stops working.
        end: Micros,
        /// When.
        at: Micros,
    },
    /// Removes a secret: no clock has a say in when it stops working. Guarded: it is there.
    RemoveClientSecret {
        /// Which secret.
        secret: SecretId,
        /// Of which client.
        client: ClientId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Adds scopes to a tenant's registry; those that are there stay as they are.
    RegisterScopes(Vec<NewScope>),
    /// Makes a scope.
    CreateScope(Box<NewScope>),
    /// Changes a scope. Guarded by the version it was decided on; another name also by nobody using the old one.
    UpdateScope(Box<ScopeUpdate>),
    /// Removes a scope. Guarded: it is there, and no client has it, or none that it may not be taken from.
    DeleteScope(Box<ScopeRemoval>),
    /// Writes something about a resource; the version of its tenant goes up.
    Resource(ResourceChange),
    /// Writes something about a person.
    People(PeopleChange),
    /// Writes something about what they prove besides their password.
    Factor(FactorChange),
    /// Writes something about groups.
    Group(GroupChange),
    /// Makes a user.
    CreateUser(Box<NewUser>),
    /// Lets a user in, or locks them out; locking out ends every token (generation up by one).
    SetUserEnabled {
        /// Which user.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The new state.
        enabled: Enabled,
        /// When.
        at: Micros,
    },
    /// Gives a user other roles. Guarded by the roles it was decided on.
    SetUserRoles {
        /// Which user.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The roles it was decided on.
        from: Vec<Box<str>>,
        /// The new ones.
        to: Vec<Box<str>>,
        /// When.
        at: Micros,
    },
    /// Removes a user; every token of theirs is dead with them. Guarded: they are there.
    DeleteUser {
        /// Which user.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// Only while the account has this version.
        only: Option<i64>,
    },
    /// Makes a grant.
    CreateGrant(Box<NewGrant>),
    /// Makes a grant that comes of another one. Guarded: that one goes on.
    Exchange(Box<NewExchange>),
    /// Ends a grant; every token that came from it is dead with it. Moves forward only.
    EndGrant {
        /// Which grant.
        grant: GrantId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Makes an API key.
    CreateApiKey(Box<NewApiKey>),
    /// Changes an API key. Guarded by the version it was decided on: what somebody else took from it
    /// meanwhile does not come back with a new name.
    UpdateApiKey {
        /// The key from now on.
        to: Box<ApiKey>,
        /// The version it was decided on.
        version: i64,
    },
    /// Revokes an API key: its row goes. Guarded: it is there.
    DeleteApiKey {
        /// Which key.
        key: ApiKeyId,
        /// Of which tenant.
        tenant: TenantId,
        /// Only while it has this version.
        only: Option<i64>,
    },
    /// Makes a role.
    CreateRole(Box<NewRole>),
    /// Changes what a role may do. Guarded by the version it was decided on.
    UpdateRole {
        /// Which role.
        role: RoleId,
        /// Of which tenant.
        tenant: TenantId,
        /// What it may do from now on.
        permissions: Permissions,
        /// The tenant's own names in it from now on.
        entitlements: Vec<Box<str>>,
        /// The version it was decided on.
        version: i64,
        /// When.
        at: Micros,
    },
    /// Removes a role. Guarded: it is there, as it was decided on, and no user has it.
    DeleteRole {
        /// Which role.
        role: RoleId,
        /// Of which tenant.
        tenant: TenantId,
        /// Its name, as users bear it.
        name: Box<str>,
        /// The version it was decided on.
        version: i64,
    },
    /// Changes a tenant. Guarded by the version it was decided on.
    UpdateTenant {
        /// Which tenant.
        tenant: TenantId,
        /// The new display name.
        name: Box<str>,
        /// The new choices.
        settings: TenantSettings,
        /// The new state.
        enabled: Enabled,
        /// The version it was decided on.
        version: i64,
        /// When.
        at: Micros,
    },
    /// Removes a tenant and all that is in it. Guarded: it is there.
    DeleteTenant {
        /// Which tenant.
        tenant: TenantId,
        /// Only while it has this version.
        only: Option<i64>,
    },
    /// Remembers the answer to a request that may be repeated. Guarded: none is remembered under this name
    /// that has not expired.
    Remember(Box<Remembered>),
    /// Uses an assertion by which a client proves itself, a proof of a key, or the challenge of a passkey. Guarded: it has
    /// not been used, on any node.
    UseOnce(UsedOnce),
    /// Makes a signing key. Guarded: the tenant has no usable key of that algorithm yet.
    CreateSigningKey(Box<NewSigningKey>),
    /// Makes a key that clients encrypt to. Guarded: the tenant has none for that yet.
    CreateEncryptionKey(Box<NewEncryptionKey>),
    /// Puts another one in its place. Guarded: it is the one that is published.
    ReplaceEncryptionKey(Box<Replacement>),
    /// Erases those of a tenant that were replaced at that time or before.
    EraseEncryptionKeys {
        /// Of which tenant.
        tenant: TenantId,
        /// Replaced until when.
        until: Micros,
    },
    /// Adds a signing key and changes the times of others. Guarded by the version of the tenant.
    ScheduleSigningKeys(Box<KeySchedule>),
    /// Lets a signing key sign tokens that live longer. Guarded: it could not yet.
    RaiseKeyLifetime {
        /// Which key.
        key: KeyId,
        /// Of which tenant.
        tenant: TenantId,
        /// The longest lifetime from now on.
        longest: Seconds,
    },
    /// Records an access token. Guarded by the versions of the client and tenant it was decided on.
    IssueAccessToken(Box<NewAccessToken>),
    /// Revokes an access token. Guarded: not revoked yet, and the client that asks is as it was decided on.
    RevokeAccessToken {
        /// Row id of the token.
        token: TokenId,
        /// Of which tenant.
        tenant: TenantId,
        /// The client that asks.
        client: ClientId,
        /// When.
        at: Micros,
        /// What it was decided on.
        basis: Basis,
    },
    /// Revokes an access token, whoever it was issued to. Not guarded: one that is revoked already
    /// stays as it is, and the receipt says so.
    EndAccessToken {
        /// Row id of the token.
        token: TokenId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Ends a grant for a refresh token that comes of it. Not guarded: one that has ended stays as it is, and
    /// the receipt says so.
    EndFamily {
        /// Which grant.
        grant: GrantId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Ends every token of a user: their generation goes up by one.
    EndUserTokens {
        /// Which user.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
    },
    /// Ends every token issued before a time. Moves forward only.
    EndTokensIssuedBefore {
        /// Whose tokens.
        of: TokensOf,
        /// Of which tenant.
        tenant: TenantId,
        /// Tokens issued at this time or later live on.
        before: Micros,
    },
    /// Ends every grant of a person to a client, and with it all that came from it.
    EndGrantsBetween {
        /// To which client.
        client: ClientId,
        /// By which person.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// A write of the sign-in and authorization flows.
    Flow(FlowChange),
}

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensOf {
    /// Everybody's in the tenant.
    Tenant,
    /// A client's.
    Client(ClientId),
    /// A person's.
    User(UserId),
    /// Those that a client has for a person.
    Between(ClientId, UserId),
}

/// The answer to a request with an `Idempotency-Key`, for as long as the request may be repeated.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Keyed hash of the key, with who sent it where to: the row's id.
    pub name: Digest32,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Keyed hash of what was sent.
    pub request: Digest32,
    /// The answer, sealed: there may be a secret in it.
    pub sealed: Vec<u8>,
    /// When.
    pub at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

/// Everything that is sealed under the master key, sealed under another one.
#[derive(Debug, Clone)]
pub struct Rewrap {
    /// The key of the keyed hashes.
    pub hash_key: Resealed,
    /// The private signing keys of every tenant.
    pub keys: Vec<(KeyId, Resealed)>,
    /// The private keys of every tenant that clients encrypt to.
    pub encryption_keys: Vec<(KeyId, Resealed)>,
    /// The secrets of clients that sign with them.
    pub secrets: Vec<(SecretId, Resealed)>,
}

/// A sealed value, and the same under another master key.
#[derive(Clone)]
pub struct Resealed {
    /// As it is stored.
    pub before: Vec<u8>,
    /// As it shall be.
    pub after: Vec<u8>,
}

impl std::fmt::Debug for Resealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resealed([redacted])")
    }
}

/// Whether something may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    /// It may.
    Yes,
    /// It may not.
    No,
}

impl Enabled {
    /// As a truth value.
    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl From<bool> for Enabled {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// Something worth remembering that nobody waits for: coalesced, bounded, droppable, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A client got a token.
    ClientUsed {
        /// Which client.
        client: ClientId,
        /// When.
        at: Micros,
    },
    /// A client proved itself with a secret.
    SecretUsed {
        /// Which secret.
        secret: SecretId,
        /// When.
        at: Micros,
    },
    /// An API key was used.
    ApiKeyUsed {
        /// Which key.
        key: ApiKeyId,
        /// When.
        at: Micros,
    },
    /// A token was presented and found live.
    TokenUsed {
        /// Which token.
        token: TokenId,
        /// When.
        at: Micros,
    },
    /// A sign-in was used.
    SessionSeen {
        /// Which sign-in.
        session: SessionId,
        /// When.
        at: Micros,
    },
    /// A client asked only for scopes that it may not have.
    ScopeRefused {
        /// Which client.
        client: ClientId,
        /// When.
        at: Micros,
    },
}

/// One unit: an act, and the writes that belong to it. All happen, or none.
#[derive(Debug, Clone)]
pub struct Changes {
    // In a box: a unit is handed from future to future, and each has room for it.
    act: Box<Act>,
    list: Vec<Change>,
    notes: Vec<Note>,
    details: Option<Details>,
    recorded: Recorded,
}

impl Changes {
    /// A unit for an act, as yet without a write.
    pub fn new(act: Act) -> Self {
        let recorded = Recorded::Inside(Outcome::Success);
        Self { act: Box::new(act), list: Vec::with_capacity(1), notes: Vec::new(), details: None, recorded }
    }

    /// Says where the audit record is written.
    #[must_use]
    pub const fn recorded(mut self, recorded: Recorded) -> Self {
        self.recorded = recorded;
        self
    }

    /// Where the audit record is written.
    pub const fn record(&self) -> Recorded {
        self.recorded
    }

    /// Says more in the audit record, beside what it says already.
    #[must_use]
    pub fn detailed(mut self, details: Details) -> Self {
        self.details = Some(match self.details {
            Some(said) => said.and(&details),
            None => details,
        });
        self
    }

    /// What the audit record says besides.
    pub const fn details(&self) -> Option<&Details> {
        self.details.as_ref()
    }

    /// Adds a write.
    #[must_use]
    pub fn with(mut self, change: Change) -> Self {
        self.list.push(change);
        self
    }

    /// Puts a write before the others: where its guard fails, nothing else has been tried.
    #[must_use]
    pub fn first(mut self, change: Change) -> Self {
        self.list.insert(0, change);
        self
    }

    /// Adds something that nobody waits for.
    #[must_use]
    pub fn noting(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// The act.
    pub const fn act(&self) -> &Act {
        &self.act
    }

    /// The writes, in order.
    pub fn list(&self) -> &[Change] {
        &self.list
    }

    /// The notes.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Takes the unit apart.
    pub fn into_parts(self) -> (Box<Act>, Vec<Change>, Vec<Note>) {
        (self.act, self.list, self.notes)
    }
}

/// What a committed unit did: rows affected by each change, in the unit's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Rows affected, one number a change.
    pub affected: Vec<u64>,
}

impl Receipt {
    /// Rows affected by the change at `index`; 0 where there is none.
    pub fn rows(&self, index: usize) -> u64 {
        self.affected.get(index).copied().unwrap_or(0)
    }
}
