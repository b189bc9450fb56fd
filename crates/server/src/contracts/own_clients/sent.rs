//! What is sent of a whole client.

use writ_core::change::Enabled;
use writ_core::client::{
    AnswerEncryption, ApplicationType, AssertionAudience, AuthAlg, AuthMethod, ClientKind, ClientPatch,
    ClientSettingsPatch, EncryptionPatch, ExchangePolicyPatch, Field, IdTokenClaims, LogoutUrisPatch,
    MetadataPatch, ObjectAlg, Party, Pkce, ProvingPatch, Rare, RequestingPatch, SentKind, SigningInPatch,
    SoftwarePatch, SubjectType, SubjectsPatch, TokenChoicesPatch, TokenRatePatch, TokenSetting, TokenShape,
    TranslationsPatch, Typ, Update, Violations,
};
use writ_core::networks::Lockout;
use writ_core::settings::Switch;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::super::client_look::ClientLookSent;
use super::super::members::{Jwks, KnownWord, Name, ScopeText, Uris, members};

members! {
    /// What is sent of a client.
    Members {
        /// The name that people are shown.
        "client_name" name: Name => Field::Name,
        /// What it is: it decides whether it has a secret, and never changes. By default a web or machine client, or
        /// with `token_endpoint_auth_method` none a spa or native one, whichever fits its grant types and redirect URIs.
        "kind" kind: KnownWord<ClientKind> => Field::Kind,
        /// Whether it is the tenant's own, for which no consent is asked.
        "first_party" first_party: bool => Field::FirstParty,
        /// Whether it may get tokens.
        "enabled" enabled: bool => Field::Enabled,
        /// What it is for.
        "description" description: String => Field::Description,
        /// How it may get tokens; by default as its kind does.
        "grant_types" grant_types: Vec<String> => Field::GrantTypes,
        /// What the authorization endpoint answers it with: code, id_token, code id_token, and where the tenant's
        /// legacy_implicit_grant is on also token, id_token token, code token, code id_token token. All but code need the grant
        /// type implicit; by default code where the grant types have authorization_code.
        "response_types" response_types: Vec<String> => Rare::ResponseTypes.into(),
        /// Whom its `sub` is a name for: for all clients, or for those of its sector alone, so that no two sectors can tell that
        /// they have the same person (OpenID Connect Core, section 8).
        "subject_type" subject_type: KnownWord<SubjectType> => Rare::SubjectType.into(),
        /// Where the redirect URIs of its sector are listed, as a JSON array: the sector is the host of this address; else the
        /// one host of its redirect URIs. https; the empty text is none.
        "sector_identifier_uri" sector_identifier_uri: String => Rare::SectorIdentifierUri.into(),
        /// Where people come back to with a code.
        "redirect_uris" redirect_uris: Uris => Field::RedirectUris,
        /// Where people come back to after signing out.
        "post_logout_redirect_uris" post_logout_redirect_uris: Uris => Field::PostLogoutRedirectUris,
        /// Where its pages may ask from (CORS).
        "allowed_origins" allowed_origins: Vec<String> => Field::AllowedOrigins,
        /// The scopes that it may have, with spaces between them; by default openid.
        "scope" scope: ScopeText => Field::Scopes,
        /// How it proves who it is, and the only way it may; `client_secret` is either of the two ways to send a secret, and
        /// the default. A secret made for `client_secret_jwt` serves that method alone, and none made before serves it:
        /// change the method, then rotate the secret.
        "token_endpoint_auth_method" auth_method: KnownWord<AuthMethod> => Field::AuthMethod,
        /// Its home page; the empty text is none.
        "client_uri" client_uri: String => Field::ClientUri,
        /// Its logo; the empty text is none.
        "logo_uri" logo_uri: String => Field::LogoUri,
        /// Its terms of service; the empty text is none.
        "tos_uri" tos_uri: String => Rare::TosUri.into(),
        /// What becomes of people's data; the empty text is none.
        "policy_uri" policy_uri: String => Rare::PolicyUri.into(),
        /// How to reach the people who are responsible for it.
        "contacts" contacts: Vec<String> => Rare::Contacts.into(),
        /// Whether it has to push its authorization requests (RFC 9126).
        "require_pushed_authorization_requests" pushed_only: bool => Rare::PushedOnly.into(),
        /// What its request objects are signed with, or none; null: whatever its keys or its secret can.
        "request_object_signing_alg" object_alg: KnownWord<ObjectAlg> => Rare::RequestObjectAlg.into(),
        /// How it may encrypt its request objects, to a key of the tenant's in its JWK set; null: any way there is a key for.
        "request_object_encryption_alg" object_sealing: KnownWord<KeyManagement>
            => Rare::RequestObjectEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "request_object_encryption_enc" object_cipher: KnownWord<ContentEncryption>
            => Rare::RequestObjectEncryptionEnc.into(),
        /// Where its request objects may be fetched.
        "request_uris" request_uris: Vec<String> => Rare::RequestUris.into(),
        /// Whether its authorization requests are taken only as signed request objects (RFC 9101).
        "require_signed_request_object" signed_only: bool => Rare::RequireSignedRequest.into(),
        /// Where the server tells it, with a logout token, that a sign-in has ended; the empty text is nowhere.
        "backchannel_logout_uri" backchannel_uri: String => Rare::BackchannelLogoutUri.into(),
        /// Whether it wants `sid` in logout tokens; it is always in them.
        "backchannel_logout_session_required" backchannel_session: bool => Rare::BackchannelLogoutSession.into(),
        /// What a browser loads, out of sight, on the page of whoever has signed out; the empty text is nothing. Scheme, host and
        /// port are those of a redirect URI.
        "frontchannel_logout_uri" frontchannel_uri: String => Rare::FrontchannelLogoutUri.into(),
        /// Whether it wants `iss` and `sid` in that address.
        "frontchannel_logout_session_required" frontchannel_session: bool => Rare::FrontchannelLogoutSession.into(),
        /// What its assertions are signed with; null: whatever goes with its method.
        "token_endpoint_auth_signing_alg" auth_alg: KnownWord<AuthAlg> => TokenSetting::TokenEndpointAuthAlg.into(),
        /// Whom its assertions have to be for: the issuer alone, or, for older libraries, the token endpoint too; null: as
        /// the tenant has it.
        "client_assertion_audience" assertion_audience: KnownWord<AssertionAudience>
            => TokenSetting::ClientAssertionAudience.into(),
        /// Whether it gets access tokens only with a proof of the key that they are bound to (DPoP, RFC 9449).
        "dpop_bound_access_tokens" dpop_bound: bool => TokenSetting::DpopBound.into(),
        /// Its public keys; the whole set.
        "jwks" jwks: Jwks => TokenSetting::Jwks.into(),
        /// Where its public keys are, instead of `jwks`; the empty text is none. Tokens are encrypted to keys of `jwks` alone.
        "jwks_uri" jwks_uri: String => Rare::JwksUri.into(),
        /// Where it runs, as its developer says.
        "application_type" application_type: KnownWord<ApplicationType> => Rare::ApplicationType.into(),
        /// What its developer calls the software, in all its copies; the empty text is nothing.
        "software_id" software_id: String => Rare::SoftwareId.into(),
        /// Which version of the software it is; the empty text is nothing.
        "software_version" software_version: String => Rare::SoftwareVersion.into(),
        /// Where others send a browser to begin a sign-in at it (OpenID Connect Core, section 4); https; the empty text is nowhere.
        "initiate_login_uri" initiate_login_uri: String => Rare::InitiateLoginUri.into(),
        /// How many seconds old a sign-in may be where a request does not say; null: any age.
        "default_max_age" default_max_age: i64 => Rare::DefaultMaxAge.into(),
        /// Whether it needs auth_time in ID tokens; it is always in them.
        "require_auth_time" require_auth_time: bool => Rare::RequireAuthTime.into(),
        /// By which classes (acr) people are to sign in where a request does not say, in order of preference: a wish.
        "default_acr_values" default_acr_values: Vec<String> => Rare::DefaultAcrValues.into(),
        /// Its look and its texts on the pages on which people sign in and consent for it, over those of the tenant, where the
        /// tenant's application_looks is on: colours, corners and letters as in the tenant's look, and in texts by language
        /// sign_in_title, sign_in_intro and consent_intro. The whole; null: as the tenant has it.
        "look" look: ClientLookSent => Rare::Look.into(),
        /// Whether PKCE is required of it; of a public client it always is.
        "require_pkce" require_pkce: bool => Field::RequirePkce,
        /// How long its access tokens live, in seconds.
        "access_token_lifetime" access_lifetime: i64 => Field::AccessLifetime,
        /// How long its refresh tokens live, in seconds.
        "refresh_token_lifetime" refresh_lifetime: i64 => Field::RefreshLifetime,
        /// Whether a refresh token is replaced when it is used.
        "refresh_token_rotation" rotation: bool => TokenSetting::RefreshTokenRotation.into(),
        /// A JWT by RFC 9068, or a random reference.
        "access_token_format" format: KnownWord<TokenShape> => TokenSetting::AccessTokenFormat.into(),
        /// Who access tokens are for, besides this server where one of its scopes is granted.
        "audience" audience: Vec<String> => TokenSetting::Audience.into(),
        /// What access tokens are signed with; null: what the tenant's are.
        "access_token_signed_response_alg" access_alg: KnownWord<Algorithm> => TokenSetting::AccessTokenAlg.into(),
        /// How access tokens are encrypted to a key of jwks, once they are signed; null: not at all.
        "access_token_encrypted_response_alg" access_sealing: KnownWord<KeyManagement>
            => TokenSetting::AccessTokenEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "access_token_encrypted_response_enc" access_cipher: KnownWord<ContentEncryption>
            => TokenSetting::AccessTokenEncryptionEnc.into(),
        /// What ID tokens are signed with; null: what the tenant's are.
        "id_token_signed_response_alg" id_alg: KnownWord<Algorithm> => TokenSetting::IdTokenAlg.into(),
        /// How ID tokens are encrypted to a key of jwks, once they are signed; null: not at all.
        "id_token_encrypted_response_alg" id_sealing: KnownWord<KeyManagement> => TokenSetting::IdTokenEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "id_token_encrypted_response_enc" id_cipher: KnownWord<ContentEncryption> => TokenSetting::IdTokenEncryptionEnc.into(),
        /// What its ID tokens tell of the person: who it is alone, or the claims of the scopes; null: what the tenant's do.
        "id_token_claims" id_token_claims: KnownWord<IdTokenClaims> => TokenSetting::IdTokenClaims.into(),
        /// What the header of its JWT access tokens calls them: at+jwt as RFC 9068 has it, or JWT for resource servers that
        /// refuse that.
        "access_token_typ" typ: KnownWord<Typ> => TokenSetting::AccessTokenTyp.into(),
        /// What answers to its authorization requests are signed with, where a request wants them signed; null: what the
        /// tenant's ID tokens are.
        "authorization_signed_response_alg" authorization_alg: KnownWord<Algorithm> => TokenSetting::AuthorizationAlg.into(),
        /// What UserInfo is signed with; null: it is JSON, and nobody signs it.
        "userinfo_signed_response_alg" userinfo_alg: KnownWord<Algorithm> => TokenSetting::UserinfoAlg.into(),
        /// What answers about tokens are signed with, where it asks for them signed (RFC 9701); null: what the tenant's ID
        /// tokens are.
        "introspection_signed_response_alg" introspection_alg: KnownWord<Algorithm> => TokenSetting::IntrospectionAlg.into(),
        /// How answers to its authorization requests are encrypted to a key of jwks, where a request wants them signed; null: not at all.
        "authorization_encrypted_response_alg" authorization_sealing: KnownWord<KeyManagement>
            => TokenSetting::AuthorizationEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "authorization_encrypted_response_enc" authorization_cipher: KnownWord<ContentEncryption>
            => TokenSetting::AuthorizationEncryptionEnc.into(),
        /// How UserInfo is encrypted to a key of jwks, once it is signed, if it is; null: not at all.
        "userinfo_encrypted_response_alg" userinfo_sealing: KnownWord<KeyManagement>
            => TokenSetting::UserinfoEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "userinfo_encrypted_response_enc" userinfo_cipher: KnownWord<ContentEncryption>
            => TokenSetting::UserinfoEncryptionEnc.into(),
        /// How answers about tokens are encrypted to a key of jwks, where it asks for them signed; null: not at all.
        "introspection_encrypted_response_alg" introspection_sealing: KnownWord<KeyManagement>
            => TokenSetting::IntrospectionEncryptionAlg.into(),
        /// The cipher; where an alg is named and no enc, it is A128CBC-HS256.
        "introspection_encrypted_response_enc" introspection_cipher: KnownWord<ContentEncryption>
            => TokenSetting::IntrospectionEncryptionEnc.into(),
        /// Whether one of its tokens may be for several resources; without it, each is for one.
        "multiple_resources" multiple_resources: bool => TokenSetting::MultipleResources.into(),
        /// The clients whose tokens it may exchange for its own (RFC 8693), by client_id; `*` for every client of the tenant. The
        /// tokens have to be for it all the same. Needs clients:trust.
        "exchange_subjects" exchange_subjects: Vec<String> => TokenSetting::ExchangeSubjects.into(),
        /// Whether it may exchange a token for one that does not name it as the actor. Needs clients:trust.
        "exchange_impersonation" exchange_impersonation: bool => TokenSetting::ExchangeImpersonation.into(),
        /// The only client that may exchange the tokens of this one, by client_id (RFC 8693, section 4.4); the empty text is
        /// none: whoever may take them.
        "may_act" may_act: String => TokenSetting::MayAct.into(),
        /// Whether it is an agent: it acts by itself for people, who agree to it for as long as its refresh tokens live. Its
        /// tokens name it as the actor (`act`).
        "agent" agent: bool => TokenSetting::Agent.into(),
        /// How many tokens a second it may get, from each node; null: as many as the tenant's clients do. More than those
        /// takes an operator.
        "token_rate" token_rate: i64 => TokenSetting::TokenRate.into(),
        /// How many tokens it may get at once; null: as many as it gets in two seconds. Only beside a token_rate.
        "token_burst" token_burst: i64 => TokenSetting::TokenBurst.into(),
        /// From where it may use its credential, and the tokens that it got for itself: addresses and networks such as
        /// 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32; none: from everywhere.
        "allowed_networks" networks: Vec<String> => TokenSetting::AllowedNetworks.into(),
        /// Whether an allow list may shut out the address that sets it.
        "confirm_lockout" confirm_lockout: bool => Field::Other("confirm_lockout".into()),
    }
}

