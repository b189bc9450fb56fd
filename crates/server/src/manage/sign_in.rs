//! Signing in with a password: the one way there is, for the sign-in page, the password grant and
//! whoever has to show their present password.

use writ_core::change::Origin;
use writ_core::people::sign_in::{Buckets, KnownPlace, PasswordProof, SignedInUser, Try, decide, reserve};
use writ_core::people::username_key;
use writ_core::secret::Presented;
use writ_core::tenant::Tenant;
use writ_store::CommitError;

use crate::call::fault::Fault;
use crate::passwords;
use crate::state::app::App;

/// How many times a sign-in is decided at the most.
const ROUNDS: u8 = 4;

/// Somebody's username and password.
#[derive(Debug, Clone, Copy)]
pub struct PasswordAttempt<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// As it was typed.
    pub username: &'a str,
    /// As it was typed.
    pub password: &'a Presented,
    /// From where.
    pub origin: &'a Origin,
}

impl App {
    /// Whether a username and a password belong together, and may sign in. What is written of it
    /// (the attempt, the time, a better hash) is written when this answers.
    ///
    /// # Errors
    /// `invalid_grant`, the same for an unknown name, a wrong password, a person who is disabled or
    /// not verified, and where no attempt is left; 503 where too many passwords wait.
    pub async fn check_password(&self, attempt: &PasswordAttempt<'_>) -> Result<SignedInUser, Fault> {
        let PasswordAttempt { tenant, username, password, origin } = *attempt;
        for _ in 0..ROUNDS {
            // Before anything is written: an attempt is spent only where the password is looked at.
            let ticket = self.passwords.ticket()?;
            let candidate = self.candidate(tenant, username).await?;
            // Whichever of their names it was: one account, one number of attempts.
            let name = candidate.as_ref().map_or(username, |found| &found.account.user.username);
            let buckets = Buckets::of(tenant.id, &username_key(name), origin.ip, &self.hash_key);
            let remembered = match buckets.place {
                Some(place) => self.store.attempts_known(place).await?,
                None => None,
            };
            let now = self.clock.now();
            let place =
                if remembered.is_some_and(|until| now < until) { KnownPlace::Yes } else { KnownPlace::No };
            let bucket = buckets.choose(place);
            let try_ = Try { tenant, candidate: candidate.as_ref(), bucket, origin };
            let is_reserved = match self.store.commit(reserve(&try_, &self.moment())).await {
                Ok(_) => true,
                Err(CommitError::Guard) => false,
                Err(error) => return Err(error.into()),
            };
            let stored = candidate.as_ref().and_then(|found| found.password_hash.clone());
            let salt = passwords::salt(&*self.random);
            let proof =
                self.passwords.check(ticket, password.clone(), stored.filter(|_| is_reserved), salt).await?;
            let proof = if is_reserved { proof } else { PasswordProof::Nothing };
            let (signed_in, changes) = decide(&try_, &proof, buckets.place, &self.moment())?;
            match self.store.commit(changes).await {
                Ok(_) => return Ok(signed_in),
                // The account, or the hash of its password, changed while this one was checked.
                Err(CommitError::Guard) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::unavailable("what the request depends on keeps changing", "an account keeps changing", 1))
    }
}
