//! Signing in with a password: the one way there is, for the sign-in page, the password grant and
//! whoever has to show their present password.

use writ_core::change::Origin;
use writ_core::claims::AcrDemand;
use writ_core::error::ErrorCode;
use writ_core::noted::Noted;
use writ_core::people::sign_in::{
    AttemptBuckets, KnownSource, PasswordProof, SignedInUser, Try, decide, reserve, throttled,
};
use writ_core::people::username_key;
use writ_core::secret::Presented;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::edge::counters::SUCCESS;
use crate::edge::shares::Share;
use crate::passwords;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

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
    /// What for.
    pub purpose: PasswordPurpose,
}

/// What somebody types their password for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordPurpose {
    /// To be signed in, for an application that wants so much.
    SignIn(AcrDemand),
    /// To show, while they are signed in, that it is them.
    Proof,
}

impl App {
    /// Whether a username and a password belong together, and may sign in. What is written of it
    /// (the attempt, the time, a better hash) is written when this answers.
    ///
    /// # Errors
    /// `invalid_grant`, the same for an unknown name, a wrong password, a person who is disabled or
    /// not verified, and where no attempt is left; 429 where too many of the same network failed; 503 where too many
    /// of its passwords wait.
    pub async fn check_password(&self, attempt: &PasswordAttempt<'_>) -> Result<SignedInUser, Fault> {
        let PasswordAttempt { tenant, username, origin, .. } = *attempt;
        // Whichever of their names it was: one account, one number of attempts.
        let found = self.candidate(tenant, username).await?;
        let name = found.as_ref().map_or(username, |found| &found.account.user.username);
        let buckets = AttemptBuckets::of(tenant.id, &username_key(name), origin, &self.hash_key);
        let taken = match self.take_share(Share::SignIns, origin.ip, 1) {
            Ok(taken) => taken,
            // A browser that is known for the account has a share of its own, whoever else is in its network.
            Err(_) if self.known(&buckets).await? == KnownSource::Browser => None,
            Err(fault) => {
                let bucket = buckets.choose(KnownSource::Nothing);
                let candidate = found.as_ref();
                let try_ = Try { tenant, username, candidate, bucket, origin, assurance: None };
                self.note_failed(throttled(&try_, &self.moment()));
                return Err(fault);
            }
        };
        let done = self.rounds(|_| self.try_password(attempt, &buckets)).await;
        match &done {
            Ok(_) => {
                self.meters.sign_ins.count(SUCCESS);
                self.give_back(taken);
            }
            // Not looked at: it cost nobody anything.
            Err(fault) if fault.error.code() != ErrorCode::InvalidGrant => self.give_back(taken),
            Err(_) if self.known(&buckets).await? == KnownSource::Browser => self.give_back(taken),
            Err(_) => {}
        }
        done
    }

    async fn try_password(
        &self,
        attempt: &PasswordAttempt<'_>,
        buckets: &AttemptBuckets,
    ) -> Result<Verdict<SignedInUser>, Fault> {
        let PasswordAttempt { tenant, username, password, origin, purpose } = *attempt;
        // Before anything is written: an attempt is spent only where the password is looked at.
        let ticket = self.passwords.ticket(self.lane(origin.ip))?;
        let candidate = self.candidate(tenant, username).await?;
        let bucket = buckets.choose(self.known(buckets).await?);
        let try_ = Try { tenant, username, candidate: candidate.as_ref(), bucket, origin, assurance: None };
        let reserved = self.once(reserve(&try_, &self.moment())).await?;
        let stored = candidate.as_ref().and_then(|found| found.password_hash.clone());
        let salt = passwords::salt(&*self.random);
        let proof = match reserved {
            Held::Yes => self.passwords.check(ticket, password.clone(), stored, salt).await?,
            // As long as any other takes, so that nobody learns that no attempt is left.
            Held::No => {
                self.passwords.check(ticket, password.clone(), None, salt).await?;
                PasswordProof::Unseen
            }
        };
        // A guard that fails here says that the account, or the hash of its password, changed meanwhile.
        let known = match (&proof, &candidate, purpose) {
            (
                PasswordProof::Right | PasswordProof::Outdated(_),
                Some(found),
                PasswordPurpose::SignIn(demand),
            ) => Some((self.known_factors(found.account.user.id, tenant.id).await?, demand)),
            (PasswordProof::Nothing | PasswordProof::Unseen, ..) | (_, _, _) => None,
        };
        let assurance = known.as_ref().map(|(known, demand)| known.assurance(&tenant.settings, *demand));
        let decided = decide(&Try { assurance, ..try_ }, &proof, buckets, &self.moment());
        if let Err(refusal) = &decided {
            refusal.records.iter().filter_map(|record| record.why).for_each(|(_, why)| {
                self.meters.sign_ins.count(why);
            });
        }
        Ok(decided.into())
    }

    /// Counts and records a sign-in that failed.
    pub(crate) fn note_failed(&self, record: Noted) {
        if let Some((_, why)) = record.why {
            self.meters.sign_ins.count(why);
        }
        let _ = self.store.record(record);
    }

    /// What is known of where a request comes from, for the account of these buckets.
    pub(crate) async fn known(&self, buckets: &AttemptBuckets) -> Result<KnownSource, Fault> {
        let now = self.clock.now();
        for (bucket, known) in [(buckets.browser, KnownSource::Browser), (buckets.place, KnownSource::Place)]
        {
            let Some(bucket) = bucket else { continue };
            if self.store.attempts_known(bucket).await?.is_some_and(|until| now < until) {
                return Ok(known);
            }
        }
        Ok(KnownSource::Nothing)
    }
}
