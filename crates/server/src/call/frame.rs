//! What stands around every page: its head, the plate with the tenant's name, the foot. And the stylesheets, which are
//! files whose names follow from their content, so that they are kept for good.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use writ_core::secret::sha256;
use writ_core::text::Legible;

use super::answer::respond;
use crate::call::words::say_of;

/// How wide the card of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// One column of fields.
    Narrow,
    /// Text and lists.
    Wide,
}

/// What a page stands in.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The title of the window.
    pub title: String,
    /// Whose page it is; none: the server's own.
    pub tenant: Option<Legible<'a>>,
    /// How wide it is.
    pub width: Width,
}

impl<'a> Frame<'a> {
    /// A page of a tenant.
    pub fn of(tenant: &'a str, page: &str) -> Self {
        let tenant = Legible::of(tenant);
        let title = say_of("title", &[("page", page), ("tenant", &tenant.isolated())]);
        Self { title, tenant: Some(tenant), width: Width::Narrow }
    }

    /// A page of the server.
    pub fn own(page: &str) -> Self {
        Self { title: say_of("title-alone", &[("page", page)]), tenant: None, width: Width::Wide }
    }

    /// The same with another width.
    #[must_use]
    pub fn wide(self) -> Self {
        Self { width: Width::Wide, ..self }
    }

    /// The class of the card.
    pub fn card(&self) -> &'static str {
        match self.width {
            Width::Narrow => "card",
            Width::Wide => "card w",
        }
    }
}

/// What stands for a name where there is no picture: its first letter.
pub(crate) fn initial(name: &str) -> String {
    let first = name.chars().find(|letter| letter.is_alphanumeric());
    first.map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
}

/// A stylesheet under its address.
#[derive(Debug)]
pub struct Sheet {
    /// Its address; another one for another content.
    pub path: String,
    content: &'static str,
}

impl Sheet {
    fn new(name: &str, content: &'static str) -> Self {
        use std::fmt::Write as _;
        let mut path = format!("/assets/{name}-");
        for byte in sha256(content.as_bytes()).as_bytes().iter().take(8) {
            // Writing to a string does not fail.
            let _ = write!(path, "{byte:02x}");
        }
        path.push_str(".css");
        Self { path, content }
    }
}

/// The style of people's pages.
pub static STYLE: LazyLock<Sheet> =
    LazyLock::new(|| Sheet::new("writ", include_str!("../../assets/writ.css")));
/// The style of the API reference.
pub static DOCS_STYLE: LazyLock<Sheet> =
    LazyLock::new(|| Sheet::new("docs", include_str!("../../assets/docs.css")));

/// The stylesheet with this file name.
pub fn sheet(file: &str) -> Option<Response> {
    let sheets: [&'static Sheet; 2] = [&STYLE, &DOCS_STYLE];
    let found = sheets.into_iter().find(|sheet| sheet.path.strip_prefix("/assets/") == Some(file))?;
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Some(respond(StatusCode::OK, &headers, found.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stylesheet_is_named_by_its_content() {
        let (one, other) = (Sheet::new("a", "x{}"), Sheet::new("a", "y{}"));
        let hash = one.path.strip_prefix("/assets/a-").and_then(|rest| rest.strip_suffix(".css"));
        assert!(hash.is_some_and(|hash| !hash.is_empty()), "{}", one.path);
        assert_ne!(one.path, other.path);
        assert!(sheet(STYLE.path.strip_prefix("/assets/").unwrap()).is_some());
        assert!(sheet("writ-0000000000000000.css").is_none() && sheet("").is_none());
    }

    /// A stylesheet brings nothing from elsewhere: no font, no picture, no other sheet.
    #[test]
    fn a_stylesheet_loads_nothing() {
        for sheet in [&*STYLE, &*DOCS_STYLE] {
            assert!(!sheet.content.contains("url(") && !sheet.content.contains("@import"), "{}", sheet.path);
        }
    }

    #[test]
    fn a_name_is_shown_by_its_first_letter() {
        assert_eq!(
            (initial("northlight"), initial("…(ada)"), initial("…")),
            ("N".into(), "A".into(), String::new())
        );
    }
}
