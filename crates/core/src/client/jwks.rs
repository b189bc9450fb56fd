//! The public keys of a client (`jwks`, RFC 7591 §2), and those of them that its tokens are encrypted to.

use writ_jose::jwe::{ContentEncryption, EncryptionJwk, EncryptionKey, KeyManagement, KeyNaming};
use writ_jose::{Algorithm, Json, JwkError, KeyType, PRIVATE_MEMBERS, PublicJwk, VerifyingKey};

use super::{AuthAlg, WebUri};
use crate::reason::reasons;

/// Bytes of a set at the most.
pub const MAX_JWKS_BYTES: usize = 32 * 1024;
/// Keys of a set at the most.
pub const MAX_KEYS: usize = 20;

/// A JWK set (RFC 7517 §5) as its client sent it: public keys for any purpose, also for those that Writ has no use for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientJwks(Box<str>);

reasons! {
    /// Why a text is no set of a client's public keys.
    pub enum JwksError {
        /// It is longer than [`MAX_JWKS_BYTES`].
        Oversize = "jwks-oversize" [limit: MAX_JWKS_BYTES];
        /// It is none at all.
        NotASet = "jwks-not-a-set";
        /// It has more than [`MAX_KEYS`] keys.
        TooMany = "jwks-too-many" [limit: MAX_KEYS];
        /// A key is private, or symmetric. Where it was sent, others may have it.
        Private {
            /// Which key, from 0.
            at: usize,
            /// Which member.
            member: &'static str,
        } = "jwks-private";
    }
}

reasons! {
    /// Why none of the keys can be encrypted to.
    pub enum NoRecipient {
        /// None is for this.
        NotThere(management: KeyManagement) = "no-recipient";
        /// One would be, were it not for this.
        Faulty {
            /// What it would be for.
            management: KeyManagement,
            /// Which key, from 0.
            at: usize,
            /// What is wrong with it.
            why: JwkError,
        } = "no-recipient-faulty";
        /// Several are, and the one that would be taken has no `kid`: the client could not tell (OpenID Connect Core §10.2).
        Nameless(management: KeyManagement) = "no-recipient-nameless";
    }
}

impl ClientJwks {
    /// Reads a set. Which of its keys are of use is said by [`Self::recipient`].
    ///
    /// # Errors
    /// [`JwksError`]; a private member in any key, whatever its type.
    pub fn parse(text: &str) -> Result<Self, JwksError> {
        if text.len() > MAX_JWKS_BYTES {
            return Err(JwksError::Oversize);
        }
        let json = Json::parse(text.as_bytes()).map_err(|_| JwksError::NotASet)?;
        let keys = json.get("keys").and_then(Json::as_array).ok_or(JwksError::NotASet)?;
        if keys.len() > MAX_KEYS {
            return Err(JwksError::TooMany);
        }
        for (at, key) in keys.iter().enumerate() {
            if let Some(member) = PRIVATE_MEMBERS.into_iter().find(|member| key.get(member).is_some()) {
                return Err(JwksError::Private { at, member });
            }
            key.get("kty").and_then(Json::as_str).ok_or(JwksError::NotASet)?;
        }
        Ok(Self(text.into()))
    }

    /// A set as it was stored.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys that verify what the client signs, with this algorithm or with any. An RSA key that does not say with which
    /// verifies with either (RFC 7518 §3.1); what is for something else, or no good, is passed over (RFC 7517 §5).
    pub fn verifying(&self, alg: Option<AuthAlg>) -> Vec<VerifyingKey> {
        let json = Json::parse(self.0.as_bytes()).unwrap_or(Json::Null);
        let keys = json.get("keys").and_then(Json::as_array).unwrap_or_default();
        let algorithms =
            Algorithm::ALL.into_iter().filter(|own| alg.is_none_or(|alg| alg == AuthAlg::Key(*own)));
        let of = |algorithm: Algorithm| {
            keys.iter().filter_map(move |key| {
                VerifyingKey::from_jwk(&PublicJwk::from_members_for(algorithm, key).ok()?).ok()
            })
        };
        algorithms.flat_map(of).collect()
    }

