//! `writ user`.

use clap::Subcommand;
use serde_json::Value;

use super::import::{self, ImportArgs};
use super::{Perform, named};
use crate::cli::api::{Api, BodyMembers, query, segment};
use crate::cli::list::{ApiList, Pages};
use crate::cli::prompt::{self, ConfirmFlag};
use crate::cli::show::TableColumn;
use crate::cli::transport::RequestBody;

pub(super) const PATH: &str = "/api/v1/users";
const COLUMNS: [TableColumn; 6] = [
    TableColumn("USERNAME", "username"),
    TableColumn("NAME", "name"),
    TableColumn("ROLES", "roles"),
    TableColumn("ENABLED", "enabled"),
    TableColumn("LAST SIGN-IN", "last_login_at"),
    TableColumn("ID", "id"),
];
const FIRST: [&str; 5] = ["username", "id", "name", "email", "roles"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserCommand {
    /// List the users of a tenant
    List {
        /// Only the user with this `sub` in tokens
        #[arg(long)]
        sub: Option<String>,
        /// Only users whose username, address or name contains this text
        #[arg(long, value_name = "TEXT", conflicts_with = "sub")]
        search: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Show a user
    Show {
        /// The username, verified address or id
        user: String,
    },
    /// Create a user; asks for the password twice, or reads it from standard input
    Create {
        /// The username
        username: String,
        /// The email address [default: the username, if it is one]
        #[arg(long)]
        email: Option<String>,
        /// The full name
        #[arg(long)]
        name: Option<String>,
        /// A role; repeat it, or separate with commas [default: user]
        #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
        roles: Vec<String>,
        /// The email address is verified; nobody has to confirm it
        #[arg(long)]
        verified: bool,
    },
    /// Import people with the hashes of their passwords; whoever is there already stays as they are
    Import(ImportArgs),
    /// Change a user
    Update {
        /// The username, verified address or id
        user: String,
        /// A new username, if it is an email address; the same as --email
        #[arg(long)]
        username: Option<String>,
        /// A new email address; a username that is an address changes too
        #[arg(long)]
        email: Option<String>,
        /// A new full name
        #[arg(long)]
        name: Option<String>,
        /// The email address is verified; nobody has to confirm it
        #[arg(long)]
        verified: bool,
        /// Cancel an email change that is not confirmed yet
        #[arg(long)]
        cancel_email_change: bool,
        /// Keep an account that its owner has deleted, while it is still there
        #[arg(long)]
        cancel_deletion: bool,
    },
    /// Set the roles of a user
    SetRoles {
        /// The username, verified address or id
        user: String,
        /// The roles; without any, all are removed
        roles: Vec<String>,
    },
    /// Set a password; asks for it twice, or reads it from standard input
    SetPassword {
        /// The username, verified address or id
        user: String,
    },
    /// Mail a user a link to set a new password
    SendReset {
        /// The username, verified address or id
        user: String,
    },
    /// Show what a user proves besides the password
    Factors {
        /// The username, verified address or id
        user: String,
    },
    /// Remove all second factors of a user who has lost them; the password stays
    ResetFactors {
        /// The username, verified address or id
        user: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// Enable a user again
    Enable {
        /// The username, verified address or id
        user: String,
    },
    /// Disable a user, and end all sessions and tokens
    Disable {
        /// The username, verified address or id
        user: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
    /// Delete a user, and end all sessions and tokens
    Delete {
        /// The username, verified address or id
        user: String,
        #[command(flatten)]
        consent: ConfirmFlag,
    },
}

/// The path of a user, by id or by name.
async fn path(api: &Api, user: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::user_id(api, user).await?)?))
}

async fn change(api: &Api, user: &str, members: BodyMembers) -> anyhow::Result<()> {
    let body = members.into_change()?;
    api.show(&api.send("PUT", path(api, user).await?, body).await?, &FIRST)
}

impl Perform for UserCommand {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List { .. }
            | Self::Show { .. }
            | Self::Create { .. }
            | Self::Import(_)
            | Self::Update { .. }
            | Self::SetRoles { .. }
            | Self::SetPassword { .. }
            | Self::SendReset { .. }
            | Self::Factors { .. }
            | Self::Enable { .. } => Ok(()),
            Self::ResetFactors { user, consent } => {
                consent.to(&format!("Remove all second factors of {user}"))
            }
            Self::Disable { user, consent } => {
                consent.to(&format!("Disable {user} and end all sessions and tokens"))
            }
            Self::Delete { user, consent } => {
                consent.to(&format!("Remove {user} and all sessions and tokens"))
            }
        }
    }

    async fn act(self, api: &Api) -> anyhow::Result<()> {
        match self {
            Self::List { sub, search, pages } => {
                let path = format!("{PATH}{}", query(&[("sub", sub), ("search", search)]));
                api.list(&ApiList { path, member: "users", columns: &COLUMNS }, &pages).await
            }
            Self::Show { user } => api.show(&api.get(path(api, &user).await?).await?, &FIRST),
            Self::Create { username, email, name, roles, verified } => {
                let password = prompt::new_secret("Password")?;
                let members = BodyMembers::default().with("username", Some(username)).with("email", email);
                let members = members.with("name", name).with_list("roles", &roles);
                let members = members.with("email_verified", verified.then_some(true));
                let body = members.with("password", Some(password.expose())).into_body();
                api.show(&api.send("POST", PATH, body).await?, &FIRST)
            }
            Self::Import(args) => import::run(api, &args).await,
            Self::Update { user, username, email, name, verified, cancel_email_change, cancel_deletion } => {
                let members = BodyMembers::default().with("username", username).with("email", email);
                let members = members.with("name", name).with("email_verified", verified.then_some(true));
                let forgotten = cancel_email_change.then_some(Value::Null);
                let members = members.with("leaves_at", cancel_deletion.then_some(Value::Null));
                change(api, &user, members.with("pending_email", forgotten)).await
            }
            Self::SetRoles { user, roles } => {
                change(api, &user, BodyMembers::default().with("roles", Some(roles))).await
            }
            Self::SetPassword { user } => {
                let password = prompt::new_secret("New password")?;
                change(api, &user, BodyMembers::default().with("password", Some(password.expose()))).await
            }
            Self::SendReset { user } => {
                let username = named::username(api, &user).await?;
                let body = BodyMembers::default().with("username", Some(username)).into_body();
                api.send("POST", format!("{PATH}/reset-password"), body).await?;
                // The API answers the same for somebody who has none.
                api.done(&format!("If {user} has an email address, a mail is on its way."));
                Ok(())
            }
            Self::Factors { user } => {
                let path = format!("{}/factors", path(api, &user).await?);
                api.show(&api.get(path).await?, &["factors", "recovery_codes_left"])
            }
            Self::ResetFactors { user, consent: _ } => {
                let path = format!("{}/factors", path(api, &user).await?);
                api.send("DELETE", path, RequestBody::Empty).await?;
                api.done(&format!("{user} signs in with the password alone."));
                Ok(())
            }
            Self::Enable { user } => {
                change(api, &user, BodyMembers::default().with("enabled", Some(true))).await
            }
            Self::Disable { user, consent: _ } => {
                change(api, &user, BodyMembers::default().with("enabled", Some(Value::Bool(false)))).await
            }
            Self::Delete { user, consent: _ } => {
                api.send("DELETE", path(api, &user).await?, RequestBody::Empty).await?;
                api.done(&format!("{user} was deleted."));
                Ok(())
            }
        }
    }
}
