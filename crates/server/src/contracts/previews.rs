//! What `/api/v1/tenant/preview` takes and answers: how a page or a letter would look with settings that are not kept.

use axum::response::Response;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::client::ClientLook;
use writ_core::look::{LogoSent, LookPatch, Picture};
use writ_core::settings::SettingsPatch;
use writ_core::violation::Field;

use super::client_look::ClientLookSent;
use super::fields::Fields;
use super::settings;
use super::wire::json;
use crate::call::fault::Fault;
use crate::call::language::LANGUAGES;
use crate::call::routes::Task;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewedPage {
    /// Where people sign in.
    SignIn,
    /// Where they register.
    Registration,
    /// Where they are asked for their consent.
    Consent,
    /// A letter.
    Letter,
}

impl PreviewedPage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SignIn, Self::Registration, Self::Consent, Self::Letter];

    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Registration => "registration",
            Self::Consent => "consent",
            Self::Letter => "letter",
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.name() == name)
    }
}

/// What is to be shown, and with which settings.
#[derive(Debug)]
pub struct PreviewWish {
    /// What.
    pub page: PreviewedPage,
    /// The tag of the language.
    pub language: &'static str,
    /// What is other than in the tenant.
    pub settings: SettingsPatch,
    /// The look of an application that people come from.
    pub client_look: Option<Box<ClientLook>>,
}

impl PreviewWish {
    /// Reads what was sent.
    ///
    /// # Errors
    /// All violations.
    pub async fn read(task: &mut Task) -> Result<Self, Fault> {
        let mut body: Fields = task.call.json().await?;
        let page =
            body.word("page", "one of sign-in, registration, consent and letter", PreviewedPage::by_name);
        let tag = |text: &str| LANGUAGES.iter().map(|known| known.tag).find(|tag| *tag == text);
        let language = body.word("language", "the tag of a language that pages are written in", tag);
        let settings = settings::read(&mut body);
        let client_look = body.member("client_look", Field::Other("client_look".into())).over(None);
        body.nothing_else();
        body.unread().settle()?;
        Ok(Self {
            page: page.flatten().unwrap_or(PreviewedPage::SignIn),
            language: language.flatten().unwrap_or("en"),
            settings,
            client_look: client_look.map(|look: ClientLookSent| look.0),
        })
    }

    /// A logo that is sent with it.
    pub fn logo(&self, name: &str) -> Option<&Picture> {
        let look = self.settings.look.as_ref()?.as_ref()?;
        LookPatch::logos(look).find_map(|(_, logo)| match logo {
            LogoSent::New(picture) if picture.name.as_str() == name => Some(&**picture),
            LogoSent::New(_) | LogoSent::Known(_) => None,
        })
    }

    /// The answer.
    ///
    /// # Errors
    /// Ours.
    pub fn shown(&self, html: &str) -> Result<Response, Fault> {
        let view = PreviewView { page: self.page.name(), language: self.language, html };
        json(StatusCode::OK, &view)
    }
}

/// A page or a letter as it would look.
#[derive(Serialize, JsonSchema)]
pub struct PreviewView<'a> {
    page: &'a str,
    language: &'a str,
    /// The whole of it, with its styles and pictures.
    html: &'a str,
}
