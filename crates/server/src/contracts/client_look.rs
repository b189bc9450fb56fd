//! The look of a client, as it is shown and taken: one object, and always the whole of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use writ_core::client::ClientLook;
use writ_core::look::{Colour, Font, ROUNDEST, Style};
use writ_core::settings::OwnTexts;
use writ_core::shell_reason::ShellReason;

use super::members::Member;
use crate::call::language::LANGUAGES;
use crate::call::schema::{Schema, optional};

/// What was chosen; `null`: as the tenant has it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ClientLook")]
pub struct ClientLookView {
    brand_color: Option<String>,
    ground_color: Option<String>,
    hue: Option<u16>,
    corners: Option<u8>,
    font: Option<&'static str>,
    texts: BTreeMap<String, BTreeMap<&'static str, String>>,
}

impl ClientLookView {
    /// None where nothing was chosen.
    pub fn of(look: &ClientLook) -> Option<Self> {
        if look.is_plain() {
            return None;
        }
        let colour = |colour: Option<Colour>| colour.map(|colour| colour.to_string());
        let Style { brand, ground, hue, corners, font } = look.style;
        Some(Self {
            brand_color: colour(brand),
            ground_color: colour(ground),
            hue,
            corners,
            font: (font != Font::default()).then(|| font.name()),
            texts: super::texts::shown(&look.texts),
        })
    }
}

/// A look that was sent.
#[derive(Debug)]
pub struct ClientLookSent(pub Box<ClientLook>);

/// What is wrong with it: the member, and what it has to be.
fn must(member: &str, be: &str) -> ShellReason {
    ShellReason::MustBe { known: format!("an object whose {member} is {be}").into() }
}

impl Member for ClientLookSent {
    fn read(value: Value) -> Result<Self, ShellReason> {
        let Value::Object(members) = value else { return Err(ShellReason::ObjectWanted) };
        let mut look = ClientLook::default();
        for (name, value) in members {
            take(&mut look, &name, value)?;
        }
        Ok(Self(Box::new(look)))
    }

    fn schema() -> Schema {
        let text = || Schema::text().like("^#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?$").or_null();
        let words = ClientLook::TEXTS.map(|place| optional(place.name(), Schema::text()));
        let texts = LANGUAGES.iter().map(|language| optional(language.tag, Schema::object(words.clone())));
        Schema::object([
            optional("brand_color", text()),
            optional("ground_color", text()),
            optional("hue", Schema::integer().within(0, 359).or_null()),
            optional("corners", Schema::integer().within(0, ROUNDEST.into()).or_null()),
            optional("font", Schema::word(Font::ALL.map(Font::name)).or_null()),
            optional("texts", Schema::object(texts)),
        ])
    }
}

fn take(look: &mut ClientLook, name: &str, value: Value) -> Result<(), ShellReason> {
    const COLOUR: &str = "a colour such as #0e4a3c";
    let style = &mut look.style;
    match (name, value) {
        ("brand_color" | "ground_color" | "hue" | "corners" | "font" | "texts", Value::Null) => {}
        ("brand_color", value) => style.brand = Some(colour(&value).ok_or_else(|| must(name, COLOUR))?),
        ("ground_color", value) => style.ground = Some(colour(&value).ok_or_else(|| must(name, COLOUR))?),
        ("hue", value) => {
            let hue = whole(&value, 359).and_then(|hue| u16::try_from(hue).ok());
            style.hue = Some(hue.ok_or_else(|| must(name, "a number of degrees from 0 to 359"))?);
        }
        ("corners", value) => {
            let corners = whole(&value, ROUNDEST.into()).and_then(|corners| u8::try_from(corners).ok());
            style.corners = Some(corners.ok_or_else(|| must(name, "a number of pixels from 0 to 24"))?);
        }
        ("font", value) => {
            let font = value.as_str().and_then(Font::by_name);
            style.font = font.ok_or_else(|| must(name, "one of sans, serif and rounded"))?;
        }
        ("texts", Value::Object(languages)) => look.texts = texts(languages)?,
        ("texts", _) => return Err(must(name, "an object of languages")),
        _ => return Err(ShellReason::MembersOdd { names: super::fields::quoted(&[name]).into() }),
    }
    Ok(())
}

fn colour(value: &Value) -> Option<Colour> {
    Colour::parse(value.as_str()?).ok()
}

fn whole(value: &Value, most: u64) -> Option<u64> {
    value.as_u64().filter(|number| *number <= most)
}

fn texts(languages: Map<String, Value>) -> Result<OwnTexts, ShellReason> {
    let mut texts = OwnTexts::default();
    for (tag, value) in languages {
        let known = LANGUAGES.iter().any(|language| language.tag == tag);
        let Value::Object(own) = value else {
            return Err(must(&format!("texts.{tag}"), "an object of texts"));
        };
        if !known {
            return Err(must("texts", "by languages that pages are written in"));
        }
        for (name, words) in own {
            let place = ClientLook::TEXTS.into_iter().find(|place| place.name() == name);
            let place = place.ok_or_else(|| {
                must(&format!("texts.{tag}"), "of sign_in_title, sign_in_intro and consent_intro")
            })?;
            let words = words.as_str().map(str::trim).filter(|words| place.check(words).is_ok());
            let words = words.ok_or_else(|| {
                must(
                    &format!("texts.{tag}.{name}"),
                    &format!("one line of {} characters at the most", place.most()),
                )
            })?;
            texts = texts.with(&tag, place, words);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_look_is_read_as_it_is_shown() {
        let sent = json!({
            "brand_color": "#0e4a3c", "ground_color": null, "hue": 60, "corners": 0, "font": "serif",
            "texts": { "de": { "sign_in_title": "Willkommen" } },
        });
        let ClientLookSent(look) = ClientLookSent::read(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(ClientLookView::of(&look).unwrap()).unwrap(), sent);
        let ClientLookSent(none) = ClientLookSent::read(json!({})).unwrap();
        assert!(ClientLookView::of(&none).is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (sent, part) in [
            (json!({ "brand_color": "red" }), "brand_color"),
            (json!({ "hue": 360 }), "hue"),
            (json!({ "corners": -1 }), "corners"),
            (json!({ "font": "Comic Sans" }), "font"),
            (json!({ "logo": "x" }), "logo"),
            (json!({ "texts": [] }), "texts"),
            (json!({ "texts": { "xx": {} } }), "texts"),
            (json!({ "texts": { "de": { "footer": "x" } } }), "texts.de"),
            (json!({ "texts": { "de": { "sign_in_title": "a\nb" } } }), "texts.de.sign_in_title"),
            (json!("blue"), "object"),
        ] {
            let told = crate::reasons::reason(&ClientLookSent::read(sent.clone()).unwrap_err().into());
            assert!(told.contains(part), "{sent}: {told}");
        }
    }
}
