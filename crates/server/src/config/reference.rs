//! The reference page, `docs/configuration.md`: the table of settings as text.

use std::fmt::Write as _;

use super::settings::{Fallback, Places, Slot, SlotForm, TakesEffect, Topic, ValueKind, slots};

const HEAD: &str = "\
# Configuration

<!-- Written by `cargo xtask docs` from the table of settings (crates/server/src/config/settings.rs). -->

Each setting has one name: the key in the file (TOML), such as `data_dir`. The flag has a dash for each dot and
underscore (`--data-dir`), the variable capitals and underscores (`WRIT_DATA_DIR`); the table says where it is otherwise.
A file is read only if `--config` or `WRIT_CONFIG` names it. A flag wins over the environment, the environment over the file, the file over the default. An
empty variable is as good as none.

`writ config check` says what is wrong without starting anything, `writ config show` what holds and where it comes
from; `-` is what was not set. An unknown key in the file is refused; an unknown `WRIT_…` variable is warned of.

A list is an array in the file; elsewhere it has commas between its items, and its flag may be repeated. A switch is
`true` or `false`; its flag alone means `true`.

A secret may stand in a file of its own, which `…_file` (`…_FILE`, `--…-file`) names: one line, read at the start.

On SIGHUP the file is read again. What is marked *yes* below holds from then on; the log says what has changed, and
what waits for a restart. A configuration with a mistake in it is refused as a whole, and the one from before stays.
";

/// The page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for topic in Topic::ALL {
        section(&mut page, topic);
    }
    page
}

fn section(page: &mut String, topic: Topic) {
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {}\n\n", topic.heading());
    if topic == Topic::FirstStart {
        page.push_str(
            "Taken on an empty database instead of generated values, from the environment alone. Later nobody looks \
             at them.\n\n",
        );
    }
    page.push_str("| Key | Flag | Environment | Default | SIGHUP | |\n|---|---|---|---|---|---|\n");
    for slot in slots().iter().filter(|slot| slot.setting.topic == topic) {
        row(page, slot);
    }
}

fn row(page: &mut String, slot: &Slot) {
    let setting = slot.setting;
    let code = |text: &str| format!("`{text}`");
    let key = if slot.is_in_file() { code(&slot.key()) } else { String::new() };
    let flag = slot.flag().map_or_else(String::new, |flag| code(&format!("--{flag}")));
    let fallback = match (slot.form, setting.fallback) {
        (SlotForm::Value, Fallback::Value(value)) => code(value),
        (SlotForm::Value, Fallback::Described(text)) => text.to_owned(),
        (SlotForm::Value, Fallback::Nothing) => "none".to_owned(),
        (SlotForm::PathOf, _) => String::new(),
    };
    let reload = match (setting.places, setting.reload) {
        (Places::FirstStart, _) => "",
        (Places::Everywhere | Places::NotInFile | Places::EnvironmentOrPath, TakesEffect::Hangup) => "yes",
        (Places::Everywhere | Places::NotInFile | Places::EnvironmentOrPath, TakesEffect::Restart) => "no",
    };
    let what = match (slot.form, setting.kind) {
        (SlotForm::Value, ValueKind::Choice(words)) => {
            let words: Vec<_> = words.iter().map(|word| code(word)).collect();
            format!("{}. One of {}", setting.what, words.join(", "))
        }
        (SlotForm::Value, _) => setting.what.to_owned(),
        (SlotForm::PathOf, _) => format!("A file that holds `{}` instead", setting.key),
    };
    let variable = code(&slot.variable());
    let _ = writeln!(page, "| {key} | {flag} | {variable} | {fallback} | {reload} | {what} |");
}
