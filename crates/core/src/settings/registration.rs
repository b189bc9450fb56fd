//! How applications may register themselves (RFC 7591): whether at all, and what they may then have.

use std::sync::Arc;

use writ_jose::{Json, JsonObject};

use crate::authority::Permission;
use crate::client::{ClientJwks, Destination, GrantType, RedirectUri};
use crate::reason::Reason;
use crate::scope::ScopeToken;
use crate::settings::Switch;
use crate::time::Seconds;

/// Who may register a client without an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientRegistration {
    /// Nobody.
    #[default]
    Off,
    /// Whoever has an initial access token (RFC 7591 §1.2).
    Token,
    /// Everybody.
    Open,
}

impl ClientRegistration {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Off, Self::Token, Self::Open];

    /// The word, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Token => "token",
            Self::Open => "open",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// Entries of a list of the policy at the most.
const ENTRIES: usize = 100;
/// Issuers of software statements at the most.
const ISSUERS: usize = 20;
/// Clients that a tenant may let register themselves at the most.
pub const MOST_CLIENTS: i64 = 10_000_000;

/// Where redirect URIs may lead: to a host, to every host below a name, or to what claims a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectHost(Box<str>);

impl RedirectHost {
    /// Entries of a list of them at the most.
    pub const MOST: usize = ENTRIES;

    /// Reads `app.example.com`, `*.example.com`, `[::1]` or `com.example.app:`.
    ///
    /// # Errors
    /// What it has to be.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let name = name.strip_suffix(':').filter(|_| !text.starts_with('*')).unwrap_or(name);
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._+".contains(&byte);
        let is_v6 = name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|address| !text.starts_with('*') && address.parse::<std::net::Ipv6Addr>().is_ok());
        if is_v6 || (!name.is_empty() && text.len() <= 253 && name.bytes().all(is_plain)) {
            return Ok(Self(text.into()));
        }
        Err(Reason::RedirectHostRule)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an address leads there.
    pub fn admits(&self, uri: &RedirectUri) -> bool {
        match uri.destination() {
            Destination::Host(host) => match self.0.strip_prefix('*') {
                Some(below) => {
                    let start = host.len().saturating_sub(below.len());
                    start > 0 && host.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(below))
                }
                None => host.eq_ignore_ascii_case(&self.0),
            },
            Destination::Scheme(scheme) => {
                self.0.strip_suffix(':').is_some_and(|own| own.eq_ignore_ascii_case(scheme))
            }
        }
    }
}

/// Whose software statements are believed (RFC 7591 §2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftwareIssuer {
    /// `iss` of its statements.
    pub issuer: Box<str>,
    /// The keys that it signs them with.
    pub jwks: ClientJwks,
}

/// What clients that register themselves may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// The grants that they may use.
    pub grant_types: Vec<GrantType>,
    /// The scopes that they may have; those that name none have all of them.
    pub scopes: Vec<Box<str>>,
    /// Where their redirect URIs may lead; none: anywhere.
    pub redirect_hosts: Vec<RedirectHost>,
    /// Whether they need a software statement.
    pub software_statement_required: Switch,
    /// Whose software statements are believed.
    pub software_issuers: Vec<SoftwareIssuer>,
    /// How long one lives that never gets a token; none: as all others.
    pub unused_lifetime: Option<Seconds>,
    /// How many there may be.
    pub clients_max: i64,
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        let scopes = ["openid", "profile", "email", "address", "phone", "offline_access"];
        Self {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scopes: scopes.map(Box::from).to_vec(),
            redirect_hosts: Vec::new(),
            software_statement_required: Switch::Off,
            software_issuers: Vec::new(),
            unused_lifetime: Some(Seconds(30 * 86_400)),
            clients_max: 10_000,
        }
    }
}

/// What is wrong with a policy: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The member; empty: the whole.
    pub member: &'static str,
    /// Why.
    pub reason: Reason,
}

fn wrong(member: &'static str, reason: impl Into<Reason>) -> PolicyError {
    PolicyError { member, reason: reason.into() }
}

const MEMBERS: [&str; 7] = [
    "grant_types",
    "scopes",
    "redirect_hosts",
    "software_statement_required",
    "software_issuers",
    "unused_lifetime",
    "clients_max",
];

impl RegistrationPolicy {
    /// Whether a redirect URI may be registered.
    pub fn admits(&self, uri: &RedirectUri) -> bool {
        self.redirect_hosts.is_empty() || self.redirect_hosts.iter().any(|host| host.admits(uri))
    }

    /// Whether a scope may be registered: one that is listed, and never one that is a permission of this server's own.
    pub fn admits_scope(&self, scope: &str) -> bool {
        Permission::by_name(scope).is_none() && self.scopes.iter().any(|known| **known == *scope)
    }

