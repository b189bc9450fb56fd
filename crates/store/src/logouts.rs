//! Clients that are yet to be told that a sign-in has ended.

use writ_core::backchannel::{DeliveryProblem, WaitingDelivery};
use writ_core::client::{LogoutUris, Metadata};
use writ_core::ids::{BrowserId, ClientId, LogoutId, SessionId, TenantId, UserId};
use writ_core::time::Micros;

use crate::error::{CommitError, ReadError};
use crate::manage::After;
use crate::row::{Column, Row};
use crate::sql::Sql;
use crate::statements::logouts as sql;
use crate::store::Store;
use crate::value::{Step, Value};

fn waiting(row: &Row<'_>) -> Column<WaitingDelivery> {
    Ok(WaitingDelivery {
        id: LogoutId::from_bytes(row.id()?),
        session: SessionId::from_bytes(row.id()?),
        client: ClientId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        user: UserId::from_bytes(row.id()?),
        created_at: row.time()?,
        tries: row.int()?,
        next_at: row.maybe_time()?,
        problem: row.maybe_text()?.map(DeliveryProblem::from_stored),
        given_up_at: row.maybe_time()?,
    })
}

/// How many clients a browser tells at the most.
const FRAMES: i64 = 20;

impl Store {
    /// The clients of a sign-in that want to hear of its end from the browser, and where.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn told_in_browser(
        &self,
        session: SessionId,
    ) -> Result<Vec<(ClientId, LogoutUris)>, ReadError> {
        let client = &mut |row: &Row<'_>| {
            let id = ClientId::from_bytes(row.id()?);
            let metadata = row.maybe_text()?.map(Metadata::from_stored).unwrap_or_default();
            Ok((id, metadata.logout))
        };
        self.read(&sql::TOLD_IN_BROWSER, &[session.into(), FRAMES.into()], client).await
    }

    /// The newest sign-in of a browser in a tenant that was ended since a time.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn ended_session(
        &self,
        browser: BrowserId,
        tenant: TenantId,
        since: Micros,
    ) -> Result<Option<SessionId>, ReadError> {
        let values = [browser.into(), tenant.into(), since.into()];
        let session = &mut |row: &Row<'_>| Ok(SessionId::from_bytes(row.id()?));
        self.read_one(&sql::SESSION_ENDED_SINCE, &values, session).await
    }

    /// Clients for which something is due at `now`, each with its tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn logouts_due(&self, now: Micros) -> Result<Vec<(ClientId, TenantId)>, ReadError> {
        let client =
            &mut |row: &Row<'_>| Ok((ClientId::from_bytes(row.id()?), TenantId::from_bytes(row.id()?)));
        self.read(&sql::LOGOUTS_DUE, &[now.into()], client).await
    }

    /// What is due for a client at `now`, that first which has been for the longest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn logouts_due_of(
        &self,
        client: ClientId,
        now: Micros,
        most: i64,
    ) -> Result<Vec<WaitingDelivery>, ReadError> {
        self.read(&sql::LOGOUTS_DUE_OF, &[client.into(), now.into(), most.into()], &mut waiting).await
    }

    /// Takes one to be sent; it is due again at `again`, should nobody say until then what came of it. `None`: somebody else
    /// has taken it.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn take_logout(
        &self,
        due: WaitingDelivery,
        again: Micros,
    ) -> Result<Option<WaitingDelivery>, CommitError> {
        let values = vec![again.into()];
        let taken = WaitingDelivery { tries: due.tries + 1, next_at: Some(again), ..due.clone() };
        Ok(self.step_on(&sql::LOGOUT_TAKE, &due, values).await?.then_some(taken))
    }

    /// The client was told.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn logout_told(&self, taken: &WaitingDelivery) -> Result<(), CommitError> {
        self.step_on(&sql::LOGOUT_DELETE, taken, Vec::new()).await.map(drop)
    }

    /// The client could not be told, and is tried again at `again`; what else is due for it waits as long.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn logout_again(
        &self,
        taken: &WaitingDelivery,
        problem: DeliveryProblem,
        (now, again): (Micros, Micros),
    ) -> Result<(), CommitError> {
        self.step_on(&sql::LOGOUT_AGAIN, taken, vec![again.into(), problem.to_stored().into()]).await?;
        let values = [taken.client.into(), now.into(), again.into()];
        self.commit_steps(taken.tenant, vec![Step::new(&sql::LOGOUTS_POSTPONE, values)]).await.map(drop)
    }

    /// It is given up; the row stays for a while, to be looked at.
    ///
    /// # Errors
    /// [`CommitError`].
    pub async fn give_logout_up(
        &self,
        waiting: &WaitingDelivery,
        problem: Option<DeliveryProblem>,
        now: Micros,
    ) -> Result<(), CommitError> {
        let problem = problem.map(DeliveryProblem::to_stored);
        self.step_on(&sql::LOGOUT_GIVE_UP, waiting, vec![now.into(), problem.into()]).await.map(drop)
    }

    /// A step on one that still is as it was read. Says whether it was.
    async fn step_on(
        &self,
        sql: &'static Sql,
        waiting: &WaitingDelivery,
        more: Vec<Value>,
    ) -> Result<bool, CommitError> {
        let mut values = vec![waiting.id.into(), waiting.next_at.into()];
        values.extend(more);
        match self.commit_steps(waiting.tenant, vec![Step::new(sql, values).guarded()]).await {
            Ok(_) => Ok(true),
            Err(CommitError::Guard) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A page of what a tenant's clients are yet to be told, newest first, each with the public id of its client, and how
    /// much there is in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn logouts_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<(WaitingDelivery, Box<str>)>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let row = &mut |row: &Row<'_>| Ok((waiting(row)?, row.text()?.into()));
        let page = self.read(&sql::LOGOUTS_PAGE, &values, row).await?;
        Ok((page, self.count(&sql::LOGOUTS_COUNT, &[tenant.into()]).await?))
    }
}
