//! What pages are made of: each part has its template in `templates/parts/`, and is put on a page as it is.

use askama::Template;
use askama::filters::HtmlSafe;
use writ_core::claims::Claim;
use writ_core::scope_registry::built_in;
use writ_core::text::Legible;

use crate::call::words::{Html, say};

/// What goes into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputKind {
    /// The name that somebody has, or is to have.
    Username,
    /// The name that somebody signs in with: a passkey will do instead.
    SignInName,
    /// What somebody is called.
    Name,
    /// An email address.
    Email,
    /// The password that somebody has.
    Password,
    /// A password to be.
    NewPassword,
    /// A picture, as a file.
    Picture,
    /// What a device shows.
    Code,
    /// A code of an authenticator app.
    OneTimeCode,
    /// One that is longer than those of an app.
    LongCode,
    /// A recovery code.
    RecoveryCode,
    /// A standard claim.
    Claim(Claim),
}

impl InputKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Claim(Claim::Profile | Claim::Picture | Claim::Website) => "url",
            Self::Claim(Claim::PhoneNumber) => "tel",
            Self::Picture => "file",
            Self::Username
            | Self::SignInName
            | Self::Name
            | Self::Code
            | Self::OneTimeCode
            | Self::LongCode
            | Self::RecoveryCode
            | Self::Claim(_) => "text",
            Self::Email => "email",
            Self::Password | Self::NewPassword => "password",
        }
    }

    /// What browsers know it by; empty: they have nothing to fill in.
    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Picture => "",
            Self::Username => "username",
            Self::SignInName => "username webauthn",
            Self::Name => "name",
            Self::Email => "email",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
            Self::Code | Self::RecoveryCode => "off",
            Self::OneTimeCode | Self::LongCode => "one-time-code",
            Self::Claim(claim) => of_claim(claim),
        }
    }

    /// How it looks.
    const fn class(self) -> &'static str {
        match self {
            Self::OneTimeCode => "in otp",
            Self::RecoveryCode | Self::Code | Self::LongCode => "in mono",
            _ => "in",
        }
    }

    /// Whether nobody is to read it over a shoulder.
    const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::NewPassword)
    }

    /// Whether it is said how hard it is to guess.
    const fn is_measured(self) -> bool {
        matches!(self, Self::NewPassword)
    }

    /// Whether what goes into it may have several lines.
    const fn has_lines(self) -> bool {
        matches!(self, Self::Claim(claim) if claim.has_lines())
    }

    /// The other attributes.
    const fn more(self) -> &'static str {
        match self {
            Self::Username | Self::SignInName => {
                " maxlength=\"255\" autocapitalize=\"none\" spellcheck=\"false\" dir=\"auto\""
            }
            Self::Email => " maxlength=\"254\" spellcheck=\"false\" dir=\"ltr\"",
            Self::Password => "",
            Self::Picture => " accept=\"image/png,image/jpeg,image/webp\"",
            Self::Code => " maxlength=\"64\" autocapitalize=\"characters\" spellcheck=\"false\" dir=\"ltr\"",
            Self::NewPassword => " minlength=\"8\" maxlength=\"256\"",
            Self::OneTimeCode | Self::LongCode => {
                " inputmode=\"numeric\" maxlength=\"12\" spellcheck=\"false\""
            }
            Self::RecoveryCode => {
                " maxlength=\"24\" autocapitalize=\"none\" spellcheck=\"false\" dir=\"ltr\""
            }
            Self::Claim(claim) if claim.has_lines() => " rows=\"3\" maxlength=\"1024\" dir=\"auto\"",
            Self::Claim(
                Claim::Profile
                | Claim::Picture
                | Claim::Website
                | Claim::Birthdate
                | Claim::Zoneinfo
                | Claim::Locale
                | Claim::PhoneNumber,
            ) => " maxlength=\"255\" autocapitalize=\"none\" spellcheck=\"false\" dir=\"ltr\"",
            Self::Name | Self::Claim(_) => " maxlength=\"255\" dir=\"auto\"",
        }
    }
}

/// What browsers know a claim by (HTML, section 4.10.18.7.1).
const fn of_claim(claim: Claim) -> &'static str {
    match claim {
        Claim::GivenName => "given-name",
        Claim::FamilyName => "family-name",
        Claim::MiddleName => "additional-name",
        Claim::Nickname => "nickname",
        Claim::Website => "url",
        Claim::Picture => "photo",
        Claim::Gender => "sex",
        Claim::Birthdate => "bday",
        Claim::Locale => "language",
        Claim::StreetAddress => "street-address",
        Claim::Locality => "address-level2",
        Claim::Region => "address-level1",
        Claim::PostalCode => "postal-code",
        Claim::Country => "country-name",
        Claim::PhoneNumber => "tel",
        Claim::Profile | Claim::Zoneinfo | Claim::Formatted | Claim::PhoneNumberVerified => "off",
    }
}

