//! Somebody at work on the console: the task, the page around it, and what their form sent.

use std::sync::Arc;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::StatusCode;
use writ_core::authority::Permission;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::{Form, write_pair};
use writ_core::session::SessionFacts;
use writ_core::tenant::Tenant;
use writ_core::time::Micros;

use super::shell::{ConsoleShell, Section};
use crate::call::browser::Browser;
use crate::call::csrf::For;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::routes::Task;
use crate::manage::standing::place;

/// Fields of forms that may be there more than once.
pub(super) const REPEATABLE: &[&str] = &["scope", "grant", "role"];

/// Whose sign-in it is, and where.
pub(super) struct Signed {
    /// Their own tenant.
    pub home: Arc<Tenant>,
    /// The browser.
    pub browser: Browser,
    /// The sign-in.
    pub session: SessionFacts,
}

/// Somebody at work.
pub(super) struct AtWork {
    /// What they do, as the use cases of management take it.
    pub task: Task,
    /// Who they are.
    pub signed: Signed,
    body: Bytes,
}

impl AtWork {
    pub(super) fn new(task: Task, signed: Signed, body: Bytes) -> Self {
        Self { task, signed, body }
    }

    /// The tenant that is managed.
    pub(super) fn tenant(&self) -> &Tenant {
        self.task.acting.within()
    }

    /// An address of the console.
    pub(super) fn place(&self, below: &str) -> String {
        place(&self.signed.home, &format!("/admin{below}"))
    }

    /// The same for one of many things, by the id of its row.
    pub(super) fn place_of(&self, list: &str, id: impl std::fmt::Display) -> String {
        self.place(&format!("/{list}/{id}"))
    }

    /// Whether they hold a permission: a page offers what it leads to, and the route decides.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.task.acting.caller().permissions.contains(permission)
    }

    /// What a form has to send back.
    pub(super) fn csrf(&self) -> String {
        self.task.app.csrf_token(self.signed.home.id, For::Browser(&self.signed.browser))
    }

    /// A key for a form that makes something: sent twice, it makes one thing.
    pub(super) fn new_key(&self) -> String {
        let mut key = [0; 16];
        self.task.app.random.fill(&mut key);
        URL_SAFE_NO_PAD.encode(key)
    }

    /// What the form sent.
    pub(super) fn form(&self) -> Result<Form<'_>, Fault> {
        let read = Form::parse_allowing(&self.body, REPEATABLE);
        read.map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error).into())
    }

    /// What the address says.
    pub(super) fn query(&self) -> Result<Form<'_>, Fault> {
        Ok(self.task.call.query()?)
    }

    /// The time of this page.
    pub(super) fn now(&self) -> Micros {
        self.task.app.clock.now()
    }

    /// The page around a section.
    pub(super) fn shell(&self, section: Section) -> ConsoleShell<'_> {
        ConsoleShell::of(self, section)
    }

    /// Goes on to a page of the console, which says what was done, by a word.
    pub(super) fn done(&self, below: &str, what: &str) -> Response {
        let mut address = self.place(below);
        address.push('?');
        write_pair("done", what, &mut address);
        html::see_other(&address)
    }

    /// This page from where a cursor leads on.
    pub(super) fn onward(&self, below: &str, pairs: &[(&str, &str)]) -> String {
        let mut address = self.place(below);
        for (at, (name, value)) in pairs.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
            address.push(if at == 0 { '?' } else { '&' });
            write_pair(name, value, &mut address);
        }
        address
    }
}

/// The status of a page that shows a form again, or not.
pub(super) const fn status(is_wrong: Wronged) -> StatusCode {
    match is_wrong {
        Wronged::Yes => StatusCode::BAD_REQUEST,
        Wronged::No => StatusCode::OK,
    }
}

/// Whether something was wrong with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wronged {
    /// It was.
    Yes,
    /// It was not, or nothing was sent.
    No,
}
