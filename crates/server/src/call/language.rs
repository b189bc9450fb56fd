//! Languages: in which people read a page. Each has a file of words (`words/`), and English has all of them.
//!
//! What a person has chosen comes first, then what the application asked for (`ui_locales`, OpenID Connect Core
//! §3.1.2.1), then what their browser says they read (`Accept-Language`, RFC 9110 §12.5.4), then English.

use std::cell::Cell;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use http::{HeaderMap, Uri, header};
use writ_core::client::{LogoInLanguage, Translatable, Translations};
use writ_core::form::Form;

/// Words, read once.
type Bundle = FluentBundle<FluentResource>;

/// A language that pages are written in.
pub(crate) struct Language {
    /// Its tag (BCP 47).
    pub tag: &'static str,
    /// What those who speak it call it.
    pub name: &'static str,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// Its file.
    #[cfg(test)]
    pub file: &'static str,
    bundle: LazyLock<Bundle>,
}

macro_rules! languages {
    ($($(#[doc = $doc:literal])* $constant:ident = $tag:literal, $name:literal, $dir:literal;)*) => {
        $($(#[doc = $doc])*
        static $constant: Language = Language {
            tag: $tag,
            name: $name,
            dir: $dir,
            #[cfg(test)]
            file: include_str!(concat!("../../words/", $tag, ".ftl")),
            bundle: LazyLock::new(|| read($tag, include_str!(concat!("../../words/", $tag, ".ftl")))),
        };)*

        /// All of them, in the order in which they are offered.
        pub(crate) static LANGUAGES: &[&Language] = &[$(&$constant,)*];
    };
}

languages! {
    /// English.
    ENGLISH = "en", "English", "ltr";
    /// German.
    GERMAN = "de", "Deutsch", "ltr";
    /// French.
    FRENCH = "fr", "Français", "ltr";
    /// Spanish.
    SPANISH = "es", "Español", "ltr";
    /// Portuguese.
    PORTUGUESE = "pt", "Português", "ltr";
    /// Japanese.
    JAPANESE = "ja", "日本語", "ltr";
    /// Arabic.
    ARABIC = "ar", "العربية", "rtl";
}

fn read(tag: &str, file: &str) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    // Names are set apart where they come in: by markup, or by `Legible::isolated`.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, errors)| {
        tracing::error!("words/{tag}.ftl: {errors:?}");
        resource
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!("words/{tag}.ftl: {errors:?}");
    }
    bundle
}

impl Language {
    /// The words with an id; none where it has none.
    fn says(&self, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }

    /// The language that a tag stands for: itself, or its first part.
    fn by_tag(tag: &str) -> Option<&'static Self> {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES
            .iter()
            .copied()
            .find(|language| language.tag.eq_ignore_ascii_case(first))
            .or_else(|| strange(first))
    }
}

/// The language that nobody speaks, which is not offered: it is there for whoever looks for it, in servers that are built
/// for developers.
#[cfg(debug_assertions)]
fn strange(tag: &str) -> Option<&'static Language> {
    use crate::reasons::pseudo;

    static PSEUDO: Language = Language {
        tag: pseudo::TAG,
        name: "",
        dir: "rtl",
        #[cfg(test)]
        file: "",
        bundle: LazyLock::new(|| read(pseudo::TAG, &pseudo::file(include_str!("../../words/en.ftl")))),
    };
    (tag == PSEUDO.tag).then_some(&PSEUDO)
}

#[cfg(not(debug_assertions))]
const fn strange(_: &str) -> Option<&'static Language> {
    None
}

/// The words with an id, in the language of the page; those that it lacks in English.
pub(super) fn words(id: &str, args: &FluentArgs<'_>) -> Option<String> {
    present().says(id, args).or_else(|| ENGLISH.says(id, args))
}

/// What led to a language: what comes first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Because {
    /// Nothing is known of the reader, or the browser says so.
    Accepted,
    /// The application asked for it.
    Wished,
    /// The person has chosen it.
    Picked,
}

