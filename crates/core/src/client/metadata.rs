//! Metadata of a client that is rarely used (RFC 7591 §2). It is kept together as one JSON text, so that another field
//! is added here, where it is shown and where it is sent, and needs no column.

use writ_jose::{Json, JsonObject};

use super::logout_uris::{LogoutUris, LogoutUrisPatch};
use super::own_look::{ClientLook, ClientLookPatch};
use super::read::ClientReader;
use super::requesting::{Requesting, RequestingPatch};
use super::{
    Field, ResponseTypes, SignInChoices, SigningInPatch, Software, SoftwarePatch, SubjectsPatch,
    Translations, TranslationsPatch, Update, WebUri,
};
use crate::manage::name_is_valid;
use crate::reason::Reason;
use crate::settings::Switch;

/// Ways to reach people at the most.
const CONTACTS: usize = 20;

/// A field of the rare metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rare {
    /// The terms of service.
    TosUri,
    /// What becomes of people's data.
    PolicyUri,
    /// How to reach the people who are responsible for the client.
    Contacts,
    /// Whether it has to push its authorization requests (RFC 9126 §6).
    PushedOnly,
    /// Where the server tells it that a sign-in has ended.
    BackchannelLogoutUri,
    /// Whether it wants to be told which.
    BackchannelLogoutSession,
    /// Where a browser does.
    FrontchannelLogoutUri,
    /// Whether it wants to be told which.
    FrontchannelLogoutSession,
    /// Where the client's public keys are.
    JwksUri,
    /// What its request objects are signed with.
    RequestObjectAlg,
    /// How they may be encrypted.
    RequestObjectEncryptionAlg,
    /// With which cipher.
    RequestObjectEncryptionEnc,
    /// Where request objects of it may be fetched.
    RequestUris,
    /// Whether its requests are taken only as signed objects (RFC 9101 §10.5).
    RequireSignedRequest,
    /// Whom a `sub` is a name for.
    SubjectType,
    /// Where the redirect URIs of its sector are listed.
    SectorIdentifierUri,
    /// What the authorization endpoint answers it with.
    ResponseTypes,
    /// Where it runs.
    ApplicationType,
    /// What its developer calls the software.
    SoftwareId,
    /// Which version it is.
    SoftwareVersion,
    /// What its publisher has signed of it.
    SoftwareStatement,
    /// Where others begin a sign-in at it.
    InitiateLoginUri,
    /// How old a sign-in may be where a request does not say.
    DefaultMaxAge,
    /// Whether it needs `auth_time` in ID tokens.
    RequireAuthTime,
    /// How people prove to be themselves where a request does not say.
    DefaultAcrValues,
    /// Its look on the pages that people come to from it.
    Look,
}

impl Rare {
    /// The name, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TosUri => "tos_uri",
            Self::PolicyUri => "policy_uri",
            Self::Contacts => "contacts",
            Self::PushedOnly => "require_pushed_authorization_requests",
            Self::BackchannelLogoutUri => "backchannel_logout_uri",
            Self::BackchannelLogoutSession => "backchannel_logout_session_required",
            Self::FrontchannelLogoutUri => "frontchannel_logout_uri",
            Self::FrontchannelLogoutSession => "frontchannel_logout_session_required",
            Self::JwksUri => "jwks_uri",
            Self::RequestUris => "request_uris",
            Self::RequestObjectAlg => "request_object_signing_alg",
            Self::RequestObjectEncryptionAlg => "request_object_encryption_alg",
            Self::RequestObjectEncryptionEnc => "request_object_encryption_enc",
            Self::RequireSignedRequest => "require_signed_request_object",
            Self::SubjectType => "subject_type",
            Self::SectorIdentifierUri => "sector_identifier_uri",
            Self::ResponseTypes => "response_types",
            Self::ApplicationType => "application_type",
            Self::SoftwareId => "software_id",
            Self::SoftwareVersion => "software_version",
            Self::SoftwareStatement => "software_statement",
            Self::InitiateLoginUri => "initiate_login_uri",
            Self::DefaultMaxAge => "default_max_age",
            Self::RequireAuthTime => "require_auth_time",
            Self::DefaultAcrValues => "default_acr_values",
            Self::Look => "look",
        }
    }
}

impl From<Rare> for Field {
    fn from(rare: Rare) -> Self {
        Self::Rare(rare)
    }
}

/// What is registered of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The terms of service.
    pub tos_uri: Option<WebUri>,
    /// What becomes of people's data.
    pub policy_uri: Option<WebUri>,
    /// How to reach the people who are responsible for the client.
    pub contacts: Vec<Box<str>>,
    /// Whether it has to push its authorization requests.
    pub pushed_only: Switch,
    /// Where it is told that a sign-in has ended.
    pub logout: LogoutUris,
    /// Where the client's public keys are; then there is no `jwks`.
    pub jwks_uri: Option<WebUri>,
    /// How its requests may come.
    pub request: Requesting,
    /// Where the redirect URIs of its sector are listed.
    pub sector_identifier_uri: Option<WebUri>,
    /// What the authorization endpoint answers it with.
    pub response_types: ResponseTypes,
    /// What it is, as its developer says.
    pub software: Software,
    /// How people sign in to it.
    pub signing_in: SignInChoices,
    /// What people read of it, in their languages.
    pub translations: Translations,
    /// Its look on the pages that people come to from it.
    pub look: ClientLook,
}

