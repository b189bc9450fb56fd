//! `writ identity-provider`.

use clap::{Args, Subcommand};

use super::Perform;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const PATH: &str = "/api/v1/identity-providers";
const COLUMNS: [TableColumn; 5] = [
    TableColumn("SLUG", "slug"),
    TableColumn("NAME", "name"),
    TableColumn("PRESET", "preset"),
    TableColumn("ENABLED", "enabled"),
    TableColumn("CLIENT ID", "client_id"),
];
const FIRST: [&str; 5] = ["slug", "name", "preset", "client_id", "redirect_uri"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IdentityProviderCommand {
    /// List the identity providers of a tenant
    List(Pages),
    /// Show an identity provider
    Show {
        /// Its slug
        slug: String,
    },
    /// Add an identity provider; the answer has the `redirect_uri` to register there
    Create {
        /// Its place in addresses, such as google
        slug: String,
        /// Which provider it is
        #[arg(long, value_parser = ["openid", "oauth2", "google", "microsoft", "github", "gitlab", "apple"])]
        preset: String,
        #[command(flatten)]
        place: ProviderPlaceArgs,
        #[command(flatten)]
        choices: ProviderChoiceArgs,
    },
    /// Change an identity provider
    Update {
        /// Its slug
        slug: String,
        #[command(flatten)]
        choices: ProviderChoiceArgs,
    },
    /// Delete an identity provider; all connections with it go, and the accounts stay
    Delete {
        /// Its slug
        slug: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// Where a provider is: that cannot be changed later.
#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderPlaceArgs {
    /// Its issuer, such as `https://gitlab.example.com`
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Where browsers are sent (preset oauth2)
    #[arg(long, value_name = "URL")]
    authorization_endpoint: Option<String>,
    /// Where codes are redeemed (preset oauth2)
    #[arg(long, value_name = "URL")]
    token_endpoint: Option<String>,
    /// Where it is told who somebody is (preset oauth2)
    #[arg(long, value_name = "URL")]
    userinfo_endpoint: Option<String>,
}

/// What can be chosen of a provider.
#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderChoiceArgs {
    /// What the button calls it
    #[arg(long)]
    name: Option<String>,
    /// What Writ is called there
    #[arg(long, value_name = "ID")]
    provider_client_id: Option<String>,
    /// A file with the secret there; of Apple, the private key
    #[arg(long, value_name = "FILE")]
    secret_file: Option<std::path::PathBuf>,
    /// How Writ proves its client id there
    #[arg(long, value_parser = ["client_secret_basic", "client_secret_post", "none"])]
    auth_method: Option<String>,
    /// Apple's team
    #[arg(long, value_name = "ID")]
    team_id: Option<String>,
    /// Apple's key
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,
    /// What is asked for
    #[arg(long)]
    scope: Option<String>,
    /// An email domain whose people sign in there; repeat it, or separate with commas. Replaces the list
    #[arg(long = "domain", value_name = "DOMAIN", value_delimiter = ',', conflicts_with = "no_domains")]
    domains: Vec<String>,
    /// Remove all domains
    #[arg(long)]
    no_domains: bool,
    /// What becomes of somebody whose verified address an account has
    #[arg(long, value_parser = ["never", "verified"])]
    link_by_email: Option<String>,
    /// Whether newcomers get accounts
    #[arg(long, value_name = "BOOL")]
    create_accounts: Option<bool>,
    /// Whether addresses count as verified that the provider says are
    #[arg(long, value_name = "BOOL")]
    trust_email: Option<bool>,
    /// Whether second factors count that were proved there
    #[arg(long, value_name = "BOOL")]
    trust_second_factor: Option<bool>,
    /// Whether people can sign in there
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
}

impl ProviderChoiceArgs {
    fn members(self, members: BodyMembers) -> anyhow::Result<BodyMembers> {
        let secret = match &self.secret_file {
            Some(path) => Some(read_secret(path)?),
            None => None,
        };
        let domains = (self.no_domains || !self.domains.is_empty()).then_some(self.domains);
        Ok(members
            .with("name", self.name)
            .with("client_id", self.provider_client_id)
            .with("client_secret", secret)
            .with("token_endpoint_auth_method", self.auth_method)
            .with("team_id", self.team_id)
            .with("key_id", self.key_id)
            .with("scope", self.scope)
            .with("domains", domains)
            .with("link_by_email", self.link_by_email)
            .with("create_accounts", self.create_accounts)
            .with("trust_email", self.trust_email)
            .with("trust_second_factor", self.trust_second_factor)
            .with("enabled", self.enabled))
    }
}

/// A secret, without the end of its last line.
fn read_secret(path: &std::path::Path) -> anyhow::Result<String> {
    use anyhow::Context as _;
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("the secret cannot be read from {}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn path(slug: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(slug)?))
}

impl Perform for IdentityProviderCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Create { .. } | Self::Update { .. } => Ok(()),
            Self::Delete { slug, consent } => {
                consent.to(&format!("Delete the identity provider {slug}, and every connection with it"))
            }
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = PATH.to_owned();
                api.list(&ApiList { path, member: "identity_providers", columns: &COLUMNS }, &pages).await
            }
            Self::Show { slug } => api.show(&api.get(path(&slug)?).await?, &FIRST),
            Self::Create { slug, preset, place, choices } => {
                let members = BodyMembers::default()
                    .with("slug", Some(slug))
                    .with("preset", Some(preset))
                    .with("issuer", place.issuer)
                    .with("authorization_endpoint", place.authorization_endpoint)
                    .with("token_endpoint", place.token_endpoint)
                    .with("userinfo_endpoint", place.userinfo_endpoint);
                let members = choices.members(members)?;
                api.show(&api.send("POST", PATH, members.into_body()).await?, &FIRST)
            }
            Self::Update { slug, choices } => {
                let members = choices.members(BodyMembers::default())?;
                api.show(&api.send("PATCH", path(&slug)?, members.into_change()?).await?, &FIRST)
            }
            Self::Delete { slug, consent: _ } => {
                api.send("DELETE", path(&slug)?, RequestBody::Empty).await?;
                api.done(&format!("The identity provider {slug} is deleted."));
                Ok(())
            }
        }
    }
}
