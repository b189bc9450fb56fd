//! Pictures that somebody sent, made anew: what is stored and served was drawn here, pixel by pixel. Nothing else of a
//! file comes through: no metadata, no second file behind the first, no script.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, ImageReader, Limits};
use writ_core::look::{Picture, PictureName};

/// Bytes of a picture that is sent, at the most.
pub(crate) const BYTES_MOST: usize = 256 * 1024;
/// Pixels of its width and its height, at the most.
const SIDE_MOST: u32 = 1024;
/// Pixels of the longer side of what is served: a logo is shown in 56, on screens of up to four pixels each.
const SIDE_SERVED: u32 = 256;
/// Bytes that reading one may take.
const MEMORY: u64 = 16 * 1024 * 1024;

/// A picture from a `data:` URI (RFC 2397), which says in base64 what is in it. Of what kind it is, its first bytes say.
/// None: it is not PNG, JPEG or WebP, damaged, or too large.
pub(crate) fn sent(uri: &str) -> Option<Picture> {
    let (kind, content) = uri.strip_prefix("data:")?.split_once(',')?;
    if !kind.starts_with("image/") || !kind.ends_with(";base64") || content.len() > BYTES_MOST / 3 * 4 + 4 {
        return None;
    }
    drawn(&STANDARD.decode(content).ok()?)
}

fn drawn(bytes: &[u8]) -> Option<Picture> {
    if bytes.len() > BYTES_MOST {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MOST);
    limits.max_image_height = Some(SIDE_MOST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let fits = picture.width() <= SIDE_SERVED && picture.height() <= SIDE_SERVED;
    let picture = if fits { picture } else { picture.thumbnail(SIDE_SERVED, SIDE_SERVED) };
    let mut content = Vec::new();
    picture.to_rgba8().write_to(&mut Cursor::new(&mut content), ImageFormat::Png).ok()?;
    Some(Picture { name: PictureName::of(&content), content: content.into() })
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| {
            image::Rgba([x.to_be_bytes()[3], y.to_be_bytes()[3], 90, 255])
        });
        let picture = DynamicImage::ImageRgba8(picture);
        let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    fn uri(bytes: &[u8]) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn what_is_sent_is_drawn_anew_and_not_larger_than_it_is_shown() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let made = sent(&uri(&file(600, 300, format))).unwrap();
            let read = image::load_from_memory_with_format(&made.content, ImageFormat::Png).unwrap();
            assert_eq!((read.width(), read.height()), (256, 128), "{format:?}");
            assert_eq!(made.name, PictureName::of(&made.content));
        }
        let small = sent(&uri(&file(40, 40, ImageFormat::Png))).unwrap();
        let read = image::load_from_memory_with_format(&small.content, ImageFormat::Png).unwrap();
        assert_eq!((read.width(), read.height()), (40, 40));
    }

    /// A file that is two things at once comes out as one.
    #[test]
    fn nothing_but_pixels_comes_through() {
        let mut bytes = file(20, 20, ImageFormat::Png);
        bytes.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let made = sent(&uri(&bytes)).unwrap();
        let end: &[u8] = b"IEND\xaeB`\x82";
        assert!(made.content.ends_with(end));
        assert!(!made.content.windows(7).any(|window| window == b"<script"));
        assert_eq!(made, sent(&uri(&file(20, 20, ImageFormat::Png))).unwrap());
    }

    #[test]
    fn what_is_too_large_or_something_else_is_refused() {
        assert!(sent(&uri(&file(1025, 4, ImageFormat::Png))).is_none());
        assert!(sent(&uri(&file(4, 1025, ImageFormat::WebP))).is_none());
        let mut long = file(20, 20, ImageFormat::Png);
        long.resize(BYTES_MOST + 1, 0);
        assert!(sent(&uri(&long)).is_none());
        let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        assert!(sent(&uri(svg.as_bytes())).is_none());
        assert!(sent(&uri(b"GIF89a")).is_none() && sent(&uri(b"")).is_none());
        let good = file(4, 4, ImageFormat::Png);
        let text = STANDARD.encode(&good);
        for bad in [
            format!("data:text/html;base64,{text}"),
            format!("data:image/png,{text}"),
            format!("https://x/{text}"),
        ] {
            assert!(sent(&bad).is_none(), "{bad}");
        }
    }

    /// A small file that says it is a huge picture is refused before anything is drawn.
    #[test]
    fn a_bomb_does_not_go_off() {
        let mut bytes = file(4, 4, ImageFormat::Png);
        // Width and height stand behind the signature, the length and the name of the first chunk.
        bytes.splice(16..24, [0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        assert!(sent(&uri(&bytes)).is_none());
    }

    proptest! {
        #[test]
        fn a_damaged_file_breaks_nothing(at in 0_usize..4_000, byte: u8, cut in 0_usize..4_000, kind in 0_usize..3) {
            let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][kind];
            let mut bytes = file(30, 30, format);
            let len = bytes.len();
            bytes[at % len] = byte;
            bytes.truncate(cut % len + 1);
            let _ = sent(&uri(&bytes));
        }
    }
}
