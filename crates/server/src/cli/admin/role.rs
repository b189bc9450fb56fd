//! `writ role`.

use clap::Subcommand;

use super::Act;
use crate::cli::api::{Api, Members, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::Consent;
use crate::cli::show::Column;
use crate::cli::transport::Body;

const COLUMNS: [Column; 2] = [Column("NAME", "name"), Column("PERMISSIONS", "permissions")];
const FIRST: [&str; 2] = ["name", "permissions"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Show the roles of a tenant
    List(Pages),
    /// Show a role
    Show {
        /// Its name
        name: String,
    },
    /// Make a role
    Create {
        /// Its name
        name: String,
        /// What it allows, such as oauth:read, or a name of the tenant's own; several times or with commas
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
    },
    /// Give a role other permissions, or another name
    Update {
        /// Its name
        name: String,
        /// Its new name
        #[arg(long = "name", value_name = "NAME")]
        new_name: Option<String>,
        /// All that it allows from now on; several times or with commas
        #[arg(
            long = "permission",
            value_name = "PERMISSION",
            value_delimiter = ',',
            conflicts_with = "no_permissions"
        )]
        permissions: Vec<String>,
        /// Allow nothing from now on
        #[arg(long)]
        no_permissions: bool,
    },
    /// Remove a role; who has it has no more of it
    Delete {
        /// Its name
        name: String,
        #[command(flatten)]
        consent: Consent,
    },
}

fn path(name: &str) -> anyhow::Result<String> {
    Ok(format!("/api/v1/roles/{}", segment(name)?))
}

impl Act for Command {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } | Self::Update { .. } => Ok(()),
            Self::Delete { name, consent } => consent.to(&format!("Remove the role {name}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = "/api/v1/roles".to_owned();
                api.list(&List { path, member: "roles", columns: &COLUMNS }, &pages).await
            }
            Self::Show { name } => api.show(&api.get(path(&name)?).await?, &FIRST),
            Self::Create { name, permissions } => {
                let members =
                    Members::default().with("name", Some(name)).with("permissions", Some(permissions));
                api.show(&api.send("POST", "/api/v1/roles", members.into_body()).await?, &FIRST)
            }
            Self::Update { name, new_name, permissions, no_permissions } => {
                let permissions = (no_permissions || !permissions.is_empty()).then_some(permissions);
                let members = Members::default().with("name", new_name).with("permissions", permissions);
                api.show(&api.send("PUT", path(&name)?, members.into_change()?).await?, &FIRST)
            }
            Self::Delete { name, consent: _ } => {
                api.send("DELETE", path(&name)?, Body::Empty).await?;
                api.done(&format!("The role {name} is gone."));
                Ok(())
            }
        }
    }
}
