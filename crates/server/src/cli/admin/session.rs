//! `writ session`.

use clap::Subcommand;

use super::{Perform, named};
use crate::cli::api::{Api, query, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/oauth/sessions";
const LOGOUTS: &str = "/api/v1/logouts";
const COLUMNS: [TableColumn; 7] = [
    TableColumn("USERNAME", "username"),
    TableColumn("SINCE", "created_at"),
    TableColumn("LAST SEEN", "last_seen_at"),
    TableColumn("UNTIL", "expires_at"),
    TableColumn("ADDRESS", "ip_address"),
    TableColumn("DEVICE", "user_agent"),
    TableColumn("ID", "id"),
];

const LOGOUT_COLUMNS: [TableColumn; 7] = [
    TableColumn("CLIENT ID", "client_id"),
    TableColumn("STATE", "state"),
    TableColumn("ENDED", "ended_at"),
    TableColumn("TRIES", "tries"),
    TableColumn("NEXT TRY", "next_try_at"),
    TableColumn("PROBLEM", "problem"),
    TableColumn("SESSION", "session_id"),
];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionCommand {
    /// List the sessions of a tenant
    List {
        /// Only those of a user: username, verified address or id
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// List applications that could not yet be told that a session has ended
    Logouts {
        #[command(flatten)]
        pages: Pages,
    },
    /// End a session and the grants made in it
    End {
        /// The session's id
        id: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

impl Perform for SessionCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List { .. } | Self::Logouts { .. } => Ok(()),
            Self::End { id, consent } => consent.to(&format!("End the session {id}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List { user, pages } => {
                let user = match user {
                    Some(name) => Some(named::user_id(api, &name).await?),
                    None => None,
                };
                let path = format!("{PATH}{}", query(&[("user_id", user)]));
                api.list(&ApiList { path, member: "sessions", columns: &COLUMNS }, &pages).await
            }
            Self::Logouts { pages } => {
                let path = LOGOUTS.to_owned();
                api.list(&ApiList { path, member: "logouts", columns: &LOGOUT_COLUMNS }, &pages).await
            }
            Self::End { id, consent: _ } => {
                api.send("DELETE", format!("{PATH}/{}", segment(&id)?), RequestBody::Empty).await?;
                api.done(&format!("The session {id} has ended."));
                Ok(())
            }
        }
    }
}
