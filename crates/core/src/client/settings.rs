//! How a client's tokens are made: what no contract has a field for. Their names are those of OpenID Connect
//! Dynamic Registration 1.0 §2 and RFC 7591 §2, where these have one.

use super::recipients::CipherNames;
use super::{
    AnswerEncryption, ClientJwks, ClientKind, ExchangePolicyPatch, Field, Pkce, ProvingPatch, Rare,
    Recipient, RecipientPlace, RegisteredClient, Registration, TokenChoicesPatch, TokenFormat, TokenPolicy,
    TokenRatePatch, Update, Violations, WebUri,
};
use crate::excerpt::Excerpt;
use crate::networks::{AllowList, Lockout};
use crate::reason::Reason;
use crate::settings::Switch;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

/// Names of an audience at the most.
const AUDIENCE_LIMIT: usize = 100;
/// Characters of such a name at the most.
const NAME_LIMIT: usize = 2048;

/// A setting of a client's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenSetting {
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
    /// What ID tokens tell of the person.
    IdTokenClaims,
    /// What the header of JWT access tokens calls them.
    AccessTokenTyp,
    /// What signed answers to authorization requests are signed with (JARM §3).
    AuthorizationAlg,
    /// What UserInfo is signed with (OpenID Connect Registration §2).
    UserinfoAlg,
    /// What answers about tokens are signed with (RFC 9701 §6).
    IntrospectionAlg,
    /// How UserInfo is encrypted (OpenID Connect Registration §2).
    UserinfoEncryptionAlg,
    /// With which cipher.
    UserinfoEncryptionEnc,
    /// How answers to authorization requests are encrypted (JARM §3).
    AuthorizationEncryptionAlg,
    /// With which cipher.
    AuthorizationEncryptionEnc,
    /// How answers about tokens are encrypted (RFC 9701 §6).
    IntrospectionEncryptionAlg,
    /// With which cipher.
    IntrospectionEncryptionEnc,
    /// Tokens a second that the client may get.
    TokenRate,
    /// Tokens at once that the client may get.
    TokenBurst,
    /// What the client's assertions are signed with.
    TokenEndpointAuthAlg,
    /// Whom its assertions have to be for.
    ClientAssertionAudience,
    /// Whether its access tokens are always bound to a key.
    DpopBound,
    /// Whether one token of it may be for several resources.
    MultipleResources,
    /// The clients whose tokens it may exchange.
    ExchangeSubjects,
    /// Whether it may speak as the person without being named.
    ExchangeImpersonation,
    /// The only client that may exchange its tokens.
    MayAct,
    /// Whether it is an agent.
    Agent,
}

impl TokenSetting {
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
            Self::IdTokenClaims => "id_token_claims",
            Self::AccessTokenTyp => "access_token_typ",
            Self::AuthorizationAlg => "authorization_signed_response_alg",
            Self::UserinfoAlg => "userinfo_signed_response_alg",
            Self::IntrospectionAlg => "introspection_signed_response_alg",
            Self::UserinfoEncryptionAlg => "userinfo_encrypted_response_alg",
            Self::UserinfoEncryptionEnc => "userinfo_encrypted_response_enc",
            Self::AuthorizationEncryptionAlg => "authorization_encrypted_response_alg",
            Self::AuthorizationEncryptionEnc => "authorization_encrypted_response_enc",
            Self::IntrospectionEncryptionAlg => "introspection_encrypted_response_alg",
            Self::IntrospectionEncryptionEnc => "introspection_encrypted_response_enc",
            Self::TokenRate => "token_rate",
            Self::TokenBurst => "token_burst",
            Self::TokenEndpointAuthAlg => "token_endpoint_auth_signing_alg",
            Self::ClientAssertionAudience => "client_assertion_audience",
            Self::DpopBound => "dpop_bound_access_tokens",
            Self::MultipleResources => "multiple_resources",
            Self::ExchangeSubjects => "exchange_subjects",
            Self::ExchangeImpersonation => "exchange_impersonation",
            Self::MayAct => "may_act",
            Self::Agent => "agent",
        }
    }
}

