//! A page that says something, and where to go on.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use writ_core::tenant::Tenant;

use super::form_page;
use super::parts::Badge;
use crate::call::frame::{Frame, framed};
use crate::call::words::Html;

/// What a page says.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// What it is about, at a glance.
    pub badge: Option<Badge>,
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub text: Html,
    /// Where to go on, and in which words.
    pub link: Option<(String, String)>,
    /// What else is good to know.
    pub under: Option<String>,
}

impl Message {
    /// One that leads nowhere.
    pub(super) fn new(title: String, text: Html) -> Self {
        Self { badge: None, title, text, link: None, under: None }
    }
}

#[derive(Template)]
#[template(path = "people/message.html")]
struct MessagePage<'a> {
    frame: Frame<'a>,
    badge: Option<Badge>,
    title: String,
    text: Html,
    link: Option<(String, String)>,
    under: Option<String>,
}

framed!(MessagePage);

/// The page of a tenant that says it.
pub(super) fn message(status: StatusCode, tenant: &Tenant, said: Message) -> Response {
    let Message { badge, title, text, link, under } = said;
    let page = MessagePage { frame: Frame::of(tenant, &title), badge, title, text, link, under };
    form_page(status, &page)
}
