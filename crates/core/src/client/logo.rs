//! Logos of clients: fetched from where a client says that its own is (`logo_uri`, RFC 7591 §2), or sent by whoever looks
//! after it. People see what Writ keeps, never what lies elsewhere: no page waits for another host, and no other host
//! learns who looks at a page.

use std::sync::Arc;

use super::WebUri;
use crate::ids::{ClientId, TenantId};
use crate::look::{Picture, PictureName};
use crate::time::{Micros, Seconds};

/// Logos that are kept for the clients of a tenant at the most; further ones have their letter.
pub const LOGOS_MOST: i64 = 1000;
/// For how long a logo is shown before it is looked for again.
const GOOD_FOR: Seconds = Seconds(7 * 86_400);
/// How long nothing is asked of an address that gave no logo.
const REST: Seconds = Seconds(86_400);
/// How long after each failure it is tried again; after as many there is none.
const PAUSES: [Seconds; 4] = [Seconds(60), Seconds(600), Seconds(3600), Seconds(6 * 3600)];

/// The logo of a client as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLogo {
    /// The language that it is for, as a tag in lower case; empty: all that have none of their own.
    pub language: Box<str>,
    /// The picture; none: there is none yet, or none that can be shown.
    pub name: Option<PictureName>,
    /// Where it comes from; none: somebody sent it.
    pub uri: Option<Box<str>>,
    /// When it is looked for; none: not by itself.
    pub due_at: Option<Micros>,
    /// Until when it is shown without being looked for again.
    pub good_until: Micros,
}

impl ClientLogo {
    fn is_in(&self, tag: &str) -> bool {
        self.language.eq_ignore_ascii_case(tag)
    }

    /// Whether it is to be looked for again, now that it was shown.
    pub fn is_stale(&self, now: Micros) -> bool {
        self.uri.is_some() && self.due_at.is_none() && self.good_until <= now
    }
}

/// A logo that a client has in one language (`logo_uri#ja`, OpenID Connect Dynamic Client Registration 1.0 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogoInLanguage<'a> {
    /// The language, as it was registered.
    pub tag: &'a str,
    /// Where the logo is.
    pub uri: &'a str,
}

/// A logo that is missed on a page: it is fetched for those who come later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissedLogo {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose.
    pub client: ClientId,
    /// For which language, as a tag in lower case; empty: all that have none of their own.
    pub language: Box<str>,
    /// Where it is, if nobody has looked there yet; otherwise its time is over.
    pub uri: Option<Box<str>>,
}

/// What a page shows of the logos that are kept of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoOnPage {
    /// The picture; none: a letter stands for it.
    pub name: Option<PictureName>,
    /// What is to be looked for, now that it was shown.
    pub missed: Option<MissedLogo>,
}

impl LogoOnPage {
    /// What is shown of those that are kept, in a language in which the client may have another one. What was sent counts
    /// in every language; until the logo for a language is there, the one for all stands for it.
    pub fn of(
        kept: &[ClientLogo],
        own: Option<LogoInLanguage<'_>>,
        (tenant, client): (TenantId, ClientId),
        now: Micros,
    ) -> Self {
        let plain = kept.iter().find(|logo| logo.language.is_empty());
        let was_sent = plain.is_some_and(|logo| logo.uri.is_none() && logo.name.is_some());
        let missed = |language: &str, uri: Option<&str>| MissedLogo {
            tenant,
            client,
            language: language.to_ascii_lowercase().into(),
            uri: uri.map(Into::into),
        };
        let own = own.filter(|_| !was_sent);
        let found = own.map(|own| {
            kept.iter().find(|logo| logo.is_in(own.tag) && logo.uri.as_deref() == Some(own.uri)).ok_or(own)
        });
        let stale = |logo: &ClientLogo| logo.is_stale(now).then(|| missed(&logo.language, None));
        let name = |logo: &ClientLogo| logo.name.clone();
        match found {
            Some(Ok(logo)) => Self { name: name(logo).or_else(|| plain.and_then(name)), missed: stale(logo) },
            Some(Err(own)) => {
                Self { name: plain.and_then(name), missed: Some(missed(own.tag, Some(own.uri))) }
            }
            None => Self { name: plain.and_then(name), missed: plain.and_then(stale) },
        }
    }
}

/// A logo that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLogo {
    /// Whose.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// For which language, as a tag in lower case; empty: all that have none of their own.
    pub language: Box<str>,
    /// From where.
    pub uri: Box<str>,
    /// How often in a row it could not be had.
    pub failures: i64,
}

/// What comes of looking for a logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoSearch {
    /// There is one.
    Found {
        /// The logo.
        picture: Arc<Picture>,
        /// Until when it is good.
        good_until: Micros,
    },
    /// Not now: what there was stays, and it is tried again then.
    Again(Micros),
    /// There is none, until somebody sees that there is none after this time.
    Without(Micros),
}

impl DueLogo {
    /// What becomes of it.
    pub fn after(&self, found: Option<Picture>, now: Micros) -> LogoSearch {
        if let Some(picture) = found {
            return LogoSearch::Found { picture: Arc::new(picture), good_until: now.plus(GOOD_FOR) };
        }
        match usize::try_from(self.failures).ok().and_then(|failures| PAUSES.get(failures)) {
            Some(pause) => LogoSearch::Again(now.plus(*pause)),
            None => LogoSearch::Without(now.plus(REST)),
        }
    }
}

