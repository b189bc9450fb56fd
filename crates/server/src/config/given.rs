//! What was given, by flags, environment and file, before anybody asks whether it makes sense.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use zeroize::Zeroizing;

use super::file;
use super::problem::{ConfigProblem, ValueOrigin, did_you_mean};
use super::settings::{Fallback, Setting, Slot, SlotForm, ValueKind, is_place, slot, slots};

/// A value of the type of its setting.
#[derive(Clone, PartialEq, Eq)]
pub enum Raw {
    /// For [`ValueKind::Text`], [`ValueKind::Path`] and [`ValueKind::Choice`].
    Text(String),
    /// For [`ValueKind::List`].
    List(Vec<String>),
    /// For [`ValueKind::Whole`].
    Whole(u64),
    /// For [`ValueKind::Switch`].
    Switch(bool),
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It may be a secret.
        f.write_str("[redacted]")
    }
}

impl Raw {
    /// From the text of a flag, a variable or the table; else what it must be. The text is not repeated.
    pub(super) fn of_text(kind: ValueKind, text: &str) -> Result<Self, String> {
        let text = text.trim();
        match kind {
            ValueKind::Text | ValueKind::Path => Ok(Self::Text(text.to_owned())),
            ValueKind::Choice(words) => {
                let word = words.iter().find(|word| **word == text);
                word.map(|word| Self::Text((*word).to_owned()))
                    .ok_or_else(|| format!("must be one of {}", words.join(", ")))
            }
            ValueKind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(Self::List(items.map(str::to_owned).collect()))
            }
            ValueKind::Whole => {
                text.parse().map(Self::Whole).map_err(|_| "must be a whole number, 0 or more".to_owned())
            }
            ValueKind::Switch => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(Self::Switch(true)),
                "false" | "no" | "off" | "0" => Ok(Self::Switch(false)),
                _ => Err("must be true or false".to_owned()),
            },
        }
    }
}

impl std::fmt::Display for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
        }
    }
}

/// A value and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundValue {
    /// The value.
    pub raw: Raw,
    /// Where it was given.
    pub origin: ValueOrigin,
}

/// What was given in one way, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer(BTreeMap<String, FoundValue>);

impl Layer {
    pub(super) fn put(&mut self, key: String, raw: Raw, origin: ValueOrigin) {
        self.0.insert(key, FoundValue { raw, origin });
    }

    fn get(&self, slot: &Slot) -> Option<&FoundValue> {
        self.0.get(&slot.key())
    }
}

/// Which settings a command takes as flags.
pub trait Selection {
    /// Whether it takes this one.
    fn takes(setting: &Setting) -> bool;
}

/// All settings: `serve`, and what judges a set-up.
#[derive(Debug, Clone, Default)]
pub struct Every;

impl Selection for Every {
    fn takes(_: &Setting) -> bool {
        true
    }
}

/// Those that say where things are kept: commands that look into them.
#[derive(Debug, Clone, Default)]
pub struct StoragePlaces;

impl Selection for StoragePlaces {
    fn takes(setting: &Setting) -> bool {
        is_place(setting)
    }
}