/// Whether the cursor is in a field when the page opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Focus {
    /// It is.
    Here,
    /// It is not.
    #[default]
    Elsewhere,
}

impl Focus {
    const fn is_here(self) -> bool {
        matches!(self, Self::Here)
    }
}

/// What the Enter key of a screen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum EnterKey {
    /// It leads to the field that follows.
    #[default]
    Next,
    /// It sends the form.
    Go,
}

/// Whether a form can be sent without a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Needed {
    /// It cannot.
    #[default]
    Yes,
    /// It can.
    No,
    /// It can, as without every other field of its form: none of them says so.
    Nowhere,
}

/// Whether the problem of the whole form is about this field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Blamed {
    /// It is.
    Yes,
    /// There is none, or it is about something else.
    #[default]
    No,
}

/// A field with its label, its hint and what is wrong with it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub(super) struct FormField<'a> {
    /// Its name, and its id.
    pub name: &'static str,
    /// What stands above it.
    pub label: String,
    /// What goes into it.
    pub kind: InputKind,
    /// What is filled in already.
    pub value: &'a str,
    /// What helps to fill it in.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub error: Option<&'a str>,
    /// Another way, after it: whoever goes on with the keyboard comes to the field first.
    pub link: Option<(String, String)>,
    /// Whether the cursor is in it.
    pub focus: Focus,
    /// Whether it has to be filled in.
    pub needed: Needed,
    /// Whether the problem of the form is about it.
    pub blamed: Blamed,
    /// What the Enter key does in it.
    pub enter: EnterKey,
}

impl HtmlSafe for FormField<'_> {}

/// The cursor is in the first field that is wrong: that is what somebody has to look at.
pub(super) fn focus_on_wrong(fields: &mut [FormField<'_>]) {
    let Some(first) = fields.iter().position(FormField::is_wrong) else { return };
    for (at, field) in fields.iter_mut().enumerate() {
        field.focus = if at == first { Focus::Here } else { Focus::Elsewhere };
    }
}

impl FormField<'_> {
    /// An empty one.
    pub(super) fn new(name: &'static str, kind: InputKind, label: String) -> Self {
        Self {
            name,
            label,
            kind,
            value: "",
            hint: None,
            error: None,
            link: None,
            focus: Focus::default(),
            needed: Needed::default(),
            blamed: Blamed::default(),
            enter: EnterKey::default(),
        }
    }

    /// The same as the last one of its form.
    pub(super) fn last(&self) -> Self {
        Self { enter: EnterKey::Go, ..self.clone() }
    }

    /// The attributes that it has whether it is one line or several.
    fn attributes(&self) -> String {
        let mut attributes = String::new();
        let autocomplete = self.kind.autocomplete();
        if !autocomplete.is_empty() {
            attributes.extend([" autocomplete=\"", autocomplete, "\""]);
        }
        attributes.push_str(self.kind.more());
        if self.kind != InputKind::Picture && !self.kind.has_lines() {
            let does = match self.enter {
                EnterKey::Next => "next",
                EnterKey::Go => "go",
            };
            attributes.extend([" enterkeyhint=\"", does, "\""]);
        }
        let described = self.described();
        let marks = [
            (self.needed == Needed::Yes, " required"),
            (self.focus.is_here(), " autofocus"),
            (self.is_wrong(), " aria-invalid=\"true\""),
        ];
        attributes.extend(marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark));
        if !described.is_empty() {
            attributes.extend([" aria-describedby=\"", &described, "\""]);
        }
        attributes
    }

    fn is_optional(&self) -> bool {
        self.needed == Needed::No
    }

    fn is_wrong(&self) -> bool {
        self.error.is_some() || self.blamed == Blamed::Yes
    }

    /// The ids of all that is said about it.
    fn described(&self) -> String {
        let mut ids = Vec::new();
        if self.blamed == Blamed::Yes {
            ids.push("problem".to_owned());
        }
        if self.error.is_some() {
            ids.push(format!("{}_problem", self.name));
        }
        if self.hint.is_some() {
            ids.push(format!("{}_hint", self.name));
        }
        ids.join(" ")
    }
}

/// What went wrong with a whole form, after it was sent.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/problem.html")]
pub(super) struct Problem {
    /// What happened.
    pub what: String,
    /// What to do; empty: the first says it.
    pub remedy: String,
    /// Where that is done.
    pub link: Option<(String, String)>,
}

