//! Second factors and recovery codes: how they are read.

use writ_core::ids::{FactorId, RememberedId, TenantId, UserId};
use writ_core::people::factors::codes::KeptCode;
use writ_core::people::factors::enrol::FactorFacts;
use writ_core::people::factors::remembered::RememberedDevice;
use writ_core::people::factors::{Factor, FactorKind, FactorMeans, Factors, Passkey};
use writ_core::secret::Digest32;
use writ_core::time::Micros;

use crate::error::ReadError;
use crate::row::{Column, Row};
use crate::statements::factors as sql;
use crate::store::Store;

fn factor(row: &Row<'_>) -> Column<Factor> {
    let id = FactorId::from_bytes(row.id()?);
    let kind = {
        let name = row.text()?;
        FactorKind::by_name(name).ok_or_else(|| format!("unknown kind of factor {name}"))?
    };
    let name = row.text()?.into();
    let (sealed, last_step) = (row.bytes()?.to_vec(), row.int()?);
    let (created_at, used_at) = (row.time()?, row.maybe_time()?);
    let means = match kind {
        FactorKind::Totp => {
            row.skip(PASSKEY_COLUMNS);
            FactorMeans::Totp { sealed, last_step }
        }
        FactorKind::Passkey => FactorMeans::Passkey(Box::new(passkey(row, last_step)?)),
    };
    Ok(Factor { id, name, means, created_at, used_at })
}

/// Columns that only passkeys have.
const PASSKEY_COLUMNS: usize = 6;

fn passkey(row: &Row<'_>, counted: i64) -> Column<Passkey> {
    Ok(Passkey {
        credential: row.bytes()?.to_vec(),
        key: row.bytes()?.to_vec(),
        count: u32::try_from(counted).map_err(|_| "a passkey that has counted too much".to_owned())?,
        aaguid: row.bytes()?.try_into().map_err(|_| "an AAGUID of another length".to_owned())?,
        transports: row.text()?.split_whitespace().map(Box::from).collect(),
        is_copyable: row.int()? != 0,
        is_copied: row.int()? != 0,
    })
}

fn remembered(row: &Row<'_>) -> Column<RememberedDevice> {
    Ok(RememberedDevice {
        id: RememberedId::from_bytes(row.id()?),
        user: UserId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        hash: row.hash()?,
        generation: row.int()?,
        created_at: row.time()?,
        expires_at: row.time()?,
        ip: row.maybe_text()?.map(Into::into),
        user_agent: row.maybe_text()?.map(Into::into),
    })
}

impl Store {
    /// A device on which somebody is not asked for the second factor, if it is kept.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn remembered_device(
        &self,
        id: RememberedId,
        tenant: TenantId,
    ) -> Result<Option<RememberedDevice>, ReadError> {
        self.read_one(&sql::REMEMBERED_BY_ID, &[id.into(), tenant.into()], &mut remembered).await
    }

    /// Those of a person, the newest first, so many at the most; also such as something has ended.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn remembered_devices(
        &self,
        user: UserId,
        tenant: TenantId,
        most: i64,
    ) -> Result<Vec<RememberedDevice>, ReadError> {
        self.read(&sql::REMEMBERED_OF, &[user.into(), tenant.into(), most.into()], &mut remembered).await
    }

    /// All that a person has set up.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn factors(&self, user: UserId, tenant: TenantId) -> Result<Factors, ReadError> {
        let of = [user.into(), tenant.into()];
        let list = self.read(&sql::FACTORS_OF, &of, &mut factor).await?;
        let mut code = |row: &Row<'_>| Ok(KeptCode { hash: row.hash()?, used_at: row.maybe_time()? });
        let codes = self.read(&sql::RECOVERY_CODES_OF, &of, &mut code).await?;
        Ok(Factors { list, codes })
    }

    /// A passkey of a tenant by what its credential is found by, and whose it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn passkey(
        &self,
        credential: Digest32,
        tenant: TenantId,
    ) -> Result<Option<(UserId, Factor)>, ReadError> {
        let mut found = |row: &Row<'_>| {
            let factor = factor(row)?;
            Ok((UserId::from_bytes(row.id()?), factor))
        };
        self.read_one(&sql::PASSKEY_BY_CREDENTIAL, &[tenant.into(), credential.into()], &mut found).await
    }

    /// Whether what makes sure that something is used once has been kept, and still counts.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn is_used(&self, name: Digest32, now: Micros) -> Result<bool, ReadError> {
        let of = [name.into(), now.into()];
        let found =
            self.read_one(&crate::statements::ASSERTION_USED, &of, &mut |row: &Row<'_>| row.time()).await?;
        Ok(found.is_some())
    }

    /// An account with all that its owner has set up. The account is read first: its version is the older one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn factor_facts(
        &self,
        user: UserId,
        tenant: TenantId,
    ) -> Result<Option<FactorFacts>, ReadError> {
        let Some(account) = self.account(user, tenant).await? else { return Ok(None) };
        Ok(Some(FactorFacts { account, factors: self.factors(user, tenant).await? }))
    }
}
