//! How a client knows people (OpenID Connect Core §8, Dynamic Client Registration 1.0 §5): by the name that all clients know,
//! or by one that no other sector knows.

use writ_jose::Json;

use super::metadata::Rare;
use super::read::ClientReader;
use super::{Destination, RedirectReach, RedirectUri, Update, WebUri};
use crate::excerpt::Excerpt;
use crate::reason::Reason;
use crate::subject::Sector;

/// Whom a `sub` is a name for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectType {
    /// For all clients.
    #[default]
    Public,
    /// For the clients of one sector.
    Pairwise,
}

impl SubjectType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// The word, on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }

    /// What goes with a sector.
    pub const fn of(sector: Option<&Sector>) -> Self {
        if sector.is_some() { Self::Pairwise } else { Self::Public }
    }
}

/// What stands at a `sector_identifier_uri`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectorList {
    /// Where it was read.
    pub uri: Box<str>,
    /// The redirect URIs of the sector.
    redirect_uris: Vec<Box<str>>,
}

impl SectorList {
    /// Reads what was fetched: a JSON array of texts (Registration §5). `None` for anything else.
    pub fn read(uri: &str, body: &[u8]) -> Option<Self> {
        let json = Json::parse(body).ok()?;
        let entries = json.as_array()?.iter().map(|entry| entry.as_str().map(Box::from));
        Some(Self { uri: uri.into(), redirect_uris: entries.collect::<Option<_>>()? })
    }
}

/// What shall become of it, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct SubjectsPatch {
    /// Whom a `sub` is a name for.
    pub subject_type: Update<SubjectType>,
    /// Where the redirect URIs of the sector are listed.
    pub sector_identifier_uri: Update<String>,
    /// What was found there; none: nothing was, or nobody looked.
    pub listed: Option<SectorList>,
}

impl SubjectsPatch {
    /// The patch that says of every field what it is; the list is not looked at again where nothing changes.
    pub(super) fn restating(uri: Option<&WebUri>) -> Self {
        Self { sector_identifier_uri: Update::sent(Some(uri.map(WebUri::to_string))), ..Self::default() }
    }

    /// The address whose list this change has to be held against, of a client that has `held`. `moves`: whether redirect URIs
    /// are sent.
    pub fn to_look_at<'a>(&'a self, held: Option<&'a WebUri>, moves: bool) -> Option<&'a str> {
        match &self.sector_identifier_uri {
            Update::Set(uri) if uri.is_empty() => None,
            Update::Set(uri) => Some(uri),
            Update::Clear => None,
            Update::Keep => held.filter(|_| moves).map(WebUri::as_str),
        }
    }

    pub(super) fn apply_to(
        &self,
        held: (&mut Option<Sector>, &mut Option<WebUri>),
        uris: (&[RedirectUri], bool),
        reader: &mut ClientReader<'_>,
    ) {
        let ((sector, uri), (redirect_uris, others)) = (held, uris);
        let before = uri.clone();
        match &self.sector_identifier_uri {
            Update::Keep => {}
            Update::Clear => *uri = None,
            Update::Set(sent) if !sent.is_empty() && (!sent.starts_with("https:") || sent.contains('#')) => {
                reader.violations.note(Rare::SectorIdentifierUri, Reason::NotHttpsWithoutFragment);
                return;
            }
            Update::Set(sent) => *uri = reader.web_uri(Rare::SectorIdentifierUri.into(), sent),
        }
        let moved = others || *uri != before;
        let wanted = match self.subject_type {
            Update::Keep => SubjectType::of(sector.as_ref()),
            Update::Clear => SubjectType::Public,
            Update::Set(wanted) => wanted,
        };
        if moved && let Some(uri) = uri {
            self.lists(uri, redirect_uris, reader);
        }
        match wanted {
            SubjectType::Public => *sector = None,
            SubjectType::Pairwise if !moved && sector.is_some() => {}
            SubjectType::Pairwise => *sector = of(uri.as_ref(), redirect_uris, reader),
        }
    }

    /// Registration §5: every redirect URI is in the list, or the registration fails.
    fn lists(&self, uri: &WebUri, redirect_uris: &[RedirectUri], reader: &mut ClientReader<'_>) {
        let Some(listed) = self.listed.as_ref().filter(|listed| *listed.uri == *uri.as_str()) else {
            return reader.violations.note(Rare::SectorIdentifierUri, Reason::SectorUnread);
        };
        for missing in
            redirect_uris.iter().filter(|uri| !listed.redirect_uris.iter().any(|one| **one == *uri.as_str()))
        {
            let uri = Excerpt::of(missing.as_str()).into();
            reader.violations.note(Rare::SectorIdentifierUri, Reason::SectorWithout { uri });
        }
    }
}

