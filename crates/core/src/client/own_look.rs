//! The look of a client of its own, over that of its tenant: where people come from it, and where the tenant allows that
//! (`application_looks`). A part of the rare metadata. The questions that people answer stay Writ's, and so do the names of
//! whom they deal with.

use writ_jose::{Json, JsonObject};

use super::Update;
use crate::look::{Colour, Font, ROUNDEST, Style};
use crate::settings::{OwnText, OwnTexts, TenantSettings};

/// How a stored member of the look begins.
const START: &str = "look.";
/// How a stored text begins: its language and its place come behind.
const TEXT: &str = "look.text.";

/// What a client has chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientLook {
    /// How pages are drawn; what it does not choose is the tenant's.
    pub style: Style,
    /// What it says there, by language; of the places in [`ClientLook::TEXTS`].
    pub texts: OwnTexts,
}

/// What shall become of it, as it was sent, and as it was read: the whole.
pub type ClientLookPatch = Update<Box<ClientLook>>;

impl ClientLook {
    /// Where a client may say something.
    pub const TEXTS: [OwnText; 3] = [OwnText::SignInTitle, OwnText::SignInIntro, OwnText::ConsentIntro];

    /// Whether it has chosen nothing.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The choices of a tenant as they hold on pages that people come to from the client.
    #[must_use]
    pub fn over(&self, tenant: &TenantSettings) -> TenantSettings {
        let Style { brand, ground, hue, corners, font } = self.style;
        let below = tenant.look.style;
        let mut look = (*tenant.look).clone();
        look.style = Style {
            brand: brand.or(below.brand),
            ground: ground.or(below.ground),
            hue: hue.or(below.hue),
            corners: corners.or(below.corners),
            font: if font == Font::default() { below.font } else { font },
        };
        let mut texts = (*tenant.texts).clone();
        for (tag, own) in self.texts.languages() {
            for (text, words) in own {
                texts = texts.with(tag, text, words);
            }
        }
        TenantSettings { look: look.into(), texts: texts.into(), ..tenant.clone() }
    }

    /// Writes what there is into the stored object.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        let Style { brand, ground, hue, corners, font } = self.style;
        for (name, colour) in [("brand_color", brand), ("ground_color", ground)] {
            if let Some(colour) = colour {
                json.string(&format!("{START}{name}"), &colour.to_string());
            }
        }
        for (name, number) in [("hue", hue), ("corners", corners.map(u16::from))] {
            if let Some(number) = number {
                json.number(&format!("{START}{name}"), number.into());
            }
        }
        if font != Font::default() {
            json.string(&format!("{START}font"), font.name());
        }
        for (tag, texts) in self.texts.languages() {
            for (text, words) in texts {
                json.string(&format!("{TEXT}{tag}.{}", text.name()), words);
            }
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let member = |name: &str| json.get(&format!("{START}{name}"));
        let colour = |name| member(name).and_then(Json::as_str).and_then(|text| Colour::parse(text).ok());
        let number = |name| member(name).and_then(Json::as_i64);
        let texts = json.as_object().into_iter().flatten().filter_map(|(member, value)| {
            let (tag, name) = member.strip_prefix(TEXT)?.split_once('.')?;
            Some((tag, OwnText::by_name(name)?, value.as_str()?))
        });
        Self {
            style: Style {
                brand: colour("brand_color"),
                ground: colour("ground_color"),
                hue: number("hue").and_then(|hue| u16::try_from(hue).ok()).filter(|hue| *hue < 360),
                corners: number("corners")
                    .and_then(|corners| u8::try_from(corners).ok())
                    .filter(|corners| *corners <= ROUNDEST),
                font: member("font").and_then(Json::as_str).and_then(Font::by_name).unwrap_or_default(),
            },
            texts: texts.fold(OwnTexts::default(), |texts, (tag, text, words)| texts.with(tag, text, words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Metadata;
    use crate::look::Look;

    fn some() -> ClientLook {
        ClientLook {
            style: Style {
                brand: Colour::parse("#0e4a3c").ok(),
                corners: Some(0),
                font: Font::Serif,
                ..Style::default()
            },
            texts: OwnTexts::default().with("de", OwnText::SignInTitle, "Willkommen \"zurück\""),
        }
    }

    #[test]
    fn a_look_comes_back_from_storage() {
        let metadata = Metadata { look: some(), ..Metadata::default() };
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), metadata);
        let odd = r#"{"look.hue":999,"look.corners":-1,"look.brand_color":"red","look.text.de.nothing":"x","look.font":1}"#;
        assert!(Metadata::from_stored(odd).look.is_plain());
    }

    #[test]
    fn what_a_client_does_not_choose_is_its_tenants() {
        let below = Style { ground: Colour::parse("#fdf3e1").ok(), font: Font::Rounded, ..Style::default() };
        let tenant = TenantSettings {
            look: Look { style: below, ..Look::default() }.into(),
            texts: OwnTexts::default()
                .with("de", OwnText::SignInTitle, "Hallo")
                .with("de", OwnText::Footer, "Northlight GmbH")
                .into(),
            ..TenantSettings::default()
        };
        let after = some().over(&tenant);
        assert_eq!(after.look.style, Style { ground: below.ground, ..some().style });
        assert_eq!(after.texts.get("de", OwnText::SignInTitle), Some("Willkommen \"zurück\""));
        assert_eq!(after.texts.get("de", OwnText::Footer), Some("Northlight GmbH"));
        assert_eq!(ClientLook::default().over(&tenant), tenant);
    }
}
