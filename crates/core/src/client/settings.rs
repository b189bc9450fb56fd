//! How a client's tokens are made: what no contract has a field for. Their names are those of OpenID Connect
//! Dynamic Registration 1.0 §2 and RFC 7591 §2, where these have one.

use super::{
    ClientJwks, ClientKind, Field, Pkce, Recipient, RegisteredClient, Registration, TokenFormat, TokenPolicy,
    Update, Violations,
};
use crate::excerpt::Excerpt;
use crate::networks::{AllowList, Lockout};
use crate::settings::Switch;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

/// Names of an audience at the most.
const AUDIENCE_LIMIT: usize = 100;
/// Characters of such a name at the most.
const NAME_LIMIT: usize = 2048;

/// A setting of a client's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting {
    /// JWT or opaque.
    AccessTokenFormat,
    /// What access tokens are signed with.
    AccessTokenAlg,
    /// Who access tokens are for, besides the issuer.
    Audience,
    /// Whether refresh tokens are replaced when they are used.
    RefreshTokenRotation,
    /// What ID tokens are signed with.
    IdTokenAlg,
    /// How ID tokens are encrypted.
    IdTokenEncryptionAlg,
    /// With which cipher.
    IdTokenEncryptionEnc,
    /// How access tokens are encrypted.
    AccessTokenEncryptionAlg,
    /// With which cipher.
    AccessTokenEncryptionEnc,
    /// The client's public keys.
    Jwks,
    /// From where the client may use its credential.
    AllowedNetworks,
}

impl Setting {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessTokenFormat => "access_token_format",
            Self::AccessTokenAlg => "access_token_signed_response_alg",
            Self::Audience => "audience",
            Self::RefreshTokenRotation => "refresh_token_rotation",
            Self::IdTokenAlg => "id_token_signed_response_alg",
            Self::IdTokenEncryptionAlg => "id_token_encrypted_response_alg",
            Self::IdTokenEncryptionEnc => "id_token_encrypted_response_enc",
            Self::AccessTokenEncryptionAlg => "access_token_encrypted_response_alg",
            Self::AccessTokenEncryptionEnc => "access_token_encrypted_response_enc",
            Self::Jwks => "jwks",
            Self::AllowedNetworks => "allowed_networks",
        }
    }
}

impl From<Setting> for Field {
    fn from(setting: Setting) -> Self {
        Self::Setting(setting)
    }
}

/// What access tokens look like, without what they are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenShape {
    /// A JWT by RFC 9068.
    Jwt,
    /// A random reference.
    Opaque,
}

impl TokenShape {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Jwt, Self::Opaque];

    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Opaque => "opaque",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }
}

impl TokenFormat {
    /// JWT or opaque.
    pub const fn shape(self) -> TokenShape {
        match self {
            Self::Jwt(_) => TokenShape::Jwt,
            Self::Opaque => TokenShape::Opaque,
        }
    }

    /// What the client's JWTs are signed with, where it has a choice of its own.
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Jwt(own) => own,
            Self::Opaque => None,
        }
    }
}

/// The cipher where a client names a way to encrypt and no cipher (OpenID Connect Dynamic Registration §2).
pub const DEFAULT_ENCRYPTION: ContentEncryption = ContentEncryption::A128CbcHs256;

/// What shall become of how a sort of tokens is encrypted.
#[derive(Debug, Clone, Default)]
pub struct EncryptionPatch {
    /// How the content key comes to the client; cleared: no encryption.
    pub alg: Update<KeyManagement>,
    /// The cipher; cleared: [`DEFAULT_ENCRYPTION`].
    pub enc: Update<ContentEncryption>,
}

/// What shall be changed of how a client's tokens are made, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct ClientSettingsPatch {
    /// Whether PKCE is required of it though it is confidential.
    pub pkce: Update<Pkce>,
    /// JWT or opaque.
    pub access_token_format: Update<TokenShape>,
    /// What access tokens are signed with.
    pub access_token_alg: Update<Algorithm>,
    /// Who access tokens are for, besides the issuer; the whole list.
    pub audience: Update<Vec<String>>,
    /// Whether refresh tokens are replaced when they are used.
    pub rotation: Update<Switch>,
    /// What ID tokens are signed with.
    pub id_token_alg: Update<Algorithm>,
    /// How ID tokens are encrypted.
    pub id_token_encryption: EncryptionPatch,
    /// How access tokens are encrypted.
    pub access_token_encryption: EncryptionPatch,
    /// The client's public keys, as JSON; the whole set.
    pub jwks: Update<String>,
    /// From where the client may use its credential; the whole list.
    pub networks: Update<Vec<String>>,
    /// What is said to shutting oneself out.
    pub lockout: Lockout,
}

