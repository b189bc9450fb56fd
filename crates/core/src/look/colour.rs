//! Colours: 8 bits a channel on the wire, and Oklab where they are moved about, because there a step of lightness is a
//! step to the eye.

use std::fmt;

use crate::reason::Reason;

/// A colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self { red: 255, green: 255, blue: 255 };
    /// The darkest colour of words.
    pub const NEAR_BLACK: Self = Self { red: 0x10, green: 0x13, blue: 0x1a };

    /// Reads `#0e4a3c` or `#fa0`.
    ///
    /// # Errors
    /// What it has to be.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let digits = text.strip_prefix('#').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let parsed =
            digits.and_then(|digits| u32::from_str_radix(digits, 16).ok().map(|n| (digits.len(), n)));
        match parsed {
            Some((6, number)) => {
                let [_, red, green, blue] = number.to_be_bytes();
                Ok(Self { red, green, blue })
            }
            Some((3, number)) => {
                let [high, low] = u16::try_from(number).unwrap_or_default().to_be_bytes();
                Ok(Self { red: high * 17, green: (low >> 4) * 17, blue: (low & 15) * 17 })
            }
            Some(_) | None => Err(Reason::ColourRule),
        }
    }

    /// Relative luminance (WCAG 2.2), from 0 to 1.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours (WCAG 2.2), from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    /// A part of another colour mixed in, as `color-mix(in oklab, …)` does.
    #[must_use]
    pub fn mixed(self, other: Self, part: f64) -> Self {
        let (own, other) = (Oklab::from(self), Oklab::from(other));
        let between = |from: f64, to: f64| from + (to - from) * part;
        Oklab {
            lightness: between(own.lightness, other.lightness),
            a: between(own.a, other.a),
            b: between(own.b, other.b),
        }
        .fitted()
    }

    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// A colour in Oklab.
#[derive(Debug, Clone, Copy)]
pub(super) struct Oklab {
    /// From 0, black, to 1, white.
    pub lightness: f64,
    /// From green to red.
    pub a: f64,
    /// From blue to yellow.
    pub b: f64,
}

impl From<Colour> for Oklab {
    fn from(colour: Colour) -> Self {
        let [red, green, blue] = colour.linear();
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let middle = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        Self {
            lightness: 0.210_454_255_3 * long + 0.793_617_785_0 * middle - 0.004_072_046_8 * short,
            a: 1.977_998_495_1 * long - 2.428_592_205_0 * middle + 0.450_593_709_9 * short,
            b: 0.025_904_037_1 * long + 0.782_771_766_2 * middle - 0.808_675_766_0 * short,
        }
    }
}

impl Oklab {
    /// A colour by lightness, chroma and hue in degrees.
    pub(super) fn of(lightness: f64, chroma: f64, hue: f64) -> Self {
        let (sin, cos) = hue.to_radians().sin_cos();
        Self { lightness, a: chroma * cos, b: chroma * sin }
    }

    /// The same hue at another lightness.
    pub(super) fn at(self, lightness: f64) -> Self {
        Self { lightness: lightness.clamp(0.0, 1.0), ..self }
    }

    fn linear(self) -> [f64; 3] {
        let long = (self.lightness + 0.396_337_777_4 * self.a + 0.215_803_757_3 * self.b).powi(3);
        let middle = (self.lightness - 0.105_561_345_8 * self.a - 0.063_854_172_8 * self.b).powi(3);
        let short = (self.lightness - 0.089_484_177_5 * self.a - 1.291_485_548_0 * self.b).powi(3);
        [
            4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short,
        ]
    }

    fn is_srgb(self) -> bool {
        self.linear().iter().all(|value| (-0.000_1..=1.000_1).contains(value))
    }

    /// In sRGB: with as much of its chroma as there is room for.
    pub(super) fn fitted(self) -> Colour {
        let with = |part: f64| Self { a: self.a * part, b: self.b * part, ..self };
        let (mut within, mut beyond) = (0.0, 1.0);
        if self.is_srgb() {
            within = 1.0;
        } else {
            for _ in 0..12 {
                let middle = f64::midpoint(within, beyond);
                if with(middle).is_srgb() {
                    within = middle;
                } else {
                    beyond = middle;
                }
            }
        }
        let [red, green, blue] = with(within).linear().map(rounded);
        Colour { red, green, blue }
    }
}

/// A linear value in 8 bits.
fn rounded(linear: f64) -> u8 {
    let value = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 255")]
    let byte = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    byte
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        for (text, shown) in [("#0e4a3c", "#0e4a3c"), ("#FA0", "#ffaa00"), ("#FfFfFf", "#ffffff")] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), shown);
        }
        for bad in ["", "#", "0e4a3c", "#0e4a3", "#0e4a3c0", "#ggg", "red", "#+12345", "#12é", "#-12"] {
            assert_eq!(Colour::parse(bad), Err(Reason::ColourRule), "{bad}");
        }
    }

    /// WCAG 2.2: black on white is 21 to 1; `#767676` is the lightest grey that reaches 4.5.
    #[test]
    fn contrast_is_measured_as_wcag_does() {
        let black = Colour::parse("#000").unwrap();
        assert!((black.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        assert!(Colour::parse("#767676").unwrap().contrast(Colour::WHITE) >= 4.5);
        assert!(Colour::parse("#777777").unwrap().contrast(Colour::WHITE) < 4.5);
    }

    proptest! {
        #[test]
        fn a_colour_comes_back_from_oklab(red: u8, green: u8, blue: u8) {
            let colour = Colour { red, green, blue };
            prop_assert_eq!(Oklab::from(colour).fitted(), colour);
            prop_assert_eq!(Colour::parse(&colour.to_string()), Ok(colour));
        }

        #[test]
        fn what_is_no_colour_panics_nowhere(text in "\\PC{0,12}") {
            let _ = Colour::parse(&text);
        }
    }
}
