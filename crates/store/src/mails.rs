//! Letters that wait to be sent.

use writ_core::ids::{MailId, TenantId};
use writ_core::time::Micros;

use crate::error::{CommitError, ReadError};
use crate::row::{Column, Row};
use crate::statements as sql;
use crate::store::Store;
use crate::value::Step;

/// A letter that waits.
#[derive(Clone)]
pub struct WaitingMail {
    /// Row id.
    pub id: MailId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// To whom and what, sealed.
    pub sealed: Vec<u8>,
    /// How often it was tried.
    pub tries: i64,
    /// When it is due.
    pub next_at: Micros,
    /// When it was written.
    pub created_at: Micros,
    /// It is worth nothing after this.
    pub expires_at: Micros,
}

impl std::fmt::Debug for WaitingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitingMail")
            .field("id", &self.id)
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}

fn mail(row: &Row<'_>) -> Column<WaitingMail> {
    Ok(WaitingMail {
        id: MailId::from_bytes(row.id()?),
        sealed: row.bytes()?.to_vec(),
        tries: row.int()?,
        next_at: row.time()?,
        created_at: row.time()?,
        expires_at: row.time()?,
        tenant: TenantId::from_bytes(row.id()?),
    })
}

impl Store {
    /// Letters that are due at `now`, those first that have been for the longest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn mail_due(&self, now: Micros, most: i64) -> Result<Vec<WaitingMail>, ReadError> {
        self.read(&sql::MAIL_DUE, &[now.into(), most.into()], &mut mail).await
    }

    /// A letter that waits.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn mail(&self, id: MailId) -> Result<Option<WaitingMail>, ReadError> {
        self.read_one(&sql::MAIL_BY_ID, &[id.into()], &mut mail).await
    }

    /// Takes a letter to be sent; it is due again at `again`, should nobody remove it until then.
    /// Says whether it was still there to be taken.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn take_mail(
        &self,
        tenant: TenantId,
        mail: &WaitingMail,
        again: Micros,
    ) -> Result<bool, CommitError> {
        let values = [mail.id.into(), mail.next_at.into(), again.into()];
        match self.commit_steps(tenant, vec![Step::new(&sql::MAIL_TAKE, values).guarded()]).await {
            Ok(_) => Ok(true),
            Err(CommitError::Guard) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a letter: it was sent, or is given up.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn remove_mail(&self, tenant: TenantId, id: MailId) -> Result<(), CommitError> {
        self.commit_steps(tenant, vec![Step::new(&sql::MAIL_DELETE, [id.into()])]).await.map(drop)
    }
}
