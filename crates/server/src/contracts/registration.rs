//! `/oauth2/register`: applications register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0) and
//! manage what they registered (RFC 7592). It is one more view of the whole client of `/api/v1/clients`: the members that
//! these documents name are read and shown as they are there, others are passed over.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderValue};
use serde_json::{Map, Value, json};
use writ_core::authorization::Authorization;
use writ_core::change::{Actor, Origin};
use writ_core::client::{
    ApplicationType, AuthMethod, Client, ClientDraft, ClientPatch, GeneratedSecret, Profile,
    RegisteredClient, Sealer, SecretHash, SectorList, Translatable, Translations, Update,
};
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::handle::{Handle, INITIAL_PREFIX};
use writ_core::ids::RegistrationTokenId;
use writ_core::manage::clients::Making;
use writ_core::registration::{
    ManagedClient, Managing, NewRegistration, REGISTRATION_PATH, Registering, RegistrationProof, SentSecret,
    ServerDecided, Updated, admit, authenticated, register as decide_registration, remove, settle,
    update as decide_update, verify,
};
use writ_core::scene::Scene;
use writ_core::secret::sha256;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;

use super::own_clients::{patch_of, schema_of, shown};
use super::wire::no_content;
use crate::call::answer;
use crate::call::fault::Fault;
use crate::call::json::Members;
use crate::call::request::Call;
use crate::call::routes::Answer;
use crate::call::schema::Schema;
use crate::edge::shares::Share;
use crate::manage::registering::{look_at, publish_keys, sector_list};
use crate::manage::registrations::{ContractRules, Judge, by_client_id};
use crate::manage::standing::addressed;
use crate::state::app::App;
use crate::state::rounds::Verdict;

const CONTRACT: ContractRules = ContractRules { profile: Profile::REGISTRATION, spelling: |_| None };

/// The metadata that an application registers, in the order in which it is shown.
pub const NAMES: [&str; 47] = [
    "client_name",
    "application_type",
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "response_types",
    "subject_type",
    "sector_identifier_uri",
    "scope",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "jwks",
    "jwks_uri",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "contacts",
    "software_id",
    "software_version",
    "initiate_login_uri",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "require_pushed_authorization_requests",
    "request_object_signing_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_uris",
    "require_signed_request_object",
    "dpop_bound_access_tokens",
    "id_token_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "authorization_signed_response_alg",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "introspection_signed_response_alg",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
];

/// How a registration is described.
pub fn schema() -> Schema {
    schema_of(&NAMES)
}

/// What of a request is read.
struct RegistrationBody {
    patch: ClientPatch,
    client_id: Option<String>,
    secret: Option<String>,
}

/// `POST /oauth2/register` (RFC 7591 §3).
pub async fn register(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let answer = make(&app, &mut call).await;
    answered(&app, answer)
}

/// `GET /oauth2/register/{client_id}` (RFC 7592 §2.1).
pub async fn read(State(app): State<Arc<App>>, call: Call) -> Response {
    let answer = look(&app, &call).await;
    answered(&app, answer)
}

/// `PUT /oauth2/register/{client_id}` (RFC 7592 §2.2).
pub async fn update(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let answer = change(&app, &mut call).await;
    answered(&app, answer)
}

/// `DELETE /oauth2/register/{client_id}` (RFC 7592 §2.3).
pub async fn delete(State(app): State<Arc<App>>, call: Call) -> Response {
    let answer = end(&app, &call).await;
    answered(&app, answer)
}

fn answered(app: &App, answer: Answer) -> Response {
    answer.unwrap_or_else(|fault| answer::error(app, &named(fault)))
}

/// What is wrong with fields has a name of its own here (RFC 7591 §3.2.2).
fn named(fault: Fault) -> Fault {
    let Some(wrong) = fault.error.wrong().filter(|_| fault.error.code() == ErrorCode::InvalidRequest) else {
        return fault;
    };
    let is_about_uris = wrong.reason("redirect_uris").is_some();
    let code = if is_about_uris { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata };
    Fault { error: fault.error.recoded(code), ..fault }
}

