//! Where a command finds its server, in which tenant it works, and how it answers: the flags that
//! all management commands share.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use zeroize::Zeroizing;

use crate::config::{self, Config, Flags};

/// The flags that all management commands share.
#[derive(Debug, Clone, Args)]
pub(super) struct ConnectFlags {
    /// The tenant: slug or id [default: the first one, or that of the API key]
    #[arg(long, global = true, value_name = "TENANT", env = "WRIT_TENANT", help_heading = "Which server")]
    pub tenant: Option<String>,
    /// Print the API's answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The URL of a server, instead of the one on this machine
    #[arg(long, global = true, value_name = "URL", env = "WRIT_SERVER", help_heading = "Which server")]
    pub server: Option<String>,
    /// The API key for --server; everybody on this machine can read it here, so prefer the file
    #[arg(
        long,
        global = true,
        value_name = "KEY",
        env = "WRIT_API_KEY",
        hide_env_values = true,
        help_heading = "Which server"
    )]
    api_key: Option<SecretInput>,
    /// A file with the API key for --server
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "WRIT_API_KEY_FILE",
        help_heading = "Which server"
    )]
    api_key_file: Option<PathBuf>,
    /// CA certificates (PEM) for --server, in addition to those of this machine
    #[arg(long, global = true, value_name = "FILE", env = "WRIT_CA_FILE", help_heading = "Which server")]
    pub ca_file: Option<PathBuf>,
    #[command(flatten)]
    kept: LocalSettings,
}

/// The settings that say where the server of this machine keeps things, for every command of a group.
#[derive(Debug, Clone)]
struct LocalSettings(Flags<config::StoragePlaces>);

impl Args for LocalSettings {
    fn augment_args(command: Command) -> Command {
        let own = Flags::<config::StoragePlaces>::augment_args(Command::new("place"));
        let everywhere = |argument: &Arg| argument.clone().global(true).help_heading("Which server");
        command.args(own.get_arguments().map(everywhere).collect::<Vec<_>>())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LocalSettings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl ConnectFlags {
    /// The settings that the server of this machine would run with.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.kept.0)?)
    }

    /// The API key, from where it is named.
    pub(super) fn api_key(&self) -> anyhow::Result<Option<SecretInput>> {
        if let Some(key) = self.api_key.clone().filter(|key| !key.expose().is_empty()) {
            return Ok(Some(key));
        }
        let Some(path) = &self.api_key_file else { return Ok(None) };
        SecretInput::read(path)
            .with_context(|| format!("the API key's file {} cannot be read", path.display()))
            .map(Some)
    }
}

/// A secret on its way from the command line to a request.
#[derive(Clone)]
pub(super) struct SecretInput(Zeroizing<String>);

impl SecretInput {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The first line of a file.
    pub(super) fn read(path: &std::path::Path) -> std::io::Result<Self> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        Ok(Self::new(text.lines().next().unwrap_or_default().trim().to_owned()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretInput {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text.to_owned()))
    }
}

impl std::fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}