impl HtmlSafe for Problem {}

impl Problem {
    /// One that says all.
    pub(super) fn new(what: String) -> Self {
        Self { what, remedy: String::new(), link: None }
    }
}

/// A choice beside the fields of a form: yes, or nothing.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/tick.html")]
pub(super) struct Tick {
    /// Its name.
    pub name: &'static str,
    /// What is chosen.
    pub words: String,
    /// Whether it is, when the page opens.
    pub is_ticked: bool,
}

impl HtmlSafe for Tick {}

/// How much a button weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The one of its page.
    Main,
    /// Another one.
    Other,
    /// One that takes something away for good.
    Risk,
}

impl Weight {
    pub(super) const fn classes(self) -> &'static str {
        match self {
            Self::Main => "pri big wide go",
            Self::Other => "big wide go",
            Self::Risk => "risk pri big wide go",
        }
    }
}

/// A button that sends its form.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/button.html")]
pub(super) struct Button {
    /// What it does.
    pub words: String,
    /// How much it weighs.
    pub weight: Weight,
    /// What it sends besides.
    pub sends: Option<(&'static str, &'static str)>,
}

impl HtmlSafe for Button {}

impl Button {
    /// The main one of a page.
    pub(super) fn main(words: String) -> Self {
        Self { words, weight: Weight::Main, sends: None }
    }

    /// One that takes something away for good.
    pub(super) fn risky(words: String) -> Self {
        Self { words, weight: Weight::Risk, sends: None }
    }

    /// One that something else on the page comes before.
    pub(super) fn other(words: String) -> Self {
        Self { words, weight: Weight::Other, sends: None }
    }
}

/// A way to sign in at another identity provider.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/elsewhere.html")]
pub(super) struct WayElsewhere {
    /// Where it begins.
    pub address: String,
    /// What it says.
    pub words: String,
}

impl HtmlSafe for WayElsewhere {}

/// Where somebody sends a picture of themselves.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/portrait.html")]
pub(super) struct PortraitForm<'a> {
    /// The one that there is.
    pub shown: Option<Html>,
    /// What stands for them where there is none.
    pub initial: String,
    /// Where it goes.
    pub action: String,
    /// What shows that the form is ours.
    pub csrf: String,
    /// Its field.
    pub field: FormField<'a>,
    /// Its button.
    pub button: Button,
    /// What takes the picture away; none: there is none.
    pub remove: Option<Button>,
}

impl HtmlSafe for PortraitForm<'_> {}

/// What a page is about, at a glance.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "parts/badge.html")]
pub(super) struct Badge {
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Done,
    Impossible,
    Mail,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// It is done.
    pub(super) const DONE: Self = Self { about: About::Done };
    /// It is not possible.
    pub(super) const IMPOSSIBLE: Self = Self { about: About::Impossible };
    /// Somebody gets an email.
    pub(super) const MAIL: Self = Self { about: About::Mail };
}

impl About {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "is-ok",
            Self::Impossible => "is-bad",
            Self::Mail => "is-brand",
        }
    }
}

/// A scope for people: what somebody has described it as, what it is called here, or, in the end, its name as words.
pub(super) fn in_words(name: &str, description: Option<&str>) -> String {
    let described = description.filter(|words| !words.is_empty());
    let known = built_in(name).filter(|known| described.is_none_or(|words| words == known.description));
    match (known.and_then(|_| scope_id(name)), described) {
        (Some(id), _) => say(id),
        (None, Some(words)) => Legible::of(words).to_string(),
        (None, None) => spoken(name),
    }
}

/// The name of a scope as words: of an address what comes last, and spaces for whatever joins its parts.
fn spoken(name: &str) -> String {
    let last = name
        .split_once("://")
        .map_or(name, |(_, rest)| rest.rsplit(['/', '#']).find(|part| !part.is_empty()).unwrap_or(rest));
    let words = last.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => say("scope-unnamed"),
    }
}

/// What a claim is called, by the name that applications know.
pub(super) fn claim_words(name: &str) -> String {
    let own = match name {
        "name" => "register-name",
        "preferred_username" => "username-alone",
        "email" => "email-label",
        "email_verified" => "claim-email-confirmed",
        "phone_number_verified" => "claim-phone-confirmed",
        "updated_at" => "claim-updated",
        "address" => "claim-address",
        _ => match Claim::ALL.iter().find(|claim| claim.name() == name) {
            Some(claim) => claim_id(*claim),
            None => return spoken(name),
        },
    };
    say(own)
}