impl ClientSettingsPatch {
    /// The patch that says of every setting what it is.
    pub(super) fn restating(found: &RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        let tokens = &client.tokens;
        let encryption = |recipient: &Option<Box<Recipient>>| EncryptionPatch {
            alg: Update::sent(Some(recipient.as_ref().map(|to| to.management()))),
            enc: Update::sent(Some(recipient.as_ref().map(|to| to.encryption))),
        };
        Self {
            pkce: match registration.pkce {
                Pkce::Required => Update::Set(Pkce::Required),
                Pkce::WhenSent => Update::Clear,
            },
            access_token_format: Update::Set(tokens.format.shape()),
            access_token_alg: Update::sent(Some(tokens.format.algorithm())),
            audience: Update::Set(tokens.audience.iter().map(ToString::to_string).collect()),
            rotation: Update::Set(client.rotation()),
            id_token_alg: Update::sent(Some(tokens.id_token_alg)),
            id_token_encryption: encryption(&tokens.id_token_recipient),
            access_token_encryption: encryption(&tokens.access_token_recipient),
            jwks: Update::sent(Some(registration.jwks.as_ref().map(|jwks| jwks.as_str().to_owned()))),
            networks: Update::Set(tokens.networks.texts()),
            lockout: Lockout::default(),
        }
    }

    /// Changes how tokens are made, and notes all that is wrong.
    pub(super) fn apply_to(
        &self,
        tokens: &mut TokenPolicy,
        registration: &mut Registration,
        wrong: &mut Violations,
    ) {
        registration.pkce = after(&self.pkce, registration.pkce, Pkce::default());
        let jwks = self.jwks(registration.jwks.as_ref(), wrong);
        tokens.format = self.format(tokens.format, wrong);
        match &self.audience {
            Update::Keep => {}
            Update::Clear => tokens.audience.clear(),
            Update::Set(sent) => tokens.audience = audience(sent, wrong),
        }
        match &self.networks {
            Update::Keep => {}
            Update::Clear => tokens.networks = AllowList::default(),
            Update::Set(sent) => match AllowList::read(sent) {
                Ok(list) => tokens.networks = list,
                Err(why) => why.into_iter().for_each(|why| wrong.note(Setting::AllowedNetworks.into(), why)),
            },
        }
        tokens.rotation = after(&self.rotation, tokens.rotation, Switch::On);
        tokens.id_token_alg = self.id_token_alg.clone().over(tokens.id_token_alg);
        let mut settle = |patch: &EncryptionPatch, held: Option<Box<Recipient>>, names| {
            let sealing = Sealing { patch, names, keys_change: self.jwks != Update::Keep };
            sealing.recipient(held, jwks.as_ref(), wrong)
        };
        tokens.id_token_recipient =
            settle(&self.id_token_encryption, tokens.id_token_recipient.take(), ID_TOKENS);
        tokens.access_token_recipient =
            settle(&self.access_token_encryption, tokens.access_token_recipient.take(), ACCESS_TOKENS);
        if tokens.format == TokenFormat::Opaque && tokens.access_token_recipient.is_some() {
            wrong
                .note(Setting::AccessTokenEncryptionAlg.into(), "an opaque access token cannot be encrypted");
        }
        registration.jwks = jwks;
    }

    /// Whether a client of this kind can have what is said of PKCE and rotation.
    pub(super) fn fits(&self, kind: ClientKind, wrong: &mut Violations) {
        if self.pkce == Update::Set(Pkce::WhenSent) && !kind.is_confidential() {
            wrong.note(Field::RequirePkce, "PKCE is always required of a public client");
        }
        if self.rotation == Update::Set(Switch::Off) && !kind.is_confidential() {
            let why = "the refresh tokens of a public client always rotate (RFC 9700 section 4.14.2)";
            wrong.note(Setting::RefreshTokenRotation.into(), why);
        }
    }

    fn format(&self, held: TokenFormat, wrong: &mut Violations) -> TokenFormat {
        match after(&self.access_token_format, held.shape(), TokenShape::Jwt) {
            TokenShape::Jwt => TokenFormat::Jwt(self.access_token_alg.clone().over(held.algorithm())),
            TokenShape::Opaque => {
                if let Update::Set(_) = self.access_token_alg {
                    wrong.note(Setting::AccessTokenAlg.into(), "an opaque access token is not signed");
                }
                TokenFormat::Opaque
            }
        }
    }

