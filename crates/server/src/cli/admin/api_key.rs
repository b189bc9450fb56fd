//! `writ api-key`.

use clap::Subcommand;
use serde_json::Value;

use super::allow_list::AllowListArgs;
use super::{Act, named, shown_once};
use crate::cli::api::{Api, Members, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::Consent;
use crate::cli::show::Column;
use crate::cli::transport::Body;

const PATH: &str = "/api/v1/api-keys";
const COLUMNS: [Column; 6] = [
    Column("NAME", "name"),
    Column("KEY", "masked"),
    Column("PERMISSIONS", "permissions"),
    Column("EXPIRES", "expires_at"),
    Column("LAST USED", "last_used_at"),
    Column("ID", "id"),
];
const FIRST: [&str; 5] = ["api_key", "name", "id", "masked", "permissions"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// List the API keys of a tenant, masked
    List(Pages),
    /// Show an API key, masked
    Show {
        /// Its name or id
        key: String,
    },
    /// Create an API key; it is shown once
    Create {
        /// A display name
        name: String,
        /// A permission, such as oauth:read; repeat it, or separate with commas
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
        /// When it expires, such as 2030-01-31T12:00:00Z [default: never]
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// An address or network that may use it; repeat it, or separate with commas [default: everywhere]
        #[arg(long = "allowed-network", value_name = "CIDR", value_delimiter = ',')]
        allowed_networks: Vec<String>,
    },
    /// Change an API key
    Update {
        /// Its name or id
        key: String,
        /// A new display name
        #[arg(long)]
        name: Option<String>,
        /// A permission; repeat it, or separate with commas. Replaces the list
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
        /// When it expires, such as 2030-01-31T12:00:00Z
        #[arg(long, value_name = "TIME", conflicts_with = "no_expiry")]
        expires_at: Option<String>,
        /// It never expires
        #[arg(long)]
        no_expiry: bool,
        #[command(flatten)]
        networks: AllowListArgs,
    },
    /// Revoke an API key at once
    #[command(alias = "delete")]
    Revoke {
        /// Its name or id
        key: String,
        #[command(flatten)]
        consent: Consent,
    },
}

async fn path(api: &Api, key: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::api_key_id(api, key).await?)?))
}

impl Act for Command {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } | Self::Update { .. } => Ok(()),
            Self::Revoke { key, consent } => consent.to(&format!("Revoke the API key {key}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&List { path, member: "api_keys", columns: &COLUMNS }, &pages).await
            }
            Self::Show { key } => api.show(&api.get(path(api, &key).await?).await?, &FIRST),
            Self::Create { name, permissions, expires_at, allowed_networks } => {
                let members =
                    Members::default().with("name", Some(name)).with("permissions", Some(permissions));
                let members = members.with_list("allowed_networks", &allowed_networks);
                let body = members.with("expires_at", expires_at).into_body();
                api.show(&api.send("POST", PATH, body).await?, &FIRST)?;
                shown_once("The API key");
                Ok(())
            }
            Self::Update { key, name, permissions, expires_at, no_expiry, networks } => {
                let end = if no_expiry { Some(Value::Null) } else { expires_at.map(Value::String) };
                let members = Members::default().with("name", name).with_list("permissions", &permissions);
                let body = networks.add_to(members.with("expires_at", end)).into_change()?;
                api.show(&api.send("PUT", path(api, &key).await?, body).await?, &FIRST)
            }
            Self::Revoke { key, consent: _ } => {
                api.send("DELETE", path(api, &key).await?, Body::Empty).await?;
                api.done(&format!("The API key {key} is revoked."));
                Ok(())
            }
        }
    }
}
