//! The management commands: each a few requests of the management API.

mod allow_list;
mod api_key;
mod audit;
mod client;
mod client_settings;
mod group;
mod identity_provider;
mod import;
mod key;
mod look;
mod named;
mod registration_token;
mod resource;
mod role;
mod scope;
mod session;
mod tenant;
mod token;
mod user;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::api::Api;
use super::place::ConnectFlags;
use super::rewrap;

pub(super) use key::RewrapArgs;

/// The management commands.
#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Tenants: each with its own users, clients, keys and settings
    Tenant(CommandGroup<tenant::TenantCommand>),
    /// Roles: named sets of permissions
    Role(CommandGroup<role::RoleCommand>),
    /// Groups of users, which applications are told of
    Group(CommandGroup<group::GroupCommand>),
    /// Clients: applications that get tokens
    Client(CommandGroup<client::ClientCommand>),
    /// Initial access tokens: with them, applications register themselves
    RegistrationToken(CommandGroup<registration_token::RegistrationTokenCommand>),
    /// Resources: the APIs that access tokens are for
    Resource(CommandGroup<resource::ResourceCommand>),
    /// Identity providers: other servers at which people sign in
    IdentityProvider(CommandGroup<identity_provider::IdentityProviderCommand>),
    /// Scopes: what clients can ask for
    Scope(CommandGroup<scope::ScopeCommand>),
    /// Users: people who sign in
    User(CommandGroup<user::UserCommand>),
    /// Sessions: who is signed in
    Session(CommandGroup<session::SessionCommand>),
    /// The audit log: who did what
    Audit(CommandGroup<audit::AuditCommand>),
    /// API keys: credentials for programs that manage the server
    ApiKey(CommandGroup<api_key::ApiKeyCommand>),
    /// Signing keys, and the master key that encrypts them
    Key(CommandGroup<key::KeyCommand>),
    /// Access tokens: get, inspect and revoke them
    Token(CommandGroup<token::TokenCommand>),
}

/// A group of commands, and the flags that all of them share.
#[derive(Debug, Args)]
pub(super) struct CommandGroup<C: Subcommand> {
    #[command(flatten)]
    place: ConnectFlags,
    #[command(subcommand)]
    command: C,
}

/// A command.
pub(super) trait Perform {
    /// Whether it is wanted, asked before anything is opened.
    fn consent(&self) -> anyhow::Result<()>;
    /// Does it.
    async fn act(self, api: &Api) -> anyhow::Result<()>;
}

/// Does what a command says.
pub(super) fn run(command: AdminCommand) -> anyhow::Result<()> {
    // What the server would put into its log, in case it is this process that fails.
    let logs = tracing_subscriber::fmt().with_env_filter("error").with_writer(std::io::stderr);
    let _ = logs.without_time().with_target(false).try_init();
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not be started")?;
    match command {
        AdminCommand::Tenant(group @ CommandGroup { command: tenant::TenantCommand::Own { .. }, .. }) => {
            runtime.block_on(group.run())
        }
        // Which tenant it is about stands in the command.
        AdminCommand::Tenant(group) => runtime.block_on(group.without_tenant().run()),
        AdminCommand::Role(group) => runtime.block_on(group.run()),
        AdminCommand::Group(group) => runtime.block_on(group.run()),
        AdminCommand::Client(group) => runtime.block_on(group.run()),
        AdminCommand::RegistrationToken(group) => runtime.block_on(group.run()),
        AdminCommand::Resource(group) => runtime.block_on(group.run()),
        AdminCommand::IdentityProvider(group) => runtime.block_on(group.run()),
        AdminCommand::Scope(group) => runtime.block_on(group.run()),
        AdminCommand::User(group) => runtime.block_on(group.run()),
        AdminCommand::Session(group) => runtime.block_on(group.run()),
        AdminCommand::Audit(group) => runtime.block_on(group.run()),
        AdminCommand::ApiKey(group) => runtime.block_on(group.run()),
        AdminCommand::Key(CommandGroup { place, command: key::KeyCommand::Rewrap(args) }) => {
            rewrap::run(&place, &args)
        }
        AdminCommand::Key(group) => runtime.block_on(group.run()),
        // A client is its tenant's, wherever it asks.
        AdminCommand::Token(group @ CommandGroup { command: token::TokenCommand::Get(_), .. }) => {
            runtime.block_on(token::get(group.place, group.command))
        }
        AdminCommand::Token(group) => runtime.block_on(group.run()),
    }
}

impl<C: Perform + Subcommand> CommandGroup<C> {
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
