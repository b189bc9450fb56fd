//! The standard claims of a person that an account has no field of its own for (OpenID Connect Core §5.1). They are kept
//! together as one JSON object.

use writ_jose::{Json, JsonObject};

use crate::client::WebUri;
use crate::reason::Reason;
use crate::text::{Lines, TextError, check};

/// Characters of a claim at the most.
const LIMIT: usize = 255;
/// Characters of an address in full at the most.
const ADDRESS_LIMIT: usize = 1024;

/// Under which scope a claim is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimGroup {
    /// `profile`.
    Profile,
    /// `address`: the claim is a member of the claim `address` (§5.1.1).
    Address,
    /// `phone`.
    Phone,
}

macro_rules! claims {
    ($($name:ident = $text:literal in $group:ident,)*) => {
        /// A standard claim.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Claim { $(#[doc = concat!("`", $text, "`.")] $name,)* }

        impl Claim {
            /// Every one, in the order in which they are told.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name; of a part of an address, within `address`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where it stands in a request and in its errors.
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => match ClaimGroup::$group {
                        ClaimGroup::Address => concat!("address.", $text),
                        ClaimGroup::Profile | ClaimGroup::Phone => $text,
                    },)*
                }
            }

            /// Where it belongs.
            pub const fn group(self) -> ClaimGroup {
                match self { $(Self::$name => ClaimGroup::$group,)* }
            }
        }
    };
}

claims! {
    GivenName = "given_name" in Profile,
    FamilyName = "family_name" in Profile,
    MiddleName = "middle_name" in Profile,
    Nickname = "nickname" in Profile,
    Profile = "profile" in Profile,
    Picture = "picture" in Profile,
    Website = "website" in Profile,
    Gender = "gender" in Profile,
    Birthdate = "birthdate" in Profile,
    Zoneinfo = "zoneinfo" in Profile,
    Locale = "locale" in Profile,
    Formatted = "formatted" in Address,
    StreetAddress = "street_address" in Address,
    Locality = "locality" in Address,
    Region = "region" in Address,
    PostalCode = "postal_code" in Address,
    Country = "country" in Address,
    PhoneNumber = "phone_number" in Phone,
    PhoneNumberVerified = "phone_number_verified" in Phone,
}

impl Claim {
    /// Those that people may say of themselves: nobody confirms their own number.
    pub fn own() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|claim| !matches!(claim, Self::PhoneNumberVerified))
    }

    /// Whether its value may have several lines.
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Formatted | Self::StreetAddress)
    }

    /// What is wrong with a value; `None`: nothing.
    fn problem(self, value: &str) -> Option<Reason> {
        let limit = match self {
            Self::Formatted | Self::StreetAddress => ADDRESS_LIMIT,
            _ => LIMIT,
        };
        if value.chars().count() > limit {
            return Some(Reason::ClaimTooLong);
        }
        if value.trim().is_empty() {
            return Some(Reason::ClaimEmpty);
        }
        if value.chars().any(|c| c.is_control() && !(self.has_lines() && matches!(c, '\r' | '\n'))) {
            return Some(Reason::ClaimControlCharacter);
        }
        // What is invisible, or changes the order in which others are read, would show one thing and be another.
        let lines = if self.has_lines() { Lines::Many } else { Lines::One };
        if let Err(why @ TextError::Hidden(_)) = check(value, limit, lines) {
            return Some(why.into());
        }
        let fits = match self {
            Self::Profile | Self::Picture | Self::Website => {
                return WebUri::parse(value).is_err().then_some(Reason::ClaimHttps);
            }
            Self::Birthdate => {
                return (!is_birthdate(value)).then_some(Reason::ClaimBirthdate);
            }
            Self::Zoneinfo => value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b)),
            Self::Locale => value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
            Self::PhoneNumber => {
                value.bytes().all(|b| b.is_ascii_digit() || b"+-.() ;=ext".contains(&b))
                    && value.bytes().any(|b| b.is_ascii_digit())
            }
            Self::PhoneNumberVerified => matches!(value, "true" | "false"),
            Self::GivenName
            | Self::FamilyName
            | Self::MiddleName
            | Self::Nickname
            | Self::Gender
            | Self::Formatted
            | Self::StreetAddress
            | Self::Locality
            | Self::Region
            | Self::PostalCode
            | Self::Country => true,
        };
        match self {
            _ if fits => None,
            Self::Zoneinfo => Some(Reason::ClaimZone),
            Self::Locale => Some(Reason::ClaimLocale),
            Self::PhoneNumber => Some(Reason::ClaimPhone),
            _ => Some(Reason::ClaimBoolean),
        }
    }
}

