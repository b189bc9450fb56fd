//! People: who they are, how their names are compared, and how they sign in with a password.

pub mod accounts;
pub mod change;
pub mod factors;
pub mod leaving;
pub mod letters;
pub mod links;
#[cfg(test)]
mod links_laws;
pub mod mailbox;
pub mod mailed;
pub mod names;
pub mod password;
pub mod portraits;
pub mod sign_in;

use std::fmt;
use std::sync::Arc;

use crate::time::Micros;
use crate::user::User;

pub use change::PeopleChange;
pub use letters::{Letter, News};
pub use names::{
    NAME_BYTES, domain_of_mail, email_is_valid, is_address, is_same_address, username_is_valid, username_key,
};

/// A person as an administrator, or they themselves, see them: never anything of the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who, with which roles, and whether they may sign in.
    pub user: User,
    /// Email address, if there is one.
    pub email: Option<Box<str>>,
    /// When they showed that the address is theirs.
    pub email_verified_at: Option<Micros>,
    /// The address that becomes theirs once they have shown that it is.
    pub new_email: Option<Box<str>>,
    /// Display name.
    pub name: Option<Box<str>>,
    /// When the account was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
    /// When they last signed in with a password.
    pub last_login_at: Option<Micros>,
    /// When it goes, for its owner wants it to. Until then they may keep it, and nobody can use it.
    pub leaves_at: Option<Micros>,
    /// The language in which they asked for that (BCP 47).
    pub leaves_in: Option<Box<str>>,
    /// Goes up with every change: the guard of decisions that used the account.
    pub version: i64,
    /// The generation of the person's tokens, and of whatever was begun for them and is not done: links by mail.
    pub generation: i64,
}

/// The address that leads to an account, in the form in which names are compared: its username where that is one, else
/// its email once that is verified. Unique in a tenant, so that nobody is found by what another has proved.
pub fn address_key(username: &str, email: Option<&str>, verified_at: Option<Micros>) -> Option<String> {
    if is_address(username) {
        return Some(username_key(username));
    }
    email.filter(|_| verified_at.is_some()).map(username_key)
}

impl Account {
    /// Whether the address is known to be theirs.
    pub const fn email_is_verified(&self) -> bool {
        self.email.is_some() && self.email_verified_at.is_some()
    }

    /// Gives the account an address that is its owner's from now on. A username that is an address follows, so that it
    /// never names a mailbox that is somebody else's.
    pub fn move_to(&mut self, email: &str, verified_at: Option<Micros>) {
        if is_address(&self.user.username) {
            self.user.username = email.into();
        }
        (self.email, self.email_verified_at, self.new_email) = (Some(email.into()), verified_at, None);
    }
}

/// What signing in with a password begins with.
#[derive(Clone)]
pub struct Candidate {
    /// The account.
    pub account: Account,
    /// The hash of the password; none: this person has none, and cannot sign in with one.
    pub password_hash: Option<Arc<str>>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("account", &self.account).finish_non_exhaustive()
    }
}
