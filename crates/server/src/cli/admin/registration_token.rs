//! `writ registration-token`.

use clap::Subcommand;
use serde_json::Value;

use super::{Perform, named, shown_once};
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;
use crate::cli::usage::Usage;

const PATH: &str = "/api/v1/registration-tokens";
const COLUMNS: [TableColumn; 6] = [
    TableColumn("NAME", "name"),
    TableColumn("TOKEN", "masked"),
    TableColumn("USES LEFT", "uses_left"),
    TableColumn("USES", "uses"),
    TableColumn("EXPIRES", "expires_at"),
    TableColumn("ID", "id"),
];
const FIRST: [&str; 4] = ["initial_access_token", "name", "id", "uses_left"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RegistrationTokenCommand {
    /// List the initial access tokens of a tenant, masked
    List(Pages),
    /// Show an initial access token, masked
    Show {
        /// Its name or id
        token: String,
    },
    /// Create an initial access token, with which applications register themselves; it is shown once
    Create {
        /// A display name
        name: String,
        /// How many applications may register with it, or `unlimited` [default: 1]
        #[arg(long, value_name = "N")]
        uses: Option<TokenUses>,
        /// When it expires, such as 2030-01-31T12:00:00Z [default: never]
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
    /// Delete an initial access token; applications that registered with it stay
    Delete {
        /// Its name or id
        token: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// How often a token may be used.
#[derive(Debug, Clone)]
pub(in crate::cli) struct TokenUses(Value);

impl std::str::FromStr for TokenUses {
    type Err = Usage;

    fn from_str(text: &str) -> Result<Self, Usage> {
        if text == "unlimited" {
            return Ok(Self(Value::Null));
        }
        let uses = text.parse::<u32>().map_err(|_| Usage::new("write a whole number, or unlimited"))?;
        Ok(Self(uses.into()))
    }
}

async fn path(api: &Api, token: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::registration_token_id(api, token).await?)?))
}

impl Perform for RegistrationTokenCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } => Ok(()),
            Self::Delete { token, consent } => {
                consent.to(&format!("Delete the initial access token {token}"))
            }
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&ApiList { path, member: "registration_tokens", columns: &COLUMNS }, &pages).await
            }
            Self::Show { token } => api.show(&api.get(path(api, &token).await?).await?, &FIRST),
            Self::Create { name, uses, expires_at } => {
                let members = BodyMembers::default().with("name", Some(name));
                let members = members.with("uses", uses.map(|uses| uses.0)).with("expires_at", expires_at);
                api.show(&api.send("POST", PATH, members.into_body()).await?, &FIRST)?;
                shown_once("The initial access token");
                Ok(())
            }
            Self::Delete { token, consent: _ } => {
                api.send("DELETE", path(api, &token).await?, RequestBody::Empty).await?;
                api.done(&format!("The initial access token {token} is deleted."));
                Ok(())
            }
        }
    }
}
