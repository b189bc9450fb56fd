//! `/admin/search`: clients and people by name, address or id. What can only be one thing leads there at once.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::authority::Permission;
use writ_core::ids::{ClientId, UserId};
use writ_core::text::Legible;
use writ_store::After;

use super::at_work::AtWork;
use super::icon::Icon;
use super::parts::EmptyList;
use super::shell::{ConsoleShell, Section, frame};
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::words::{say, say_of};
use crate::manage::named::searchable;
use crate::manage::registrations::by_client_id;

/// Rows of each sort.
const ROWS: i64 = 10;

#[derive(Template)]
#[template(path = "console/search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    asked: &'a str,
    groups: Vec<FoundGroup>,
    empty: Option<EmptyList>,
}

framed!(SearchPage);

/// What was found of one sort.
struct FoundGroup {
    title: String,
    rows: Vec<FoundRow>,
    more: String,
}

/// Something that was found.
struct FoundRow {
    address: String,
    initial: String,
    name: String,
    more: String,
}

/// `GET /admin/search`.
pub(super) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let query = work.query()?;
    let asked = query.get("q").map(str::trim).unwrap_or_default();
    if let Some(to) = by_id(work, asked).await? {
        return Ok(html::see_other(&to));
    }
    let mut groups = Vec::new();
    if !asked.is_empty() {
        let text = searchable(asked)?;
        if work.may(Permission::OauthRead) {
            groups.push(clients(work, text).await?);
        }
        if work.may(Permission::UsersRead) {
            groups.push(people(work, text).await?);
        }
    }
    groups.retain(|group| !group.rows.is_empty());
    let shown = Legible::of(asked);
    let empty = match (asked.is_empty(), groups.is_empty()) {
        (true, _) => Some((say("console-search"), say("console-search-what"))),
        (false, true) => {
            Some((say_of("console-search-none", &[("text", &*shown.isolated())]), say("console-search-what")))
        }
        (false, false) => None,
    };
    let page = SearchPage {
        frame: frame(work.tenant(), &say("console-search")),
        shell: work.shell(Section::Nowhere).below(work, Section::Nowhere, say("console-search")).asked(asked),
        here: work.place("/search"),
        asked,
        groups,
        empty: empty.map(|(title, what)| EmptyList { title, what, link: None, icon: Icon::Search }),
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

/// The one thing that has this id.
async fn by_id(work: &AtWork, text: &str) -> Result<Option<String>, Fault> {
    let (store, tenant) = (&work.task.app.store, work.task.acting.tenant());
    if work.may(Permission::OauthRead) {
        if let Some(found) = by_client_id(&work.task.app, text, tenant).await? {
            return Ok(Some(work.place_of("clients", found.client.id)));
        }
        if let Some(id) = ClientId::parse_uuid(text).or_else(|| ClientId::parse_prefixed(text))
            && store.registered_client(id, tenant).await?.is_some()
        {
            return Ok(Some(work.place_of("clients", id)));
        }
    }
    if work.may(Permission::UsersRead)
        && let Some(id) = UserId::parse_uuid(text)
        && store.account(id, tenant).await?.is_some()
    {
        return Ok(Some(work.place_of("people", id)));
    }
    Ok(None)
}

async fn clients(work: &AtWork, text: &str) -> Result<FoundGroup, Fault> {
    let of = (work.task.acting.tenant(), text);
    let found = work.task.app.store.clients_search(of, After::START, ROWS).await?;
    let rows = found.iter().map(|found| {
        let name = Legible::of(&found.client.name).as_str().to_owned();
        FoundRow {
            address: work.place_of("clients", found.client.id),
            initial: initial(&name),
            name,
            more: found.client.client_id.to_string(),
        }
    });
    Ok(FoundGroup {
        title: say("console-clients"),
        rows: rows.collect(),
        more: work.onward("/clients", &[("q", text)]),
    })
}

async fn people(work: &AtWork, text: &str) -> Result<FoundGroup, Fault> {
    let of = (work.task.acting.tenant(), text);
    let (found, _) = work.task.app.store.accounts_search(of, After::START, ROWS).await?;
    let rows = found.iter().map(|account| {
        let username = Legible::of(&account.user.username).as_str().to_owned();
        let name = account.name.as_deref().map(|name| Legible::of(name).as_str().to_owned());
        FoundRow {
            address: work.place_of("people", account.user.id),
            initial: initial(name.as_deref().unwrap_or(&username)),
            name: name.unwrap_or_else(|| username.clone()),
            more: username,
        }
    });
    Ok(FoundGroup {
        title: say("console-people"),
        rows: rows.collect(),
        more: work.onward("/people", &[("q", text)]),
    })
}
