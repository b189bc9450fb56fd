//! The look of a tenant, as flags of `writ tenant`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value};
use writ_core::look::{Font, ROUNDEST};

use crate::cli::usage::Usage;
use crate::pictures::BYTES_MOST;

/// What changes of the look; what is not given stays.
#[derive(Debug, Args)]
#[command(next_help_heading = "Look of pages and mail")]
pub(in crate::cli) struct LookFlags {
    /// The colour of buttons and links, such as #0e4a3c; made lighter or darker where it could not be read
    #[arg(long, value_name = "COLOR")]
    brand_color: Option<String>,
    /// The colour behind the card
    #[arg(long, value_name = "COLOR")]
    ground_color: Option<String>,
    /// The hue that tints the greys, in degrees
    #[arg(long, value_name = "DEGREES", value_parser = clap::value_parser!(u16).range(0..360))]
    hue: Option<u16>,
    /// How round corners are, in pixels
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u8).range(0..=i64::from(ROUNDEST)))]
    corners: Option<u8>,
    /// The kind of letters
    #[arg(long, value_name = "FONT", value_parser = Font::ALL.map(Font::name))]
    font: Option<String>,
    /// Its logo: a PNG, JPEG or WebP file of 256 KiB and 1024 pixels a side at the most
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
    /// The logo of dark pages; without it the other one lies on a light plate
    #[arg(long, value_name = "FILE")]
    logo_dark: Option<PathBuf>,
    /// Its terms of service
    #[arg(long, value_name = "URI")]
    tos_uri: Option<String>,
    /// What it does with what it knows of people
    #[arg(long, value_name = "URI")]
    policy_uri: Option<String>,
    /// Where people are helped
    #[arg(long, value_name = "URI")]
    help_uri: Option<String>,
}

impl LookFlags {
    /// As the setting `look`; none: nothing of it changes.
    pub(super) fn into_setting(self) -> anyhow::Result<Option<Value>> {
        let Self {
            brand_color,
            ground_color,
            hue,
            corners,
            font,
            logo,
            logo_dark,
            tos_uri,
            policy_uri,
            help_uri,
        } = self;
        let file = |file: Option<PathBuf>| file.map(|file| picture(&file)).transpose();
        let (logo, logo_dark) = (file(logo)?, file(logo_dark)?);
        let members: Map<String, Value> = [
            ("brand_color", brand_color.map(Value::from)),
            ("ground_color", ground_color.map(Value::from)),
            ("hue", hue.map(Value::from)),
            ("corners", corners.map(Value::from)),
            ("font", font.map(Value::from)),
            ("logo", logo.map(Value::from)),
            ("logo_dark", logo_dark.map(Value::from)),
            ("tos_uri", tos_uri.map(Value::from)),
            ("policy_uri", policy_uri.map(Value::from)),
            ("help_uri", help_uri.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        Ok((!members.is_empty()).then_some(Value::Object(members)))
    }
}

/// A file as a `data:` URI. The server looks at what is in it.
fn picture(file: &Path) -> anyhow::Result<String> {
    let most = BYTES_MOST as u64;
    let opened = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut bytes = Vec::new();
    opened
        .take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", file.display()))?;
    if bytes.len() > BYTES_MOST {
        return Err(Usage::new(format!("{} is larger than 256 KiB", file.display())).into());
    }
    let kind = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, ..] => "jpeg",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => return Err(Usage::new(format!("{} is not PNG, JPEG or WebP", file.display())).into()),
    };
    Ok(format!("data:image/{kind};base64,{}", STANDARD.encode(&bytes)))
}
