//! `writ audit`.

use clap::{Args, Subcommand};

use super::{Act, named};
use crate::cli::api::{Api, query};
use crate::cli::list::{List, Pages};
use crate::cli::show::Column;

const COLUMNS: [Column; 7] = [
    Column("AT", "at"),
    Column("ACTION", "action"),
    Column("OUTCOME", "outcome"),
    Column("BY", "actor.type"),
    Column("NAME", "actor.name"),
    Column("TARGET", "target.type"),
    Column("ID", "target.id"),
];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Show what was done in a tenant, newest first
    List {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        pages: Pages,
    },
    /// Print what was done in a tenant as JSON, a record a line, newest first
    Export {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        pages: Pages,
    },
}

/// Which records.
#[derive(Debug, Args)]
pub(in crate::cli) struct Which {
    /// By whom: a username, a client id, an id, or a type such as local or client
    #[arg(long)]
    actor: Option<String>,
    /// What, such as client.created
    #[arg(long)]
    action: Option<String>,
    /// To what: a username, a client id, an id, or a type such as client
    #[arg(long)]
    target: Option<String>,
    /// From this time on, as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Which {
    async fn path(self, api: &Api) -> anyhow::Result<String> {
        let Self { actor, action, target, from, to } = self;
        let actor = match actor {
            Some(name) => Some(named::mentioned(api, &name).await?),
            None => None,
        };
        let target = match target {
            Some(name) => Some(named::mentioned(api, &name).await?),
            None => None,
        };
        let given = [("actor", actor), ("action", action), ("target", target), ("from", from), ("to", to)];
        Ok(format!("/api/v1/audit-logs{}", query(&given)))
    }
}

impl Act for Command {
    fn consent(&self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        let list = |path: String| List { path, member: "audit_logs", columns: &COLUMNS };
        match self {
            Self::List { which, pages } => api.list(&list(which.path(api).await?), &pages).await,
            Self::Export { which, pages } => api.export(&list(which.path(api).await?), &pages).await,
        }
    }
}
