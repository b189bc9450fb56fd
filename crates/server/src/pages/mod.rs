//! Pages for people: where the server is, and what its errors mean. They work without JavaScript
//! and load nothing from elsewhere.

pub mod account;
mod asked;
mod boxes;
pub mod components;
pub mod consent;
pub mod device;
mod docs;
mod entering;
mod errand;
mod examples;
mod flow;
mod frames;
pub mod login;
pub mod logout;
pub mod mailbox;
pub mod mailed;
mod message;
mod parts;
mod passkeys;
pub mod people;
pub(crate) mod preview;
pub mod register;
pub mod second;
pub mod upstream;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use http::header::HeaderValue;
use writ_core::error::{ERRORS, ErrorCode, ErrorEntry};
use writ_core::look::{PictureKind, PictureName};

use crate::call::assets::{self, SCRIPT};
use crate::call::copy::CopyButton;
use crate::call::fault::Fault;
use crate::call::frame::{self, Frame, Framed, framed};
use crate::call::html::{self, Forms};
use crate::call::words::say;
use crate::state::app::App;

pub use docs::{DocsWanted, docs};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    frame: Frame<'a>,
    issuer: &'a str,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame<'a>,
    entry: &'a ErrorEntry,
}

#[derive(Template)]
#[template(path = "errors.html")]
struct ErrorIndex<'a> {
    frame: Frame<'a>,
    entries: &'a [ErrorEntry],
}

framed!(HomePage, ErrorPage, ErrorIndex);

/// `GET /`: what this address is.
pub async fn home(State(app): State<Arc<App>>) -> Response {
    page(
        StatusCode::OK,
        &HomePage { frame: Frame::own("Authorization server").with_script(&SCRIPT), issuer: &app.base },
    )
}

/// `GET /assets/{file}`: a stylesheet, a script, or a logo.
pub async fn asset(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response {
    if let Some(asset) = assets::asset(&file) {
        return asset;
    }
    let Some(name) = PictureName::parse(&file) else { return not_found(&app) };
    let found = match name.kind() {
        PictureKind::TenantLogo => app.store.picture(&name).await,
        PictureKind::ClientLogo => app.store.client_logo_named(&name).await,
        // Below the tenant alone.
        PictureKind::Portrait => Ok(None),
    };
    match found {
        Ok(Some(content)) => frame::picture(content),
        Ok(None) => not_found(&app),
        Err(error) => html::failed(&Fault::from(error)),
    }
}

/// `GET /errors`: every error.
pub async fn error_index() -> Response {
    page(StatusCode::OK, &ErrorIndex { frame: Frame::own(&say("errors-title")), entries: ERRORS })
}

/// `GET /errors/{code}`: what `error_uri` points at.
pub async fn error_page(State(app): State<Arc<App>>, Path(code): Path<String>) -> Response {
    match ErrorCode::by_page(&code) {
        Some(code) => about(StatusCode::OK, code.entry()),
        None => not_found(&app),
    }
}

/// The page for an address where nothing is.
pub fn not_found(_app: &App) -> Response {
    about(StatusCode::NOT_FOUND, ErrorCode::NotFound.entry())
}

fn about(status: StatusCode, entry: &ErrorEntry) -> Response {
    page(status, &ErrorPage { frame: Frame::own(entry.page), entry })
}

fn page(status: StatusCode, template: &(impl Template + Framed)) -> Response {
    html::page((status, HeaderValue::from_static("public, max-age=300")), template, Forms::None)
}

/// A page about somebody, perhaps with a form: no cache keeps it, and its form goes here alone.
fn form_page(status: StatusCode, template: &(impl Template + Framed)) -> Response {
    html::private(status, template, Forms::Own)
}
