//! `writ key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Perform;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;
use crate::cli::usage::Usage;

const COLUMNS: [TableColumn; 7] = [
    TableColumn("KID", "kid"),
    TableColumn("USE", "use"),
    TableColumn("ALG", "alg"),
    TableColumn("STATE", "state"),
    TableColumn("CREATED", "created_at"),
    TableColumn("SIGNS FROM", "active_from"),
    TableColumn("RETIRED", "retired_at"),
];
const FIRST: [&str; 4] = ["kid", "alg", "state", "signs_from"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// List the keys of a tenant and their states: those that sign, and those that clients encrypt to
    List,
    /// Replace the signing key, as soon as the new one has been published long enough
    Rotate {
        /// The algorithm, such as ES256 [default: that of access tokens]
        #[arg(long)]
        alg: Option<String>,
    },
    /// Withdraw a signing key at once, because somebody else may have it
    Compromised {
        /// Its key id
        // One of 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// Encrypt everything with a new master key, while no server runs
    Rewrap(RewrapArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RewrapArgs {
    /// The file with the new master key; created if missing
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) to: PathBuf,
}

impl Perform for KeyCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List | Self::Rotate { .. } | Self::Rewrap(_) => Ok(()),
            Self::Compromised { kid, consent } => consent.to(&format!("Withdraw the signing key {kid}")),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List => api.all(("/api/v1/keys", "keys"), &COLUMNS).await,
            Self::Rotate { alg } => {
                let body = BodyMembers::default().with("alg", alg).into_body();
                api.show(&api.send("POST", "/api/v1/keys/rotate", body).await?, &FIRST)
            }
            Self::Compromised { kid, consent: _ } => {
                api.send("POST", format!("/api/v1/keys/{}/compromised", segment(&kid)?), RequestBody::Empty)
                    .await?;
                api.done(&format!("The signing key {kid} is withdrawn."));
                Ok(())
            }
            Self::Rewrap(_) => Err(Usage::new("rewrap works on the data folder itself").into()),
        }
    }
}
