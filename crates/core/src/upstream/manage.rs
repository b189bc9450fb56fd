//! Making, changing and removing a tenant's identity providers.

use std::sync::Arc;

use super::UpstreamChange;
use super::preset::Preset;
use super::provider::{
    DOMAINS_MOST, IdentityProvider, LinkByEmail, NewProvider, PROVIDERS_MOST, ProviderSettings, Spoken,
    UpstreamAuth,
};
use super::reason::UpstreamReason;
use crate::act::{Action, Target};
use crate::change::Enabled;
use crate::client::WebUri;
use crate::decision::Decision;
use crate::error::{ErrorCode, OAuthError};
use crate::excerpt::Excerpt;
use crate::ids::IdentityProviderId;
use crate::manage::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::reason::Reason;
use crate::scope::Scope;
use crate::settings::Switch;

/// Characters of what Writ is called at a provider, at the most.
const CLIENT_ID: usize = 255;

/// What was sent of a provider; what is absent stays as it is, or is what its preset brings.
#[derive(Debug, Clone, Default)]
pub struct ProviderDraft {
    /// Its place in addresses.
    pub slug: Option<String>,
    /// What the button calls it.
    pub name: Option<String>,
    /// Which one it is.
    pub preset: Option<Preset>,
    /// Whether anybody can sign in there.
    pub enabled: Option<Enabled>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The addresses of one without metadata: to authorize, for tokens, and of who somebody is.
    pub endpoints: [Option<String>; 3],
    /// What Writ is called there.
    pub client_id: Option<String>,
    /// How it proves that.
    pub auth: Option<UpstreamAuth>,
    /// Apple's team.
    pub team_id: Option<String>,
    /// Apple's key.
    pub key_id: Option<String>,
    /// The secret, sealed by whoever calls; it cannot be shown again.
    pub secret: Option<Arc<[u8]>>,
    /// What is asked for.
    pub scopes: Option<String>,
    /// Email domains whose people sign in there; the whole list.
    pub domains: Option<Vec<Box<str>>>,
    /// What becomes of addresses that an account has.
    pub link_by_email: Option<LinkByEmail>,
    /// Whether newcomers get accounts.
    pub create_accounts: Option<bool>,
    /// Whether its word counts for addresses.
    pub trust_email: Option<bool>,
    /// Whether its word counts for second factors.
    pub trust_second_factor: Option<bool>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

const ENDPOINTS: [&str; 3] = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"];

/// An address that is called, or that browsers are sent to: by https, without a fragment.
fn address(field: &'static str, text: &str, wrong: &mut Violations) -> Option<WebUri> {
    match WebUri::parse(text) {
        Ok(uri) if text.starts_with("https:") && !text.contains('#') => Some(uri),
        Ok(_) => {
            wrong.note(field, Reason::NotHttpsWithoutFragment);
            None
        }
        Err(why) => {
            wrong.note(field, why);
            None
        }
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

impl ProviderDraft {
    fn issuer(&self, preset: Preset, held: Option<&WebUri>, wrong: &mut Violations) -> Option<WebUri> {
        const FIELD: &str = "issuer";
        let usual = preset.defaults().issuer.map(WebUri::from_stored);
        let Some(sent) = &self.issuer else {
            let known = held.cloned().or(usual);
            return wrong.require(FIELD, known);
        };
        let issuer = address(FIELD, sent, wrong)?;
        wrong.when(Wrong(sent.contains('?')), FIELD, UpstreamReason::IssuerRule);
        let shared = ["/common/", "/organizations/", "/consumers/"];
        let is_shared =
            preset == Preset::Microsoft && shared.iter().any(|part| format!("{sent}/").contains(part));
        wrong.when(Wrong(is_shared), FIELD, UpstreamReason::OneDirectory);
        Some(issuer)
    }

    fn endpoints(
        &self,
        preset: Preset,
        held: Option<&[WebUri; 3]>,
        wrong: &mut Violations,
    ) -> Option<[WebUri; 3]> {
        let usual = preset.defaults().endpoints;
        let mut one = |at: usize| {
            let (field, sent) = (*ENDPOINTS.get(at)?, self.endpoints.get(at)?);
            if let Some(text) = sent {
                return address(field, text, wrong);
            }
            let held = held.and_then(|held| held.get(at)).cloned();
            let usual = usual.and_then(|usual| usual.get(at).map(|uri| WebUri::from_stored(uri)));
            wrong.require(field, held.or(usual))
        };
        let (authorize, token, userinfo) = (one(0), one(1), one(2));
        Some([authorize?, token?, userinfo?])
    }

    fn spoken(&self, preset: Preset, held: Option<&Spoken>, wrong: &mut Violations) -> Option<Spoken> {
        let strange = if preset.is_openid() {
            ENDPOINTS
                .into_iter()
                .zip(&self.endpoints)
                .find(|(_, sent)| sent.is_some())
                .map(|(field, _)| field)
        } else {
            self.issuer.as_ref().map(|_| "issuer")
        };
        if let Some(field) = strange {
            wrong.note(field, UpstreamReason::NotOfPreset { preset: preset.name().into() });
        }
        if preset.is_openid() {
            let held = match held {
                Some(Spoken::OpenId(issuer)) => Some(issuer),
                Some(Spoken::OAuth2(_)) | None => None,
            };
            return self.issuer(preset, held, wrong).map(Spoken::OpenId);
        }
        let held = match held {
            Some(Spoken::OAuth2(endpoints)) => Some(endpoints),
            Some(Spoken::OpenId(_)) | None => None,
        };
        self.endpoints(preset, held, wrong).map(Spoken::OAuth2)
    }

    /// How Writ proves what it is called: Apple has one way.
    fn auth(&self, preset: Preset, held: Option<UpstreamAuth>, wrong: &mut Violations) -> UpstreamAuth {
        if preset == Preset::Apple {
            let strange = Wrong(self.auth.is_some());
            let why = UpstreamReason::NotOfPreset { preset: preset.name().into() };
            wrong.when(strange, "token_endpoint_auth_method", why);
            return UpstreamAuth::SignedSecret;
        }
        let usual = if preset == Preset::GitHub { UpstreamAuth::Post } else { UpstreamAuth::Basic };
        self.auth.or(held).unwrap_or(usual)
    }

    fn signer(
        &self,
        preset: Preset,
        held: Option<&(Box<str>, Box<str>)>,
        wrong: &mut Violations,
    ) -> Option<(Box<str>, Box<str>)> {
        let fields = [("team_id", &self.team_id), ("key_id", &self.key_id)];
        if preset != Preset::Apple {
            for (field, _) in fields.into_iter().filter(|(_, sent)| sent.is_some()) {
                wrong.note(field, UpstreamReason::NotOfPreset { preset: preset.name().into() });
            }
            return None;
        }
        let mut one = |(field, sent): (&'static str, &Option<String>), held: Option<&Box<str>>| {
            let sent = sent.as_deref().map(Box::<str>::from);
            let id = wrong.require(field, sent.or_else(|| held.cloned()))?;
            let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            wrong.when(Wrong(!is_id), field, Reason::NameRule);
            Some(id)
        };
        let [team, key] = fields;
        let team = one(team, held.map(|held| &held.0));
        team.zip(one(key, held.map(|held| &held.1)))
    }

    fn scopes(&self, preset: Preset, held: Option<&str>, wrong: &mut Violations) -> Box<str> {
        const FIELD: &str = "scope";
        let sent = self.scopes.as_deref().or(held).unwrap_or(preset.defaults().scopes);
        let scope = match Scope::parse(sent) {
            Ok(scope) => scope,
            Err(why) => {
                wrong.note(FIELD, why);
                return Box::default();
            }
        };
        let is_nameless = preset.is_openid() && !scope.contains("openid");
        wrong.when(Wrong(is_nameless), FIELD, UpstreamReason::OpenidScope);
        scope.as_str().into()
    }

    fn domains(&self, held: &[Box<str>], wrong: &mut Violations) -> Vec<Box<str>> {
        const FIELD: &str = "domains";
        let Some(sent) = &self.domains else { return held.to_vec() };
        if sent.len() > DOMAINS_MOST {
            wrong.note(FIELD, Reason::EntriesMost { most: DOMAINS_MOST.into() });
            return Vec::new();
        }
        let mut domains: Vec<Box<str>> = Vec::with_capacity(sent.len());
        for text in sent {
            let domain: Box<str> = text.to_ascii_lowercase().into();
            if !is_domain(&domain) {
                wrong.note(FIELD, UpstreamReason::DomainRule { entry: Excerpt::of(text).into() });
            } else if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        domains
    }

    /// What it is to be, over what it was.
    fn settings(
        &self,
        preset: Preset,
        held: Option<&ProviderSettings>,
        wrong: &mut Violations,
    ) -> Option<ProviderSettings> {
        let spoken = self.spoken(preset, held.map(|held| &held.spoken), wrong);
        let client_id = self.client_id.as_deref().map(Box::<str>::from);
        let client_id = client_id.or_else(|| held.map(|held| held.client_id.clone()));
        let client_id = wrong.require("client_id", client_id);
        let is_id =
            |id: &str| (1..=CLIENT_ID).contains(&id.chars().count()) && !id.chars().any(char::is_control);
        wrong.when(Wrong(client_id.as_deref().is_some_and(|id| !is_id(id))), "client_id", Reason::NameRule);
        let switch = |sent: Option<bool>, held: Option<Switch>, usual| {
            sent.map(Switch::from).or(held).unwrap_or(usual)
        };
        let of = |which: fn(&ProviderSettings) -> Switch| held.map(which);
        let settings = ProviderSettings {
            preset,
            auth: self.auth(preset, held.map(|held| held.auth), wrong),
            signer: self.signer(preset, held.and_then(|held| held.signer.as_ref()), wrong),
            scopes: self.scopes(preset, held.map(|held| &*held.scopes), wrong),
            domains: self.domains(held.map(|held| &*held.domains).unwrap_or_default(), wrong),
            link_by_email: self.link_by_email.or(held.map(|held| held.link_by_email)).unwrap_or_default(),
            create_accounts: switch(self.create_accounts, of(|held| held.create_accounts), Switch::On),
            trust_email: switch(self.trust_email, of(|held| held.trust_email), Switch::On),
            trust_second_factor: switch(
                self.trust_second_factor,
                of(|held| held.trust_second_factor),
                Switch::Off,
            ),
            spoken: spoken?,
            client_id: client_id?,
        };
        Some(settings)
    }
}

fn slug_is_valid(slug: &str) -> bool {
    (1..=63).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

/// What a secret has to be there for.
fn check_secret(secret: Option<&Arc<[u8]>>, settings: &ProviderSettings, wrong: &mut Violations) {
    let is_missing = secret.is_none() && settings.auth != UpstreamAuth::None;
    let is_said = wrong.has(&"client_secret".into());
    wrong.when(Wrong(is_missing && !is_said), "client_secret", UpstreamReason::SecretNeeded);
}

/// Makes a provider known. `others`: those that the tenant has.
///
/// # Errors
/// `invalid_request` naming the fields; `conflict` where there are too many, or one has the slug.
pub fn create(
    draft: &ProviderDraft,
    others: &[IdentityProvider],
    deed: &Deed<'_>,
) -> Decision<IdentityProvider> {
    let mut wrong = draft.unread.clone();
    let slug = wrong.require("slug", draft.slug.as_deref());
    wrong.when(Wrong(slug.is_some_and(|slug| !slug_is_valid(slug))), "slug", UpstreamReason::SlugRule);
    let preset = wrong.require("preset", draft.preset);
    let usual = preset.map(|preset| preset.defaults().name).filter(|name| !name.is_empty());
    let name = wrong.require("name", draft.name.as_deref().or(usual));
    wrong.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
    let settings = preset.and_then(|preset| draft.settings(preset, None, &mut wrong));
    if let Some(settings) = &settings {
        check_secret(draft.secret.as_ref(), settings, &mut wrong);
    }
    let (slug, (name, settings)) = wrong.settle_with(slug.zip(name.zip(settings)))?;
    if others.len() >= PROVIDERS_MOST {
        return Err(conflict(UpstreamReason::ProvidersMost { most: PROVIDERS_MOST.into() }));
    }
    if others.iter().any(|other| &*other.slug == slug) {
        return Err(conflict(UpstreamReason::SlugTaken));
    }
    let at = deed.moment.now;
    let provider = IdentityProvider {
        id: IdentityProviderId::v7(at, deed.moment.random.bits()),
        tenant: deed.acting.tenant(),
        slug: slug.into(),
        name: name.into(),
        enabled: draft.enabled.unwrap_or(Enabled::Yes),
        secret: draft.secret.clone().filter(|_| settings.auth != UpstreamAuth::None),
        settings: Arc::new(settings),
        created_at: at,
        updated_at: at,
        version: 1,
    };
    let change = UpstreamChange::CreateProvider(Box::new(NewProvider { provider: provider.clone() }));
    let unit = deed.unit(Action::IdentityProviderCreated, Target::IdentityProvider(provider.id));
    Ok((provider, unit.with(change.into())))
}

/// Changes one. Slug, preset and where it is stay: people's links, and what is registered at the provider, hang on them.
/// Another server under the same name could say of anybody that it is they.
///
/// # Errors
/// `not_found`; `invalid_request` naming the fields.
pub fn update(
    draft: &ProviderDraft,
    found: Option<&IdentityProvider>,
    deed: &Deed<'_>,
) -> Decision<IdentityProvider> {
    let found = known(found, deed)?;
    let mut wrong = draft.unread.clone();
    let preset = found.settings.preset;
    let is_other = draft.slug.as_deref().is_some_and(|slug| *slug != *found.slug);
    wrong.when(Wrong(is_other), "slug", Reason::Fixed);
    wrong.when(Wrong(draft.preset.is_some_and(|sent| sent != preset)), "preset", Reason::Fixed);
    let name = draft.name.as_deref().unwrap_or(&found.name);
    wrong.when(Wrong(!name_is_valid(name)), "name", Reason::NameRule);
    let settings = draft.settings(preset, Some(&found.settings), &mut wrong);
    let secret = draft.secret.clone().or_else(|| found.secret.clone());
    if let Some(settings) = &settings {
        // Whoever is connected is known by what this very provider calls them.
        let field = if preset.is_openid() { "issuer" } else { "endpoints" };
        wrong.when(Wrong(settings.spoken != found.settings.spoken), field, Reason::Fixed);
        check_secret(secret.as_ref(), settings, &mut wrong);
    }
    let settings = wrong.settle_with(settings)?;
    let provider = IdentityProvider {
        name: name.into(),
        enabled: draft.enabled.unwrap_or(found.enabled),
        secret: secret.filter(|_| settings.auth != UpstreamAuth::None),
        settings: Arc::new(settings),
        updated_at: deed.moment.now,
        version: found.version + 1,
        ..found.clone()
    };
    let change = UpstreamChange::UpdateProvider(Box::new(NewProvider { provider: provider.clone() }));
    let unit = deed.unit(Action::IdentityProviderUpdated, Target::IdentityProvider(found.id));
    Ok((provider, unit.with(change.into())))
}

/// Removes one, and every connection with it. The accounts stay.
///
/// # Errors
/// `not_found`
pub fn delete(found: Option<&IdentityProvider>, deed: &Deed<'_>) -> Decision<()> {
    let found = known(found, deed)?;
    let change =
        UpstreamChange::DeleteProvider { provider: found.id, tenant: found.tenant, version: found.version };
    let unit = deed.unit(Action::IdentityProviderDeleted, Target::IdentityProvider(found.id));
    Ok(((), unit.with(change.into())))
}

fn known<'p>(
    found: Option<&'p IdentityProvider>,
    deed: &Deed<'_>,
) -> Result<&'p IdentityProvider, Box<crate::decision::Refusal>> {
    let tenant = deed.acting.tenant();
    found.filter(|found| found.tenant == tenant).ok_or_else(|| no_such(UpstreamReason::NoSuchProvider.into()))
}

fn conflict(why: UpstreamReason) -> Box<crate::decision::Refusal> {
    OAuthError::new(ErrorCode::Conflict, why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(preset: Preset) -> ProviderDraft {
        ProviderDraft {
            slug: Some("up".to_owned()),
            preset: Some(preset),
            client_id: Some("writ".to_owned()),
            secret: Some(Arc::from(&b"sealed"[..])),
            ..ProviderDraft::default()
        }
    }

    fn settled(draft: &ProviderDraft) -> Result<ProviderSettings, Vec<String>> {
        let mut wrong = Violations::default();
        let settings = draft.settings(draft.preset.unwrap(), None, &mut wrong);
        let names = wrong.iter().map(|one| one.field.name().to_owned()).collect();
        if wrong.is_empty() { Ok(settings.unwrap()) } else { Err(names) }
    }

    /// What each preset needs, by hand.
    #[test]
    fn a_preset_brings_what_is_known_of_it() {
        let google = settled(&draft(Preset::Google)).unwrap();
        assert_eq!(google.spoken, Spoken::OpenId(WebUri::from_stored("https://accounts.google.com")));
        assert_eq!((&*google.scopes, google.auth), ("openid profile email", UpstreamAuth::Basic));
        assert_eq!(
            (google.create_accounts, google.trust_email, google.trust_second_factor, google.link_by_email),
            (Switch::On, Switch::On, Switch::Off, LinkByEmail::Never)
        );
        let github = settled(&draft(Preset::GitHub)).unwrap();
        assert!(
            matches!(&github.spoken, Spoken::OAuth2([_, _, user]) if user.as_str() == "https://api.github.com/user")
        );
        assert_eq!(
            settled(&draft(Preset::GitLab)).unwrap().spoken,
            Spoken::OpenId(WebUri::from_stored("https://gitlab.com"))
        );
        assert_eq!(settled(&draft(Preset::Microsoft)).unwrap_err(), ["issuer"]);
        assert_eq!(settled(&draft(Preset::OpenId)).unwrap_err(), ["issuer"]);
        assert_eq!(settled(&draft(Preset::OAuth2)).unwrap_err(), ENDPOINTS);
        assert_eq!(settled(&draft(Preset::Apple)).unwrap_err(), ["team_id", "key_id"]);
        let apple = ProviderDraft {
            team_id: Some("TEAM123456".to_owned()),
            key_id: Some("KEY1234567".to_owned()),
            ..draft(Preset::Apple)
        };
        assert_eq!(settled(&apple).unwrap().auth, UpstreamAuth::SignedSecret);
    }

    #[test]
    fn what_is_no_good_is_named() {
        let openid =
            |issuer: &str| ProviderDraft { issuer: Some(issuer.to_owned()), ..draft(Preset::OpenId) };
        assert!(settled(&openid("https://id.example/realms/a")).is_ok());
        for issuer in
            ["http://localhost:1/", "https://a.example/?x=1", "https://a.example/#x", "a.example", ""]
        {
            assert_eq!(settled(&openid(issuer)).unwrap_err()[0], "issuer", "{issuer}");
        }
        let microsoft = |directory: &str| ProviderDraft {
            issuer: Some(format!("https://login.microsoftonline.com/{directory}/v2.0")),
            ..draft(Preset::Microsoft)
        };
        assert!(settled(&microsoft("8b1f8b1f-0000-0000-0000-000000000000")).is_ok());
        for shared in ["common", "organizations", "consumers"] {
            assert_eq!(settled(&microsoft(shared)).unwrap_err(), ["issuer"]);
        }
        let google = |change: fn(&mut ProviderDraft)| {
            let mut draft = draft(Preset::Google);
            change(&mut draft);
            settled(&draft).unwrap_err()
        };
        assert_eq!(google(|it| it.scopes = Some("profile".to_owned())), ["scope"]);
        assert_eq!(google(|it| it.client_id = Some(String::new())), ["client_id"]);
        assert_eq!(google(|it| it.team_id = Some("x".to_owned())), ["team_id"]);
        assert_eq!(google(|it| it.endpoints[1] = Some("https://a.example".to_owned())), ["token_endpoint"]);
        for domain in ["localhost", "a_b.example", "-a.example", "a..example", "@a.example", ""] {
            let draft = ProviderDraft { domains: Some(vec![domain.into()]), ..draft(Preset::Google) };
            assert_eq!(settled(&draft).unwrap_err(), ["domains"], "{domain}");
        }
        let domains = Some(vec!["Corp.Example".into(), "corp.example".into()]);
        let draft = ProviderDraft { domains, ..draft(Preset::Google) };
        assert_eq!(settled(&draft).unwrap().domains, [Box::<str>::from("corp.example")]);
    }

    #[test]
    fn a_slug_is_a_place_in_an_address() {
        for (slug, good) in [
            ("google", true),
            ("a-1", true),
            ("-a", false),
            ("a-", false),
            ("A", false),
            ("", false),
            ("a/b", false),
        ] {
            assert_eq!(slug_is_valid(slug), good, "{slug}");
        }
    }
}
