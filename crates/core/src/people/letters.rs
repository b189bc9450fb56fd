//! What people are told by mail.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::factors::FactorKind;
use crate::time::Micros;

/// A letter to somebody, not yet in words.
#[derive(Clone)]
pub struct Letter {
    /// To which address; none: to nobody, and nothing is sent. It is written all the same, so that
    /// whoever asked for it cannot tell whether anybody has that name.
    pub to: Option<Box<str>>,
    /// What it says.
    pub what: News,
}

/// What a letter says.
#[derive(Clone)]
pub enum News {
    /// Somebody asked for a new password: here is the link.
    ResetPassword(Zeroizing<String>),
    /// Show that this address is yours: here is the link.
    VerifyEmail(Zeroizing<String>),
    /// Somebody asked to sign in by mail: here is the link, and the code that does the same.
    SignIn(Zeroizing<String>, Zeroizing<String>),
    /// Somebody who signs in is asked for this code.
    SignInCode(Zeroizing<String>),
    /// The password was changed.
    PasswordChanged,
    /// A factor of this kind was set up.
    FactorAdded(FactorKind),
    /// A factor of this kind was removed.
    FactorRemoved(FactorKind),
    /// An administrator has removed all factors.
    FactorsRemoved,
    /// A passkey was refused: it has counted fewer signatures than before, so there are two of it. Its name.
    PasskeyCopied(Box<str>),
    /// There are other recovery codes.
    RecoveryCodesMade,
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed(usize),
    /// The account was connected with somebody at this identity provider.
    IdentityLinked(Arc<str>),
    /// That was taken back.
    IdentityUnlinked(Arc<str>),
    /// Another address was given, and waits to be verified.
    EmailChanging,
    /// Another address is that of the account from now on.
    EmailChanged,
    /// The account goes then, as its owner wished.
    Leaving(Micros),
    /// An administrator has kept the account that was to go.
    Kept,
    /// The account is gone, as its owner wished.
    Left,
    /// Somebody tried to register with the name that this person has.
    AlreadyRegistered,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter([redacted])")
    }
}