/// What shall become of it, as it was sent. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct MetadataPatch {
    /// The terms of service.
    pub tos_uri: Update<String>,
    /// What becomes of people's data.
    pub policy_uri: Update<String>,
    /// How to reach the people who are responsible for the client; the whole list.
    pub contacts: Update<Vec<String>>,
    /// Whether it has to push its authorization requests.
    pub pushed_only: Update<bool>,
    /// Where it is told that a sign-in has ended.
    pub logout: LogoutUrisPatch,
    /// Where the client's public keys are.
    pub jwks_uri: Update<String>,
    /// How its requests may come.
    pub request: RequestingPatch,
    /// How it knows people.
    pub subjects: SubjectsPatch,
    /// What the authorization endpoint answers it with; the whole list.
    pub response_types: Update<Vec<String>>,
    /// What it is, as its developer says.
    pub software: SoftwarePatch,
    /// How people sign in to it.
    pub signing_in: SigningInPatch,
    /// What people read of it, in their languages.
    pub translations: TranslationsPatch,
    /// Its look on the pages that people come to from it; the whole.
    pub look: ClientLookPatch,
}

impl MetadataPatch {
    /// The patch that says of every field what it is.
    pub(super) fn restating(held: &Metadata) -> Self {
        Self {
            tos_uri: Update::sent(Some(held.tos_uri.as_ref().map(WebUri::to_string))),
            policy_uri: Update::sent(Some(held.policy_uri.as_ref().map(WebUri::to_string))),
            contacts: Update::Set(held.contacts.iter().map(ToString::to_string).collect()),
            pushed_only: Update::Set(held.pushed_only.is_on()),
            logout: LogoutUrisPatch::restating(&held.logout),
            jwks_uri: Update::sent(Some(held.jwks_uri.as_ref().map(WebUri::to_string))),
            request: RequestingPatch::restating(&held.request),
            subjects: SubjectsPatch::restating(held.sector_identifier_uri.as_ref()),
            response_types: Update::Set(held.response_types.names()),
            software: SoftwarePatch::restating(&held.software),
            signing_in: SigningInPatch::restating(&held.signing_in),
            translations: TranslationsPatch::restating(&held.translations),
            look: Update::Set(Box::new(held.look.clone())),
        }
    }

    pub(super) fn apply_to(&self, held: &mut Metadata, reader: &mut ClientReader<'_>) {
        address(&self.tos_uri, Rare::TosUri, (&mut held.tos_uri, reader));
        address(&self.policy_uri, Rare::PolicyUri, (&mut held.policy_uri, reader));
        address(&self.jwks_uri, Rare::JwksUri, (&mut held.jwks_uri, reader));
        if let (Update::Set(_), Some(uri)) = (&self.jwks_uri, &held.jwks_uri)
            && (!uri.as_str().starts_with("https:") || uri.as_str().contains('#'))
        {
            reader.violations.note(Rare::JwksUri, Reason::NotHttpsWithoutFragment);
        }
        match &self.contacts {
            Update::Keep => {}
            Update::Clear => held.contacts.clear(),
            Update::Set(sent) => held.contacts = contacts(sent, reader),
        }
        held.pushed_only =
            self.pushed_only.clone().map(Switch::from).over(Some(held.pushed_only)).unwrap_or_default();
        self.logout.apply_to(&mut held.logout, reader);
        self.request.apply_to(&mut held.request, reader);
        held.response_types.apply(&self.response_types, reader);
        self.software.apply_to(&mut held.software, reader);
        self.signing_in.apply_to(&mut held.signing_in, reader);
        self.translations.apply_to(&mut held.translations, reader);
        match &self.look {
            Update::Keep => {}
            Update::Clear => held.look = ClientLook::default(),
            Update::Set(look) => held.look = (**look).clone(),
        }
    }
}

