//! Where the master key is.

use std::path::PathBuf;

use zeroize::Zeroizing;

/// Where the master key is.
#[derive(Clone, Default)]
pub enum MasterKeySource {
    /// `master.key` in the data folder; made on the first start.
    #[default]
    DataFolder,
    /// A file that the operator keeps.
    File(PathBuf),
    /// The digits themselves, from the environment.
    Digits(Zeroizing<String>),
    /// What a command prints.
    Command(String),
}

impl std::fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DataFolder => f.write_str("DataFolder"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Digits(_) => f.write_str("Digits([redacted])"),
            // It may carry a password.
            Self::Command(_) => f.write_str("Command([redacted])"),
        }
    }
}

/// Whether digits are a master key.
///
/// # Errors
/// What they must be.
pub(super) fn check_digits(text: &str) -> Result<(), &'static str> {
    let text = text.trim();
    let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_key { Ok(()) } else { Err("it must be 64 hexadecimal digits") }
}
