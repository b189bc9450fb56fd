//! Method, algorithm and keys of a client fit together, whatever is sent in which order.

use super::super::tests::{fields, web};
use super::super::{
    ClientDraft, ClientJwks, ClientPatch, ClientSettingsPatch, MetadataPatch, Profile, RegisteredClient,
    Rules, SentKind,
};
use super::*;
use writ_jose::{SigningKey, jwks_json};

fn jwks(algorithms: &[Algorithm]) -> String {
    let keys: Vec<_> = algorithms.iter().map(|alg| SigningKey::generate(*alg).unwrap()).collect();
    jwks_json(keys.iter().map(SigningKey::public_jwk))
}

/// What is sent of it.
#[derive(Clone, Default)]
struct Sent {
    method: Update<AuthMethod>,
    alg: Update<AuthAlg>,
    jwks: Update<String>,
    jwks_uri: Update<String>,
}

impl Sent {
    fn patch(self) -> ClientPatch {
        ClientPatch {
            auth_method: self.method,
            settings: ClientSettingsPatch {
                jwks: self.jwks,
                proving: ProvingPatch { alg: self.alg, ..ProvingPatch::default() },
                ..ClientSettingsPatch::default()
            },
            metadata: MetadataPatch { jwks_uri: self.jwks_uri, ..MetadataPatch::default() },
            ..ClientPatch::default()
        }
    }

    fn to(self, client: &RegisteredClient) -> Result<RegisteredClient, Violations> {
        self.patch().apply(client, &Rules::of(Profile::OWN))
    }

    /// As a new client.
    fn made(self) -> Result<super::super::ClientSpec, Violations> {
        let draft = ClientDraft {
            kind: Some(SentKind::Confidential),
            name: Some("A".to_owned()),
            grant_types: Some(vec!["client_credentials".to_owned()]),
            ..ClientDraft::from(self.patch())
        };
        draft.check(&Rules::of(Profile::OWN))
    }
}

const URI: &str = "https://a.example/keys";

fn key() -> Sent {
    Sent { method: Update::Set(AuthMethod::PrivateKeyJwt), ..Sent::default() }
}

/// RFC 7591 §2: `private_key_jwt` needs keys, or where they are, and never both.
#[test]
fn a_client_that_signs_with_a_key_has_one() {
    let es = jwks(&[Algorithm::Es256]);
    let at = Update::Set(URI.to_owned());
    let of = |jwks: &str| Update::Set(jwks.to_owned());
    let [method, keys, uri]: [Field; 3] =
        [Field::AuthMethod, TokenSetting::Jwks.into(), Rare::JwksUri.into()];
    let alg = |alg| Update::Set(AuthAlg::Key(alg));
    for (sent, expected) in [
        (key(), vec![method]),
        (Sent { jwks: of(&es), ..key() }, vec![]),
        (Sent { jwks_uri: at.clone(), ..key() }, vec![]),
        (Sent { jwks: of(&es), jwks_uri: at.clone(), ..key() }, vec![uri.clone()]),
        // Whatever the method.
        (Sent { jwks: of(&es), jwks_uri: at, ..Sent::default() }, vec![uri.clone()]),
        (Sent { jwks: of(r#"{"keys":[]}"#), ..key() }, vec![keys.clone()]),
        (Sent { jwks: of(&es.replace("\"sig\"", "\"enc\"")), ..key() }, vec![keys.clone()]),
        (Sent { jwks: of(&es), alg: alg(Algorithm::Es256), ..key() }, vec![]),
        (Sent { jwks: of(&es), alg: alg(Algorithm::EdDsa), ..key() }, vec![keys.clone()]),
        (Sent { jwks: of("x"), ..key() }, vec![keys]),
        (Sent { jwks_uri: Update::Set("http://a.example".to_owned()), ..key() }, vec![uri]),
    ] {
        let found = sent.clone().to(&web()).map_or_else(|wrong| fields(&wrong), |_| Vec::new());
        assert_eq!(found, expected);
        let found = sent.made().map_or_else(|wrong| fields(&wrong), |_| Vec::new());
        assert_eq!(found, expected, "made");
    }
}

#[test]
fn the_algorithm_goes_with_the_method_or_goes() {
    let held = Sent {
        jwks_uri: Update::Set(URI.to_owned()),
        alg: Update::Set(AuthAlg::Key(Algorithm::Ps256)),
        ..key()
    };
    let held = held.to(&web()).unwrap();
    assert_eq!(held.client.tokens.choices.auth_alg, Some(AuthAlg::Key(Algorithm::Ps256)));
    for method in AuthMethod::ALL.into_iter().filter(|method| *method != AuthMethod::None) {
        let to = Sent { method: Update::Set(method), ..Sent::default() };
        let after = to.clone().to(&held).unwrap();
        assert_eq!(after.client.tokens.choices.auth_alg.is_some(), method == AuthMethod::PrivateKeyJwt);
        for alg in AuthAlg::ALL {
            let sent = Sent { alg: Update::Set(alg), ..to.clone() };
            let goes = alg.goes_with(method);
            assert_eq!(sent.to(&held).map_err(|wrong| fields(&wrong)).is_ok(), goes, "{alg:?} {method:?}");
        }
    }
    let cleared = Sent { alg: Update::Clear, ..Sent::default() }.to(&held).unwrap();
    assert_eq!(cleared.client.tokens.choices.auth_alg, None);
}

/// Keys come instead of their address, and the other way round, in one request.
#[test]
fn keys_and_their_address_take_turns() {
    let held = Sent { jwks: Update::Set(jwks(&[Algorithm::EdDsa])), ..key() }.to(&web()).unwrap();
    let at = Update::Set(URI.to_owned());
    assert!(Sent { jwks_uri: at.clone(), ..Sent::default() }.to(&held).is_err());
    let moved = Sent { jwks_uri: at, jwks: Update::Clear, ..Sent::default() }.to(&held).unwrap();
    assert_eq!(moved.registration.metadata.jwks_uri.as_ref().map(super::super::WebUri::as_str), Some(URI));
    let jwks = Update::Set(jwks(&[Algorithm::Es256]));
    let back = Sent { jwks_uri: Update::Clear, jwks, ..Sent::default() }.to(&moved).unwrap();
    assert!(back.registration.metadata.jwks_uri.is_none() && back.registration.jwks.is_some());
    assert!(Sent { jwks: Update::Clear, ..Sent::default() }.to(&back).is_err(), "the last keys stay");
}

/// RFC 7517 §5, RFC 7518 §3.1
#[test]
fn of_a_set_those_keys_verify_that_can() {
    let set = jwks(&[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256]);
    let jwks = ClientJwks::parse(
        &set.replace("{\"keys\":[", r#"{"keys":[{"kty":"AKP"},{"kty":"EC","crv":"P-256"},"#),
    )
    .unwrap();
    let names = |alg| jwks.verifying(alg).iter().map(writ_jose::VerifyingKey::algorithm).collect::<Vec<_>>();
    assert_eq!(names(None), [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa]);
    assert_eq!(names(Some(AuthAlg::Key(Algorithm::EdDsa))), [Algorithm::EdDsa]);
    assert_eq!(names(Some(AuthAlg::Secret)), []);
    // An RSA key that does not say for what it is.
    let silent = ClientJwks::parse(&set.replace(r#","alg":"PS256""#, "")).unwrap();
    let of = |alg: Algorithm| silent.verifying(Some(AuthAlg::Key(alg))).len();
    assert_eq!([Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256].map(of), [1, 1, 1]);
}
