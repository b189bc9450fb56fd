//! What the authorization endpoint answers a client with (`response_type`, RFC 6749 §3.1.1, OAuth 2.0 Multiple Response
//! Type Encoding Practices §3 and §5): a part of the rare metadata.

use writ_jose::{Json, JsonObject};

use super::metadata::Rare;
use super::read::ClientReader;
use super::{Field, GrantType, GrantTypes, RegisteredClient, Update};
use crate::reason::Reason;
use crate::settings::{Choice, Switch};

/// Response types at the most.
const LIMIT: usize = 20;

/// A response type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseType {
    /// A code, and all else at the token endpoint.
    #[default]
    Code,
    /// An ID token and nothing else.
    IdToken,
    /// A code, with an ID token beside it.
    CodeIdToken,
    /// An access token: OAuth 2.1 has dropped it.
    Token,
    /// An access token and an ID token.
    IdTokenToken,
    /// A code and an access token.
    CodeToken,
    /// All three.
    CodeIdTokenToken,
}

impl ResponseType {
    /// All of them, in the order in which metadata lists them.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::IdToken,
        Self::CodeIdToken,
        Self::Token,
        Self::IdTokenToken,
        Self::CodeToken,
        Self::CodeIdTokenToken,
    ];

    /// The value of `response_type`, as it is registered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::CodeIdToken => "code id_token",
            Self::Token => "token",
            Self::IdTokenToken => "id_token token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// Finds one by its words, in whatever order they come (RFC 6749 §3.1.1).
    pub fn by_name(name: &str) -> Option<Self> {
        let has = |text: &str, word: &str| text.split(' ').any(|known| known == word);
        let same = |known: &Self| {
            name.len() == known.name().len() && known.name().split(' ').all(|word| has(name, word))
        };
        Self::ALL.into_iter().find(same)
    }

    /// Whether a code is in the answer.
    pub const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token is in the answer.
    pub const fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::CodeIdToken | Self::IdTokenToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token is in the answer, where the browser and all that runs in it can see it (RFC 9700 §2.1.2).
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether any token is: then the answer stands nowhere that servers and their logs see (Multiple Response Types §3).
    pub const fn has_any_token(self) -> bool {
        self.has_id_token() || self.has_token()
    }

    /// The grant types that go with it (OpenID Connect Dynamic Client Registration 1.0 §2).
    pub fn grants(self) -> impl Iterator<Item = GrantType> {
        let code = self.has_code().then_some(GrantType::AuthorizationCode);
        let implicit = self.has_any_token().then_some(GrantType::Implicit);
        code.into_iter().chain(implicit)
    }

    /// Whether a client with these grant types may have it.
    pub fn fits(self, grants: &GrantTypes) -> bool {
        self.grants().all(|grant| grants.contains(grant))
    }
}

/// The response types that a client has registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseTypes(Vec<ResponseType>);

impl ResponseTypes {
    /// From a list without repetition.
    pub fn new(list: impl IntoIterator<Item = ResponseType>) -> Self {
        Self(list.into_iter().collect())
    }

    /// Whether one of them was registered by name.
    fn contains(&self, wanted: ResponseType) -> bool {
        self.0.contains(&wanted)
    }

    /// Those that were registered, or `code` alone where none was and the grant types have it.
    pub fn of(&self, grants: &GrantTypes) -> impl Iterator<Item = ResponseType> {
        let usual = (self.0.is_empty() && ResponseType::Code.fits(grants)).then_some(ResponseType::Code);
        self.0.iter().copied().chain(usual)
    }

    /// What becomes of them. An access token in front is registered only where the tenant has turned that on, or by who has
    /// it already.
    pub(super) fn apply(&mut self, sent: &Update<Vec<String>>, reader: &mut ClientReader<'_>) {
        let sent = match sent {
            Update::Keep => return,
            Update::Clear => &[][..],
            Update::Set(sent) => sent,
        };
        let (held, rules) = (self.clone(), reader.rules);
        let read = |text: &str| {
            let found = ResponseType::by_name(text).ok_or(Reason::ResponseTypeNone)?;
            if found.has_token() && rules.legacy_implicit_grant == Switch::Off && !held.contains(found) {
                let why = rules.left_to_administrators.turned_on_by(Choice::LegacyImplicitGrant);
                return Err(Reason::ResponseTypeOff { why: why.into() });
            }
            Ok(found)
        };
        let mut types = Vec::new();
        for found in reader.list(Rare::ResponseTypes.into(), sent, LIMIT, read) {
            if !types.contains(&found) {
                types.push(found);
            }
        }
        // What would be so without a word is not written down: it follows the grant types.
        self.0 = if types == [ResponseType::Code] { Vec::new() } else { types };
    }

    /// Notes what does not go together (OpenID Connect Dynamic Client Registration 1.0 §2). Where only the grant types were
    /// sent, those types go that they do not allow any more.
    pub(super) fn fit(
        &mut self,
        sent: &Update<Vec<String>>,
        grants: &GrantTypes,
        reader: &mut ClientReader<'_>,
    ) {
        if reader.violations.has(&Field::GrantTypes) || reader.violations.has(&Rare::ResponseTypes.into()) {
            return;
        }
        if *sent == Update::Keep {
            self.0.retain(|held| held.fits(grants));
        }
        let asks_for_code = matches!(sent, Update::Set(list) if self.0.is_empty() && !list.is_empty());
        let usual = asks_for_code.then_some(ResponseType::Code);
        for wanted in self.0.iter().copied().chain(usual) {
            for grant in wanted.grants().filter(|grant| !grants.contains(*grant)) {
                let why = Reason::ResponseTypeNeedsGrant {
                    named: wanted.name().into(),
                    grant: grant.name().into(),
                };
                reader.violations.note(Rare::ResponseTypes, why);
            }
        }
        if grants.contains(GrantType::Implicit) && !self.0.iter().any(|held| held.has_any_token()) {
            reader.violations.note(Field::GrantTypes, Reason::ImplicitNeedsResponseType);
        }
    }

