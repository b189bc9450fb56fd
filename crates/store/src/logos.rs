//! Logos of clients: what is shown, and what is still to be fetched.

use writ_core::client::{ClientLogo, DueLogo, LogoSearch, MissedLogo};
use writ_core::ids::{ClientId, TenantId};
use writ_core::look::PictureName;
use writ_core::time::Micros;

use crate::error::{CommitError, ReadError};
use crate::row::Row;
use crate::statements::logos as sql;
use crate::store::Store;
use crate::value::{Step, Value};

/// Logos that are fetched at one look at the most.
const AT_ONCE: i64 = 16;

impl Store {
    /// The logos of a client: the one for all, and those for single languages.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_logos(
        &self,
        client: ClientId,
        tenant: TenantId,
    ) -> Result<Vec<ClientLogo>, ReadError> {
        let logo = &mut |row: &Row<'_>| {
            Ok(ClientLogo {
                language: row.text()?.into(),
                name: row.maybe_text()?.and_then(PictureName::parse),
                uri: row.maybe_text()?.map(Into::into),
                due_at: row.maybe_time()?,
                good_until: row.time()?,
            })
        };
        self.read(&sql::LOGO_OF, &[client.into(), tenant.into()], logo).await
    }

    /// What is in the logo of a client.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_logo_named(&self, name: &PictureName) -> Result<Option<Vec<u8>>, ReadError> {
        let name = Value::Owned(name.as_str().into());
        self.read_one(&sql::LOGO_BY_NAME, &[name], &mut |row| Ok(row.bytes()?.to_vec())).await
    }

    /// How many logos a tenant has of clients, but for this one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_logos_count(&self, tenant: TenantId, but: ClientId) -> Result<i64, ReadError> {
        self.count(&sql::LOGOS_COUNT, &[tenant.into(), but.into()]).await
    }

    /// Logos that are to be fetched at `now`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_logos_due(&self, now: Micros) -> Result<Vec<DueLogo>, ReadError> {
        let due = &mut |row: &Row<'_>| {
            Ok(DueLogo {
                client: ClientId::from_bytes(row.id()?),
                tenant: TenantId::from_bytes(row.id()?),
                language: row.text()?.into(),
                uri: row.text()?.into(),
                failures: row.int()?,
            })
        };
        self.read(&sql::LOGOS_DUE, &[now.into(), AT_ONCE.into()], due).await
    }

    /// One that was missed on a page is due from now on.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn client_logo_is_missed(&self, missed: MissedLogo, now: Micros) -> Result<(), CommitError> {
        let MissedLogo { tenant, client, language, uri } = missed;
        let (client, language) = (client.into(), Value::Owned(language));
        let step = match uri {
            None => Step::new(&sql::LOGO_STALE, [client, language, now.into()]),
            Some(uri) => {
                let values = [client, tenant.into(), language, Value::Owned(uri), now.into()];
                Step::new(&sql::LOGO_WANT_IN, values)
            }
        };
        self.commit_steps(tenant, vec![step]).await.map(drop)
    }

    /// What came of looking for a logo. Nothing, where the client has said meanwhile that it is elsewhere.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn client_logo_looked_for(&self, due: &DueLogo, search: LogoSearch) -> Result<(), CommitError> {
        let text = |text: &str| Value::Owned(text.into());
        let mut values: Vec<Value> = vec![due.client.into(), text(&due.language), text(&due.uri)];
        let sql = match search {
            LogoSearch::Found { picture, good_until } => {
                values.push(picture.name.as_str().to_owned().into());
                values.push(picture.content.to_vec().into());
                values.push(good_until.into());
                &sql::LOGO_FOUND
            }
            LogoSearch::Again(at) => {
                values.push(at.into());
                &sql::LOGO_AGAIN
            }
            LogoSearch::Without(until) => {
                values.push(until.into());
                &sql::LOGO_WITHOUT
            }
        };
        self.commit_steps(due.tenant, vec![Step::new(sql, values)]).await.map(drop)
    }
}
