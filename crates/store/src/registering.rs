//! Reads of clients that have registered themselves, and of initial access tokens.

use writ_core::ids::{ClientId, RegistrationTokenId, TenantId};
use writ_core::registration::{RegistrationToken, Unused};
use writ_core::secret::Digest32;
use writ_core::time::Micros;

use crate::error::ReadError;
use crate::manage::After;
use crate::row::{Column, Row};
use crate::statements::registering as sql;
use crate::store::Store;
use crate::sweep::SweepError;
use crate::value::{Step, Value};

fn token(row: &Row<'_>) -> Column<RegistrationToken> {
    Ok(RegistrationToken {
        id: RegistrationTokenId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        name: row.text()?.into(),
        hash: row.hash()?,
        last_four: row.text()?.into(),
        uses_left: row.maybe_int()?,
        uses: row.int()?,
        created_at: row.time()?,
        expires_at: row.maybe_time()?,
        last_used_at: row.maybe_time()?,
    })
}

impl Store {
    /// The hash of the token that a client manages itself with; none: it has not registered itself.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registration_hash(&self, client: ClientId) -> Result<Option<Digest32>, ReadError> {
        self.read_one(&sql::REGISTERED_HASH, &[client.into()], &mut |row| row.hash()).await
    }

    /// How many clients of a tenant have registered themselves.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registered_count(&self, tenant: TenantId) -> Result<i64, ReadError> {
        self.count(&sql::REGISTERED_COUNT, &[tenant.into()]).await
    }

    /// Clients that came by themselves and whose time to be used is over. Those that were used by then stay for good, but for
    /// those that a document describes: these stay as long as they are used.
    ///
    /// # Errors
    /// [`SweepError`].
    pub async fn unused_registered(
        &self,
        tenant: TenantId,
        now: Micros,
        most: i64,
    ) -> Result<Vec<Unused>, SweepError> {
        let kept = [&sql::REGISTERED_KEEP, &sql::REGISTERED_PUT_OFF].map(|sql| Step::new(sql, [now.into()]));
        self.commit_steps(tenant, kept.into()).await?;
        self.read(&sql::REGISTERED_UNUSED, &[now.into(), most.into()], &mut |row| {
            Ok(Unused {
                client: ClientId::from_bytes(row.id()?),
                tenant: TenantId::from_bytes(row.id()?),
                version: row.int()?,
                used_at: row.maybe_time()?,
            })
        })
        .await
        .map_err(SweepError::from)
    }

    /// An initial access token of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registration_token(
        &self,
        id: RegistrationTokenId,
        tenant: TenantId,
    ) -> Result<Option<RegistrationToken>, ReadError> {
        self.read_one(&sql::REGISTRATION_TOKEN_BY_ID, &[id.into(), tenant.into()], &mut token).await
    }

    /// A page of a tenant's initial access tokens, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registration_tokens_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<RegistrationToken>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(&sql::REGISTRATION_TOKENS_PAGE, &values, &mut token).await?;
        Ok((page, self.count(&sql::REGISTRATION_TOKENS_COUNT, &[tenant.into()]).await?))
    }
}
