//! Pictures that somebody sent, or has on the web, made anew: what is stored and served was drawn here, pixel by pixel.
//! Nothing else of a file comes through: no metadata, no second file behind the first, no script.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use writ_core::look::{Picture, PictureKind, PictureName};

/// Bytes of a logo that is sent or fetched, at the most.
pub(crate) const BYTES_MOST: usize = 256 * 1024;

/// What a picture may be, and what becomes of it.
struct DrawingBounds {
    /// Bytes, at the most.
    bytes: usize,
    /// Pixels of its width and its height, at the most.
    side: u32,
    /// Bytes that reading it may take.
    memory: u64,
    /// Pixels of the longer side of what is served.
    served: u32,
}

/// A logo of a tenant is shown in 56 pixels, on screens of up to four each.
const TENANT_LOGO: DrawingBounds =
    DrawingBounds { bytes: BYTES_MOST, side: 1024, memory: 16 * 1024 * 1024, served: 256 };
/// Those of clients are many, and smaller.
const CLIENT_LOGO: DrawingBounds = DrawingBounds { served: 128, ..TENANT_LOGO };
/// A photograph, as telephones send it.
const PORTRAIT: DrawingBounds =
    DrawingBounds { bytes: 1024 * 1024, side: 8192, memory: 48 * 1024 * 1024, served: 256 };

/// A logo from a `data:` URI (RFC 2397), which says in base64 what is in it. Of what kind it is, its first bytes say.
/// None: it is not PNG, JPEG or WebP, damaged, or too large.
pub(crate) fn sent(kind: PictureKind, uri: &str) -> Option<Picture> {
    let (media, content) = uri.strip_prefix("data:")?.split_once(',')?;
    if !media.starts_with("image/") || !media.ends_with(";base64") || content.len() > BYTES_MOST / 3 * 4 + 4 {
        return None;
    }
    logo(kind, &STANDARD.decode(content).ok()?)
}

/// A logo from a file. None: as above.
pub(crate) fn logo(kind: PictureKind, bytes: &[u8]) -> Option<Picture> {
    let bounds = match kind {
        PictureKind::TenantLogo => TENANT_LOGO,
        PictureKind::ClientLogo | PictureKind::Portrait => CLIENT_LOGO,
    };
    let content = written(&drawn(bytes, &bounds)?, &bounds)?;
    Some(Picture { name: PictureName::of(kind, &content), content })
}

/// A photograph of somebody, upright and cut to a square; not yet named. None: as above.
pub(crate) fn portrait(bytes: &[u8]) -> Option<Box<[u8]>> {
    let drawn = drawn(bytes, &PORTRAIT)?;
    let side = drawn.width().min(drawn.height());
    let (left, top) = ((drawn.width() - side) / 2, (drawn.height() - side) / 2);
    written(&drawn.crop_imm(left, top, side, side), &PORTRAIT)
}

/// Draws a picture where it keeps no request waiting, one at a time: each takes some memory, and a moment of a
/// processor. Whatever a file does to what reads it stays there.
pub(crate) async fn apart<T: Send + 'static>(draw: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    static TURN: Semaphore = Semaphore::const_new(1);
    let _turn = TURN.acquire().await.ok()?;
    tokio::task::spawn_blocking(draw).await.ok().flatten()
}

