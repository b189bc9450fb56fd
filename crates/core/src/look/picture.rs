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
/// Pixels of a side that a name can tell of.
const SIDE_MOST: u32 = 9999;

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

/// How wide and how high a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Its width, in pixels.
    pub width: u32,
    /// Its height, in pixels.
    pub height: u32,
}

impl PictureSize {
    /// What a PNG says of itself (ISO/IEC 15948 §11.2.2); none: it is not one, or of a size that no picture of ours has.
    fn of_png(content: &[u8]) -> Option<Self> {
        let sides = content.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
        let (width, rest) = sides.split_first_chunk()?;
        let (height, _) = rest.split_first_chunk()?;
        Self::new(u32::from_be_bytes(*width), u32::from_be_bytes(*height))
    }

    fn new(width: u32, height: u32) -> Option<Self> {
        let fits = |side| (1..=SIDE_MOST).contains(&side);
        (fits(width) && fits(height)).then_some(Self { width, height })
    }

    /// As large as it can be within a box of this size, in whole pixels of one at the least.
    #[must_use]
    pub fn within(self, most: Self) -> Self {
        let Self { width, height } = self;
        let scaled = |side: u32, by: u32, of: u32| (side * by / of.max(1)).max(1);
        if width * most.height <= height * most.width {
            Self { width: scaled(width, most.height, height), height: most.height }
        } else {
            Self { width: most.width, height: scaled(height, most.width, width) }
        }
    }
}

/// The name of a picture. It tells its size, so that a page has room for it before it comes; those that were named before
/// names did have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureName {
    kind: PictureKind,
    text: Box<str>,
    size: Option<PictureSize>,
}

impl PictureName {
    /// The name of what is in it.
    pub fn of(kind: PictureKind, content: &[u8]) -> Self {
        Self::new(kind, &sha256(content), PictureSize::of_png(content))
    }

    /// The name of a picture of a person: nobody can tell it who has not been shown it, not even from what is in it, and
    /// the same picture of somebody else has another one.
    pub fn secret(user: UserId, content: &[u8], key: &HashKey) -> Self {
        let mut text = b"portrait ".to_vec();
        text.extend_from_slice(&user.to_bytes());
        text.extend_from_slice(sha256(content).as_bytes());
        Self::new(PictureKind::Portrait, &key.hash_bytes(&text), None)
    }

    fn new(kind: PictureKind, hash: &Digest32, size: Option<PictureSize>) -> Self {
        use fmt::Write as _;
        let mut text = kind.start().to_owned();
        for byte in hash.as_bytes().iter().take(HASH) {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        if let Some(PictureSize { width, height }) = size {
            let _ = write!(text, "-{width}x{height}");
        }
        text.push_str(END);
        Self { kind, text: text.into(), size }
    }

    /// Reads a name; none: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) =
            PictureKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.start())?)))?;
        let (hash, size) = rest.strip_suffix(END)?.split_at_checked(HASH * 2)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let size = match size {
            "" => None,
            told => {
                let (width, height) = told.strip_prefix('-')?.split_once('x')?;
                Some(PictureSize::new(side(width)?, side(height)?)?)
            }
        };
        hash.bytes().all(is_hex).then(|| Self { kind, text: text.into(), size })
    }

    /// How wide and high it is; none: the name does not tell.
    pub const fn size(&self) -> Option<PictureSize> {
        self.size
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

/// Pixels, as a name tells them: digits without a zero before them.
fn side(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
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
        names: [[Option<PictureName>; 3]; 2],
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

    #[test]
    fn a_name_tells_how_large_a_picture_is() {
        let png = |width: u32, height: u32| {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            png.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
            PictureName::of(PictureKind::ClientLogo, &png)
        };
        let name = png(128, 32);
        assert!(name.as_str().ends_with("-128x32.png"), "{}", name.as_str());
        assert_eq!(PictureName::parse(name.as_str()), Some(name.clone()));
        let most = PictureSize { width: 112, height: 36 };
        for (sides, fitted) in
            [((128, 32), (112, 28)), ((64, 64), (36, 36)), ((1, 256), (1, 36)), ((9, 3), (108, 36))]
        {
            let PictureSize { width, height } = png(sides.0, sides.1).size().unwrap().within(most);
            assert_eq!((width, height), fitted, "{sides:?}");
        }
        assert_eq!(png(0, 1).size(), None);
        for bad in ["-128x032", "-0x1", "-+1x1", "-1x", "x1", "-128x32-1", "-10000x1"] {
            assert_eq!(PictureName::parse(&name.as_str().replace("-128x32", bad)), None, "{bad}");
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
