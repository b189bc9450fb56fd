//! `writ api-key`.

use clap::Subcommand;
use serde_json::Value;

use super::allow_list::AllowListArgs;
use super::{Perform, named, shown_once};
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/api-keys";
const COLUMNS: [TableColumn; 6] = [
    TableColumn("NAME", "name"),
    TableColumn("KEY", "masked"),
    TableColumn("PERMISSIONS", "permissions"),
    TableColumn("EXPIRES", "expires_at"),
    TableColumn("LAST USED", "last_used_at"),
    TableColumn("ID", "id"),
];
const FIRST: [&str; 5] = ["api_key", "name", "id", "masked", "permissions"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ApiKeyCommand {
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
        consent: ConfirmFlag,
    },
}

async fn path(api: &Api, key: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::api_key_id(api, key).await?)?))
}

impl Perform for ApiKeyCommand {
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
                api.list(&ApiList { path, member: "api_keys", columns: &COLUMNS }, &pages).await
            }
            Self::Show { key } => api.show(&api.get(path(api, &key).await?).await?, &FIRST),
            Self::Create { name, permissions, expires_at, allowed_networks } => {
                let members =
                    BodyMembers::default().with("name", Some(name)).with("permissions", Some(permissions));
                let members = members.with_list("allowed_networks", &allowed_networks);
                let body = members.with("expires_at", expires_at).into_body();
                api.show(&api.send("POST", PATH, body).await?, &FIRST)?;
                shown_once("The API key");
                Ok(())
            }
            Self::Update { key, name, permissions, expires_at, no_expiry, networks } => {
                let end = if no_expiry { Some(Value::Null) } else { expires_at.map(Value::String) };
                let members =
                    BodyMembers::default().with("name", name).with_list("permissions", &permissions);
                let body = networks.add_to(members.with("expires_at", end)).into_change()?;
                api.show(&api.send("PUT", path(api, &key).await?, body).await?, &FIRST)
            }
            Self::Revoke { key, consent: _ } => {
                api.send("DELETE", path(api, &key).await?, RequestBody::Empty).await?;
                api.done(&format!("The API key {key} is revoked."));
                Ok(())
            }
        }
    }
}