/// In which language an answer is written, and where it is shown.
struct Present {
    language: Cell<(Because, &'static Language)>,
    /// Path and query, for the links to the same page in other languages.
    here: Box<str>,
}

tokio::task_local! {
    static PRESENT: Present;
}

/// The cookie that keeps what somebody has chosen.
const COOKIE: &str = "writ_lang";
/// For how long, in seconds.
const KEPT: u32 = 31_536_000;
/// The parameters of our pages that stay in their addresses.
const KEPT_PARAMETERS: [&str; 19] = [
    "login_challenge",
    "user_code",
    "proved",
    "by",
    "id",
    "account",
    "consent_verifier",
    "token",
    "to",
    "done",
    "sent",
    "devices",
    "applications",
    "said",
    "with",
    "remove",
    "asked",
    "mailed",
    WISH,
];
/// The parameter by which a person chooses it.
const CHOICE: &str = "lang";
/// The parameter by which an application asks for it. It stays in the address from page to page.
const WISH: &str = "ui_locales";

/// How a request is answered: in which language, and whether somebody has just chosen it.
pub(crate) struct Chosen {
    present: Present,
    /// What the browser is to keep.
    pub keep: Option<&'static Language>,
}

impl Chosen {
    /// Reads what a request says of the language.
    pub(crate) fn of(headers: &HeaderMap, target: &Uri) -> Self {
        // A name as it is usually written is looked for first: most requests bring neither, and long queries.
        let query = target.query().filter(|query| [CHOICE, WISH].iter().any(|name| query.contains(name)));
        let query = query.and_then(|query| Form::parse(query.as_bytes()).ok());
        let named = |name: &str| query.as_ref()?.get(name).and_then(first_of);
        let keep = named(CHOICE);
        let (because, language) = match (keep.or_else(|| cookie(headers)), named(WISH)) {
            (Some(chosen), _) => (Because::Picked, chosen),
            (None, Some(wished)) => (Because::Wished, wished),
            (None, None) => (Because::Accepted, accepted(headers).unwrap_or(&ENGLISH)),
        };
        let here = target.path_and_query().map_or("/", |here| here.as_str());
        let present = Present { language: Cell::new((because, language)), here: here.into() };
        Self { present, keep }
    }

    /// Answers in that language.
    pub(crate) async fn during<F: Future>(self, answering: F) -> F::Output {
        PRESENT.scope(self.present, answering).await
    }
}

/// Does something in the language with this tag, where there is nobody whose language would be known otherwise.
pub(crate) fn speaking<T>(tag: Option<&str>, act: impl FnOnce() -> T) -> T {
    match tag.and_then(Language::by_tag) {
        Some(language) => {
            let language = Cell::new((Because::Picked, language));
            PRESENT.sync_scope(Present { language, here: "/".into() }, act)
        }
        None => act(),
    }
}

/// The language in which the answer is written.
pub(crate) fn present() -> &'static Language {
    PRESENT.try_with(|present| present.language.get().1).unwrap_or(&ENGLISH)
}

/// What an application says of itself in the language in which the answer is written; none: what it says without one
/// counts.
pub(crate) fn translated(known: &Translations, what: Translatable) -> Option<&str> {
    known.in_language(what, present().tag)
}

/// The logo that an application has for the language in which the answer is written, if it has one.
pub(crate) fn logo_of(known: &Translations) -> Option<LogoInLanguage<'_>> {
    known.logo(present().tag)
}

/// What an application is called in the language in which the answer is written.
pub(crate) fn called<'a>(plain: &'a str, known: &'a Translations) -> &'a str {
    translated(known, Translatable::Name).unwrap_or(plain)
}

/// What the application asked for that somebody is here for: the first of its languages that there is, unless the
/// person has chosen one.
pub(crate) fn wished(ui_locales: &str) {
    let Some(language) = first_of(ui_locales) else { return };
    // Outside of a request there is nobody to read anything.
    let _ = PRESENT.try_with(|present| {
        if present.language.get().0 < Because::Wished {
            present.language.set((Because::Wished, language));
        }
    });
}

/// What an address carries along to the next page: the language that the application asked for, where it counts.
pub(crate) fn carried() -> Option<String> {
    let found = PRESENT.try_with(|present| present.language.get()).ok()?;
    (found.0 == Because::Wished).then(|| format!("{WISH}={}", found.1.tag))
}

