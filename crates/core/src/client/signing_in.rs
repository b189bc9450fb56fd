//! How people sign in to a client (OpenID Connect Dynamic Client Registration 1.0 §2): a part of the rare metadata.

use writ_jose::{Json, JsonObject};

use super::metadata::Rare;
use super::read::ClientReader;
use super::{Update, WebUri};
use crate::form::write_pair;
use crate::manage::name_is_valid;
use crate::reason::Reason;
use crate::settings::{LONGEST, Switch};
use crate::time::Seconds;

/// Classes that a client names at the most.
const ACR_VALUES_MOST: usize = 20;

/// What is registered of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInChoices {
    /// Where others begin a sign-in at it (OpenID Connect Core §4).
    pub initiate_login_uri: Option<WebUri>,
    /// How old a sign-in may be where a request does not say.
    pub default_max_age: Option<Seconds>,
    /// Whether it needs `auth_time` in ID tokens, where it always is.
    pub require_auth_time: Switch,
    /// By which classes people are to sign in where a request does not say, in order of preference.
    pub default_acr_values: Vec<Box<str>>,
}

/// What shall become of it, as it was sent. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct SigningInPatch {
    /// Where others begin a sign-in at it.
    pub initiate_login_uri: Update<String>,
    /// How old a sign-in may be where a request does not say, in seconds.
    pub default_max_age: Update<i64>,
    /// Whether it needs `auth_time` in ID tokens.
    pub require_auth_time: Update<bool>,
    /// By which classes people are to sign in where a request does not say.
    pub default_acr_values: Update<Vec<String>>,
}

impl SigningInPatch {
    /// The patch that says of every field what it is.
    pub(super) fn restating(held: &SignInChoices) -> Self {
        Self {
            initiate_login_uri: Update::sent(Some(held.initiate_login_uri.as_ref().map(WebUri::to_string))),
            default_max_age: Update::sent(Some(held.default_max_age.map(|age| age.0))),
            require_auth_time: Update::Set(held.require_auth_time.is_on()),
            default_acr_values: Update::Set(
                held.default_acr_values.iter().map(ToString::to_string).collect(),
            ),
        }
    }

    pub(super) fn apply_to(&self, held: &mut SignInChoices, reader: &mut ClientReader<'_>) {
        match &self.initiate_login_uri {
            Update::Keep => {}
            Update::Clear => held.initiate_login_uri = None,
            // Core §4: browsers are sent there with whom they are.
            Update::Set(sent) if !sent.is_empty() && (!sent.starts_with("https:") || sent.contains('#')) => {
                reader.violations.note(Rare::InitiateLoginUri, Reason::NotHttpsWithoutFragment);
            }
            Update::Set(sent) => {
                held.initiate_login_uri = reader.web_uri(Rare::InitiateLoginUri.into(), sent);
            }
        }
        match self.default_max_age {
            Update::Keep => {}
            Update::Clear => held.default_max_age = None,
            Update::Set(sent) => {
                if !(0..=LONGEST.0).contains(&sent) {
                    let why = Reason::SecondsWithin { least: 0_i64.into(), most: LONGEST.0.into() };
                    reader.violations.note(Rare::DefaultMaxAge, why);
                }
                held.default_max_age = Some(Seconds(sent));
            }
        }
        match self.require_auth_time {
            Update::Keep => {}
            Update::Clear => held.require_auth_time = Switch::Off,
            Update::Set(sent) => held.require_auth_time = sent.into(),
        }
        match &self.default_acr_values {
            Update::Keep => {}
            Update::Clear => held.default_acr_values.clear(),
            Update::Set(sent) => held.default_acr_values = acr_values(sent, reader),
        }
    }
}

/// Which classes there are is the server's matter: a client may name others, for other servers.
fn acr_values(sent: &[String], reader: &mut ClientReader<'_>) -> Vec<Box<str>> {
    let read = |text: &str| {
        if text.contains(' ') || !name_is_valid(text) {
            return Err(Reason::NotFit { why: Reason::NameRule.into() });
        }
        Ok(Box::from(text))
    };
    reader.list(Rare::DefaultAcrValues.into(), sent, ACR_VALUES_MOST, read)
}

