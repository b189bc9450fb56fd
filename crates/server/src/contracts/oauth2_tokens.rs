//! `/api/v1/oauth/tokens`: listed, revoked one by one or many at once (the **oauth2** contract).
//! `POST` of the list's own path is the token endpoint.

use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use writ_core::authority::Permission;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::ids::TokenId;
use writ_core::manage::tokens::BulkRevoke;
use writ_store::ListedToken;

use super::fields::Fields;
use super::wire::{json, time};
use crate::call::routes::{Answer, Task};
use crate::manage::tokens::{self, ListedTokens};

#[derive(Serialize)]
struct TokenView {
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
struct TokenList {
    tokens: Vec<TokenView>,
    /// `null` where there are more than are worth counting.
    total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl TokenView {
    /// Whose a token is, is told by the row of their account. A client that has people by names of its own is not told: it
    /// would be the same row for every client.
    fn of(listed: &ListedToken, reads_all: bool) -> Self {
        let token = &listed.token;
        let user = token.user.filter(|_| reads_all || token.sector.is_none());
        Self {
            id: token.id.to_string(),
            r#type: token.kind.of_type().name(),
            client_id: token.client_id.as_deref().unwrap_or_default().to_owned(),
            user_id: user.map(|user| user.to_string()),
            scope: token.scope.as_str().to_owned(),
            issued_at: time(token.issued_at),
            expires_at: time(token.expires_at),
            last_used_at: listed.last_used_at.map(time),
        }
    }
}

/// `GET /api/v1/oauth/tokens`: live tokens, newest first.
pub async fn list(task: Task) -> Answer {
    let ListedTokens { rows, total, next_cursor } = tokens::page(&task).await?;
    let reads_all = task.acting.caller().permissions.contains(Permission::OauthRead);
    let tokens = rows.iter().map(|row| TokenView::of(row, reads_all)).collect();
    json(StatusCode::OK, &TokenList { tokens, total, next_cursor })
}

/// `POST /api/v1/oauth/tokens/revoke`: `token` or `token_id`, as a form or JSON. 200 whether or not it was known.
pub async fn revoke(mut task: Task) -> Answer {
    let mut body = if task.call.has_form() {
        let body = task.call.form_body().await?;
        let form = Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))?;
        Fields::of_form(&form, &["token", "token_id"])
    } else {
        task.call.json().await?
    };
    let (token, id) = (body.text("token"), body.text("token_id"));
    body.unread().settle()?;
    tokens::revoke(&task, token.as_deref(), id.as_deref()).await?;
    json(StatusCode::OK, &json!({}))
}

/// `POST /api/v1/oauth/tokens/bulk-revoke`: everything that is named has to hold; `revoked` says how many were live.
pub async fn bulk_revoke(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let (client_id, user_id) = (body.text("client_id"), body.text("user_id"));
    let ids = body.texts("token_ids").flatten();
    let issued_before = body.time("issued_before").flatten();
    let asked = BulkRevoke {
        client: tokens::client(&task, client_id.as_deref()).await?,
        user: tokens::user(&task, user_id.as_deref()).await?,
        tokens: ids.map(|ids| ids.iter().filter_map(|id| TokenId::parse_uuid(id)).collect()),
        issued_before,
        unread: body.unread(),
    };
    let revoked = tokens::revoke_all(&task, &asked).await?;
    json(StatusCode::OK, &json!({ "revoked": revoked }))
}

/// `GET /v1/clients/{id}/tokens` (the **clients** contract): a machine's own live tokens.
pub async fn of_client(task: Task) -> Answer {
    let ListedTokens { rows, next_cursor, .. } = tokens::page_of_machine(&task).await?;
    let data: Vec<_> = rows
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
    if let (Some(cursor), Some(members)) = (next_cursor, body.as_object_mut()) {
        members.insert("next_cursor".to_owned(), cursor.into());
    }
    json(StatusCode::OK, &body)
}