    /// The key to encrypt to: of those that can serve the first that says it is for encryption, else the first.
    ///
    /// # Errors
    /// [`NoRecipient`].
    pub fn recipient(&self, management: KeyManagement) -> Result<EncryptionJwk, NoRecipient> {
        let json = Json::parse(self.0.as_bytes()).unwrap_or(Json::Null);
        let keys = json.get("keys").and_then(Json::as_array).unwrap_or_default();
        let mut fitting = Vec::new();
        let mut faulty = None;
        for (at, key) in keys.iter().enumerate() {
            match usable(key, management) {
                Ok(Some(read)) => fitting.push((key.get("use").is_some(), read)),
                Ok(None) => {}
                Err(why) => drop(faulty.get_or_insert((at, why))),
            }
        }
        let several = fitting.len() > 1;
        let first = fitting.iter().position(|(says_so, _)| *says_so).unwrap_or(0);
        let Some((_, chosen)) = fitting.into_iter().nth(first) else {
            return Err(match faulty {
                Some((at, why)) => NoRecipient::Faulty { management, at, why },
                None => NoRecipient::NotThere(management),
            });
        };
        if several && chosen.naming() == KeyNaming::Thumbprint {
            return Err(NoRecipient::Nameless(management));
        }
        Ok(chosen)
    }
}

/// A key of a set, if it can be encrypted to in this way; none where it is for something else.
fn usable(key: &Json, management: KeyManagement) -> Result<Option<EncryptionJwk>, JwkError> {
    let key_type = key.get("kty").and_then(Json::as_str).and_then(KeyType::parse);
    if key_type.map(KeyManagement::of) != Some(management) {
        return Ok(None);
    }
    let read = EncryptionJwk::from_members(key).and_then(|jwk| {
        EncryptionKey::from_jwk(&jwk, ContentEncryption::A256Gcm)?;
        Ok(jwk)
    });
    match read {
        Ok(jwk) => Ok(Some(jwk)),
        // It says so itself, or is on a curve of signatures: no fault, another purpose.
        Err(JwkError::NotForEncryption | JwkError::AlgorithmUnsupported | JwkError::Curve) => Ok(None),
        Err(why) => Err(why),
    }
}

/// Where the key of a client lies that tokens are encrypted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientPlace {
    /// Here: it was taken from the set that was registered.
    Settled(EncryptionJwk),
    /// Among those at the client's `jwks_uri`: the one that is there when it is needed (OpenID Connect Core §10.2.1).
    At {
        /// The address.
        uri: WebUri,
        /// Of which kind it has to be.
        management: KeyManagement,
    },
}

impl From<EncryptionJwk> for RecipientPlace {
    fn from(key: EncryptionJwk) -> Self {
        Self::Settled(key)
    }
}

/// A key of a client that tokens are encrypted to, and with which cipher. Settled where the client is changed, so that
/// whoever issues a token need not know of the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The key.
    pub key: RecipientPlace,
    /// The cipher.
    pub encryption: ContentEncryption,
}

impl Recipient {
    /// How the content key comes to the client.
    pub fn management(&self) -> KeyManagement {
        match &self.key {
            RecipientPlace::Settled(key) => key.management(),
            RecipientPlace::At { management, .. } => *management,
        }
    }

    /// As stored: the cipher's name, a space, and the key as JSON, or how it is used, a space, and where it is.
    pub fn to_stored(&self) -> String {
        match &self.key {
            RecipientPlace::Settled(key) => format!("{} {}", self.encryption, key.to_json()),
            RecipientPlace::At { uri, management } => format!("{} {management} {uri}", self.encryption),
        }
    }

