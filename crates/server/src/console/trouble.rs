//! What went wrong, on a page of the console: what happened, and what to do.

use askama::Template;
use axum::response::Response;
use http::{StatusCode, header};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::shell_reason::ShellReason;

use super::at_work::AtWork;
use super::icon::Icon;
use super::shell::{ConsoleShell, Section, frame};
use crate::call::answer::Told;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::language::present;
use crate::call::words::say;
use crate::edge::request_id::RequestId;
use crate::reasons;

#[derive(Template)]
#[template(path = "console/trouble.html")]
struct TroublePage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    title: String,
    why: String,
    home: String,
    request_id: &'a str,
}

framed!(TroublePage);

/// The page for a failure.
pub(super) fn page(work: &AtWork, fault: &Fault) -> Response {
    let code = fault.error.code();
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    // Who has no credential is sent to sign in; whoever is here lacks a permission.
    let status = if status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { status };
    let (title, why) = match code {
        ErrorCode::NotFound => (say("console-gone-title"), say("console-gone")),
        ErrorCode::AccessDenied | ErrorCode::InsufficientScope => (say("console-denied-title"), said(fault)),
        _ if status.is_server_error() => (say("problem-title"), say("failed-remedy")),
        _ => (say("problem-title"), said(fault)),
    };
    shown(work, (status, title, why), fault)
}

/// The page for a form that was not shown in this browser since somebody signed in.
pub(super) fn old_form(work: &AtWork) -> Response {
    let fault = Fault::from(OAuthError::new(ErrorCode::AccessDenied, ShellReason::FormFromAnotherSite));
    shown(work, (StatusCode::FORBIDDEN, say("problem-title"), say("old-form")), &fault)
}

/// A reason as a sentence.
pub(super) fn said(fault: &Fault) -> String {
    sentence(&reasons::error_in(present().tag, &fault.error))
}

/// The same of a reason's words.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let begun: String =
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    if begun.ends_with(['.', '。']) { begun } else { format!("{begun}.") }
}

fn shown(work: &AtWork, (status, title, why): (StatusCode, String, String), fault: &Fault) -> Response {
    let id = RequestId::present();
    let page = TroublePage {
        frame: frame(work.tenant(), &title),
        shell: work.shell(Section::Nowhere).below(work, Section::Nowhere, title.clone()),
        title,
        why,
        home: work.place(""),
        request_id: id.as_str(),
    };
    let mut response = html::private(status, &page, Forms::Own);
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response.extensions_mut().insert(Told(fault.error.clone()));
    response
}
