//! `/api/v1/oauth/rate-limits`: how much of its limits a caller has left on this node (the **oauth2** contract).

use http::StatusCode;
use serde::Serialize;
use writ_core::authority::Permission;
use writ_core::caller::Identity;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::manage::no_such;

use super::wire::{json, time};
use crate::call::routes::{Answer, Task};
use crate::edge::limits::{Key, Level, Limit, RateLimits};

#[derive(Serialize)]
struct View {
    name: &'static str,
    limit: u32,
    remaining: u32,
    reset: String,
    window: u32,
}

#[derive(Serialize)]
struct List {
    rate_limits: Vec<View>,
}

impl From<Level> for View {
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

/// `GET /api/v1/oauth/rate-limits`.
pub async fn list(task: Task) -> Answer {
    let query = task.call.query()?;
    let (app, caller) = (&task.app, task.acting.caller());
    let may_read = caller.permissions.contains(Permission::OauthRead);
    let own = match &caller.identity {
        Identity::Application { client, .. } => Some(client.to_bytes()),
        Identity::ApiKey { key, .. } => Some(key.to_bytes()),
        Identity::Local { .. } | Identity::Person { .. } => None,
    };
    let other = match query.get("client_id") {
        None => None,
        Some(name) if name.contains('\0') => return Err(no_such("client").into()),
        Some(name) => {
            let found = app.store.client_named(name, task.acting.tenant()).await?;
            let found = found.map(writ_core::ids::ClientId::to_bytes);
            if !may_read && (found.is_none() || found != own) {
                let text = format!("limits of others need the permission {}", Permission::OauthRead.name());
                return Err(OAuthError::new(ErrorCode::InsufficientScope, text).into());
            }
            Some(found.ok_or_else(|| no_such("client"))?)
        }
    };
    let rate_limits = match other.or(own) {
        Some(row) if app.live.load().rate_limits == RateLimits::On => {
            let now = app.clock.now();
            let look = |limit, key| View::from(app.limits.look(limit, &key, now));
            let mut views = vec![look(Limit::Tokens, Key::Row(row)), look(Limit::Management, Key::Row(row))];
            // Of an address only whoever asks from it is told.
            if let (None, Some(peer)) = (other, task.call.context.peer) {
                views.push(look(Limit::AddressFailures, Key::address(peer)));
            }
            views
        }
        Some(_) | None => Vec::new(),
    };
    json(StatusCode::OK, &List { rate_limits })
}