/// Another logo for a client, or none. Guarded by the version of the client that it was decided on.
#[derive(Debug, Clone)]
pub struct LogoUpdate {
    /// Whose.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// The version of the client.
    pub version: i64,
    /// Which.
    pub to: LogoWish,
    /// When.
    pub at: Micros,
}

/// Which logo a client is to have.
#[derive(Debug, Clone)]
pub enum LogoWish {
    /// The one that was sent.
    Sent(Arc<Picture>),
    /// The one at its `logo_uri`, if it has one.
    Own(Option<WebUri>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::NOW;
    use crate::look::PictureKind;

    fn due(failures: i64) -> DueLogo {
        let (client, tenant) = (ClientId::from_bytes([1; 16]), TenantId::from_bytes([2; 16]));
        DueLogo {
            client,
            tenant,
            language: Box::default(),
            uri: "https://a.example/logo.png".into(),
            failures,
        }
    }

    /// A dead address is asked less and less often, and no more by itself.
    #[test]
    fn a_logo_that_cannot_be_had_is_tried_again_for_a_while() {
        let mut last = NOW;
        for failures in 0..4 {
            let LogoSearch::Again(then) = due(failures).after(None, NOW) else {
                panic!("given up too early")
            };
            assert!(then > last);
            last = then;
        }
        assert!(matches!(due(4).after(None, NOW), LogoSearch::Without(until) if until > NOW));
        assert!(matches!(due(-1).after(None, NOW), LogoSearch::Without(_)));
    }

    #[test]
    fn a_logo_is_looked_for_again_when_it_is_shown_after_its_time() {
        let content: Box<[u8]> = b"x".to_vec().into();
        let picture = Picture { name: PictureName::of(PictureKind::ClientLogo, &content), content };
        let LogoSearch::Found { good_until, .. } = due(3).after(Some(picture), NOW) else { panic!("none") };
        let shown = |uri: Option<&str>, due_at| ClientLogo {
            language: Box::default(),
            name: None,
            uri: uri.map(Into::into),
            due_at,
            good_until,
        };
        let own = shown(Some("https://a.example/"), None);
        assert!(!own.is_stale(NOW) && own.is_stale(good_until));
        assert!(
            !shown(Some("https://a.example/"), Some(NOW.plus(Seconds(9)))).is_stale(good_until),
            "it is on its way"
        );
        assert!(!shown(None, None).is_stale(good_until), "what was sent stays");
    }

    fn kept(language: &str, uri: Option<&str>, content: Option<&[u8]>) -> ClientLogo {
        ClientLogo {
            language: language.into(),
            name: content.map(|content| PictureName::of(PictureKind::ClientLogo, content)),
            uri: uri.map(Into::into),
            due_at: None,
            good_until: NOW.plus(GOOD_FOR),
        }
    }

    /// OpenID Connect Dynamic Client Registration 1.0 §2.1: the logo for a language is shown to those who read it.
    #[test]
    fn a_logo_for_a_language_takes_the_place_of_the_one_for_all_once_it_is_there() {
        const PLAIN: &str = "https://a.example/logo.png";
        const JA: &str = "https://a.example/ja.png";
        let of = (TenantId::from_bytes([2; 16]), ClientId::from_bytes([1; 16]));
        let ja = Some(LogoInLanguage { tag: "ja-JP", uri: JA });
        let name = |content: &[u8]| Some(PictureName::of(PictureKind::ClientLogo, content));
        let plain = kept("", Some(PLAIN), Some(b"plain"));
        let there = [plain.clone(), kept("ja-jp", Some(JA), Some(b"ja"))];
        assert_eq!(LogoOnPage::of(&there, ja, of, NOW), LogoOnPage { name: name(b"ja"), missed: None });
        assert_eq!(LogoOnPage::of(&there, None, of, NOW), LogoOnPage { name: name(b"plain"), missed: None });
        // Nobody has looked for it yet, or it was elsewhere then.
        let missed =
            MissedLogo { tenant: of.0, client: of.1, language: "ja-jp".into(), uri: Some(JA.into()) };
        let elsewhere = kept("ja-jp", Some("https://b.example/"), Some(b"old"));
        for before in [vec![plain.clone()], vec![elsewhere, plain.clone()]] {
            let shown = LogoOnPage::of(&before, ja, of, NOW);
            assert_eq!(shown, LogoOnPage { name: name(b"plain"), missed: Some(missed.clone()) });
        }
        // There is none that could be shown.
        let none = [plain, kept("ja-jp", Some(JA), None)];
        assert_eq!(LogoOnPage::of(&none, ja, of, NOW), LogoOnPage { name: name(b"plain"), missed: None });
        // Its time is over: that of the one which is shown.
        let later = NOW.plus(GOOD_FOR);
        let again = Some(MissedLogo { uri: None, ..missed.clone() });
        assert_eq!(LogoOnPage::of(&there, ja, of, later), LogoOnPage { name: name(b"ja"), missed: again });
        let again = Some(MissedLogo { uri: None, language: Box::default(), ..missed });
        assert_eq!(
            LogoOnPage::of(&there, None, of, later),
            LogoOnPage { name: name(b"plain"), missed: again }
        );
        // What somebody sent counts for all.
        let sent = [kept("", None, Some(b"sent")), kept("ja-jp", Some(JA), Some(b"ja"))];
        assert_eq!(LogoOnPage::of(&sent, ja, of, later), LogoOnPage { name: name(b"sent"), missed: None });
    }
}