    fn jwks(&self, held: Option<&ClientJwks>, wrong: &mut Violations) -> Option<ClientJwks> {
        match &self.jwks {
            Update::Keep => held.cloned(),
            Update::Clear => None,
            Update::Set(text) => match ClientJwks::parse(text) {
                Ok(jwks) => Some(jwks),
                Err(why) => {
                    wrong.note(Setting::Jwks.into(), why.to_string());
                    None
                }
            },
        }
    }
}

/// What a setting is afterwards.
fn after<T: Copy>(update: &Update<T>, held: T, default: T) -> T {
    match update {
        Update::Keep => held,
        Update::Clear => default,
        Update::Set(sent) => *sent,
    }
}

/// What `alg` and `enc` of a sort of tokens are called.
type Names = [Setting; 2];
const ID_TOKENS: Names = [Setting::IdTokenEncryptionAlg, Setting::IdTokenEncryptionEnc];
const ACCESS_TOKENS: Names = [Setting::AccessTokenEncryptionAlg, Setting::AccessTokenEncryptionEnc];

/// How a sort of tokens shall be encrypted.
struct Sealing<'a> {
    patch: &'a EncryptionPatch,
    names: Names,
    keys_change: bool,
}

impl Sealing<'_> {
    /// The key that it is done to. What is not sent is not settled anew, unless the client's keys change.
    fn recipient(
        &self,
        held: Option<Box<Recipient>>,
        jwks: Option<&ClientJwks>,
        wrong: &mut Violations,
    ) -> Option<Box<Recipient>> {
        let EncryptionPatch { alg, enc } = self.patch;
        if *alg == Update::Keep && *enc == Update::Keep && !self.keys_change {
            return held;
        }
        let [alg_name, enc_name] = self.names;
        let Some(management) = alg.clone().over(held.as_ref().map(|held| held.management())) else {
            if *enc != Update::Keep && *enc != Update::Clear && !wrong.has(&alg_name.into()) {
                wrong.note(enc_name.into(), format!("needs {} beside it", alg_name.name()));
            }
            return None;
        };
        let before = held.map_or(DEFAULT_ENCRYPTION, |held| held.encryption);
        let encryption = after(enc, before, DEFAULT_ENCRYPTION);
        let found = jwks.map(|jwks| jwks.recipient(management));
        match found {
            Some(Ok(key)) => return Some(Box::new(Recipient { key, encryption })),
            // Why the set cannot be read is noted already.
            _ if wrong.has(&Setting::Jwks.into()) => {}
            Some(Err(why)) => wrong.note(Setting::Jwks.into(), why.to_string()),
            None => {
                let text =
                    format!("missing: {} is {management}, and there is no key for it", alg_name.name());
                wrong.note(Setting::Jwks.into(), text);
            }
        }
        None
    }
}