/// The flags of settings on a command line, made from the table: `#[command(flatten)] settings: Flags<Every>`.
#[derive(Debug, Clone, Default)]
pub struct Flags<S> {
    texts: Vec<(&'static Slot, String)>,
    of: PhantomData<S>,
}

impl<S: Selection> Args for Flags<S> {
    fn augment_args(command: Command) -> Command {
        let taken = slots().iter().filter(|slot| S::takes(slot.setting));
        command.args(taken.filter_map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A slot as clap knows it.
fn argument(slot: &Slot) -> Option<Arg> {
    let flag = slot.flag()?;
    let argument = Arg::new(flag.clone()).long(flag).help(help(slot));
    let argument = argument.help_heading(slot.setting.topic.heading());
    Some(match slot.kind() {
        ValueKind::Switch => argument.action(ArgAction::SetTrue),
        ValueKind::List => argument.value_name(slot.value()).action(ArgAction::Append),
        ValueKind::Choice(words) => {
            argument.value_name(slot.value()).value_parser(PossibleValuesParser::new(words))
        }
        ValueKind::Path => argument.value_name(slot.value()).value_hint(clap::ValueHint::AnyPath),
        ValueKind::Text | ValueKind::Whole => argument.value_name(slot.value()),
    })
}

/// The first sentence of what a setting does: the rest stands on the reference page.
fn help(slot: &Slot) -> String {
    // In the text as it stands: what is between backticks ends no sentence.
    let what = slot.setting.what.split_once(". ").map_or(slot.setting.what, |(first, _)| first);
    let what = what.replace('`', "");
    let fallback = match (slot.form, slot.setting.fallback) {
        (SlotForm::Value, Fallback::Value(value)) if slot.kind() != ValueKind::Switch => {
            format!(" [default: {value}]")
        }
        (SlotForm::Value, Fallback::Described(text)) => format!(" [default: {}]", text.replace('`', "")),
        (SlotForm::Value | SlotForm::PathOf, _) => String::new(),
    };
    let what = match slot.form {
        SlotForm::Value => what,
        SlotForm::PathOf => format!("A file with the value of {}", slot.setting.key),
    };
    format!("{what}{fallback} [env: {}]", slot.variable())
}

impl<S: Selection> FromArgMatches for Flags<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut texts = Vec::new();
        for slot in slots().iter().filter(|slot| S::takes(slot.setting)) {
            let Some(flag) = slot.flag() else { continue };
            if slot.kind() == ValueKind::Switch {
                if matches.get_flag(&flag) {
                    texts.push((slot, "true".to_owned()));
                }
                continue;
            }
            let values: Vec<String> = matches.get_many(&flag).into_iter().flatten().cloned().collect();
            if !values.is_empty() {
                texts.push((slot, values.join(",")));
            }
        }
        Ok(Self { texts, of: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<S: Selection> Flags<S> {
    /// The same flags for what takes all settings.
    pub fn widened(self) -> Flags<Every> {
        Flags { texts: self.texts, of: PhantomData }
    }

    /// Sets one, as if it stood on the command line.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        if let Some(slot) = slot(key) {
            self.texts.push((slot, value.into()));
        }
        self
    }

    fn layer(&self, problems: &mut Vec<ConfigProblem>) -> Layer {
        let mut layer = Layer::default();
        for (slot, text) in &self.texts {
            let origin = ValueOrigin::Flag(slot.flag().unwrap_or_default());
            convert(slot, text, origin, (&mut layer, problems));
        }
        layer
    }
}

fn convert(slot: &Slot, text: &str, origin: ValueOrigin, into: (&mut Layer, &mut Vec<ConfigProblem>)) {
    let (layer, problems) = into;
    match Raw::of_text(slot.kind(), text) {
        Ok(raw) => layer.put(slot.key(), raw, origin),
        Err(why) => problems.push(ConfigProblem::new(slot.key(), why).at(origin)),
    }
}

/// The variables of the environment that begin with `WRIT_`. An empty one is as good as none.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, Zeroizing<String>>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// The environment of this process. What is not Unicode is left out.
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::of(pairs)
    }

    /// From pairs.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = pairs.into_iter().filter(|(name, value)| name.starts_with("WRIT_") && !value.is_empty());
        Self(ours.map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }

    fn layer(&self, problems: &mut Vec<ConfigProblem>) -> Layer {
        let mut layer = Layer::default();
        for slot in slots() {
            let name = slot.variable();
            if let Some(text) = self.0.get(&name).filter(|text| !is_link(&name, text)) {
                convert(slot, text, ValueOrigin::Variable(name), (&mut layer, problems));
            }
        }
        layer
    }

    /// Variables that nobody reads, each with a hint. `also` are names that somebody beside the table reads.
    pub fn strangers(&self, also: &[String]) -> Vec<String> {
        let own: Vec<String> = slots().iter().map(Slot::variable).collect();
        let known: Vec<&str> = own.iter().chain(also).map(String::as_str).collect();
        let strange = self.0.iter().filter(|(name, text)| {
            let is_test = name.starts_with("WRIT_TEST_");
            !known.contains(&name.as_str()) && !is_test && !is_link(name, text)
        });
        strange
            .map(|(name, _)| {
                format!("{name} is not a variable of writ{}", did_you_mean(name, known.iter().copied()))
            })
            .collect()
    }
}

/// What Kubernetes, and Docker links, set in every container for a service that is called `writ` or `writ-…`: nobody gave
/// it to this program, whatever setting its name would be.
fn is_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|start| value.starts_with(start));
    if let Some((_, rest)) = name.split_once("_PORT_") {
        let parts: Vec<_> = rest.split('_').collect();
        if let [port, "TCP" | "UDP" | "SCTP", ..] = parts.as_slice() {
            return port.bytes().all(|byte| byte.is_ascii_digit());
        }
    }
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_address)
}

