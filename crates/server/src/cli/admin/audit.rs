//! `writ audit`.

use clap::{Args, Subcommand};

use super::{Perform, named};
use crate::cli::api::{Api, query};
use crate::cli::list::{ApiList, Pages};
use crate::cli::show::TableColumn;

const COLUMNS: [TableColumn; 11] = [
    TableColumn("AT", "at"),
    TableColumn("ACTION", "action"),
    TableColumn("OUTCOME", "outcome"),
    TableColumn("COUNT", "details.count"),
    TableColumn("REASON", "details.reason"),
    TableColumn("BY", "actor.type"),
    TableColumn("NAME", "actor.name"),
    TableColumn("ADDRESS", "ip_address"),
    TableColumn("TARGET", "target.type"),
    TableColumn("TARGET NAME", "target.name|details.username|details.client_id"),
    TableColumn("ID", "target.id"),
];

const OUTCOMES: [&str; 4] = ["success", "attempted", "failure", "refused"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditCommand {
    /// List the audit log of a tenant, newest first
    List {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        pages: Pages,
    },
    /// Print the audit log of a tenant as JSON, one record per line, newest first
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
    /// Who acted: a username, client id, id, or a type such as local
    #[arg(long)]
    actor: Option<String>,
    /// A user who acted or was affected: username, verified address or id
    #[arg(long)]
    user: Option<String>,
    /// The outcome
    #[arg(long, value_parser = OUTCOMES)]
    outcome: Option<String>,
    /// An address or network, such as 192.0.2.7 or 10.0.0.0/8
    #[arg(long, value_name = "CIDR")]
    address: Option<String>,
    /// The action, such as client.created
    #[arg(long)]
    action: Option<String>,
    /// What was affected: a username, client id, id, or a type such as client
    #[arg(long)]
    target: Option<String>,
    /// From this time on, such as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Which {
    async fn path(self, api: &Api) -> anyhow::Result<String> {
        let Self { actor, user, outcome, address, action, target, from, to } = self;
        let actor = match actor {
            Some(name) => Some(named::mentioned(api, &name).await?),
            None => None,
        };
        let target = match target {
            Some(name) => Some(named::mentioned(api, &name).await?),
            None => None,
        };
        let user = match user {
            Some(name) => Some(named::mentioned_user(api, &name).await?),
            None => None,
        };
        let given = [
            ("actor", actor),
            ("user", user),
            ("outcome", outcome),
            ("ip_address", address),
            ("action", action),
            ("target", target),
            ("from", from),
            ("to", to),
        ];
        Ok(format!("/api/v1/audit-logs{}", query(&given)))
    }
}

impl Perform for AuditCommand {
    fn consent(&self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        let list = |path: String| ApiList { path, member: "audit_logs", columns: &COLUMNS };
        match self {
            Self::List { which, pages } => api.list(&list(which.path(api).await?), &pages).await,
            Self::Export { which, pages } => api.export(&list(which.path(api).await?), &pages).await,
        }
    }
}