fn drawn(bytes: &[u8], bounds: &DrawingBounds) -> Option<DynamicImage> {
    if bytes.len() > bounds.bytes {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(bounds.side);
    limits.max_image_height = Some(bounds.side);
    limits.max_alloc = Some(bounds.memory);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().ok()?;
    limits.reserve(decoder.total_bytes()).ok()?;
    decoder.set_limits(limits).ok()?;
    // What stands in the metadata goes with it; which side is up is part of the picture.
    let upright = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(upright);
    Some(picture)
}

fn written(picture: &DynamicImage, bounds: &DrawingBounds) -> Option<Box<[u8]>> {
    let fits = picture.width() <= bounds.served && picture.height() <= bounds.served;
    let small = (!fits).then(|| picture.thumbnail(bounds.served, bounds.served));
    let mut content = Vec::new();
    let picture = small.as_ref().unwrap_or(picture);
    picture.to_rgba8().write_to(&mut Cursor::new(&mut content), ImageFormat::Png).ok()?;
    Some(content.into())
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;
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

    fn tenants(uri: &str) -> Option<Picture> {
        sent(PictureKind::TenantLogo, uri)
    }

    fn uri(bytes: &[u8]) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn what_is_sent_is_drawn_anew_and_not_larger_than_it_is_shown() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let made = tenants(&uri(&file(600, 300, format))).unwrap();
            let read = image::load_from_memory_with_format(&made.content, ImageFormat::Png).unwrap();
            assert_eq!((read.width(), read.height()), (256, 128), "{format:?}");
            assert_eq!(made.name, PictureName::of(PictureKind::TenantLogo, &made.content));
        }
        let small = tenants(&uri(&file(40, 40, ImageFormat::Png))).unwrap();
        let read = image::load_from_memory_with_format(&small.content, ImageFormat::Png).unwrap();
        assert_eq!((read.width(), read.height()), (40, 40));
    }

    /// Those of clients are many.
    #[test]
    fn the_logo_of_a_client_is_smaller() {
        let made = logo(PictureKind::ClientLogo, &file(600, 300, ImageFormat::Png)).unwrap();
        let read = image::load_from_memory_with_format(&made.content, ImageFormat::Png).unwrap();
        assert_eq!((read.width(), read.height(), made.name.kind()), (128, 64, PictureKind::ClientLogo));
    }

    /// A JPEG with an EXIF block behind its first marker, which says that the left side is up, and where it was taken.
    fn photograph(width: u32, height: u32) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
        // One entry: tag 0x0112 (orientation), a SHORT, once, 6.
        exif.extend_from_slice(&[0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
        exif.extend_from_slice(b"52.5200 N, 13.4050 E");
        let plain = file(width, height, ImageFormat::Jpeg);
        let mut bytes = plain[..2].to_vec();
        bytes.extend_from_slice(&[0xff, 0xe1]);
        bytes.extend_from_slice(&u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        bytes.extend_from_slice(&exif);
        bytes.extend_from_slice(&plain[2..]);
        bytes
    }

    /// Where a photograph was taken is nobody's business; which side is up is.
    #[test]
    fn a_portrait_is_square_and_upright_and_says_nothing_of_where_it_was_taken() {
        let made = portrait(&photograph(240, 200)).unwrap();
        let read = image::load_from_memory_with_format(&made, ImageFormat::Png).unwrap().to_rgba8();
        assert_eq!((read.width(), read.height()), (200, 200));
        assert!(!made.windows(7).any(|window| window == b"52.5200"));
        // The green of a pixel is how far down it was; turned, what was above is on the right.
        let [first, last] = [read.get_pixel(10, 100), read.get_pixel(190, 100)];
        assert!(first.0[1] > last.0[1], "{first:?} {last:?}");
        let large = portrait(&file(600, 400, ImageFormat::WebP)).unwrap();
        let read = image::load_from_memory_with_format(&large, ImageFormat::Png).unwrap();
        assert_eq!((read.width(), read.height()), (256, 256));
    }

    #[test]
    fn no_portrait_is_too_large() {
        assert!(portrait(&file(8193, 1, ImageFormat::Png)).is_none());
        assert!(portrait(&file(1, 5000, ImageFormat::Png)).is_some());
        // As many pixels as take more than 48 MiB.
        let flat = RgbaImage::new(8000, 2000);
        let mut bytes = Vec::new();
        flat.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        assert!(bytes.len() < PORTRAIT.bytes && portrait(&bytes).is_none());
        let mut long = file(20, 20, ImageFormat::Png);
        long.resize(PORTRAIT.bytes + 1, 0);
        assert!(portrait(&long).is_none());
    }

    /// A file that is two things at once comes out as one.
    #[test]
    fn nothing_but_pixels_comes_through() {
        let mut bytes = file(20, 20, ImageFormat::Png);
        bytes.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let made = tenants(&uri(&bytes)).unwrap();
        let end: &[u8] = b"IEND\xaeB`\x82";
        assert!(made.content.ends_with(end));
        assert!(!made.content.windows(7).any(|window| window == b"<script"));
        assert_eq!(made, tenants(&uri(&file(20, 20, ImageFormat::Png))).unwrap());
    }

    #[test]
    fn what_is_too_large_or_something_else_is_refused() {
        assert!(tenants(&uri(&file(1025, 4, ImageFormat::Png))).is_none());
        assert!(tenants(&uri(&file(4, 1025, ImageFormat::WebP))).is_none());
        let mut long = file(20, 20, ImageFormat::Png);
        long.resize(BYTES_MOST + 1, 0);
        assert!(tenants(&uri(&long)).is_none());
        let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        assert!(tenants(&uri(svg.as_bytes())).is_none());
        assert!(tenants(&uri(b"GIF89a")).is_none() && tenants(&uri(b"")).is_none());
        let good = file(4, 4, ImageFormat::Png);
        let text = STANDARD.encode(&good);
        for bad in [
            format!("data:text/html;base64,{text}"),
            format!("data:image/png,{text}"),
            format!("https://x/{text}"),
        ] {
            assert!(tenants(&bad).is_none(), "{bad}");
        }
    }

    /// A small file that says it is a huge picture is refused before anything is drawn.
    #[test]
    fn a_bomb_does_not_go_off() {
        let mut bytes = file(4, 4, ImageFormat::Png);
        // Width and height stand behind the signature, the length and the name of the first chunk.
        bytes.splice(16..24, [0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        assert!(tenants(&uri(&bytes)).is_none());
    }

    proptest! {
        #[test]
        fn a_damaged_file_breaks_nothing(at in 0_usize..4_000, byte: u8, cut in 0_usize..4_000, kind in 0_usize..3) {
            let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][kind];
            let mut bytes = file(30, 30, format);
            let len = bytes.len();
            bytes[at % len] = byte;
            bytes.truncate(cut % len + 1);
            let _ = tenants(&uri(&bytes));
        }
    }
}
