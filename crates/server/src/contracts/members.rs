//! The types that members of a request have: how each is read, and how the API's document describes it. [`members!`]
//! makes of one table the reader of a request, its description, and how its fields are spelled in errors.

use std::borrow::Cow;

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::Value;
use writ_core::client::{
    ApplicationType, AssertionAudience, AuthAlg, AuthMethod, ClientKind, IdTokenClaims, MAX_KEYS, ObjectAlg,
    SubjectType, TokenShape, Translations, Typ,
};
use writ_core::shell_reason::ShellReason;
use writ_core::time::Micros;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::wire;
use crate::call::schema::{Schema, required};

/// What a member of a request is.
pub trait Member: Sized {
    /// Reads it; `null` and absence are told apart before.
    ///
    /// # Errors
    /// What it must be.
    fn read(value: Value) -> Result<Self, ShellReason>;

    /// How it is described.
    fn schema() -> Schema;
}

impl Member for String {
    fn read(value: Value) -> Result<Self, ShellReason> {
        match value {
            Value::String(text) => Ok(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(ShellReason::TextNeeded)
            }
        }
    }

    fn schema() -> Schema {
        Schema::text()
    }
}

impl Member for Vec<String> {
    fn read(value: Value) -> Result<Self, ShellReason> {
        match value {
            Value::Array(entries) => entries
                .into_iter()
                .map(|entry| String::read(entry).map_err(|_| ShellReason::ListOfTexts))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(ShellReason::ListOfTexts)
            }
        }
    }

    fn schema() -> Schema {
        Schema::list(Schema::text())
    }
}

impl Member for i64 {
    fn read(value: Value) -> Result<Self, ShellReason> {
        value.as_i64().ok_or(ShellReason::WholeNumber)
    }

    fn schema() -> Schema {
        Schema::integer()
    }
}

impl Member for bool {
    fn read(value: Value) -> Result<Self, ShellReason> {
        value.as_bool().ok_or(ShellReason::Flag)
    }

    fn schema() -> Schema {
        Schema::flag()
    }
}

/// A display name.
#[derive(Debug)]
pub struct Name(pub String);

impl Member for Name {
    fn read(value: Value) -> Result<Self, ShellReason> {
        String::read(value).map(Self)
    }

    fn schema() -> Schema {
        Schema::text().between(1, 255)
    }
}

/// URIs.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Uris(pub Vec<String>);

impl Uris {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In their order.
    pub fn of<T: ToString>(list: &[T]) -> Self {
        Self(list.iter().map(T::to_string).collect())
    }
}

impl Member for Uris {
    fn read(value: Value) -> Result<Self, ShellReason> {
        Vec::read(value).map(Self)
    }

    fn schema() -> Schema {
        Schema::list(Schema::uri())
    }
}

/// Scopes as one text, with spaces between them.
#[derive(Debug)]
pub struct ScopeText(pub Vec<String>);

impl Member for ScopeText {
    fn read(value: Value) -> Result<Self, ShellReason> {
        let text = String::read(value).map_err(|_| ShellReason::ScopesAsText)?;
        Ok(Self(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()))
    }

    fn schema() -> Schema {
        Schema::text()
    }
}

/// A set of public keys (RFC 7517 §5).
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Jwks(pub Value);

impl Member for Jwks {
    fn read(value: Value) -> Result<Self, ShellReason> {
        if value.is_object() { Ok(Self(value)) } else { Err(ShellReason::ObjectWanted) }
    }

    fn schema() -> Schema {
        let key = Schema::object([required("kty", Schema::text())]).open();
        Schema::object([required("keys", Schema::list(key).at_most(MAX_KEYS))]).open()
    }
}

/// Something that is one of a few words.
pub trait Vocabulary: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// What they are, as it is said where it is another.
    const KNOWN: &'static str;
    /// Its word.
    fn word(self) -> &'static str;
}

macro_rules! vocabulary {
    ($($type:ty: $all:expr, $known:literal;)*) => {$(
        impl Vocabulary for $type {
            const ALL: &'static [Self] = &$all;
            const KNOWN: &'static str = $known;
            fn word(self) -> &'static str {
                self.name()
            }
        }
    )*};
}

