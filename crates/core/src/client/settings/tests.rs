//! What is chosen of a client's tokens, and what of it does not fit.

use super::*;
use crate::client::tests::{draft, fields, reasons, registered};
use crate::client::{
    AssertionAudience, ClientPatch, IdTokenClaims, Profile, Rules, TokenChoices, TokenChoicesPatch,
    TokenRate, TokenRatePatch, Typ,
};
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
#[expect(clippy::too_many_lines, reason = "every setting once")]
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
        answers: AnswerEncryption {
            userinfo: EncryptionPatch { alg: Update::Set(KeyManagement::EcdhEs), enc: Update::Keep },
            authorization: EncryptionPatch {
                alg: Update::Set(KeyManagement::EcdhEs),
                enc: Update::Set(ContentEncryption::A256Gcm),
            },
            introspection: EncryptionPatch::default(),
        },
        jwks: Update::Set(set_of(&[&curve()])),
        networks: Update::Set(vec!["10.1.0.0/8".to_owned(), "2001:db8::1".to_owned()]),
        lockout: Lockout::Refused,
        choices: TokenChoicesPatch {
            id_token_claims: Update::Set(IdTokenClaims::Minimal),
            typ: Update::Set(Typ::Jwt),
            authorization_alg: Update::Set(Algorithm::Es256),
            userinfo_alg: Update::Set(Algorithm::Rs256),
            introspection_alg: Update::Set(Algorithm::EdDsa),
            dpop_bound: Update::Set(Switch::On),
            multiple_resources: Update::Set(Switch::On),
        },
        rate: TokenRatePatch { rate: Update::Set(7), burst: Update::Set(9) },
        proving: ProvingPatch { alg: Update::Keep, audience: Update::Set(AssertionAudience::TokenEndpoint) },
        exchange: ExchangePolicyPatch {
            subjects: Update::Set(vec!["shop".to_owned()]),
            impersonation: Update::Set(Switch::On),
            may_act: Update::Set("front".to_owned()),
            agent: Update::Set(Switch::On),
        },
    };
    let after = patch.apply(&before).unwrap();
    let tokens = &after.client.tokens;
    assert_eq!(tokens.networks.texts(), ["10.0.0.0/8", "2001:db8::1/128"]);
    assert_eq!(tokens.format, TokenFormat::Jwt(Some(Algorithm::Ps256)));
    let choices = TokenChoices {
        id_token_claims: Some(IdTokenClaims::Minimal),
        typ: Typ::Jwt,
        authorization_alg: Some(Algorithm::Es256),
        userinfo_alg: Some(Algorithm::Rs256),
        introspection_alg: Some(Algorithm::EdDsa),
        rate: Some(TokenRate::new(7, Some(9))),
        auth_alg: None,
        assertion_audience: Some(AssertionAudience::TokenEndpoint),
        dpop_bound: Switch::On,
        multiple_resources: Switch::On,
    };
    assert_eq!(tokens.choices, choices);
    let ciphers = [&tokens.id_token_recipient, &tokens.access_token_recipient]
        .map(|recipient| recipient.as_ref().unwrap().encryption);
    // OpenID Connect Dynamic Registration §2: the second is what holds where none is named.
    assert_eq!(ciphers, [ContentEncryption::A256Gcm, ContentEncryption::A128CbcHs256]);
    let answers = [&tokens.answers.userinfo, &tokens.answers.authorization, &tokens.answers.introspection]
        .map(|recipient| recipient.as_ref().map(|to| to.encryption));
    assert_eq!(answers, [Some(ContentEncryption::A128CbcHs256), Some(ContentEncryption::A256Gcm), None]);
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
        answers: AnswerEncryption { userinfo: gone(), authorization: gone(), introspection: gone() },
        jwks: Update::Clear,
        networks: Update::Clear,
        lockout: Lockout::Refused,
        choices: TokenChoicesPatch {
            id_token_claims: Update::Clear,
            typ: Update::Clear,
            authorization_alg: Update::Clear,
            userinfo_alg: Update::Clear,
            introspection_alg: Update::Clear,
            dpop_bound: Update::Clear,
            multiple_resources: Update::Clear,
        },
        rate: TokenRatePatch { rate: Update::Clear, burst: Update::Clear },
        proving: ProvingPatch { alg: Update::Clear, audience: Update::Clear },
        exchange: ExchangePolicyPatch {
            subjects: Update::Clear,
            impersonation: Update::Clear,
            may_act: Update::Clear,
            agent: Update::Clear,
        },
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
        [TokenSetting::AccessTokenAlg.into(), TokenSetting::AccessTokenEncryptionAlg.into()]
    );
}

#[test]
fn encrypting_needs_a_key_and_a_cipher_needs_encrypting() {
    let before = client(ClientKind::Web);
    let set = |alg| Update::Set(alg);
    let without = id_tokens(set(KeyManagement::RsaOaep256), Update::Keep).apply(&before);
    assert_eq!(
        reasons(without, &TokenSetting::Jwks.into()),
        "missing: id_token_encrypted_response_alg is RSA-OAEP-256, and there is no key for it"
    );
    let mut other = id_tokens(set(KeyManagement::RsaOaep256), Update::Keep);
    other.jwks = Update::Set(set_of(&[&curve()]));
    assert_eq!(
        reasons(other.apply(&before), &TokenSetting::Jwks.into()),
        "has no key to encrypt to with RSA-OAEP-256"
    );
    let cipher = id_tokens(Update::Keep, Update::Set(ContentEncryption::A256Gcm)).apply(&before);
    assert_eq!(
        reasons(cipher, &TokenSetting::IdTokenEncryptionEnc.into()),
        "needs id_token_encrypted_response_alg beside it"
    );
    let mut unreadable = id_tokens(set(KeyManagement::EcdhEs), Update::Keep);
    unreadable.jwks = Update::Set("{}".to_owned());
    assert_eq!(fields(&unreadable.apply(&before).unwrap_err()), [TokenSetting::Jwks.into()], "said once");
}

/// A client that changes its keys gets its tokens under the new ones.
#[test]
fn the_key_follows_the_set() {
    let (one, two) = (curve(), curve());
    let mut first = id_tokens(Update::Set(KeyManagement::EcdhEs), Update::Set(ContentEncryption::A256Gcm));
    first.jwks = Update::Set(set_of(&[&one]));
    let before = first.apply(&client(ClientKind::Web)).unwrap();
    let kid = |client: &RegisteredClient| {
        let recipient = client.client.tokens.id_token_recipient.clone().unwrap();
        let RecipientPlace::Settled(key) = recipient.key else { panic!("it is at an address") };
        (key.kid().to_owned(), recipient.encryption)
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
        [TokenSetting::Jwks.into()],
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
        assert_eq!(reasons(apply(&wrong), &TokenSetting::Audience.into()), expected);
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
