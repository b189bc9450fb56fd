//! Forms are taken from our own pages only.
//!
//! Browsers say where a form comes from, in `Sec-Fetch-Site` or `Origin`. Where neither is sent, it is
//! no browser, or one too old to be told apart; a form that acts with what the browser keeps (a
//! cookie) needs a token besides.

use http::{HeaderMap, header};
use writ_core::error::{ErrorCode, OAuthError};

/// Refuses a form that another site's page sent.
///
/// # Errors
/// `access_denied`.
pub fn from_our_own_page(headers: &HeaderMap, base: &str) -> Result<(), OAuthError> {
    let refused = || OAuthError::new(ErrorCode::AccessDenied, "the form was sent from another site's page");
    let sites: Vec<_> = headers.get_all("sec-fetch-site").iter().collect();
    if !sites.is_empty() {
        let is_ours = sites.iter().all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
        return if is_ours { Ok(()) } else { Err(refused()) };
    }
    let is_ours = headers.get_all(header::ORIGIN).iter().all(|origin| origin.as_bytes() == base.as_bytes());
    if is_ours { Ok(()) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], true)]
    #[case(&[("sec-fetch-site", "same-origin")], true)]
    #[case(&[("sec-fetch-site", "none")], true)]
    #[case(&[("sec-fetch-site", "same-site")], false)]
    #[case(&[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")], false)]
    #[case(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false)]
    #[case(&[("origin", "https://id.example")], true)]
    #[case(&[("origin", "https://evil.example")], false)]
    #[case(&[("origin", "null")], false)]
    #[case(&[("origin", "https://id.example.evil")], false)]
    fn forms_come_from_here(#[case] sent: &[(&'static str, &str)], #[case] good: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        assert_eq!(from_our_own_page(&headers, "https://id.example").is_ok(), good, "{sent:?}");
    }
}