/// Names as RFC 7519 §4.1.3 has them, without white space: they are kept with spaces between them.
fn audience(sent: &[String], wrong: &mut Violations) -> Vec<Box<str>> {
    let field = || Setting::Audience.into();
    if sent.len() > AUDIENCE_LIMIT {
        wrong.note(field(), format!("has more than {AUDIENCE_LIMIT} entries"));
        return Vec::new();
    }
    let mut names: Vec<Box<str>> = Vec::with_capacity(sent.len());
    for name in sent {
        let quoted = Excerpt::of(name);
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            wrong.note(field(), format!("{quoted}: a name without white space is needed"));
        } else if name.chars().count() > NAME_LIMIT {
            wrong.note(field(), format!("{quoted}: longer than {NAME_LIMIT} characters"));
        } else if names.iter().any(|known| **known == **name) {
            wrong.note(field(), format!("{quoted}: is there twice"));
        } else {
            names.push(name.as_str().into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{draft, fields, reasons, registered};
    use crate::client::{ClientPatch, Profile, Rules};
    use writ_jose::jwe::{Curve, DecryptionKey};

    impl ClientSettingsPatch {
        /// The client afterwards, where nothing else is sent.
        fn apply(&self, found: &RegisteredClient) -> Result<RegisteredClient, Violations> {
            let patch = ClientPatch { settings: self.clone(), ..ClientPatch::default() };
            patch.apply(found, &Rules::of(Profile::OWN))
        }
    }

    fn client(kind: ClientKind) -> RegisteredClient {
        let mut spec = draft().check(&Rules::of(Profile::OAUTH2)).unwrap();
        spec.kind = kind;
        registered(spec)
    }

    fn set_of(keys: &[&DecryptionKey]) -> String {
        let keys: Vec<_> = keys.iter().map(|key| key.public_jwk().to_json()).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    fn curve() -> DecryptionKey {
        DecryptionKey::generate_on(Curve::X25519, ContentEncryption::A256Gcm).unwrap()
    }

    fn id_tokens(alg: Update<KeyManagement>, enc: Update<ContentEncryption>) -> ClientSettingsPatch {
        ClientSettingsPatch {
            id_token_encryption: EncryptionPatch { alg, enc },
            ..ClientSettingsPatch::default()
        }
    }

    #[test]
    fn an_empty_patch_changes_nothing() {
        let mut before = client(ClientKind::Web);
        before.client.tokens.format = TokenFormat::Opaque;
        before.client.tokens.audience = vec!["a".into()];
        before.client.tokens.id_token_alg = Some(Algorithm::EdDsa);
        let same = ClientSettingsPatch::default().apply(&before).unwrap();
        assert_eq!(format!("{same:?}"), format!("{before:?}"));
    }

    #[test]
    fn what_is_taken_away_is_as_if_it_had_never_been_sent() {
        let before = client(ClientKind::Web);
        let patch = ClientSettingsPatch {
            pkce: Update::Set(Pkce::Required),
            access_token_format: Update::Set(TokenShape::Jwt),
            access_token_alg: Update::Set(Algorithm::Ps256),
            audience: Update::Set(vec!["https://api.example".to_owned(), "b".to_owned()]),
            rotation: Update::Set(Switch::Off),
            id_token_alg: Update::Set(Algorithm::EdDsa),
            id_token_encryption: EncryptionPatch {
                alg: Update::Set(KeyManagement::EcdhEs),
                enc: Update::Set(ContentEncryption::A256Gcm),
            },
            access_token_encryption: EncryptionPatch {
                alg: Update::Set(KeyManagement::EcdhEs),
                enc: Update::Clear,
            },
            jwks: Update::Set(set_of(&[&curve()])),
            networks: Update::Set(vec!["10.1.0.0/8".to_owned(), "2001:db8::1".to_owned()]),
            lockout: Lockout::Refused,
        };
        let after = patch.apply(&before).unwrap();
        let tokens = &after.client.tokens;
        assert_eq!(tokens.networks.texts(), ["10.0.0.0/8", "2001:db8::1/128"]);
        assert_eq!(tokens.format, TokenFormat::Jwt(Some(Algorithm::Ps256)));
        let ciphers = [&tokens.id_token_recipient, &tokens.access_token_recipient]
            .map(|recipient| recipient.as_ref().unwrap().encryption);
        // OpenID Connect Dynamic Registration §2: the second is what holds where none is named.
        assert_eq!(ciphers, [ContentEncryption::A256Gcm, ContentEncryption::A128CbcHs256]);
        let gone = || EncryptionPatch { alg: Update::Clear, enc: Update::Keep };
        let cleared = ClientSettingsPatch {
            pkce: Update::Clear,
            access_token_format: Update::Clear,
            access_token_alg: Update::Clear,
            audience: Update::Clear,
            rotation: Update::Clear,
            id_token_alg: Update::Clear,
            id_token_encryption: gone(),
            access_token_encryption: gone(),
            jwks: Update::Clear,
            networks: Update::Clear,
            lockout: Lockout::Refused,
        };
        assert_eq!(format!("{:?}", cleared.apply(&after).unwrap()), format!("{before:?}"));
    }

    #[test]
    fn an_opaque_token_is_neither_signed_nor_encrypted() {
        let opaque = || Update::Set(TokenShape::Opaque);
        let mut before = client(ClientKind::Web);
        before.client.tokens.format = TokenFormat::Jwt(Some(Algorithm::EdDsa));
        let patch = ClientSettingsPatch { access_token_format: opaque(), ..ClientSettingsPatch::default() };
        assert_eq!(patch.apply(&before).unwrap().client.tokens.format, TokenFormat::Opaque);
        let patch = ClientSettingsPatch {
            access_token_format: opaque(),
            access_token_alg: Update::Set(Algorithm::Es256),
            access_token_encryption: EncryptionPatch {
                alg: Update::Set(KeyManagement::EcdhEs),
                enc: Update::Keep,
            },
            jwks: Update::Set(set_of(&[&curve()])),
            ..ClientSettingsPatch::default()
        };
        assert_eq!(
            fields(&patch.apply(&before).unwrap_err()),
            [Setting::AccessTokenAlg.into(), Setting::AccessTokenEncryptionAlg.into()]
        );
    }

    #[test]
    fn encrypting_needs_a_key_and_a_cipher_needs_encrypting() {
        let before = client(ClientKind::Web);
        let set = |alg| Update::Set(alg);
        let without = id_tokens(set(KeyManagement::RsaOaep256), Update::Keep).apply(&before);
        assert_eq!(
            reasons(without, &Setting::Jwks.into()),
            "missing: id_token_encrypted_response_alg is RSA-OAEP-256, and there is no key for it"
        );
        let mut other = id_tokens(set(KeyManagement::RsaOaep256), Update::Keep);
        other.jwks = Update::Set(set_of(&[&curve()]));
        assert_eq!(
            reasons(other.apply(&before), &Setting::Jwks.into()),
            "has no key to encrypt to with RSA-OAEP-256"
        );
        let cipher = id_tokens(Update::Keep, Update::Set(ContentEncryption::A256Gcm)).apply(&before);
        assert_eq!(
            reasons(cipher, &Setting::IdTokenEncryptionEnc.into()),
            "needs id_token_encrypted_response_alg beside it"
        );
        let mut unreadable = id_tokens(set(KeyManagement::EcdhEs), Update::Keep);
        unreadable.jwks = Update::Set("{}".to_owned());
        assert_eq!(fields(&unreadable.apply(&before).unwrap_err()), [Setting::Jwks.into()], "said once");
    }

    /// A client that changes its keys gets its tokens under the new ones.
    #[test]
    fn the_key_follows_the_set() {
        let (one, two) = (curve(), curve());
        let mut first =
            id_tokens(Update::Set(KeyManagement::EcdhEs), Update::Set(ContentEncryption::A256Gcm));
        first.jwks = Update::Set(set_of(&[&one]));
        let before = first.apply(&client(ClientKind::Web)).unwrap();
        let kid = |client: &RegisteredClient| {
            let recipient = client.client.tokens.id_token_recipient.clone().unwrap();
            (recipient.key.kid().to_owned(), recipient.encryption)
        };
        assert_eq!(kid(&before), (one.kid().to_owned(), ContentEncryption::A256Gcm));
        let keys = |jwks| ClientSettingsPatch { jwks, ..ClientSettingsPatch::default() };
        let after = keys(Update::Set(set_of(&[&two]))).apply(&before).unwrap();
        assert_eq!(kid(&after), (two.kid().to_owned(), ContentEncryption::A256Gcm));
        // The cipher goes back to its default by itself, and the key stays.
        let again = id_tokens(Update::Keep, Update::Clear).apply(&after).unwrap();
        assert_eq!(kid(&again), (two.kid().to_owned(), DEFAULT_ENCRYPTION));
        assert_eq!(
            fields(&keys(Update::Clear).apply(&after).unwrap_err()),
            [Setting::Jwks.into()],
            "keys that are in use cannot be taken away"
        );
    }

    #[test]
    fn names_of_an_audience_are_single_words() {
        let before = client(ClientKind::Machine);
        let apply = |names: &[&str]| {
            let audience = Update::Set(names.iter().map(|name| (*name).to_owned()).collect());
            ClientSettingsPatch { audience, ..ClientSettingsPatch::default() }.apply(&before)
        };
        let names = ["https://api.example/v1?x=1", "urn:x:y", "söhne"];
        assert_eq!(*apply(&names).unwrap().client.tokens.audience, names.map(Box::<str>::from));
        for (wrong, expected) in [
            (vec![""], ": a name without white space is needed"),
            (vec!["a b"], "a b: a name without white space is needed"),
            (vec!["a\u{a0}b"], "a?b: a name without white space is needed"),
            (vec!["a", "a"], "a: is there twice"),
            (vec!["a"; AUDIENCE_LIMIT + 1], "has more than 100 entries"),
        ] {
            assert_eq!(reasons(apply(&wrong), &Setting::Audience.into()), expected);
        }
    }

    #[test]
    fn pkce_is_no_choice_of_a_public_client() {
        let off = ClientSettingsPatch { pkce: Update::Set(Pkce::WhenSent), ..ClientSettingsPatch::default() };
        for kind in [ClientKind::Spa, ClientKind::Native] {
            assert_eq!(fields(&off.apply(&client(kind)).unwrap_err()), [Field::RequirePkce]);
        }
        for kind in [ClientKind::Web, ClientKind::Machine] {
            assert_eq!(off.apply(&client(kind)).unwrap().registration.pkce, Pkce::WhenSent);
        }
    }
}
