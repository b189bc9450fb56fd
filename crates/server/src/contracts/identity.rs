//! The **identity** contract: `/v1/admin/oauth-clients`.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::client::{ClientDraft, ClientPatch, Field, Party, Profile, RegisteredClient, SentKind};
use writ_core::shell_reason::ShellReason;

use super::fields::Fields;
use super::members::{KnownWord, Name, PageAddress, Time, Uris, Uuid, Vocabulary, members};
use super::wire::{NewSecret, json, no_content};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::schema::Schema;
use crate::manage::registrations::{self, ContractRules, PathEnd, scopes, tag, texts};

const CONTRACT: ContractRules = ContractRules { profile: Profile::IDENTITY, spelling: Members::spelling };
const ID: PathEnd = PathEnd::ClientIdOrUuid("id");
/// Members that a change has and a new client has not.
const LATER: [&str; 2] = ["is_first_party", "enabled"];

/// Whether a client keeps a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientType {
    Confidential,
    Public,
}

impl Vocabulary for ClientType {
    const ALL: &'static [Self] = &[Self::Confidential, Self::Public];
    const KNOWN: &'static str = "confidential or public";

    fn word(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }
}

members! {
    /// What is sent of a client.
    Members {
        "client_name" name: Name => Field::Name,
        "client_type" kind: KnownWord<ClientType> => Field::Kind,
        "redirect_uris" redirect_uris: Uris => Field::RedirectUris,
        "allowed_scopes" allowed_scopes: Vec<String> => Field::Scopes,
        "allowed_origins" allowed_origins: Vec<String> => Field::AllowedOrigins,
        /// The empty text is none.
        "client_uri" client_uri: String => Field::ClientUri,
        /// The empty text is none.
        "logo_uri" logo_uri: String => Field::LogoUri,
        "is_first_party" is_first_party: bool => Field::FirstParty,
        "enabled" enabled: bool => Field::Enabled,
    }
}

/// A client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityClient")]
pub struct IdentityClientView<'a> {
    id: Uuid,
    client_id: &'a str,
    client_name: &'a str,
    client_uri: Option<PageAddress<'a>>,
    logo_uri: Option<PageAddress<'a>>,
    client_type: KnownWord<ClientType>,
    redirect_uris: Uris,
    allowed_scopes: Vec<&'a str>,
    allowed_origins: Vec<String>,
    /// The person who made it.
    owner_id: Option<Uuid>,
    /// The tenant.
    brand_id: Uuid,
    is_first_party: bool,
    enabled: bool,
    created_at: Time,
    updated_at: Time,
}

/// One client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityClientShown")]
pub struct OneIdentityClient<'a> {
    client: IdentityClientView<'a>,
}

/// A client that has just been made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityClientCreated")]
pub struct CreatedIdentityClient<'a> {
    client: IdentityClientView<'a>,
    /// Shown this once; null for a public client.
    client_secret: Option<&'a str>,
}

/// A page of clients.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityClientList")]
pub struct IdentityClientList<'a> {
    clients: Vec<IdentityClientView<'a>>,
    /// How many there are in all.
    total: i64,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a RegisteredClient> for IdentityClientView<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: Uuid::of(client.id),
            client_id: &client.client_id,
            client_name: &client.name,
            client_uri: registration.client_uri.as_ref().map(|uri| PageAddress(uri.as_str())),
            logo_uri: registration.logo_uri.as_ref().map(|uri| PageAddress(uri.as_str())),
            client_type: KnownWord(if client.kind.is_confidential() {
                ClientType::Confidential
            } else {
                ClientType::Public
            }),
            redirect_uris: Uris::of(&registration.redirect_uris),
            allowed_scopes: scopes(found),
            allowed_origins: texts(&registration.allowed_origins),
            owner_id: registration.owner.map(Uuid::of),
            brand_id: Uuid::of(client.tenant),
            is_first_party: client.party == Party::First,
            enabled: client.enabled.is_yes(),
            created_at: registration.created_at.into(),
            updated_at: registration.updated_at.into(),
        }
    }
}

/// A new client, as it is described.
pub fn draft_schema() -> Schema {
    let wanted = ["client_name", "redirect_uris", "allowed_scopes"];
    Members::schema().without(&LATER).requiring(&wanted).closed()
}

/// A change, as it is described.
pub fn patch_schema() -> Schema {
    Members::schema().closed()
}

fn patch(mut sent: Fields) -> ClientPatch {
    let members = Members::read(&mut sent);
    sent.nothing_else();
    let kind = |kind: KnownWord<ClientType>| match kind.0 {
        ClientType::Confidential => SentKind::Confidential,
        ClientType::Public => SentKind::Public,
    };
    ClientPatch {
        kind: members.kind.map(kind),
        name: members.name.map(|name| name.0),
        redirect_uris: members.redirect_uris.map(|uris| uris.0),
        allowed_origins: members.allowed_origins,
        scopes: members.allowed_scopes,
        client_uri: members.client_uri,
        logo_uri: members.logo_uri,
        party: members.is_first_party.map(|first| if first { Party::First } else { Party::Third }),
        enabled: members.enabled.map(Enabled::from),
        unread: sent.unread(),
        ..ClientPatch::default()
    }
}

/// `GET /v1/admin/oauth-clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows: clients, total, next_cursor } = registrations::page(&task).await?;
    json(
        StatusCode::OK,
        &IdentityClientList {
            clients: clients.iter().map(IdentityClientView::from).collect(),
            total,
            next_cursor,
        },
    )
}

/// `POST /v1/admin/oauth-clients`.
pub async fn create(mut task: Task) -> Answer {
    let mut sent: Fields = task.call.json().await?;
    for name in LATER {
        sent.refuse(name, ShellReason::NoFieldOfRequest);
    }
    let draft = ClientDraft::from(patch(sent));
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let client_secret = made.secret.as_ref().map(|secret| secret.text.as_str());
        json(
            StatusCode::CREATED,
            &CreatedIdentityClient { client: IdentityClientView::from(&made.registered), client_secret },
        )
    })
    .await
}

/// `GET /v1/admin/oauth-clients/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(
        &tag(&found.client),
        json(StatusCode::OK, &OneIdentityClient { client: IdentityClientView::from(&found) }),
    )
}

/// `PATCH /v1/admin/oauth-clients/{id}`.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(
        &tag(&after.client),
        json(StatusCode::OK, &OneIdentityClient { client: IdentityClientView::from(&after) }),
    )
}

/// `DELETE /v1/admin/oauth-clients/{id}`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Ok(no_content())
}

/// `POST /v1/admin/oauth-clients/{id}/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}