    /// As JSON: what is stored, and what is shown. Everything is in it.
    pub fn to_json(&self) -> String {
        let mut json = JsonObject::with_capacity(256);
        let grants: Vec<_> = self.grant_types.iter().map(|grant| grant.name()).collect();
        let hosts: Vec<_> = self.redirect_hosts.iter().map(RedirectHost::as_str).collect();
        let issuers: Vec<_> = self
            .software_issuers
            .iter()
            .map(|one| {
                let mut issuer = JsonObject::with_capacity(256);
                issuer.string("issuer", &one.issuer).raw("jwks", one.jwks.as_str());
                issuer.finish()
            })
            .collect();
        json.strings("grant_types", &grants)
            .strings("scopes", &self.scopes)
            .strings("redirect_hosts", &hosts)
            .boolean("software_statement_required", self.software_statement_required.is_on())
            .raw("software_issuers", &format!("[{}]", issuers.join(",")));
        match self.unused_lifetime {
            Some(Seconds(seconds)) => json.number("unused_lifetime", seconds),
            None => json.raw("unused_lifetime", "null"),
        };
        json.number("clients_max", self.clients_max);
        json.finish()
    }

    /// From JSON. What is absent has its default.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn from_json(text: &str) -> Result<Arc<Self>, PolicyError> {
        let json = Json::parse(text.as_bytes())
            .map_err(|error| wrong("", Reason::JsonBad { why: error.to_string().into() }))?;
        let members = json.as_object().ok_or_else(|| wrong("", Reason::ObjectNeeded))?;
        if let Some(other) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let other = crate::excerpt::Excerpt::of(other);
            let known = MEMBERS.join(" ");
            return Err(wrong("", Reason::MembersUnknown { name: other.into(), known: known.into() }));
        }
        let default = Self::default();
        Ok(Arc::new(Self {
            grant_types: list(&json, "grant_types", grant)?.unwrap_or(default.grant_types),
            scopes: list(&json, "scopes", scope)?.unwrap_or(default.scopes),
            redirect_hosts: list(&json, "redirect_hosts", RedirectHost::parse)?.unwrap_or_default(),
            software_statement_required: required(&json)?,
            software_issuers: issuers(&json)?,
            unused_lifetime: match json.get("unused_lifetime") {
                None => default.unused_lifetime,
                Some(Json::Null) => None,
                Some(value) => Some(Seconds(number(value, "unused_lifetime", (60, 315_360_000))?)),
            },
            clients_max: match json.get("clients_max") {
                None => default.clients_max,
                Some(value) => number(value, "clients_max", (0, MOST_CLIENTS))?,
            },
        }))
    }
}

fn required(json: &Json) -> Result<Switch, PolicyError> {
    const NAME: &str = "software_statement_required";
    match json.get(NAME) {
        None => Ok(Switch::Off),
        Some(Json::Boolean(on)) => Ok(Switch::from(*on)),
        Some(_) => Err(wrong(NAME, Reason::FlagNeeded)),
    }
}

fn number(value: &Json, name: &'static str, (least, most): (i64, i64)) -> Result<i64, PolicyError> {
    let why = || wrong(name, Reason::WholeNumberWithin { least: least.into(), most: most.into() });
    value.as_i64().filter(|number| (least..=most).contains(number)).ok_or_else(why)
}

fn list<T>(
    json: &Json,
    name: &'static str,
    read: impl Fn(&str) -> Result<T, Reason>,
) -> Result<Option<Vec<T>>, PolicyError> {
    let Some(value) = json.get(name) else { return Ok(None) };
    let entries = value.as_array().ok_or_else(|| wrong(name, Reason::TextsNeeded))?;
    if entries.len() > ENTRIES {
        return Err(wrong(name, Reason::EntriesMost { most: ENTRIES.into() }));
    }
    let read = |entry: &Json| {
        let text = entry.as_str().ok_or_else(|| wrong(name, Reason::TextsNeeded))?;
        read(text).map_err(|why| {
            let entry = crate::excerpt::Excerpt::of(text).into();
            wrong(name, Reason::PolicyEntry { entry, why: why.into() })
        })
    };
    entries.iter().map(read).collect::<Result<_, _>>().map(Some)
}

fn grant(text: &str) -> Result<GrantType, Reason> {
    let is_registrable = |grant: &GrantType| !matches!(grant, GrantType::Password | GrantType::TokenExchange);
    GrantType::by_name(text).filter(is_registrable).ok_or(Reason::PolicyGrants)
}

fn scope(text: &str) -> Result<Box<str>, Reason> {
    ScopeToken::parse(text).map_err(|why| Reason::NotAScope { why: why.into() })?;
    if Permission::by_name(text).is_some() {
        return Err(Reason::PolicyScopePermission);
    }
    Ok(text.into())
}

