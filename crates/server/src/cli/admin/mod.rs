//! The management commands: each a few requests of the management API.

mod allow_list;
mod api_key;
mod audit;
mod client;
mod client_settings;
mod key;
mod named;
mod registration_token;
mod role;
mod scope;
mod session;
mod tenant;
mod token;
mod user;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::api::Api;
use super::place::Place;
use super::rewrap;

pub(super) use key::RewrapArgs;

/// The management commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tenants: each with its own users, clients, keys and settings
    Tenant(Group<tenant::Command>),
    /// Roles: named sets of permissions
    Role(Group<role::Command>),
    /// Clients: applications that get tokens
    Client(Group<client::Command>),
    /// Initial access tokens: with them, applications register themselves
    RegistrationToken(Group<registration_token::Command>),
    /// Scopes: what clients can ask for
    Scope(Group<scope::Command>),
    /// Users: people who sign in
    User(Group<user::Command>),
    /// Sessions: who is signed in
    Session(Group<session::Command>),
    /// The audit log: who did what
    Audit(Group<audit::Command>),
    /// API keys: credentials for programs that manage the server
    ApiKey(Group<api_key::Command>),
    /// Signing keys, and the master key that encrypts them
    Key(Group<key::Command>),
    /// Access tokens: get, inspect and revoke them
    Token(Group<token::Command>),
}

/// A group of commands, and the flags that all of them share.
#[derive(Debug, Args)]
pub(super) struct Group<C: Subcommand> {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: C,
}

/// A command.
pub(super) trait Act {
    /// Whether it is wanted, asked before anything is opened.
    fn consent(&self) -> anyhow::Result<()>;
    /// Does it.
    async fn act(self, api: &Api) -> anyhow::Result<()>;
}

/// Does what a command says.
pub(super) fn run(command: Command) -> anyhow::Result<()> {
    // What the server would put into its log, in case it is this process that fails.
    let logs = tracing_subscriber::fmt().with_env_filter("error").with_writer(std::io::stderr);
    let _ = logs.without_time().with_target(false).try_init();
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not be started")?;
    match command {
        Command::Tenant(group @ Group { command: tenant::Command::Own { .. }, .. }) => {
            runtime.block_on(group.run())
        }
        // Which tenant it is about stands in the command.
        Command::Tenant(group) => runtime.block_on(group.without_tenant().run()),
        Command::Role(group) => runtime.block_on(group.run()),
        Command::Client(group) => runtime.block_on(group.run()),
        Command::RegistrationToken(group) => runtime.block_on(group.run()),
        Command::Scope(group) => runtime.block_on(group.run()),
        Command::User(group) => runtime.block_on(group.run()),
        Command::Session(group) => runtime.block_on(group.run()),
        Command::Audit(group) => runtime.block_on(group.run()),
        Command::ApiKey(group) => runtime.block_on(group.run()),
        Command::Key(Group { place, command: key::Command::Rewrap(args) }) => rewrap::run(&place, &args),
        Command::Key(group) => runtime.block_on(group.run()),
        // A client is its tenant's, wherever it asks.
        Command::Token(group @ Group { command: token::Command::Get(_), .. }) => {
            runtime.block_on(token::get(group.place, group.command))
        }
        Command::Token(group) => runtime.block_on(group.run()),
    }
}

impl<C: Act + Subcommand> Group<C> {
    fn without_tenant(mut self) -> Self {
        self.place.tenant = None;
        self
    }

    async fn run(self) -> anyhow::Result<()> {
        self.command.consent()?;
        let api = Api::open(&self.place).await?;
        let done = self.command.act(&api).await;
        api.close().await;
        done
    }
}

/// A secret of the answer that nobody can read again.
fn shown_once(what: &str) {
    eprintln!("{what} is shown only once. Save it now.");
}
