//! Files that are made from the program: each must be what the program says now. `cargo xtask docs` writes them.

use std::path::Path;

/// Compares a file with what it is made from; writes it where `WRIT_UPDATE_DOCS` is set.
#[expect(clippy::disallowed_methods, reason = "a test is an outermost layer")]
fn is_current(path: &str, text: &str) {
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
