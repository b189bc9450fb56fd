//! How a client's authorization requests may come: as request objects (RFC 9101 §10.5, OpenID Connect Dynamic Client
//! Registration 1.0 §2). A part of the rare metadata.

use writ_jose::jwe::{ContentEncryption, KeyManagement};
use writ_jose::{Json, JsonObject};

use super::metadata::Rare;
use super::read::ClientReader;
use super::settings::{DEFAULT_ENCRYPTION, after};
use super::{AuthAlg, AuthMethod, EncryptionPatch, Registration, Update, WebUri};
use crate::reason::Reason;
use crate::settings::Switch;

/// Addresses of request objects at the most.
const URIS: usize = 20;

/// What a request object is signed with (`request_object_signing_alg`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectAlg {
    /// Nothing (RFC 7518 §3.6).
    None,
    /// A key or a secret of the client's.
    Signed(AuthAlg),
}

impl ObjectAlg {
    /// All of them, in the order in which metadata lists them.
    pub const ALL: [Self; 6] = {
        let [es, rs, ps, ed, hs] = AuthAlg::ALL;
        [Self::Signed(es), Self::Signed(rs), Self::Signed(ps), Self::Signed(ed), Self::Signed(hs), Self::None]
    };

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Signed(alg) => alg.name(),
        }
    }

    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// What is registered of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requesting {
    /// What request objects are signed with; none: whatever the client's keys or its secret can, and never nothing.
    pub alg: Option<ObjectAlg>,
    /// Whether requests are taken only as signed objects.
    pub signed_only: Switch,
    /// Where request objects of it may be fetched.
    pub uris: Vec<WebUri>,
    /// How it may encrypt them to a key of the tenant's; it need not (OpenID Connect Registration §2).
    pub encryption: Option<ObjectEncryption>,
}

/// How request objects are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectEncryption {
    /// How the content key comes to the server.
    pub management: KeyManagement,
    /// The cipher.
    pub cipher: ContentEncryption,
}

/// What shall become of it, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct RequestingPatch {
    /// What request objects are signed with.
    pub alg: Update<ObjectAlg>,
    /// Whether requests are taken only as signed objects.
    pub signed_only: Update<Switch>,
    /// Where request objects of it may be fetched; the whole list.
    pub uris: Update<Vec<String>>,
    /// How they may be encrypted.
    pub encryption: EncryptionPatch,
}

impl RequestingPatch {
    /// The patch that says of every field what it is.
    pub(super) fn restating(held: &Requesting) -> Self {
        Self {
            alg: Update::sent(Some(held.alg)),
            signed_only: Update::Set(held.signed_only),
            uris: Update::Set(held.uris.iter().map(WebUri::to_string).collect()),
            encryption: EncryptionPatch {
                alg: Update::sent(Some(held.encryption.map(|how| how.management))),
                enc: Update::sent(Some(held.encryption.map(|how| how.cipher))),
            },
        }
    }

    pub(super) fn apply_to(&self, held: &mut Requesting, reader: &mut ClientReader<'_>) {
        held.alg = self.alg.clone().over(held.alg);
        held.signed_only = self.signed_only.clone().over(Some(held.signed_only)).unwrap_or_default();
        match &self.uris {
            Update::Keep => {}
            Update::Clear => held.uris.clear(),
            Update::Set(sent) => held.uris = reader.list(Rare::RequestUris.into(), sent, URIS, fetchable),
        }
        held.encryption = self.encryption_of(held.encryption, reader);
    }

    fn encryption_of(
        &self,
        held: Option<ObjectEncryption>,
        reader: &mut ClientReader<'_>,
    ) -> Option<ObjectEncryption> {
        let EncryptionPatch { alg, enc } = &self.encryption;
        let Some(management) = alg.clone().over(held.map(|how| how.management)) else {
            if matches!(enc, Update::Set(_)) {
                let why = Reason::NeedsBesideIt { name: Rare::RequestObjectEncryptionAlg.name().into() };
                reader.violations.note(Rare::RequestObjectEncryptionEnc, why);
            }
            return None;
        };
        let before = held.map_or(DEFAULT_ENCRYPTION, |how| how.cipher);
        Some(ObjectEncryption { management, cipher: after(enc, before, DEFAULT_ENCRYPTION) })
    }
}

/// Whether an object can be fetched from there.
fn fetchable(sent: &str) -> Result<WebUri, Reason> {
    let uri = WebUri::parse(sent)?;
    if uri.as_str().starts_with("https:") { Ok(uri) } else { Err(Reason::NotHttps) }
}