/// This page in another language.
pub(crate) fn here_in(language: &Language) -> String {
    let here = PRESENT.try_with(|present| present.here.clone()).unwrap_or_else(|_| "/".into());
    let (path, query) = here.split_once('?').unwrap_or((&here, ""));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte);
    // What two slashes begin with leads elsewhere, what no page of ours is called is none, and what only takes forms is
    // no page either.
    let path = match path {
        path if path.starts_with("//") || !path.starts_with('/') || !path.bytes().all(is_plain) => "/",
        path => ["/devices", "/applications", "/picture"]
            .into_iter()
            .find_map(|form| path.strip_suffix(form))
            .unwrap_or(path),
    };
    let kept = query.split('&').filter(|pair| {
        pair.split_once('=').is_some_and(|(name, value)| {
            KEPT_PARAMETERS.contains(&name) && value.bytes().all(|byte| is_plain(byte) || byte == b'~')
        })
    });
    let pairs = kept.map(str::to_owned).chain([format!("{CHOICE}={}", language.tag)]);
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// The header by which a browser keeps what somebody has chosen.
pub(crate) fn kept(language: &Language, is_secure: bool) -> Option<http::HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}", language.tag);
    http::HeaderValue::from_str(&text).ok()
}

/// The first of some tags, in order of preference, that there is.
fn first_of(tags: &str) -> Option<&'static Language> {
    tags.split(' ').take(10).find_map(Language::by_tag)
}

fn cookie(headers: &HeaderMap) -> Option<&'static Language> {
    super::browser::cookie(headers, COOKIE).and_then(Language::by_tag)
}

/// The language that a browser likes best of those that there are; the first of several that it likes as much.
fn accepted(headers: &HeaderMap) -> Option<&'static Language> {
    let mut best: Option<(u16, &'static Language)> = None;
    for range in headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok()) {
        for range in range.split(',').take(20) {
            let mut parts = range.split(';').map(str::trim);
            let Some(language) = parts.next().and_then(Language::by_tag) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), weight);
            let Some(weight) = weight.filter(|weight| *weight > 0) else { continue };
            if best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, language));
            }
        }
    }
    best.map(|(_, language)| language)
}

/// A weight (RFC 9110 §12.4.2) in thousandths.
fn weight(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" => Some(1000),
        "0" => format!("{part:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", None)]
    #[case("de", Some("de"))]
    #[case("de-AT, en;q=0.5", Some("de"))]
    #[case("nl, fr;q=0.3, en;q=0.2", Some("fr"))]
    #[case("en;q=0.1, ja;q=0.11", Some("ja"))]
    #[case("de;q=0, en", Some("en"))]
    #[case("de;q=2, es;q=x, pt-BR", Some("pt"))]
    #[case("*", None)]
    #[case("nl", None)]
    #[case(",;,;q=", None)]
    fn a_browser_says_what_its_owner_reads(#[case] sent: &'static str, #[case] expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, sent.parse().unwrap());
        assert_eq!(accepted(&headers).map(|language| language.tag), expected, "{sent}");
    }

    #[tokio::test]
    async fn what_the_person_chose_comes_before_the_application_and_that_before_the_browser() {
        let headers = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, "es".parse().unwrap());
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers
        };
        for (cookie, target, wish, expected, onward) in [
            ("a=b", "/login", "", "es", None),
            ("a=b", "/login", "xx fr de", "fr", Some("ui_locales=fr")),
            ("writ_lang=ja", "/login", "fr", "ja", None),
            ("writ_lang=ja", "/login?lang=ar", "fr", "ar", None),
            ("writ_lang=ja", "/login?ui_locales=ar", "", "ja", None),
            ("a=b", "/oauth2/authorize?ui_locales=nl%20pt", "", "pt", Some("ui_locales=pt")),
            ("writ_lang=nl", "/login?lang=nl", "", "es", None),
        ] {
            let chosen = Chosen::of(&headers(cookie), &target.parse().unwrap());
            let told = chosen.during(async {
                wished(wish);
                (present().tag, carried())
            });
            assert_eq!(told.await, (expected, onward.map(str::to_owned)), "{cookie} {target} {wish}");
        }
        assert_eq!(present().tag, "en", "where nobody reads");
    }

    #[tokio::test]
    async fn a_page_leads_to_itself_in_other_languages_and_nowhere_else() {
        for (target, expected) in [
            ("/login?login_challenge=ch_1&lang=fr", "/login?login_challenge=ch_1&lang=de"),
            ("/", "/?lang=de"),
            ("/account?done=%3Cb%3E&x=y&to=a", "/account?to=a&lang=de"),
            ("/errors/%3Cscript%3E", "/?lang=de"),
            ("//evil.example/x", "/?lang=de"),
            ("/t/acme/account/devices", "/t/acme/account?lang=de"),
        ] {
            let chosen = Chosen::of(&HeaderMap::new(), &target.parse().unwrap());
            assert_eq!(chosen.during(async { here_in(&GERMAN) }).await, expected);
        }
    }
}
