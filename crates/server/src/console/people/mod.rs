//! People: the list, and one of them with what happened to them, where they are signed in, and what can be done.

mod acts;
pub(super) mod list;
pub(super) mod one;

pub(super) use acts::{end_session, everywhere, everywhere_form, factors, factors_form, lock, reset};

use writ_core::people::Account;

use super::at_work::AtWork;
use super::parts::StateTag;
use crate::call::words::say;

impl AtWork {
    /// The address of a person.
    fn person_place(&self, account: &Account) -> String {
        self.place_of("people", account.user.id)
    }
}

/// How it stands with an account.
fn state(account: &Account) -> StateTag {
    match (account.user.enabled.is_yes(), account.leaves_at) {
        (_, Some(_)) => StateTag::worth_a_look(say("console-person-leaving")),
        (false, None) => StateTag::bad(say("console-person-locked")),
        (true, None) => StateTag::good(say("console-person-active")),
    }
}
