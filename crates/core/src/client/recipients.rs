//! The keys that answers to a client are encrypted to: UserInfo (OpenID Connect Core §5.3.2), answers to authorization
//! requests (JARM §2.2) and those about tokens (RFC 9701 §6). Few clients have any, so they are kept together as one text.

use writ_jose::{Json, JsonObject};

use super::settings::EncryptionPatch;
use super::{Recipient, TokenSetting};

/// What answers are encrypted to; none: that answer is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerRecipients {
    /// UserInfo.
    pub userinfo: Option<Box<Recipient>>,
    /// Answers to authorization requests that are wanted signed.
    pub authorization: Option<Box<Recipient>>,
    /// Answers about tokens that are wanted signed.
    pub introspection: Option<Box<Recipient>>,
}

/// What shall become of how answers are encrypted.
#[derive(Debug, Clone, Default)]
pub struct AnswerEncryption {
    /// UserInfo.
    pub userinfo: EncryptionPatch,
    /// Answers to authorization requests.
    pub authorization: EncryptionPatch,
    /// Answers about tokens.
    pub introspection: EncryptionPatch,
}

/// What `alg` and `enc` of an answer or a sort of tokens are called.
pub(super) type CipherNames = [TokenSetting; 2];
const USERINFO: CipherNames = [TokenSetting::UserinfoEncryptionAlg, TokenSetting::UserinfoEncryptionEnc];
const AUTHORIZATION: CipherNames =
    [TokenSetting::AuthorizationEncryptionAlg, TokenSetting::AuthorizationEncryptionEnc];
const INTROSPECTION: CipherNames =
    [TokenSetting::IntrospectionEncryptionAlg, TokenSetting::IntrospectionEncryptionEnc];

impl AnswerEncryption {
    /// The patch that says of every answer what it is.
    pub(super) fn restating(held: &AnswerRecipients) -> Self {
        Self {
            userinfo: EncryptionPatch::restating(held.userinfo.as_deref()),
            authorization: EncryptionPatch::restating(held.authorization.as_deref()),
            introspection: EncryptionPatch::restating(held.introspection.as_deref()),
        }
    }

    /// Changes what answers are encrypted to, each as `settle` has it.
    pub(super) fn apply_to(
        &self,
        held: &mut AnswerRecipients,
        mut settle: impl FnMut(&EncryptionPatch, Option<Box<Recipient>>, CipherNames) -> Option<Box<Recipient>>,
    ) {
        held.userinfo = settle(&self.userinfo, held.userinfo.take(), USERINFO);
        held.authorization = settle(&self.authorization, held.authorization.take(), AUTHORIZATION);
        held.introspection = settle(&self.introspection, held.introspection.take(), INTROSPECTION);
    }
}

impl AnswerRecipients {
    fn members(&self) -> [(&'static str, Option<&Recipient>); 3] {
        [
            ("userinfo", self.userinfo.as_deref()),
            ("authorization", self.authorization.as_deref()),
            ("introspection", self.introspection.as_deref()),
        ]
    }

    /// As stored: a JSON object of what there is; none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let mut json = JsonObject::with_capacity(512);
        for (name, recipient) in self.members() {
            if let Some(recipient) = recipient {
                json.string(name, &recipient.to_stored());
            }
        }
        Some(json.finish())
    }

    /// From the stored text; `None`: it is none of ours. An answer that was to be encrypted is never sent open because its
    /// key could not be read.
    pub fn from_stored(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes()).ok()?;
        let read = |name: &str| match json.get(name) {
            None => Some(None),
            Some(stored) => {
                Recipient::from_stored(stored.as_str()?).map(|recipient| Some(Box::new(recipient)))
            }
        };
        Some(Self {
            userinfo: read("userinfo")?,
            authorization: read("authorization")?,
            introspection: read("introspection")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey};

    fn recipient(encryption: ContentEncryption) -> Recipient {
        let made = DecryptionKey::generate_on(Curve::X25519, encryption).unwrap();
        Recipient { key: made.public_jwk().clone().into(), encryption }
    }

    #[test]
    fn what_answers_are_encrypted_to_comes_back_from_storage() {
        assert_eq!(AnswerRecipients::default().to_stored(), None);
        let some = AnswerRecipients {
            userinfo: Some(recipient(ContentEncryption::A256Gcm).into()),
            authorization: None,
            introspection: Some(recipient(ContentEncryption::A128CbcHs256).into()),
        };
        let all = AnswerRecipients {
            authorization: Some(recipient(ContentEncryption::A256Gcm).into()),
            ..some.clone()
        };
        for recipients in [some, all] {
            assert_eq!(AnswerRecipients::from_stored(&recipients.to_stored().unwrap()), Some(recipients));
        }
        for wrong in ["", r#"{"userinfo":1}"#, r#"{"authorization":"A256GCM {}"}"#] {
            assert_eq!(AnswerRecipients::from_stored(wrong), None, "{wrong}");
        }
    }
}