impl Requesting {
    /// Whether an object may be fetched from there: exactly one of those registered, or one of those with the hash of what
    /// is there behind it (OpenID Connect Core §6.2).
    pub fn has_uri(&self, presented: &str) -> bool {
        let bare = presented.split_once('#').map(|(bare, _)| bare);
        self.uris.iter().any(|known| known.as_str() == presented || Some(known.as_str()) == bare)
    }

    /// Whether a client with this method may sign its requests so: only the secret of `client_secret_jwt` is kept, of every
    /// other there is a hash.
    pub fn may(&self, alg: ObjectAlg, method: AuthMethod) -> bool {
        let is_registered = match self.alg {
            Some(own) => own == alg,
            None => alg != ObjectAlg::None,
        };
        is_registered && (alg != ObjectAlg::Signed(AuthAlg::Secret) || method == AuthMethod::SecretJwt)
    }

    /// Notes what does not go together.
    pub(super) fn fits(
        &self,
        method: AuthMethod,
        registration: &Registration,
        reader: &mut ClientReader<'_>,
    ) {
        let keys = (&registration.jwks, &registration.metadata.jwks_uri);
        let why = match (self.alg, keys) {
            (Some(ObjectAlg::None), _) if self.signed_only.is_on() => Reason::NoneIsNoSignature,
            (Some(ObjectAlg::Signed(AuthAlg::Secret)), _) if method != AuthMethod::SecretJwt => {
                Reason::SecretAlgNeedsSecretJwt
            }
            (Some(ObjectAlg::Signed(alg @ AuthAlg::Key(_))), (None, None)) => {
                Reason::AlgNeedsKeys { alg: alg.name().into() }
            }
            (Some(ObjectAlg::Signed(alg @ AuthAlg::Key(_))), (Some(jwks), None))
                if jwks.verifying(Some(alg)).is_empty() =>
            {
                Reason::AlgNeedsItsKey { alg: alg.name().into() }
            }
            (None | Some(ObjectAlg::None | ObjectAlg::Signed(_)), _) => return,
        };
        reader.violations.note(Rare::RequestObjectAlg, why);
    }

