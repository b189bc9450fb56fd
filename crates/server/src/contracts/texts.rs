//! A tenant's own texts, as its settings show and take them: by language, and by the place where each stands.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use writ_core::settings::{OwnText, OwnTexts, TextsPatch};
use writ_core::shell_reason::ShellReason;
use writ_core::violation::Field;

use super::fields::{Fields, quoted};
use crate::call::language::LANGUAGES;

/// What holds: nothing where Writ's words stand.
pub(super) type TextsView = BTreeMap<String, BTreeMap<&'static str, String>>;

pub(super) fn shown(texts: &OwnTexts) -> TextsView {
    let named = |(text, words): (OwnText, &str)| (text.name(), words.to_owned());
    texts.languages().map(|(tag, texts)| (tag.to_owned(), texts.map(named).collect())).collect()
}

/// The texts that were sent: what is absent stays, `null` is Writ's own, of a text, a language, or all.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
pub(super) fn read(sent: &mut Fields) -> Option<Option<TextsPatch>> {
    const FIELD: &str = "settings.texts";
    let (_, value) = sent.as_sent(["texts"]).pop()?;
    let members = match value {
        Value::Null => return Some(None),
        Value::Object(members) => members,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            sent.wrong(FIELD, ShellReason::ObjectWanted);
            return None;
        }
    };
    let is_known = |tag: &str| LANGUAGES.iter().any(|language| language.tag == tag);
    refuse_unknown(sent, FIELD, members.keys().filter(|tag| !is_known(tag)));
    let mut patch = TextsPatch::default();
    for (tag, value) in members.into_iter().filter(|(tag, _)| is_known(tag)) {
        match value {
            Value::Null => patch.forgotten.push(tag.into()),
            Value::Object(texts) => read_language(sent, (&tag, texts), &mut patch),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                sent.wrong(Field::Other(format!("{FIELD}.{tag}").into()), ShellReason::ObjectWanted);
            }
        }
    }
    Some(Some(patch))
}

fn read_language(sent: &mut Fields, (tag, texts): (&str, Map<String, Value>), patch: &mut TextsPatch) {
    let unknown = texts.keys().filter(|name| OwnText::by_name(name).is_none());
    refuse_unknown(sent, &format!("settings.texts.{tag}"), unknown);
    for (name, value) in texts {
        let Some(text) = OwnText::by_name(&name) else { continue };
        let field = || Field::Other(format!("settings.texts.{tag}.{name}").into());
        match value {
            Value::Null => patch.texts.push((tag.into(), text, None)),
            Value::String(words) => match text.check(words.trim()) {
                Ok(()) => patch.texts.push((tag.into(), text, Some(words.trim().into()))),
                Err(why) => sent.wrong(field(), why),
            },
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                sent.wrong(field(), ShellReason::TextNeeded);
            }
        }
    }
}

/// A typo would change nothing and be answered with 200.
fn refuse_unknown<'n>(sent: &mut Fields, field: &str, unknown: impl Iterator<Item = &'n String>) {
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if !unknown.is_empty() {
        let why = ShellReason::MembersOdd { names: quoted(&unknown).into() };
        sent.wrong(Field::Other(field.into()), why);
    }
}