/// The tenant that the path names.
async fn place(app: &App, call: &Call) -> Result<Arc<Tenant>, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    call.context.who.visits(tenant.id);
    Ok(tenant)
}

/// The Bearer token of the request; nothing else is taken here.
fn bearer(call: &Call) -> Result<Option<String>, Fault> {
    match call.authorization(ErrorCode::InvalidToken)? {
        None => Ok(None),
        Some(Authorization::Bearer(token)) => Ok(Some(token.expose().to_owned())),
        Some(Authorization::Basic(_) | Authorization::Dpop(_) | Authorization::Unsupported { .. }) => {
            let text = ShellReason::BearerOnly;
            Err(OAuthError::new(ErrorCode::InvalidToken, text).challenged(Challenge::Bearer).into())
        }
    }
}

/// A request of somebody whom a registration concerns.
struct RegistrationCall<'a> {
    tenant: &'a Tenant,
    shown: Option<&'a str>,
    origin: &'a Origin,
}

impl RegistrationCall<'_> {
    fn scene<'s>(&'s self, app: &'s App) -> Scene<'s> {
        let (tenant, actor) = (self.tenant.id, Actor::Anonymous);
        Scene { tenant, actor, origin: self.origin, moment: app.moment() }
    }

    fn issuer(&self, app: &App) -> Arc<str> {
        app.issuer(self.tenant)
    }
}

async fn make(app: &App, call: &mut Call) -> Answer {
    let (tenant, text, origin) = (place(app, call).await?, bearer(call)?, call.origin());
    let asked = RegistrationCall { tenant: &tenant, shown: text.as_deref(), origin: &origin };
    // Whoever may not is told so before anything is read.
    admitted(app, &asked, |_| Ok(())).await?;
    let sent: Members = if asked.shown.is_some() {
        call.json().await?
    } else {
        let _ = app.take_share(Share::Clients, origin.ip, 1)?;
        call.anonymous_json().await?
    };
    let RegistrationBody { mut patch, .. } = request(app, &asked, (sent, None))?;
    let listed = sector_list(app, tenant.id, patch.metadata.subjects.to_look_at(None, true)).await;
    patch.metadata.subjects.listed = listed;
    publish_keys(app, tenant.id, (&patch.settings, &patch.metadata)).await?;
    let draft = ClientDraft::from(patch);
    let made = app.rounds(|_| decide(app, &asked, &draft)).await?;
    let NewRegistration { made, access } = &made;
    let found = &made.registered;
    call.context.who.is_client(found.client.id, tenant.id);
    let told = ToldOnce { secret: made.secret.as_ref(), access: &access.text };
    information(app, &asked, (StatusCode::CREATED, found), told)
}