/// The sector: the host of the list, else the one host of all redirect URIs (Core §8.1). What claims a scheme, or listens on the
/// person's device, has no host that is its own.
fn of(list: Option<&WebUri>, redirect_uris: &[RedirectUri], reader: &mut ClientReader<'_>) -> Option<Sector> {
    let mut refuse = |why| {
        reader.violations.note(Rare::SectorIdentifierUri, why);
        None
    };
    if let Some(list) = list {
        return match RedirectUri::from_stored(list.as_str()).destination() {
            Destination::Host(host) => Some(Sector::of_host(host)),
            Destination::Scheme(_) => refuse(Reason::SectorNeeded),
        };
    }
    let mut sector = None;
    for uri in redirect_uris {
        let own = match (uri.destination(), uri.reach()) {
            (Destination::Host(host), RedirectReach::Web | RedirectReach::Plain) => Sector::of_host(host),
            (Destination::Host(_), RedirectReach::Loopback | RedirectReach::PrivateUse)
            | (Destination::Scheme(_), _) => return refuse(Reason::SectorNeeded),
        };
        if sector.as_ref().is_some_and(|other| *other != own) {
            return refuse(Reason::SectorSeveral);
        }
        sector = Some(own);
    }
    if sector.is_none() { refuse(Reason::SectorNeeded) } else { sector }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, list, web};
    use super::super::{ClientPatch, Field, Metadata, MetadataPatch, Profile, RegisteredClient, Rules};
    use super::*;

    const LIST: &str = "https://sector.example/uris.json";

    fn patch(uris: &[&str], subjects: SubjectsPatch) -> ClientPatch {
        ClientPatch {
            redirect_uris: Update::Set(list(uris)),
            metadata: MetadataPatch { subjects, ..MetadataPatch::default() },
            ..ClientPatch::default()
        }
    }

    fn pairwise(uri: Option<&str>, listed: Option<&str>) -> SubjectsPatch {
        SubjectsPatch {
            subject_type: Update::Set(SubjectType::Pairwise),
            sector_identifier_uri: uri.map(str::to_owned).into(),
            listed: listed.and_then(|body| SectorList::read(uri.unwrap_or(LIST), body.as_bytes())),
        }
    }

    fn done(patch: &ClientPatch, before: &RegisteredClient) -> RegisteredClient {
        patch.apply(before, &Rules::of(Profile::OWN)).unwrap()
    }

    fn sector(client: &RegisteredClient) -> Option<String> {
        client.client.tokens.sector.as_ref().map(|sector| sector.stored().to_string())
    }

    /// Core §8.1: the one host of the redirect URIs, whatever their ports and paths.
    #[test]
    fn the_sector_is_the_one_host_of_the_redirect_uris() {
        let of = |uris: &[&str]| patch(uris, pairwise(None, None)).apply(&web(), &Rules::of(Profile::OWN));
        let one = of(&["https://App.example/cb", "https://app.example:8443/other?x"]).unwrap();
        assert_eq!(sector(&one).as_deref(), Some("app.example"));
        for uris in [
            &["https://app.example/cb", "https://b.example/cb"][..],
            &["https://app.example/cb", "https://sub.app.example/cb"],
            &["com.example.app:/cb"],
            &["http://localhost/cb"],
            &["https://app.example/cb", "http://127.0.0.1/cb"],
        ] {
            assert_eq!(fields(&of(uris).unwrap_err()), [Field::from(Rare::SectorIdentifierUri)], "{uris:?}");
        }
        let public = SubjectsPatch { subject_type: Update::Clear, ..SubjectsPatch::default() };
        assert_eq!(sector(&done(&patch(&["https://a.example/", "https://b.example/"], public), &one)), None);
    }

    /// Registration §5: each redirect URI has to be in the list, also when others come later; nothing else is looked at.
    #[test]
    fn every_redirect_uri_is_in_the_list() {
        let uris = ["https://a.example/cb", "https://b.example/cb"];
        let both = r#"["https://b.example/cb","https://a.example/cb","https://c.example/"]"#;
        let made = done(&patch(&uris, pairwise(Some(LIST), Some(both))), &web());
        assert_eq!(sector(&made).as_deref(), Some("sector.example"));
        let metadata = &made.registration.metadata;
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), *metadata);
        let rename = ClientPatch { name: Update::Set("Other".to_owned()), ..ClientPatch::default() };
        assert_eq!(sector(&done(&rename, &made)).as_deref(), Some("sector.example"));
        let rules = Rules::of(Profile::OWN);
        let field = [Field::from(Rare::SectorIdentifierUri)];
        for (listed, uris) in [
            (None, &uris[..]),
            (Some("{}"), &uris),
            (Some("[1]"), &uris),
            (Some(r#"["https://a.example/cb"]"#), &uris),
            (Some(both), &["https://a.example/cb/"]),
        ] {
            let sent = patch(uris, pairwise(Some(LIST), listed));
            assert_eq!(fields(&sent.apply(&web(), &rules).unwrap_err()), field, "{listed:?} {uris:?}");
        }
        // A contract that does not know the list cannot change what is in it.
        let moved = patch(&["https://d.example/"], SubjectsPatch::default());
        assert_eq!(fields(&moved.apply(&made, &rules).unwrap_err()), field);
        let elsewhere = SubjectsPatch {
            listed: SectorList::read("https://other.example/", both.as_bytes()),
            ..pairwise(Some(LIST), None)
        };
        assert_eq!(fields(&patch(&uris, elsewhere).apply(&web(), &rules).unwrap_err()), field);
        for bad in ["http://sector.example/", "https://sector.example/#x", "sector.example"] {
            let sent = patch(&["https://a.example/cb"], pairwise(Some(bad), Some(both)));
            assert_eq!(fields(&sent.apply(&web(), &rules).unwrap_err()), field, "{bad}");
        }
    }

    #[test]
    fn whoever_looks_knows_which_list() {
        let held = WebUri::parse(LIST).unwrap();
        let keep = SubjectsPatch::default();
        assert_eq!(keep.to_look_at(Some(&held), true), Some(LIST));
        assert_eq!(keep.to_look_at(Some(&held), false), None);
        assert_eq!(
            pairwise(Some("https://x.example/"), None).to_look_at(Some(&held), false),
            Some("https://x.example/")
        );
        let clear = SubjectsPatch { sector_identifier_uri: Update::Clear, ..SubjectsPatch::default() };
        assert_eq!(clear.to_look_at(Some(&held), true), None);
    }
}