    /// From the stored text; `None`: it is none of ours.
    pub fn from_stored(text: &str) -> Option<Self> {
        let (encryption, key) = text.split_once(' ')?;
        let encryption = ContentEncryption::parse(encryption)?;
        if key.starts_with('{') {
            return Some(Self { key: EncryptionJwk::from_json(key).ok()?.into(), encryption });
        }
        let (management, uri) = key.split_once(' ')?;
        let (management, uri) = (KeyManagement::parse(management)?, WebUri::from_stored(uri));
        Some(Self { key: RecipientPlace::At { uri, management }, encryption })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_jose::jwe::{Curve, DecryptionKey};

    fn curve(kid: Option<&str>) -> String {
        let made = DecryptionKey::generate_on(Curve::P256, ContentEncryption::A256Gcm).unwrap();
        let jwk = made.public_jwk().to_json();
        let thumbprint = format!(r#""kid":"{}","#, made.kid());
        jwk.replace(&thumbprint, &kid.map(|kid| format!(r#""kid":"{kid}","#)).unwrap_or_default())
    }

    fn set(keys: &[&str]) -> ClientJwks {
        ClientJwks::parse(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).unwrap()
    }

    /// RFC 7517 §5: what is not understood is passed over.
    #[test]
    fn keys_of_other_purposes_are_kept_and_not_encrypted_to() {
        let (plain, signing) =
            (curve(Some("e")), curve(Some("s")).replace(r#""use":"enc","alg":"ECDH-ES""#, r#""use":"sig""#));
        let odd = r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#;
        let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let rsa15 = r#"{"kty":"RSA","alg":"RSA1_5","n":"AQ","e":"AQAB"}"#;
        let keys = set(&[odd, ed, rsa15, &signing, &plain]);
        assert_eq!(keys.recipient(KeyManagement::EcdhEs).unwrap().kid(), "e");
        assert_eq!(
            keys.recipient(KeyManagement::RsaOaep256),
            Err(NoRecipient::NotThere(KeyManagement::RsaOaep256))
        );
        assert_eq!(
            set(&[]).recipient(KeyManagement::EcdhEs),
            Err(NoRecipient::NotThere(KeyManagement::EcdhEs))
        );
    }

    /// RFC 7517 §4.2: a key that says its purpose comes before one that says nothing; then the first.
    #[test]
    fn of_several_keys_the_one_that_says_so_is_taken() {
        let silent = curve(Some("silent")).replace(r#""use":"enc","alg":"ECDH-ES","#, "");
        let keys = set(&[&silent, &curve(Some("one")), &curve(Some("two"))]);
        assert_eq!(keys.recipient(KeyManagement::EcdhEs).unwrap().kid(), "one");
        assert_eq!(set(&[&silent]).recipient(KeyManagement::EcdhEs).unwrap().kid(), "silent");
    }

    /// OpenID Connect Core §10.2.
    #[test]
    fn several_keys_need_names_and_a_single_one_does_not() {
        let nameless = curve(None);
        let one = set(&[&nameless]).recipient(KeyManagement::EcdhEs).unwrap();
        assert_eq!(one.naming(), KeyNaming::Thumbprint);
        assert_eq!(
            set(&[&nameless, &curve(Some("b"))]).recipient(KeyManagement::EcdhEs),
            Err(NoRecipient::Nameless(KeyManagement::EcdhEs))
        );
    }

    #[test]
    fn what_is_wrong_with_the_only_key_is_said() {
        let weak = r#"{"kty":"RSA","use":"enc","n":"gQ","e":"AQAB"}"#;
        let refused = set(&[weak]).recipient(KeyManagement::RsaOaep256).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "has no key to encrypt to with RSA-OAEP-256; keys[0]: the RSA modulus has 8 bits"
        );
    }

    #[test]
    fn refused_sets() {
        let private = |at, member| JwksError::Private { at, member };
        let many = vec![r#"{"kty":"x"}"#; MAX_KEYS + 1].join(",");
        for (text, expected) in [
            ("", JwksError::NotASet),
            ("[]", JwksError::NotASet),
            ("{}", JwksError::NotASet),
            (r#"{"keys":{}}"#, JwksError::NotASet),
            (r#"{"keys":[1]}"#, JwksError::NotASet),
            (r#"{"keys":[{"kid":"no type"}]}"#, JwksError::NotASet),
            (r#"{"keys":[],"keys":[]}"#, JwksError::NotASet),
            (r#"{"keys":[{"kty":"EC"},{"kty":"EC","d":"AA"}]}"#, private(1, "d")),
            (r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, private(0, "k")),
            (r#"{"keys":[{"kty":"AKP","priv":"AA"}]}"#, private(0, "priv")),
            (&format!(r#"{{"keys":[{many}]}}"#), JwksError::TooMany),
            (&format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(MAX_JWKS_BYTES)), JwksError::Oversize),
        ] {
            assert_eq!(ClientJwks::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_recipient_comes_back_from_storage() {
        for kid in [None, Some("k 1")] {
            let key = set(&[&curve(kid)]).recipient(KeyManagement::EcdhEs).unwrap();
            for encryption in ContentEncryption::ALL {
                let recipient = Recipient { key: key.clone().into(), encryption };
                assert_eq!(Recipient::from_stored(&recipient.to_stored()), Some(recipient));
            }
        }
        for management in KeyManagement::ALL {
            let uri = WebUri::from_stored("https://a.example/keys?of=a%20client");
            let key = RecipientPlace::At { uri, management };
            let recipient = Recipient { key, encryption: ContentEncryption::A256Gcm };
            assert_eq!(Recipient::from_stored(&recipient.to_stored()), Some(recipient));
        }
        for wrong in ["", "A256GCM", "A256GCM {}", "A192GCM {}", "A256GCM dir https://a.example"] {
            assert_eq!(Recipient::from_stored(wrong), None, "{wrong}");
        }
    }
}
