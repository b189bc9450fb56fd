//! `writ user`.

use clap::Subcommand;
use serde_json::Value;

use super::{Act, named};
use crate::cli::api::{Api, Members, query, segment};
use crate::cli::list::{List, Pages};
use crate::cli::prompt::{self, Consent};
use crate::cli::show::Column;
use crate::cli::transport::Body;

const PATH: &str = "/api/v1/users";
const COLUMNS: [Column; 6] = [
    Column("USERNAME", "username"),
    Column("NAME", "name"),
    Column("ROLES", "roles"),
    Column("ENABLED", "enabled"),
    Column("LAST SIGN-IN", "last_login_at"),
    Column("ID", "id"),
];
const FIRST: [&str; 5] = ["username", "id", "name", "email", "roles"];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Show the users of a tenant
    List {
        /// Only the one whom tokens call so
        #[arg(long)]
        sub: Option<String>,
        /// Only those whose username, address or name has this text in it
        #[arg(long, value_name = "TEXT", conflicts_with = "sub")]
        search: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Show a user
    Show {
        /// The username, or the id
        user: String,
    },
    /// Make a user; the password is asked for, or read as a line from standard input
    Create {
        /// The username
        username: String,
        /// The email address [default: the username, where it is one]
        #[arg(long)]
        email: Option<String>,
        /// The full name
        #[arg(long)]
        name: Option<String>,
        /// A role; several times or with commas [default: user]
        #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
        roles: Vec<String>,
        /// The email address is known to be theirs: nobody has to confirm it
        #[arg(long)]
        verified: bool,
    },
    /// Change a user
    Update {
        /// The username, or the id
        user: String,
        /// Another username, where that is an email address: the same as --email
        #[arg(long)]
        username: Option<String>,
        /// Another email address; a username that is one follows
        #[arg(long)]
        email: Option<String>,
        /// Another full name
        #[arg(long)]
        name: Option<String>,
        /// The email address is known to be theirs: nobody has to confirm it
        #[arg(long)]
        verified: bool,
        /// Forget the email address that waits to be confirmed
        #[arg(long)]
        cancel_email_change: bool,
    },
    /// Give a user these roles and no others
    SetRoles {
        /// The username, or the id
        user: String,
        /// The roles; none takes all away
        roles: Vec<String>,
    },
    /// Set a password; it is asked for, or read as a line from standard input
    SetPassword {
        /// The username, or the id
        user: String,
    },
    /// Send a user a mail with a link to set a new password
    SendReset {
        /// The username, or the id
        user: String,
    },
    /// Let a user sign in again
    Enable {
        /// The username, or the id
        user: String,
    },
    /// Let a user sign in no more, and end all sessions and tokens
    Disable {
        /// The username, or the id
        user: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Remove a user and all sessions and tokens
    Delete {
        /// The username, or the id
        user: String,
        #[command(flatten)]
        consent: Consent,
    },
}

/// The path of a user, by id or by name.
async fn path(api: &Api, user: &str) -> anyhow::Result<String> {
    Ok(format!("{PATH}/{}", segment(&named::user_id(api, user).await?)?))
}

async fn change(api: &Api, user: &str, members: Members) -> anyhow::Result<()> {
    let body = members.into_change()?;
    api.show(&api.send("PUT", path(api, user).await?, body).await?, &FIRST)
}

impl Act for Command {
    fn consent(&self) -> anyhow::Result<()> {
        match self {
            Self::List { .. }
            | Self::Show { .. }
            | Self::Create { .. }
            | Self::Update { .. }
            | Self::SetRoles { .. }
            | Self::SetPassword { .. }
            | Self::SendReset { .. }
            | Self::Enable { .. } => Ok(()),
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
                api.list(&List { path, member: "users", columns: &COLUMNS }, &pages).await
            }
            Self::Show { user } => api.show(&api.get(path(api, &user).await?).await?, &FIRST),
            Self::Create { username, email, name, roles, verified } => {
                let password = prompt::secret("Password")?;
                let members = Members::default().with("username", Some(username)).with("email", email);
                let members = members.with("name", name).with_list("roles", &roles);
                let members = members.with("email_verified", verified.then_some(true));
                let body = members.with("password", Some(password.expose())).into_body();
                api.show(&api.send("POST", PATH, body).await?, &FIRST)
            }
            Self::Update { user, username, email, name, verified, cancel_email_change } => {
                let members = Members::default().with("username", username).with("email", email);
                let members = members.with("name", name).with("email_verified", verified.then_some(true));
                let forgotten = cancel_email_change.then_some(Value::Null);
                change(api, &user, members.with("pending_email", forgotten)).await
            }
            Self::SetRoles { user, roles } => {
                change(api, &user, Members::default().with("roles", Some(roles))).await
            }
            Self::SetPassword { user } => {
                let password = prompt::secret("New password")?;
                change(api, &user, Members::default().with("password", Some(password.expose()))).await
            }
            Self::SendReset { user } => {
                let username = named::username(api, &user).await?;
                let body = Members::default().with("username", Some(username)).into_body();
                api.send("POST", format!("{PATH}/reset-password"), body).await?;
                // The API answers the same for somebody who has none.
                api.done(&format!("If {user} has an email address, a mail is on its way."));
                Ok(())
            }
            Self::Enable { user } => change(api, &user, Members::default().with("enabled", Some(true))).await,
            Self::Disable { user, consent: _ } => {
                change(api, &user, Members::default().with("enabled", Some(Value::Bool(false)))).await
            }
            Self::Delete { user, consent: _ } => {
                api.send("DELETE", path(api, &user).await?, Body::Empty).await?;
                api.done(&format!("{user} is gone."));
                Ok(())
            }
        }
    }
}