    /// As they are sent.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|held| held.name().to_owned()).collect()
    }

    /// Writes what there is into the stored object.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        if !self.0.is_empty() {
            let names: Vec<_> = self.0.iter().map(|held| held.name()).collect();
            json.strings(Rare::ResponseTypes.name(), &names);
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let names = json.get(Rare::ResponseTypes.name()).and_then(Json::as_array).unwrap_or_default();
        Self(names.iter().filter_map(Json::as_str).filter_map(ResponseType::by_name).collect())
    }
}

impl RegisteredClient {
    /// The response types that it may ask for.
    pub fn response_types(&self) -> impl Iterator<Item = ResponseType> {
        self.registration.metadata.response_types.of(&self.client.grant_types)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, list, reasons, web};
    use super::super::{ClientPatch, Metadata, MetadataPatch, Profile, Rules};
    use super::*;

    fn patch(grants: &[&str], types: &[&str]) -> ClientPatch {
        ClientPatch {
            grant_types: Update::Set(list(grants)),
            metadata: MetadataPatch { response_types: Update::Set(list(types)), ..MetadataPatch::default() },
            ..ClientPatch::default()
        }
    }

    fn legacy() -> Rules<'static> {
        Rules { legacy_implicit_grant: Switch::On, ..Rules::of(Profile::OWN) }
    }

    fn held(client: &RegisteredClient) -> Vec<&'static str> {
        client.response_types().map(ResponseType::name).collect()
    }

    /// RFC 6749 §3.1.1: the order of the words does not matter, but they are all there, once.
    #[test]
    fn a_response_type_is_a_set_of_words() {
        for known in ResponseType::ALL {
            let backwards: Vec<_> = known.name().rsplit(' ').collect();
            assert_eq!(ResponseType::by_name(&backwards.join(" ")), Some(known));
        }
        for bad in [
            "",
            " ",
            "code ",
            "code code",
            "none",
            "code  token",
            "token token id_token",
            "id_token code code",
        ] {
            assert_eq!(ResponseType::by_name(bad), None, "{bad}");
        }
    }

    /// OpenID Connect Registration §2: without a word it is `code`, and it follows the grant types.
    #[test]
    fn what_is_registered_comes_back_and_code_is_not_written_down() {
        let all = ["authorization_code", "implicit"];
        assert_eq!(held(&web()), ["code"]);
        let after = patch(&all, &["code", "id_token", "token id_token"]).apply(&web(), &legacy()).unwrap();
        assert_eq!(held(&after), ["code", "id_token", "id_token token"]);
        let metadata = &after.registration.metadata;
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), *metadata);
        let again = ClientPatch::restating(&after).apply(&after, &Rules::of(Profile::OWN)).unwrap();
        assert_eq!(again.registration.metadata, *metadata, "what it has it may say again");
        let back = patch(&["authorization_code"], &["code"]).apply(&after, &legacy()).unwrap();
        assert_eq!((back.registration.metadata.to_stored(), held(&back)), (None, vec!["code"]));
    }

    /// OpenID Connect Registration §2: the grant types have what the response types need, and the other way round.
    #[test]
    fn response_types_and_grant_types_fit_each_other() {
        let wrong = |grants: &[&str], types: &[&str]| {
            fields(&patch(grants, types).apply(&web(), &legacy()).unwrap_err())
        };
        let types = [Field::from(Rare::ResponseTypes)];
        assert_eq!(wrong(&["authorization_code"], &["code", "id_token"]), types);
        assert_eq!(wrong(&["implicit"], &["code id_token"]), types);
        assert_eq!(wrong(&["implicit"], &["id_token", "none"]), types);
        assert_eq!(wrong(&["authorization_code", "implicit"], &["code"]), [Field::GrantTypes]);
        let grants =
            ClientPatch { grant_types: Update::Set(list(&["authorization_code"])), ..ClientPatch::default() };
        let hybrid = patch(&["authorization_code", "implicit"], &["code", "code id_token"]);
        let hybrid = hybrid.apply(&web(), &legacy()).unwrap();
        assert_eq!(held(&grants.apply(&hybrid, &legacy()).unwrap()), ["code"], "what does not fit goes");
    }

    /// RFC 9700 §2.1.2: an access token in front only where a tenant has said so, and the refusal names the setting.
    #[test]
    fn an_access_token_in_front_takes_the_tenants_word() {
        let sent = patch(&["authorization_code", "implicit"], &["id_token token"]);
        let refused = sent.apply(&web(), &Rules::of(Profile::OWN));
        assert!(reasons(refused, &Rare::ResponseTypes.into()).contains("legacy_implicit_grant"));
        assert!(sent.apply(&web(), &legacy()).is_ok());
        let plain = patch(&["authorization_code", "implicit"], &["id_token", "code id_token"]);
        assert!(plain.apply(&web(), &Rules::of(Profile::OWN)).is_ok());
    }
}