/// What becomes of whoever may register, with the token that they came with.
async fn admitted<T>(
    app: &App,
    asked: &RegistrationCall<'_>,
    then: impl FnOnce(Option<&writ_core::registration::RegistrationToken>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let handle = asked.shown.and_then(|text| Handle::parse(INITIAL_PREFIX, text));
    let row = match handle {
        Some(handle) => {
            let id = RegistrationTokenId::from_bytes(handle.id);
            app.store.registration_token(id, asked.tenant.id).await?
        }
        None => None,
    };
    let found = row.as_ref().zip(handle.map(|handle| handle.hash));
    let presented =
        if asked.shown.is_some() { RegistrationProof::Token(found) } else { RegistrationProof::Nothing };
    then(admit(asked.tenant, presented, app.clock.now())?)
}

async fn decide(
    app: &App,
    asked: &RegistrationCall<'_>,
    draft: &ClientDraft,
) -> Result<Verdict<NewRegistration>, Fault> {
    let judge = Judge::in_tenant(app, asked.tenant).await?;
    let rules = judge.rules(&CONTRACT);
    let registered = app.store.registered_count(asked.tenant.id).await?;
    let seal = |context: &[u8], plain: &[u8]| app.master_key.seal(context, plain);
    let making = Making { rules: &rules, hash_key: &app.hash_key, sealer: Sealer::new(&seal) };
    admitted(app, asked, |token| {
        let facts = Registering { tenant: asked.tenant, making, token, registered };
        Ok(decide_registration(draft, facts, &asked.scene(app)).into())
    })
    .await
}

/// Reads what was sent; for a change, every member that was not sent becomes what it is where nobody says anything
/// (RFC 7592 §2.2).
fn request(
    app: &App,
    asked: &RegistrationCall<'_>,
    (sent, held): (Members, Option<&RegisteredClient>),
) -> Result<RegistrationBody, Fault> {
    const STATEMENT: &str = "software_statement";
    let Members(mut sent) = sent;
    let policy = &asked.tenant.settings.registration_policy;
    let text = match sent.remove(STATEMENT) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => Some(String::new()),
    };
    let issuer = asked.issuer(app);
    let endpoint = format!("{issuer}{REGISTRATION_PATH}");
    let statement = verify(policy, text.as_deref(), (&issuer, &endpoint), app.clock.now())?;
    if let Some(statement) = &statement {
        // RFC 7591 §2.3: what is signed counts for more than what stands beside it.
        let is_known = |name: &str| NAMES.contains(&name) || Translatable::of_member(name).is_some();
        let signed: Vec<_> = statement.claims.iter().filter(|(name, _)| is_known(name)).collect();
        // A name that is signed is not called otherwise in some language by whoever sends it.
        sent.retain(|name, _| {
            Translatable::of_member(name)
                .is_none_or(|(what, _)| !signed.iter().any(|(name, _)| is_about(name, what)))
        });
        for (name, value) in signed {
            sent.insert(name.clone(), serde_json::from_str(&value.to_string()).map_err(Fault::internal)?);
        }
    }
    let texts = ["client_id", "client_secret"].map(|name| match sent.remove(name) {
        Some(Value::String(text)) => Some(text),
        None | Some(_) => None,
    });
    let mut refused = Vec::new();
    if held.is_some() {
        refused.extend(DECIDED.into_iter().filter(|name| sent.contains_key(*name)));
    }
    let mut patch = words(sent, held);
    for name in refused {
        patch.unread.note(name, ShellReason::ServerDecidesLeaveOut);
    }
    patch.metadata.software.statement = statement.map_or(Update::Clear, |one| Update::Set(one.text));
    look_at(app, &patch.metadata, &mut patch.unread);
    settle(policy, &mut patch, held);
    let [client_id, secret] = texts;
    Ok(RegistrationBody { patch, client_id, secret })
}

/// What the members say that are read of a registration. For a change, every one that was not sent becomes what it is
/// where nobody says anything (RFC 7592 §2.2).
fn words(mut sent: Map<String, Value>, held: Option<&RegisteredClient>) -> ClientPatch {
    let member = |name: &&str| match (sent.remove(*name), held) {
        (Some(value), _) => Some(((*name).to_owned(), value)),
        (None, Some(_)) => Some(((*name).to_owned(), Value::Null)),
        (None, None) => None,
    };
    let mut known: Map<_, _> = NAMES.iter().filter_map(member).collect();
    let translations = held.map(|held| &held.registration.metadata.translations);
    let translated = translations.into_iter().flat_map(Translations::iter).map(|(name, _)| name);
    let left_out = translated.filter(|name| !sent.keys().any(|other| other.eq_ignore_ascii_case(name)));
    known.extend(left_out.map(|name| (name, Value::Null)));
    // What else was sent counts only where it is a translation.
    known.extend(sent.into_iter().filter(|(name, _)| Translatable::of_member(name).is_some()));
    patch_of(Members(known).into())
}

/// What a document says of the client that it describes (draft-ietf-oauth-client-id-metadata-document-01 §4.1): the
/// members of a registration.
pub fn words_of_document(document: Map<String, Value>, held: Option<&RegisteredClient>) -> ClientPatch {
    words(document, held)
}

