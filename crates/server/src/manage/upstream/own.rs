//! What people connect with their own account, and take away again.

use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::IdentityProviderId;
use writ_core::people::username_key;
use writ_core::reason::Reason;
use writ_core::upstream::links::{WaysIn, connect, disconnect};
use writ_core::upstream::{IdentityProvider, LinkKey, LinkedIdentity};

use super::CameBack;
use crate::call::fault::Fault;
use crate::manage::account::OwnAccount;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// What an account can be got into by, as it was read.
pub(crate) struct OwnWays {
    /// The account.
    pub account: writ_core::people::Account,
    /// Whether it has a password.
    pub has_password: bool,
    /// Whom it is connected with.
    pub links: Vec<LinkedIdentity>,
}

impl OwnWays {
    fn ways(&self) -> WaysIn<'_> {
        WaysIn { account: &self.account, has_password: self.has_password, links: &self.links }
    }
}

impl App {
    /// What somebody's own account can be got into by.
    ///
    /// # Errors
    /// `not_found`, where it is gone.
    pub(crate) async fn own_ways(&self, own: &OwnAccount<'_>) -> Result<OwnWays, Fault> {
        let tenant = own.tenant.id;
        let gone = || OAuthError::new(ErrorCode::NotFound, Reason::NoSuchUser);
        let account = self.store.account(own.user, tenant).await?.ok_or_else(gone)?;
        let candidate = self.store.candidate(tenant, &username_key(&account.user.username)).await?;
        let has_password = candidate
            .filter(|found| found.account.user.id == own.user)
            .is_some_and(|found| found.password_hash.is_some());
        let links = self.store.upstream_links(own.user, tenant).await?;
        Ok(OwnWays { account, has_password, links })
    }

    /// Connects somebody's own account with who they are at a provider.
    ///
    /// # Errors
    /// `conflict`
    pub(crate) async fn connect_own(
        &self,
        own: &OwnAccount<'_>,
        (provider, back): (&IdentityProvider, &CameBack),
    ) -> Result<Verdict<()>, Fault> {
        let ways = self.own_ways(own).await?;
        let key =
            LinkKey { provider: provider.id, tenant: own.tenant.id, subject: back.told.subject.clone() };
        let linked = match self.store.upstream_owner(&key).await? {
            Some(user) => self.store.account(user, own.tenant.id).await?,
            None => None,
        };
        let fresh = self.store.upstream_request(back.request.id, own.tenant.id).await?;
        if fresh.is_none_or(|request| request.used_at.is_some()) {
            return Ok(Verdict::Answer(()));
        }
        let told = (&back.request, &back.told);
        Ok(match connect((&ways.ways(), provider), told, linked.as_ref(), &own.scene) {
            Ok((letter, changes)) => {
                let letters: Vec<_> = letter.into_iter().collect();
                Verdict::Commit((), self.with_letters(own.tenant, &letters, changes)?)
            }
            Err(refusal) => Verdict::Refuse(refusal),
        })
    }

    /// Takes a connection away.
    ///
    /// # Errors
    /// `not_found`; `conflict` for the last way in.
    pub(crate) async fn disconnect_own(
        &self,
        own: &OwnAccount<'_>,
        provider: Option<IdentityProviderId>,
    ) -> Result<Verdict<()>, Fault> {
        let ways = self.own_ways(own).await?;
        Ok(match disconnect(&ways.ways(), provider, &own.scene) {
            Ok((letter, changes)) => Verdict::Commit((), self.with_letters(own.tenant, &[letter], changes)?),
            Err(refusal) => Verdict::Refuse(refusal),
        })
    }
}
