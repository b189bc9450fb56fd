//! Time as the core sees it: whole numbers that are always passed in, never read from a clock.

/// Microseconds since 1970-01-01T00:00:00Z, as stored. Arithmetic saturates instead of wrapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

/// A span of whole seconds, as used for lifetimes. May be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Micros {
    /// The instant that lies `seconds` after the epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// The instant `span` later.
    #[must_use]
    pub const fn plus(self, span: Seconds) -> Self {
        Self(self.0.saturating_add(span.as_micros()))
    }

    /// The instant `span` earlier.
    #[must_use]
    pub const fn minus(self, span: Seconds) -> Self {
        Self(self.0.saturating_sub(span.as_micros()))
    }

    /// The whole seconds from `earlier` to here, rounded down; negative if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0).div_euclid(MICROS_PER_SECOND))
    }

    /// Seconds since the epoch, rounded down: a JWT `NumericDate` (RFC 7519 §2).
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }
}

impl Seconds {
    /// The span in microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0.saturating_mul(MICROS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_round_down_on_both_sides_of_the_epoch() {
        assert_eq!(Micros(1_999_999).as_secs(), 1);
        assert_eq!(Micros(-1).as_secs(), -1);
        assert_eq!(Micros(1_999_999).since(Micros(0)), Seconds(1));
        assert_eq!(Micros(0).since(Micros(1)), Seconds(-1));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Micros(i64::MAX).plus(Seconds(1)), Micros(i64::MAX));
        assert_eq!(Micros(0).plus(Seconds(i64::MAX)), Micros(i64::MAX));
        assert_eq!(Micros(i64::MIN).minus(Seconds(1)), Micros(i64::MIN));
    }

    proptest! {
        #[test]
        fn minus_undoes_plus(at in -1_i64 << 52..1 << 52, span in -1_i64 << 32..1 << 32) {
            let (at, span) = (Micros(at), Seconds(span));
            prop_assert_eq!(at.plus(span).minus(span), at);
            prop_assert_eq!(at.plus(span).since(at), span);
        }
    }
}
