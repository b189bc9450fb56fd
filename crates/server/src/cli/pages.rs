//! What is made from the command line itself: completions for shells, man pages, help.

use std::process::ExitCode;

use clap::{Args, Command, ValueEnum};
use clap_complete::generate;
use clap_mangen::Man;

/// A shell that completes commands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Shell {
    /// Into /usr/share/bash-completion/completions/writ
    Bash,
    /// Into _writ, in a folder of $fpath
    Zsh,
    /// Into ~/.config/fish/completions/writ.fish
    Fish,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let shell = match args.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut super::command(), "writ", &mut script);
    super::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// A page about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandPage {
    /// The command with hyphens: `writ-config-check`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The command line as it is written down: without what is hidden, and without this process's environment.
fn documented() -> Command {
    fn plain(command: Command) -> Command {
        let command = command.mut_args(|argument| argument.hide_env_values(true)).term_width(100);
        let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, plain))
    }
    let mut command = plain(super::command()).disable_help_subcommand(true);
    command.build();
    command
}

fn walk(command: &Command, name: &str, each: &mut impl FnMut(&Command, &str)) {
    each(command, name);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        walk(below, &format!("{name}-{}", below.get_name()), each);
    }
}

/// A man page for every command.
///
/// # Errors
/// None that a text in memory can have.
pub fn man_pages() -> std::io::Result<Vec<CommandPage>> {
    let mut pages = Vec::new();
    let mut failed = None;
    walk(&documented(), "writ", &mut |command, name| {
        let mut text = Vec::new();
        let man = Man::new(command.clone()).title(name).manual("Writ").source("Writ");
        match man.render(&mut text) {
            Ok(()) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                pages.push(CommandPage { name: name.to_owned(), text });
            }
            Err(error) => failed = Some(error),
        }
    });
    failed.map_or(Ok(pages), Err)
}

/// What `--help` says, of every command.
pub fn help() -> Vec<CommandPage> {
    let mut pages = Vec::new();
    walk(&documented(), "writ", &mut |command, name| {
        let text = command.clone().render_long_help().to_string();
        pages.push(CommandPage { name: name.to_owned(), text });
    });
    pages
}
