//! `/api/v1/oauth/clients/{client_id}/settings`: how a client's tokens are made, which no contract has fields for. The
//! names are those of OpenID Connect Dynamic Registration 1.0 §2 and RFC 7591 §2, where these have one.

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use writ_core::client::{
    ClientSettingsPatch, EncryptionPatch, Field, Pkce, Profile, Recipient, RegisteredClient, Setting,
    TokenShape, Update, Violations,
};
use writ_core::networks::Lockout;
use writ_core::settings::Switch;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::fields::Fields;
use super::sent::Sent;
use super::wire::json;
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::registrations::{self, Contract, Named, tag};

const CONTRACT: Contract = Contract { profile: Profile::OAUTH2, spelling };
const ID: Named = Named::ClientIdOrUuid("client_id");

fn spelling(field: &Field) -> Option<&'static str> {
    (*field == Field::RequirePkce).then_some("require_pkce")
}

/// What holds. `null` for an algorithm: as the tenant has it; for an encryption: there is none.
#[derive(Serialize)]
struct View<'a> {
    require_pkce: bool,
    access_token_format: &'static str,
    access_token_signed_response_alg: Option<&'static str>,
    audience: &'a [Box<str>],
    refresh_token_rotation: bool,
    id_token_signed_response_alg: Option<&'static str>,
    id_token_encrypted_response_alg: Option<&'static str>,
    id_token_encrypted_response_enc: Option<&'static str>,
    access_token_encrypted_response_alg: Option<&'static str>,
    access_token_encrypted_response_enc: Option<&'static str>,
    jwks: Option<Value>,
    allowed_networks: Vec<String>,
}

impl<'a> View<'a> {
    fn new(found: &'a RegisteredClient) -> Result<Self, Fault> {
        let tokens = &found.client.tokens;
        let alg = |recipient: &Option<Box<Recipient>>| recipient.as_ref().map(|to| to.management().name());
        let enc = |recipient: &Option<Box<Recipient>>| recipient.as_ref().map(|to| to.encryption.name());
        let jwks = found.registration.jwks.as_ref().map(|jwks| serde_json::from_str(jwks.as_str()));
        Ok(Self {
            require_pkce: found.pkce() == Pkce::Required,
            access_token_format: tokens.format.shape().name(),
            access_token_signed_response_alg: tokens.format.algorithm().map(Algorithm::name),
            audience: &tokens.audience,
            refresh_token_rotation: found.client.rotation().is_on(),
            id_token_signed_response_alg: tokens.id_token_alg.map(Algorithm::name),
            id_token_encrypted_response_alg: alg(&tokens.id_token_recipient),
            id_token_encrypted_response_enc: enc(&tokens.id_token_recipient),
            access_token_encrypted_response_alg: alg(&tokens.access_token_recipient),
            access_token_encrypted_response_enc: enc(&tokens.access_token_recipient),
            jwks: jwks.transpose().map_err(Fault::internal)?,
            allowed_networks: tokens.networks.texts(),
        })
    }
}

/// What was sent. A typo would silently leave a setting as it is: what is unknown is refused.
fn patch(fields: Fields) -> ClientSettingsPatch {
    const ALGORITHMS: &str = "must be one of ES256, EdDSA, RS256 and PS256";
    const MANAGEMENTS: &str = "must be one of RSA-OAEP-256 and ECDH-ES";
    const ENCRYPTIONS: &str = "must be one of A256GCM and A128CBC-HS256";
    let mut sent = Sent::from(fields);
    let named = |setting: Setting| (setting.name(), Field::from(setting));
    let [format, audience, rotation, jwks, networks] = [
        Setting::AccessTokenFormat,
        Setting::Audience,
        Setting::RefreshTokenRotation,
        Setting::Jwks,
        Setting::AllowedNetworks,
    ]
    .map(named);
    let pkce = |required| if required { Pkce::Required } else { Pkce::WhenSent };
    let mut encryption = |alg, enc| EncryptionPatch {
        alg: sent.word(named(alg), MANAGEMENTS, KeyManagement::parse),
        enc: sent.word(named(enc), ENCRYPTIONS, ContentEncryption::parse),
    };
    let patch = ClientSettingsPatch {
        id_token_encryption: encryption(Setting::IdTokenEncryptionAlg, Setting::IdTokenEncryptionEnc),
        access_token_encryption: encryption(
            Setting::AccessTokenEncryptionAlg,
            Setting::AccessTokenEncryptionEnc,
        ),
        pkce: sent.flag("require_pkce", Field::RequirePkce).map(pkce),
        access_token_format: sent.word(format, "must be one of jwt and opaque", TokenShape::by_name),
        access_token_alg: sent.word(named(Setting::AccessTokenAlg), ALGORITHMS, Algorithm::parse),
        audience: sent.texts(audience.0, audience.1),
        rotation: sent.flag(rotation.0, rotation.1).map(Switch::from),
        id_token_alg: sent.word(named(Setting::IdTokenAlg), ALGORITHMS, Algorithm::parse),
        jwks: sent.object(jwks.0, jwks.1),
        networks: sent.texts(networks.0, networks.1),
        lockout: match sent.flag("confirm_lockout", Field::Other("confirm_lockout".into())) {
            Update::Set(confirmed) => confirmed.into(),
            Update::Keep | Update::Clear => Lockout::Refused,
        },
        unread: Violations::default(),
    };
    sent.nothing_else();
    ClientSettingsPatch { unread: sent.wrong(), ..patch }
}

/// `GET /api/v1/oauth/clients/{client_id}/settings`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), json(StatusCode::OK, &View::new(&found)?))
}

/// `PUT /api/v1/oauth/clients/{client_id}/settings`: changes only what is sent; `null` takes a choice back.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::set(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &View::new(&after)?))
}
