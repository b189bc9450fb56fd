//! Which page of a list a caller asks for, and the cursor of the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::error::OAuthError;
use writ_core::shell_reason::ShellReason;
use writ_core::time::Micros;
use writ_store::After;

use crate::call::request::Call;

/// Rows of a page where the caller does not say.
const LIMIT: i64 = 50;
/// Rows of a page at the most.
const LIMIT_MOST: i64 = 200;

/// A page of a list.
pub struct Listed<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub total: i64,
    /// Where there is more: how to get it.
    pub next_cursor: Option<String>,
}

/// Which page a caller asks for.
pub struct Page {
    /// Behind which row.
    pub after: After,
    /// Rows at the most.
    pub limit: i64,
}

impl Page {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// `invalid_request`, naming the parameter.
    pub fn of(call: &Call) -> Result<Self, OAuthError> {
        let query = call.query()?;
        let limit = match query.get("limit") {
            None => LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MOST).contains(limit))
                .ok_or_else(|| OAuthError::of_field("limit", ShellReason::PageLimit))?,
        };
        let after = match query.get("cursor") {
            None => After::START,
            Some(text) => {
                Self::place(text).ok_or_else(|| OAuthError::of_field("cursor", ShellReason::CursorUnknown))?
            }
        };
        Ok(Self { after, limit })
    }

    /// Rows to read: one more than shown tells whether there is more.
    pub fn to_read(&self) -> i64 {
        self.limit + 1
    }

    /// The page, of rows that were read for it.
    pub fn listed<T>(&self, (rows, total): (Vec<T>, i64), place: impl Fn(&T) -> After) -> Listed<T> {
        let mut rows = rows;
        let next_cursor = self.cut(&mut rows, place);
        Listed { rows, total, next_cursor }
    }

    /// Cuts a list to the page and gives the cursor of the next one, where there is more.
    pub fn cut<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> After) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(place).map(Self::cursor)
    }

    /// Behind which row a cursor begins.
    pub fn place(cursor: &str) -> Option<After> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        Some(After { at: Micros(i64::from_be_bytes(*at)), id: id.try_into().ok()? })
    }

    /// The cursor of what lies behind a row.
    pub fn cursor(after: After) -> String {
        let mut bytes = after.at.0.to_be_bytes().to_vec();
        bytes.extend(after.id);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let page = Page { after: After::START, limit: 1 };
        let place = After { at: Micros(1_700_000_000_123_456), id: [7; 16] };
        let mut rows = vec![1, 2];
        let text = page.cut(&mut rows, |_| place).unwrap();
        assert_eq!(rows, [1]);
        assert_eq!(Page::place(&text), Some(place));
        assert_eq!(Page::place("AAAA"), None);
        assert_eq!(page.cut(&mut rows, |_| place), None);
    }
}
