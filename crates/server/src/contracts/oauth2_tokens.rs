//! `/api/v1/oauth/tokens`: listed, revoked one by one or many at once (the **oauth2** contract).
//! `POST` of the list's own path is the token endpoint.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use writ_core::authority::Permission;
use writ_core::decision::Judgement;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{Handle, REFRESH_PREFIX};
use writ_core::ids::TokenId;
use writ_core::manage::Violations;
use writ_core::manage::tokens::{self, BulkRevoke, Ending, Reach, TokenFilter};
use writ_core::secret::Digest32;
use writ_core::token::{TokenFacts, TokenRef, TokenType};
use writ_store::{After, ListPage, ListedToken, TokensAsked};

use super::fields::Fields;
use super::named::{client, user};
use super::wire::{Page, json, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task};
use crate::manage::registrations;

#[derive(Serialize)]
struct View {
    id: String,
    r#type: &'static str,
    client_id: String,
    user_id: Option<String>,
    scope: String,
    issued_at: String,
    expires_at: String,
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct List {
    tokens: Vec<View>,
    /// `null` where there are more than are worth counting.
    total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&ListedToken> for View {
    fn from(listed: &ListedToken) -> Self {
        let token = &listed.token;
        Self {
            id: token.id.to_string(),
            r#type: token.kind.of_type().name(),
            client_id: token.client_id.as_deref().unwrap_or_default().to_owned(),
            user_id: token.user.map(|user| user.to_string()),
            scope: token.scope.as_str().to_owned(),
            issued_at: time(token.issued_at),
            expires_at: time(token.expires_at),
            last_used_at: listed.last_used_at.map(time),
        }
    }
}

/// `GET /api/v1/oauth/tokens`: live tokens, newest first.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let query = task.call.query()?;
    let reach = Reach::of(&task.acting, Permission::OauthRead)?;
    let of_type =
        query.get("type").map(|name| TokenType::by_name(name).ok_or_else(unknown_type)).transpose()?;
    let client = client(&task, query.get("client_id")).await?;
    let user = user(&task, query.get("user_id")).await?;
    let Some(filter) = reach.narrow(client, user, Permission::OauthRead)? else { return none() };
    let filter = TokenFilter { of_type, ..filter };
    let (found, total) = read(&task, filter, &page).await?;
    let next_cursor = found.next.map(|id| Page::cursor(After { at: page.after.at, id }));
    json(StatusCode::OK, &List { tokens: found.rows.iter().map(View::from).collect(), total, next_cursor })
}

fn unknown_type() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, "type: access_token or refresh_token")
}

/// A page of live tokens, and how many there are in all.
pub(super) async fn read(
    task: &Task,
    filter: TokenFilter,
    page: &Page,
) -> Result<(ListPage<ListedToken>, Option<i64>), Fault> {
    let asked = TokensAsked { tenant: task.acting.tenant(), filter, now: task.app.clock.now() };
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found = task.app.store.tokens_page(&asked, page.after.id, most).await?;
    Ok((found, task.app.store.tokens_total(&asked).await?))
}

fn none() -> Answer {
    json(StatusCode::OK, &List { tokens: Vec::new(), total: Some(0), next_cursor: None })
}

/// `POST /api/v1/oauth/tokens/revoke`: `token` or `token_id`, as a form or JSON. 200 whether or not it was known.
pub async fn revoke(mut task: Task) -> Answer {
    let mut body = if task.call.has_form() {
        let body = task.call.form_body().await?;
        let form = Form::parse(&body)
            .map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))?;
        Fields::of_form(&form, &["token", "token_id"])
    } else {
        task.call.json().await?
    };
    let (token, id) = (body.text("token"), body.text("token_id"));
    body.unread().settle()?;
    let reach = Reach::of(&task.acting, Permission::OauthWrite)?;
    let tenant = task.acting.tenant();
    let store = &task.app.store;
    let found = match (token.as_deref(), id.as_deref()) {
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
            let text = "send one of token and token_id";
            return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
        }
    };
    task.commit_if(|deed| tokens::revoke(found.as_ref(), reach, deed)).await?;
    json(StatusCode::OK, &json!({}))
}

/// Where the row of a token of either type is, and the hash that it bears.
fn presented(token: &str) -> Option<(TokenId, Digest32)> {
    let access = || TokenRef::parse(token).map(|found| (found.id, found.hash));
    let refresh = Handle::parse(REFRESH_PREFIX, token);
    refresh.map(|found| (TokenId::from_bytes(found.id), found.hash)).or_else(access)
}

/// `POST /api/v1/oauth/tokens/bulk-revoke`: everything that is named has to hold; `revoked` says how many were live.
pub async fn bulk_revoke(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let (client_id, user_id) = (body.text("client_id"), body.text("user_id"));
    let ids = body.texts("token_ids").flatten();
    let issued_before = body.time("issued_before").flatten();
    let asked = BulkRevoke {
        client: client(&task, client_id.as_deref()).await?,
        user: user(&task, user_id.as_deref()).await?,
        tokens: ids.map(|ids| ids.iter().filter_map(|id| TokenId::parse_uuid(id)).collect()),
        issued_before,
        unread: body.unread(),
    };
    let reach = Reach::of(&task.acting, Permission::OauthWrite)?;
    let ending = asked.plan(reach, task.app.clock.now())?;
    let revoked = end(&task, &ending).await?;
    json(StatusCode::OK, &json!({ "revoked": revoked }))
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

/// `GET /v1/clients/{id}/tokens` (the **clients** contract): a machine's own live tokens.
pub async fn of_client(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let found = registrations::existing(&task, registrations::Named::PrefixedOrClientId("id")).await?;
    refuse_other_kinds(found.client.kind.name())?;
    let id = found.client.id;
    let filter = TokenFilter { client: Some(id), of_type: Some(TokenType::Access), ..TokenFilter::default() };
    let (found, _) = read(&task, filter, &page).await?;
    let data: Vec<_> = found
        .rows
        .iter()
        .map(|listed| {
            json!({
                "id": listed.token.id.to_string(),
                "scope": listed.token.scope.as_str(),
                "issued_at": time(listed.token.issued_at),
                "expires_at": time(listed.token.expires_at),
                "last_used_at": listed.last_used_at.map(time),
            })
        })
        .collect();
    let mut body = json!({ "data": data });
    if let (Some(id), Some(members)) = (found.next, body.as_object_mut()) {
        members.insert("next_cursor".to_owned(), Page::cursor(After { at: page.after.at, id }).into());
    }
    json(StatusCode::OK, &body)
}

fn refuse_other_kinds(kind: &str) -> Judgement<()> {
    let mut violations = Violations::default();
    let wrong = writ_core::manage::Wrong(kind != "machine");
    violations.when(wrong, "type", "only the tokens of machine clients are listed here");
    violations.settle()
}
