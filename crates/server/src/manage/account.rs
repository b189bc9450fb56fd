//! What people do with their own account once they have proved that it is theirs: through the contract's endpoint, and on
//! the page alike.

use writ_core::change::{Action, Change, Changes, Target};
use writ_core::claims::ClaimsPatch;
use writ_core::details::Details;
use writ_core::error::ErrorCode;
use writ_core::ids::UserId;
use writ_core::people::accounts::{CurrentPassword, ProfilePatch, needs_current_password, plan_profile};
use writ_core::people::mailbox::{LetterBuckets, MailboxOwner};
use writ_core::people::sign_in::is_unverified;
use writ_core::people::{Account, Letter, PeopleChange};
use writ_core::scene::Scene;
use writ_core::secret::Presented;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::manage::people::about;
use crate::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use crate::passwords::{self, Lane};
use crate::state::app::App;
use crate::state::rounds::Held;

/// Whose account, and the scene in which they act.
pub(crate) struct OwnAccount<'a> {
    pub tenant: &'a Tenant,
    pub user: UserId,
    pub scene: Scene<'a>,
    /// For the audit record: the application through which they act.
    pub through: Option<Details>,
}

impl OwnAccount<'_> {
    fn through(&self, changes: Changes) -> Changes {
        match &self.through {
            Some(details) => changes.detailed(details.clone()),
            None => changes,
        }
    }
}

/// What somebody wishes of their own account, as it was sent; what is absent stays.
#[derive(Default)]
pub(crate) struct AccountWish {
    /// All but a new password, which is measured first.
    pub patch: ProfilePatch,
    pub password: Option<Presented>,
    /// The present password: a new one, and another address, need it.
    pub current: Option<Presented>,
    /// What applications are told besides.
    pub claims: ClaimsPatch,
}

impl App {
    /// The account as it is to be, and the unit that makes it so.
    ///
    /// # Errors
    /// `invalid_request` naming the fields; 429 and 503 of a password that is checked; 503 where an address was sent
    /// letters enough.
    pub(crate) async fn change_own(
        &self,
        own: &OwnAccount<'_>,
        wish: AccountWish,
    ) -> Result<(Account, Changes), Fault> {
        let tenant = own.tenant;
        let AccountWish { mut patch, password, current, claims } = wish;
        let found = self.store.claims(own.user, tenant.id).await?;
        let (found, before) = found.map(|found| (found.account, found.claims)).unzip();
        let mut told = before.clone().unwrap_or_default();
        if let Err(wrong) = claims.apply_to(&mut told) {
            for (claim, why) in wrong {
                patch.unread.note(claim.path(), why);
            }
        }
        if let Some(new) = password {
            let known = found.as_ref().map(|account| about(account, tenant)).unwrap_or_default();
            patch.password = Some(self.measured(Lane::HOUSE, new, known).await?);
        }
        let proof = match (&found, current) {
            (Some(account), Some(password)) if needs_current_password(&patch, account) => {
                self.current_password(own, account, &password).await?
            }
            (Some(_) | None, Some(_) | None) => CurrentPassword::Missing,
        };
        let plan = plan_profile(&patch, found.as_ref(), proof)?;
        if let Some(to) = plan.to_verify() {
            self.needs_mail("email", ShellReason::AdministratorChangesIt)?;
            self.spare(own, to).await?;
        }
        let hash = match patch.password {
            Some(new) => {
                Some(self.passwords.hash(Lane::HOUSE, new.text, passwords::salt(&*self.random)).await?)
            }
            None => None,
        };
        let (mut account, letters, mut changes) = plan.finish(hash, &own.scene);
        if before.is_some_and(|before| before != told) {
            let (user, version, at) = (own.user, account.version, own.scene.moment.now);
            let change = PeopleChange::SetClaims { user, tenant: tenant.id, version, claims: told, at };
            changes = changes.with(Change::People(change));
            account.version += 1;
        }
        Ok((account, own.through(self.with_letters(tenant, &letters, changes)?)))
    }

    /// Adds letters to the unit that they belong to.
    ///
    /// # Errors
    /// Where a letter cannot be written.
    pub(crate) fn with_letters(
        &self,
        tenant: &Tenant,
        letters: &[Letter],
        changes: Changes,
    ) -> Result<Changes, Fault> {
        letters
            .iter()
            .filter(|letter| letter.to.is_some())
            .try_fold(changes, |changes, letter| self.with_letter(tenant, letter, changes))
    }

    /// What a person's present password proves: it is tried like any other.
    pub(crate) async fn current_password(
        &self,
        own: &OwnAccount<'_>,
        account: &Account,
        password: &Presented,
    ) -> Result<CurrentPassword, Fault> {
        let (tenant, username, origin) = (own.tenant, &*account.user.username, own.scene.origin);
        let purpose = PasswordPurpose::Proof;
        match self.check_password(&PasswordAttempt { tenant, username, password, origin, purpose }).await {
            Ok(_) => Ok(CurrentPassword::Right),
            Err(fault) if is_unverified(&fault.error) => Ok(CurrentPassword::Right),
            Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => Ok(CurrentPassword::Wrong),
            Err(fault) => Err(fault),
        }
    }

    /// Nobody is buried in letters, whoever's address is given.
    async fn spare(&self, own: &OwnAccount<'_>, to: &str) -> Result<(), Fault> {
        let letters = LetterBuckets::own(MailboxOwner::Address(to), &self.hash_key);
        let unit = own.scene.unit(Action::VerificationRequested, Target::Tenant(own.tenant.id));
        let changes = letters.take(own.scene.moment.now).fold(unit, Changes::with);
        match self.once(own.through(changes)).await? {
            Held::Yes => Ok(()),
            Held::No => Err(Fault::unavailable(ShellReason::LettersEnough, "letters", 600)),
        }
    }
}
