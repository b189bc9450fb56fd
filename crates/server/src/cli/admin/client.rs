//! `writ client`.
//!
//! A client has more fields than any one contract: it is made and changed through those that know the
//! fields that were given, and shown as all of them together tell it.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::client_settings::SettingsArgs;
use super::{Act, named, shown_once};
use crate::cli::api::{Answer, Api, Members, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::Consent;
use crate::cli::show::Column;
use crate::cli::transport::Body;
use crate::cli::usage::Usage;

const CLIENTS: &str = "/v1/clients";
const OAUTH2: &str = "/api/v1/oauth/clients";
const IDENTITY: &str = "/v1/admin/oauth-clients";
const TENANT: &str = "/api/v1/oauth/admin/clients";

const COLUMNS: [Column; 5] = [
    Column("CLIENT ID", "client_id"),
    Column("NAME", "name"),
    Column("GRANTS", "grant_types"),
    Column("SCOPE", "scope"),
    Column("CREATED", "created_at"),
];
const FIRST: [&str; 6] = ["client_id", "client_secret", "name", "type", "enabled", "grant_types"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Show the clients of a tenant
    List {
        /// Only those that were made longer ago and got no token since
        #[arg(long, value_name = "DAYS")]
        unused_for: Option<u32>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Show a client, secrets masked
    Show {
        /// Its client id
        client: String,
    },
    /// Make a client; its secret is shown once
    Create(Box<CreateArgs>),
    /// Change a client; a list that is given replaces the one before
    Update(Box<UpdateArgs>),
    /// Remove a client and end all its tokens
    Delete {
        /// Its client id
        client: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Give a client another secret; it is shown once
    RotateSecret {
        /// Its client id
        client: String,
        /// How long the old secret lives on; 0: not at all
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        overlap: u32,
        #[command(flatten)]
        consent: Consent,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    /// A name for people
    name: String,
    /// What it is: it decides whether it has a secret
    #[arg(long = "type", value_name = "TYPE", value_parser = ["web", "spa", "native", "machine"])]
    kind: String,
    /// How it may get tokens; several times or with commas [default: as its type does]
    #[arg(long = "grant", value_name = "GRANT", value_delimiter = ',')]
    grant_types: Vec<String>,
    #[command(flatten)]
    fields: Box<FieldArgs>,
    #[command(flatten)]
    settings: Box<SettingsArgs>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateArgs {
    /// Its client id
    client: String,
    /// Another name for people
    #[arg(long)]
    name: Option<String>,
    /// What it may do to get tokens from now on
    #[arg(long = "grant", value_name = "GRANT", value_delimiter = ',')]
    grant_types: Vec<String>,
    #[command(flatten)]
    fields: Box<FieldArgs>,
    #[command(flatten)]
    settings: Box<SettingsArgs>,
}

/// The fields that a client has beside its name and kind.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(in crate::cli) struct FieldArgs {
    /// Where people come back to with a code; several times
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where people come back to after signing out; several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// Where its pages may ask from (CORS); several times
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// A scope that it may have; several times or with commas
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// How long its access tokens live
    #[arg(long, value_name = "SECONDS")]
    access_token_ttl: Option<u32>,
    /// How long its refresh tokens live
    #[arg(long, value_name = "SECONDS")]
    refresh_token_ttl: Option<u32>,
    /// Its home page
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its logo
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// It is the tenant's own: no consent is asked for
    #[arg(long, conflicts_with = "third_party")]
    first_party: bool,
    /// It is somebody else's: consent is asked for
    #[arg(long)]
    third_party: bool,
    /// Give it tokens
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Give it no tokens
    #[arg(long)]
    disable: bool,
}

impl FieldArgs {
    /// What the **clients** contract knows of them.
    fn for_clients(&self) -> Members {
        Members::default()
            .with_list("redirect_uris", &self.redirect_uris)
            .with_list("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .with_list("allowed_origins", &self.allowed_origins)
            .with_list("scopes", &self.scopes)
    }

    /// What the **tenant** contract knows beside that.
    fn for_tenant(&self) -> Members {
        Members::default()
            .with("description", self.description.clone())
            .with("accessTokenTTL", self.access_token_ttl)
            .with("refreshTokenTTL", self.refresh_token_ttl)
            .with("enabled", (self.enable || self.disable).then_some(self.enable))
    }

    /// What the **identity** contract knows beside that.
    fn for_identity(&self) -> Members {
        Members::default()
            .with("client_uri", self.client_uri.clone())
            .with("logo_uri", self.logo_uri.clone())
            .with("is_first_party", (self.first_party || self.third_party).then_some(self.first_party))
    }
}

fn at(contract: &str, client: &str) -> anyhow::Result<String> {
    Ok(format!("{contract}/{}", segment(client)?))
}

fn settings_of(client: &str) -> anyhow::Result<String> {
    Ok(format!("{}/settings", at(OAUTH2, client)?))
}

fn text(answer: &Answer, pointer: &str) -> String {
    answer.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Everything that is known of a client.
async fn told(api: &Api, client: &str) -> anyhow::Result<Map<String, Value>> {
    let identity = api.get(at(IDENTITY, client)?).await?;
    let id = text(&identity, "/client/id");
    let clients =
        api.send_named("GET", at(CLIENTS, &text(&identity, "/client/client_id"))?, Body::Empty).await?;
    let tenant = api.send_named("GET", at(TENANT, &id)?, Body::Empty).await?;
    let mut all = clients.value.as_object().cloned().unwrap_or_default();
    for name in ["client_uri", "logo_uri", "owner_id", "is_first_party", "enabled", "updated_at"] {
        all.insert(
            name.to_owned(),
            identity.value.pointer(&format!("/client/{name}")).cloned().unwrap_or_default(),
        );
    }
    for (name, theirs) in [
        ("description", "description"),
        ("client_secret", "clientSecret"),
        ("access_token_ttl", "accessTokenTTL"),
        ("refresh_token_ttl", "refreshTokenTTL"),
    ] {
        let value = tenant.value.pointer(&format!("/data/client/{theirs}")).cloned().unwrap_or_default();
        all.insert(name.to_owned(), value);
    }
    all.insert("id".to_owned(), id.into());
    let settings = api.get(settings_of(client)?).await?;
    all.extend(settings.value.as_object().cloned().unwrap_or_default());
    Ok(all)
}

async fn create(api: &Api, args: CreateArgs) -> anyhow::Result<()> {
    let CreateArgs { name, kind, grant_types, fields, settings } = args;
    let body = fields.for_clients().with("name", Some(name)).with("type", Some(kind));
    let body = body.with_list("grant_types", &grant_types).into_body();
    let more = Further {
        tenant: fields.for_tenant(),
        identity: fields.for_identity(),
        settings: settings.members()?,
    };
    let made = api.send_named("POST", CLIENTS, body).await?;
    let client = text(&made, "/client_id");
    let is_all = more.is_empty();
    if let Err(error) = more.send(api, &client).await {
        // All of it or nothing.
        api.send("DELETE", at(OAUTH2, &client)?, Body::Empty).await?;
        return Err(error);
    }
    if is_all {
        api.show(&made, &FIRST)?;
    } else {
        let mut all = told(api, &client).await?;
        all.insert("client_secret".to_owned(), made.value.get("client_secret").cloned().unwrap_or_default());
        api.show_value(Value::Object(all), &FIRST)?;
    }
    if made.value.get("client_secret").is_some() {
        shown_once("The client's secret");
    }
    Ok(())
}

/// What the contract that makes a client does not know, by who does.
struct Further {
    tenant: Members,
    identity: Members,
    settings: Members,
}

impl Further {
    fn is_empty(&self) -> bool {
        self.tenant.is_empty() && self.identity.is_empty() && self.settings.is_empty()
    }

    async fn send(self, api: &Api, client: &str) -> anyhow::Result<()> {
        let Self { tenant, identity, settings } = self;
        if !tenant.is_empty() {
            let id = text(&api.get(at(OAUTH2, client)?).await?, "/id");
            api.send_named("PUT", at(TENANT, &id)?, tenant.into_body()).await?;
        }
        if !identity.is_empty() {
            api.send("PATCH", at(IDENTITY, client)?, identity.into_body()).await?;
        }
        if !settings.is_empty() {
            api.send("PUT", settings_of(client)?, settings.into_body()).await?;
        }
        Ok(())
    }
}

async fn update(api: &Api, args: UpdateArgs) -> anyhow::Result<()> {
    let UpdateArgs { client, name, grant_types, fields, settings } = args;
    let clients = fields.for_clients().with("name", name);
    let more = Further {
        tenant: fields.for_tenant().with_list("grantTypes", &grant_types),
        identity: fields.for_identity(),
        settings: settings.members()?,
    };
    if clients.is_empty() && more.is_empty() {
        return Err(Usage::new("nothing to change was given; --help shows what can be").into());
    }
    let client = named::client_id(api, &client).await?;
    if !clients.is_empty() {
        api.send_named("PATCH", at(CLIENTS, &client)?, clients.into_body()).await?;
    }
    more.send(api, &client).await?;
    api.show_value(Value::Object(told(api, &client).await?), &FIRST)
}

impl Act for Command {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::Delete { client, consent } => {
                consent.to(&format!("Remove the client {client} and end all its tokens"))
            }
            Self::RotateSecret { client, overlap: 0, consent } => {
                consent.to(&format!("Replace the secret of {client}, so that the old one is refused at once"))
            }
            Self::List { .. }
            | Self::Show { .. }
            | Self::Create(_)
            | Self::Update(_)
            | Self::RotateSecret { .. } => Ok(()),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List { unused_for, pages } => {
                let filter = unused_for.map(|days| format!("?unused_for_days={days}")).unwrap_or_default();
                let path = format!("{OAUTH2}{filter}");
                api.list(&List { path, member: "clients", columns: &COLUMNS }, &pages).await
            }
            Self::Show { client } => {
                let client = named::client_id(api, &client).await?;
                api.show_value(Value::Object(told(api, &client).await?), &FIRST)
            }
            Self::Create(args) => create(api, *args).await,
            Self::Update(args) => update(api, *args).await,
            Self::Delete { client, consent: _ } => {
                let client_id = named::client_id(api, &client).await?;
                api.send("DELETE", at(OAUTH2, &client_id)?, Body::Empty).await?;
                api.done(&format!("The client {client} is gone, and so are its tokens."));
                Ok(())
            }
            Self::RotateSecret { client, overlap, consent: _ } => {
                let client = named::client_id(api, &client).await?;
                let path = format!("{}/rotate-secret?overlap={overlap}", at(OAUTH2, &client)?);
                api.show(&api.send("POST", path, Body::Empty).await?, &FIRST)?;
                shown_once("The client's secret");
                Ok(())
            }
        }
    }
}
