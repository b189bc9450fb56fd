//! All that is written about people.

use std::fmt;
use std::sync::Arc;

use super::Account;
use super::links::NewLink;
use super::mailed::NewMailed;
use super::sign_in::{AttemptBuckets, Bucket, SignInAttempt};
use crate::change::Enabled;
use crate::claims::StandardClaims;
use crate::ids::{LinkId, MailId, TenantId, UserId};
use crate::look::Picture;
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};

/// A write about a person that the store knows how to make.
#[derive(Debug, Clone)]
pub enum PeopleChange {
    /// Takes one attempt out of a bucket. Guarded: there is one left.
    ReserveAttempt(SignInAttempt),
    /// Somebody signed in. Guarded: they may, and their password is the one that was checked.
    SignIn(Box<SignIn>),
    /// Somebody signed in without a password. Guarded: they may.
    Enter {
        /// Who.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Gives back all attempts, and remembers the place and the browser.
    FillBuckets {
        /// Which.
        buckets: AttemptBuckets,
        /// When.
        at: Micros,
        /// How long the place is remembered.
        remembered: Seconds,
    },
    /// Gives back all attempts at a name, from wherever: an administrator has let its owner in again. What is remembered
    /// of places and browsers stays.
    FillAllBuckets {
        /// The first and the last that the name can have.
        between: (Digest32, Digest32),
        /// When.
        at: Micros,
    },
    /// Changes an account. Guarded by its version.
    Update(Box<AccountUpdate>),
    /// Changes the standard claims that an account has no field for. Guarded by its version.
    SetClaims {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The version it was decided on.
        version: i64,
        /// What they are from now on.
        claims: StandardClaims,
        /// When.
        at: Micros,
    },
    /// Keeps a picture of a person instead of the one before. It goes with the claim that says where it is.
    KeepPortrait {
        /// Of whom.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The picture.
        portrait: Arc<Picture>,
        /// When.
        at: Micros,
    },
    /// An account is to go: nobody uses it from now on, and every token of it ends. Guarded by its version.
    Leave {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The version it was decided on.
        version: i64,
        /// When.
        at: Micros,
        /// When it goes.
        leaves_at: Micros,
        /// The language in which its owner asked for it: the last letter is in it, too.
        language: Box<str>,
    },
    /// An account that was to go stays. Guarded by its version.
    Keep {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The version it was decided on.
        version: i64,
        /// When.
        at: Micros,
    },
    /// Keeps a link.
    CreateLink(Box<NewLink>),
    /// Keeps what goes with a letter that somebody signs in by.
    CreateMailed(Box<NewMailed>),
    /// Uses a link up, or a code that was mailed. Guarded: for the first time.
    RedeemLink {
        /// Which link.
        link: LinkId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Keeps a letter until it is sent.
    QueueMail(Box<NewMail>),
}

/// Whether the tokens of a person live on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonTokens {
    /// They do.
    Keep,
    /// They end, with all sessions and grants: the person's generation goes up.
    End,
}

/// An account as it is from now on.
#[derive(Clone)]
pub struct AccountUpdate {
    /// Whose.
    pub user: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// The version it was decided on.
    pub version: i64,
    /// As they write it.
    pub username: Arc<str>,
    /// Email address.
    pub email: Option<Box<str>>,
    /// When it was verified.
    pub email_verified_at: Option<Micros>,
    /// The address that waits to be verified.
    pub new_email: Option<Box<str>>,
    /// Display name.
    pub name: Option<Box<str>>,
    /// Names of roles.
    pub roles: Vec<Box<str>>,
    /// Whether they may sign in.
    pub enabled: Enabled,
    /// When it goes.
    pub leaves_at: Option<Micros>,
    /// The hash of another password; none: it stays.
    pub password_hash: Option<Arc<str>>,
    /// Whether their tokens live on.
    pub tokens: PersonTokens,
    /// When.
    pub at: Micros,
}

impl AccountUpdate {
    /// The update that makes an account what it is.
    pub fn of(account: &Account, at: Micros) -> Self {
        let Account { user, email, email_verified_at, new_email, name, version, leaves_at, .. } =
            account.clone();
        Self {
            user: user.id,
            tenant: user.tenant,
            version,
            username: user.username,
            email,
            email_verified_at,
            new_email,
            name,
            roles: user.roles,
            enabled: user.enabled,
            leaves_at,
            password_hash: None,
            tokens: PersonTokens::Keep,
            at,
        }
    }
}

impl fmt::Debug for AccountUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountUpdate")
            .field("user", &self.user)
            .field("version", &self.version)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// A letter in words, sealed.
#[derive(Clone)]
pub struct NewMail {
    /// Row id.
    pub id: MailId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// To whom and what, sealed: there may be a link in it.
    pub sealed: Vec<u8>,
    /// When.
    pub created_at: Micros,
    /// It is worth nothing after this.
    pub expires_at: Micros,
}

impl fmt::Debug for NewMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMail").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// A sign-in by password that succeeded.
#[derive(Clone)]
pub struct SignIn {
    /// Who.
    pub user: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Micros,
    /// The hash that the password was checked against.
    pub checked: Arc<str>,
    /// The hash from now on: the same, unless its format or parameters were out of date.
    pub kept: Arc<str>,
    /// The bucket that the attempt came from: it is full again.
    pub bucket: Bucket,
    /// The network and the browser that they signed in from: each has a bucket of its own from now on.
    pub places: [Option<Digest32>; 2],
    /// How long these are remembered.
    pub remembered: Seconds,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("user", &self.user)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
