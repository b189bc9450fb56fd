//! Other identity providers, who was sent to them, and who people are there: how they are read.

use std::sync::Arc;

use writ_core::change::Enabled;
use writ_core::ids::{IdentityProviderId, TenantId, UpstreamRequestId, UserId};
use writ_core::upstream::LinkKey;
use writ_core::upstream::ask::UpstreamRequest;
use writ_core::upstream::provider::ProviderSettings;
use writ_core::upstream::{IdentityProvider, LinkedIdentity};

use crate::error::ReadError;
use crate::row::{Column, Row};
use crate::statements::upstream as sql;
use crate::store::Store;
use crate::value::Value;

fn provider(row: &Row<'_>) -> Column<IdentityProvider> {
    Ok(IdentityProvider {
        id: IdentityProviderId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        slug: row.text()?.into(),
        name: row.text()?.into(),
        enabled: if row.int()? == 1 { Enabled::Yes } else { Enabled::No },
        settings: {
            let read = ProviderSettings::from_stored(row.text()?);
            Arc::new(read.ok_or_else(|| "the settings of an identity provider cannot be read".to_owned())?)
        },
        secret: row.maybe_bytes()?.map(Arc::from),
        created_at: row.time()?,
        updated_at: row.time()?,
        version: row.int()?,
    })
}

fn request(row: &Row<'_>) -> Column<UpstreamRequest> {
    Ok(UpstreamRequest {
        id: UpstreamRequestId::from_bytes(row.id()?),
        hash: row.hash()?,
        provider: IdentityProviderId::from_bytes(row.id()?),
        sealed: row.bytes()?.to_vec(),
        expires_at: row.time()?,
        used_at: row.maybe_time()?,
    })
}

fn linked(row: &Row<'_>) -> Column<LinkedIdentity> {
    Ok(LinkedIdentity {
        provider: IdentityProviderId::from_bytes(row.id()?),
        name: row.maybe_text()?.map(Into::into),
        subject: row.text()?.into(),
        label: row.text()?.into(),
        created_at: row.time()?,
        used_at: row.maybe_time()?,
    })
}

impl Store {
    /// The identity providers of a tenant, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn identity_providers(&self, tenant: TenantId) -> Result<Vec<IdentityProvider>, ReadError> {
        self.read(&sql::PROVIDERS_OF, &[tenant.into()], &mut provider).await
    }

    /// One by its place in addresses.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn identity_provider(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<Option<IdentityProvider>, ReadError> {
        let values = [tenant.into(), Value::Owned(slug.into())];
        self.read_one(&sql::PROVIDER_BY_SLUG, &values, &mut provider).await
    }

    /// One by its id.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn identity_provider_by_id(
        &self,
        id: IdentityProviderId,
        tenant: TenantId,
    ) -> Result<Option<IdentityProvider>, ReadError> {
        self.read_one(&sql::PROVIDER_BY_ID, &[id.into(), tenant.into()], &mut provider).await
    }

    /// What a browser was sent away with.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn upstream_request(
        &self,
        id: UpstreamRequestId,
        tenant: TenantId,
    ) -> Result<Option<UpstreamRequest>, ReadError> {
        self.read_one(&sql::REQUEST_BY_ID, &[id.into(), tenant.into()], &mut request).await
    }

    /// Whose account somebody at a provider is connected with.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn upstream_owner(&self, link: &LinkKey) -> Result<Option<UserId>, ReadError> {
        let values = [link.provider.into(), Value::Owned(link.subject.clone()), link.tenant.into()];
        self.read_one(&sql::LINK_OWNER, &values, &mut |row| Ok(UserId::from_bytes(row.id()?))).await
    }

    /// Whom an account is connected with, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn upstream_links(
        &self,
        user: UserId,
        tenant: TenantId,
    ) -> Result<Vec<LinkedIdentity>, ReadError> {
        self.read(&sql::LINKS_OF, &[user.into(), tenant.into()], &mut linked).await
    }
}