/// Whether a member says this, in some language or in none.
fn is_about(member: &str, what: Translatable) -> bool {
    member == what.name() || Translatable::of_member(member).is_some_and(|(known, _)| known == what)
}

/// RFC 7592 §2.2: what a change must not say.
const DECIDED: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// The client that the path names, with the hash of the token that it manages itself with.
async fn managed(app: &App, call: &Call, tenant: &Tenant) -> Result<Option<ManagedClient>, Fault> {
    let Some(registered) = by_client_id(app, call.path("client_id"), tenant.id).await? else {
        return Ok(None);
    };
    // Read after the client, it is as new or newer; where it is newer, the guard of what is decided fails.
    let hash = app.store.registration_hash(registered.client.id).await?;
    Ok(hash.map(|hash| ManagedClient { registered, hash }))
}

/// Takes down who calls.
fn recognise(call: &Call, client: &Client) {
    call.context.who.is_client(client.id, client.tenant);
    let actor = Actor::Client { id: client.id, name: Arc::clone(&client.client_id) };
    call.context.who.acts(client.tenant, actor);
}

async fn look(app: &App, call: &Call) -> Answer {
    let (tenant, text, origin) = (place(app, call).await?, bearer(call)?, call.origin());
    let asked = RegistrationCall { tenant: &tenant, shown: text.as_deref(), origin: &origin };
    let found = managed(app, call, &tenant).await?;
    let found = authenticated(found.as_ref(), asked.shown, tenant.id)?;
    recognise(call, &found.registered.client);
    let told = ToldOnce { secret: None, access: asked.shown.unwrap_or_default() };
    information(app, &asked, (StatusCode::OK, &found.registered), told)
}

async fn change(app: &App, call: &mut Call) -> Answer {
    let (tenant, text, origin) = (place(app, call).await?, bearer(call)?, call.origin());
    let asked = RegistrationCall { tenant: &tenant, shown: text.as_deref(), origin: &origin };
    let found = managed(app, call, &tenant).await?;
    let found = authenticated(found.as_ref(), asked.shown, tenant.id)?;
    recognise(call, &found.registered.client);
    let _ = app.take_share(Share::Clients, origin.ip, 1)?;
    let sent: Members = call.json().await?;
    let RegistrationBody { patch, .. } =
        request(app, &asked, (Members(sent.0.clone()), Some(&found.registered)))?;
    let listed = sector_list(app, tenant.id, patch.metadata.subjects.to_look_at(None, true)).await;
    publish_keys(app, tenant.id, (&patch.settings, &patch.metadata)).await?;
    let call = &*call;
    let updated = app.rounds(|_| decide_change(app, &asked, (call, &sent, listed.as_ref()))).await?;
    let told = ToldOnce { secret: updated.secret.as_ref(), access: &updated.access.text };
    information(app, &asked, (StatusCode::OK, &updated.registered), told)
}

async fn decide_change(
    app: &App,
    asked: &RegistrationCall<'_>,
    (call, sent, listed): (&Call, &Members, Option<&SectorList>),
) -> Result<Verdict<Updated>, Fault> {
    let found = managed(app, call, asked.tenant).await?;
    let found = authenticated(found.as_ref(), asked.shown, asked.tenant.id)?;
    let RegistrationBody { mut patch, client_id, secret } =
        request(app, asked, (Members(sent.0.clone()), Some(&found.registered)))?;
    patch.metadata.subjects.listed = listed.cloned();
    let judge = Judge::in_tenant(app, asked.tenant).await?;
    let rules = judge.rules(&CONTRACT);
    let seal = |context: &[u8], plain: &[u8]| app.master_key.seal(context, plain);
    let making = Making { rules: &rules, hash_key: &app.hash_key, sealer: Sealer::new(&seal) };
    let secret = sent_secret(app, &found.registered.client, secret.as_deref());
    let sent = ServerDecided { client_id: client_id.as_deref(), secret };
    let facts = Managing { tenant: asked.tenant, found, making };
    Ok(decide_update(&patch, &sent, facts, &asked.scene(app)).into())
}

