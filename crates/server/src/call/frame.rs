//! What stands around every page: its head, the plate with the tenant's name, the foot.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use writ_core::look::Look;
use writ_core::settings::OwnText;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::answer::respond;
use super::assets::{Asset, ICON, SCRIPT};
use super::look::{DrawnStyle, drawn};
use crate::call::words::{Html, own_text, say, say_of};

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
    /// The look of the tenant.
    pub look: Option<&'a Look>,
    /// How that is drawn; none: as Writ has it.
    pub drawn: Option<Arc<DrawnStyle>>,
    /// What the tenant says at the foot of its pages.
    pub footer: Option<&'a str>,
    /// Its scripts. It works without them.
    pub scripts: Vec<&'static Asset>,
}

/// What stands in a frame. Its policy follows from that.
pub trait Framed {
    /// The frame; none for a page that has its own head.
    fn frame(&self) -> Option<&Frame<'_>>;
}

/// Pages with a `frame`.
macro_rules! framed {
    ($($page:ident),+ $(,)?) => {$(
        impl $crate::call::frame::Framed for $page<'_> {
            fn frame(&self) -> Option<&$crate::call::frame::Frame<'_>> {
                Some(&self.frame)
            }
        }
    )+};
}

pub(crate) use framed;

impl<'a> Frame<'a> {
    /// A page of a tenant.
    pub fn of(owner: &'a Tenant, page: &str) -> Self {
        let look = &*owner.settings.look;
        let tenant = Legible::of(&owner.name);
        let title = say_of("title", &[("page", page), ("tenant", &tenant.isolated())]);
        let drawn = drawn(&look.style);
        let footer = own_text(owner, OwnText::Footer);
        let (width, scripts) = (Width::Narrow, vec![&*SCRIPT]);
        Self { title, tenant: Some(tenant), width, look: Some(look), drawn, footer, scripts }
    }

    /// A page of the server.
    pub fn own(page: &str) -> Self {
        let title = say_of("title-alone", &[("page", page)]);
        let scripts = Vec::new();
        Self { title, tenant: None, width: Width::Wide, look: None, drawn: None, footer: None, scripts }
    }

    /// The same with another width.
    #[must_use]
    pub fn wide(self) -> Self {
        Self { width: Width::Wide, ..self }
    }

    /// The same with one script more.
    #[must_use]
    pub fn with_script(mut self, script: &'static Asset) -> Self {
        self.scripts.push(script);
        self
    }

    /// The same without scripts: nothing is to be done on it.
    #[must_use]
    pub fn still(self) -> Self {
        Self { scripts: Vec::new(), ..self }
    }

    /// The picture that browsers show beside the title of the page.
    pub(crate) fn icon(&self) -> Html {
        match self.look.and_then(Look::shown_icon) {
            Some(name) => Html::icon(&format!("/assets/{}", name.as_str()), "image/png"),
            None => Html::icon(&ICON.path, "image/svg+xml"),
        }
    }

    /// The logo of the tenant.
    pub(crate) fn logo(&self) -> Option<Html> {
        let look = self.look?;
        look.logo.as_ref().map(|light| Html::picture(light, look.logo_dark.as_ref()))
    }

    /// The class of what a logo lies on: one that was not made for dark pages lies on something light.
    pub fn plate(&self) -> &'static str {
        match self.look {
            Some(Look { logo: Some(_), logo_dark: None, .. }) => " pale",
            Some(_) | None => "",
        }
    }

    /// Where the tenant says more, each with its words.
    pub fn links(&self) -> Vec<(&'a str, String)> {
        self.look.map(links).unwrap_or_default()
    }

    /// The class of the card.
    pub fn card(&self) -> &'static str {
        match self.width {
            Width::Narrow => "card",
            Width::Wide => "card w",
        }
    }
}

/// Where a tenant says more, each with its words.
pub(crate) fn links(look: &Look) -> Vec<(&str, String)> {
    let uris = [&look.help_uri, &look.policy_uri, &look.tos_uri];
    let words = [say("foot-help"), say("foot-privacy"), say("foot-terms")];
    uris.into_iter().zip(words).filter_map(|(uri, words)| Some((uri.as_ref()?.as_str(), words))).collect()
}

/// What stands for a name where there is no picture: its first letter.
pub(crate) fn initial(name: &str) -> String {
    let first = name.chars().find(|letter| letter.is_alphanumeric());
    first.map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
}

/// A picture under a name that follows from what is in it.
pub fn picture(content: Vec<u8>) -> Response {
    kept(content, "public, max-age=31536000, immutable")
}

/// A picture of a person: gone an hour after they took it away, wherever it was seen.
pub fn portrait(content: Vec<u8>) -> Response {
    kept(content, "private, max-age=3600")
}

fn kept(content: Vec<u8>, cache: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    respond(StatusCode::OK, &headers, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_by_its_first_letter() {
        assert_eq!(
            (initial("northlight"), initial("…(ada)"), initial("…")),
            ("N".into(), "A".into(), String::new())
        );
    }
}
