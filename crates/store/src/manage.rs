//! Reads of what operators and administrators manage.

use writ_core::encryption_key::StoredEncryptionKey;
use writ_core::ids::{ApiKeyId, KeyId, TenantId, UserId};
use writ_core::look::PictureName;
use writ_core::resource::Resource;
use writ_core::role::Role;
use writ_core::rotation::TenantKeys;
use writ_core::secret::Digest32;
use writ_core::tenant::ShownTenant;
use writ_core::time::Micros;
use writ_core::user::{ShownApiKey, User};

use crate::error::ReadError;
use crate::reads;
use crate::statements as sql;
use crate::store::Store;
use crate::value::Value;

/// A role's name as `LIKE` finds it in a user's list: between spaces, `_` taken literally.
pub(crate) fn borne(name: &str) -> String {
    format!("% {} %", name.replace('_', "!_"))
}

/// Where a page begins: behind this row, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The row's time.
    pub at: Micros,
    /// The row's id.
    pub id: [u8; 16],
}

impl After {
    /// The first page.
    pub const START: Self = Self { at: Micros(i64::MAX), id: [0xff; 16] };
}

impl Store {
    /// What is in a picture.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn picture(&self, name: &PictureName) -> Result<Option<Vec<u8>>, ReadError> {
        let name = Value::Owned(name.as_str().into());
        self.read_one(&sql::PICTURE_BY_NAME, &[name], &mut |row| Ok(row.bytes()?.to_vec())).await
    }

    /// A tenant as an operator sees it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shown_tenant(&self, id: TenantId) -> Result<Option<ShownTenant>, ReadError> {
        self.read_one(&sql::TENANT_SHOWN, &[id.into()], &mut reads::shown_tenant).await
    }

    /// A page of tenants, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenants_page(&self, after: After, most: i64) -> Result<(Vec<ShownTenant>, i64), ReadError> {
        let values = [Value::Id(after.id), most.into()];
        let page = self.read(&sql::TENANTS_PAGE, &values, &mut reads::shown_tenant).await?;
        Ok((page, self.count(&sql::TENANTS_COUNT, &[]).await?))
    }

    /// An API key of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shown_api_key(
        &self,
        id: ApiKeyId,
        tenant: TenantId,
    ) -> Result<Option<ShownApiKey>, ReadError> {
        self.read_one(&sql::API_KEY_SHOWN, &[id.into(), tenant.into()], &mut reads::shown_api_key).await
    }

    /// A page of a tenant's API keys, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn api_keys_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<ShownApiKey>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(&sql::API_KEYS_PAGE, &values, &mut reads::shown_api_key).await?;
        Ok((page, self.count(&sql::API_KEYS_COUNT, &[tenant.into()]).await?))
    }

    /// The resources of a tenant, by identifier.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn resources(&self, tenant: TenantId) -> Result<Vec<Resource>, ReadError> {
        self.read(&sql::RESOURCES, &[tenant.into()], &mut reads::resource).await
    }

    /// The roles that a tenant defined, by name.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn roles(&self, tenant: TenantId) -> Result<Vec<Role>, ReadError> {
        self.read(&sql::ROLES, &[tenant.into()], &mut reads::role).await
    }

    /// A role that a tenant defined.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn role(&self, tenant: TenantId, name: &str) -> Result<Option<Role>, ReadError> {
        self.read_one(&sql::ROLE_BY_NAME, &[tenant.into(), Value::Owned(name.into())], &mut reads::role).await
    }

    /// How many users of a tenant bear a role.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn role_bearers(&self, tenant: TenantId, name: &str) -> Result<i64, ReadError> {
        self.count(&sql::ROLE_BEARERS, &[tenant.into(), borne(name).into()]).await
    }

    /// The signing keys of a tenant and the version that guards what is decided on them; `None`: there
    /// is no such tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenant_keys(&self, tenant: TenantId) -> Result<Option<TenantKeys>, ReadError> {
        let Some(version) = self.tenant_by_id(tenant).await?.map(|found| found.version) else {
            return Ok(None);
        };
        // Read after the version, they are as new or newer; where they are newer, the guard fails.
        let keys = self.signing_keys(tenant).await?;
        Ok(Some(TenantKeys { tenant, version, keys }))
    }

    /// Since when the key that signs has signed, by the name of its algorithm; of all tenants the one that has longest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn oldest_signing_keys(&self, now: Micros) -> Result<Vec<(Box<str>, Micros)>, ReadError> {
        self.read(&sql::SIGNING_KEYS_OLDEST, &[now.into()], &mut |row| Ok((row.text()?.into(), row.time()?)))
            .await
    }

    /// The sealed half of every tenant's signing keys.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sealed_keys(&self) -> Result<Vec<(KeyId, Vec<u8>)>, ReadError> {
        self.read(&sql::SEALED_KEYS, &[], &mut |row| {
            Ok((KeyId::from_bytes(row.id()?), row.bytes()?.to_vec()))
        })
        .await
    }

    /// The sealed half of every tenant's keys that clients encrypt to.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sealed_encryption_keys(&self) -> Result<Vec<(KeyId, Vec<u8>)>, ReadError> {
        self.read(&sql::SEALED_ENCRYPTION_KEYS, &[], &mut |row| {
            Ok((KeyId::from_bytes(row.id()?), row.bytes()?.to_vec()))
        })
        .await
    }

    /// The keys of a tenant that clients encrypt to, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn encryption_keys(&self, tenant: TenantId) -> Result<Vec<StoredEncryptionKey>, ReadError> {
        self.read(&sql::ENCRYPTION_KEYS, &[tenant.into()], &mut reads::encryption_key).await
    }

    /// Tenants behind `after`, in the order of their ids, with such a key that was made at `since` or before and is in use, or
    /// replaced at `over` or before.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn encryption_keys_due(
        &self,
        (after, limit): (TenantId, i64),
        since: Micros,
        over: Micros,
    ) -> Result<Vec<TenantId>, ReadError> {
        let values = [after.into(), since.into(), over.into(), limit.into()];
        self.read(&sql::ENCRYPTION_KEYS_DUE, &values, &mut |row| Ok(TenantId::from_bytes(row.id()?))).await
    }

    /// Tenants behind `after`, in the order of their ids, with a key that has signed since `since` or
    /// longer and has no successor.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tenants_with_keys_due(
        &self,
        after: TenantId,
        since: Micros,
        most: i64,
    ) -> Result<Vec<TenantId>, ReadError> {
        let values = [after.into(), since.into(), most.into()];
        self.read(&sql::SIGNING_KEYS_DUE, &values, &mut |row| Ok(TenantId::from_bytes(row.id()?))).await
    }

    /// A user of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn user(&self, id: UserId, tenant: TenantId) -> Result<Option<User>, ReadError> {
        self.read_one(&sql::USER_BY_ID, &[id.into(), tenant.into()], &mut reads::user).await
    }

    /// What is remembered under a name at `now`: the hash of the request, and its sealed answer.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn remembered(
        &self,
        name: Digest32,
        now: Micros,
    ) -> Result<Option<(Digest32, Vec<u8>)>, ReadError> {
        self.read_one(&sql::REMEMBERED, &[name.into(), now.into()], &mut |row| {
            Ok((row.hash()?, row.bytes()?.to_vec()))
        })
        .await
    }

    pub(crate) async fn count(
        &self,
        sql: &'static crate::sql::Sql,
        values: &[Value],
    ) -> Result<i64, ReadError> {
        Ok(self.read_one(sql, values, &mut |row| row.int()).await?.unwrap_or_default())
    }
}