vocabulary! {
    ClientKind: [Self::Web, Self::Spa, Self::Native, Self::Machine], "one of web, spa, native, machine";
    AuthMethod: AuthMethod::ALL,
        "one of client_secret_basic, client_secret_post, client_secret (either of these two), client_secret_jwt, \
         private_key_jwt and none";
    AuthAlg: AuthAlg::ALL, "one of ES256, RS256, PS256, EdDSA and HS256";
    ObjectAlg: ObjectAlg::ALL, "one of ES256, RS256, PS256, EdDSA, HS256 and none";
    SubjectType: SubjectType::ALL, "one of public and pairwise";
    ApplicationType: ApplicationType::ALL, "one of web and native";
    AssertionAudience: AssertionAudience::ALL, "one of issuer and token_endpoint";
    TokenShape: TokenShape::ALL, "one of jwt and opaque";
    IdTokenClaims: IdTokenClaims::ALL, "one of minimal and scopes";
    Typ: Typ::ALL, "one of at+jwt and JWT";
    Algorithm: Algorithm::ALL, "one of ES256, EdDSA, RS256 and PS256";
    KeyManagement: KeyManagement::ALL, "one of RSA-OAEP-256 and ECDH-ES";
    ContentEncryption: ContentEncryption::ALL, "one of A256GCM and A128CBC-HS256";
}

/// One of a few words.
#[derive(Debug, Clone, Copy)]
pub struct KnownWord<T>(pub T);

impl<T: Vocabulary> Member for KnownWord<T> {
    fn read(value: Value) -> Result<Self, ShellReason> {
        let known = |text: &str| T::ALL.iter().copied().find(|one| one.word() == text);
        value.as_str().and_then(known).map(Self).ok_or_else(|| ShellReason::MustBe { known: T::KNOWN.into() })
    }

    fn schema() -> Schema {
        Schema::word(T::ALL.iter().map(|one| one.word()))
    }
}

impl<T: Vocabulary> Serialize for KnownWord<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

/// A row id, as a UUID.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Uuid(String);

impl Uuid {
    /// That of a row.
    #[expect(clippy::needless_pass_by_value, reason = "ids are small and copied; `map` takes it as it is")]
    pub fn of(id: impl ToString) -> Self {
        Self(id.to_string())
    }
}

/// A row id behind what it is of: `cli_`, `tnt_`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Prefixed(pub String);

/// A time: RFC 3339 in UTC.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Time(String);

impl From<Micros> for Time {
    fn from(at: Micros) -> Self {
        Self(wire::time(at))
    }
}

/// An address that people are shown.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct PageAddress<'a>(pub &'a str);

/// Members that are there in a language: `client_name#ja`.
pub const TRANSLATED: &str = "^(client_name|client_uri|logo_uri|policy_uri|tos_uri)#[A-Za-z0-9-]+$";

/// What is registered of a client in languages, each as a member of its own (RFC 7591 §2.2).
#[derive(Debug)]
pub struct InLanguages<'a>(pub &'a Translations);

impl Serialize for InLanguages<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter())
    }
}

/// What is said of a client's secret.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum SecretMember<'a> {
    /// Nothing: it is shown where it is made, and never again.
    Untold,
    /// This is it; `null` for a public client.
    Shown(Option<&'a str>),
}

impl SecretMember<'_> {
    /// Whether the member is left out.
    pub const fn is_untold(&self) -> bool {
        matches!(self, Self::Untold)
    }
}

macro_rules! described {
    ($([$($generics:tt)*] $type:ty: $schema:expr;)*) => {$(
        impl<$($generics)*> JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
                $schema.into()
            }
        }
    )*};
}

described! {
    [] Uris: <Self as Member>::schema();
    [] Jwks: <Self as Member>::schema();
    [T: Vocabulary] KnownWord<T>: <Self as Member>::schema();
    [] Uuid: Schema::uuid();
    [] Prefixed: Schema::text().like("^(cli|tnt)_[0-9A-HJKMNP-TV-Z]{26}$");
    [] Time: Schema::time();
    ['a] PageAddress<'a>: Schema::uri();
    ['a] InLanguages<'a>: Schema::object([]).with_members_like(TRANSLATED, Schema::text());
    ['a] SecretMember<'a>: Schema::text().or_null();
}

/// The members of a request: what each is called, what it is, and which field of a client it is. What stands over a
/// member is said of it in the API's document.
macro_rules! members {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[doc = $doc:literal])* $wire:literal $member:ident: $type:ty => $field:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $name {
            $($member: writ_core::client::Update<$type>,)*
        }

        impl $name {
            /// Takes them out of a request.
            pub(super) fn read(sent: &mut crate::contracts::fields::Fields) -> Self {
                Self { $($member: sent.member($wire, $field),)* }
            }

            /// What a field is called.
            pub(super) fn spelling(field: &writ_core::client::Field) -> Option<&'static str> {
                let known: &[(writ_core::client::Field, &'static str)] = &[$(($field, $wire),)*];
                known.iter().find(|(known, _)| known == field).map(|(_, name)| *name)
            }

            /// How they are described.
            pub(super) fn schema() -> crate::call::schema::Schema {
                crate::call::schema::Schema::object([$(
                    crate::call::schema::optional(
                        $wire,
                        <$type as crate::contracts::members::Member>::schema().or_null().about(concat!($($doc),*).trim_start()),
                    ),
                )*])
            }
        }
    };
}

pub(super) use members;