fn issuers(json: &Json) -> Result<Vec<SoftwareIssuer>, PolicyError> {
    const NAME: &str = "software_issuers";
    let Some(value) = json.get(NAME) else { return Ok(Vec::new()) };
    let why = || wrong(NAME, Reason::IssuersNeeded);
    let entries = value.as_array().ok_or_else(why)?;
    if entries.len() > ISSUERS {
        return Err(wrong(NAME, Reason::EntriesMost { most: ISSUERS.into() }));
    }
    let read = |entry: &Json| {
        let issuer =
            entry.get("issuer").and_then(Json::as_str).filter(|text| !text.is_empty()).ok_or_else(why)?;
        let jwks = entry.get("jwks").ok_or_else(why)?;
        let jwks = ClientJwks::parse(&jwks.to_string()).map_err(|why| wrong(NAME, why))?;
        if jwks.verifying(None).is_empty() {
            return Err(wrong(NAME, Reason::IssuerKeyless));
        }
        Ok(SoftwareIssuer { issuer: issuer.into(), jwks })
    };
    entries.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        RedirectUri::parse(text).unwrap()
    }

    #[test]
    fn a_policy_comes_back_and_what_is_absent_has_its_default() {
        let policy = RegistrationPolicy::default();
        assert_eq!(*RegistrationPolicy::from_json(&policy.to_json()).unwrap(), policy);
        assert_eq!(*RegistrationPolicy::from_json("{}").unwrap(), policy);
        let key = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        let text = format!(
            r#"{{"grant_types":["client_credentials"],"scopes":["read"],"redirect_hosts":["*.example.com","com.example.app:"],
            "software_statement_required":true,"software_issuers":[{{"issuer":"https://pub.example","jwks":{{"keys":[{key}]}}}}],
            "unused_lifetime":null,"clients_max":0}}"#
        );
        let read = RegistrationPolicy::from_json(&text).unwrap();
        assert_eq!(RegistrationPolicy::from_json(&read.to_json()).unwrap(), read);
        assert_eq!((read.unused_lifetime, read.clients_max, read.software_issuers.len()), (None, 0, 1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, member) in [
            ("[]", ""),
            (r#"{"scope":[]}"#, ""),
            (r#"{"grant_types":["password"]}"#, "grant_types"),
            (r#"{"grant_types":"authorization_code"}"#, "grant_types"),
            (r#"{"scopes":["oauth:write"]}"#, "scopes"),
            (r#"{"scopes":["a b"]}"#, "scopes"),
            (r#"{"redirect_hosts":["*"]}"#, "redirect_hosts"),
            (r#"{"redirect_hosts":["A.example"]}"#, "redirect_hosts"),
            (r#"{"redirect_hosts":["https://a.example"]}"#, "redirect_hosts"),
            (r#"{"software_statement_required":1}"#, "software_statement_required"),
            (r#"{"software_issuers":[{"issuer":"x"}]}"#, "software_issuers"),
            (r#"{"software_issuers":[{"issuer":"x","jwks":{"keys":[]}}]}"#, "software_issuers"),
            (r#"{"unused_lifetime":59}"#, "unused_lifetime"),
            (r#"{"clients_max":-1}"#, "clients_max"),
        ] {
            assert_eq!(RegistrationPolicy::from_json(text).unwrap_err().member, member, "{text}");
        }
    }

    #[test]
    fn redirect_uris_lead_where_the_policy_says() {
        let policy = RegistrationPolicy {
            redirect_hosts: ["a.example", "*.b.example", "com.example.app:", "localhost", "[::1]"]
                .iter()
                .map(|text| RedirectHost::parse(text).unwrap())
                .collect(),
            ..RegistrationPolicy::default()
        };
        for good in [
            "https://a.example/cb",
            "https://A.example:8443/cb",
            "https://x.b.example/",
            "https://x.y.B.example/",
            "com.example.app:/cb",
            "http://localhost:3000/",
            "http://[::1]:5/",
        ] {
            assert!(policy.admits(&uri(good)), "{good}");
        }
        for bad in [
            "https://sub.a.example/cb",
            "https://b.example/",
            "https://evilb.example/",
            "https://a.example.evil.example/",
            "com.example.apps:/cb",
            "http://127.0.0.1/",
        ] {
            assert!(!policy.admits(&uri(bad)), "{bad}");
        }
        assert!(RegistrationPolicy::default().admits(&uri("https://anything.example/")));
        for (scope, good) in [("openid", true), ("read", false), ("oauth:write", false)] {
            assert_eq!(RegistrationPolicy::default().admits_scope(scope), good);
        }
    }
}
