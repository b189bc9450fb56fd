//! `/api/v1/clients/{client_id}/logo`: the logo of a client as people see it, and a logo for one that has none on the web.

use std::sync::Arc;

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::look::PictureKind;
use writ_core::manage::clients::LogoDraft;
use writ_core::shell_reason::ShellReason;

use super::{CONTRACT, Fields, ID};
use crate::call::routes::{Answer, Task};
use crate::contracts::look::{LOGO, place};
use crate::contracts::wire::json;
use crate::manage::registrations::{self, tag};
use crate::pictures;

/// The logo of a client.
#[derive(Serialize, JsonSchema)]
pub struct LogoView {
    /// Where the server has it; `null`: people see the first letter of the name.
    logo: Option<String>,
    /// Whether it was sent here; otherwise it is the one at the `logo_uri` of the client, if it has one.
    uploaded: bool,
}

/// `GET /api/v1/clients/{client_id}/logo`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    let kept = task.app.store.client_logos(found.client.id, found.client.tenant).await?;
    let logo = kept.into_iter().find(|logo| logo.language.is_empty());
    let view = LogoView {
        uploaded: logo.as_ref().is_some_and(|logo| logo.uri.is_none()),
        logo: logo.and_then(|logo| logo.name).as_ref().map(place),
    };
    task.show(&tag(&found.client), json(StatusCode::OK, &view))
}

/// `PUT /api/v1/clients/{client_id}/logo`: `null` takes away what was sent.
pub async fn put(mut task: Task) -> Answer {
    let mut sent: Fields = task.call.json().await?;
    let read = |text: &str| pictures::sent(PictureKind::ClientLogo, text).map(Arc::new);
    let logo = sent.word("logo", LOGO, read);
    if logo.is_none() && sent.is_fine() {
        sent.wrong("logo", ShellReason::MustBeOrNull { known: LOGO.into() });
    }
    sent.nothing_else();
    let draft = LogoDraft { logo: logo.flatten(), others: 0, unread: sent.unread() };
    registrations::set_logo(&task, &CONTRACT, ID, &draft).await?;
    show(task).await
}
