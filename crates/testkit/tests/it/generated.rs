//! Files that are made from the program: each must be what the program says now. `cargo xtask docs` writes them.

use std::path::Path;

/// Compares a file with what it is made from; writes it where `WRIT_UPDATE_DOCS` is set.
#[expect(clippy::disallowed_methods, reason = "a test is an outermost layer")]
pub(crate) fn is_current(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("WRIT_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == text, "{path} is not what the program says: run `cargo xtask docs`");
}

#[test]
fn the_configuration_page() {
    is_current("docs/configuration.md", &writ_server::config::reference());
}

/// One page a command: also for those that are added later.
#[test]
fn the_man_pages() {
    let pages = writ_server::cli::man_pages().unwrap();
    assert!(pages.iter().any(|page| page.name == "writ-config-check"));
    for page in &pages {
        is_current(&format!("docs/man/{}.1", page.name), &page.text);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/man");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = pages.iter().any(|page| format!("{}.1", page.name) == name);
        assert!(is_known, "docs/man/{name} is about no command: remove it");
    }
}

#[test]
fn what_help_says() {
    for page in writ_server::cli::help() {
        insta::with_settings!({
            snapshot_path => "help", prepend_module_to_snapshot => false, omit_expression => true,
        }, {
            insta::assert_snapshot!(page.name, page.text);
        });
    }
}

/// A shell that reads the script finds no mistake in it; asked where the shell is installed.
#[test]
fn completions_are_scripts_of_their_shells() {
    let binary = writ_testkit::process::binary().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let made = std::process::Command::new(&binary).args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(made.stdout).unwrap();
        assert!(made.status.success() && script.contains("healthcheck"), "{shell}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &script).unwrap();
        if let Ok(checked) = std::process::Command::new(shell).arg("-n").arg(file.path()).output() {
            assert!(checked.status.success(), "{shell}: {}", String::from_utf8_lossy(&checked.stderr));
        }
    }
}
