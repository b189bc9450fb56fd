//! How a tenant's pages and letters look and what they say, in its settings.

use serde_json::json;
use writ_core::look::{Font, ROUNDEST};
use writ_core::settings::OwnText;

use super::super::operation::{Contract, Operation};
use crate::call::language::LANGUAGES;
use crate::call::schema::{Schema, optional};
use crate::contracts::client_look::ClientLookSent;
use crate::contracts::members::Member as _;
use crate::contracts::previews::{PreviewView, PreviewedPage};

/// How pages and letters look.
pub(super) fn look() -> Schema {
    let colour = || Schema::text().like("^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$").or_null();
    let uri = || Schema::uri().or_null();
    Schema::object([
        optional(
            "brand_color",
            colour().about(
                "The colour of buttons and links, such as `#0e4a3c`. Its hue is kept; where words on it could not be read, it \
                 is made lighter or darker, for light and dark pages apart.",
            ),
        ),
        optional("ground_color", colour().about("The colour behind the card, made readable likewise.")),
        optional("hue", Schema::integer().within(0, 359).or_null().about("The hue of the greys, in degrees.")),
        optional(
            "corners",
            Schema::integer().within(0, ROUNDEST.into()).or_null().about("How round corners are, in pixels."),
        ),
        optional("font", Schema::word(Font::ALL.map(Font::name)).or_null().about("The kind of letters; null: `sans`.")),
        optional(
            "logo",
            Schema::text().or_null().about(
                "Its logo. Sent: a `data:` URI in base64 with PNG, JPEG or WebP, 256 KiB and 1024 pixels a side at the most; \
                 it is drawn anew, 256 pixels at the most. Shown, and taken back as it is: its path on this server.",
            ),
        ),
        optional(
            "logo_dark",
            Schema::text().or_null().about("The logo of dark pages, likewise; null: the other one, on a light plate."),
        ),
        optional(
            "icon",
            Schema::text().or_null().about(
                "What browsers show beside the titles of its pages, likewise; null: its logo, if that is square, or Writ's own.",
            ),
        ),
        optional("tos_uri", uri().about("Its terms of service.")),
        optional("policy_uri", uri().about("What it does with what it knows of people.")),
        optional("help_uri", uri().about("Where people are helped.")),
    ])
    .about("How its pages and letters look. What is absent stays, null is Writ's own, also for the whole.")
}

/// What pages and letters say in the tenant's own words.
pub(super) fn texts() -> Schema {
    let text = |text: OwnText| {
        let about = match text {
            OwnText::SignInTitle => "The heading where people sign in.",
            OwnText::SignInIntro => "Below the heading where people sign in.",
            OwnText::RegistrationTitle => "The heading where people register.",
            OwnText::RegistrationIntro => "Below the heading where people register.",
            OwnText::ConsentIntro => "Below the heading where people are asked for their consent.",
            OwnText::Footer => "At the foot of every page.",
            OwnText::MailGreeting => "How letters begin.",
        };
        let most = text.most().try_into().unwrap_or(u32::MAX);
        optional(text.name(), Schema::text().between(1, most).or_null().about(about))
    };
    let language = || Schema::object(OwnText::ALL.map(text)).closed().or_null();
    Schema::object(LANGUAGES.iter().map(|known| optional(known.tag, language()))).closed().about(
        "Texts in the tenant's own words, by language: plain, on one line. Where there is none in the language of the reader, \
         Writ's words stand. What is absent stays, null is Writ's own, of a text, a language or the whole.",
    )
}

/// A page with settings that are not kept.
pub(super) fn preview(settings: Schema) -> Operation {
    let example = json!({ "page": "sign-in", "language": "de", "html": "<!doctype html>…" });
    Operation::new(("POST", "/api/v1/tenant/preview"), "previewOwnTenant", Contract::Ours)
        .summary("See a page with settings that are not kept")
        .about(
            "As the tenant's people would see it; nothing is changed. An operator may name another tenant.",
        )
        .takes(
            Schema::object([
                optional("page", Schema::word(PreviewedPage::ALL.map(PreviewedPage::name)).or_null()),
                optional("language", Schema::word(LANGUAGES.iter().map(|known| known.tag)).or_null()),
                optional("settings", settings),
                optional(
                    "client_look",
                    ClientLookSent::schema()
                        .or_null()
                        .about("The look of an application that people come from."),
                ),
            ])
            .closed(),
            json!({ "language": "de", "settings": { "texts": { "de": { "sign_in_title": "Willkommen" } } } }),
        )
        .answers(200, "The page.", (Schema::of::<PreviewView<'_>>(), example))
}
