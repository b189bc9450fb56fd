//! The master key: `<data-dir>/master.key`, 32 bytes in hexadecimal, for its owner alone.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use writ_core::jose::MasterKey;
use zeroize::Zeroizing;

const FILE: &str = "master.key";
const UNFINISHED: &str = "master.key.tmp";

/// Reads the master key; makes one where the database has not been initialised yet.
///
/// # Errors
/// Where the key of an initialised database is missing or unreadable: what to do.
pub fn load_or_make(folder: &Path, initialised: bool) -> anyhow::Result<MasterKey> {
    let path = folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&Zeroizing::new(text)).with_context(|| format!("the master key {} is damaged; restore it from a backup", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !initialised => {
            let key = MasterKey::generate()?;
            write(&path, &key).with_context(|| format!("the master key {} could not be written", path.display()))?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "the master key {} is missing. The signing keys in this database are sealed under it: restore the file from a backup",
            path.display()
        ),
        Err(error) => Err(error).with_context(|| format!("the master key {} cannot be read", path.display())),
    }
}

fn parse(text: &str) -> anyhow::Result<MasterKey> {
    let text = text.trim();
    let mut bytes = Zeroizing::new([0u8; 32]);
    if text.len() != 64 {
        bail!("it must be 64 hexadecimal digits");
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).map_err(|_| anyhow::anyhow!("it must be 64 hexadecimal digits"))?;
    }
    Ok(MasterKey::from_bytes(&*bytes)?)
}

fn write(path: &Path, key: &MasterKey) -> std::io::Result<()> {
    use std::fmt::Write as _;
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in key.expose() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    // Under its own name only when it is whole: a start that is killed, or that finds the disk full,
    // must not leave half a key for the next one.
    let unfinished = path.with_file_name(UNFINISHED);
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    crate::bootstrap::sync_folder(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let made = load_or_make(folder.path(), false).unwrap();
        let bits = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(bits & 0o777, 0o600);
        assert_eq!(load_or_make(folder.path(), true).unwrap().id().to_string(), made.id().to_string());
    }

    #[test]
    fn a_lost_or_damaged_key_is_said_so_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_or_make(folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("restore"), "{error}");
        assert!(!folder.path().join(FILE).exists());
        std::fs::write(folder.path().join(FILE), "zz").unwrap();
        let error = load_or_make(folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("damaged"), "{error}");
    }
}