/// How something is encrypted, as it was sent.
fn encryption(
    alg: Update<KnownWord<KeyManagement>>,
    enc: Update<KnownWord<ContentEncryption>>,
) -> EncryptionPatch {
    EncryptionPatch { alg: alg.map(|alg| alg.0), enc: enc.map(|enc| enc.0) }
}

impl From<Members> for ClientPatch {
    fn from(sent: Members) -> Self {
        Self {
            kind: sent.kind.map(|kind| SentKind::Exactly(kind.0)),
            name: sent.name.map(|name| name.0),
            description: sent.description,
            grant_types: sent.grant_types,
            redirect_uris: sent.redirect_uris.map(|uris| uris.0),
            post_logout_redirect_uris: sent.post_logout_redirect_uris.map(|uris| uris.0),
            allowed_origins: sent.allowed_origins,
            scopes: sent.scope.map(|words| words.0),
            access_lifetime: sent.access_lifetime,
            refresh_lifetime: sent.refresh_lifetime,
            enabled: sent.enabled.map(Enabled::from),
            party: sent.first_party.map(|first| if first { Party::First } else { Party::Third }),
            auth_method: sent.auth_method.map(|method| method.0),
            client_uri: sent.client_uri,
            logo_uri: sent.logo_uri,
            settings: ClientSettingsPatch {
                pkce: sent.require_pkce.map(|it| if it { Pkce::Required } else { Pkce::WhenSent }),
                access_token_format: sent.format.map(|format| format.0),
                access_token_alg: sent.access_alg.map(|alg| alg.0),
                audience: sent.audience,
                rotation: sent.rotation.map(Switch::from),
                id_token_alg: sent.id_alg.map(|alg| alg.0),
                id_token_encryption: encryption(sent.id_sealing, sent.id_cipher),
                access_token_encryption: encryption(sent.access_sealing, sent.access_cipher),
                answers: AnswerEncryption {
                    userinfo: encryption(sent.userinfo_sealing, sent.userinfo_cipher),
                    authorization: encryption(sent.authorization_sealing, sent.authorization_cipher),
                    introspection: encryption(sent.introspection_sealing, sent.introspection_cipher),
                },
                jwks: sent.jwks.map(|jwks| jwks.0.to_string()),
                networks: sent.networks,
                lockout: sent.confirm_lockout.over(None).map(Lockout::from).unwrap_or_default(),
                choices: TokenChoicesPatch {
                    id_token_claims: sent.id_token_claims.map(|choice| choice.0),
                    typ: sent.typ.map(|typ| typ.0),
                    authorization_alg: sent.authorization_alg.map(|alg| alg.0),
                    userinfo_alg: sent.userinfo_alg.map(|alg| alg.0),
                    introspection_alg: sent.introspection_alg.map(|alg| alg.0),
                    dpop_bound: sent.dpop_bound.map(Switch::from),
                    multiple_resources: sent.multiple_resources.map(Switch::from),
                },
                rate: TokenRatePatch { rate: sent.token_rate, burst: sent.token_burst },
                proving: ProvingPatch {
                    alg: sent.auth_alg.map(|alg| alg.0),
                    audience: sent.assertion_audience.map(|audience| audience.0),
                },
                exchange: ExchangePolicyPatch {
                    subjects: sent.exchange_subjects,
                    impersonation: sent.exchange_impersonation.map(Switch::from),
                    may_act: sent.may_act,
                    agent: sent.agent.map(Switch::from),
                },
            },
            metadata: MetadataPatch {
                tos_uri: sent.tos_uri,
                policy_uri: sent.policy_uri,
                contacts: sent.contacts,
                subjects: SubjectsPatch {
                    subject_type: sent.subject_type.map(|one| one.0),
                    sector_identifier_uri: sent.sector_identifier_uri,
                    listed: None,
                },
                response_types: sent.response_types,
                pushed_only: sent.pushed_only,
                logout: LogoutUrisPatch {
                    backchannel: sent.backchannel_uri,
                    backchannel_session: sent.backchannel_session.map(Switch::from),
                    frontchannel: sent.frontchannel_uri,
                    frontchannel_session: sent.frontchannel_session.map(Switch::from),
                },
                jwks_uri: sent.jwks_uri,
                request: RequestingPatch {
                    alg: sent.object_alg.map(|alg| alg.0),
                    signed_only: sent.signed_only.map(Switch::from),
                    uris: sent.request_uris,
                    encryption: encryption(sent.object_sealing, sent.object_cipher),
                },
                software: SoftwarePatch {
                    application_type: sent.application_type.map(|kind| kind.0),
                    id: sent.software_id,
                    version: sent.software_version,
                    statement: Update::Keep,
                },
                signing_in: SigningInPatch {
                    initiate_login_uri: sent.initiate_login_uri,
                    default_max_age: sent.default_max_age,
                    require_auth_time: sent.require_auth_time,
                    default_acr_values: sent.default_acr_values,
                },
                // Their members have the language in their names: they are read apart.
                translations: TranslationsPatch::default(),
                look: sent.look.map(|look| look.0),
            },
            unread: Violations::default(),
        }
    }
}
