//! A tenant's look, as its settings show and take it.

use std::sync::Arc;

use serde::Serialize;
use writ_core::client::WebUri;
use writ_core::look::{Colour, Font, LogoSent, Look, LookPatch, PictureKind, PictureName, ROUNDEST};

use super::fields::Fields;
use crate::pictures;

/// Where pictures are.
const PLACE: &str = "/assets/";
/// What a logo is sent as.
pub(super) const LOGO: &str =
    "a picture as a data: URI in base64: PNG, JPEG or WebP of 256 KiB and 1024 pixels a side at the most";

/// What holds. `null`: as Writ has it.
#[derive(Serialize)]
pub(super) struct LookView {
    brand_color: Option<String>,
    ground_color: Option<String>,
    hue: Option<u16>,
    corners: Option<u8>,
    font: &'static str,
    /// Where the server has them.
    logo: Option<String>,
    logo_dark: Option<String>,
    icon: Option<String>,
    tos_uri: Option<String>,
    policy_uri: Option<String>,
    help_uri: Option<String>,
}

impl From<&Look> for LookView {
    fn from(look: &Look) -> Self {
        let Look { style, logo, logo_dark, icon, tos_uri, policy_uri, help_uri } = look;
        let colour = |colour: Option<Colour>| colour.map(|colour| colour.to_string());
        let uri = |uri: &Option<WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            brand_color: colour(style.brand),
            ground_color: colour(style.ground),
            hue: style.hue,
            corners: style.corners,
            font: style.font.name(),
            logo: logo.as_ref().map(place),
            logo_dark: logo_dark.as_ref().map(place),
            icon: icon.as_ref().map(place),
            tos_uri: uri(tos_uri),
            policy_uri: uri(policy_uri),
            help_uri: uri(help_uri),
        }
    }
}

/// The look that was sent: what is absent stays, `null` is the default, also of the whole.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
pub(super) fn read(sent: &mut Fields) -> Option<Option<LookPatch>> {
    const COLOUR: &str = "a colour such as #0e4a3c";
    const URI: &str = "an https address, or http on a loopback host";
    if sent.is_null("look") {
        let _ = sent.text("settings.look");
        return Some(None);
    }
    let colour = |text: &str| Colour::parse(text).ok();
    let uri = |text: &str| WebUri::parse(text).ok();
    sent.object("settings.look", |look| LookPatch {
        brand: look.word("settings.look.brand_color", COLOUR, colour),
        ground: look.word("settings.look.ground_color", COLOUR, colour),
        hue: narrowed(look.whole("settings.look.hue", &(0..=359))),
        corners: narrowed(look.whole("settings.look.corners", &(0..=ROUNDEST.into()))),
        font: look.word("settings.look.font", "one of sans, serif and rounded", Font::by_name),
        logo: look.word("settings.look.logo", LOGO, logo),
        logo_dark: look.word("settings.look.logo_dark", LOGO, logo),
        icon: look.word("settings.look.icon", LOGO, logo),
        tos_uri: look.word("settings.look.tos_uri", URI, uri),
        policy_uri: look.word("settings.look.policy_uri", URI, uri),
        help_uri: look.word("settings.look.help_uri", URI, uri),
    })
    .map(Some)
}

/// The path of a picture.
pub(super) fn place(name: &PictureName) -> String {
    format!("{PLACE}{}", name.as_str())
}

/// A picture, or the path of one that is there.
fn logo(text: &str) -> Option<LogoSent> {
    match text.strip_prefix(PLACE) {
        Some(name) => PictureName::parse(name).map(LogoSent::Known),
        None => pictures::sent(PictureKind::TenantLogo, text).map(|picture| LogoSent::New(Arc::new(picture))),
    }
}

/// A number that is within its bounds, and therefore fits.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
fn narrowed<T: TryFrom<u32>>(sent: Option<Option<u32>>) -> Option<Option<T>> {
    sent.map(|value| value.and_then(|number| T::try_from(number).ok()))
}
