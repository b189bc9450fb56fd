//! `/api/v1/registration-tokens`: initial access tokens (RFC 7591 §1.2), made, listed and ended; shown once.

use http::StatusCode;
use serde::Serialize;
use writ_core::registration::{RegistrationToken, TokenDraft};

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task};
use crate::manage::registration_tokens;

#[derive(Serialize)]
struct RegistrationTokenView {
    id: String,
    name: String,
    masked: String,
    uses_left: Option<i64>,
    uses: i64,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct CreatedRegistrationToken<'a> {
    #[serde(flatten)]
    view: RegistrationTokenView,
    initial_access_token: &'a str,
}

#[derive(Serialize)]
struct RegistrationTokenList {
    registration_tokens: Vec<RegistrationTokenView>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&RegistrationToken> for RegistrationTokenView {
    fn from(shown: &RegistrationToken) -> Self {
        Self {
            id: shown.id.to_string(),
            name: shown.name.to_string(),
            masked: shown.masked(),
            uses_left: shown.uses_left,
            uses: shown.uses,
            created_at: time(shown.created_at),
            expires_at: shown.expires_at.map(time),
            last_used_at: shown.last_used_at.map(time),
        }
    }
}

/// `GET /api/v1/registration-tokens`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = registration_tokens::page(&task).await?;
    let registration_tokens = rows.iter().map(RegistrationTokenView::from).collect();
    json(StatusCode::OK, &RegistrationTokenList { registration_tokens, total, next_cursor })
}

/// `POST /api/v1/registration-tokens`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft = TokenDraft {
        name: body.text("name"),
        uses: body.whole("uses", &(1..=RegistrationToken::MOST_USES)),
        expires_at: body.time("expires_at").flatten(),
        unread: body.unread(),
    };
    registration_tokens::create(&task, &draft, |made| {
        let view = RegistrationTokenView::from(&made.shown);
        json(StatusCode::CREATED, &CreatedRegistrationToken { view, initial_access_token: &made.drawn.text })
    })
    .await
}

/// `GET /api/v1/registration-tokens/{id}`.
pub async fn show(task: Task) -> Answer {
    json(StatusCode::OK, &RegistrationTokenView::from(&registration_tokens::existing(&task).await?))
}

/// `DELETE /api/v1/registration-tokens/{id}`.
pub async fn delete(task: Task) -> Answer {
    registration_tokens::delete(&task).await?;
    Ok(no_content())
}
