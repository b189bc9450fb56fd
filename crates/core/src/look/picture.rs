//! Pictures that Writ serves itself: each under a name that follows from what is in it.

use std::fmt;
use std::sync::Arc;

use crate::ids::{TenantId, UserId};
use crate::secret::{Digest32, HashKey, sha256};
use crate::time::Micros;

/// How the name of a picture ends.
const END: &str = ".png";
/// Bytes of the hash that are in a name.
const HASH: usize = 20;

/// What a picture shows. Its name begins with that, and it is looked for where such pictures are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// The logo of a tenant.
    TenantLogo,
    /// The logo of a client.
    ClientLogo,
    /// A person.
    Portrait,
}

impl PictureKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::TenantLogo, Self::ClientLogo, Self::Portrait];

    /// How a name begins.
    const fn start(self) -> &'static str {
        match self {
            Self::TenantLogo => "logo-",
            Self::ClientLogo => "app-",
            Self::Portrait => "face-",
        }
    }
}

/// The name of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureName {
    kind: PictureKind,
    text: Box<str>,
}

impl PictureName {
    /// The name of what is in it.
    pub fn of(kind: PictureKind, content: &[u8]) -> Self {
        Self::new(kind, &sha256(content))
    }

    /// The name of a picture of a person: nobody can tell it who has not been shown it, not even from what is in it, and
    /// the same picture of somebody else has another one.
    pub fn secret(user: UserId, content: &[u8], key: &HashKey) -> Self {
        let mut text = b"portrait ".to_vec();
        text.extend_from_slice(&user.to_bytes());
        text.extend_from_slice(sha256(content).as_bytes());
        Self::new(PictureKind::Portrait, &key.hash_bytes(&text))
    }

    fn new(kind: PictureKind, hash: &Digest32) -> Self {
        use fmt::Write as _;
        let mut text = kind.start().to_owned();
        for byte in hash.as_bytes().iter().take(HASH) {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str(END);
        Self { kind, text: text.into() }
    }

    /// Reads a name; none: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) =
            PictureKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.start())?)))?;
        let hash = rest.strip_suffix(END)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (hash.len() == HASH * 2 && hash.bytes().all(is_hex)).then(|| Self { kind, text: text.into() })
    }

    /// The picture of a person that an address of ours leads to; none: it leads elsewhere.
    pub fn portrait_at(address: &str) -> Option<Self> {
        let (_, file) = address.rsplit_once('/')?;
        Self::parse(file).filter(|name| name.kind == PictureKind::Portrait)
    }

    /// What it shows.
    pub const fn kind(&self) -> PictureKind {
        self.kind
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
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
        for kind in PictureKind::ALL {
            let name = PictureName::of(kind, b"one");
            assert_eq!(PictureName::parse(name.as_str()), Some(name.clone()));
            assert_eq!(name.kind(), kind);
            assert_ne!(PictureName::of(kind, b"two"), name);
        }
        let name = PictureName::of(PictureKind::TenantLogo, b"one");
        let text = name.as_str();
        let bad = [
            "",
            "logo-.png",
            &text[1..],
            &text[..text.len() - 1],
            &text.to_uppercase(),
            &text.replace("logo-", "logo-/"),
            &text.replace("logo-", "logo-app-"),
            "logo-../../../../../../../../../../../../etc.png",
        ];
        for bad in bad {
            assert_eq!(PictureName::parse(bad), None, "{bad}");
        }
    }

    /// Whoever has a picture of somebody cannot ask whether it is theirs.
    #[test]
    fn the_name_of_a_portrait_does_not_follow_from_the_picture() {
        let key = |byte| HashKey::new(zeroize::Zeroizing::new([byte; 32]));
        let (ada, grace) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let name = PictureName::secret(ada, b"one", &key(7));
        assert_eq!(PictureName::secret(ada, b"one", &key(7)), name);
        for other in [
            PictureName::secret(grace, b"one", &key(7)),
            PictureName::secret(ada, b"two", &key(7)),
            PictureName::secret(ada, b"one", &key(8)),
            PictureName::of(PictureKind::Portrait, b"one"),
        ] {
            assert_ne!(other, name);
        }
    }
}
