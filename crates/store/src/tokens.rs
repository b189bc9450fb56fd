//! Reads of tokens as a list shows them, and what acts upon them are decided on.

use std::sync::Arc;

use writ_core::ids::{ClientId, TenantId, TokenId, UserId};
use writ_core::manage::tokens::TokenFilter;
use writ_core::time::Micros;
use writ_core::token::{TokenFacts, TokenType};

use crate::error::ReadError;
use crate::listing::{Budget, COUNTED_MOST, ListLane, NEWEST, Stretch, TOKEN_MARK, Window, WindowPlace};
use crate::reads;
use crate::row::Row;
use crate::sql::Sql;
use crate::statements as sql;
use crate::store::Store;
use crate::value::Value;

/// Both types stand in one side table.
static LISTED: [&Sql; 1] = [&sql::TOKEN_INDEX_EDGE];
static TOKENS: ListLane =
    ListLane { mark: TOKEN_MARK, edges: &LISTED, tails: &[&sql::TOKENS_TAIL_EDGE, &sql::REFRESH_TAIL_EDGE] };
static ACCESS_TOKENS: ListLane =
    ListLane { mark: TOKEN_MARK, edges: &LISTED, tails: &[&sql::TOKENS_TAIL_EDGE] };
static REFRESH_TOKENS: ListLane =
    ListLane { mark: TOKEN_MARK, edges: &LISTED, tails: &[&sql::REFRESH_TAIL_EDGE] };

/// A live token, as a list shows it.
#[derive(Debug, Clone)]
pub struct ListedToken {
    /// The token.
    pub token: TokenFacts,
    /// When it was last presented, some seconds late.
    pub last_used_at: Option<Micros>,
}

/// A page of a list, newest first.
#[derive(Debug, Clone)]
pub struct ListPage<T> {
    /// Its rows. There may be fewer than asked for, and still more behind them.
    pub rows: Vec<T>,
    /// Where the next page begins: behind this id; none: this was the last.
    pub next: Option<[u8; 16]>,
}

/// Which tokens are asked for, and at what time they have to be live.
#[derive(Debug, Clone, Copy)]
pub struct TokensAsked {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Which of its tokens.
    pub filter: TokenFilter,
    /// Live now.
    pub now: Micros,
}

impl TokensAsked {
    fn lane(&self) -> &'static ListLane {
        match self.filter.of_type {
            None => &TOKENS,
            Some(TokenType::Access) => &ACCESS_TOKENS,
            Some(TokenType::Refresh) => &REFRESH_TOKENS,
        }
    }

    /// The narrowest list that has them all. A person has fewer tokens than a client.
    fn stretch(&self, to: [u8; 16]) -> Stretch {
        let owner = match (self.filter.user, self.filter.client) {
            (Some(user), _) => user.to_bytes(),
            (None, Some(client)) => client.to_bytes(),
            (None, None) => self.tenant.to_bytes(),
        };
        // Ids order by the time of issue.
        let before =
            self.filter.issued_before.map_or(NEWEST, |before| TokenId::v7(before, [0; 8]).to_bytes());
        Stretch { owner, from: [0; 16], to: to.min(before) }
    }
}

