//! `writ resource`.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::Perform;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/resources";
const COLUMNS: [TableColumn; 4] = [
    TableColumn("IDENTIFIER", "identifier"),
    TableColumn("NAME", "name"),
    TableColumn("SCOPES", "scopes"),
    TableColumn("CREATED", "created_at"),
];
const FIRST: [&str; 4] = ["identifier", "name", "scopes", "id"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ResourceCommand {
    /// List the resources of a tenant
    List(Pages),
    /// Show a resource
    Show {
        /// Its identifier or id
        resource: String,
    },
    /// Register an API
    Create {
        /// Its identifier: an absolute URI, for a web API its address
        identifier: String,
        /// A display name
        #[arg(long)]
        name: String,
        #[command(flatten)]
        rest: ResourceArgs,
    },
    /// Change a resource
    Update {
        /// Its identifier or id
        resource: String,
        /// A display name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        rest: ResourceArgs,
    },
    /// Delete a resource; no more tokens are issued for it
    Delete {
        /// Its identifier or id
        resource: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// What may be said of a resource beside its names.
#[derive(Debug, Args)]
pub(in crate::cli) struct ResourceArgs {
    /// A scope that belongs to it; repeat it, or separate with commas. Replaces the list
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// Remove all scopes from it
    #[arg(long, conflicts_with = "scopes")]
    no_scopes: bool,
    /// The format of its access tokens; default: as the client's
    #[arg(long, value_name = "FORMAT", value_parser = ["jwt", "opaque", "default"])]
    access_token_format: Option<String>,
    /// How its access tokens are signed; default: as the client's
    #[arg(long, value_name = "ALG", value_parser = ["ES256", "EdDSA", "RS256", "PS256", "default"])]
    access_token_alg: Option<String>,
    /// How long its access tokens live, in seconds; 0: as long as the client's
    #[arg(long, value_name = "SECONDS")]
    access_token_lifetime: Option<u32>,
    /// A client that may ask for tokens for it; repeat it, or separate with commas. Replaces the list
    #[arg(long = "client", value_name = "CLIENT_ID", value_delimiter = ',')]
    clients: Vec<String>,
    /// Every client of the tenant may ask for tokens for it
    #[arg(long, conflicts_with = "clients")]
    all_clients: bool,
    /// A client that may introspect its tokens; repeat it, or separate with commas. Replaces the list
    #[arg(long = "introspection-client", value_name = "CLIENT_ID", value_delimiter = ',')]
    introspection_clients: Vec<String>,
    /// No client may introspect its tokens for it
    #[arg(long, conflicts_with = "introspection_clients")]
    no_introspection_clients: bool,
}

fn unless_default(word: Option<String>) -> Option<Value> {
    word.map(|word| if word == "default" { Value::Null } else { word.into() })
}

impl ResourceArgs {
    fn members(self) -> BodyMembers {
        let lifetime = self.access_token_lifetime;
        BodyMembers::default()
            .with("scopes", self.no_scopes.then(|| Value::Array(Vec::new())))
            .with_list("scopes", &self.scopes)
            .with("access_token_format", unless_default(self.access_token_format))
            .with("access_token_signed_response_alg", unless_default(self.access_token_alg))
            .with(
                "access_token_lifetime",
                lifetime.map(|seconds| if seconds == 0 { Value::Null } else { seconds.into() }),
            )
            .with("clients", self.all_clients.then_some(Value::Null))
            .with_list("clients", &self.clients)
            .with("introspection_clients", self.no_introspection_clients.then(|| Value::Array(Vec::new())))
            .with_list("introspection_clients", &self.introspection_clients)
    }
}

fn path(resource: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(resource)?))
}

impl Perform for ResourceCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } | Self::Update { .. } => Ok(()),
            Self::Delete { resource, consent } => consent.to(&format!("Delete the resource {resource}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&ApiList { path, member: "resources", columns: &COLUMNS }, &pages).await
            }
            Self::Show { resource } => api.show(&api.get(path(&resource)?).await?, &FIRST),
            Self::Create { identifier, name, rest } => {
                let members =
                    BodyMembers::default().with("identifier", Some(identifier)).with("name", Some(name));
                api.show(&api.send("POST", PATH, members.and(rest.members()).into_body()).await?, &FIRST)
            }
            Self::Update { resource, name, rest } => {
                let members = BodyMembers::default().with("name", name).and(rest.members());
                api.show(&api.send("PATCH", path(&resource)?, members.into_change()?).await?, &FIRST)
            }
            Self::Delete { resource, consent: _ } => {
                api.send("DELETE", path(&resource)?, RequestBody::Empty).await?;
                api.done(&format!("The resource {resource} was deleted."));
                Ok(())
            }
        }
    }
}
