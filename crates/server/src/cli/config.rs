//! `writ config`: whether a configuration is right, what holds, and what there is to set.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::boot::bootstrap::BootstrapValues;
use crate::config::settings::{Places, Slot, SlotForm, TakesEffect, ValueKind, slots};
use crate::config::{self, Config, ConfigProblem, Environment, Every, Flags, Settings, TlsMode, ValueOrigin};
use crate::serve::Tls;
use crate::state::master_key;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Report what is wrong with file, environment and flags, without starting the server
    Check(Box<ConfigArgs>),
    /// Show every setting and where it comes from, without secrets
    Show(Box<ConfigArgs>),
    /// Print the reference of all settings
    Reference(ReferenceArgs),
}

/// What would be given to `serve`.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(flatten)]
    settings: Flags<Every>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReferenceArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Check(args) => check(&args),
        ConfigCommand::Show(args) => show(&args),
        ConfigCommand::Reference(args) => reference(&args),
    }
}

fn print_json(value: &Value) -> anyhow::Result<()> {
    super::print(&format!("{value:#}\n"))
}

fn check(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let environment = Environment::of_process();
    let problems = problems(&Settings::gather(&args.settings, &environment));
    let warnings = environment.strangers(&super::variables());
    if args.json {
        print_json(&json!({
            "ok": problems.is_empty(),
            "problems": problems.iter().map(problem_json).collect::<Vec<_>>(),
            "warnings": warnings,
        }))?;
    } else {
        let warnings = warnings.iter().map(|warning| format!("warning: {warning}\n"));
        let errors = problems.iter().map(|problem| format!("error: {problem}\n"));
        let mut text: String = warnings.chain(errors).collect();
        if problems.is_empty() {
            text.push_str("The configuration is correct.\n");
        }
        super::print(&text)?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All that would keep a server from starting with these settings, as far as they alone can tell.
fn problems(settings: &Settings) -> Vec<ConfigProblem> {
    let config = match Config::of(settings) {
        Ok(config) => config,
        Err(error) => return error.problems,
    };
    let tls = match &config.front.tls {
        TlsMode::Files(files) => Tls::load(files.clone()).map(drop).map_err(|error| error.to_string()),
        TlsMode::Off | TlsMode::Development => Ok(()),
    };
    let key = master_key::check(&config.master_key, &config.data_dir).map_err(|error| format!("{error:#}"));
    let named =
        [("tls_cert", tls), ("master_key", key), ("data_dir", data_dir(&config)), first_start(&config)];
    let wrong = named.into_iter().filter_map(|(name, found)| Some(ConfigProblem::new(name, found.err()?)));
    wrong.map(|problem| placed(settings, problem)).collect()
}

/// The problem, with where the value was given.
fn placed(settings: &Settings, problem: ConfigProblem) -> ConfigProblem {
    let at = settings.find(&problem.name).map(|found| found.origin.clone());
    match at {
        Some(origin) => problem.at(origin),
        None => problem,
    }
}

/// The data folder is one, where it is there.
fn data_dir(config: &Config) -> Result<(), String> {
    let folder = &config.data_dir;
    if !folder.exists() || folder.is_dir() {
        return Ok(());
    }
    Err(format!("{} is no folder", folder.display()))
}

/// What the first start is given, where it is still to come.
fn first_start(config: &Config) -> (&'static str, Result<(), String>) {
    let is_past = config.database.is_some() || config.data_dir.join("writ.db").exists();
    let values = if is_past { Ok(()) } else { BootstrapValues::from_environment().map(drop) };
    ("first start", values.map_err(|error| format!("{error:#}")))
}

fn problem_json(problem: &ConfigProblem) -> Value {
    json!({
        "name": problem.name,
        "origin": problem.origin.as_ref().map(origin_json),
        "message": problem.why,
    })
}

fn origin_json(origin: &ValueOrigin) -> Value {
    match origin {
        ValueOrigin::Flag(flag) => json!({ "flag": format!("--{flag}") }),
        ValueOrigin::Variable(name) => json!({ "variable": name }),
        ValueOrigin::File { path, line } => json!({ "file": path, "line": line }),
        ValueOrigin::Default => json!("default"),
    }
}

fn show(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::gather(&args.settings, &Environment::of_process());
    // Nothing is run or opened to show what holds: that is for `check`.
    let problems = Config::of(&settings).map_or_else(|error| error.problems, |_| Vec::new());
    let mut held = Vec::new();
    for slot in slots() {
        let found = settings.effective(slot);
        let is_named = slot.form == SlotForm::Value && slot.setting.places != Places::FirstStart;
        let Some(found) = found else {
            if is_named {
                held.push((slot, None));
            }
            continue;
        };
        let text = if slot.is_shown() { found.raw.to_string() } else { "[redacted]".to_owned() };
        held.push((slot, Some((text, found.origin))));
    }
    if args.json {
        let list: Vec<Value> = held
            .iter()
            .map(|(slot, value)| {
                json!({
                    "name": slot.key(),
                    "value": value.as_ref().map(|(text, _)| text),
                    "origin": value.as_ref().map(|(_, origin)| origin_json(origin)),
                })
            })
            .collect();
        let problems: Vec<Value> = problems.iter().map(problem_json).collect();
        print_json(&json!({ "settings": list, "problems": problems }))?;
    } else {
        super::print(&table(&held))?;
        for problem in &problems {
            eprintln!("error: {problem}");
        }
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(held: &[(&Slot, Option<(String, ValueOrigin)>)]) -> String {
    let name_width = held.iter().map(|(slot, _)| slot.key().len()).max().unwrap_or_default();
    let values = held.iter().filter_map(|(_, value)| value.as_ref());
    let value_width = values.map(|(text, _)| text.chars().count()).max().unwrap_or_default().min(44);
    let mut text = String::new();
    for (slot, value) in held {
        let (value, origin) = match value {
            Some((value, origin)) => (value.as_str(), origin.to_string()),
            None => ("-", String::new()),
        };
        let line = format!("{:name_width$}  {value:value_width$}  {origin}", slot.key());
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn reference(args: &ReferenceArgs) -> anyhow::Result<ExitCode> {
    if args.json {
        let list: Vec<Value> = slots().iter().map(slot_json).collect();
        print_json(&json!({ "settings": list }))?;
    } else {
        super::print(&config::reference())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn slot_json(slot: &Slot) -> Value {
    use crate::config::settings::Fallback;
    let fallback = match (slot.form, slot.setting.fallback) {
        (SlotForm::Value, Fallback::Value(text) | Fallback::Described(text)) => Some(text),
        (SlotForm::Value, Fallback::Nothing) | (SlotForm::PathOf, _) => None,
    };
    let kind = match slot.kind() {
        ValueKind::Text => "text",
        ValueKind::Path => "path",
        ValueKind::Choice(_) => "choice",
        ValueKind::List => "list",
        ValueKind::Whole => "number",
        ValueKind::Switch => "switch",
    };
    json!({
        "name": slot.key(),
        "topic": slot.setting.topic.heading(),
        "in_file": slot.is_in_file(),
        "flag": slot.flag().map(|flag| format!("--{flag}")),
        "variable": slot.variable(),
        "kind": kind,
        "choices": match slot.kind() { ValueKind::Choice(words) => words, _ => &[] },
        "default": fallback,
        "secret": !slot.is_shown(),
        "reloaded_on_sighup": slot.setting.reload == TakesEffect::Hangup,
        "what": slot.setting.what,
    })
}
