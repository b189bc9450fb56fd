//! An identity provider as a tenant has it.

use std::sync::Arc;

use writ_jose::{Json, JsonObject};

use super::preset::Preset;
use crate::change::Enabled;
use crate::client::WebUri;
use crate::ids::{IdentityProviderId, TenantId};
use crate::settings::Switch;
use crate::time::Micros;

/// Providers of a tenant at the most.
pub const PROVIDERS_MOST: usize = 50;
/// Email domains of a provider at the most.
pub const DOMAINS_MOST: usize = 100;

/// What becomes of somebody who comes from a provider for the first time, and whose verified address there is that of an
/// account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkByEmail {
    /// They sign in here as before, and may connect the account themselves.
    #[default]
    Never,
    /// The account is theirs, if its own address is verified and it has no password: nobody else could have got into it.
    Verified,
}

impl LinkByEmail {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Never, Self::Verified];

    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Verified => "verified",
        }
    }

    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// How Writ proves to a provider that it is its client (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UpstreamAuth {
    /// The secret in the header.
    #[default]
    Basic,
    /// The secret in the form.
    Post,
    /// A JWT that is signed with a key whose private half the provider gave out: Apple.
    SignedSecret,
    /// Not at all.
    None,
}

impl UpstreamAuth {
    /// Those that can be chosen.
    pub const CHOICES: [Self; 3] = [Self::Basic, Self::Post, Self::None];

    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::SignedSecret => "signed_secret",
            Self::None => "none",
        }
    }

    /// Finds one that can be chosen by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|method| method.name() == name)
    }
}

/// Where a provider is talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// By OpenID Connect, as the metadata of this issuer say.
    OpenId(WebUri),
    /// By OAuth 2.0, at these addresses: to authorize, for tokens, and of who somebody is.
    OAuth2([WebUri; 3]),
}

/// What a provider is, and what it is trusted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Which one.
    pub preset: Preset,
    /// Where it is.
    pub spoken: Spoken,
    /// What Writ is called there.
    pub client_id: Box<str>,
    /// How it proves to be that.
    pub auth: UpstreamAuth,
    /// Apple's: the team whose key it is, and which key.
    pub signer: Option<(Box<str>, Box<str>)>,
    /// What is asked for (`scope`), with spaces between.
    pub scopes: Box<str>,
    /// Email domains whose people sign in there, in lower case.
    pub domains: Vec<Box<str>>,
    /// What becomes of addresses that an account has.
    pub link_by_email: LinkByEmail,
    /// Whether whoever comes for the first time gets an account.
    pub create_accounts: Switch,
    /// Whether an address counts as verified that the provider says is.
    pub trust_email: Switch,
    /// Whether a second factor counts that the provider says was proved there (`amr`).
    pub trust_second_factor: Switch,
}

/// A provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// Row id.
    pub id: IdentityProviderId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its place in addresses, unique in the tenant; it stays what it is.
    pub slug: Box<str>,
    /// What the button calls it.
    pub name: Arc<str>,
    /// Whether anybody can sign in there.
    pub enabled: Enabled,
    /// What it is.
    pub settings: Arc<ProviderSettings>,
    /// The client's secret there, sealed; none: there is none.
    pub secret: Option<Arc<[u8]>>,
    /// When it was made known.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
    /// Goes up with every change.
    pub version: i64,
}

/// A provider to be written, as it is to be.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// The provider; `version` is the one that it has afterwards.
    pub provider: IdentityProvider,
}

impl IdentityProvider {
    /// Where the browser comes back to, below the tenant's issuer.
    pub fn callback(&self, issuer: &str) -> String {
        format!("{issuer}/login/with/{}/callback", self.slug)
    }

    /// Whether somebody with this address signs in there.
    pub fn has_domain_of(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(_, domain)| {
            self.settings.domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
        })
    }

    /// The issuer, where it speaks OpenID Connect.
    pub fn issuer(&self) -> Option<&WebUri> {
        match &self.settings.spoken {
            Spoken::OpenId(issuer) => Some(issuer),
            Spoken::OAuth2(_) => None,
        }
    }
}

const ENDPOINTS: [&str; 3] = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"];

