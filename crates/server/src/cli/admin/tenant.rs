//! `writ tenant`.

use clap::Subcommand;
use serde_json::{Map, Value};
use writ_core::settings::ClientRegistration;

use super::Perform;
use super::look::LookFlags;
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;
use crate::cli::usage::Usage;
use crate::contracts::previews::PreviewedPage;

const COLUMNS: [TableColumn; 4] = [
    TableColumn("SLUG", "slug"),
    TableColumn("NAME", "name"),
    TableColumn("ENABLED", "enabled"),
    TableColumn("ID", "id"),
];
const OWN: &str = "/api/v1/tenant";
const FIRST: [&str; 4] = ["slug", "name", "enabled", "id"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TenantCommand {
    /// List all tenants
    List(Pages),
    /// Show a tenant and its settings
    Show {
        /// Its slug or id
        tenant: String,
    },
    /// Create a tenant
    Create {
        /// Its slug: its paths begin with /t/SLUG
        slug: String,
        /// A display name [default: the slug]
        #[arg(long)]
        name: Option<String>,
        /// A setting as NAME=VALUE; `null` restores the server's default
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<TenantSetting>,
        #[command(flatten)]
        look: LookFlags,
    },
    /// Change a tenant
    Update {
        /// Its slug or id
        tenant: String,
        /// A new display name
        #[arg(long)]
        name: Option<String>,
        /// Enable it again
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
        /// Disable it: issue no more tokens, and end existing ones
        #[arg(long)]
        disable: bool,
        /// A client through which people act; repeat it, or separate with commas. Replaces the list; needs clients:trust
        #[arg(long = "interaction-client", value_name = "CLIENT", value_delimiter = ',')]
        interaction_clients: Vec<String>,
        /// Empty this list
        #[arg(long, conflicts_with = "interaction_clients")]
        no_interaction_clients: bool,
        /// Who may register clients at /oauth2/register: nobody, whoever has an initial access token, or everybody
        #[arg(long, value_name = "WHO", value_parser = ClientRegistration::ALL.map(ClientRegistration::name))]
        registration: Option<String>,
        #[command(flatten)]
        documents: DocumentFlags,
        /// A setting as NAME=VALUE; `null` restores the server's default
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<TenantSetting>,
        /// Set `management_networks` even if it locks out the address you use now
        #[arg(long)]
        confirm_lockout: bool,
        #[command(flatten)]
        consent: ConfirmFlag,
        // Last: its heading holds for all that comes after it.
        #[command(flatten)]
        look: LookFlags,
    },
    /// Show the tenant you act in, or change those of its settings that are left to its administrators
    Own {
        /// A setting as NAME=VALUE; `null` restores the server's default
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<TenantSetting>,
        /// Set `management_networks` even if it locks out the address you use now
        #[arg(long)]
        confirm_lockout: bool,
        #[command(flatten)]
        look: LookFlags,
    },
    /// See a page of the tenant you act in with settings that are not saved; as HTML, for a file
    Preview {
        /// Which page
        #[arg(long, value_name = "PAGE", default_value = "sign-in", value_parser = PreviewedPage::ALL.map(PreviewedPage::name))]
        page: String,
        /// In which language, such as de
        #[arg(long, value_name = "LANGUAGE", default_value = "en")]
        language: String,
        /// The look of an application that people come from, as JSON, such as `{"brand_color":"#ff5d2e"}`
        #[arg(long, value_name = "JSON")]
        client_look: Option<Value>,
        /// A setting as NAME=VALUE
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<TenantSetting>,
        #[command(flatten)]
        look: LookFlags,
    },
    /// Delete a tenant and everything in it
    Delete {
        /// Its slug or id
        tenant: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// Whether, and from where, clients may be described by documents of their own.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DocumentFlags {
    /// Whether a `client_id` may be the https address of a document that describes the client
    #[arg(long, value_name = "BOOL")]
    client_documents: Option<bool>,
    /// A host whose documents are taken, or *.example.com for all below it; repeat it, or separate with commas. Replaces the list
    #[arg(long = "client-document-host", value_name = "HOST", value_delimiter = ',')]
    hosts: Vec<String>,
    /// A host whose documents are not taken; repeat it, or separate with commas. Replaces the list
    #[arg(long = "refused-client-document-host", value_name = "HOST", value_delimiter = ',')]
    refused: Vec<String>,
}

impl DocumentFlags {
    fn into_settings(self) -> impl Iterator<Item = TenantSetting> {
        let Self { client_documents, hosts, refused } = self;
        let list = |hosts: Vec<String>| (!hosts.is_empty()).then(|| Value::from(hosts));
        let members = [
            ("client_documents", client_documents.map(Value::from)),
            ("client_document_hosts", list(hosts)),
            ("client_document_hosts_refused", list(refused)),
        ];
        members
            .into_iter()
            .filter_map(|(name, value)| Some(TenantSetting { name: name.to_owned(), value: value? }))
    }
}

/// A setting of a tenant: a name, and a value that is JSON where it reads as that, else a text.
#[derive(Debug, Clone)]
pub(in crate::cli) struct TenantSetting {
    name: String,
    value: Value,
}

impl std::str::FromStr for TenantSetting {
    type Err = Usage;

    fn from_str(text: &str) -> Result<Self, Usage> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Usage::new("write NAME=VALUE, such as access_token_alg=EdDSA"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        Ok(Self { name: name.to_owned(), value })
    }
}

/// The settings that were given, the look among them.
fn with_look(given: Vec<TenantSetting>, look: LookFlags) -> anyhow::Result<Vec<TenantSetting>> {
    let look = look.into_settings()?;
    let look = look.into_iter().map(|(name, value)| TenantSetting { name: name.to_owned(), value });
    Ok(given.into_iter().chain(look).collect())
}

fn settings(given: Vec<TenantSetting>) -> Option<Value> {
    let members: Map<String, Value> = given.into_iter().map(|one| (one.name, one.value)).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

/// The settings that were given, as members of the answer.
fn named(given: &[TenantSetting]) -> Vec<String> {
    given.iter().map(|one| format!("settings.{}", one.name)).collect()
}

fn path(tenant: &str) -> anyhow::Result<String> {
    Ok(format!("/api/v1/tenants/{}", segment(tenant)?))
}

impl Perform for TenantCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::Update { tenant, disable: true, consent, .. } => {
                consent.to(&format!("Disable the tenant {tenant} and end its tokens"))
            }
            Self::List(_)
            | Self::Show { .. }
            | Self::Create { .. }
            | Self::Update { .. }
            | Self::Own { .. }
            | Self::Preview { .. } => Ok(()),
            Self::Delete { tenant, consent } => {
                consent.to(&format!("Remove the tenant {tenant} and all that is in it"))
            }
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List(pages) => {
                let path = "/api/v1/tenants".to_owned();
                api.list(&ApiList { path, member: "tenants", columns: &COLUMNS }, &pages).await
            }
            Self::Show { tenant } => api.show(&api.get(path(&tenant)?).await?, &FIRST),
            Self::Create { slug, name, settings: given, look } => {
                let given = with_look(given, look)?;
                let members = BodyMembers::default().with("slug", Some(slug)).with("name", name);
                let set = named(&given);
                let body = members.with("settings", settings(given)).into_body();
                api.brief(&api.send("POST", "/api/v1/tenants", body).await?, &FIRST, &set)
            }
            Self::Update {
                tenant,
                name,
                enable,
                disable,
                interaction_clients,
                no_interaction_clients,
                registration,
                documents,
                settings: given,
                look,
                confirm_lockout,
                consent: _,
            } => {
                let mut given = with_look(given, look)?;
                given.extend(documents.into_settings());
                if no_interaction_clients || !interaction_clients.is_empty() {
                    let name = "interaction_clients".to_owned();
                    given.push(TenantSetting { name, value: interaction_clients.into() });
                }
                if let Some(who) = registration {
                    given.push(TenantSetting { name: "registration".to_owned(), value: who.into() });
                }
                let set = named(&given);
                let enabled = (enable || disable).then_some(enable);
                let members = BodyMembers::default().with("name", name).with("enabled", enabled);
                let members = members.with("settings", settings(given));
                let body = members.with("confirm_lockout", confirm_lockout.then_some(true)).into_change()?;
                api.brief(&api.send("PUT", path(&tenant)?, body).await?, &FIRST, &set)
            }
            Self::Own { settings: given, look, confirm_lockout } => {
                let given = with_look(given, look)?;
                if given.is_empty() {
                    return api.show(&api.get(OWN.to_owned()).await?, &FIRST);
                }
                let set = named(&given);
                let members = BodyMembers::default().with("settings", settings(given));
                let body = members.with("confirm_lockout", confirm_lockout.then_some(true)).into_change()?;
                api.brief(&api.send("PATCH", OWN, body).await?, &FIRST, &set)
            }
            Self::Preview { page, language, client_look, settings: given, look } => {
                let given = with_look(given, look)?;
                let members = BodyMembers::default()
                    .with("page", Some(page))
                    .with("language", Some(language))
                    .with("client_look", client_look);
                let body = members.with("settings", settings(given)).into_body();
                api.page(&api.send("POST", "/api/v1/tenant/preview", body).await?, "html")
            }
            Self::Delete { tenant, consent: _ } => {
                api.send("DELETE", path(&tenant)?, RequestBody::Empty).await?;
                api.done(&format!("The tenant {tenant} was deleted."));
                Ok(())
            }
        }
    }
}
