//! The look of a tenant's pages and letters: what it may choose, and what becomes of it.

mod colour;
mod palette;
mod picture;

pub use colour::Colour;
pub use palette::{Brand, Ground};
pub use picture::{LogoSent, Picture, PictureChange, PictureKind, PictureName, PictureSize};

use crate::client::WebUri;

/// The roundest corners, in pixels.
pub const ROUNDEST: u8 = 24;

/// The kind of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Font {
    /// As the system has it, without serifs.
    #[default]
    Sans,
    /// With serifs.
    Serif,
    /// With round ends.
    Rounded,
}

impl Font {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sans, Self::Serif, Self::Rounded];

    /// The word, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sans => "sans",
            Self::Serif => "serif",
            Self::Rounded => "rounded",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|font| font.name() == name)
    }
}

/// What decides how the pages are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    /// The colour of buttons and links.
    pub brand: Option<Colour>,
    /// The colour behind the card.
    pub ground: Option<Colour>,
    /// The hue of the greys, in degrees.
    pub hue: Option<u16>,
    /// How round corners are, in pixels.
    pub corners: Option<u8>,
    /// The kind of letters.
    pub font: Font,
}

impl Style {
    /// The colours that the brand becomes: where everything is light, and where everything is dark.
    pub fn brands(&self) -> Option<(Brand, Brand)> {
        let paper = palette::dark_paper(self.hue.unwrap_or(palette::HUE));
        self.brand.map(|colour| (Brand::light(colour), Brand::dark(colour, paper)))
    }

    /// The colours that the ground becomes, likewise.
    pub fn grounds(&self) -> Option<(Ground, Ground)> {
        self.ground.map(|colour| (Ground::light(colour), Ground::dark(colour)))
    }
}

/// The look of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// How the pages are drawn.
    pub style: Style,
    /// Its logo.
    pub logo: Option<PictureName>,
    /// Its logo where everything is dark; none: the other one, on a light plate.
    pub logo_dark: Option<PictureName>,
    /// What browsers show beside the titles of its pages; none: its logo, if that is square, or Writ's own.
    pub icon: Option<PictureName>,
    /// Its terms of service.
    pub tos_uri: Option<WebUri>,
    /// What it does with what it knows of people.
    pub policy_uri: Option<WebUri>,
    /// Where people are helped.
    pub help_uri: Option<WebUri>,
}

/// What shall be changed of a look. Absent: it stays. `Some(None)`: its default.
#[derive(Debug, Clone, Default)]
pub struct LookPatch {
    /// See [`Style::brand`].
    pub brand: Option<Option<Colour>>,
    /// See [`Style::ground`].
    pub ground: Option<Option<Colour>>,
    /// See [`Style::hue`].
    pub hue: Option<Option<u16>>,
    /// See [`Style::corners`].
    pub corners: Option<Option<u8>>,
    /// See [`Style::font`].
    pub font: Option<Option<Font>>,
    /// See [`Look::logo`].
    pub logo: Option<Option<LogoSent>>,
    /// See [`Look::logo_dark`].
    pub logo_dark: Option<Option<LogoSent>>,
    /// See [`Look::icon`].
    pub icon: Option<Option<LogoSent>>,
    /// See [`Look::tos_uri`].
    pub tos_uri: Option<Option<WebUri>>,
    /// See [`Look::policy_uri`].
    pub policy_uri: Option<Option<WebUri>>,
    /// See [`Look::help_uri`].
    pub help_uri: Option<Option<WebUri>>,
}

impl LookPatch {
    /// The look after it.
    pub fn applied_to(&self, before: &Look) -> Look {
        Look {
            style: Style {
                brand: self.brand.unwrap_or(before.style.brand),
                ground: self.ground.unwrap_or(before.style.ground),
                hue: self.hue.unwrap_or(before.style.hue),
                corners: self.corners.unwrap_or(before.style.corners),
                font: self.font.map_or(before.style.font, Option::unwrap_or_default),
            },
            logo: named(self.logo.as_ref(), before.logo.as_ref()),
            logo_dark: named(self.logo_dark.as_ref(), before.logo_dark.as_ref()),
            icon: named(self.icon.as_ref(), before.icon.as_ref()),
            tos_uri: self.tos_uri.clone().unwrap_or_else(|| before.tos_uri.clone()),
            policy_uri: self.policy_uri.clone().unwrap_or_else(|| before.policy_uri.clone()),
            help_uri: self.help_uri.clone().unwrap_or_else(|| before.help_uri.clone()),
        }
    }
}

/// The name of a logo after a change.
fn named(sent: Option<&Option<LogoSent>>, before: Option<&PictureName>) -> Option<PictureName> {
    match sent {
        None => before.cloned(),
        Some(sent) => sent.as_ref().map(|logo| logo.name().clone()),
    }
}

impl LookPatch {
    /// The logos that are sent, each with its member.
    pub fn logos(&self) -> impl Iterator<Item = (&'static str, &LogoSent)> {
        let sent = [("logo", &self.logo), ("logo_dark", &self.logo_dark), ("icon", &self.icon)];
        sent.into_iter().filter_map(|(member, logo)| Some((member, logo.as_ref()?.as_ref()?)))
    }
}

impl Look {
    /// Whether a picture is one of its logos.
    pub fn has(&self, name: &PictureName) -> bool {
        self.pictures().any(|known| known == name)
    }

    /// Its pictures.
    pub fn pictures(&self) -> impl Iterator<Item = &PictureName> {
        [&self.logo, &self.logo_dark, &self.icon].into_iter().flatten()
    }

    /// What browsers show beside the titles of its pages; none: Writ's own.
    pub fn shown_icon(&self) -> Option<&PictureName> {
        let square = |name: &&PictureName| name.size().is_some_and(|size| size.width == size.height);
        self.icon.as_ref().or(self.logo.as_ref().filter(square))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sent_stays_and_null_is_the_default() {
        let before = Look {
            style: Style { brand: Colour::parse("#123").ok(), font: Font::Serif, ..Style::default() },
            help_uri: WebUri::parse("https://help.example/").ok(),
            ..Look::default()
        };
        assert_eq!(LookPatch::default().applied_to(&before), before);
        let patch = LookPatch {
            font: Some(None),
            corners: Some(Some(3)),
            help_uri: Some(None),
            ..LookPatch::default()
        };
        let after = patch.applied_to(&before);
        assert_eq!((after.style.font, after.style.corners, after.help_uri), (Font::Sans, Some(3), None));
        assert_eq!(after.style.brand, before.style.brand);
        for font in Font::ALL {
            assert_eq!(Font::by_name(font.name()), Some(font));
        }
    }
}
