//! What is shown of a whole client.

use schemars::JsonSchema;
use serde::Serialize;
use writ_core::client::{
    ApplicationType, AssertionAudience, AuthAlg, AuthMethod, ClientKind, IdTokenClaims, ObjectAlg, Party,
    Pkce, Recipient, RegisteredClient, ResponseType, SubjectType, TokenRate, TokenShape, Typ, WebUri,
};
use writ_core::manage::clients::MadeClient;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::super::client_look::ClientLookView;
use super::super::members::{InLanguages, Jwks, KnownWord, PageAddress, SecretMember, Time, Uris, Uuid};
use crate::call::fault::Fault;
use crate::manage::registrations::grant_types;

/// A client, whole.
#[expect(clippy::struct_excessive_bools, reason = "the wire: JSON has nothing else for yes and no")]
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WholeClient")]
pub struct ClientView<'a> {
    /// The row id.
    id: Uuid,
    client_id: &'a str,
    /// Shown once, where the client is made; null for a public client.
    #[serde(skip_serializing_if = "SecretMember::is_untold")]
    client_secret: SecretMember<'a>,
    /// The newest secret, masked; null for a public client.
    client_secret_masked: Option<String>,
    client_name: &'a str,
    /// What it is; it decides whether it has a secret.
    kind: KnownWord<ClientKind>,
    /// Whether it is the tenant's own, for which no consent is asked.
    first_party: bool,
    /// Whether it may get tokens.
    enabled: bool,
    description: Option<&'a str>,
    grant_types: Vec<&'static str>,
    /// As the grant types have it.
    response_types: Vec<&'static str>,
    subject_type: KnownWord<SubjectType>,
    sector_identifier_uri: Option<PageAddress<'a>>,
    redirect_uris: Uris,
    post_logout_redirect_uris: Uris,
    allowed_origins: Vec<&'a str>,
    /// With spaces between the scopes.
    scope: &'a str,
    /// How it proves who it is; `client_secret` is either of the two ways to send a secret.
    token_endpoint_auth_method: KnownWord<AuthMethod>,
    /// null: whatever goes with the method.
    token_endpoint_auth_signing_alg: Option<KnownWord<AuthAlg>>,
    /// null: as the tenant has it.
    client_assertion_audience: Option<KnownWord<AssertionAudience>>,
    dpop_bound_access_tokens: bool,
    client_uri: Option<PageAddress<'a>>,
    logo_uri: Option<PageAddress<'a>>,
    tos_uri: Option<PageAddress<'a>>,
    policy_uri: Option<PageAddress<'a>>,
    contacts: &'a [Box<str>],
    require_pushed_authorization_requests: bool,
    /// null: whatever its keys or its secret can.
    request_object_signing_alg: Option<KnownWord<ObjectAlg>>,
    /// null: any way there is a key for.
    request_object_encryption_alg: Option<KnownWord<KeyManagement>>,
    request_object_encryption_enc: Option<KnownWord<ContentEncryption>>,
    require_signed_request_object: bool,
    request_uris: Vec<PageAddress<'a>>,
    backchannel_logout_uri: Option<PageAddress<'a>>,
    backchannel_logout_session_required: bool,
    frontchannel_logout_uri: Option<PageAddress<'a>>,
    frontchannel_logout_session_required: bool,
    jwks: Option<Jwks>,
    jwks_uri: Option<PageAddress<'a>>,
    application_type: Option<KnownWord<ApplicationType>>,
    software_id: Option<&'a str>,
    software_version: Option<&'a str>,
    initiate_login_uri: Option<PageAddress<'a>>,
    /// Seconds; null: any age.
    default_max_age: Option<i64>,
    require_auth_time: bool,
    default_acr_values: &'a [Box<str>],
    /// Whether PKCE is required of it.
    require_pkce: bool,
    /// Seconds.
    access_token_lifetime: i64,
    /// Seconds.
    refresh_token_lifetime: i64,
    refresh_token_rotation: bool,
    access_token_format: KnownWord<TokenShape>,
    audience: &'a [Box<str>],
    /// null: what the tenant's are signed with.
    access_token_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// null: they are not encrypted.
    access_token_encrypted_response_alg: Option<KnownWord<KeyManagement>>,
    access_token_encrypted_response_enc: Option<KnownWord<ContentEncryption>>,
    /// null: what the tenant's are signed with.
    id_token_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// null: they are not encrypted.
    id_token_encrypted_response_alg: Option<KnownWord<KeyManagement>>,
    id_token_encrypted_response_enc: Option<KnownWord<ContentEncryption>>,
    /// null: what the tenant's tell.
    id_token_claims: Option<KnownWord<IdTokenClaims>>,
    access_token_typ: KnownWord<Typ>,
    /// null: what the tenant's ID tokens are signed with.
    authorization_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// null: it is JSON.
    userinfo_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// null: what the tenant's ID tokens are signed with.
    introspection_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// null: they are not encrypted.
    authorization_encrypted_response_alg: Option<KnownWord<KeyManagement>>,
    authorization_encrypted_response_enc: Option<KnownWord<ContentEncryption>>,
    /// null: they are not encrypted.
    userinfo_encrypted_response_alg: Option<KnownWord<KeyManagement>>,
    userinfo_encrypted_response_enc: Option<KnownWord<ContentEncryption>>,
    /// null: they are not encrypted.
    introspection_encrypted_response_alg: Option<KnownWord<KeyManagement>>,
    introspection_encrypted_response_enc: Option<KnownWord<ContentEncryption>>,
    /// Whether one of its tokens may be for several resources.
    multiple_resources: bool,
    /// The clients whose tokens it may exchange.
    exchange_subjects: &'a [Box<str>],
    /// Whether it may exchange a token for one that does not name it as the actor.
    exchange_impersonation: bool,
    /// The only client that may exchange its tokens; null: whoever may take them.
    may_act: Option<&'a str>,
    /// Whether it is an agent.
    agent: bool,
    /// Tokens a second that it may get; null: as many as the tenant's clients do.
    token_rate: Option<u32>,
    /// Tokens that it may get at once; null: as many as it gets in two seconds.
    token_burst: Option<u32>,
    /// From where it may use its credential; none: from everywhere.
    allowed_networks: Vec<String>,
    /// Its look where people come from it, if the tenant allows that; null: as the tenant has it.
    look: Option<ClientLookView>,
    /// The person who made it.
    owner_id: Option<Uuid>,
    tenant_id: Uuid,
    created_at: Time,
    updated_at: Time,
    #[serde(flatten)]
    translations: InLanguages<'a>,
}

