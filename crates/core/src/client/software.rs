//! What a client is, as its developer says (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2): a part of the
//! rare metadata.

use writ_jose::{Json, JsonObject};

use super::metadata::Rare;
use super::read::ClientReader;
use super::{RedirectReach, RedirectUri, Update};
use crate::manage::name_is_valid;
use crate::reason::Reason;

/// Where an application runs (`application_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApplicationType {
    /// On a server, or in a browser.
    #[default]
    Web,
    /// On a person's device.
    Native,
}

impl ApplicationType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Web, Self::Native];

    /// The word, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What is registered of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Software {
    /// Where it runs; none: nobody said.
    pub application_type: Option<ApplicationType>,
    /// What its developer calls the software, in all its copies.
    pub id: Option<Box<str>>,
    /// Which version it is.
    pub version: Option<Box<str>>,
    /// What its publisher has signed of it, as it was sent and verified.
    pub statement: Option<Box<str>>,
}

/// What shall become of it, as it was sent. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct SoftwarePatch {
    /// Where it runs.
    pub application_type: Update<ApplicationType>,
    /// What its developer calls the software.
    pub id: Update<String>,
    /// Which version it is.
    pub version: Update<String>,
    /// What its publisher has signed of it. Whoever sets it has verified it.
    pub statement: Update<Box<str>>,
}

impl SoftwarePatch {
    /// The patch that says of every field what it is.
    pub(super) fn restating(held: &Software) -> Self {
        let text = |held: &Option<Box<str>>| Update::sent(Some(held.as_deref().map(str::to_owned)));
        Self {
            application_type: Update::sent(Some(held.application_type)),
            id: text(&held.id),
            version: text(&held.version),
            statement: Update::sent(Some(held.statement.clone())),
        }
    }

    pub(super) fn apply_to(&self, held: &mut Software, reader: &mut ClientReader<'_>) {
        held.application_type = self.application_type.clone().over(held.application_type);
        text(&self.id, Rare::SoftwareId, (&mut held.id, reader));
        text(&self.version, Rare::SoftwareVersion, (&mut held.version, reader));
        held.statement = self.statement.clone().over(held.statement.take());
    }
}

fn text(patch: &Update<String>, name: Rare, (held, reader): (&mut Option<Box<str>>, &mut ClientReader<'_>)) {
    match patch {
        Update::Keep => {}
        Update::Clear => *held = None,
        Update::Set(sent) if sent.is_empty() => *held = None,
        Update::Set(sent) => {
            if !name_is_valid(sent) {
                reader.violations.note(name, Reason::NotFit { why: Reason::NameRule.into() });
            }
            *held = Some(sent.as_str().into());
        }
    }
}

impl Software {
    /// OpenID Connect Dynamic Client Registration 1.0 §2: a native application is reached on the device, or by an address
    /// that it has claimed (RFC 8252 §7.2), never over http on another host.
    pub(super) fn fits(&self, redirect_uris: &[RedirectUri], reader: &mut ClientReader<'_>) {
        let is_native = self.application_type == Some(ApplicationType::Native);
        if is_native && redirect_uris.iter().any(|uri| uri.reach() == RedirectReach::Plain) {
            reader.violations.note(super::Field::RedirectUris, Reason::NativePlain);
        }
    }

    /// Writes what there is into the stored object.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        let kind = self.application_type.map(ApplicationType::name);
        let texts = [
            (Rare::ApplicationType, kind),
            (Rare::SoftwareId, self.id.as_deref()),
            (Rare::SoftwareVersion, self.version.as_deref()),
            (Rare::SoftwareStatement, self.statement.as_deref()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                json.string(name.name(), text);
            }
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let text = |name: Rare| json.get(name.name()).and_then(Json::as_str);
        Self {
            application_type: text(Rare::ApplicationType).and_then(ApplicationType::by_name),
            id: text(Rare::SoftwareId).map(Box::from),
            version: text(Rare::SoftwareVersion).map(Box::from),
            statement: text(Rare::SoftwareStatement).map(Box::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Field, Leniency, Metadata, MetadataPatch, Profile, Rules};
    use super::*;
    use crate::settings::Switch;

    fn patch(software: SoftwarePatch) -> ClientPatch {
        ClientPatch {
            metadata: MetadataPatch { software, ..MetadataPatch::default() },
            ..ClientPatch::default()
        }
    }

    #[test]
    fn what_is_registered_comes_back_from_storage() {
        let sent = patch(SoftwarePatch {
            application_type: Update::Set(ApplicationType::Native),
            id: Update::Set("4NRB1-0XZABZI9E6-5SM3R".to_owned()),
            version: Update::Set("2.2".to_owned()),
            statement: Update::Set("e30.e30.AA".into()),
        });
        let rules = Rules::of(Profile::OWN);
        let metadata = sent.apply(&web(), &rules).unwrap().registration.metadata;
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), metadata);
        let again = patch(SoftwarePatch::restating(&metadata.software)).apply(&web(), &rules).unwrap();
        assert_eq!(again.registration.metadata, metadata);
        let wrong = patch(SoftwarePatch { id: Update::Set(" ".to_owned()), ..SoftwarePatch::default() });
        assert_eq!(fields(&wrong.apply(&web(), &rules).unwrap_err()), [Field::from(Rare::SoftwareId)]);
    }

    /// OpenID Connect Dynamic Client Registration 1.0 §2.
    #[test]
    fn a_native_application_has_no_plain_address() {
        let http = Leniency { http: Switch::On, ..Leniency::default() };
        let rules = Rules { leniency: http, ..Rules::of(Profile::OWN) };
        for (uri, good) in [
            ("http://app.intern/cb", false),
            ("http://localhost:1/cb", true),
            ("com.example.app:/cb", true),
            ("https://app.example.com/claimed", true),
        ] {
            let native = SoftwarePatch {
                application_type: Update::Set(ApplicationType::Native),
                ..SoftwarePatch::default()
            };
            let sent = ClientPatch { redirect_uris: Update::Set(vec![uri.to_owned()]), ..patch(native) };
            assert_eq!(sent.apply(&web(), &rules).is_ok(), good, "{uri}");
        }
    }
}
