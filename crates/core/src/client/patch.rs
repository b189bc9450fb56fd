//! A change of a client, as a contract asks for it.

use super::proving::Means;
use super::read::ClientReader;
use super::{
    AuthMethod, Client, ClientDraft, ClientKind, ClientSettingsPatch, Field, MetadataPatch, Party,
    RedirectUri, RegisteredClient, Rules, SentKind, UriNeed, Violations,
};
use crate::change::Enabled;
use crate::reason::Reason;
use crate::scope::Scope;

/// What shall become of one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Update<T> {
    /// It stays: it was not sent.
    #[default]
    Keep,
    /// It becomes what it would be, had it never been sent: `null` was sent.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Update<T> {
    /// From a field as JSON has it: absent, `null`, or a value.
    pub fn sent(field: Option<Option<T>>) -> Self {
        match field {
            None => Self::Keep,
            Some(None) => Self::Clear,
            Some(Some(value)) => Self::Set(value),
        }
    }
}

impl<T> Update<T> {
    /// What becomes of the value, where there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Update<U> {
        match self {
            Self::Keep => Update::Keep,
            Self::Clear => Update::Clear,
            Self::Set(value) => Update::Set(change(value)),
        }
    }
}

impl<T> Update<T> {
    /// The field afterwards, where it may be absent.
    pub fn over(self, held: Option<T>) -> Option<T> {
        match self {
            Self::Keep => held,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Update<T> {
    /// A value that is there, or the field stays.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// What shall be changed of a client, as it was sent through any contract. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct ClientPatch {
    /// What is said of its kind: what holds already, or follows from the grant types.
    pub kind: Update<SentKind>,
    /// Display name.
    pub name: Update<String>,
    /// Description.
    pub description: Update<String>,
    /// Grant types; the whole list.
    pub grant_types: Update<Vec<String>>,
    /// Redirect URIs; the whole list.
    pub redirect_uris: Update<Vec<String>>,
    /// Where a browser may be sent after signing out; the whole list.
    pub post_logout_redirect_uris: Update<Vec<String>>,
    /// Origins that may call across origins; the whole list.
    pub allowed_origins: Update<Vec<String>>,
    /// Scopes, one an entry; the whole list.
    pub scopes: Update<Vec<String>>,
    /// Lifetime of access tokens, seconds.
    pub access_lifetime: Update<i64>,
    /// Lifetime of refresh tokens, seconds.
    pub refresh_lifetime: Update<i64>,
    /// Whether it may get tokens.
    pub enabled: Update<Enabled>,
    /// Whose application it is.
    pub party: Update<Party>,
    /// How it proves who it is.
    pub auth_method: Update<AuthMethod>,
    /// Homepage.
    pub client_uri: Update<String>,
    /// Logo.
    pub logo_uri: Update<String>,
    /// How its tokens are made.
    pub settings: ClientSettingsPatch,
    /// What is rarely used.
    pub metadata: MetadataPatch,
    /// What was sent and could not be read.
    pub unread: Violations,
}

impl ClientPatch {
    /// The patch that says of every field what it is: it changes nothing.
    pub fn restating(found: &RegisteredClient) -> Self {
        let ClientDraft {
            kind,
            name,
            description,
            grant_types,
            redirect_uris,
            post_logout_redirect_uris,
            allowed_origins,
            scopes,
            access_lifetime,
            refresh_lifetime,
            enabled,
            party,
            auth_method,
            client_uri,
            logo_uri,
            settings,
            metadata,
            unread,
        } = ClientDraft::of(found);
        Self {
            kind: kind.into(),
            name: name.into(),
            description: Update::sent(Some(description)),
            grant_types: grant_types.into(),
            redirect_uris: redirect_uris.into(),
            post_logout_redirect_uris: post_logout_redirect_uris.into(),
            allowed_origins: allowed_origins.into(),
            scopes: scopes.into(),
            access_lifetime: access_lifetime.into(),
            refresh_lifetime: refresh_lifetime.into(),
            enabled: enabled.into(),
            party: party.into(),
            auth_method: auth_method.into(),
            client_uri: Update::sent(Some(client_uri)),
            logo_uri: Update::sent(Some(logo_uri)),
            settings,
            metadata,
            unread,
        }
    }

    /// The client as it is afterwards; `updated_at` and version are left to whoever decides.
    ///
    /// What is not sent is not checked anew against settings that became stricter since: only what is
    /// sent, and whether the whole fits together.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn apply(&self, found: &RegisteredClient, rules: &Rules<'_>) -> Result<RegisteredClient, Violations> {
        let mut reader = ClientReader { rules, violations: self.unread.clone() };
        let mut changed = found.clone();
        self.apply_to_client(&mut changed, &mut reader);
        self.apply_to_registration(&mut changed, &mut reader);
        let RegisteredClient { client, registration } = &mut changed;
        self.settings.fits(client.kind, &mut reader.violations);
        self.settings.apply_to(&mut client.tokens, registration, &mut reader.violations);
        self.settings.rate.apply_to(&mut client.tokens.choices.rate, &mut reader);
        self.metadata.apply_to(&mut registration.metadata, &mut reader);
        let keys = self.settings.published(registration, &self.metadata.jwks_uri);
        self.settings.settle_encryption(&mut client.tokens, keys, &mut reader.violations);
        if self.redirect_uris != Update::Keep || self.metadata.logout.frontchannel != Update::Keep {
            registration.metadata.logout.fits(&registration.redirect_uris, &mut reader);
        }
        if self.redirect_uris != Update::Keep || self.metadata.software.application_type != Update::Keep {
            registration.metadata.software.fits(&registration.redirect_uris, &mut reader);
        }
        self.metadata.subjects.apply_to(
            (&mut client.tokens.sector, &mut registration.metadata.sector_identifier_uri),
            (&registration.redirect_uris, self.moves(found)),
            &mut reader,
        );
        registration.metadata.response_types.fit(
            &self.metadata.response_types,
            &client.grant_types,
            &mut reader,
        );
        let means = Means { method: client.auth_method, registration };
        self.settings.proving.apply_to(&mut client.tokens.choices, means, &mut reader.violations);
        let RegisteredClient { client, registration } = &changed;
        registration.metadata.request.fits(client.auth_method, registration, &mut reader);
        if self.grant_types != Update::Keep {
            reader.fit(client.kind, &client.grant_types);
        }
        let (uris, need) = match &self.redirect_uris {
            Update::Keep => (registration.redirect_uris.len(), UriNeed::ForCodes),
            Update::Clear => (0, rules.profile.redirect_uris),
            Update::Set(sent) => (sent.len(), rules.profile.redirect_uris),
        };
        reader.enough_uris(uris, Some(client.kind), &client.grant_types, need);
        reader.violations.checked(changed)
    }

    /// Whether the redirect URIs that are sent are other ones.
    fn moves(&self, found: &RegisteredClient) -> bool {
        let held = found.registration.redirect_uris.iter().map(RedirectUri::as_str);
        match &self.redirect_uris {
            Update::Keep => false,
            Update::Clear => !found.registration.redirect_uris.is_empty(),
            Update::Set(sent) => !held.eq(sent.iter().map(String::as_str)),
        }
    }

    /// Changes the grant types, and between web and machine the kind, which follows them: a list that replaces another
    /// one always can. Whoever says that a web client is one keeps it so.
    fn apply_to_grants(&self, client: &mut Client, reader: &mut ClientReader<'_>) {
        let before = client.grant_types.clone();
        match &self.grant_types {
            Update::Keep => {}
            Update::Clear => client.grant_types = client.kind.default_grant_types(),
            Update::Set(sent) => client.grant_types = reader.grant_types(sent, &before),
        }
        let is_said =
            client.kind == ClientKind::Web && self.kind == Update::Set(SentKind::Exactly(ClientKind::Web));
        let stays = is_said || client.grant_types == before || reader.violations.has(&Field::GrantTypes);
        let was = client.kind;
        if was.is_confidential() && !stays {
            client.kind = SentKind::Confidential.infer(Some(&client.grant_types), &[]);
        }
        let name = client.kind.name();
        let why = match self.kind {
            Update::Keep => return,
            Update::Set(sent) if sent.agrees_with(client.kind) => return,
            Update::Set(_) if client.kind != was => Reason::KindWithTheseGrants { kind: name.into() },
            Update::Set(_) | Update::Clear => Reason::KindFixed { kind: name.into() },
        };
        reader.violations.note(Field::Kind, why);
    }

    fn apply_to_client(&self, changed: &mut RegisteredClient, reader: &mut ClientReader<'_>) {
        let (client, rules) = (&mut changed.client, reader.rules);
        self.apply_to_grants(client, reader);
        match self.auth_method {
            Update::Keep => {}
            Update::Clear => client.auth_method = AuthMethod::of(client.kind),
            Update::Set(sent) => client.auth_method = reader.auth_method(client.kind, sent),
        }
        match &self.name {
            Update::Keep => {}
            Update::Clear => reader.violations.note(Field::Name, Reason::NotNull),
            Update::Set(sent) => client.name = reader.name(sent),
        }
        match (&self.scopes, rules.profile.default_scopes) {
            (Update::Keep, _) => {}
            (Update::Clear, Some(default)) => {
                client.scope = Scope::parse(&default.join(" ")).unwrap_or_default();
            }
            (Update::Clear, None) => reader.violations.note(Field::Scopes, Reason::NotNull),
            (Update::Set(sent), _) => client.scope = reader.scopes(sent, &client.scope),
        }
        match self.access_lifetime {
            Update::Keep => {}
            Update::Clear => client.tokens.access_lifetime = rules.default_access_lifetime(),
            Update::Set(sent) if sent == client.tokens.access_lifetime.0 => {}
            Update::Set(sent) => {
                client.tokens.access_lifetime =
                    reader.lifetime(Field::AccessLifetime, sent, &rules.access_lifetimes);
            }
        }
        match self.refresh_lifetime {
            Update::Keep => {}
            Update::Clear => client.tokens.refresh_lifetime = rules.default_refresh_lifetime(),
            Update::Set(sent) if sent == client.tokens.refresh_lifetime.0 => {}
            Update::Set(sent) => {
                client.tokens.refresh_lifetime =
                    reader.lifetime(Field::RefreshLifetime, sent, &rules.refresh_lifetimes);
            }
        }
        match self.enabled {
            Update::Keep => {}
            Update::Clear => reader.violations.note(Field::Enabled, Reason::NotNull),
            Update::Set(sent) => client.enabled = sent,
        }
        match self.party {
            Update::Keep => {}
            Update::Clear => reader.violations.note(Field::FirstParty, Reason::NotNull),
            Update::Set(sent) => client.party = sent,
        }
    }

    fn apply_to_registration(&self, changed: &mut RegisteredClient, reader: &mut ClientReader<'_>) {
        let registration = &mut changed.registration;
        match &self.description {
            Update::Keep => {}
            Update::Clear => registration.description = None,
            Update::Set(sent) => registration.description = reader.description(sent),
        }
        match &self.redirect_uris {
            Update::Keep => {}
            Update::Clear => registration.redirect_uris.clear(),
            Update::Set(sent) => registration.redirect_uris = reader.redirect_uris(Field::RedirectUris, sent),
        }
        match &self.post_logout_redirect_uris {
            Update::Keep => {}
            Update::Clear => registration.post_logout_redirect_uris.clear(),
            Update::Set(sent) => {
                registration.post_logout_redirect_uris =
                    reader.redirect_uris(Field::PostLogoutRedirectUris, sent);
            }
        }
        match &self.allowed_origins {
            Update::Keep => {}
            Update::Clear => registration.allowed_origins.clear(),
            Update::Set(sent) => registration.allowed_origins = reader.origins(sent),
        }
        match &self.client_uri {
            Update::Keep => {}
            Update::Clear => registration.client_uri = None,
            Update::Set(sent) => registration.client_uri = reader.web_uri(Field::ClientUri, sent),
        }
        match &self.logo_uri {
            Update::Keep => {}
            Update::Clear => registration.logo_uri = None,
            Update::Set(sent) => registration.logo_uri = reader.web_uri(Field::LogoUri, sent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{CODE_AND_REFRESH, fields, list, machine, reasons, web};
    use super::super::{ClientKind, GrantType, GrantTypes, Profile, WebOrigin};
    use super::*;
    use crate::given;
    use crate::time::Seconds;

    #[test]
    fn an_update_changes_what_is_sent_and_nothing_else() {
        let before = web();
        let patch = ClientPatch {
            name: Update::Set("Other".to_owned()),
            access_lifetime: Update::Set(1800),
            ..ClientPatch::default()
        };
        let after = patch.apply(&before, &Rules::of(Profile::TENANT)).unwrap();
        assert_eq!((&*after.client.name, after.client.tokens.access_lifetime), ("Other", Seconds(1800)));
        let mut undone = after;
        undone.client.name = before.client.name.clone();
        undone.client.tokens.access_lifetime = before.client.tokens.access_lifetime;
        assert_eq!(format!("{undone:?}"), format!("{before:?}"));
    }

    #[test]
    fn an_update_must_fit_the_kind_that_is() {
        let rules = Rules::of(Profile::TENANT);
        let grants = |grants: &[&str]| ClientPatch {
            grant_types: Update::Set(list(grants)),
            ..ClientPatch::default()
        };
        // Neither a machine nor a website.
        assert!(
            reasons(grants(&["refresh_token"]).apply(&machine(), &rules), &Field::GrantTypes)
                .contains("refresh_token alone")
        );
        assert!(grants(&["authorization_code", "client_credentials"]).apply(&web(), &rules).is_ok());
        let mut spa = web();
        spa.client.kind = ClientKind::Spa;
        assert!(
            reasons(grants(&["client_credentials"]).apply(&spa, &rules), &Field::GrantTypes)
                .contains("confidential")
        );
        let kind = |sent| ClientPatch { kind: sent, ..ClientPatch::default() };
        for same in [SentKind::Exactly(ClientKind::Web), SentKind::Confidential] {
            assert!(kind(Update::Set(same)).apply(&web(), &rules).is_ok());
        }
        for other in [
            Update::Set(SentKind::Exactly(ClientKind::Machine)),
            Update::Set(SentKind::Public),
            Update::Clear,
        ] {
            assert_eq!(
                reasons(kind(other).apply(&web(), &rules), &Field::Kind),
                "is web and cannot be changed"
            );
        }
    }

    #[test]
    fn the_last_redirect_uri_stays_while_codes_are_allowed() {
        let rules = Rules::of(Profile::OAUTH2);
        for none in [Update::Set(Vec::new()), Update::Clear] {
            let patch = ClientPatch { redirect_uris: none.clone(), ..ClientPatch::default() };
            assert!(
                reasons(patch.apply(&web(), &rules), &Field::RedirectUris).contains("authorization_code")
            );
            let grant_types = Update::Set(list(&["client_credentials"]));
            let patch = ClientPatch { redirect_uris: none, grant_types, ..ClientPatch::default() };
            assert!(patch.apply(&web(), &rules).is_ok());
        }
        let mut bare = web();
        bare.registration.redirect_uris.clear();
        bare.client.grant_types = GrantTypes::new([GrantType::ClientCredentials]);
        let patch =
            ClientPatch { grant_types: Update::Set(list(&["authorization_code"])), ..ClientPatch::default() };
        assert!(reasons(patch.apply(&bare, &rules), &Field::RedirectUris).contains("authorization_code"));
    }

    #[test]
    fn null_takes_a_field_back_to_what_it_would_be_unsent() {
        let mut before = web();
        before.registration.description = Some("x".into());
        before.registration.allowed_origins = vec![WebOrigin::parse("https://a.example").unwrap()];
        before.client.tokens.access_lifetime = Seconds(60);
        before.client.scope = given::scope("read");
        let patch = ClientPatch {
            description: Update::Clear,
            allowed_origins: Update::Clear,
            access_lifetime: Update::Clear,
            scopes: Update::Clear,
            grant_types: Update::Clear,
            ..ClientPatch::default()
        };
        let after = patch.apply(&before, &Rules::of(Profile::CLIENTS)).unwrap();
        assert_eq!(after.registration.description, None);
        assert!(after.registration.allowed_origins.is_empty());
        assert_eq!(after.client.tokens.access_lifetime, Seconds(3600));
        assert_eq!(after.client.scope.as_str(), "openid email profile");
        assert_eq!(after.client.grant_types, GrantTypes::new(CODE_AND_REFRESH));
        let patch = ClientPatch {
            name: Update::Clear,
            enabled: Update::Clear,
            party: Update::Clear,
            scopes: Update::Clear,
            ..ClientPatch::default()
        };
        let wrong = patch.apply(&before, &Rules::of(Profile::IDENTITY)).unwrap_err();
        assert_eq!(fields(&wrong), [Field::Name, Field::Scopes, Field::Enabled, Field::FirstParty]);
    }

    /// A setting that became stricter does not stand in the way of a new name.
    #[test]
    fn what_is_not_sent_is_not_judged_by_newer_settings() {
        let mut before = web();
        before.client.grant_types = GrantTypes::new([GrantType::Password]);
        before.client.tokens.access_lifetime = Seconds(900_000);
        let rename = ClientPatch { name: Update::Set("New".to_owned()), ..ClientPatch::default() };
        assert!(rename.apply(&before, &Rules::of(Profile::TENANT)).is_ok());
        // What it holds already may be said again, but not through a contract that does not know it.
        let again = ClientPatch::restating(&before);
        assert!(again.apply(&before, &Rules::of(Profile::OAUTH2)).is_ok());
        assert_eq!(
            fields(&again.apply(&before, &Rules::of(Profile::TENANT)).unwrap_err()),
            [Field::GrantTypes]
        );
    }
}