impl Store {
    /// A page of live tokens, behind `after`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tokens_page(
        &self,
        asked: &TokensAsked,
        after: [u8; 16],
        most: usize,
    ) -> Result<ListPage<ListedToken>, ReadError> {
        let mut walk = self.walk(asked.lane(), asked.stretch(after), Budget::Request).await?;
        let mut rows = Vec::new();
        while let Some(window) = walk.next(self).await? {
            let found = self.tokens_in(asked, window).await?;
            rows.extend(found.into_iter().filter(|found| found.token.live(asked.now).is_ok()));
            if rows.len() > most {
                rows.truncate(most);
                let next = rows.last().map(|last| last.token.id.to_bytes());
                return Ok(ListPage { rows, next });
            }
        }
        let next = (!walk.is_over()).then(|| walk.place());
        Ok(ListPage { rows, next })
    }

    /// How many live tokens there are; `None`: too many to be counted for a list.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tokens_total(&self, asked: &TokensAsked) -> Result<Option<i64>, ReadError> {
        let stretch = asked.stretch(NEWEST);
        if self.is_beyond_counting(asked.lane(), stretch).await? {
            return Ok(None);
        }
        let mut walk = self.walk(asked.lane(), stretch, Budget::Request).await?;
        let mut total = 0;
        while let Some(window) = walk.next(self).await? {
            total += self.live_in(asked, window, &mut |token| token).await?;
            if total > COUNTED_MOST {
                return Ok(None);
            }
        }
        Ok(walk.is_over().then_some(total))
    }

    /// Counts tokens that are, or were, live: `as_it_was` gives a token as it shall be looked at. Looks at all of
    /// them, window by window; the work of other requests comes in between.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn count_tokens(
        &self,
        asked: &TokensAsked,
        as_it_was: &mut (dyn FnMut(TokenFacts) -> TokenFacts + Send),
    ) -> Result<i64, ReadError> {
        let mut walk = self.walk(asked.lane(), asked.stretch(NEWEST), Budget::Whole).await?;
        let mut total = 0;
        while let Some(window) = walk.next(self).await? {
            total += self.live_in(asked, window, as_it_was).await?;
            tokio::task::yield_now().await;
        }
        Ok(total)
    }

    async fn live_in(
        &self,
        asked: &TokensAsked,
        window: Window,
        as_it_was: &mut (dyn FnMut(TokenFacts) -> TokenFacts + Send),
    ) -> Result<i64, ReadError> {
        let found = self.tokens_in(asked, window).await?;
        let live = found
            .into_iter()
            .map(|found| as_it_was(found.token))
            .filter(|token| token.live(asked.now).is_ok());
        Ok(i64::try_from(live.count()).unwrap_or(i64::MAX))
    }

    /// The tokens in a window that are neither expired nor revoked or used themselves, newest first.
    async fn tokens_in(&self, asked: &TokensAsked, window: Window) -> Result<Vec<ListedToken>, ReadError> {
        let mut values: Vec<Value> = vec![
            asked.tenant.into(),
            Value::Id(window.from),
            Value::Id(window.to),
            asked.now.into(),
            asked.filter.client.into(),
            asked.filter.user.into(),
        ];
        if window.place == WindowPlace::Listed {
            values.push(Value::Id(asked.stretch(NEWEST).owner));
        }
        let mut found = Vec::new();
        let types = TokenType::ALL.into_iter().filter(|one| asked.filter.of_type.is_none_or(|of| of == *one));
        for of_type in types {
            let sql = match (of_type, window.place) {
                (TokenType::Access, WindowPlace::Listed) => &sql::TOKENS_INDEXED,
                (TokenType::Access, WindowPlace::Tail) => &sql::TOKENS_TAIL,
                (TokenType::Refresh, WindowPlace::Listed) => &sql::REFRESH_INDEXED,
                (TokenType::Refresh, WindowPlace::Tail) => &sql::REFRESH_TAIL,
            };
            let mut row = |row: &Row<'_>| {
                let token = match of_type {
                    TokenType::Access => reads::token(row)?,
                    TokenType::Refresh => reads::refresh(row)?,
                };
                let Some(token) = token else { return Ok(None) };
                Ok(Some(ListedToken { token, last_used_at: row.maybe_time()? }))
            };
            found.extend(self.read(sql, &values, &mut row).await?.into_iter().flatten());
        }
        found.sort_by_key(|listed| std::cmp::Reverse(listed.token.id));
        Ok(found)
    }

    /// A token of a tenant by its row id, of either type.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn token_of_any_type(
        &self,
        id: TokenId,
        tenant: TenantId,
    ) -> Result<Option<TokenFacts>, ReadError> {
        if let Some(found) = self.token_in_tenant(id, tenant).await? {
            return Ok(Some(found));
        }
        let values = [id.into(), tenant.into()];
        Ok(self.read_one(&sql::REFRESH_IN_TENANT, &values, &mut reads::refresh).await?.flatten())
    }

    /// The generation of a client: what its tokens issued from now on bear. `None`: there is no such client.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_generation(&self, id: ClientId, tenant: TenantId) -> Result<Option<i64>, ReadError> {
        self.read_one(&sql::CLIENT_GENERATION, &[id.into(), tenant.into()], &mut |row| row.int()).await
    }

    /// The generation of a user.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn user_generation(&self, id: UserId, tenant: TenantId) -> Result<Option<i64>, ReadError> {
        self.read_one(&sql::USER_GENERATION, &[id.into(), tenant.into()], &mut |row| row.int()).await
    }

    /// The row of a tenant's client, by its public id or its row id.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_named(&self, name: &str, tenant: TenantId) -> Result<Option<ClientId>, ReadError> {
        let by_name = [Value::Owned(name.into()), tenant.into()];
        let found = self
            .read_one(&sql::CLIENT_ROW_ID, &by_name, &mut |row| Ok(ClientId::from_bytes(row.id()?)))
            .await?;
        if found.is_some() {
            return Ok(found);
        }
        let Some(id) = ClientId::parse_uuid(name).or_else(|| ClientId::parse_prefixed(name)) else {
            return Ok(None);
        };
        Ok(self.client_generation(id, tenant).await?.map(|_| id))
    }

    /// The public id of a tenant's client, and the name of its kind.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_name_and_kind(
        &self,
        id: ClientId,
        tenant: TenantId,
    ) -> Result<Option<(Arc<str>, Box<str>)>, ReadError> {
        self.read_one(&sql::CLIENT_PUBLIC_ID, &[id.into(), tenant.into()], &mut |row| {
            Ok((row.text()?.into(), row.text()?.into()))
        })
        .await
    }
}
