//! Tokens: listed, revoked one by one or many at once.

use std::collections::BTreeSet;

use writ_core::authority::Permission;
use writ_core::decision::Judgement;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::manage::tokens::{self, BulkRevoke, Ending, Reach, TokenFilter};
use writ_core::manage::{Violations, Wrong};
use writ_core::secret::Digest32;
use writ_core::shell_reason::ShellReason;
use writ_core::token::{TokenFacts, TokenRef, TokenType};
use writ_store::{After, ListPage, ListedToken, TokensAsked};

pub use super::named::{client, user};
use super::registrations;
use crate::call::fault::Fault;
use crate::call::page::Page;
use crate::call::routes::Task;

/// A page of live tokens.
pub struct ListedTokens {
    /// The tokens, newest first.
    pub rows: Vec<ListedToken>,
    /// How many there are in all; none: more than are worth counting.
    pub total: Option<i64>,
    /// Where there is more: how to get it.
    pub next_cursor: Option<String>,
}

/// The page that the query asks for, of those that the caller may see.
pub async fn page(task: &Task) -> Result<ListedTokens, Fault> {
    let page = Page::of(&task.call)?;
    let query = task.call.query()?;
    let reach = Reach::of(&task.acting, Permission::OauthRead)?;
    let unknown = || OAuthError::of_field("type", ShellReason::TokenTypeUnknown);
    let of_type = query.get("type").map(|name| TokenType::by_name(name).ok_or_else(unknown)).transpose()?;
    let client = client(task, query.get("client_id")).await?;
    let user = user(task, query.get("user_id")).await?;
    let Some(filter) = reach.narrow(client, user, Permission::OauthRead)? else {
        return Ok(ListedTokens { rows: Vec::new(), total: Some(0), next_cursor: None });
    };
    listed(task, TokenFilter { of_type, ..filter }, &page).await
}

/// The page that the query asks for, of the tokens of the machine that the path names.
pub async fn page_of_machine(task: &Task) -> Result<ListedTokens, Fault> {
    let page = Page::of(&task.call)?;
    let found = registrations::existing(task, registrations::PathEnd::PrefixedOrClientId("id")).await?;
    refuse_other_kinds(found.client.kind.name())?;
    let id = found.client.id;
    let filter = TokenFilter { client: Some(id), of_type: Some(TokenType::Access), ..TokenFilter::default() };
    listed(task, filter, &page).await
}

async fn listed(task: &Task, filter: TokenFilter, page: &Page) -> Result<ListedTokens, Fault> {
    let (found, total) = read(task, filter, page).await?;
    let next_cursor = found.next.map(|id| Page::cursor(After { at: page.after.at, id }));
    Ok(ListedTokens { rows: found.rows, total, next_cursor })
}

/// A page of live tokens, and how many there are in all.
async fn read(
    task: &Task,
    filter: TokenFilter,
    page: &Page,
) -> Result<(ListPage<ListedToken>, Option<i64>), Fault> {
    let asked = TokensAsked { tenant: task.acting.tenant(), filter, now: task.app.clock.now() };
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found = task.app.store.tokens_page(&asked, page.after.id, most).await?;
    Ok((found, task.app.store.tokens_total(&asked).await?))
}

/// Revokes a token that is named by its text or by its id. It need not be known.
pub async fn revoke(task: &Task, token: Option<&str>, id: Option<&str>) -> Result<(), Fault> {
    let reach = Reach::of(&task.acting, Permission::OauthWrite)?;
    let tenant = task.acting.tenant();
    let store = &task.app.store;
    let found = match (token, id) {
        (Some(token), None) => match presented(token) {
            None => None,
            Some((id, hash)) => {
                let found = store.token_of_any_type(id, tenant).await?;
                found.filter(|found| found.hash.ct_eq(&hash))
            }
        },
        (None, Some(id)) => match TokenId::parse_uuid(id) {
            None => None,
            Some(id) => store.token_of_any_type(id, tenant).await?,
        },
        (Some(_), Some(_)) | (None, None) => {
            let text = ShellReason::TokenOrTokenId;
            return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
        }
    };
    task.commit_if(|deed| tokens::revoke(found.as_ref(), reach, deed)).await?;
    Ok(())
}

/// Where the row of a token of either type is, and the hash that it bears.
fn presented(token: &str) -> Option<(TokenId, Digest32)> {
    let access = || TokenRef::parse(token).map(|found| (found.id, found.hash));
    let refresh = Handle::parse(REFRESH_PREFIX, token);
    refresh.map(|found| (TokenId::from_bytes(found.id), found.hash)).or_else(access)
}

/// Revokes everything that is named, and says how many were live.
pub async fn revoke_all(task: &Task, asked: &BulkRevoke) -> Result<i64, Fault> {
    let reach = Reach::of(&task.acting, Permission::OauthWrite)?;
    end(task, &asked.plan(reach, task.app.clock.now())?).await
}

/// Ends what is meant and says how many tokens that were.
async fn end(task: &Task, ending: &Ending) -> Result<i64, Fault> {
    let store = &task.app.store;
    let tenant = task.acting.tenant();
    let asked = || TokensAsked { tenant, filter: ending.filter(), now: task.app.clock.now() };
    match ending {
        Ending::Nothing => Ok(0),
        Ending::Tokens(ids, _) => {
            let named = facts(task, ids).await?;
            let receipt = task.commit_if(|deed| Ok(ending.changes(&named, deed))).await?;
            // A token that somebody else revoked in between is theirs.
            let ended: u64 = receipt.map_or(0, |receipt| receipt.affected.iter().sum());
            Ok(i64::try_from(ended).unwrap_or(i64::MAX))
        }
        // Counted behind the act: nothing of that generation can be added any more.
        Ending::Client(_) | Ending::User(_) => {
            let generation = match ending {
                Ending::Client(id) => store.client_generation(*id, tenant).await?,
                Ending::User(id) => store.user_generation(*id, tenant).await?,
                Ending::Nothing | Ending::Tokens(..) | Ending::Between(..) | Ending::Before(..) => None,
            };
            let Some(generation) = generation else { return Ok(0) };
            let asked = asked();
            task.commit_if(|deed| Ok(ending.changes(&[], deed))).await?;
            let mut as_it_was = |token: TokenFacts| tokens::before_the_end(token, ending, generation);
            Ok(store.count_tokens(&asked, &mut as_it_was).await?)
        }
        // What was issued before a time is all there already.
        Ending::Between(..) | Ending::Before(..) => {
            let count = store.count_tokens(&asked(), &mut |token| token).await?;
            task.commit_if(|deed| Ok(ending.changes(&[], deed))).await?;
            Ok(count)
        }
    }
}

async fn facts(task: &Task, ids: &BTreeSet<TokenId>) -> Result<Vec<TokenFacts>, Fault> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(task.app.store.token_of_any_type(*id, task.acting.tenant()).await?);
    }
    Ok(found)
}

fn refuse_other_kinds(kind: &str) -> Judgement<()> {
    let mut violations = Violations::default();
    let wrong = Wrong(kind != "machine");
    violations.when(wrong, "type", ShellReason::MachineTokensOnly);
    violations.settle()
}