/// Whether a secret that was sent is one that the client has.
fn sent_secret(app: &App, client: &Client, sent: Option<&str>) -> SentSecret {
    let Some(sent) = sent else { return SentSecret::Nothing };
    let (keyed, plain) = (app.hash_key.hash(sent), sha256(sent.as_bytes()));
    let is_this = |hash: &SecretHash, id: [u8; 16]| match hash {
        SecretHash::Keyed(hash) => hash.ct_eq(&keyed),
        SecretHash::Sealed(sealed) => {
            app.master_key.open(&id, sealed).is_ok_and(|opened| sha256(&opened).ct_eq(&plain))
        }
        SecretHash::Slow(_) => false,
    };
    let now = app.clock.now();
    let own = client.secrets.iter().filter(|secret| secret.live(now));
    let matching = own.filter(|secret| is_this(&secret.hash, secret.id.to_bytes())).count();
    if matching > 0 { SentSecret::Own } else { SentSecret::Other }
}

async fn end(app: &App, call: &Call) -> Answer {
    let (tenant, text, origin) = (place(app, call).await?, bearer(call)?, call.origin());
    let asked = RegistrationCall { tenant: &tenant, shown: text.as_deref(), origin: &origin };
    let asked = &asked;
    app.rounds(|_| async move {
        let found = managed(app, call, asked.tenant).await?;
        let found = authenticated(found.as_ref(), asked.shown, asked.tenant.id)?;
        recognise(call, &found.registered.client);
        Ok::<_, Fault>(remove(found, &asked.scene(app)).into())
    })
    .await?;
    let mut response = no_content();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What is told this once.
#[derive(Clone, Copy)]
struct ToldOnce<'a> {
    secret: Option<&'a GeneratedSecret>,
    access: &'a str,
}

/// The client information response (RFC 7591 §3.2.1, RFC 7592 §3).
fn information(
    app: &App,
    asked: &RegistrationCall<'_>,
    (status, found): (StatusCode, &RegisteredClient),
    told: ToldOnce<'_>,
) -> Answer {
    let client_id = &*found.client.client_id;
    let mut answer = Map::new();
    answer.insert("client_id".into(), client_id.into());
    answer.insert("client_id_issued_at".into(), found.registration.created_at.as_secs().into());
    if let Some(secret) = told.secret {
        answer.insert("client_secret".into(), secret.text.as_str().into());
        answer.insert("client_secret_expires_at".into(), 0.into());
    }
    answer.insert("registration_access_token".into(), told.access.into());
    let uri = format!("{}{REGISTRATION_PATH}/{client_id}", asked.issuer(app));
    answer.insert("registration_client_uri".into(), uri.into());
    let mut whole = shown(found)?;
    for name in NAMES {
        let value = whole.get_mut(name).map(Value::take).unwrap_or_default();
        let is_empty = name != "response_types" && value.as_array().is_some_and(Vec::is_empty);
        if !value.is_null() && !is_empty {
            answer.insert(name.into(), value);
        }
    }
    for (name, text) in found.registration.metadata.translations.iter() {
        answer.insert(name, text.into());
    }
    // Either way to send a secret is a choice of administrators; to the application it is the usual one.
    if answer.get("token_endpoint_auth_method").is_some_and(|method| method == AuthMethod::AnySecret.name()) {
        answer.insert("token_endpoint_auth_method".into(), AuthMethod::SecretBasic.name().into());
    }
    answer.entry("application_type").or_insert_with(|| ApplicationType::default().name().into());
    if let Some(statement) = &found.registration.metadata.software.statement {
        answer.insert("software_statement".into(), (&**statement).into());
    }
    Ok(answer::json_no_store(status, json!(answer).to_string()))
}