impl ProviderSettings {
    /// As stored: a JSON object.
    pub fn to_stored(&self) -> String {
        let mut json = JsonObject::with_capacity(512);
        json.string("preset", self.preset.name()).string("client_id", &self.client_id);
        match &self.spoken {
            Spoken::OpenId(issuer) => drop(json.string("issuer", issuer.as_str())),
            Spoken::OAuth2(endpoints) => {
                for (name, uri) in ENDPOINTS.into_iter().zip(endpoints) {
                    json.string(name, uri.as_str());
                }
            }
        }
        json.string("auth", self.auth.name()).string("scopes", &self.scopes);
        if let Some((team, key)) = &self.signer {
            json.string("team_id", team).string("key_id", key);
        }
        json.strings("domains", &self.domains).string("link_by_email", self.link_by_email.name());
        for (name, switch) in [
            ("create_accounts", self.create_accounts),
            ("trust_email", self.trust_email),
            ("trust_second_factor", self.trust_second_factor),
        ] {
            json.boolean(name, switch.is_on());
        }
        json.finish()
    }

    /// From the stored text; `None`: it is none of ours. What a later version may have added is passed over, and what is not
    /// known is never trust.
    pub fn from_stored(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes()).ok()?;
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let switch = |name: &str| Switch::from(json.get(name) == Some(&Json::Boolean(true)));
        let uri = |name: &str| text(name).map(WebUri::from_stored);
        let [authorize, token, userinfo] = ENDPOINTS;
        let spoken = match uri("issuer") {
            Some(issuer) => Spoken::OpenId(issuer),
            None => Spoken::OAuth2([uri(authorize)?, uri(token)?, uri(userinfo)?]),
        };
        let auth = text("auth")?;
        let all = UpstreamAuth::CHOICES.into_iter().chain([UpstreamAuth::SignedSecret]);
        let domains = json.get("domains").and_then(Json::as_array).unwrap_or_default();
        Some(Self {
            preset: Preset::by_name(text("preset")?)?,
            spoken,
            client_id: text("client_id")?.into(),
            auth: all.into_iter().find(|method| method.name() == auth)?,
            signer: text("team_id").zip(text("key_id")).map(|(team, key)| (team.into(), key.into())),
            scopes: text("scopes")?.into(),
            domains: domains.iter().filter_map(Json::as_str).map(Into::into).collect(),
            link_by_email: text("link_by_email").and_then(LinkByEmail::by_name).unwrap_or_default(),
            create_accounts: switch("create_accounts"),
            trust_email: switch("trust_email"),
            trust_second_factor: switch("trust_second_factor"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::told::given::provider;

    #[test]
    fn settings_come_back_from_storage() {
        let openid = (*provider().settings).clone();
        let uri = |path: &str| WebUri::from_stored(&format!("https://up.example/{path}"));
        let all = ProviderSettings {
            preset: Preset::OAuth2,
            spoken: Spoken::OAuth2([uri("a"), uri("t"), uri("u")]),
            auth: UpstreamAuth::SignedSecret,
            signer: Some(("TEAM".into(), "KEY".into())),
            domains: vec!["a.example".into(), "b.example".into()],
            link_by_email: LinkByEmail::Verified,
            create_accounts: Switch::Off,
            trust_email: Switch::Off,
            trust_second_factor: Switch::On,
            ..openid.clone()
        };
        for settings in [openid, all] {
            assert_eq!(ProviderSettings::from_stored(&settings.to_stored()), Some(settings));
        }
        for wrong in ["", "{}", r#"{"preset":"from_tomorrow"}"#] {
            assert_eq!(ProviderSettings::from_stored(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_domain_is_the_whole_of_what_stands_behind_the_last_at() {
        let mut of = provider();
        let settings = ProviderSettings { domains: vec!["corp.example".into()], ..(*of.settings).clone() };
        of.settings = Arc::new(settings);
        for (address, there) in [
            ("ada@corp.example", true),
            ("Ada@CORP.example", true),
            ("ada@sub.corp.example", false),
            ("ada@notcorp.example", false),
            ("\"a@corp.example\"@evil.example", false),
            ("corp.example", false),
            ("", false),
        ] {
            assert_eq!(of.has_domain_of(address), there, "{address}");
        }
    }
}
