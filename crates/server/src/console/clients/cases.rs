//! Why a client fails: each cause with what to change, and a button where that is safe to press.

use writ_core::client::{RedirectUri, RegisteredClient, WebOrigin};
use writ_core::error::ErrorCode;
use writ_core::text::Legible;

use super::super::at_work::AtWork;
use super::super::refusals::RefusalCause;
use crate::call::when::When;
use crate::call::words::{Html, say, say_count};

/// What the reason for the operator says of an address that is not registered, before the address.
const UNREGISTERED: &str = "redirect_uri: unregistered: ";

/// A cause, as the page shows it.
pub(super) struct Case {
    /// What is the matter.
    pub title: String,
    /// How often.
    pub times: String,
    /// What to do.
    pub advice: String,
    /// What was noted, as it stands in the log.
    pub noted: Box<str>,
    /// What was sent against what is registered.
    pub differs: Option<Difference>,
    /// The address that a button registers.
    pub address: Option<String>,
    /// Where it is set, on this page.
    pub setting: Option<(&'static str, String)>,
    /// The page about the error.
    pub about: Option<String>,
    /// When last.
    pub last: When,
    /// From where last.
    pub ip: Option<Box<str>>,
}

/// Two addresses, with the part that differs marked.
pub(super) struct Difference {
    pub sent: Html,
    pub registered: Html,
}

/// The causes of a client's failures.
pub(super) fn cases(work: &AtWork, found: &RegisteredClient, causes: &[RefusalCause]) -> Vec<Case> {
    causes.iter().map(|cause| case(work, found, cause)).collect()
}

fn case(work: &AtWork, found: &RegisteredClient, cause: &RefusalCause) -> Case {
    let sent = cause.reason.strip_prefix(UNREGISTERED);
    let nearest = sent.and_then(|sent| nearest(sent, &found.registration.redirect_uris));
    let is_of_theirs = sent.zip(nearest).is_some_and(|(sent, near)| is_same_place(sent, near));
    let (title, advice, setting) = match (sent, cause.code()) {
        (Some(_), _) if is_of_theirs => {
            ("console-why-address", "console-why-address-what", Some("addresses"))
        }
        (Some(_), _) => ("console-why-address", "console-why-address-foreign", Some("addresses")),
        (None, Some(ErrorCode::InvalidClient)) => {
            ("console-why-secret", "console-why-secret-what", Some("secrets"))
        }
        (None, Some(ErrorCode::InvalidScope)) => {
            ("console-why-scope", "console-why-scope-what", Some("access"))
        }
        (None, Some(ErrorCode::UnauthorizedClient | ErrorCode::UnsupportedGrantType)) => {
            ("console-why-grant", "console-why-grant-what", Some("access"))
        }
        (None, Some(ErrorCode::InvalidGrant)) => ("console-why-code", "console-why-code-what", None),
        (None, Some(ErrorCode::TooManyRequests)) => ("console-why-limit", "console-why-limit-what", None),
        (None, _) => ("console-why-else", "console-why-else-what", None),
    };
    let setting = setting.map(|place| {
        let words = match place {
            "addresses" => say("console-addresses"),
            "secrets" => say("console-secrets"),
            _ => say("console-access"),
        };
        (place, words)
    });
    Case {
        title: say(title),
        times: say_count("console-times", i64::try_from(cause.count).unwrap_or(i64::MAX)),
        advice: say(advice),
        noted: Legible::of(&cause.reason).as_str().into(),
        differs: sent.zip(nearest).map(|(sent, near)| difference(sent, near.as_str())),
        address: sent.filter(|_| is_of_theirs).map(str::to_owned),
        setting,
        about: cause.code().map(|code| format!("/errors/{}", code.entry().page)),
        last: When::ago(cause.last, work.now()),
        ip: cause.ip.clone(),
    }
}

/// The registered address that begins most like the one that was sent.
fn nearest<'a>(sent: &str, registered: &'a [RedirectUri]) -> Option<&'a RedirectUri> {
    registered.iter().max_by_key(|uri| common(sent, uri.as_str()))
}

/// Whether both are on one origin: anybody can send a request with any address in it, so that a button takes over none
/// that lies elsewhere.
fn is_same_place(sent: &str, registered: &RedirectUri) -> bool {
    let (one, other) = (WebOrigin::of(sent), WebOrigin::of(registered.as_str()));
    one.is_some() && one == other
}

/// Bytes that two texts begin with alike.
fn common(one: &str, other: &str) -> usize {
    one.char_indices()
        .zip(other.chars())
        .find(|((_, a), b)| a != b)
        .map_or_else(|| one.len().min(other.len()), |((at, _), _)| at)
}

/// Bytes that two texts end with alike.
fn common_end(one: &str, other: &str) -> usize {
    let pairs = one.chars().rev().zip(other.chars().rev());
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn difference(sent: &str, registered: &str) -> Difference {
    let begin = common(sent, registered);
    let rest = |text: &str| text.get(begin..).unwrap_or_default().to_owned();
    let end = common_end(&rest(sent), &rest(registered));
    let marked = |text: &str| {
        let stop = text.len().saturating_sub(end);
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        Html::marked(part(0..begin), part(begin..stop), part(stop..text.len()))
    };
    Difference { sent: marked(sent), registered: marked(registered) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked() {
        for (sent, registered, expected) in [
            ("https://a.example/cb/", "https://a.example/cb", "https://a.example/cb<mark>/</mark>"),
            ("https://a.example/cb", "https://a.example/cb/", "https://a.example/cb"),
            ("https://a.example/x/cb", "https://a.example/y/cb", "https://a.example/<mark>x</mark>/cb"),
            (
                "https://ä.example/<b>",
                "https://ö.example/",
                "https://<mark>ä</mark>.example/<mark>&#60;b&#62;</mark>",
            ),
        ] {
            let shown = difference(sent, registered).sent.to_string();
            if sent.contains('<') {
                assert!(!shown.contains("<b>"), "{shown}");
            } else {
                assert_eq!(shown, expected);
            }
        }
    }
}
