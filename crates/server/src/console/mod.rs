//! The console: pages on which administrators see what is there, find what they look for, decide and mend.
//!
//! Whoever is signed in in the browser may there what their roles say, read afresh at each request
//! (`docs/adr/0028-the-console-is-the-browsers-own.md`). Pages are made of the use cases of `manage/`, and have no rule of
//! their own: a page is registered with what it needs, as the routes of the management APIs are, and the same function
//! decides. They work without scripts.

mod activity;
mod again;
mod at_work;
mod clients;
mod icon;
mod overview;
mod parts;
mod people;
mod refusals;
mod routes;
mod search;
mod shell;
mod trouble;

use axum::routing::get;
use writ_core::authority::Permission;
use writ_core::caller::Needs;

pub use routes::{ConsoleRoute, ConsoleRoutes};

use crate::call::routes::{Paths, permission};

/// The pages, each with what it needs.
pub fn routes() -> ConsoleRoutes {
    use Permission::{AuditRead, OauthRead, OauthWrite, SessionsWrite, UsersRead, UsersWrite};
    let (read, write) = (permission(OauthRead), permission(OauthWrite));
    let (see, change) = (permission(UsersRead), permission(UsersWrite));
    // Whoever signs somebody out everywhere ends their tokens, too.
    let end_all = Needs::Every(&[SessionsWrite, OauthWrite]);
    ConsoleRoutes::default()
        .on(("GET", "/admin"), Needs::Anybody, overview::show)
        .on(("GET", "/admin/search"), Needs::Anybody, search::show)
        .on(("GET", "/admin/activity"), permission(AuditRead), activity::show)
        .on(("GET", "/admin/clients"), read, clients::list::show)
        .on(("GET", "/admin/clients/new"), write, clients::new::show)
        .on(("POST", "/admin/clients/new"), write, clients::new::make)
        .on(("GET", "/admin/clients/{client_id}"), read, clients::one::show)
        .on(("POST", "/admin/clients/{client_id}"), write, clients::one::save)
        .on(("POST", "/admin/clients/{client_id}/state"), write, clients::one::switch)
        .grave(("GET", "/admin/clients/{client_id}/secret"), write, clients::secret::show)
        .grave(("POST", "/admin/clients/{client_id}/secret"), write, clients::secret::change)
        .grave(("GET", "/admin/clients/{client_id}/delete"), write, clients::delete::show)
        .grave(("POST", "/admin/clients/{client_id}/delete"), write, clients::delete::delete)
        .on(("GET", "/admin/people"), see, people::list::show)
        .on(("GET", "/admin/people/{user_id}"), see, people::one::show)
        .on(("POST", "/admin/people/{user_id}/state"), change, people::lock)
        .on(("POST", "/admin/people/{user_id}/reset"), change, people::reset)
        .on(
            ("POST", "/admin/people/{user_id}/sessions/{session_id}"),
            permission(SessionsWrite),
            people::end_session,
        )
        .on(("GET", "/admin/people/{user_id}/everywhere"), end_all, people::everywhere)
        .on(("POST", "/admin/people/{user_id}/everywhere"), end_all, people::everywhere_form)
        .grave(("GET", "/admin/people/{user_id}/factors"), change, people::factors)
        .grave(("POST", "/admin/people/{user_id}/factors"), change, people::factors_form)
}

/// The paths of the console, below every issuer.
pub fn paths() -> Paths {
    routes().paths().route("/admin/enter", get(routes::arrive))
}
