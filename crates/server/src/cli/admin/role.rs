//! `writ role`.

use clap::Subcommand;

use super::Perform;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const COLUMNS: [TableColumn; 2] = [TableColumn("NAME", "name"), TableColumn("PERMISSIONS", "permissions")];
const FIRST: [&str; 2] = ["name", "permissions"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RoleCommand {
    /// List the roles of a tenant
    List(Pages),
    /// Show a role
    Show {
        /// Its name
        name: String,
    },
    /// Create a role
    Create {
        /// Its name
        name: String,
        /// A permission, such as oauth:read, or a name of the tenant's own; repeat it, or separate with commas
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
    },
    /// Change the permissions or the name of a role
    Update {
        /// Its name
        name: String,
        /// A new name
        #[arg(long = "name", value_name = "NAME")]
        new_name: Option<String>,
        /// A permission; repeat it, or separate with commas. Replaces the list
        #[arg(
            long = "permission",
            value_name = "PERMISSION",
            value_delimiter = ',',
            conflicts_with = "no_permissions"
        )]
        permissions: Vec<String>,
        /// Remove all permissions
        #[arg(long)]
        no_permissions: bool,
    },
    /// Delete a role; whoever has it loses its permissions
    Delete {
        /// Its name
        name: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

fn path(name: &str) -> anyhow::Result<String> {
    Ok(format!("/api/v1/roles/{}", segment(name)?))
}

impl Perform for RoleCommand {
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
                api.list(&ApiList { path, member: "roles", columns: &COLUMNS }, &pages).await
            }
            Self::Show { name } => api.show(&api.get(path(&name)?).await?, &FIRST),
            Self::Create { name, permissions } => {
                let members =
                    BodyMembers::default().with("name", Some(name)).with("permissions", Some(permissions));
                api.show(&api.send("POST", "/api/v1/roles", members.into_body()).await?, &FIRST)
            }
            Self::Update { name, new_name, permissions, no_permissions } => {
                let permissions = (no_permissions || !permissions.is_empty()).then_some(permissions);
                let members = BodyMembers::default().with("name", new_name).with("permissions", permissions);
                api.show(&api.send("PUT", path(&name)?, members.into_change()?).await?, &FIRST)
            }
            Self::Delete { name, consent: _ } => {
                api.send("DELETE", path(&name)?, RequestBody::Empty).await?;
                api.done(&format!("The role {name} was deleted."));
                Ok(())
            }
        }
    }
}
