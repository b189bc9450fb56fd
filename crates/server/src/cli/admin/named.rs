//! Whom and what commands name: by id, or by the name that people use. What is nobody is an error, so that no command
//! says that it has done something to them.

use anyhow::bail;
use serde_json::Value;
use writ_core::form::encode_component;
use writ_core::ids::{ApiKeyId, GroupId, RegistrationTokenId, UserId};

use crate::cli::api::{Api, segment};
use crate::config::nearest;

const USERS: &str = "/api/v1/users";
const CLIENTS: &str = "/api/v1/oauth/clients";
const API_KEYS: &str = "/api/v1/api-keys";
const REGISTRATION_TOKENS: &str = "/api/v1/registration-tokens";
const SCOPES: &str = "/api/v1/oauth/scopes";
const GROUPS: &str = "/api/v1/groups";

/// Types of actors and targets, as the audit log has them.
const TYPES: [&str; 19] = [
    "system",
    "anonymous",
    "client",
    "user",
    "api_key",
    "local",
    "server",
    "tenant",
    "grant",
    "registration_token",
    "role",
    "group",
    "scope",
    "signing_key",
    "access_token",
    "session",
    "consent",
    "identity_provider",
    "refresh_token",
];

/// A user, by id, username or verified address.
pub(super) async fn user(api: &Api, name: &str) -> anyhow::Result<Value> {
    match found_user(api, name).await? {
        Some(user) => Ok(user),
        None => bail!("there is no user {name} here. `writ user list` shows those that there are"),
    }
}

async fn found_user(api: &Api, name: &str) -> anyhow::Result<Option<Value>> {
    if UserId::parse_uuid(name).is_some() {
        let found = api.look(format!("{USERS}/{}", segment(name)?)).await?;
        return Ok(found.map(|answer| answer.value));
    }
    let answer = api.get(format!("{USERS}?username={}", encode_component(name))).await?;
    Ok(answer.value.pointer("/users/0").cloned())
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The id of a user.
pub(super) async fn user_id(api: &Api, name: &str) -> anyhow::Result<String> {
    Ok(text(&user(api, name).await?, "id"))
}

/// The username of a user.
pub(super) async fn username(api: &Api, name: &str) -> anyhow::Result<String> {
    Ok(text(&user(api, name).await?, "username"))
}

/// The `client_id` of a client, by that, by its row id or by its name.
pub(super) async fn client_id(api: &Api, name: &str) -> anyhow::Result<String> {
    if let Some(found) = api.look(format!("{CLIENTS}/{}", segment(name)?)).await? {
        return Ok(text(&found.value, "client_id"));
    }
    match api.find((CLIENTS, "clients"), ("name", name), "client_id").await {
        Ok(client_id) => Ok(client_id),
        Err(error) if error.to_string().starts_with("there is no") => {
            bail!("there is no client {name} here. `writ client list` shows those that there are")
        }
        Err(error) => Err(error),
    }
}

/// Says on standard error what was probably meant by scopes that the tenant does not know and that look like one that it
/// does: a client that names them registers them. It is only a doubt, so that nothing here fails.
pub(super) async fn doubt_scopes(api: &Api, scopes: &[String]) {
    if scopes.is_empty() {
        return;
    }
    let Ok(known) = api.column((SCOPES, "scopes"), "name").await else { return };
    for scope in scopes.iter().filter(|scope| !known.contains(scope)) {
        if let Some(meant) = nearest(scope, known.iter().map(String::as_str)) {
            eprintln!("The scope {scope} is new in this tenant. Did you mean {meant}?");
        }
    }
}

/// The id of an API key, by that or by its name.
pub(super) async fn api_key_id(api: &Api, name: &str) -> anyhow::Result<String> {
    if ApiKeyId::parse_uuid(name).is_some() {
        return Ok(name.to_owned());
    }
    match api.find((API_KEYS, "api_keys"), ("name", name), "id").await {
        Err(error) if error.to_string().starts_with("there is no") => {
            bail!("there is no API key {name} here. `writ api-key list` shows those that there are")
        }
        found => found,
    }
}

/// The id of an initial access token, by that or by its name.
pub(super) async fn registration_token_id(api: &Api, name: &str) -> anyhow::Result<String> {
    if RegistrationTokenId::parse_uuid(name).is_some() {
        return Ok(name.to_owned());
    }
    match api.find((REGISTRATION_TOKENS, "registration_tokens"), ("name", name), "id").await {
        Err(error) if error.to_string().starts_with("there is no") => {
            bail!(
                "there is no initial access token {name} here. `writ registration-token list` shows those that there are"
            )
        }
        found => found,
    }
}

/// The id of a group, by that or by its name.
pub(super) async fn group_id(api: &Api, name: &str) -> anyhow::Result<String> {
    if GroupId::parse_uuid(name).is_some() {
        return Ok(name.to_owned());
    }
    match api.find((GROUPS, "groups"), ("name", name), "id").await {
        Err(error) if error.to_string().starts_with("there is no") => {
            bail!("there is no group {name} here. `writ group list` shows those that there are")
        }
        found => found,
    }
}

/// Somebody who may be in the audit log: by id also whoever is gone.
pub(super) async fn mentioned_user(api: &Api, name: &str) -> anyhow::Result<String> {
    if UserId::parse_uuid(name).is_some() {
        return Ok(name.to_owned());
    }
    match found_user(api, name).await? {
        Some(user) => Ok(text(&user, "id")),
        None => bail!(
            "there is no user {name} here. `writ user list` shows those that there are; whoever is gone is found by id"
        ),
    }
}

/// Who acted or what it was done to: an id, a type, or the name of a user or of a client.
pub(super) async fn mentioned(api: &Api, name: &str) -> anyhow::Result<String> {
    if TYPES.contains(&name) || UserId::parse_uuid(name).is_some() {
        return Ok(name.to_owned());
    }
    if let Some(user) = found_user(api, name).await? {
        return Ok(text(&user, "id"));
    }
    let client_id = client_id(api, name).await;
    let Ok(client_id) = client_id else {
        bail!(
            "nobody and nothing is called {name} here: take an id, a type such as client, or the name of a user or client"
        )
    };
    Ok(text(&api.get(format!("{CLIENTS}/{}", segment(&client_id)?)).await?.value, "id"))
}
