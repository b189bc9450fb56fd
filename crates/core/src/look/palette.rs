//! How a colour that somebody likes becomes colours that everybody can read. The hue stays; lightness moves in small
//! steps until the contrast is there, measured in the 8 bits that are sent.

use super::colour::{Colour, Oklab};

/// What words on a button have at least.
const ON_BRAND: f64 = 5.2;
/// What they have at least while the pointer is on it.
const ON_HOVERED: f64 = 4.55;
/// How much of the words is in the fill then.
const HOVER: f64 = 0.08;
/// What links on paper have at least.
const INK: f64 = 5.0;
/// What links have at least on what is chosen.
const INK_ON_TINT: f64 = 4.6;
/// What words on the ground have at least.
const ON_GROUND: f64 = 5.0;
/// How far words on the ground may be softened towards it.
const SOFTENED: f64 = 7.0;
/// What a button has at least against dark paper.
const BUTTON_ON_DARK: f64 = 3.0;
/// From here on white words are used, although black ones were a little better: they look right on a strong colour.
const WHITE_WILL_DO: f64 = 3.6;
/// How much of the brand is in what is chosen.
const TINT: f64 = 0.12;
/// A step of lightness.
const STEP: f64 = 0.01;
/// The lightness of the ground at the most, where everything is dark.
const DARK_GROUND: f64 = 0.21;
/// The hue that tints the greys where nobody chose one.
pub(super) const HUE: u16 = 264;

/// The colours that a brand becomes in one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brand {
    /// The fill of the main button.
    pub fill: Colour,
    /// Words on that fill.
    pub on: Colour,
    /// Links, focus, what is chosen.
    pub ink: Colour,
}

/// The colours behind the card in one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// The ground.
    pub fill: Colour,
    /// Words on it.
    pub on: Colour,
}

/// In which direction lightness goes.
#[derive(Debug, Clone, Copy)]
enum Towards {
    Black,
    White,
}

/// The first colour of that hue that will do, from this one on.
fn moved(from: Colour, towards: Towards, will_do: impl Fn(Colour) -> bool) -> Colour {
    let start = Oklab::from(from);
    let mut colour = from;
    let mut lightness = start.lightness;
    while !will_do(colour) && (0.0..=1.0).contains(&lightness) {
        lightness += match towards {
            Towards::Black => -STEP,
            Towards::White => STEP,
        };
        colour = start.at(lightness).fitted();
    }
    colour
}

/// White or near-black, whichever can be read better.
fn better_on(colour: Colour) -> Colour {
    let (white, black) = (colour.contrast(Colour::WHITE), colour.contrast(Colour::NEAR_BLACK));
    if white >= black { Colour::WHITE } else { Colour::NEAR_BLACK }
}

/// Away from the words on it.
fn away(on: Colour) -> Towards {
    if on == Colour::WHITE { Towards::Black } else { Towards::White }
}

/// The paper of the dark theme: as the stylesheet has it.
pub(super) fn dark_paper(hue: u16) -> Colour {
    Oklab::of(0.21, 0.016, f64::from(hue)).fitted()
}

/// Whether words can be read on a button, also while the pointer is on it.
fn carries(fill: Colour, on: Colour) -> bool {
    fill.contrast(on) >= ON_BRAND && fill.mixed(on, HOVER).contrast(on) >= ON_HOVERED
}

fn ink(colour: Colour, paper: Colour, towards: Towards) -> Colour {
    moved(colour, towards, |ink| {
        ink.contrast(paper) >= INK && ink.contrast(paper.mixed(ink, TINT)) >= INK_ON_TINT
    })
}

impl Brand {
    /// Where everything is light.
    pub fn light(colour: Colour) -> Self {
        let white = colour.contrast(Colour::WHITE);
        let on = if white >= WHITE_WILL_DO { Colour::WHITE } else { better_on(colour) };
        let fill = moved(colour, away(on), |fill| carries(fill, on));
        Self { fill, on, ink: ink(colour, Colour::WHITE, Towards::Black) }
    }

