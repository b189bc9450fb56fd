//! How a client's tokens are made, as flags of `writ client create` and `writ client update`.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use super::allow_list::AllowListArgs;
use crate::cli::api::BodyMembers;
use crate::cli::usage::Usage;

const ALGORITHMS: [&str; 5] = ["ES256", "EdDSA", "RS256", "PS256", "default"];

const AUTH_ALGORITHMS: [&str; 6] = ["ES256", "EdDSA", "RS256", "PS256", "HS256", "default"];

const OBJECT_ALGORITHMS: [&str; 7] = ["ES256", "EdDSA", "RS256", "PS256", "HS256", "none", "default"];

#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// Whether it must use PKCE; public clients always must
    #[arg(long, value_name = "BOOL")]
    require_pkce: Option<bool>,
    /// Whether it must push its authorization requests (RFC 9126)
    #[arg(long, value_name = "BOOL")]
    require_pushed_requests: Option<bool>,
    /// How its request objects are signed; none: not at all; default: any way that its keys or its secret allow
    #[arg(long, value_name = "ALG", value_parser = OBJECT_ALGORITHMS)]
    request_object_alg: Option<String>,
    /// How its request objects may be encrypted to a key of the tenant's: RSA-OAEP-256 or ECDH-ES, then a cipher; or none
    #[arg(long, value_name = "ALG[,ENC]")]
    request_object_encryption: Option<String>,
    /// Whether its authorization requests must be signed request objects (RFC 9101)
    #[arg(long, value_name = "BOOL")]
    require_signed_requests: Option<bool>,
    /// Where a request object of it may be fetched; repeat it for more
    #[arg(long = "request-uri", value_name = "URL")]
    request_uris: Vec<String>,
    /// The format of its access tokens
    #[arg(long, value_name = "FORMAT", value_parser = ["jwt", "opaque"])]
    access_token_format: Option<String>,
    /// How its access tokens are signed; default: as the tenant's
    #[arg(long, value_name = "ALG", value_parser = ALGORITHMS)]
    access_token_alg: Option<String>,
    /// An audience of its access tokens; repeat it for more
    #[arg(long = "audience", value_name = "NAME")]
    audience: Vec<String>,
    /// Remove all audiences: its tokens are for this server only
    #[arg(long, conflicts_with = "audience")]
    no_audience: bool,
    /// Whether each use of a refresh token replaces it
    #[arg(long, value_name = "BOOL")]
    rotation: Option<bool>,
    /// How its ID tokens are signed; default: as the tenant's
    #[arg(long, value_name = "ALG", value_parser = ALGORITHMS)]
    id_token_alg: Option<String>,
    /// How its ID tokens are encrypted: RSA-OAEP-256 or ECDH-ES, then A256GCM or A128CBC-HS256 (the default); or none
    #[arg(long, value_name = "ALG[,ENC]")]
    id_token_encryption: Option<String>,
    /// How its access tokens are encrypted; the same values
    #[arg(long, value_name = "ALG[,ENC]")]
    access_token_encryption: Option<String>,
    /// How UserInfo is encrypted; the same values
    #[arg(long, value_name = "ALG[,ENC]")]
    userinfo_encryption: Option<String>,
    /// How signed answers to its authorization requests are encrypted; the same values
    #[arg(long, value_name = "ALG[,ENC]")]
    authorization_encryption: Option<String>,
    /// How signed answers about tokens are encrypted; the same values
    #[arg(long, value_name = "ALG[,ENC]")]
    introspection_encryption: Option<String>,
    /// Which claims its ID tokens contain; default: as the tenant's
    #[arg(long, value_name = "CHOICE", value_parser = ["minimal", "scopes", "default"])]
    id_token_claims: Option<String>,
    /// The `typ` header of its JWT access tokens: JWT for resource servers that refuse at+jwt
    #[arg(long, value_name = "TYP", value_parser = ["at+jwt", "JWT"])]
    access_token_typ: Option<String>,
    /// How answers to its authorization requests are signed, where a request wants them signed; default: as the tenant's ID tokens
    #[arg(long, value_name = "ALG", value_parser = ALGORITHMS)]
    authorization_alg: Option<String>,
    /// How UserInfo is signed; default: not at all
    #[arg(long, value_name = "ALG", value_parser = ALGORITHMS)]
    userinfo_alg: Option<String>,
    /// How answers about tokens are signed, where it asks for them signed; default: as the tenant's ID tokens
    #[arg(long, value_name = "ALG", value_parser = ALGORITHMS)]
    introspection_alg: Option<String>,
    /// Whether one of its tokens may be for several resources
    #[arg(long, value_name = "BOOL")]
    multiple_resources: Option<bool>,
    /// A client whose tokens it may exchange (RFC 8693), or * for all; repeat it, or separate with commas. Replaces the list
    #[arg(long = "exchange-subject", value_name = "CLIENT", value_delimiter = ',')]
    exchange_subjects: Vec<String>,
    /// Take no tokens of other clients any more
    #[arg(long, conflicts_with = "exchange_subjects")]
    no_exchange_subjects: bool,
    /// Whether it may exchange a token for one that does not name it
    #[arg(long, value_name = "BOOL")]
    exchange_impersonation: Option<bool>,
    /// The only client that may exchange its tokens; an empty text: whoever may take them
    #[arg(long, value_name = "CLIENT")]
    may_act: Option<String>,
    /// Whether it is an agent, which acts for people by itself
    #[arg(long, value_name = "BOOL")]
    agent: Option<bool>,
    /// How many tokens a second it may get, from each node; default: as the tenant's clients
    #[arg(long, value_name = "N")]
    token_rate: Option<NumberChoice>,
    /// How many tokens it may get at once; default: as many as it gets in two seconds
    #[arg(long, value_name = "N")]
    token_burst: Option<NumberChoice>,
    /// How its assertions are signed; default: any way that goes with --auth-method
    #[arg(long, value_name = "ALG", value_parser = AUTH_ALGORITHMS)]
    auth_alg: Option<String>,
    /// Whom its assertions must be for: the issuer alone, or also the token endpoint; default: as the tenant's
    #[arg(long, value_name = "CHOICE", value_parser = ["issuer", "token_endpoint", "default"])]
    assertion_audience: Option<String>,
    /// Whether it gets access tokens only with a proof of the key that they are bound to (DPoP)
    #[arg(long, value_name = "BOOL")]
    dpop_bound_tokens: Option<bool>,
    /// A file with its public keys (a JWK set); replaces the old one
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Remove its public keys
    #[arg(long, conflicts_with = "jwks")]
    no_jwks: bool,
    /// The address of its public keys, instead of the keys themselves; an empty text removes it
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    #[command(flatten)]
    networks: AllowListArgs,
}

