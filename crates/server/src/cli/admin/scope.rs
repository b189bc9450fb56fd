//! `writ scope`.

use clap::Subcommand;

use super::Perform;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/oauth/scopes";
const COLUMNS: [TableColumn; 3] = [
    TableColumn("NAME", "name"),
    TableColumn("DESCRIPTION", "description"),
    TableColumn("CREATED", "created_at"),
];
const FIRST: [&str; 3] = ["name", "description", "id"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScopeCommand {
    /// List the scopes of a tenant
    List(Pages),
    /// Show a scope
    Show {
        /// Its name
        scope: String,
    },
    /// Create a scope
    Create {
        /// Its name
        name: String,
        /// The description on the consent page
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Change a scope
    Update {
        /// Its name
        scope: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// The description on the consent page
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Delete a scope
    Delete {
        /// Its name
        scope: String,
        /// Delete it even if clients have it, and take it from them
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

fn path(scope: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(scope)?))
}

impl Perform for ScopeCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } | Self::Update { .. } => Ok(()),
            Self::Delete { scope, consent, .. } => consent.to(&format!("Remove the scope {scope}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&ApiList { path, member: "scopes", columns: &COLUMNS }, &pages).await
            }
            Self::Show { scope } => api.show(&api.get(path(&scope)?).await?, &FIRST),
            Self::Create { name, description } => {
                let members =
                    BodyMembers::default().with("name", Some(name)).with("description", description);
                api.show(&api.send("POST", PATH, members.into_body()).await?, &FIRST)
            }
            Self::Update { scope, name, description } => {
                let members = BodyMembers::default().with("name", name).with("description", description);
                api.show(&api.send("PUT", path(&scope)?, members.into_change()?).await?, &FIRST)
            }
            Self::Delete { scope, force, consent: _ } => {
                let query = if force { "?force=true" } else { "" };
                api.send("DELETE", format!("{}{query}", path(&scope)?), RequestBody::Empty).await?;
                api.done(&format!("The scope {scope} was deleted."));
                Ok(())
            }
        }
    }
}