/// OpenID Connect Core §5.1: the year may be unknown, or be all that is known.
fn is_birthdate(value: &str) -> bool {
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())?
    };
    let mut parts = value.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(year), None, None, None) => number(year, 4).is_some(),
        (Some(year), Some(month), Some(day), None) => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

/// The standard claims of a person, in the order of [`Claim::ALL`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandardClaims(Vec<(Claim, Box<str>)>);

impl StandardClaims {
    /// The value of one.
    pub fn get(&self, claim: Claim) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == claim).map(|(_, value)| &**value)
    }

    /// As stored: a JSON object of what there is; none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let mut json = JsonObject::default();
        for group in [ClaimGroup::Profile, ClaimGroup::Address, ClaimGroup::Phone] {
            self.write_to(group, &mut json);
        }
        Some(json.finish())
    }

    /// From the stored text. What is not known here is passed over: a later version may have written it.
    pub fn from_stored(text: &str) -> Self {
        let json = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        let member = |claim: &Claim| match claim.group() {
            ClaimGroup::Address => json.get("address")?.get(claim.name()),
            ClaimGroup::Profile | ClaimGroup::Phone => json.get(claim.name()),
        };
        let value = |claim: &Claim| match member(claim)? {
            Json::String(text) => Some((*claim, Box::from(text.as_str()))),
            Json::Boolean(value) => Some((*claim, Box::from(if *value { "true" } else { "false" }))),
            _ => None,
        };
        Self(Claim::ALL.iter().filter_map(value).collect())
    }

    /// Adds the claims of a group; those of an address as one object.
    pub fn write_to(&self, group: ClaimGroup, json: &mut JsonObject) {
        if group == ClaimGroup::Address {
            let mut address = JsonObject::with_capacity(128);
            let parts = self.0.iter().filter(|(claim, _)| claim.group() == group);
            if parts.clone().count() == 0 {
                return;
            }
            parts.for_each(|(claim, value)| {
                address.string(claim.name(), value);
            });
            json.raw("address", &address.finish());
            return;
        }
        for (claim, value) in self.0.iter().filter(|(claim, _)| claim.group() == group) {
            write(*claim, value, json);
        }
    }

    /// Adds the claim of that name, which is no part of an address.
    pub fn write_named(&self, name: &str, json: &mut JsonObject) {
        let is_it = |claim: Claim| claim.group() != ClaimGroup::Address && claim.name() == name;
        if let Some((claim, value)) = self.0.iter().find(|(claim, _)| is_it(*claim)) {
            write(*claim, value, json);
        }
    }
}

fn write(claim: Claim, value: &str, json: &mut JsonObject) {
    match claim {
        Claim::PhoneNumberVerified => json.boolean(claim.name(), value == "true"),
        _ => json.string(claim.name(), value),
    };
}

/// What shall become of the standard claims of a person: of each that is named, its value, or that it goes.
#[derive(Debug, Clone, Default)]
pub struct ClaimsPatch(Vec<(Claim, Option<Box<str>>)>);

