//! Pictures that Writ serves itself: each under a name that follows from what is in it.

use std::fmt;
use std::sync::Arc;

use crate::ids::TenantId;
use crate::secret::sha256;
use crate::time::Micros;

/// How the name of a picture begins, and ends.
const AROUND: (&str, &str) = ("logo-", ".png");
/// Bytes of the hash that are in a name.
const HASH: usize = 20;

/// The name of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureName(Box<str>);

impl PictureName {
    /// The name of what is in it.
    pub fn of(content: &[u8]) -> Self {
        use fmt::Write as _;
        let mut name = AROUND.0.to_owned();
        for byte in sha256(content).as_bytes().iter().take(HASH) {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        name.push_str(AROUND.1);
        Self(name.into())
    }

    /// Reads a name; none: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = text.strip_prefix(AROUND.0)?.strip_suffix(AROUND.1)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (hash.len() == HASH * 2 && hash.bytes().all(is_hex)).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A picture, made anew from what somebody sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its name.
    pub name: PictureName,
    /// PNG.
    pub content: Box<[u8]>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A logo as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoSent {
    /// Another picture.
    New(Arc<Picture>),
    /// One that is there already.
    Known(PictureName),
}

impl LogoSent {
    /// The name of the picture.
    pub fn name(&self) -> &PictureName {
        match self {
            Self::New(picture) => &picture.name,
            Self::Known(name) => name,
        }
    }
}

/// A change of the pictures of a tenant.
#[derive(Debug, Clone)]
pub enum PictureChange {
    /// Keeps one.
    Keep {
        /// Of which tenant.
        tenant: TenantId,
        /// Which.
        picture: Arc<Picture>,
        /// When.
        at: Micros,
    },
    /// Removes all but these.
    KeepOnly {
        /// Of which tenant.
        tenant: TenantId,
        /// Those of the look, and those of the one before: pages that show them may still be open.
        names: [Option<PictureName>; 4],
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_by_its_content() {
        let name = PictureName::of(b"one");
        assert_eq!(PictureName::parse(name.as_str()), Some(name.clone()));
        assert_ne!(PictureName::of(b"two"), name);
        let text = name.as_str();
        let bad = [
            "",
            "logo-.png",
            &text[1..],
            &text[..text.len() - 1],
            &text.to_uppercase(),
            &text.replace("logo-", "logo-/"),
            "logo-../../../../../../../../../../../../etc.png",
        ];
        for bad in bad {
            assert_eq!(PictureName::parse(bad), None, "{bad}");
        }
    }
}
