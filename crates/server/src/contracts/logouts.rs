//! `/api/v1/logouts`: which clients are yet to be told that a sign-in has ended, and which could not be.

use http::StatusCode;
use serde::Serialize;
use writ_core::backchannel::WaitingDelivery;

use super::wire::{json, time};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task};
use crate::manage::sessions;

#[derive(Serialize)]
struct LogoutView<'a> {
    id: String,
    client_id: &'a str,
    session_id: String,
    user_id: String,
    state: &'static str,
    ended_at: String,
    tries: i64,
    next_try_at: Option<String>,
    given_up_at: Option<String>,
    problem: Option<Box<str>>,
}

#[derive(Serialize)]
struct LogoutList<'a> {
    logouts: Vec<LogoutView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> LogoutView<'a> {
    fn new((waiting, client_id): &'a (WaitingDelivery, Box<str>)) -> Self {
        Self {
            id: waiting.id.to_string(),
            client_id,
            session_id: waiting.session.to_string(),
            user_id: waiting.user.to_string(),
            state: if waiting.given_up_at.is_some() { "given_up" } else { "waiting" },
            ended_at: time(waiting.created_at),
            tries: waiting.tries,
            next_try_at: waiting.next_at.map(time),
            given_up_at: waiting.given_up_at.map(time),
            problem: waiting.problem.map(writ_core::backchannel::DeliveryProblem::to_stored),
        }
    }
}

/// `GET /api/v1/logouts`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = sessions::untold(&task).await?;
    json(
        StatusCode::OK,
        &LogoutList { logouts: rows.iter().map(LogoutView::new).collect(), total, next_cursor },
    )
}
