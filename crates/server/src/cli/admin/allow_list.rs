//! An allow list, as flags of the commands that change what has one.

use clap::Args;
use serde_json::Value;

use crate::cli::api::BodyMembers;

#[derive(Debug, Args)]
pub(in crate::cli) struct AllowListArgs {
    /// An address or network that may use it; repeat it, or separate with commas. Replaces the list
    #[arg(long = "allowed-network", value_name = "CIDR", value_delimiter = ',')]
    allowed_networks: Vec<String>,
    /// Empty the list: it may be used from everywhere
    #[arg(long, conflicts_with = "allowed_networks")]
    any_network: bool,
    /// Set the list even if it locks out the address you use now
    #[arg(long)]
    confirm_lockout: bool,
}

impl AllowListArgs {
    /// What was given of it, beside the rest.
    pub(super) fn add_to(&self, members: BodyMembers) -> BodyMembers {
        let everywhere = self.any_network.then(|| Value::Array(Vec::new()));
        let members = members.with("allowed_networks", everywhere);
        let members = members.with_list("allowed_networks", &self.allowed_networks);
        members.with("confirm_lockout", self.confirm_lockout.then_some(true))
    }
}
