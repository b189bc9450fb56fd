//! `writ client`: each act is one request to `/api/v1/clients`, which has every field of a client. A change is made
//! whole, or not at all.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use writ_core::client::{AuthMethod, SubjectType, Translatable};

use super::client_settings::SettingsArgs;
use super::look::{ClientLookFlags, picture};
use super::{Perform, named, shown_once};
use crate::cli::api::{Api, BodyMembers, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::ConfirmFlag;
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

const CLIENTS: &str = "/api/v1/clients";

const COLUMNS: [TableColumn; 5] = [
    TableColumn("CLIENT ID", "client_id"),
    TableColumn("NAME", "client_name"),
    TableColumn("GRANTS", "grant_types"),
    TableColumn("SCOPE", "scope"),
    TableColumn("CREATED", "created_at"),
];
const FIRST: [&str; 6] = ["client_id", "client_secret", "client_name", "kind", "enabled", "grant_types"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ClientCommand {
    /// List the clients of a tenant
    List {
        /// Only clients older than this that got no token since
        #[arg(long, value_name = "DAYS")]
        unused_for: Option<u32>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Show a client, secrets masked
    Show {
        /// Its client id or name
        client: String,
    },
    /// Create a client; its secret is shown once
    Create(Box<CreateArgs>),
    /// Change a client; a list replaces the old one
    Update(Box<UpdateArgs>),
    /// Delete a client and end all its tokens
    Delete {
        /// Its client id or name
        client: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// Show the logo that people see of a client, or change it
    Logo {
        /// Its client id or name
        client: String,
        /// A PNG, JPEG or WebP file of 256 KiB and 1024 pixels a side at the most
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Remove what was uploaded; a logo at its logo URI is shown again
        #[arg(long, conflicts_with = "file")]
        remove: bool,
    },
    /// Create a new secret for a client; it is shown once
    RotateSecret {
        /// Its client id or name
        client: String,
        /// How long the old secret keeps working, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        overlap: u32,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    /// A display name
    name: String,
    /// Its type: web and machine clients have a secret, spa and native clients have none
    #[arg(long = "type", value_name = "TYPE", value_parser = ["web", "spa", "native", "machine"])]
    kind: String,
    /// A grant type; repeat it, or separate with commas [default: depends on the type]
    #[arg(long = "grant", value_name = "GRANT", value_delimiter = ',')]
    grant_types: Vec<String>,
    #[command(flatten)]
    fields: Box<FieldArgs>,
    #[command(flatten)]
    settings: Box<SettingsArgs>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateArgs {
    /// Its client id or name
    client: String,
    /// A new display name
    #[arg(long)]
    name: Option<String>,
    /// A grant type; repeat it, or separate with commas. Replaces the list
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
    /// A response type; repeat it for more
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Vec<String>,
    /// Whether people have one name for all clients, or one in each sector
    #[arg(long, value_name = "TYPE", value_parser = SubjectType::ALL.map(SubjectType::name))]
    subject_type: Option<String>,
    /// Where the redirect URIs of its sector are listed; an empty text removes it
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    /// A redirect URI; repeat it for more
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// A redirect URI for after signing out; repeat it for more
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// An origin whose pages may call the server (CORS); repeat it for more
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// An allowed scope; repeat it, or separate with commas
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// A description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Lifetime of its access tokens
    #[arg(long, value_name = "SECONDS")]
    access_token_ttl: Option<u32>,
    /// Lifetime of its refresh tokens
    #[arg(long, value_name = "SECONDS")]
    refresh_token_ttl: Option<u32>,
    /// Its home page
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its logo
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
    /// Its privacy policy
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// One of its texts in a language, such as `client_name#ja=NAME`; an empty text removes it; repeat it for more
    #[arg(long = "translation", value_name = "MEMBER#LANGUAGE=TEXT", value_parser = translation)]
    translations: Vec<(String, String)>,
    #[command(flatten)]
    look: ClientLookFlags,
    /// A contact, such as a mail address; repeat it for more
    #[arg(long = "contact", value_name = "TEXT")]
    contacts: Vec<String>,
    /// Where the server tells it that a session has ended
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// What a browser loads when its user has signed out; on the origin of a redirect URI
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Whether it wants iss and sid in the address that the browser loads
    #[arg(long, value_name = "BOOL")]
    frontchannel_logout_session: Option<bool>,
    /// Where others send a browser to begin a sign-in at it; an empty text removes it
    #[arg(long, value_name = "URL")]
    initiate_login_uri: Option<String>,
    /// How many seconds old a sign-in may be if a request does not say
    #[arg(long, value_name = "SECONDS")]
    default_max_age: Option<u32>,
    /// A class (acr) that people are to sign in by if a request does not say; repeat it for more, the best first
    #[arg(long = "default-acr-value", value_name = "ACR")]
    default_acr_values: Vec<String>,
    /// What its developer calls the software
    #[arg(long, value_name = "TEXT")]
    software_id: Option<String>,
    /// Which version of the software it is
    #[arg(long, value_name = "TEXT")]
    software_version: Option<String>,
    /// How it authenticates; `client_secret`: with Basic or in the body
    #[arg(long, value_name = "METHOD", value_parser = AuthMethod::ALL.map(AuthMethod::name))]
    auth_method: Option<String>,
    /// First party: people are not asked for consent
    #[arg(long, conflicts_with = "third_party")]
    first_party: bool,
    /// Third party: people are asked for consent
    #[arg(long)]
    third_party: bool,
    /// Enable it
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Disable it: issue no tokens
    #[arg(long)]
    disable: bool,
}

impl FieldArgs {
    /// What was given of them.
    fn members(&self) -> BodyMembers {
        let scope = (!self.scopes.is_empty()).then(|| self.scopes.join(" "));
        let translated = self.translations.iter();
        translated
            .fold(BodyMembers::default(), |members, (name, text)| members.with(name, Some(text.as_str())))
            .with_list("response_types", &self.response_types)
            .with("subject_type", self.subject_type.clone())
            .with("sector_identifier_uri", self.sector_identifier_uri.clone())
            .with_list("redirect_uris", &self.redirect_uris)
            .with_list("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .with_list("allowed_origins", &self.allowed_origins)
            .with("scope", scope)
            .with("description", self.description.clone())
            .with("access_token_lifetime", self.access_token_ttl)
            .with("refresh_token_lifetime", self.refresh_token_ttl)
            .with("client_uri", self.client_uri.clone())
            .with("logo_uri", self.logo_uri.clone())
            .with("tos_uri", self.tos_uri.clone())
            .with("policy_uri", self.policy_uri.clone())
            .with("look", self.look.value())
            .with_list("contacts", &self.contacts)
            .with("backchannel_logout_uri", self.backchannel_logout_uri.clone())
            .with("frontchannel_logout_uri", self.frontchannel_logout_uri.clone())
            .with("frontchannel_logout_session_required", self.frontchannel_logout_session)
            .with("initiate_login_uri", self.initiate_login_uri.clone())
            .with("default_max_age", self.default_max_age)
            .with_list("default_acr_values", &self.default_acr_values)
            .with("software_id", self.software_id.clone())
            .with("software_version", self.software_version.clone())
            .with("token_endpoint_auth_method", self.auth_method.clone())
            .with("first_party", (self.first_party || self.third_party).then_some(self.first_party))
            .with("enabled", (self.enable || self.disable).then_some(self.enable))
    }
}

/// A text in a language (RFC 7591 §2.2).
fn translation(given: &str) -> Result<(String, String), String> {
    let pair = given.split_once('=').filter(|(member, _)| Translatable::of_member(member).is_some());
    let (member, text) = pair.ok_or_else(|| {
        let known = Translatable::ALL.map(Translatable::name).join(", ");
        format!("it begins with one of {known}, then # and a language, then =")
    })?;
    Ok((member.to_owned(), text.to_owned()))
}

fn at(client: &str) -> anyhow::Result<String> {
    Ok(format!("{CLIENTS}/{}", segment(client)?))
}

async fn create(api: &Api, args: CreateArgs) -> anyhow::Result<()> {
    let CreateArgs { name, kind, grant_types, fields, settings } = args;
    let body = fields.members().and(settings.members()?).with_list("grant_types", &grant_types);
    let body = body.with("client_name", Some(name)).with("kind", Some(kind));
    named::doubt_scopes(api, &fields.scopes).await;
    let given = body.names();
    let made = api.send("POST", CLIENTS, body.into_body()).await?;
    api.brief(&made, &FIRST, &given)?;
    if made.value.get("client_secret").is_some_and(Value::is_string) {
        shown_once("The client's secret");
    }
    Ok(())
}

async fn update(api: &Api, args: UpdateArgs) -> anyhow::Result<()> {
    let UpdateArgs { client, name, grant_types, fields, settings } = args;
    let body = fields.members().and(settings.members()?).with_list("grant_types", &grant_types);
    let body = body.with("client_name", name);
    let (given, body) = (body.names(), body.into_change()?);
    let client = named::client_id(api, &client).await?;
    named::doubt_scopes(api, &fields.scopes).await;
    api.brief(&api.send("PATCH", at(&client)?, body).await?, &FIRST, &given)
}

async fn logo(api: &Api, client: &str, (file, remove): (Option<PathBuf>, bool)) -> anyhow::Result<()> {
    let picture = file.map(|file| picture(&file)).transpose()?;
    let client = named::client_id(api, client).await?;
    let path = format!("{}/logo", at(&client)?);
    let answer = if picture.is_some() || remove {
        api.send("PUT", path, RequestBody::Json(json!({ "logo": picture }))).await?
    } else {
        api.get(path).await?
    };
    api.show(&answer, &[])
}

impl Perform for ClientCommand {
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
            | Self::Logo { .. }
            | Self::RotateSecret { .. } => Ok(()),
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List { unused_for, pages } => {
                let filter = unused_for.map(|days| format!("?unused_for_days={days}")).unwrap_or_default();
                let path = format!("{CLIENTS}{filter}");
                api.list(&ApiList { path, member: "clients", columns: &COLUMNS }, &pages).await
            }
            Self::Show { client } => {
                let client = named::client_id(api, &client).await?;
                api.show(&api.get(at(&client)?).await?, &FIRST)
            }
            Self::Create(args) => create(api, *args).await,
            Self::Update(args) => update(api, *args).await,
            Self::Delete { client, consent: _ } => {
                let client_id = named::client_id(api, &client).await?;
                api.send("DELETE", at(&client_id)?, RequestBody::Empty).await?;
                api.done(&format!("The client {client} was deleted, and its tokens have ended."));
                Ok(())
            }
            Self::Logo { client, file, remove } => logo(api, &client, (file, remove)).await,
            Self::RotateSecret { client, overlap, consent: _ } => {
                let client = named::client_id(api, &client).await?;
                let path = format!("{}/rotate-secret?overlap={overlap}", at(&client)?);
                api.show(&api.send("POST", path, RequestBody::Empty).await?, &FIRST)?;
                shown_once("The client's secret");
                Ok(())
            }
        }
    }
}
