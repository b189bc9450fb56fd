//! `/dev/components`: what pages are made of, each part in each of its states, for whoever develops on this machine. It is
//! there where `/dev/mailbox` is. `?brand_color=` and the other members of a style draw it in another look.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::claims::Claim;
use writ_core::form::Form;
use writ_core::look::{Colour, Font, ROUNDEST, Style};

use super::mailbox::is_from_here;
use super::parts::{Badge, Blamed, Button, FormField, InputKind, Needed, Problem, Tick};
use super::{form_page, not_found};
use crate::call::assets::SCRIPT;
use crate::call::copy::CopyButton;
use crate::call::frame::{Frame, framed};
use crate::call::look::drawn;
use crate::call::request::Call;
use crate::state::app::App;

/// A colour by what it is for.
struct ColourRole {
    name: &'static str,
    what: &'static str,
}

/// The roles, in the order of the stylesheet. A tenant changes the first ones, and no others.
const ROLES: &[ColourRole] = &[
    role("brand", "The fill of the main button: the tenant's"),
    role("brand-on", "Words on it, 5.2 to 1 at the least"),
    role("brand-ink", "Links, focus, what is chosen: 5 to 1 on paper"),
    role("ground", "Behind the card: the tenant's"),
    role("ground-on", "Words on the ground, 5 to 1 at the least"),
    role("paper", "The card"),
    role("well", "What is sunk into it"),
    role("tint", "What is chosen"),
    role("ink", "Words, 16 to 1"),
    role("soft", "Words that explain, 7 to 1"),
    role("line", "What separates, and means nothing"),
    role("edge", "The edges of controls, 3 to 1"),
    role("bad", "Failure and loss, and nothing else"),
    role("ok", "What went well"),
    role("warn", "What to look out for"),
    role("seal", "Writ's own mark"),
];

const fn role(name: &'static str, what: &'static str) -> ColourRole {
    ColourRole { name, what }
}

/// The steps of space, with their sizes in pixels.
const SPACES: [(&str, u8); 7] =
    [("--s1", 4), ("--s2", 8), ("--s3", 12), ("--s4", 16), ("--s5", 24), ("--s6", 32), ("--s7", 48)];

#[derive(Template)]
#[template(path = "components.html")]
struct Components<'a> {
    frame: Frame<'a>,
    roles: &'static [ColourRole],
    spaces: [(&'static str, u8); 7],
    buttons: [Button; 3],
    fields: Vec<FormField<'a>>,
    ticks: [Tick; 2],
    problems: [Problem; 2],
    badges: [Badge; 3],
    /// A password, from what is refused to what is strong.
    levels: Vec<(usize, String)>,
}

framed!(Components);

/// `GET /dev/components`.
pub async fn components(State(app): State<Arc<App>>, call: Call) -> Response {
    if !is_from_here(&app, &call) {
        return not_found(&app);
    }
    let style = call.query().map(|query| style(&query)).unwrap_or_default();
    let frame = Frame::own("Components").with_script(&SCRIPT);
    let page = Components {
        frame: Frame { drawn: drawn(&style), ..frame },
        roles: ROLES,
        spaces: SPACES,
        buttons: [
            Button::main("Main".into()),
            Button::other("Another".into()),
            Button::risky("Risky".into()),
        ],
        fields: fields(),
        ticks: [("Not chosen", false), ("Chosen", true)].map(|(words, is_ticked)| Tick {
            name: "tick",
            words: words.into(),
            is_ticked,
        }),
        problems: [
            Problem::new("What happened, in one sentence.".into()),
            Problem {
                what: "What happened.".into(),
                remedy: "What to do about it.".into(),
                link: Some(("#notes".into(), "Where that is done".into())),
            },
        ],
        badges: [Badge::DONE, Badge::IMPOSSIBLE, Badge::MAIL],
        levels: super::people::strength_words().into_iter().enumerate().collect(),
    };
    form_page(StatusCode::OK, &page)
}

/// A field of each kind, then one in each state.
fn fields() -> Vec<FormField<'static>> {
    let of = |name, kind, label: &str| FormField::new(name, kind, label.to_owned());
    let optional = |field: FormField<'static>| FormField { needed: Needed::No, ..field };
    vec![
        of("username", InputKind::Username, "A name to sign in with"),
        of("name", InputKind::Name, "What somebody is called"),
        of("email", InputKind::Email, "An email address"),
        FormField {
            link: Some(("#fields".into(), "Another way, after it".into())),
            ..of("password", InputKind::Password, "A password")
        },
        FormField {
            hint: Some("Measured while it is typed.".into()),
            ..of("new_password", InputKind::NewPassword, "A password to be")
        },
        of("code", InputKind::OneTimeCode, "A code of an app"),
        of("long_code", InputKind::LongCode, "A code by mail"),
        of("recovery_code", InputKind::RecoveryCode, "A recovery code"),
        of("user_code", InputKind::Code, "What a device shows"),
        optional(of("picture", InputKind::Picture, "A picture")),
        optional(of("formatted", InputKind::Claim(Claim::Formatted), "Several lines")),
        FormField { value: "ada@northlight.example", ..of("filled", InputKind::Email, "Filled in") },
        FormField {
            hint: Some("What helps to fill it in.".into()),
            ..of("hinted", InputKind::Name, "With a hint")
        },
        FormField {
            value: "ada@northlight",
            error: Some("Enter an email address with a full domain, like name@example.com."),
            ..of("wrong", InputKind::Email, "Something is wrong with it")
        },
        FormField {
            blamed: Blamed::Yes,
            ..of("blamed", InputKind::Name, "The problem of the form is about it")
        },
    ]
}

/// What the address says of the look; what it says wrongly is left out.
fn style(query: &Form<'_>) -> Style {
    let colour = |name| query.get(name).and_then(|text| Colour::parse(text).ok());
    Style {
        brand: colour("brand_color"),
        ground: colour("ground_color"),
        hue: query.get("hue").and_then(|text| text.parse().ok()).filter(|hue| *hue < 360),
        corners: query
            .get("corners")
            .and_then(|text| text.parse().ok())
            .filter(|corners| *corners <= ROUNDEST),
        font: query.get("font").and_then(Font::by_name).unwrap_or_default(),
    }
}
