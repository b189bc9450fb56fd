//! Passwords that are known to attackers: the file of the Pwned Passwords, as its downloader writes it, ordered by hash. A
//! line is `HASH:COUNT`, the hash being SHA-1 of the password in 40 hexadecimal digits. It is searched on the disk; nobody is
//! asked.

use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use writ_core::secret::Presented;

/// Digits of a hash.
const DIGITS: usize = 40;
/// Bytes of a line at the most: the hash, a colon, a count, and what ends a line.
const LINE: usize = 64;
/// Below this many bytes the lines are read one after the other.
const NEAR: u64 = 4096;

/// A file of passwords that are known.
#[derive(Debug)]
pub struct BreachedPasswords {
    file: File,
    length: u64,
    path: PathBuf,
}

/// Why a file is none.
#[derive(Debug, thiserror::Error)]
pub enum BreachedFileError {
    /// It cannot be read.
    #[error("{0}: {1}")]
    Read(PathBuf, io::Error),
    /// A line is none of the format.
    #[error("{0}: has no lines of 40 hexadecimal digits, a colon and a count; it must be ordered by hash")]
    Format(PathBuf),
}

impl BreachedPasswords {
    /// Opens a file, and looks at some of its lines.
    ///
    /// # Errors
    /// [`BreachedFileError`].
    pub fn open(path: &Path) -> Result<Self, BreachedFileError> {
        let opened = || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = opened().map_err(|error| BreachedFileError::Read(path.to_owned(), error))?;
        let found = Self { file, length, path: path.to_owned() };
        match found.is_ordered() {
            Ok(true) => Ok(found),
            Ok(false) => Err(BreachedFileError::Format(path.to_owned())),
            Err(error) => Err(BreachedFileError::Read(path.to_owned(), error)),
        }
    }

    /// About how many passwords are in it.
    pub fn about(&self) -> u64 {
        self.length / 45
    }

    /// Whether lines that lie apart are in order.
    fn is_ordered(&self) -> io::Result<bool> {
        let mut before: Option<[u8; DIGITS]> = None;
        for part in 0..16 {
            let Some((_, line)) = self.line_from(self.length / 16 * part)? else { continue };
            let Some(hash) = hash_of(&line) else { return Ok(false) };
            if before.is_some_and(|before| before > hash) {
                return Ok(false);
            }
            before = Some(hash);
        }
        Ok(before.is_some())
    }

    /// Whether a password is among them. Reads a few dozen lines of the disk.
    ///
    /// # Errors
    /// The file's, with its path.
    pub fn contains(&self, password: &Presented) -> Result<bool, BreachedFileError> {
        let wanted = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes()).as_ref());
        self.find(&wanted).map_err(|error| BreachedFileError::Read(self.path.clone(), error))
    }

    fn find(&self, wanted: &[u8; DIGITS]) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.length);
        while high - low > NEAR {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)? {
                None => high = middle,
                Some((at, line)) => match hash_of(&line).map(|hash| hash.cmp(wanted)) {
                    Some(Ordering::Equal) => return Ok(true),
                    Some(Ordering::Less) => low = at,
                    // A line that cannot be read lies nowhere: what comes after it is not looked for.
                    Some(Ordering::Greater) | None => high = middle,
                },
            }
        }
        let mut at = low;
        // `low` is the start of the file, or of a line.
        while at <= high {
            let (line, next) = self.whole_line(at)?;
            match hash_of(&line).map(|hash| hash.cmp(wanted)) {
                Some(Ordering::Equal) => return Ok(true),
                Some(Ordering::Less) if next > at => at = next,
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// The first whole line that begins at this place or after it, and where it begins.
    fn line_from(&self, place: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        if place == 0 {
            let (line, _) = self.whole_line(0)?;
            return Ok((!line.is_empty()).then_some((0, line)));
        }
        let (_, start) = self.whole_line(place - 1)?;
        if start >= self.length {
            return Ok(None);
        }
        let (line, _) = self.whole_line(start)?;
        Ok((!line.is_empty()).then_some((start, line)))
    }

    /// What stands from here to the end of the line, and where the next one begins.
    fn whole_line(&self, at: u64) -> io::Result<(Vec<u8>, u64)> {
        let mut buffer = [0; LINE];
        let mut read = 0;
        while read < LINE {
            let offset = at + u64::try_from(read).unwrap_or_default();
            let more = self.file.read_at(buffer.get_mut(read..).unwrap_or_default(), offset)?;
            if more == 0 {
                break;
            }
            read += more;
        }
        let seen = buffer.get(..read).unwrap_or_default();
        let end = seen.iter().position(|byte| *byte == b'\n');
        let line = seen.get(..end.unwrap_or(read)).unwrap_or_default();
        let next = at + u64::try_from(end.map_or(read, |end| end + 1)).unwrap_or_default();
        Ok((line.to_vec(), next))
    }
}

/// The hash at the start of a line, in capitals.
fn hash_of(line: &[u8]) -> Option<[u8; DIGITS]> {
    let (hash, rest) = line.split_first_chunk::<DIGITS>()?;
    let is_line = rest.first() == Some(&b':') && hash.iter().all(u8::is_ascii_hexdigit);
    is_line.then(|| hash.to_ascii_uppercase().try_into().ok()).flatten()
}

fn hex(bytes: &[u8]) -> [u8; DIGITS] {
    const SIGNS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = [b'0'; DIGITS];
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    for (sign, nibble) in text.iter_mut().zip(nibbles) {
        *sign = SIGNS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// As the downloader writes it: capitals, a count, CRLF.
    fn file(passwords: &[String], end: &str) -> (tempfile::NamedTempFile, BreachedPasswords) {
        let mut lines: Vec<_> = passwords
            .iter()
            .map(|password| {
                let hash = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref());
                format!("{}:{}", String::from_utf8(hash.to_vec()).unwrap(), password.len() * 7)
            })
            .collect();
        lines.sort();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(lines.join(end).as_bytes()).unwrap();
        let opened = BreachedPasswords::open(file.path()).unwrap();
        (file, opened)
    }

    #[test]
    fn each_of_many_is_found_and_no_other() {
        for (many, end) in [(1, "\n"), (2, "\r\n"), (90, "\n"), (3000, "\r\n")] {
            let passwords: Vec<_> = (0..many).map(|n| format!("password {n}")).collect();
            let (_kept, file) = file(&passwords, end);
            for password in &passwords {
                assert!(file.contains(&Presented::new(password.clone())).unwrap(), "{password} of {many}");
            }
            for n in 0..200 {
                assert!(!file.contains(&Presented::new(format!("another {n}"))).unwrap(), "{n} of {many}");
            }
        }
    }

    /// The hash of "password", as everybody knows it.
    #[test]
    fn a_hash_is_that_of_the_list() {
        let hash = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, b"password").as_ref());
        assert_eq!(&hash, b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn what_is_no_such_list_is_refused() {
        for content in [
            "",
            "password\nsecret\n",
            "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\n",
            "9BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n1BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n",
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content.as_bytes()).unwrap();
            let opened = BreachedPasswords::open(file.path());
            assert!(matches!(opened, Err(BreachedFileError::Format(_))), "{content}");
        }
        let missing = BreachedPasswords::open(Path::new("/nowhere/at/all"));
        assert!(matches!(missing, Err(BreachedFileError::Read(..))));
    }
}
