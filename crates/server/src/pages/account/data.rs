//! `/account/data`: all that is kept of a person, as a file (JSON).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use writ_core::claims::ClaimGroup;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::time::Micros;
use writ_jose::JsonObject;
use writ_store::{After, NEWEST, Of};

use super::super::flow::{FlowPage, shown};
use super::activity::{is_somebody_elses, of};
use super::{Leaf, Owner, portrait};
use crate::call::answer::respond;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::when::exact;
use crate::state::app::App;

/// Rows read at once.
const CHUNK: i64 = 200;
/// Rows of a list in the file at the most.
const MOST: usize = 10_000;

/// `GET /account/data`.
pub async fn download(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(file(&app, &call).await)
}

async fn file(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Home).await?;
    let found = owner.account(app).await?;
    let data = json!({
        "issuer": &*app.issuer(&owner.tenant),
        "made_at": exact(app.clock.now()),
        "account": account(&found)?,
        "picture": picture(app, &owner, &found).await?,
        "second_factors": factors(app, &owner).await?,
        "connections": connections(app, &owner).await?,
        "sign_ins": sign_ins(app, &owner).await?,
        "consents": consents(app, &owner).await?,
        "consent_history": history(app, &owner).await?,
        "activity": activity(app, &owner).await?,
    });
    let body = serde_json::to_string_pretty(&data).map_err(Fault::internal)?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"account.json\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok(respond(StatusCode::OK, &headers, body))
}

/// The picture that they have sent, as a `data:` URI (RFC 2397).
async fn picture(app: &App, owner: &Owner, found: &ClaimsFacts) -> Result<Option<String>, Fault> {
    let Some(name) = portrait::of(found) else { return Ok(None) };
    let content = app.store.portrait(&name, owner.tenant.id).await?;
    Ok(content.map(|content| format!("data:image/png;base64,{}", STANDARD.encode(content))))
}

fn account(found: &ClaimsFacts) -> Result<Value, Fault> {
    let ClaimsFacts { account, claims } = found;
    let mut object = JsonObject::default();
    for group in [ClaimGroup::Profile, ClaimGroup::Address, ClaimGroup::Phone] {
        claims.write_to(group, &mut object);
    }
    let mut members: Map<String, Value> = serde_json::from_str(&object.finish()).map_err(Fault::internal)?;
    let own = json!({
        "id": account.user.id.to_string(),
        "username": &*account.user.username,
        "name": account.name,
        "email": account.email,
        "email_verified_at": account.email_verified_at.map(exact),
        "pending_email": account.new_email,
        "roles": account.user.roles,
        "created_at": exact(account.created_at),
        "updated_at": exact(account.updated_at),
        "last_login_at": account.last_login_at.map(exact),
    });
    if let Value::Object(own) = own {
        members.extend(own);
    }
    Ok(Value::Object(members))
}

/// What they prove besides their password; never what is shared with it.
async fn factors(app: &App, owner: &Owner) -> Result<Value, Fault> {
    let found = app.store.factors(owner.session.user, owner.tenant.id).await?;
    let listed = found.list.iter().map(|factor| {
        json!({
            "type": factor.kind().name(),
            "name": factor.name,
            "created_at": exact(factor.created_at),
            "last_used_at": factor.used_at.map(exact),
        })
    });
    let listed: Vec<_> = listed.collect();
    let devices = app.devices_of(&owner.tenant, owner.session.user).await?;
    let devices = devices.iter().map(|device| {
        json!({
            "user_agent": device.user_agent.as_deref(),
            "ip_address": device.ip,
            "remembered_at": exact(device.created_at),
            "until": exact(device.expires_at),
        })
    });
    let devices: Vec<_> = devices.collect();
    Ok(json!({
        "factors": listed,
        "recovery_codes_left": found.codes_left(),
        "remembered_devices": devices,
    }))
}

/// Who they are at other identity providers.
async fn connections(app: &App, owner: &Owner) -> Result<Vec<Value>, Fault> {
    let links = app.store.upstream_links(owner.session.user, owner.tenant.id).await?;
    let listed = links.iter().map(|link| {
        json!({
            "identity_provider": link.name,
            "sub": link.subject,
            "called": link.label,
            "connected_at": exact(link.created_at),
            "last_used_at": link.used_at.map(exact),
        })
    });
    Ok(listed.collect())
}

async fn sign_ins(app: &App, owner: &Owner) -> Result<Vec<Value>, Fault> {
    let (mut after, mut rows) = (After::START, Vec::new());
    loop {
        let at = (owner.lifetimes(), app.clock.now());
        let (found, _) = app.store.sessions_page(Of::User(owner.session.user), (after, CHUNK), at).await?;
        rows.extend(found.iter().map(|session| {
            json!({
                "began_at": exact(session.created_at),
                "last_used_at": exact(session.last_seen_at),
                "ip_address": session.ip,
                "user_agent": session.user_agent,
            })
        }));
        let Some(next) = next(&found, rows.len(), |row| (row.created_at, row.id.to_bytes())) else {
            return Ok(rows);
        };
        after = next;
    }
}

async fn consents(app: &App, owner: &Owner) -> Result<Vec<Value>, Fault> {
    let (mut after, mut rows) = (After::START, Vec::new());
    loop {
        let (found, _) = app.store.consents_page(Of::User(owner.session.user), after, CHUNK).await?;
        rows.extend(found.iter().map(|consent| {
            json!({
                "client_id": &*consent.client_id,
                "client_name": consent.client_name,
                "scope": consent.scope.as_str(),
                "granted_at": exact(consent.granted_at),
            })
        }));
        let Some(next) = next(&found, rows.len(), |row| (row.granted_at, row.id.to_bytes())) else {
            return Ok(rows);
        };
        after = next;
    }
}

async fn history(app: &App, owner: &Owner) -> Result<Vec<Value>, Fault> {
    let (mut after, mut rows) = (After::START, Vec::new());
    loop {
        let (found, _) = app.store.consent_history(Of::User(owner.session.user), after, CHUNK).await?;
        rows.extend(found.iter().map(|event| {
            json!({
                "at": exact(event.at),
                "event": event.event,
                "client_id": event.client_id,
                "scope": event.scope.as_str(),
            })
        }));
        let Some(next) = next(&found, rows.len(), |row| (row.at, row.id.to_bytes())) else {
            return Ok(rows);
        };
        after = next;
    }
}

/// Where a list goes on; none: it is over, or long enough.
fn next<T>(found: &[T], rows: usize, place: impl Fn(&T) -> (Micros, [u8; 16])) -> Option<After> {
    let is_full = i64::try_from(found.len()).is_ok_and(|len| len == CHUNK);
    let last = found.last().filter(|_| is_full && rows < MOST)?;
    let (at, id) = place(last);
    Some(After { at, id })
}

/// What happened lately, as far as one look at the audit log finds it.
async fn activity(app: &App, owner: &Owner) -> Result<Vec<Value>, Fault> {
    let found = app.store.audit_page(owner.tenant.id, &of(owner, app), (NEWEST, 1000)).await?;
    let shown = found.rows.iter().map(|record| {
        let own = !is_somebody_elses(record);
        json!({
            "at": exact(record.at),
            "action": record.action,
            "outcome": record.outcome,
            "ip_address": record.ip_address.as_ref().filter(|_| own),
            "user_agent": record.user_agent.as_ref().filter(|_| own),
        })
    });
    Ok(shown.collect())
}