impl From<TokenSetting> for Field {
    fn from(setting: TokenSetting) -> Self {
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

impl EncryptionPatch {
    /// The patch that says what it is.
    pub(super) fn restating(held: Option<&Recipient>) -> Self {
        Self {
            alg: Update::sent(Some(held.map(Recipient::management))),
            enc: Update::sent(Some(held.map(|to| to.encryption))),
        }
    }
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
    /// How answers are encrypted.
    pub answers: AnswerEncryption,
    /// The client's public keys, as JSON; the whole set.
    pub jwks: Update<String>,
    /// From where the client may use its credential; the whole list.
    pub networks: Update<Vec<String>>,
    /// What is said to shutting oneself out.
    pub lockout: Lockout,
    /// What is rarely chosen.
    pub choices: TokenChoicesPatch,
    /// How fast it may get tokens.
    pub rate: TokenRatePatch,
    /// How the client signs assertions.
    pub proving: ProvingPatch,
    /// What it may do with tokens of others.
    pub exchange: ExchangePolicyPatch,
}

impl ClientSettingsPatch {
    /// The patch that says of every setting what it is.
    pub(super) fn restating(found: &RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        let tokens = &client.tokens;
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
            id_token_encryption: EncryptionPatch::restating(tokens.id_token_recipient.as_deref()),
            access_token_encryption: EncryptionPatch::restating(tokens.access_token_recipient.as_deref()),
            answers: AnswerEncryption::restating(&tokens.answers),
            jwks: Update::sent(Some(registration.jwks.as_ref().map(|jwks| jwks.as_str().to_owned()))),
            networks: Update::Set(tokens.networks.texts()),
            lockout: Lockout::default(),
            choices: TokenChoicesPatch::restating(tokens.choices),
            rate: TokenRatePatch::restating(tokens.choices.rate),
            proving: ProvingPatch::restating(tokens.choices),
            exchange: ExchangePolicyPatch::restating(tokens.exchange.as_deref()),
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
        registration.jwks = self.jwks(registration.jwks.as_ref(), wrong);
        tokens.format = self.format(tokens.format, wrong);
        self.choices.apply_to(&mut tokens.choices, tokens.format.shape(), wrong);
        self.exchange.apply_to(&mut tokens.exchange, wrong);
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
                Err(why) => why.into_iter().for_each(|why| wrong.note(TokenSetting::AllowedNetworks, why)),
            },
        }
        tokens.rotation = after(&self.rotation, tokens.rotation, Switch::On);
        tokens.id_token_alg = self.id_token_alg.clone().over(tokens.id_token_alg);
    }

    /// Settles what tokens and answers are encrypted to, once it is known where the client's keys are.
    pub(super) fn settle_encryption(
        &self,
        tokens: &mut TokenPolicy,
        keys: PublishedKeys<'_>,
        wrong: &mut Violations,
    ) {
        let mut settle = |patch: &EncryptionPatch, held: Option<Box<Recipient>>, names| {
            Sealing { patch, names, keys }.recipient(held, wrong)
        };
        tokens.id_token_recipient =
            settle(&self.id_token_encryption, tokens.id_token_recipient.take(), ID_TOKENS);
        tokens.access_token_recipient =
            settle(&self.access_token_encryption, tokens.access_token_recipient.take(), ACCESS_TOKENS);
        self.answers.apply_to(&mut tokens.answers, settle);
        if tokens.format == TokenFormat::Opaque && tokens.access_token_recipient.is_some() {
            wrong.note(TokenSetting::AccessTokenEncryptionAlg, Reason::OpaqueEncrypted);
        }
    }

    /// The keys that the client has now, and whether these are other ones than before.
    pub(super) fn published<'a>(
        &self,
        registration: &'a Registration,
        jwks_uri: &Update<String>,
    ) -> PublishedKeys<'a> {
        PublishedKeys {
            jwks: registration.jwks.as_ref(),
            uri: registration.metadata.jwks_uri.as_ref(),
            change: self.jwks != Update::Keep || *jwks_uri != Update::Keep,
        }
    }

    /// Whether a client of this kind can have what is said of PKCE and rotation.
    pub(super) fn fits(&self, kind: ClientKind, wrong: &mut Violations) {
        if self.pkce == Update::Set(Pkce::WhenSent) && !kind.is_confidential() {
            wrong.note(Field::RequirePkce, Reason::PkceOfPublicClient);
        }
        if self.rotation == Update::Set(Switch::Off) && !kind.is_confidential() {
            let why = Reason::RotationOfPublicClient;
            wrong.note(TokenSetting::RefreshTokenRotation, why);
        }
    }

    fn format(&self, held: TokenFormat, wrong: &mut Violations) -> TokenFormat {
        match after(&self.access_token_format, held.shape(), TokenShape::Jwt) {
            TokenShape::Jwt => TokenFormat::Jwt(self.access_token_alg.clone().over(held.algorithm())),
            TokenShape::Opaque => {
                if let Update::Set(_) = self.access_token_alg {
                    wrong.note(TokenSetting::AccessTokenAlg, Reason::OpaqueSigned);
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
                    wrong.note(TokenSetting::Jwks, why);
                    None
                }
            },
        }
    }
}