/// A page of clients.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WholeClientList")]
pub struct ClientList<'a> {
    pub(super) clients: Vec<ClientView<'a>>,
    /// How many there are in all.
    pub(super) total: i64,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

fn address(uri: Option<&WebUri>) -> Option<PageAddress<'_>> {
    uri.map(|uri| PageAddress(uri.as_str()))
}

impl<'a> ClientView<'a> {
    pub(super) fn new(found: &'a RegisteredClient) -> Result<Self, Fault> {
        let RegisteredClient { client, registration } = found;
        let (tokens, metadata) = (&client.tokens, &registration.metadata);
        let exchange = tokens.exchange.as_deref();
        let alg = |to: &Option<Box<Recipient>>| to.as_ref().map(|to| KnownWord(to.management()));
        let enc = |to: &Option<Box<Recipient>>| to.as_ref().map(|to| KnownWord(to.encryption));
        let jwks = registration.jwks.as_ref().map(|jwks| serde_json::from_str(jwks.as_str()).map(Jwks));
        Ok(Self {
            id: Uuid::of(client.id),
            client_id: &client.client_id,
            client_secret: SecretMember::Untold,
            client_secret_masked: found.masked_secret(),
            client_name: &client.name,
            kind: KnownWord(client.kind),
            first_party: client.party == Party::First,
            enabled: client.enabled.is_yes(),
            description: registration.description.as_deref(),
            grant_types: grant_types(found),
            response_types: found.response_types().map(ResponseType::name).collect(),
            subject_type: KnownWord(SubjectType::of(tokens.sector.as_ref())),
            sector_identifier_uri: address(metadata.sector_identifier_uri.as_ref()),
            redirect_uris: Uris::of(&registration.redirect_uris),
            post_logout_redirect_uris: Uris::of(&registration.post_logout_redirect_uris),
            allowed_origins: registration
                .allowed_origins
                .iter()
                .map(writ_core::client::WebOrigin::as_str)
                .collect(),
            scope: client.scope.as_str(),
            token_endpoint_auth_method: KnownWord(client.auth_method),
            token_endpoint_auth_signing_alg: tokens.choices.auth_alg.map(KnownWord),
            client_assertion_audience: tokens.choices.assertion_audience.map(KnownWord),
            dpop_bound_access_tokens: tokens.choices.dpop_bound.is_on(),
            client_uri: address(registration.client_uri.as_ref()),
            logo_uri: address(registration.logo_uri.as_ref()),
            tos_uri: address(metadata.tos_uri.as_ref()),
            policy_uri: address(metadata.policy_uri.as_ref()),
            contacts: &metadata.contacts,
            require_pushed_authorization_requests: metadata.pushed_only.is_on(),
            request_object_signing_alg: metadata.request.alg.map(KnownWord),
            request_object_encryption_alg: metadata.request.encryption.map(|how| KnownWord(how.management)),
            request_object_encryption_enc: metadata.request.encryption.map(|how| KnownWord(how.cipher)),
            require_signed_request_object: metadata.request.signed_only.is_on(),
            request_uris: metadata.request.uris.iter().map(|uri| PageAddress(uri.as_str())).collect(),
            backchannel_logout_uri: address(metadata.logout.backchannel.as_ref()),
            backchannel_logout_session_required: metadata.logout.backchannel_session.is_on(),
            frontchannel_logout_uri: address(metadata.logout.frontchannel.as_ref()),
            frontchannel_logout_session_required: metadata.logout.frontchannel_session.is_on(),
            jwks: jwks.transpose().map_err(Fault::internal)?,
            jwks_uri: address(metadata.jwks_uri.as_ref()),
            application_type: metadata.software.application_type.map(KnownWord),
            software_id: metadata.software.id.as_deref(),
            software_version: metadata.software.version.as_deref(),
            initiate_login_uri: address(metadata.signing_in.initiate_login_uri.as_ref()),
            default_max_age: metadata.signing_in.default_max_age.map(|age| age.0),
            require_auth_time: metadata.signing_in.require_auth_time.is_on(),
            default_acr_values: &metadata.signing_in.default_acr_values,
            require_pkce: found.pkce() == Pkce::Required,
            access_token_lifetime: tokens.access_lifetime.0,
            refresh_token_lifetime: tokens.refresh_lifetime.0,
            refresh_token_rotation: client.rotation().is_on(),
            access_token_format: KnownWord(tokens.format.shape()),
            audience: &tokens.audience,
            access_token_signed_response_alg: tokens.format.algorithm().map(KnownWord),
            access_token_encrypted_response_alg: alg(&tokens.access_token_recipient),
            access_token_encrypted_response_enc: enc(&tokens.access_token_recipient),
            id_token_signed_response_alg: tokens.id_token_alg.map(KnownWord),
            id_token_encrypted_response_alg: alg(&tokens.id_token_recipient),
            id_token_encrypted_response_enc: enc(&tokens.id_token_recipient),
            id_token_claims: tokens.choices.id_token_claims.map(KnownWord),
            access_token_typ: KnownWord(tokens.choices.typ),
            multiple_resources: tokens.choices.multiple_resources.is_on(),
            exchange_subjects: exchange.map(|policy| &*policy.subjects).unwrap_or_default(),
            exchange_impersonation: exchange.is_some_and(|policy| policy.impersonation.is_on()),
            may_act: exchange.and_then(|policy| policy.may_act.as_deref()),
            agent: client.is_agent(),
            authorization_signed_response_alg: tokens.choices.authorization_alg.map(KnownWord),
            userinfo_signed_response_alg: tokens.choices.userinfo_alg.map(KnownWord),
            introspection_signed_response_alg: tokens.choices.introspection_alg.map(KnownWord),
            authorization_encrypted_response_alg: alg(&tokens.answers.authorization),
            authorization_encrypted_response_enc: enc(&tokens.answers.authorization),
            userinfo_encrypted_response_alg: alg(&tokens.answers.userinfo),
            userinfo_encrypted_response_enc: enc(&tokens.answers.userinfo),
            introspection_encrypted_response_alg: alg(&tokens.answers.introspection),
            introspection_encrypted_response_enc: enc(&tokens.answers.introspection),
            token_rate: tokens.choices.rate.map(TokenRate::rate),
            token_burst: tokens.choices.rate.and_then(TokenRate::chosen_burst),
            allowed_networks: tokens.networks.texts(),
            look: ClientLookView::of(&metadata.look),
            owner_id: registration.owner.map(Uuid::of),
            tenant_id: Uuid::of(client.tenant),
            created_at: registration.created_at.into(),
            updated_at: registration.updated_at.into(),
            translations: InLanguages(&metadata.translations),
        })
    }

    /// One that has just been made, with the one chance to see its secret.
    pub(super) fn made(made: &'a MadeClient) -> Result<Self, Fault> {
        let client_secret = SecretMember::Shown(made.secret.as_ref().map(|secret| secret.text.as_str()));
        Ok(Self { client_secret, ..Self::new(&made.registered)? })
    }
}
