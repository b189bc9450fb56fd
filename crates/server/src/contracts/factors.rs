//! `/api/v1/users/{user_id}/factors`: what somebody proves besides their password. Administrators see that it is there, and
//! take it away where it is lost; nobody is told what is shared with it.

use http::StatusCode;
use serde::Serialize;
use writ_core::people::factors::{Factor, Factors};

use super::wire::{json, no_content, time};
use crate::call::routes::{Answer, Task};
use crate::manage::factors;

#[derive(Serialize)]
struct FactorView<'a> {
    id: String,
    r#type: &'static str,
    name: &'a str,
    created_at: String,
    last_used_at: Option<String>,
}

impl<'a> From<&'a Factor> for FactorView<'a> {
    fn from(factor: &'a Factor) -> Self {
        Self {
            id: factor.id.to_string(),
            r#type: factor.kind().name(),
            name: &factor.name,
            created_at: time(factor.created_at),
            last_used_at: factor.used_at.map(time),
        }
    }
}

#[derive(Serialize)]
struct FactorList<'a> {
    factors: Vec<FactorView<'a>>,
    recovery_codes_left: usize,
}

impl<'a> From<&'a Factors> for FactorList<'a> {
    fn from(factors: &'a Factors) -> Self {
        Self {
            factors: factors.list.iter().map(FactorView::from).collect(),
            recovery_codes_left: factors.codes_left(),
        }
    }
}

/// `GET /api/v1/users/{user_id}/factors`.
pub async fn list(task: Task) -> Answer {
    let found = factors::existing(&task).await?;
    json(StatusCode::OK, &FactorList::from(&found.factors))
}

/// `DELETE /api/v1/users/{user_id}/factors`: all of them, and the recovery codes.
pub async fn delete(task: Task) -> Answer {
    factors::take_away(&task).await?;
    Ok(no_content())
}
