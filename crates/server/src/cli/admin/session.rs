//! `writ session`.

use clap::Subcommand;

use super::{Act, named};
use crate::cli::api::{Api, query, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::Consent;
use crate::cli::show::Column;
use crate::cli::transport::Body;

const PATH: &str = "/api/v1/oauth/sessions";
const LOGOUTS: &str = "/api/v1/logouts";
const COLUMNS: [Column; 7] = [
    Column("USERNAME", "username"),
    Column("SINCE", "created_at"),
    Column("LAST SEEN", "last_seen_at"),
    Column("UNTIL", "expires_at"),
    Column("ADDRESS", "ip_address"),
    Column("DEVICE", "user_agent"),
    Column("ID", "id"),
];

const LOGOUT_COLUMNS: [Column; 7] = [
    Column("CLIENT ID", "client_id"),
    Column("STATE", "state"),
    Column("ENDED", "ended_at"),
    Column("TRIES", "tries"),
    Column("NEXT TRY", "next_try_at"),
    Column("PROBLEM", "problem"),
    Column("SESSION", "session_id"),
];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
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
        consent: Consent,
    },
}

impl Act for Command {
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
                api.list(&List { path, member: "sessions", columns: &COLUMNS }, &pages).await
            }
            Self::Logouts { pages } => {
                let path = LOGOUTS.to_owned();
                api.list(&List { path, member: "logouts", columns: &LOGOUT_COLUMNS }, &pages).await
            }
            Self::End { id, consent: _ } => {
                api.send("DELETE", format!("{PATH}/{}", segment(&id)?), Body::Empty).await?;
                api.done(&format!("The session {id} has ended."));
                Ok(())
            }
        }
    }
}