/// A number, or what takes the choice back.
#[derive(Debug, Clone)]
struct NumberChoice(Value);

impl FromStr for NumberChoice {
    type Err = Usage;

    fn from_str(text: &str) -> Result<Self, Usage> {
        if text == "default" {
            return Ok(Self(Value::Null));
        }
        let number = text.parse::<u32>().map_err(|_| Usage::new("write a whole number, or default"))?;
        Ok(Self(number.into()))
    }
}

/// A word, or what takes the choice back.
fn unless(nothing: &str, word: Option<&String>) -> Option<Value> {
    word.map(|word| if word == nothing { Value::Null } else { word.as_str().into() })
}

/// How to encrypt, and with which cipher: a cipher that is not named is the default one.
fn encryption(text: Option<&String>) -> [Option<Value>; 2] {
    let Some(text) = text else { return [None, None] };
    match text.split_once(',') {
        None if text == "none" => [Some(Value::Null), Some(Value::Null)],
        None => [Some(text.as_str().into()), Some(Value::Null)],
        Some((alg, enc)) => [Some(alg.into()), Some(enc.into())],
    }
}

impl SettingsArgs {
    /// What was given of them.
    ///
    /// # Errors
    /// A file of keys that cannot be read, or is no JSON.
    pub(super) fn members(&self) -> anyhow::Result<BodyMembers> {
        let jwks = match &self.jwks {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("--jwks: {} cannot be read", file.display()))?;
                let read = serde_json::from_str::<Value>(&text);
                Some(read.map_err(|_| Usage::new(format!("--jwks: {} is no JSON", file.display())))?)
            }
            None => self.no_jwks.then_some(Value::Null),
        };
        let audience = self.no_audience.then_some(Value::Null);
        let subjects = match (self.no_exchange_subjects, self.exchange_subjects.is_empty()) {
            (true, _) => Some(Value::Null),
            (false, true) => None,
            (false, false) => Some(self.exchange_subjects.clone().into()),
        };
        let [id_alg, id_enc] = encryption(self.id_token_encryption.as_ref());
        let [access_alg, access_enc] = encryption(self.access_token_encryption.as_ref());
        let members = self.encryptions(self.networks.add_to(BodyMembers::default()));
        Ok(members
            .with("require_pkce", self.require_pkce)
            .with("require_pushed_authorization_requests", self.require_pushed_requests)
            .with("request_object_signing_alg", unless("default", self.request_object_alg.as_ref()))
            .with("require_signed_request_object", self.require_signed_requests)
            .with_list("request_uris", &self.request_uris)
            .with("access_token_format", self.access_token_format.clone())
            .with("access_token_signed_response_alg", unless("default", self.access_token_alg.as_ref()))
            .with("audience", audience)
            .with_list("audience", &self.audience)
            .with("refresh_token_rotation", self.rotation)
            .with("id_token_signed_response_alg", unless("default", self.id_token_alg.as_ref()))
            .with("id_token_encrypted_response_alg", id_alg)
            .with("id_token_encrypted_response_enc", id_enc)
            .with("id_token_claims", unless("default", self.id_token_claims.as_ref()))
            .with("access_token_typ", self.access_token_typ.clone())
            .with("authorization_signed_response_alg", unless("default", self.authorization_alg.as_ref()))
            .with("userinfo_signed_response_alg", unless("default", self.userinfo_alg.as_ref()))
            .with("introspection_signed_response_alg", unless("default", self.introspection_alg.as_ref()))
            .with("multiple_resources", self.multiple_resources)
            .with("exchange_subjects", subjects)
            .with("exchange_impersonation", self.exchange_impersonation)
            .with("may_act", self.may_act.clone())
            .with("agent", self.agent)
            .with("token_rate", self.token_rate.clone().map(|number| number.0))
            .with("token_burst", self.token_burst.clone().map(|number| number.0))
            .with("access_token_encrypted_response_alg", access_alg)
            .with("access_token_encrypted_response_enc", access_enc)
            .with("token_endpoint_auth_signing_alg", unless("default", self.auth_alg.as_ref()))
            .with("client_assertion_audience", unless("default", self.assertion_audience.as_ref()))
            .with("dpop_bound_access_tokens", self.dpop_bound_tokens)
            .with("jwks", jwks)
            .with("jwks_uri", self.jwks_uri.clone()))
    }

    fn encryptions(&self, members: BodyMembers) -> BodyMembers {
        let answers = [
            ("userinfo", &self.userinfo_encryption),
            ("authorization", &self.authorization_encryption),
            ("introspection", &self.introspection_encryption),
        ];
        let [alg, enc] = encryption(self.request_object_encryption.as_ref());
        let members =
            members.with("request_object_encryption_alg", alg).with("request_object_encryption_enc", enc);
        answers.into_iter().fold(members, |members, (name, sent)| {
            let [alg, enc] = encryption(sent.as_ref());
            members
                .with(&format!("{name}_encrypted_response_alg"), alg)
                .with(&format!("{name}_encrypted_response_enc"), enc)
        })
    }
}