/// A secret, or the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The secret itself.
    Here(Zeroizing<String>),
    /// It is in this file.
    In(PathBuf),
}

/// All that was given, the strongest layer first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    layers: [Layer; 3],
    /// What is wrong with it already.
    pub(crate) problems: Vec<ConfigProblem>,
}

impl Settings {
    /// Gathers flags, environment and the file that one of them names.
    pub fn gather<S: Selection>(flags: &Flags<S>, environment: &Environment) -> Self {
        let mut problems = Vec::new();
        let flags = flags.layer(&mut problems);
        let environment = environment.layer(&mut problems);
        let mut settings = Self { layers: [flags, environment, Layer::default()], problems };
        let path = settings.find("config").map(|found| found.raw.to_string());
        if let (Some(path), [_, _, file]) = (path, &mut settings.layers) {
            *file = file::read(Path::new(&path), &mut settings.problems);
        }
        settings
    }

    /// What was given under a key, by the strongest layer that has it.
    pub fn find(&self, key: &str) -> Option<&FoundValue> {
        self.found(slot(key)?)
    }

    /// What was given in a slot.
    pub fn found(&self, slot: &Slot) -> Option<&FoundValue> {
        self.layers.iter().find_map(|layer| layer.get(slot))
    }

    /// What holds in a slot: what was given there, or the default. A secret that is given in the other form by
    /// a stronger layer is overridden, and is not there.
    pub fn effective(&self, slot: &Slot) -> Option<FoundValue> {
        for layer in &self.layers {
            if let Some(found) = layer.get(slot) {
                return Some(found.clone());
            }
            if slots().iter().any(|other| other.setting.key == slot.setting.key && layer.get(other).is_some())
            {
                return None;
            }
        }
        match (slot.form, slot.setting.fallback) {
            (SlotForm::Value, Fallback::Value(text)) => {
                let raw = Raw::of_text(slot.kind(), text).ok()?;
                Some(FoundValue { raw, origin: ValueOrigin::Default })
            }
            (SlotForm::Value | SlotForm::PathOf, _) => None,
        }
    }

    /// A secret and where it was given. Both forms in one layer contradict each other.
    pub(crate) fn secret(&self, key: &str) -> Result<Option<(SecretSource, ValueOrigin)>, ConfigProblem> {
        let Some(slot) = slot(key) else { return Ok(None) };
        let both = [SlotForm::Value, SlotForm::PathOf].map(|form| Slot { setting: slot.setting, form });
        for layer in &self.layers {
            match both.map(|slot| layer.get(&slot)) {
                [None, None] => {}
                [Some(found), None] => {
                    let here = SecretSource::Here(Zeroizing::new(found.raw.to_string()));
                    return Ok(Some((here, found.origin.clone())));
                }
                [None, Some(found)] => {
                    let path = SecretSource::In(PathBuf::from(found.raw.to_string()));
                    return Ok(Some((path, found.origin.clone())));
                }
                [Some(one), Some(other)] => {
                    let why = format!(
                        "is given twice, here and in the file that {} names: take one, not more",
                        other.origin
                    );
                    return Err(ConfigProblem::new(key, why).at(one.origin.clone()));
                }
            }
        }
        Ok(None)
    }

    /// A secret, read from its file where it is in one.
    ///
    /// # Errors
    /// Where it is given twice, or its file cannot be read.
    pub fn revealed(&self, key: &str) -> Result<Option<Zeroizing<String>>, ConfigProblem> {
        match self.secret(key)? {
            None => Ok(None),
            Some((SecretSource::Here(text), _)) => Ok(Some(text)),
            Some((SecretSource::In(path), origin)) => {
                let text = std::fs::read_to_string(&path).map(Zeroizing::new).map_err(|why| {
                    let why = format!("names {}, which cannot be read: {why}", path.display());
                    ConfigProblem::new(format!("{key}_file"), why).at(origin)
                })?;
                let text = text.trim_end_matches(['\r', '\n']);
                Ok(Some(Zeroizing::new(text.to_owned())).filter(|text| !text.is_empty()))
            }
        }
    }
}
