//! How a tenant's look is drawn: a few variables that come after the stylesheet, in the page itself. A page names what it
//! draws by its hash in its policy, so that nothing else is drawn, and no other tenant's.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moka::sync::Cache;
use writ_core::look::{Brand, Font, Ground, Style};
use writ_core::secret::sha256;

/// Styles that are kept drawn.
const KEPT: u64 = 1_000;

/// A style as a stylesheet.
#[derive(Debug)]
pub struct DrawnStyle {
    /// The text.
    pub css: String,
    /// How a policy names it (CSP 3, `hash-source`).
    pub source: String,
}

/// What a style becomes follows from the style alone: whoever chose the same has the same.
static DRAWN: LazyLock<Cache<Style, Arc<DrawnStyle>>> = LazyLock::new(|| Cache::new(KEPT));

/// A style as a stylesheet; none where it is Writ's own.
pub(crate) fn drawn(style: &Style) -> Option<Arc<DrawnStyle>> {
    if *style == Style::default() {
        return None;
    }
    Some(DRAWN.get_with(*style, || {
        let css = css(style);
        let source = format!("'sha256-{}'", STANDARD.encode(sha256(css.as_bytes()).as_bytes()));
        Arc::new(DrawnStyle { css, source })
    }))
}

/// The variables. A browser that knows no `light-dark()` gets the light ones.
fn css(style: &Style) -> String {
    let mut light = String::new();
    let mut both = String::new();
    // Writing to a string does not fail.
    if let Some(corners) = style.corners {
        let _ = write!(light, "--r:{corners}px;");
    }
    if let Some(hue) = style.hue {
        let _ = write!(light, "--h:{hue};");
    }
    if let Some(font) = family(style.font) {
        let _ = write!(light, "--font:{font};");
    }
    for (name, day, night) in colours(style) {
        let _ = write!(light, "--{name}:{day};");
        if day != night {
            let _ = write!(both, "--{name}:light-dark({day},{night});");
        }
    }
    let mut css = format!(":root{{{light}}}");
    if !both.is_empty() {
        let _ = write!(css, "@supports(color:light-dark(#000,#fff)){{:root{{{both}}}}}");
    }
    css
}

/// The colours by the names of their variables: where everything is light, and where everything is dark.
fn colours(style: &Style) -> Vec<(&'static str, writ_core::look::Colour, writ_core::look::Colour)> {
    let mut colours = Vec::new();
    if let Some((Brand { fill, on, ink }, night)) = style.brands() {
        colours.extend([
            ("brand", fill, night.fill),
            ("brand-on", on, night.on),
            ("brand-ink", ink, night.ink),
        ]);
    }
    if let Some((Ground { fill, on }, night)) = style.grounds() {
        colours.extend([("ground", fill, night.fill), ("ground-on", on, night.on)]);
    }
    colours
}

/// Families that systems have; none: the stylesheet's.
pub(crate) const fn family(font: Font) -> Option<&'static str> {
    match font {
        Font::Sans => None,
        Font::Serif => Some("ui-serif,Charter,\"Sitka Text\",Cambria,\"Noto Serif\",serif"),
        Font::Rounded => Some(
            "ui-rounded,\"SF Pro Rounded\",Quicksand,\"Arial Rounded MT Bold\",\"Noto Sans\",system-ui,sans-serif",
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use writ_core::look::Colour;

    use super::*;

    #[test]
    fn only_what_was_chosen_is_drawn() {
        assert!(drawn(&Style::default()).is_none());
        let corners = drawn(&Style { corners: Some(3), ..Style::default() }).unwrap();
        assert_eq!(corners.css, ":root{--r:3px;}");
        let green = Style { brand: Colour::parse("#0e4a3c").ok(), ..Style::default() };
        let green = drawn(&green).unwrap();
        assert!(green.css.starts_with(":root{--brand:#0e4a3c;--brand-on:#ffffff;"), "{}", green.css);
        assert!(
            green.css.contains("light-dark(#0e4a3c,#") && !green.css.contains("--ground"),
            "{}",
            green.css
        );
        assert_ne!(corners.source, green.source);
    }

    proptest! {
        /// Whatever is chosen, nothing but variables comes of it, and nothing that ends the element it stands in.
        #[test]
        fn a_look_is_variables_alone(
            brand: Option<(u8, u8, u8)>, ground: Option<(u8, u8, u8)>, hue in proptest::option::of(0_u16..360),
            corners in proptest::option::of(0_u8..=24), font in 0_usize..3,
        ) {
            let colour = |of: Option<(u8, u8, u8)>| of.map(|(red, green, blue)| Colour { red, green, blue });
            let style = Style { brand: colour(brand), ground: colour(ground), hue, corners, font: Font::ALL[font] };
            let css = css(&style);
            prop_assert!(!css.contains(['<', '>', '\\', '/']) && !css.contains("url"), "{css}");
            prop_assert!(css.len() < 900, "{css}");
            prop_assert_eq!(css.matches('{').count(), css.matches('}').count());
        }
    }
}
