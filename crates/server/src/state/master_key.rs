//! The master key: 32 bytes in hexadecimal. `<data-dir>/master.key`, for its owner alone, where the
//! operator does not keep it elsewhere.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use writ_jose::MasterKey;
use zeroize::Zeroizing;

use crate::config::MasterKeySource;

/// Its file in the data folder, where it is not kept elsewhere.
pub const FILE: &str = "master.key";
/// Characters of what a command says beside the key that are told.
const SAID: usize = 500;
const UNFINISHED: &str = "master.key.tmp";

/// Reads the master key from where it is. One is made only in the data folder, and only where the
/// database has not been initialised yet.
///
/// # Errors
/// Texts for the operator: what is wrong and what to do.
pub fn load(source: &MasterKeySource, folder: &Path, initialised: bool) -> anyhow::Result<MasterKey> {
    match source {
        MasterKeySource::DataFolder => load_or_make(folder, initialised),
        MasterKeySource::File(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path).map(Zeroizing::new).with_context(|| {
                format!("the master key {shown} cannot be read; `openssl rand -hex 32` makes one for a new database")
            })?;
            parse(&text)
                .with_context(|| format!("the master key {shown} is damaged; restore it from a backup"))
        }
        MasterKeySource::Digits(text) => parse(text).context("WRIT_MASTER_KEY is not right"),
        MasterKeySource::Command(command) => {
            parse(&printed(command)?).context("what master_key_command prints is not right")
        }
    }
}

/// Reads a master key from a file, or makes one there where there is no such file.
///
/// # Errors
/// Texts for the operator.
pub fn load_or_make_at(path: &Path) -> anyhow::Result<MasterKey> {
    if path.exists() {
        return load(&MasterKeySource::File(path.to_owned()), path, true);
    }
    let key = MasterKey::generate()?;
    write(path, &key).with_context(|| format!("the master key {} could not be written", path.display()))?;
    Ok(key)
}

/// What a command prints, run by the shell.
fn printed(command: &str) -> anyhow::Result<Zeroizing<String>> {
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("master_key_command could not be run")?;
    let bytes = Zeroizing::new(output.stdout);
    let said: String = String::from_utf8_lossy(&output.stderr).trim().chars().take(SAID).collect();
    if !output.status.success() {
        bail!("master_key_command failed ({}); it said: {said}", output.status);
    }
    if !said.is_empty() {
        tracing::warn!(said, "master_key_command");
    }
    let text =
        std::str::from_utf8(&bytes).context("master_key_command printed something that is not text")?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads the master key of the data folder; makes one where the database has not been initialised yet.
///
/// # Errors
/// Where the key of an initialised database is missing or unreadable: what to do.
pub fn load_or_make(folder: &Path, initialised: bool) -> anyhow::Result<MasterKey> {
    let path = folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&Zeroizing::new(text)).with_context(|| {
            format!("the master key {} is damaged; restore it from a backup", path.display())
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !initialised => {
            let key = MasterKey::generate()?;
            write(&path, &key)
                .with_context(|| format!("the master key {} could not be written", path.display()))?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "the master key {} is missing. The signing keys in this database are sealed under it: restore the file from a backup",
            path.display()
        ),
        Err(error) => Err(error).with_context(|| format!("the master key {} cannot be read", path.display())),
    }
}

/// Whether the master key can be had from where it is, as far as that can be said without the database.
///
/// # Errors
/// As [`load`].
pub fn check(source: &MasterKeySource, folder: &Path) -> anyhow::Result<()> {
    if matches!(source, MasterKeySource::DataFolder) && !folder.join(FILE).exists() {
        // It is made on the first start, and on a later one the database says that it is missing.
        return Ok(());
    }
    load(source, folder, true).map(drop)
}

fn parse(text: &str) -> anyhow::Result<MasterKey> {
    let text = text.trim();
    let mut bytes = Zeroizing::new([0u8; 32]);
    // from_str_radix would take a sign.
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("it must be 64 hexadecimal digits");
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16)
            .map_err(|_| anyhow::anyhow!("it must be 64 hexadecimal digits"))?;
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
    sync_folder(path)
}

/// Makes a new name in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    // The folder of a bare name is the empty path, which cannot be opened.
    let named = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(named.unwrap_or(Path::new(".")))?.sync_all()
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
    fn a_key_that_is_kept_elsewhere_is_read_there_and_never_made() {
        let folder = tempfile::tempdir().unwrap();
        let made = load(&MasterKeySource::DataFolder, folder.path(), false).unwrap().id().to_string();
        let path = folder.path().join(FILE);
        let digits = std::fs::read_to_string(&path).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let cat = format!("cat '{}'", path.display());
        for source in [
            MasterKeySource::File(path),
            MasterKeySource::Digits(Zeroizing::new(digits)),
            MasterKeySource::Command(cat),
        ] {
            assert_eq!(load(&source, elsewhere.path(), false).unwrap().id().to_string(), made, "{source:?}");
        }
        let digits = |text: &str| MasterKeySource::Digits(Zeroizing::new(text.to_owned()));
        for (source, says) in [
            (MasterKeySource::File(elsewhere.path().join("no.key")), "cannot be read"),
            (digits(""), "64 hexadecimal digits"),
            (digits(&"+1".repeat(32)), "64 hexadecimal digits"),
            (MasterKeySource::Command("echo no".to_owned()), "64 hexadecimal digits"),
            (MasterKeySource::Command("exit 3".to_owned()), "failed"),
        ] {
            let error = format!("{:#}", load(&source, elsewhere.path(), false).unwrap_err());
            assert!(error.contains(says), "{source:?}: {error}");
        }
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
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
