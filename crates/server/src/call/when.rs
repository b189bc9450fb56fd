//! Times as people read them.

use std::fmt;

use writ_core::time::Micros;

use crate::call::words::{say, say_count, say_of};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A time: how long ago up to a day, then a date. The exact time is in the markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// RFC 3339, in UTC.
    exact: String,
    words: String,
}

impl When {
    /// A time that is over, as it is told now. One that is still to come is just now: clocks differ.
    pub(crate) fn ago(at: Micros, now: Micros) -> Self {
        let seconds = now.since(at).0;
        let words = match seconds {
            ..MINUTE => say("when-now"),
            MINUTE..HOUR => say_count("when-minutes", seconds / MINUTE),
            HOUR..DAY => say_count("when-hours", seconds / HOUR),
            DAY.. => date(at),
        };
        Self { exact: exact(at), words }
    }

    /// The day of a time, whenever it is.
    pub(crate) fn on(at: Micros) -> Self {
        Self { exact: exact(at), words: date(at) }
    }

    /// A time to the minute, whenever it is.
    pub(crate) fn exactly(at: Micros) -> Self {
        let exact = exact(at);
        let time = exact.get(11..16).unwrap_or_default().to_owned();
        Self { words: say_of("when-moment", &[("date", &date(at)), ("time", &time)]), exact }
    }

    /// In words alone.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.exact, self.words)
    }
}

impl askama::filters::HtmlSafe for When {}

/// RFC 3339 in UTC, to the second.
pub(crate) fn exact(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}

fn date(at: Micros) -> String {
    let Ok(time) = jiff::Timestamp::from_microsecond(at.0) else { return String::new() };
    let day = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    let month = say(MONTHS.get(usize::from(day.month().unsigned_abs()).saturating_sub(1)).unwrap_or(&""));
    say_of(
        "when-date",
        &[("day", &day.day().to_string()), ("month", &month), ("year", &day.year().to_string())],
    )
}

const MONTHS: [&str; 12] = [
    "month-january",
    "month-february",
    "month-march",
    "month-april",
    "month-may",
    "month-june",
    "month-july",
    "month-august",
    "month-september",
    "month-october",
    "month-november",
    "month-december",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_from_now_up_to_a_day_and_then_by_its_date() {
        let now = Micros::from_secs(1_800_000_000);
        for (seconds, words) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (61 * 60 - 1, "1 hour ago"),
            (119, "1 minute ago"),
            (120, "2 minutes ago"),
            (2 * HOUR, "2 hours ago"),
            (DAY - 1, "23 hours ago"),
            (DAY, "14 January 2027"),
        ] {
            let at = Micros::from_secs(1_800_000_000 - seconds);
            assert_eq!(When::ago(at, now).words(), words, "{seconds}");
        }
        assert_eq!(When::exactly(now).words(), "15 January 2027, 08:00 UTC");
        let shown = When::on(now).to_string();
        assert_eq!(shown, "<time datetime=\"2027-01-15T08:00:00Z\">15 January 2027</time>");
    }
}
