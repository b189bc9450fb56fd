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
    /// Whether it is to be looked for again, now that it was shown.
    pub fn is_stale(&self, now: Micros) -> bool {
        self.uri.is_some() && self.due_at.is_none() && self.good_until <= now
    }
}

/// A logo that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLogo {
    /// Whose.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
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
        DueLogo { client, tenant, uri: "https://a.example/logo.png".into(), failures }
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
}
