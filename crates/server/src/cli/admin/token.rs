//! `writ token`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde_json::Value;
use writ_core::form::encode_component;

use super::{Perform, named};
use crate::cli::api::{Api, BodyMembers, query};
use crate::cli::list::{ApiList, Pages};
use crate::cli::place::{ConnectFlags, SecretInput};
use crate::cli::prompt::{self, ConfirmFlag};
use crate::cli::show::{self, TableColumn};
use crate::cli::transport::RequestBody;
use crate::cli::usage::Usage;

const COLUMNS: [TableColumn; 6] = [
    TableColumn("ID", "id"),
    TableColumn("TYPE", "type"),
    TableColumn("CLIENT", "client_id"),
    TableColumn("USER", "user_id"),
    TableColumn("SCOPE", "scope"),
    TableColumn("EXPIRES", "expires_at"),
];
const FIRST: [&str; 5] = ["active", "client_id", "sub", "scope", "aud"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokenCommand {
    /// Get an access token with client credentials, and print it
    Get(GetArgs),
    /// Show whether a token is live, and what is in it
    Inspect {
        /// The token; `-` reads it from standard input
        token: String,
    },
    /// List the live tokens of a tenant
    List {
        /// Only those of a client: client id or name
        #[arg(long)]
        client: Option<String>,
        /// Only those of a user: username, verified address or id
        #[arg(long)]
        user: Option<String>,
        /// Only of this type
        #[arg(long = "type", value_name = "TYPE", value_parser = ["access_token", "refresh_token"])]
        kind: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Revoke all tokens that match every given flag
    RevokeAll {
        /// Those of a client: client id or name
        #[arg(long)]
        client: Option<String>,
        /// Those of a user: username, verified address or id
        #[arg(long)]
        user: Option<String>,
        /// Those issued before this time, such as 2030-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        issued_before: Option<String>,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// Revoke a token; a refresh token ends its whole grant
    Revoke {
        /// The token; `-` reads it from standard input
        #[arg(required_unless_present = "id")]
        token: Option<String>,
        /// The id of a token instead, as in the list; it is the `jti` of an access token
        #[arg(long, conflicts_with = "token")]
        id: Option<String>,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// Whose token, and for what.
#[derive(Debug, Args)]
pub(in crate::cli) struct GetArgs {
    /// The client's id [default: that in bootstrap.json, with its secret]
    #[arg(long, value_name = "CLIENT_ID", env = "WRIT_CLIENT_ID")]
    client_id: Option<String>,
    /// A file with the client's secret [default: asked for]
    #[arg(long, value_name = "FILE", env = "WRIT_CLIENT_SECRET_FILE")]
    client_secret_file: Option<PathBuf>,
    #[arg(long, hide = true, env = "WRIT_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<SecretInput>,
    /// The file that the first start wrote [default: bootstrap.json in the data folder]
    #[arg(long, value_name = "FILE", conflicts_with = "client_id")]
    bootstrap: Option<PathBuf>,
    /// The scope, space-separated [default: everything the client may have]
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
}

impl GetArgs {
    /// The client's id and secret.
    fn credential(&self, place: &ConnectFlags) -> anyhow::Result<(String, SecretInput)> {
        if let Some(client_id) = &self.client_id {
            let secret = match (&self.client_secret, &self.client_secret_file) {
                (Some(secret), _) => secret.clone(),
                (None, Some(path)) => SecretInput::read(path)
                    .with_context(|| format!("the secret's file {} cannot be read", path.display()))?,
                (None, None) => prompt::secret("Client secret")?,
            };
            return Ok((client_id.clone(), secret));
        }
        let path = match &self.bootstrap {
            Some(path) => path.clone(),
            None => place.config()?.data_dir.join("bootstrap.json"),
        };
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{} cannot be read. Name a client with --client-id instead", path.display())
        })?;
        let document: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is not what a first start wrote", path.display()))?;
        let read = |at: &str| document.pointer(at).and_then(Value::as_str).map(str::to_owned);
        match (read("/client/client_id"), read("/client/client_secret")) {
            (Some(client_id), Some(secret)) => Ok((client_id, SecretInput::new(secret))),
            (_, _) => bail!("{} is not what a first start wrote", path.display()),
        }
    }
}

/// `writ token get`.
pub(super) async fn get(mut place: ConnectFlags, command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Get(args) = command else { return Ok(()) };
    let (client_id, secret) = args.credential(&place)?;
    place.tenant = None;
    let api = Api::open(&place).await?;
    let done = ask(&api, &args, (&client_id, &secret)).await;
    api.close().await;
    done
}

async fn ask(api: &Api, args: &GetArgs, client: (&str, &SecretInput)) -> anyhow::Result<()> {
    let mut form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        encode_component(client.0),
        encode_component(client.1.expose())
    );
    if let Some(scope) = &args.scope {
        form = format!("{form}&scope={}", encode_component(scope));
    }
    let answer = api.send_as_itself("/oauth2/token", form).await?;
    if api.is_json() {
        return api.show(&answer, &[]);
    }
    // The token alone, so that it can go where it is needed: "$(writ token get)".
    let token =
        answer.value.get("access_token").and_then(Value::as_str).context("the answer has no token")?;
    show::out(&format!("{token}\n"))?;
    let scope = answer.value.get("scope").and_then(Value::as_str).unwrap_or_default();
    let seconds = answer.value.get("expires_in").and_then(Value::as_u64).unwrap_or_default();
    eprintln!("For {seconds} seconds, scope: {scope}");
    Ok(())
}

/// The token that was named, from standard input where that was said.
fn given(token: String) -> anyhow::Result<String> {
    let token = if token == "-" { prompt::line()? } else { token };
    if token.trim().is_empty() {
        return Err(Usage::new("no token was given").into());
    }
    Ok(token.trim().to_owned())
}

/// The parts of a JWT as it was presented, or of an encrypted one the header, which is all that can be read: nothing
/// here says that they are true.
fn decoded(token: &str) -> [(&'static str, Option<Value>); 2] {
    let mut parts = token.split('.');
    let mut read = || {
        let text = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        serde_json::from_slice(&text).ok().filter(Value::is_object)
    };
    [("header", read()), ("claims", read())]
}

/// Whose tokens are meant; nobody's is an error.
async fn whose(
    api: &Api,
    client: Option<String>,
    user: Option<String>,
) -> anyhow::Result<(Option<String>, Option<String>)> {
    let client = match client {
        Some(name) => Some(named::client_id(api, &name).await?),
        None => None,
    };
    let user = match user {
        Some(name) => Some(named::user_id(api, &name).await?),
        None => None,
    };
    Ok((client, user))
}

impl Perform for TokenCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::Get(_) | Self::Inspect { .. } | Self::List { .. } => Ok(()),
            Self::RevokeAll { consent, .. } => consent.to("Revoke all these tokens"),
            // What `-` reads cannot be answered as well.
            Self::Revoke { consent, .. } => consent.to("Revoke the token"),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::Get(_) => Ok(()),
            Self::Inspect { token } => {
                let token = given(token)?;
                let form = RequestBody::Form(format!("token={}", encode_component(&token)));
                let mut answer = api.send("POST", "/oauth2/introspect", form).await?;
                if let Some(members) = answer.value.as_object_mut() {
                    let parts = decoded(&token).into_iter();
                    members.extend(parts.filter_map(|(name, part)| Some((name.to_owned(), part?))));
                }
                api.show(&answer, &FIRST)
            }
            Self::List { client, user, kind, pages } => {
                let (client, user) = whose(api, client, user).await?;
                let named = [("client_id", client), ("user_id", user), ("type", kind)];
                let query = query(&named);
                let path = format!("/api/v1/oauth/tokens{query}");
                api.list(&ApiList { path, member: "tokens", columns: &COLUMNS }, &pages).await
            }
            Self::RevokeAll { client, user, issued_before, consent: _ } => {
                let (client, user) = whose(api, client, user).await?;
                let members = BodyMembers::default().with("client_id", client).with("user_id", user);
                let body = members.with("issued_before", issued_before).into_change()?;
                api.show(&api.send("POST", "/api/v1/oauth/tokens/bulk-revoke", body).await?, &[])
            }
            Self::Revoke { token, id, consent: _ } => {
                let (name, value) = match (token, id) {
                    (Some(token), _) => ("token", given(token)?),
                    (None, Some(id)) => ("token_id", id),
                    (None, None) => return Err(Usage::new("no token was given").into()),
                };
                let form = RequestBody::Form(format!("{name}={}", encode_component(&value)));
                api.send("POST", "/api/v1/oauth/tokens/revoke", form).await?;
                // The API answers the same for one that it does not know.
                api.done("If it was a token of this tenant, it is revoked.");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_is_decoded_as_it_was_presented_and_anything_else_is_not() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.x", part(r#"{"alg":"none"}"#), part(r#"{"sub":"a"}"#));
        let [(_, header), (_, claims)] = decoded(&token).map(|(name, part)| (name, part.unwrap_or_default()));
        assert_eq!((header["alg"].as_str(), claims["sub"].as_str()), (Some("none"), Some("a")));
        let encrypted = format!("{}..x.x.x", part(r#"{"enc":"A256GCM"}"#));
        assert!(matches!(decoded(&encrypted), [(_, Some(_)), (_, None)]));
        for other in ["wat_0123", "a.b.c", "MQ.MQ.MQ"] {
            assert_eq!(decoded(other), [("header", None), ("claims", None)], "{other}");
        }
    }
}
