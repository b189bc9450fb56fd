//! `writ group`.

use clap::Subcommand;

use super::{Perform, named};
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/groups";
const COLUMNS: [TableColumn; 4] = [
    TableColumn("NAME", "name"),
    TableColumn("WITHIN", "within"),
    TableColumn("DESCRIPTION", "description"),
    TableColumn("ID", "id"),
];
const MEMBER_COLUMNS: [TableColumn; 4] = [
    TableColumn("USERNAME", "username"),
    TableColumn("NAME", "name"),
    TableColumn("SINCE", "since"),
    TableColumn("ID", "user_id"),
];
const FIRST: [&str; 4] = ["name", "id", "description", "within"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GroupCommand {
    /// List the groups of a tenant
    List(Pages),
    /// Show a group
    Show {
        /// Its name or id
        group: String,
    },
    /// Create a group; applications with the scope `groups` are told its name
    Create {
        /// Its name
        name: String,
        /// What it is, for administrators
        #[arg(long)]
        description: Option<String>,
        /// A group that it is within, by name; repeat it, or separate with commas
        #[arg(long, value_name = "GROUP", value_delimiter = ',')]
        within: Vec<String>,
    },
    /// Change a group
    Update {
        /// Its name or id
        group: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What it is; empty to remove it
        #[arg(long)]
        description: Option<String>,
        /// A group that it is within, by name; repeat it, or separate with commas. Replaces the list
        #[arg(long, value_name = "GROUP", value_delimiter = ',', conflicts_with = "within_none")]
        within: Vec<String>,
        /// Take it out of all groups
        #[arg(long)]
        within_none: bool,
    },
    /// Delete a group; its members stay users
    Delete {
        /// Its name or id
        group: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// List the members of a group
    Members {
        /// Its name or id
        group: String,
        #[command(flatten)]
        pages: Pages,
    },
    /// Add users to a group
    Add {
        /// Its name or id
        group: String,
        /// Username, verified address or id
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
    },
    /// Remove users from a group
    Remove {
        /// Its name or id
        group: String,
        /// Username, verified address or id
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
    },
}

async fn path(api: &Api, group: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::group_id(api, group).await?)?))
}

/// Sends people to a group, or out of it.
async fn change(api: &Api, group: &str, (member, users): (&'static str, &[String])) -> anyhow::Result<()> {
    let path = format!("{}/members", path(api, group).await?);
    let mut ids = Vec::new();
    for user in users {
        ids.push(named::user_id(api, user).await?);
    }
    api.send("POST", path, BodyMembers::default().with(member, Some(ids)).into_body()).await?;
    let (many, what) = (users.len(), if member == "add" { "in" } else { "no longer in" });
    api.done(&if many == 1 {
        format!("{} is {what} the group {group}.", users.concat())
    } else {
        format!("{many} users are {what} the group {group}.")
    });
    Ok(())
}

impl Perform for GroupCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::Delete { group, consent } => consent.to(&format!("Delete the group {group}")),
            _ => Ok(()),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&ApiList { path, member: "groups", columns: &COLUMNS }, &pages).await
            }
            Self::Show { group } => api.show(&api.get(path(api, &group).await?).await?, &FIRST),
            Self::Create { name, description, within } => {
                let members =
                    BodyMembers::default().with("name", Some(name)).with("description", description);
                let members = members.with("within", (!within.is_empty()).then_some(within));
                api.show(&api.send("POST", PATH, members.into_body()).await?, &FIRST)
            }
            Self::Update { group, name, description, within, within_none } => {
                let within = (within_none || !within.is_empty()).then_some(within);
                let members = BodyMembers::default().with("name", name).with("description", description);
                let body = members.with("within", within).into_change()?;
                api.show(&api.send("PATCH", path(api, &group).await?, body).await?, &FIRST)
            }
            Self::Delete { group, consent: _ } => {
                api.send("DELETE", path(api, &group).await?, RequestBody::Empty).await?;
                api.done(&format!("The group {group} was deleted."));
                Ok(())
            }
            Self::Members { group, pages } => {
                let path = format!("{}/members", path(api, &group).await?);
                api.list(&ApiList { path, member: "members", columns: &MEMBER_COLUMNS }, &pages).await
            }
            Self::Add { group, users } => change(api, &group, ("add", &users)).await,
            Self::Remove { group, users } => change(api, &group, ("remove", &users)).await,
        }
    }
}