fn address(patch: &Update<String>, name: Rare, (held, reader): (&mut Option<WebUri>, &mut ClientReader<'_>)) {
    match patch {
        Update::Keep => {}
        Update::Clear => *held = None,
        Update::Set(sent) => *held = reader.web_uri(name.into(), sent),
    }
}

fn contacts(sent: &[String], reader: &mut ClientReader<'_>) -> Vec<Box<str>> {
    let read = |text: &str| {
        if name_is_valid(text) {
            Ok(Box::from(text))
        } else {
            Err(Reason::NotFit { why: Reason::NameRule.into() })
        }
    };
    reader.list(Rare::Contacts.into(), sent, CONTACTS, read)
}

impl Metadata {
    /// As stored: a JSON object of what there is; none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let mut json = JsonObject::default();
        let addresses = [
            (Rare::TosUri, &self.tos_uri),
            (Rare::PolicyUri, &self.policy_uri),
            (Rare::JwksUri, &self.jwks_uri),
            (Rare::SectorIdentifierUri, &self.sector_identifier_uri),
        ];
        for (name, uri) in addresses {
            if let Some(uri) = uri {
                json.string(name.name(), uri.as_str());
            }
        }
        if !self.contacts.is_empty() {
            json.strings(Rare::Contacts.name(), &self.contacts);
        }
        if self.pushed_only.is_on() {
            json.boolean(Rare::PushedOnly.name(), true);
        }
        self.logout.write_to(&mut json);
        self.request.write_to(&mut json);
        self.response_types.write_to(&mut json);
        self.software.write_to(&mut json);
        self.signing_in.write_to(&mut json);
        self.translations.write_to(&mut json);
        self.look.write_to(&mut json);
        Some(json.finish())
    }

    /// From the stored text. What is not known here is passed over: a later version may have written it.
    pub fn from_stored(text: &str) -> Self {
        let json = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        let member = |name: Rare| json.get(name.name());
        let uri = |name| member(name).and_then(Json::as_str).map(WebUri::from_stored);
        let texts = |name| member(name).and_then(Json::as_array).unwrap_or_default().iter();
        Self {
            tos_uri: uri(Rare::TosUri),
            policy_uri: uri(Rare::PolicyUri),
            contacts: texts(Rare::Contacts).filter_map(Json::as_str).map(Box::from).collect(),
            pushed_only: matches!(member(Rare::PushedOnly), Some(Json::Boolean(true))).into(),
            logout: LogoutUris::from_stored(&json),
            jwks_uri: uri(Rare::JwksUri),
            request: Requesting::from_stored(&json),
            sector_identifier_uri: uri(Rare::SectorIdentifierUri),
            response_types: ResponseTypes::from_stored(&json),
            software: Software::from_stored(&json),
            signing_in: SignInChoices::from_stored(&json),
            translations: Translations::from_stored(&json),
            look: ClientLook::from_stored(&json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Profile, Rules};
    use super::*;

    fn patch(metadata: MetadataPatch) -> ClientPatch {
        ClientPatch { metadata, ..ClientPatch::default() }
    }

    fn some() -> MetadataPatch {
        MetadataPatch {
            tos_uri: Update::Set("https://a.example/tos".to_owned()),
            policy_uri: Update::Set("https://a.example/privacy".to_owned()),
            contacts: Update::Set(vec!["ada@a.example".to_owned(), "+44 20 \"x\"".to_owned()]),
            pushed_only: Update::Set(true),
            logout: LogoutUrisPatch::default(),
            jwks_uri: Update::Set("https://a.example/keys?v=1".to_owned()),
            request: RequestingPatch::default(),
            ..MetadataPatch::default()
        }
    }

    #[test]
    fn metadata_comes_back_from_storage() {
        let rules = Rules::of(Profile::OWN);
        let after = patch(some()).apply(&web(), &rules).unwrap();
        let metadata = after.registration.metadata.clone();
        let stored = metadata.to_stored().unwrap();
        assert_eq!(Metadata::from_stored(&stored), metadata);
        assert_eq!(Metadata::default().to_stored(), None);
        for odd in [
            "",
            "[]",
            "{}",
            r#"{"tos_uri":1,"contacts":{"a":1},"from_tomorrow":true,"require_pushed_authorization_requests":1}"#,
        ] {
            assert_eq!(Metadata::from_stored(odd), Metadata::default(), "{odd}");
        }
        let again = patch(MetadataPatch::restating(&metadata)).apply(&web(), &rules).unwrap();
        assert_eq!(again.registration.metadata, metadata);
        let gone = MetadataPatch {
            tos_uri: Update::Clear,
            policy_uri: Update::Clear,
            contacts: Update::Clear,
            pushed_only: Update::Clear,
            jwks_uri: Update::Clear,
            ..MetadataPatch::default()
        };
        assert_eq!(patch(gone).apply(&after, &rules).unwrap().registration.metadata, Metadata::default());
    }

    /// RFC 7591 §2: addresses of pages, and ways to reach people.
    #[test]
    fn metadata_is_checked_as_the_other_fields_are() {
        let sent = MetadataPatch {
            tos_uri: Update::Set("javascript:alert(1)".to_owned()),
            policy_uri: Update::Set("http://a.example/".to_owned()),
            contacts: Update::Set(vec![" x".to_owned(); 2]),
            pushed_only: Update::Keep,
            jwks_uri: Update::Set("http://localhost/keys".to_owned()),
            ..MetadataPatch::default()
        };
        let wrong = patch(sent).apply(&web(), &Rules::of(Profile::OWN)).unwrap_err();
        let [tos, policy, contacts, keys] =
            [Rare::TosUri, Rare::PolicyUri, Rare::Contacts, Rare::JwksUri].map(Field::from);
        assert_eq!(fields(&wrong), [tos, policy, keys, contacts.clone(), contacts]);
        let many = MetadataPatch {
            contacts: Update::Set((0..=CONTACTS).map(|n| n.to_string()).collect()),
            ..MetadataPatch::default()
        };
        let wrong = patch(many).apply(&web(), &Rules::of(Profile::OWN)).unwrap_err();
        assert_eq!(fields(&wrong), [Field::from(Rare::Contacts)]);
    }
}
