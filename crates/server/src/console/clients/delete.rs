//! `/admin/clients/{client_id}/delete`: what ends with a client, and the name that is typed before it does.

use std::sync::Arc;

use askama::Template;
use writ_core::text::Legible;

use super::super::at_work::{AtWork, Wronged, status};
use super::super::icon::Icon;
use super::super::parts::{ConsoleField, FieldKind};
use super::super::shell::{ConsoleShell, Section, frame};
use super::{CONTRACT, ID};
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::words::{Html, say, say_html, say_of};
use crate::manage::registrations;
use writ_core::client::RegisteredClient;

#[derive(Template)]
#[template(path = "console/clients/delete.html")]
struct DeleteClient<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    client: String,
    csrf: String,
    title: String,
    button: String,
    ask: Html,
    ends: Vec<String>,
    is_on: bool,
    confirm: ConsoleField<'a>,
}

framed!(DeleteClient);

/// `GET /admin/clients/{client_id}/delete`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let found = registrations::existing(&work.task, ID).await?;
    Ok(page(&work, &found, Wronged::No))
}

fn page(work: &AtWork, found: &RegisteredClient, wronged: Wronged) -> axum::response::Response {
    let client = work.client_place(&found.client);
    let name = Legible::of(&found.client.name);
    let with = [("client", &*name.isolated())];
    let error = (wronged == Wronged::Yes).then(|| say("console-confirm-wrong"));
    let page = DeleteClient {
        frame: frame(work.tenant(), &say("console-delete")),
        shell: work
            .shell(Section::Clients)
            .below(work, Section::Clients, say("console-delete"))
            .past(client.clone(), name.as_str().to_owned()),
        here: format!("{client}/delete"),
        client,
        csrf: work.csrf(),
        title: say_of("console-delete-of", &with),
        button: say_of("console-delete-button", &with),
        ask: say_html("console-confirm", &[("name", Html::strong(name.as_str()))]),
        ends: vec![
            say("console-ends-tokens"),
            say("console-ends-people"),
            say("console-ends-consents"),
            say("console-ends-secret"),
        ],
        is_on: found.client.enabled.is_yes(),
        confirm: ConsoleField::new("confirm", FieldKind::Needed, String::new()).wrong(error),
    };
    html::private(status(wronged), &page, Forms::Own)
}

/// `POST /admin/clients/{client_id}/delete`.
pub(in crate::console) async fn delete(work: Arc<AtWork>) -> Answer {
    let form = work.form()?;
    let found = registrations::existing(&work.task, ID).await?;
    // As it is shown: what cannot be seen cannot be typed.
    let shown = Legible::of(&found.client.name).as_str().trim().to_owned();
    if form.get("confirm").map(str::trim) != Some(&shown) {
        return Ok(page(&work, &found, Wronged::Yes));
    }
    registrations::delete(&work.task, &CONTRACT, ID).await?;
    Ok(work.done("/clients", "deleted"))
}
