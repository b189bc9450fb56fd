//! People who delete their own account: asked for on its page, kept after all, or swept in the end.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::ids::UserId;
use writ_core::people::Account;
use writ_core::people::leaving::{Departure, Farewell, OverdueAccount, delete, leave};
use writ_core::scene::Scene;
use writ_core::secret::{Digest32, Presented};
use writ_core::tenant::Tenant;
use writ_core::time::{Micros, Seconds};

use crate::call::fault::Fault;
use crate::call::language::{present, speaking};
use crate::call::when::exact;
use crate::manage::account::OwnAccount;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

/// How long whoever has shown the password may take to say that they keep the account.
const OFFERED: Seconds = Seconds(600);
/// Accounts that are looked up at once.
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
        let farewell = Farewell { proof, language: present().tag };
        let (leaving, letter, changes) = leave(&found, farewell, &tenant.settings, &own.scene)?;
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

/// Removes accounts whose owners wished so and did not keep them.
#[derive(Debug, Default)]
pub struct DepartureSweep {
    /// Those that could not be removed the last time: each is told once.
    stuck: BTreeSet<UserId>,
}

impl DepartureSweep {
    /// One turn over all of them. An account that cannot be removed keeps no other one; the next turn tries again.
    /// Answers how many went.
    ///
    /// # Errors
    /// The storage's, where it can do nothing at all.
    pub async fn turn(&mut self, app: &App) -> Result<u64, Fault> {
        let now = app.clock.now();
        let (mut gone, mut stuck, mut last) = (0, BTreeSet::new(), None);
        loop {
            let batch = app.store.leaving(now, last, BATCH).await?;
            let Some(end) = batch.last().copied() else { break };
            for overdue in batch {
                match remove(app, overdue).await {
                    Ok(Held::Yes) => gone += 1,
                    Ok(Held::No) => {}
                    Err(fault) if app.not_ready().await.is_some() => return Err(fault),
                    Err(fault) => {
                        if !self.stuck.contains(&overdue.user) {
                            tell(&overdue, &fault);
                        }
                        stuck.insert(overdue.user);
                    }
                }
            }
            last = Some(end);
        }
        self.stuck = stuck;
        Ok(gone)
    }

    /// Accounts that could not be removed at the last turn.
    pub fn stuck(&self) -> usize {
        self.stuck.len()
    }
}

fn tell(overdue: &OverdueAccount, fault: &Fault) {
    tracing::warn!(
        user = %overdue.user,
        tenant = %overdue.tenant,
        since = exact(overdue.leaves_at),
        "an account that its owner has deleted cannot be removed, and is tried again every half minute: {}; look at \
         it with `writ user show {}`, remove it with `writ user delete {}`",
        fault.line(),
        overdue.user,
        overdue.user,
    );
}

/// Removes one, unless somebody was faster, or kept it.
async fn remove(app: &App, overdue: OverdueAccount) -> Result<Held, Fault> {
    let Some(tenant) = app.store.tenant_by_id(overdue.tenant).await? else { return Ok(Held::No) };
    let found = app.store.account(overdue.user, tenant.id).await?;
    let Some(account) = found.filter(|account| account.leaves_at == Some(overdue.leaves_at)) else {
        return Ok(Held::No);
    };
    let (letter, changes) = delete(&account, &Scene::of_system(tenant.id, app.moment()));
    let written = speaking(account.leaves_in.as_deref(), || app.with_letters(&tenant, &[letter], changes));
    app.once(written?).await
}