/// What a setting is afterwards.
pub(super) fn after<T: Copy>(update: &Update<T>, held: T, default: T) -> T {
    match update {
        Update::Keep => held,
        Update::Clear => default,
        Update::Set(sent) => *sent,
    }
}

const ID_TOKENS: CipherNames = [TokenSetting::IdTokenEncryptionAlg, TokenSetting::IdTokenEncryptionEnc];
const ACCESS_TOKENS: CipherNames =
    [TokenSetting::AccessTokenEncryptionAlg, TokenSetting::AccessTokenEncryptionEnc];

/// The keys of a client, wherever they are.
#[derive(Clone, Copy)]
pub(super) struct PublishedKeys<'a> {
    jwks: Option<&'a ClientJwks>,
    uri: Option<&'a WebUri>,
    /// Whether they are other ones than before.
    change: bool,
}

/// How a sort of tokens shall be encrypted.
struct Sealing<'a> {
    patch: &'a EncryptionPatch,
    names: CipherNames,
    keys: PublishedKeys<'a>,
}

impl Sealing<'_> {
    /// The key that it is done to. What is not sent is not settled anew, unless the client's keys change.
    fn recipient(&self, held: Option<Box<Recipient>>, wrong: &mut Violations) -> Option<Box<Recipient>> {
        let EncryptionPatch { alg, enc } = self.patch;
        let PublishedKeys { jwks, uri, change } = self.keys;
        if *alg == Update::Keep && *enc == Update::Keep && !change {
            return held;
        }
        let [alg_name, enc_name] = self.names;
        let Some(management) = alg.clone().over(held.as_ref().map(|held| held.management())) else {
            if *enc != Update::Keep && *enc != Update::Clear && !wrong.has(&alg_name.into()) {
                wrong.note(enc_name, Reason::NeedsBesideIt { name: alg_name.name().into() });
            }
            return None;
        };
        let before = held.map_or(DEFAULT_ENCRYPTION, |held| held.encryption);
        let encryption = after(enc, before, DEFAULT_ENCRYPTION);
        let found = jwks.map(|jwks| jwks.recipient(management));
        match (found, uri) {
            (Some(Ok(key)), _) => return Some(Box::new(Recipient { key: key.into(), encryption })),
            // Why the set or its address cannot be read is noted already.
            _ if wrong.has(&TokenSetting::Jwks.into()) || wrong.has(&Rare::JwksUri.into()) => {}
            (Some(Err(why)), _) => wrong.note(TokenSetting::Jwks, why),
            (None, Some(uri)) => {
                let key = RecipientPlace::At { uri: uri.clone(), management };
                return Some(Box::new(Recipient { key, encryption }));
            }
            (None, None) => {
                let text = Reason::KeyMissing { name: alg_name.name().into(), management: management.into() };
                wrong.note(TokenSetting::Jwks, text);
            }
        }
        None
    }
}

/// Names as RFC 7519 §4.1.3 has them, without white space: they are kept with spaces between them.
fn audience(sent: &[String], wrong: &mut Violations) -> Vec<Box<str>> {
    let field = || TokenSetting::Audience;
    if sent.len() > AUDIENCE_LIMIT {
        wrong.note(field(), Reason::EntriesMost { most: AUDIENCE_LIMIT.into() });
        return Vec::new();
    }
    let mut names: Vec<Box<str>> = Vec::with_capacity(sent.len());
    for name in sent {
        let quoted = Excerpt::of(name);
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            wrong.note(field(), Reason::AudienceWhiteSpace { entry: quoted.into() });
        } else if name.chars().count() > NAME_LIMIT {
            wrong.note(field(), Reason::AudienceTooLong { entry: quoted.into(), most: NAME_LIMIT.into() });
        } else if names.iter().any(|known| **known == **name) {
            wrong.note(field(), Reason::AudienceTwice { entry: quoted.into() });
        } else {
            names.push(name.as_str().into());
        }
    }
    names
}

#[cfg(test)]
mod tests;
