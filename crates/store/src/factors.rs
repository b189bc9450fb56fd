//! Second factors and recovery codes: how they are read.

use writ_core::ids::{FactorId, TenantId, UserId};
use writ_core::people::factors::codes::KeptCode;
use writ_core::people::factors::enrol::FactorFacts;
use writ_core::people::factors::{Factor, FactorKind, Factors};

use crate::error::ReadError;
use crate::row::{Column, Row};
use crate::statements::factors as sql;
use crate::store::Store;

fn factor(row: &Row<'_>) -> Column<Factor> {
    Ok(Factor {
        id: FactorId::from_bytes(row.id()?),
        kind: {
            let name = row.text()?;
            FactorKind::by_name(name).ok_or_else(|| format!("unknown kind of factor {name}"))?
        },
        name: row.text()?.into(),
        sealed: row.bytes()?.to_vec(),
        last_step: row.int()?,
        created_at: row.time()?,
        used_at: row.maybe_time()?,
    })
}

impl Store {
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