    /// Where everything is dark, on this paper.
    pub fn dark(colour: Colour, paper: Colour) -> Self {
        let fill = moved(colour, Towards::White, |fill| {
            fill.contrast(paper) >= BUTTON_ON_DARK && carries(fill, better_on(fill))
        });
        Self { fill, on: better_on(fill), ink: ink(colour, paper, Towards::White) }
    }
}

impl Ground {
    /// Where everything is light: as it was chosen, as long as words on it can be read.
    pub fn light(colour: Colour) -> Self {
        let on = better_on(colour);
        let fill = moved(colour, away(on), |fill| fill.contrast(on) >= ON_GROUND);
        Self { fill, on: softened(on, fill) }
    }

    /// Where everything is dark: the same hue, and never bright.
    pub fn dark(colour: Colour) -> Self {
        let own = Oklab::from(colour);
        let fill = own.at(own.lightness.min(DARK_GROUND)).fitted();
        Self { fill, on: softened(Colour::WHITE, fill) }
    }
}

/// Words with something of the ground in them, as far as that goes.
fn softened(on: Colour, ground: Colour) -> Colour {
    (1..=8)
        .map(|step| on.mixed(ground, f64::from(step) * 0.04))
        .take_while(|softer| softer.contrast(ground) >= SOFTENED)
        .last()
        .unwrap_or(on)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What WCAG 2.2 asks of text (1.4.3).
    const READABLE: f64 = 4.5;
    /// What it asks of what can be pressed (1.4.11).
    const VISIBLE: f64 = 3.0;

    fn check(colour: Colour, hue: u16) -> Result<(), TestCaseError> {
        let paper = dark_paper(hue);
        for (brand, paper) in [(Brand::light(colour), Colour::WHITE), (Brand::dark(colour, paper), paper)] {
            let hovered = brand.fill.mixed(brand.on, HOVER);
            let tint = paper.mixed(brand.ink, 0.09);
            prop_assert!(brand.fill.contrast(brand.on) >= READABLE, "{colour}: {brand:?}");
            prop_assert!(hovered.contrast(brand.on) >= READABLE, "{colour}: {brand:?} hovered");
            prop_assert!(brand.ink.contrast(paper) >= READABLE, "{colour}: {brand:?} on paper");
            prop_assert!(brand.ink.contrast(tint) >= READABLE, "{colour}: {brand:?} on tint");
            // The button has an edge of ink.
            prop_assert!(brand.ink.contrast(paper) >= VISIBLE);
        }
        for ground in [Ground::light(colour), Ground::dark(colour)] {
            prop_assert!(ground.fill.contrast(ground.on) >= READABLE, "{colour}: {ground:?}");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn words_can_be_read_whatever_colour_is_chosen(red: u8, green: u8, blue: u8, hue in 0_u16..360) {
            check(Colour { red, green, blue }, hue)?;
        }
    }

    /// Not only by chance: the whole cube in steps.
    #[test]
    fn words_can_be_read_on_4096_colours() {
        let steps = || (0..=255).step_by(17);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    check(Colour { red, green, blue }, HUE).unwrap();
                }
            }
        }
    }

    /// A colour that is good already stays what it is.
    #[test]
    fn a_colour_that_can_be_read_is_kept() {
        let green = Colour::parse("#0e4a3c").unwrap();
        assert_eq!(Brand::light(green), Brand { fill: green, on: Colour::WHITE, ink: green });
        assert_eq!(Ground::light(green).fill, green);
        let yellow = Brand::light(Colour::parse("#f2b705").unwrap());
        assert_eq!((yellow.fill.to_string().as_str(), yellow.on), ("#f2b705", Colour::NEAR_BLACK));
        assert_ne!(yellow.ink, yellow.fill);
    }
}