impl SignInChoices {
    /// Where a browser begins a sign-in at the client, with who sends it there (OpenID Connect Core §4).
    pub fn start(&self, issuer: &str) -> Option<String> {
        let mut address = self.initiate_login_uri.as_ref()?.to_string();
        address.push(if address.contains('?') { '&' } else { '?' });
        write_pair("iss", issuer, &mut address);
        Some(address)
    }

    /// Writes what there is into the stored object.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        if let Some(uri) = &self.initiate_login_uri {
            json.string(Rare::InitiateLoginUri.name(), uri.as_str());
        }
        if let Some(Seconds(age)) = self.default_max_age {
            json.number(Rare::DefaultMaxAge.name(), age);
        }
        if self.require_auth_time.is_on() {
            json.boolean(Rare::RequireAuthTime.name(), true);
        }
        if !self.default_acr_values.is_empty() {
            json.strings(Rare::DefaultAcrValues.name(), &self.default_acr_values);
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let member = |name: Rare| json.get(name.name());
        Self {
            initiate_login_uri: member(Rare::InitiateLoginUri)
                .and_then(Json::as_str)
                .map(WebUri::from_stored),
            default_max_age: member(Rare::DefaultMaxAge).and_then(Json::as_i64).map(Seconds),
            require_auth_time: (member(Rare::RequireAuthTime) == Some(&Json::Boolean(true))).into(),
            default_acr_values: member(Rare::DefaultAcrValues)
                .and_then(Json::as_array)
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_str)
                .map(Box::from)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Field, Metadata, MetadataPatch, Profile, Rules};
    use super::*;

    fn patch(signing_in: SigningInPatch) -> ClientPatch {
        ClientPatch {
            metadata: MetadataPatch { signing_in, ..MetadataPatch::default() },
            ..ClientPatch::default()
        }
    }

    #[test]
    fn what_is_registered_comes_back_from_storage() {
        let sent = patch(SigningInPatch {
            initiate_login_uri: Update::Set("https://rp.example/start".to_owned()),
            default_max_age: Update::Set(0),
            require_auth_time: Update::Set(true),
            default_acr_values: Update::Set(vec!["2".to_owned(), "urn:other".to_owned()]),
        });
        let rules = Rules::of(Profile::OWN);
        let metadata = sent.apply(&web(), &rules).unwrap().registration.metadata;
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), metadata);
        let again = patch(SigningInPatch::restating(&metadata.signing_in)).apply(&web(), &rules).unwrap();
        assert_eq!(again.registration.metadata, metadata);
    }

    /// OpenID Connect Core §4: `iss` beside what the address has.
    #[test]
    fn whoever_is_sent_to_begin_a_sign_in_says_who_sent_them() {
        let start = |uri: &str| {
            let initiate_login_uri = Some(WebUri::parse(uri).unwrap());
            SignInChoices { initiate_login_uri, ..SignInChoices::default() }
                .start("https://id.example/t/a")
                .unwrap()
        };
        let iss = "iss=https%3A%2F%2Fid.example%2Ft%2Fa";
        assert_eq!(start("https://rp.example/start"), format!("https://rp.example/start?{iss}"));
        assert_eq!(start("https://rp.example/start?a=b"), format!("https://rp.example/start?a=b&{iss}"));
        assert_eq!(SignInChoices::default().start("https://id.example"), None);
    }

    /// OpenID Connect Dynamic Client Registration 1.0 §2: `initiate_login_uri` is https.
    #[test]
    fn what_is_no_good_is_named() {
        for bad in ["http://localhost/start", "https://rp.example/#x", "javascript:alert(1)", "rp.example"] {
            let sent = patch(SigningInPatch {
                initiate_login_uri: Update::Set(bad.to_owned()),
                default_max_age: Update::Set(-1),
                default_acr_values: Update::Set(vec!["1 2".to_owned()]),
                ..SigningInPatch::default()
            });
            let wrong = sent.apply(&web(), &Rules::of(Profile::OWN)).unwrap_err();
            assert_eq!(
                fields(&wrong),
                [Rare::InitiateLoginUri, Rare::DefaultMaxAge, Rare::DefaultAcrValues].map(Field::from),
                "{bad}"
            );
        }
    }
}