/// The id of what a claim is called.
pub(super) const fn claim_id(claim: Claim) -> &'static str {
    match claim {
        Claim::GivenName => "claim-given-name",
        Claim::FamilyName => "claim-family-name",
        Claim::MiddleName => "claim-middle-name",
        Claim::Nickname => "claim-nickname",
        Claim::Profile => "claim-profile",
        Claim::Picture => "claim-picture",
        Claim::Website => "claim-website",
        Claim::Gender => "claim-gender",
        Claim::Birthdate => "claim-birthdate",
        Claim::Zoneinfo => "claim-zoneinfo",
        Claim::Locale => "claim-locale",
        Claim::Formatted => "claim-address",
        Claim::StreetAddress => "claim-street",
        Claim::Locality => "claim-locality",
        Claim::Region => "claim-region",
        Claim::PostalCode => "claim-postal-code",
        Claim::Country => "claim-country",
        Claim::PhoneNumber | Claim::PhoneNumberVerified => "claim-phone",
    }
}

/// The words of a scope that every tenant has.
fn scope_id(name: &str) -> Option<&'static str> {
    Some(match name {
        "openid" => "scope-openid",
        "profile" => "scope-profile",
        "email" => "scope-email",
        "address" => "scope-address",
        "phone" => "scope-phone",
        "offline_access" => "scope-offline-access",
        "roles" => "scope-roles",
        "groups" => "scope-groups",
        "oauth:read" => "scope-oauth-read",
        "oauth:write" => "scope-oauth-write",
        "users:read" => "scope-users-read",
        "users:write" => "scope-users-write",
        "sessions:read" => "scope-sessions-read",
        "sessions:write" => "scope-sessions-write",
        "audit:read" => "scope-audit-read",
        "keys:read" => "scope-keys-read",
        "keys:write" => "scope-keys-write",
        "tenants:read" => "scope-tenants-read",
        "tenants:write" => "scope-tenants-write",
        "clients:trust" => "scope-clients-trust",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In English the words are those that every tenant has; and no scope is without.
    #[test]
    fn scopes_that_every_tenant_has_are_said_in_the_language_of_the_page() {
        for scope in writ_core::scope_registry::BUILT_IN {
            assert!(scope_id(scope.name).is_some(), "{}", scope.name);
            assert_eq!(in_words(scope.name, Some(scope.description)), scope.description);
            assert_eq!(in_words(scope.name, Some("Own words")), "Own words");
            assert_eq!(in_words(scope.name, None), scope.description);
        }
    }

    /// Nobody reads a code, whatever a scope is called.
    #[test]
    fn a_scope_without_words_is_its_name_as_words() {
        for (name, expected) in [
            ("orders:read", "Orders read"),
            ("orders.line_items-write", "Orders line items write"),
            ("https://api.example/auth/drive.readonly", "Drive readonly"),
            ("https://api.example/", "Api example"),
            ("::", "Something that it does not describe"),
        ] {
            assert_eq!(in_words(name, None), expected);
            assert_eq!(in_words(name, Some("")), expected);
        }
    }

    /// Every claim that an application can ask for by itself has words.
    #[test]
    fn claims_are_said_in_words() {
        for claim in Claim::ALL {
            assert!(!claim_words(claim.name()).contains('_'), "{}", claim.name());
        }
        for name in ["name", "preferred_username", "updated_at", "email", "email_verified", "address"] {
            assert!(!claim_words(name).contains('_'), "{name}");
        }
    }

    #[test]
    fn a_field_is_named_described_and_filled_in() {
        let field = FormField::new("username", InputKind::Username, "Name & more".into());
        let plain = field.to_string();
        assert!(plain.contains("<label for=\"username\">Name &#38; more</label>"), "{plain}");
        assert!(plain.contains("id=\"username\"") && plain.contains(" required"), "{plain}");
        assert!(
            !plain.contains("aria-") && !plain.contains("value=") && !plain.contains("autofocus"),
            "{plain}"
        );
        let wrong = FormField {
            value: "\"><script>",
            error: Some("Is <not> good."),
            hint: Some("A hint.".into()),
            blamed: Blamed::Yes,
            needed: Needed::No,
            ..field
        };
        let wrong = wrong.to_string();
        assert!(wrong.contains("aria-describedby=\"problem username_problem username_hint\""), "{wrong}");
        assert!(wrong.contains("aria-invalid=\"true\"") && !wrong.contains("required"), "{wrong}");
        assert!(
            wrong.contains("value=\"&#34;&#62;&#60;script&#62;\"") && wrong.contains("&#60;not&#62;"),
            "{wrong}"
        );
    }
}
