//! A tenant's look as it is stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use writ_core::client::WebUri;
use writ_core::look::{Colour, Font, Look, PictureName, Style};

use crate::row::Column;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StoredLook {
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hue: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corners: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    font: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_dark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
}

impl From<&Look> for StoredLook {
    fn from(look: &Look) -> Self {
        let Look { style, logo, logo_dark, icon, tos_uri, policy_uri, help_uri } = look;
        let colour = |colour: Option<Colour>| colour.map(|colour| colour.to_string());
        let uri = |uri: &Option<WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            brand: colour(style.brand),
            ground: colour(style.ground),
            hue: style.hue,
            corners: style.corners,
            font: (style.font != Font::default()).then(|| style.font.name().to_owned()),
            logo: logo.as_ref().map(|name| name.as_str().to_owned()),
            logo_dark: logo_dark.as_ref().map(|name| name.as_str().to_owned()),
            icon: icon.as_ref().map(|name| name.as_str().to_owned()),
            tos_uri: uri(tos_uri),
            policy_uri: uri(policy_uri),
            help_uri: uri(help_uri),
        }
    }
}

impl StoredLook {
    pub(super) fn read(self) -> Column<Arc<Look>> {
        let colour = |text: Option<String>| {
            text.map(|text| Colour::parse(&text).map_err(|_| format!("unknown colour {text}"))).transpose()
        };
        let uri = |text: Option<String>| text.map(|text| WebUri::from_stored(&text));
        Ok(Arc::new(Look {
            style: Style {
                brand: colour(self.brand)?,
                ground: colour(self.ground)?,
                hue: self.hue,
                corners: self.corners,
                font: self.font.as_deref().and_then(Font::by_name).unwrap_or_default(),
            },
            logo: self.logo.as_deref().and_then(PictureName::parse),
            logo_dark: self.logo_dark.as_deref().and_then(PictureName::parse),
            icon: self.icon.as_deref().and_then(PictureName::parse),
            tos_uri: uri(self.tos_uri),
            policy_uri: uri(self.policy_uri),
            help_uri: uri(self.help_uri),
        }))
    }
}

/// One in which everything is chosen.
#[cfg(test)]
pub(super) fn every() -> Arc<Look> {
    use writ_core::look::PictureKind;

    let uri = |path: &str| WebUri::parse(&format!("https://acme.example/{path}")).ok();
    Arc::new(Look {
        style: Style {
            brand: Colour::parse("#0e4a3c").ok(),
            ground: Colour::parse("#fdf3e1").ok(),
            hue: Some(60),
            corners: Some(0),
            font: Font::Serif,
        },
        logo: Some(PictureName::of(PictureKind::TenantLogo, b"light")),
        logo_dark: Some(PictureName::of(PictureKind::TenantLogo, b"dark")),
        icon: Some(PictureName::of(PictureKind::TenantLogo, b"icon")),
        tos_uri: uri("terms"),
        policy_uri: uri("privacy"),
        help_uri: uri("help?a=b"),
    })
}
