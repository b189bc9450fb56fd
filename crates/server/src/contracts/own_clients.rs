//! `/api/v1/clients`: the whole client. The names are those of RFC 7591 §2 and OpenID Connect Dynamic Client
//! Registration 1.0 §2, with `kind`, `first_party`, `enabled` and Writ's own beside them. The four contracts show parts
//! of the same client.

pub mod logo;
mod sent;
mod shown;

use std::borrow::Cow;

use http::StatusCode;
use serde_json::Value;
use writ_core::client::{
    AuthMethod, ClientDraft, ClientPatch, Field, Profile, RegisteredClient, SentKind, Update, WebUri,
};
use writ_core::shell_reason::ShellReason;

use self::sent::Members;
pub use self::shown::{ClientList, ClientView};
use super::fields::Fields;
use super::members::TRANSLATED;
use super::wire::{NewSecret, json, no_content};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::schema::{Schema, optional};
use crate::manage::registering::{look_at, publish_keys, sector_list};
use crate::manage::registrations::{self, ContractRules, PathEnd, tag};

const CONTRACT: ContractRules = ContractRules { profile: Profile::OWN, spelling: Members::spelling };
const ID: PathEnd = PathEnd::ClientIdOrUuid("client_id");

/// Members that an answer has and the server alone decides. Sent back as they are, they change nothing.
const SERVERS: [&str; 7] =
    ["id", "client_id", "client_secret_masked", "owner_id", "tenant_id", "created_at", "updated_at"];

/// A new client, as it is described.
pub fn draft_schema() -> Schema {
    in_languages(Members::schema().requiring(&["client_name"]))
}

/// A change, as it is described: an object as it was shown may be sent back.
pub fn patch_schema() -> Schema {
    const AS_SHOWN: &str = "Decided by the server: as it is shown, or absent.";
    let shown = SERVERS.map(|name| optional(name, Schema::any().about(AS_SHOWN)));
    in_languages(Members::schema().with_members(shown)).closed()
}

/// With the members that may be there in languages (RFC 7591 §2.2).
fn in_languages(schema: Schema) -> Schema {
    let about = "The same in a language (RFC 7591, section 2.2), such as client_name#ja: shown to whoever reads pages in it; \
                 the empty text is none.";
    schema.with_members_like(TRANSLATED, Schema::text().or_null().about(about))
}

fn draft(fields: Fields) -> ClientDraft {
    let mut sent = fields;
    let mut draft = ClientDraft::from(members(&mut sent));
    // RFC 7591 §2: who says that there is no secret has said what sort of client it is.
    if draft.kind.is_none() && draft.auth_method == Some(AuthMethod::None) {
        draft.kind = Some(SentKind::Public);
    }
    ClientDraft { unread: sent.unread(), ..draft }
}

/// A change, and what it says of members that the server alone decides.
struct ClientChange {
    patch: ClientPatch,
    servers: Vec<(&'static str, Value)>,
}

impl ClientChange {
    /// A typo would silently leave a field as it is: what is unknown is refused.
    fn read(fields: Fields) -> Self {
        let mut sent = fields;
        sent.refuse("client_secret", ShellReason::SecretByRotateSecret);
        let servers = sent.as_sent(SERVERS);
        let patch = members(&mut sent);
        sent.nothing_else();
        Self { patch: ClientPatch { unread: sent.unread(), ..patch }, servers }
    }

    /// The change, with what it says wrongly of those members. When the client was changed is not compared: that
    /// changes by itself.
    fn of(&self, found: Option<&RegisteredClient>) -> ClientPatch {
        let mut patch = self.patch.clone();
        let view = found.filter(|_| !self.servers.is_empty()).and_then(|found| ClientView::new(found).ok());
        let shown = view.and_then(|view| serde_json::to_value(view).ok()).unwrap_or_default();
        for (name, value) in &self.servers {
            if *name != "updated_at" && shown.get(name) != Some(value) {
                patch.unread.note(Field::Other((*name).into()), ShellReason::ServerDecides);
            }
        }
        patch
    }
}

/// What is sent of a client, whoever sends it, and what could not be read.
pub(super) fn patch_of(mut sent: Fields) -> ClientPatch {
    let patch = members(&mut sent);
    ClientPatch { unread: sent.unread(), ..patch }
}

/// The members of a client, also those in a language.
fn members(sent: &mut Fields) -> ClientPatch {
    let mut patch = ClientPatch::from(Members::read(sent));
    patch.metadata.translations = sent.translations();
    patch
}

/// A client as it is shown here, as JSON.
pub(super) fn shown(found: &RegisteredClient) -> Result<Value, Fault> {
    serde_json::to_value(ClientView::new(found)?).map_err(Fault::internal)
}

/// How the members are described that have these names.
pub fn schema_of(names: &[&str]) -> Schema {
    in_languages(Members::schema().only(names))
}

/// `GET /api/v1/clients`; with `unused_for_days=N` those that were made longer ago than that and got no token since.
pub async fn list(task: Task) -> Answer {
    let Listed { rows: clients, total, next_cursor } = registrations::asked(&task).await?;
    let clients = clients.iter().map(ClientView::new).collect::<Result<_, _>>()?;
    json(StatusCode::OK, &ClientList { clients, total, next_cursor })
}

/// `POST /api/v1/clients`.
pub async fn create(mut task: Task) -> Answer {
    let mut draft = draft(task.call.json().await?);
    look_at(&task.app, &draft.metadata, &mut draft.unread);
    draft.metadata.subjects.listed =
        sector_list(&task.app, task.acting.tenant(), draft.metadata.subjects.to_look_at(None, true)).await;
    publish_keys(&task.app, task.acting.tenant(), (&draft.settings, &draft.metadata)).await?;
    registrations::create(&task, &CONTRACT, &draft, |made| {
        json(StatusCode::CREATED, &ClientView::made(made)?)
    })
    .await
}

/// Where the redirect URIs of the sector of the client in the path are listed.
async fn sector_uri(task: &Task) -> Result<Option<WebUri>, Fault> {
    Ok(registrations::existing(task, ID).await?.registration.metadata.sector_identifier_uri)
}

/// `GET /api/v1/clients/{client_id}`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), json(StatusCode::OK, &ClientView::new(&found)?))
}

/// `PUT` and `PATCH /api/v1/clients/{client_id}`: changes only what is sent; `null` takes a field back to its default.
pub async fn update(mut task: Task) -> Answer {
    let mut change = ClientChange::read(task.call.json().await?);
    look_at(&task.app, &change.patch.metadata, &mut change.patch.unread);
    let moves = change.patch.redirect_uris != Update::Keep;
    let held = if moves { sector_uri(&task).await? } else { None };
    let subjects = &mut change.patch.metadata.subjects;
    subjects.listed =
        sector_list(&task.app, task.acting.tenant(), subjects.to_look_at(held.as_ref(), moves)).await;
    let patch = &change.patch;
    publish_keys(&task.app, task.acting.tenant(), (&patch.settings, &patch.metadata)).await?;
    let after = registrations::change(&task, &CONTRACT, ID, |found| Cow::Owned(change.of(found))).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &ClientView::new(&after)?))
}

/// `DELETE /api/v1/clients/{client_id}`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Ok(no_content())
}

/// `POST /api/v1/clients/{client_id}/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}
