//! People who delete their own account: asked for on its page, kept after all, or swept in the end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::ids::UserId;
use writ_core::people::Account;
use writ_core::people::leaving::{Departure, delete, leave};
use writ_core::scene::Scene;
use writ_core::secret::{Digest32, Presented};
use writ_core::tenant::Tenant;
use writ_core::time::{Micros, Seconds};

use crate::call::fault::Fault;
use crate::manage::account::OwnAccount;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

/// How long whoever has shown the password may take to say that they keep the account.
const OFFERED: Seconds = Seconds(600);
/// Accounts that go in one turn.
const BATCH: i64 = 50;

impl App {
    /// Somebody leaves. A form that comes twice finds what the first one has done.
    ///
    /// # Errors
    /// As [`leave`]; 429 and 503 of a password that is checked.
    pub(crate) async fn leave_own(
        &self,
        own: &OwnAccount<'_>,
        current: &Presented,
    ) -> Result<Verdict<Departure>, Fault> {
        let tenant = own.tenant;
        let Some(found) = self.store.account(own.user, tenant.id).await? else {
            return Ok(Verdict::Answer(Departure::Gone));
        };
        if let Some(at) = found.leaves_at {
            return Ok(Verdict::Answer(Departure::At(at)));
        }
        let proof = self.current_password(own, &found, current).await?;
        let (leaving, letter, changes) = leave(&found, proof, &tenant.settings, &own.scene)?;
        Ok(Verdict::Commit(leaving, self.with_letters(tenant, &[letter], changes)?))
    }

    /// What shows, for a while, that somebody has just typed the password of an account that is to go. It is worth
    /// nothing once the account has changed.
    pub(crate) fn keeping(&self, account: &Account) -> String {
        let until = self.clock.now().plus(OFFERED);
        let proof = self.keeping_until(account, until);
        format!("{}.{}.{}", account.user.id, until.0, URL_SAFE_NO_PAD.encode(proof.as_bytes()))
    }

    fn keeping_until(&self, account: &Account, until: Micros) -> Digest32 {
        let (user, tenant, version) = (account.user.id, account.user.tenant, account.version);
        self.hash_key.hash(&format!("keep\n{tenant}\n{user}\n{version}\n{}", until.0))
    }

    /// The account that somebody may keep, by what [`keeping`](Self::keeping) gave them.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn kept_by(&self, tenant: &Tenant, text: &str) -> Result<Option<Account>, Fault> {
        let mut parts = text.split('.');
        let (id, until, proof) = (parts.next(), parts.next(), parts.next());
        let id = id.and_then(UserId::parse_uuid);
        let until = until.and_then(|until| until.parse().ok()).map(Micros);
        let (Some(id), Some(until), Some(proof), None) = (id, until, proof, parts.next()) else {
            return Ok(None);
        };
        let Some(account) = self.store.account(id, tenant.id).await? else { return Ok(None) };
        let proof = URL_SAFE_NO_PAD.decode(proof).ok().as_deref().and_then(Digest32::from_slice);
        let known = proof.is_some_and(|proof| proof.ct_eq(&self.keeping_until(&account, until)));
        Ok(Some(account).filter(|account| known && self.clock.now() < until && account.leaves_at.is_some()))
    }
}

/// Removes accounts whose owners wished so and did not keep them. Answers how many there were.
///
/// # Errors
/// The storage's; a later turn tries again.
pub async fn sweep(app: &App) -> Result<u64, Fault> {
    let mut gone = 0;
    for account in app.store.leaving(app.clock.now(), BATCH).await? {
        let Some(tenant) = app.store.tenant_by_id(account.user.tenant).await? else { continue };
        let (letter, changes) = delete(&account, &Scene::of_system(tenant.id, app.moment()));
        let changes = app.with_letters(&tenant, &[letter], changes)?;
        // Somebody may have been faster, or kept it.
        if app.once(changes).await? == Held::Yes {
            gone += 1;
        }
    }
    Ok(gone)
}