impl ClaimsPatch {
    /// From what was sent.
    pub fn new(sent: impl IntoIterator<Item = (Claim, Option<Box<str>>)>) -> Self {
        Self(sent.into_iter().collect())
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes the claims. A number that is another one was verified by nobody, unless that is said beside it.
    ///
    /// # Errors
    /// Every claim whose value is not fit, and why.
    pub fn apply_to(&self, claims: &mut StandardClaims) -> Result<(), Vec<(Claim, Reason)>> {
        let wrong = |(claim, value): &(Claim, Option<Box<str>>)| {
            value.as_deref().and_then(|value| claim.problem(value)).map(|why| (*claim, why))
        };
        let wrong: Vec<_> = self.0.iter().filter_map(wrong).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let before = claims.get(Claim::PhoneNumber).map(Box::<str>::from);
        let mut after: Vec<(Claim, Box<str>)> = claims.0.clone();
        for (claim, value) in &self.0 {
            after.retain(|(known, _)| known != claim);
            after.extend(value.clone().map(|value| (*claim, value)));
        }
        let number = after.iter().find(|(claim, _)| *claim == Claim::PhoneNumber).map(|(_, value)| value);
        let said = self.0.iter().any(|(claim, _)| *claim == Claim::PhoneNumberVerified);
        if number.is_none() || (number != before.as_ref() && !said) {
            after.retain(|(claim, _)| *claim != Claim::PhoneNumberVerified);
        }
        let place = |claim: &Claim| Claim::ALL.iter().position(|known| known == claim);
        after.sort_by_key(|(claim, _)| place(claim));
        claims.0 = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(claims: &StandardClaims, sent: &[(Claim, Option<&str>)]) -> StandardClaims {
        let mut after = claims.clone();
        let sent = sent.iter().map(|(claim, value)| (*claim, value.map(Box::from)));
        ClaimsPatch::new(sent).apply_to(&mut after).unwrap();
        after
    }

    #[test]
    fn what_is_stored_comes_back() {
        assert_eq!(StandardClaims::default().to_stored(), None);
        let claims = patched(
            &StandardClaims::default(),
            &[
                (Claim::Country, Some("UK")),
                (Claim::FamilyName, Some("Lovelace \"née Byron\"")),
                (Claim::PhoneNumber, Some("+44 1")),
                (Claim::PhoneNumberVerified, Some("true")),
                (Claim::StreetAddress, Some("12 St James's Square\nLondon")),
            ],
        );
        let stored = claims.to_stored().unwrap();
        assert_eq!(
            stored,
            r#"{"family_name":"Lovelace \"née Byron\"","address":{"street_address":"12 St James's Square\nLondon","country":"UK"},"phone_number":"+44 1","phone_number_verified":true}"#
        );
        assert_eq!(StandardClaims::from_stored(&stored), claims);
        assert_eq!(StandardClaims::from_stored("not json"), StandardClaims::default());
    }

    #[test]
    fn another_number_was_verified_by_nobody() {
        let verified = [(Claim::PhoneNumber, Some("+44 1")), (Claim::PhoneNumberVerified, Some("true"))];
        let claims = patched(&StandardClaims::default(), &verified);
        assert_eq!(patched(&claims, &[(Claim::PhoneNumber, Some("+44 1"))]), claims, "the same");
        let other = patched(&claims, &[(Claim::PhoneNumber, Some("+44 2"))]);
        assert_eq!(other.get(Claim::PhoneNumberVerified), None);
        let gone = patched(&claims, &[(Claim::PhoneNumber, None)]);
        assert_eq!(gone, StandardClaims::default());
        let alone = patched(&StandardClaims::default(), &[(Claim::PhoneNumberVerified, Some("true"))]);
        assert_eq!(alone, StandardClaims::default(), "nothing is verified where there is no number");
    }

    #[test]
    fn values_that_are_not_fit_are_named() {
        let long = "x".repeat(256);
        let bad = [
            (Claim::Picture, "javascript:alert(1)"),
            (Claim::Website, "ada.example"),
            (Claim::Birthdate, "10.12.1815"),
            (Claim::Birthdate, "1815-13-01"),
            (Claim::Zoneinfo, "Europe/London; DROP"),
            (Claim::Locale, "en gb"),
            (Claim::PhoneNumber, "call me"),
            (Claim::PhoneNumberVerified, "yes"),
            (Claim::GivenName, ""),
            (Claim::GivenName, " "),
            (Claim::GivenName, "a\u{0}b"),
            (Claim::GivenName, "a\u{202e}b"),
            (Claim::StreetAddress, "12 St James\u{200b}\nLondon"),
            (Claim::Nickname, long.as_str()),
        ];
        for (claim, value) in bad {
            let mut claims = StandardClaims::default();
            let patch = ClaimsPatch::new([(claim, Some(value.into()))]);
            let wrong = patch.apply_to(&mut claims).unwrap_err();
            assert_eq!(wrong.len(), 1, "{claim:?} {value}");
            assert_eq!((wrong[0].0, claims), (claim, StandardClaims::default()));
        }
        for birthdate in ["1815", "1815-12-10", "0000-12-10"] {
            assert!(is_birthdate(birthdate), "{birthdate}");
        }
    }
}
