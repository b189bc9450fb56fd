//! `/api/v1/oauth/rate-limits`: how much of its limits a caller has left on this node (the **oauth2** contract).

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;
use writ_core::authority::Permission;
use writ_core::caller::Identity;
use writ_core::client::ClientName;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_core::shell_reason::ShellReason;

use super::wire::{json, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task};
use crate::edge::limits::{FIXED, Key, Level, RateLimits};
use crate::state::app::App;
use crate::state::facts::CachedClient;
use crate::state::rounds::Freshness;

#[derive(Serialize)]
struct RateLimitView {
    name: &'static str,
    limit: u32,
    remaining: u32,
    reset: String,
    window: u32,
}

#[derive(Serialize)]
struct RateLimitList {
    rate_limits: Vec<RateLimitView>,
}

impl From<Level> for RateLimitView {
    fn from(level: Level) -> Self {
        Self {
            name: level.policy.name,
            limit: level.policy.quota,
            remaining: level.remaining,
            reset: time(level.full_at),
            window: level.policy.window,
        }
    }
}

/// Whose limits are shown.
enum LimitOwner {
    /// A client's, with a bucket of tokens.
    Client(Arc<CachedClient>),
    /// An API key's: it gets no tokens.
    Key([u8; 16]),
    /// Nobody's: whoever acts on the machine itself has none.
    Nobody,
}

/// `GET /api/v1/oauth/rate-limits`.
pub async fn list(task: Task) -> Answer {
    let other = other(&task).await?;
    let (app, is_other) = (&task.app, other.is_some());
    if app.live.load().rate_limits == RateLimits::Off {
        return json(StatusCode::OK, &RateLimitList { rate_limits: Vec::new() });
    }
    let whose = match (other, &task.acting.caller().identity) {
        (Some(client), _) => LimitOwner::Client(client),
        (None, Identity::Application { client_id, .. }) => {
            let name = ClientName::within(client_id, task.acting.caller().home);
            LimitOwner::Client(client(app, name).await?)
        }
        (None, Identity::ApiKey { key, .. }) => LimitOwner::Key(key.to_bytes()),
        (None, Identity::Local { .. } | Identity::Person { .. } | Identity::AtConsole { .. }) => {
            LimitOwner::Nobody
        }
    };
    let look = |policy, key| RateLimitView::from(app.limits.look(policy, &key, app.clock.now()));
    let mut rate_limits = match whose {
        LimitOwner::Client(client) => {
            let row = client.facts.client.id.to_bytes();
            vec![app.tokens_left(&client).into(), look(&FIXED.management, Key::Management(row))]
        }
        LimitOwner::Key(row) => vec![look(&FIXED.management, Key::Management(row))],
        LimitOwner::Nobody => Vec::new(),
    };
    // Of an address only whoever asks from it is told.
    if let (false, false, Some(peer)) = (is_other, rate_limits.is_empty(), task.call.context.peer) {
        rate_limits.push(look(&FIXED.address_failures, Key::address(peer)));
    }
    json(StatusCode::OK, &RateLimitList { rate_limits })
}

/// The client that the query names, where the caller may see its limits.
async fn other(task: &Task) -> Result<Option<Arc<CachedClient>>, Fault> {
    let name = task.call.query()?.get("client_id").map(str::to_owned);
    let (app, caller, tenant) = (&task.app, task.acting.caller(), task.acting.tenant());
    let Some(name) = name else { return Ok(None) };
    // A NUL is in no name, and not every engine can be asked of one.
    let found = if name.contains('\0') { None } else { app.store.client_named(&name, tenant).await? };
    let is_own = matches!(caller.identity, Identity::Application { client, .. } if Some(client) == found);
    if !is_own && !caller.permissions.contains(Permission::OauthRead) {
        let text = ShellReason::LimitsOfOthers { permission: Permission::OauthRead.name().into() };
        return Err(OAuthError::new(ErrorCode::InsufficientScope, text).into());
    }
    let found = match found {
        Some(id) => app.store.registered_client(id, tenant).await?,
        None => None,
    };
    let found = found.ok_or_else(|| no_such(Reason::NoSuchClient))?;
    client(app, ClientName::within(&found.client.client_id, tenant)).await.map(Some)
}

/// A client as it is now: its limits may just have changed.
async fn client(app: &App, name: ClientName<'_>) -> Result<Arc<CachedClient>, Fault> {
    Ok(app.client(name, Freshness::Fresh).await?.facts.ok_or_else(|| no_such(Reason::NoSuchClient))?)
}
