//! `/api/v1/oauth/sessions` (**oauth2**): who is signed in, and ending that.

use http::StatusCode;
use serde::Serialize;
use writ_core::session::ShownSession;

use super::wire::{json, no_content, time};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task};
use crate::manage::sessions;

#[derive(Serialize)]
struct SessionView<'a> {
    id: String,
    user_id: String,
    username: &'a str,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct SessionList<'a> {
    sessions: Vec<SessionView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a ShownSession> for SessionView<'a> {
    fn from(shown: &'a ShownSession) -> Self {
        Self {
            id: shown.id.to_string(),
            user_id: shown.user.to_string(),
            username: &shown.username,
            created_at: time(shown.created_at),
            last_seen_at: time(shown.last_seen_at),
            expires_at: time(shown.expires_at),
            ip_address: shown.ip.as_deref(),
            user_agent: shown.user_agent.as_deref(),
        }
    }
}

/// `GET /api/v1/oauth/sessions`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = sessions::page(&task).await?;
    json(
        StatusCode::OK,
        &SessionList { sessions: rows.iter().map(SessionView::from).collect(), total, next_cursor },
    )
}

/// `DELETE /api/v1/oauth/sessions/{session_id}`.
pub async fn delete(task: Task) -> Answer {
    sessions::end_one(&task).await?;
    Ok(no_content())
}