    /// Writes what there is into the stored object.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        if let Some(alg) = self.alg {
            json.string(Rare::RequestObjectAlg.name(), alg.name());
        }
        if !self.uris.is_empty() {
            json.strings(Rare::RequestUris.name(), &self.uris.iter().map(WebUri::as_str).collect::<Vec<_>>());
        }
        if let Some(how) = self.encryption {
            json.string(Rare::RequestObjectEncryptionAlg.name(), how.management.name())
                .string(Rare::RequestObjectEncryptionEnc.name(), how.cipher.name());
        }
        if self.signed_only.is_on() {
            json.boolean(Rare::RequireSignedRequest.name(), true);
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let alg = json.get(Rare::RequestObjectAlg.name()).and_then(Json::as_str);
        let signed_only = json.get(Rare::RequireSignedRequest.name()) == Some(&Json::Boolean(true));
        let uris = json.get(Rare::RequestUris.name()).and_then(Json::as_array).unwrap_or_default();
        let word = |name: Rare| json.get(name.name()).and_then(Json::as_str);
        let management = word(Rare::RequestObjectEncryptionAlg).and_then(KeyManagement::parse);
        let cipher = word(Rare::RequestObjectEncryptionEnc).and_then(ContentEncryption::parse);
        let cipher = cipher.unwrap_or(DEFAULT_ENCRYPTION);
        Self {
            alg: alg.and_then(ObjectAlg::by_name),
            signed_only: signed_only.into(),
            uris: uris.iter().filter_map(Json::as_str).map(WebUri::from_stored).collect(),
            encryption: management.map(|management| ObjectEncryption { management, cipher }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Field, Metadata, MetadataPatch, Profile, Rules, Violations};
    use super::*;
    use writ_jose::Algorithm;

    fn patched(request: RequestingPatch, method: AuthMethod) -> Result<Requesting, Violations> {
        let patch = ClientPatch {
            metadata: MetadataPatch { request, ..MetadataPatch::default() },
            auth_method: Update::Set(method),
            ..ClientPatch::default()
        };
        patch.apply(&web(), &Rules::of(Profile::OWN)).map(|after| after.registration.metadata.request)
    }

    fn with(alg: ObjectAlg) -> RequestingPatch {
        RequestingPatch { alg: Update::Set(alg), ..RequestingPatch::default() }
    }

    fn sealed(cipher: ContentEncryption) -> ObjectEncryption {
        ObjectEncryption { management: KeyManagement::EcdhEs, cipher }
    }

    /// OpenID Connect Registration §2: without an `enc` it is A128CBC-HS256, and an `enc` alone is nothing.
    #[test]
    fn encryption_is_chosen_by_alg_and_enc() {
        let of = |alg, enc| RequestingPatch {
            encryption: EncryptionPatch { alg, enc },
            ..RequestingPatch::default()
        };
        let (alg, enc) = (Update::Set(KeyManagement::EcdhEs), Update::Set(ContentEncryption::A256Gcm));
        let kept = |patch| patched(patch, AuthMethod::SecretBasic).unwrap().encryption;
        assert_eq!(kept(of(alg.clone(), Update::Keep)), Some(sealed(ContentEncryption::A128CbcHs256)));
        assert_eq!(kept(of(alg, enc.clone())), Some(sealed(ContentEncryption::A256Gcm)));
        assert_eq!(kept(of(Update::Clear, Update::Clear)), None);
        let wrong = patched(of(Update::Keep, enc), AuthMethod::SecretBasic).unwrap_err();
        assert_eq!(fields(&wrong), [Field::from(Rare::RequestObjectEncryptionEnc)]);
    }

    #[test]
    fn what_is_registered_comes_back_from_storage() {
        for alg in ObjectAlg::ALL.map(Some).into_iter().chain([None]) {
            for signed_only in [Switch::Off, Switch::On] {
                for uris in [vec![], vec![WebUri::from_stored("https://a.example/r#x")]] {
                    for encryption in [None, Some(sealed(ContentEncryption::A256Gcm))] {
                        let uris = uris.clone();
                        let request = Requesting { alg, signed_only, uris, encryption };
                        let metadata = Metadata { request, ..Metadata::default() };
                        let stored = metadata.to_stored().unwrap_or_else(|| "{}".to_owned());
                        assert_eq!(Metadata::from_stored(&stored), metadata, "{stored}");
                    }
                }
            }
        }
    }

    /// RFC 9101 §10.5, RFC 8725 §3.1: no key is taken for a secret, no secret for a key, and nothing for either.
    #[test]
    fn what_signs_is_there_and_fits() {
        let wrong = |patch, method| fields(&patched(patch, method).unwrap_err());
        let field = [Field::from(Rare::RequestObjectAlg)];
        let key = ObjectAlg::Signed(AuthAlg::Key(Algorithm::Es256));
        let secret = ObjectAlg::Signed(AuthAlg::Secret);
        assert_eq!(wrong(with(secret), AuthMethod::SecretBasic), field);
        assert_eq!(wrong(with(key), AuthMethod::SecretBasic), field);
        let nothing = RequestingPatch { signed_only: Update::Set(Switch::On), ..with(ObjectAlg::None) };
        assert_eq!(wrong(nothing, AuthMethod::SecretBasic), field);
        assert_eq!(patched(with(secret), AuthMethod::SecretJwt).unwrap().alg, Some(secret));
        assert_eq!(
            patched(with(ObjectAlg::None), AuthMethod::SecretPost).unwrap().alg,
            Some(ObjectAlg::None)
        );
    }

    /// OpenID Connect Core §6.2, RFC 9101 §5.2: exactly those that are registered, with what hash ever behind them.
    #[test]
    fn an_address_is_one_that_was_registered() {
        let of = |sent: &[&str]| RequestingPatch {
            uris: Update::Set(sent.iter().map(ToString::to_string).collect()),
            ..RequestingPatch::default()
        };
        let held =
            patched(of(&["https://a.example/r", "https://a.example/s#1"]), AuthMethod::SecretBasic).unwrap();
        for (presented, expected) in [
            ("https://a.example/r", true),
            ("https://a.example/r#hash", true),
            ("https://a.example/s#1", true),
            ("https://a.example/s", false),
            ("https://a.example/s#2", false),
            ("https://a.example/r?x", false),
            ("https://a.example/r/", false),
            ("https://a.example/", false),
        ] {
            assert_eq!(held.has_uri(presented), expected, "{presented}");
        }
        for bad in ["http://a.example/r", "http://localhost/r", "/r", "urn:ietf:params:oauth:request_uri:x"] {
            let wrong = patched(of(&[bad]), AuthMethod::SecretBasic).unwrap_err();
            assert_eq!(fields(&wrong), [Field::from(Rare::RequestUris)], "{bad}");
        }
    }

    /// OpenID Connect Registration §2: one that is registered is the only one; none has to be.
    #[test]
    fn what_is_registered_is_the_only_one() {
        for method in AuthMethod::ALL {
            for own in ObjectAlg::ALL.map(Some).into_iter().chain([None]) {
                for alg in ObjectAlg::ALL {
                    let held = Requesting { alg: own, ..Requesting::default() };
                    let is_secret = alg == ObjectAlg::Signed(AuthAlg::Secret);
                    let expected = own.map_or(alg != ObjectAlg::None, |own| own == alg)
                        && (!is_secret || method == AuthMethod::SecretJwt);
                    assert_eq!(held.may(alg, method), expected, "{method:?} {own:?} {alg:?}");
                }
            }
        }
    }
}
