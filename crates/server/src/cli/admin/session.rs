//! `writ session`.

use clap::Subcommand;

use super::Act;
use crate::cli::api::{Api, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::Consent;
use crate::cli::show::Column;
use crate::cli::transport::Body;

const PATH: &str = "/api/v1/oauth/sessions";
const COLUMNS: [Column; 6] = [
    Column("USERNAME", "username"),
    Column("SINCE", "created_at"),
    Column("LAST SEEN", "last_seen_at"),
    Column("UNTIL", "expires_at"),
    Column("ADDRESS", "ip_address"),
    Column("ID", "id"),
];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Show who is signed in to a tenant
    List(Pages),
    /// Sign somebody out, and end what they got in that session
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
            Self::List(_) => Ok(()),
            Self::End { id, consent } => consent.to(&format!("End the session {id}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&List { path, member: "sessions", columns: &COLUMNS }, &pages).await
            }
            Self::End { id, consent: _ } => {
                api.send("DELETE", format!("{PATH}/{}", segment(&id)?), Body::Empty).await?;
                api.done(&format!("The session {id} has ended."));
                Ok(())
            }
        }
    }
}
