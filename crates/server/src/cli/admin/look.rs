//! The look of a tenant, as flags of `writ tenant`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value};
use writ_core::look::{Font, ROUNDEST};
use writ_core::settings::OwnText;

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
    /// What browsers show beside the titles of its pages, likewise; without it a square logo, or the server's own
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    /// Its terms of service
    #[arg(long, value_name = "URI")]
    tos_uri: Option<String>,
    /// What it does with what it knows of people
    #[arg(long, value_name = "URI")]
    policy_uri: Option<String>,
    /// Where people are helped
    #[arg(long, value_name = "URI")]
    help_uri: Option<String>,
    /// A text in your own words, such as `en.footer=Acme Ltd`; without words, the server's own. Repeat it for more
    #[arg(long = "text", value_name = "LANGUAGE.NAME=WORDS")]
    texts: Vec<OwnWords>,
}

/// The look of a client over that of its tenant: all that is given together is the whole of it.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientLookFlags {
    /// The colour of buttons and links where people sign in and consent for it, if the tenant's `application_looks` is on. With
    /// the other flags of its look: what is not given is as the tenant has it
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
    /// A text in its own words, such as `en.sign_in_intro=Use your company account`; repeat it for more
    #[arg(long = "text", value_name = "LANGUAGE.NAME=WORDS")]
    texts: Vec<OwnWords>,
    /// No look of its own
    #[arg(long, conflicts_with_all = ["brand_color", "ground_color", "hue", "corners", "font", "texts"])]
    no_look: bool,
}

impl ClientLookFlags {
    /// As the member `look`; none: nothing was said of it.
    pub(super) fn value(&self) -> Option<Value> {
        if self.no_look {
            return Some(Value::Null);
        }
        let Self { brand_color, ground_color, hue, corners, font, texts, no_look: _ } = self;
        let mut members: Map<String, Value> = [
            ("brand_color", brand_color.clone().map(Value::from)),
            ("ground_color", ground_color.clone().map(Value::from)),
            ("hue", hue.map(Value::from)),
            ("corners", corners.map(Value::from)),
            ("font", font.clone().map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        if !texts.is_empty() {
            members.insert("texts".to_owned(), by_language(texts.clone()));
        }
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// A text in a tenant's own words.
#[derive(Debug, Clone)]
struct OwnWords {
    language: String,
    name: &'static str,
    words: Option<String>,
}

impl std::str::FromStr for OwnWords {
    type Err = Usage;

    fn from_str(text: &str) -> Result<Self, Usage> {
        let names = || OwnText::ALL.map(OwnText::name).join(", ");
        let place = text.split_once('=').and_then(|(place, words)| Some((place.split_once('.')?, words)));
        let ((language, name), words) = place.ok_or_else(|| {
            Usage::new("write LANGUAGE.NAME=WORDS, such as en.sign_in_title='Welcome back'")
        })?;
        let known = OwnText::by_name(name)
            .ok_or_else(|| Usage::new(format!("there is no text {name}; there are {}", names())))?;
        let words = Some(words.to_owned()).filter(|words| !words.is_empty());
        Ok(Self { language: language.to_owned(), name: known.name(), words })
    }
}

fn by_language(given: Vec<OwnWords>) -> Value {
    let mut languages = Map::new();
    for OwnWords { language, name, words } in given {
        if let Value::Object(texts) = languages.entry(language).or_insert_with(|| Value::Object(Map::new())) {
            texts.insert(name.to_owned(), words.into());
        }
    }
    Value::Object(languages)
}

impl LookFlags {
    /// As the settings `look` and `texts`, as far as anything of them changes.
    pub(super) fn into_settings(self) -> anyhow::Result<Vec<(&'static str, Value)>> {
        let Self {
            brand_color,
            ground_color,
            hue,
            corners,
            font,
            logo,
            logo_dark,
            icon,
            tos_uri,
            policy_uri,
            help_uri,
            texts,
        } = self;
        let file = |file: Option<PathBuf>| file.map(|file| picture(&file)).transpose();
        let (logo, logo_dark, icon) = (file(logo)?, file(logo_dark)?, file(icon)?);
        let members: Map<String, Value> = [
            ("brand_color", brand_color.map(Value::from)),
            ("ground_color", ground_color.map(Value::from)),
            ("hue", hue.map(Value::from)),
            ("corners", corners.map(Value::from)),
            ("font", font.map(Value::from)),
            ("logo", logo.map(Value::from)),
            ("logo_dark", logo_dark.map(Value::from)),
            ("icon", icon.map(Value::from)),
            ("tos_uri", tos_uri.map(Value::from)),
            ("policy_uri", policy_uri.map(Value::from)),
            ("help_uri", help_uri.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        let look = (!members.is_empty()).then_some(("look", Value::Object(members)));
        let texts = (!texts.is_empty()).then(|| ("texts", by_language(texts)));
        Ok(look.into_iter().chain(texts).collect())
    }
}

/// A file as a `data:` URI. The server looks at what is in it.
pub(super) fn picture(file: &Path) -> anyhow::Result<String> {
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
