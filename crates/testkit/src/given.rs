//! What a test begins with: tenants, clients, people, keys and tokens, written by the store's own changes.

use writ_core::authority::{Permission, Permissions};
use writ_core::base62;
use writ_core::change::{Act, Action, Actor, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, ClientSecret, GrantType, GrantTypes, LogoutUris, Metadata, NewClient,
    Party, Pkce, RedirectUri, Registration, ResponseType, ResponseTypes, SecretHash, TokenChoices,
    TokenFormat, TokenPolicy, WebUri,
};
use writ_core::ids::{ApiKeyId, AuditId, ClientId, ResourceId, SecretId, TenantId, TokenId, UserId};
use writ_core::networks::AllowList;
use writ_core::resource::{Resource, ResourceChange, ResourceClients, ResourceTokens, ResourceUri};
use writ_core::scope::Scope;
use writ_core::secret::sha256;
use writ_core::settings::Switch;
use writ_core::tenant::{NewTenant, TenantSettings, issuer};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, Basis, NewAccessToken, OPAQUE_PREFIX};
use writ_core::user::{API_KEY_PREFIX, ApiKey, NewApiKey, NewUser};
use writ_jose::Algorithm;
use writ_server::passwords;

use crate::ask::Credential;
use crate::server::TestServer;

/// A tenant.
#[derive(Debug, Clone)]
pub struct TestTenant {
    /// Row id.
    pub id: TenantId,
    /// Its place in URLs.
    pub slug: String,
    /// Its issuer.
    pub issuer: String,
}

impl TestTenant {
    /// A path below this tenant's.
    pub fn path(&self, path: &str) -> String {
        format!("/t/{}{path}", self.slug)
    }
}

/// A client and its first secret.
#[derive(Debug, Clone)]
pub struct TestClient {
    /// Row id.
    pub id: ClientId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Public id.
    pub client_id: String,
    /// Its first secret; empty for a public client.
    pub secret: String,
}

impl TestClient {
    /// The same client with its secret in the body.
    pub fn post(&self) -> Credential {
        Credential::post(&self.client_id, &self.secret)
    }

    /// The same client with another secret.
    pub fn with_secret(&self, secret: &str) -> Credential {
        Credential::basic(&self.client_id, secret)
    }
}

impl From<&TestClient> for Credential {
    fn from(client: &TestClient) -> Self {
        if client.secret.is_empty() {
            Self::public(&client.client_id)
        } else {
            Self::basic(&client.client_id, &client.secret)
        }
    }
}

/// How the server recognises a secret.
#[derive(Debug, Clone, Copy)]
enum Recognised {
    Keyed,
    Slow,
}

/// A client to be made: a machine with one secret, no scope and every default.
#[must_use]
#[derive(Debug)]
pub struct GivenClient<'s> {
    server: &'s TestServer,
    client_id: String,
    tenant: TenantId,
    kind: ClientKind,
    grant_types: GrantTypes,
    scope: Scope,
    tokens: TokenPolicy,
    party: Party,
    acting: Switch,
    enabled: Enabled,
    secrets: Vec<(String, Recognised, Option<Micros>)>,
    redirect_uris: Vec<RedirectUri>,
    pkce: Pkce,
    logout: LogoutUris,
    response_types: Vec<ResponseType>,
}

impl GivenClient<'_> {
    /// Of which tenant; the first one else.
    pub fn of(mut self, tenant: &TestTenant) -> Self {
        self.tenant = tenant.id;
        self
    }

    /// What sort of application; a public one has no secret.
    pub fn kind(mut self, kind: ClientKind) -> Self {
        self.kind = kind;
        if !kind.is_confidential() {
            self.secrets.clear();
        }
        self
    }

    /// The grants that it may use.
    pub fn grants(mut self, grants: &[GrantType]) -> Self {
        self.grant_types = GrantTypes::new(grants.iter().copied());
        self
    }

    /// The scopes that it may have.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = Scope::parse(scope).expect("a scope");
        self
    }

    /// Its tokens are opaque.
    pub fn opaque(mut self) -> Self {
        self.tokens.format = TokenFormat::Opaque;
        self
    }

    /// Its tokens are JWTs signed so.
    pub fn signed(mut self, algorithm: Algorithm) -> Self {
        self.tokens.format = TokenFormat::Jwt(Some(algorithm));
        self
    }

    /// Who its tokens are for.
    pub fn audience(mut self, names: &[&str]) -> Self {
        self.tokens.audience = names.iter().map(|name| (*name).into()).collect();
        self
    }

    /// How long its access tokens live.
    pub fn lifetime(mut self, seconds: i64) -> Self {
        self.tokens.access_lifetime = Seconds(seconds);
        self
    }

    /// It is one of the tenant's own: nobody is asked for consent.
    pub fn first_party(mut self) -> Self {
        self.party = Party::First;
        self
    }

    /// The tenant names it among its `interaction_clients`: people act through it.
    pub fn interaction(mut self) -> Self {
        self.acting = Switch::On;
        self
    }

    /// It starts disabled.
    pub fn disabled(mut self) -> Self {
        self.enabled = Enabled::No;
        self
    }

    /// Its one secret, kept under a keyed hash, until `end`.
    pub fn secret(mut self, secret: &str, end: Option<Micros>) -> Self {
        self.secrets = vec![(secret.to_owned(), Recognised::Keyed, end)];
        self
    }

    /// Its one secret, chosen by somebody and kept under argon2id.
    pub fn chosen_secret(mut self, secret: &str) -> Self {
        self.secrets = vec![(secret.to_owned(), Recognised::Slow, None)];
        self
    }

    /// A further secret.
    pub fn and_secret(mut self, secret: &str, end: Option<Micros>) -> Self {
        self.secrets.push((secret.to_owned(), Recognised::Keyed, end));
        self
    }

    /// Where its answers may go.
    pub fn redirect(mut self, uri: &str) -> Self {
        self.redirect_uris.push(RedirectUri::parse(uri).expect("a redirect URI"));
        self
    }

    /// What is rarely chosen of its tokens.
    pub fn choices(mut self, choices: TokenChoices) -> Self {
        self.tokens.choices = choices;
        self
    }

    /// It has to use PKCE, also where it has a secret.
    pub fn requires_pkce(mut self) -> Self {
        self.pkce = Pkce::Required;
        self
    }

    /// The server tells it there that a sign-in has ended.
    pub fn backchannel(mut self, uri: &str) -> Self {
        self.logout.backchannel = Some(WebUri::parse(uri).expect("an address"));
        self
    }

    /// A browser does, with `iss` and `sid` where it wants them.
    pub fn frontchannel(mut self, uri: &str, session: Switch) -> Self {
        self.logout.frontchannel = Some(WebUri::parse(uri).expect("an address"));
        self.logout.frontchannel_session = session;
        self
    }

    /// What the authorization endpoint answers it with, and the grants that go with that.
    pub fn answers(mut self, types: &[ResponseType]) -> Self {
        let grants = types.iter().flat_map(|one| one.grants());
        self.grant_types = GrantTypes::new(self.grant_types.iter().chain(grants));
        self.response_types = types.to_vec();
        self
    }

    /// Its refresh tokens stay as they are.
    pub fn without_rotation(mut self) -> Self {
        self.tokens.rotation = Switch::Off;
        self
    }

    /// One of its tokens may be for several resources.
    pub fn several_resources(mut self) -> Self {
        self.tokens.choices.multiple_resources = Switch::On;
        self
    }

    /// Its ID tokens are signed so.
    pub fn id_tokens(mut self, algorithm: Algorithm) -> Self {
        self.tokens.id_token_alg = Some(algorithm);
        self
    }

    /// Writes it.
    pub async fn create(self) -> TestClient {
        let server = self.server;
        let (now, random) = (server.app.clock.now(), &*server.app.random);
        let id = ClientId::v7(now, random.bits());
        let first = self.secrets.first().map(|(secret, ..)| secret.clone()).unwrap_or_default();
        let secrets = self.secrets.iter().map(|(secret, recognised, expires_at)| ClientSecret {
            id: SecretId::v7(now, random.bits()),
            hash: match recognised {
                Recognised::Keyed => SecretHash::Keyed(server.app.hash_key.hash(secret)),
                Recognised::Slow => SecretHash::Slow(passwords::hash(secret, random).expect("a hash").into()),
            },
            prefix: "csec_".into(),
            last_four: "test".into(),
            created_at: now,
            expires_at: *expires_at,
        });
        let client = Client {
            id,
            tenant: self.tenant,
            client_id: self.client_id.as_str().into(),
            name: self.client_id.as_str().into(),
            kind: self.kind,
            auth_method: AuthMethod::of(self.kind),
            grant_types: self.grant_types,
            scope: self.scope,
            tokens: self.tokens,
            secrets: secrets.collect(),
            party: self.party,
            enabled: self.enabled,
            version: 1,
        };
        let registration = Registration {
            post_logout_redirect_uris: self.redirect_uris.clone(),
            redirect_uris: self.redirect_uris,
            pkce: self.pkce,
            metadata: Metadata {
                logout: self.logout,
                response_types: ResponseTypes::new(self.response_types),
                ..Metadata::default()
            },
            ..Registration::at(now)
        };
        let change = Change::CreateClient(Box::new(NewClient { client, registration }));
        server.change(self.tenant, (Action::ClientCreated, Target::Client(id)), change).await;
        if self.acting.is_on() {
            server.act_through(self.tenant, &self.client_id).await;
        }
        TestClient { id, tenant: self.tenant, client_id: self.client_id, secret: first }
    }
}

/// A token to be planted: nobody asked for it at the token endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Planted<'a> {
    /// Whom it speaks for.
    pub user: Option<UserId>,
    /// What it may do.
    pub scope: &'a str,
    /// Who it is for.
    pub audience: &'a [&'a str],
}

impl TestServer {
    /// Commits a change as the server itself, straight through the storage: no cache of this server is told, as
    /// none would be told of what another node writes.
    pub async fn change(&self, tenant: TenantId, what: (Action, Target), change: Change) {
        let now = self.app.clock.now();
        let (action, target) = what;
        let id = AuditId::v7(now, self.app.random.bits());
        let act =
            Act { id, at: now, tenant, actor: Actor::System, action, target, origin: Origin::default() };
        self.app.store.commit(Changes::new(act).with(change)).await.expect("the change is committed");
    }

    /// A resource of a tenant, with the scopes that belong to it, changed as a test wants it.
    pub async fn resource(
        &self,
        tenant: &TestTenant,
        (identifier, scope): (&str, &str),
        change: impl FnOnce(&mut Resource),
    ) -> ResourceId {
        let now = self.app.clock.now();
        let mut resource = Resource {
            id: ResourceId::v7(now, self.app.random.bits()),
            tenant: tenant.id,
            identifier: ResourceUri::parse(identifier).expect("an identifier"),
            name: identifier.into(),
            scope: Scope::parse(scope).expect("a scope"),
            tokens: ResourceTokens::default(),
            clients: ResourceClients::All,
            introspectors: Vec::new(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        change(&mut resource);
        let id = resource.id;
        let what = (Action::ResourceCreated, Target::Resource(id));
        self.change(tenant.id, what, Change::Resource(ResourceChange::Create(Box::new(resource)))).await;
        id
    }

    /// Runs SQL on the database itself, for what no change exists yet: another node's write, as seen from here.
    pub fn sql(&self, text: &str, values: impl rusqlite::Params) -> usize {
        let database = rusqlite::Connection::open(self.folder().join("writ.db")).expect("the database");
        database.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
        database.execute(text, values).expect("the statement runs")
    }

    /// What a query for one number finds in the database itself.
    pub fn count(&self, text: &str) -> i64 {
        let database = rusqlite::Connection::open(self.folder().join("writ.db")).expect("the database");
        database.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
        database.query_row(text, [], |row| row.get(0)).expect("a number")
    }

    /// Names a client among its tenant's `interaction_clients`.
    pub async fn act_through(&self, tenant: TenantId, client_id: &str) {
        let found = self.app.store.tenant_by_id(tenant).await.expect("storage").expect("the tenant");
        let mut settings = found.settings;
        settings.interaction_clients.push(client_id.into());
        let change = Change::UpdateTenant {
            tenant,
            name: found.name,
            settings,
            enabled: found.enabled,
            version: found.version,
            at: self.app.clock.now(),
        };
        self.change(tenant, (Action::TenantUpdated, Target::Tenant(tenant)), change).await;
    }

    /// A client to be made in the first tenant.
    pub fn client(&self, client_id: &str) -> GivenClient<'_> {
        let mut bytes = [0; 32];
        self.app.random.fill(&mut bytes);
        let secret = format!("csec_{}", base62::random_text(&bytes));
        GivenClient {
            server: self,
            client_id: client_id.to_owned(),
            tenant: self.app.default_tenant,
            kind: ClientKind::Machine,
            grant_types: GrantTypes::new([GrantType::ClientCredentials]),
            scope: Scope::default(),
            tokens: TokenPolicy::default(),
            party: Party::Third,
            acting: Switch::Off,
            enabled: Enabled::Yes,
            secrets: vec![(secret, Recognised::Keyed, None)],
            redirect_uris: Vec::new(),
            pkce: Pkce::default(),
            logout: LogoutUris::default(),
            response_types: Vec::new(),
        }
    }

    /// A new tenant.
    pub async fn tenant(&self, slug: &str) -> TestTenant {
        self.tenant_with(slug, TenantSettings::default()).await
    }

    /// A new tenant with choices of its own.
    pub async fn tenant_with(&self, slug: &str, settings: TenantSettings) -> TestTenant {
        let now = self.app.clock.now();
        let id = TenantId::v7(now, self.app.random.bits());
        let new = NewTenant { id, slug: slug.into(), name: slug.into(), settings, created_at: now };
        let change = Change::CreateTenant(Box::new(new));
        self.change(id, (Action::TenantCreated, Target::Tenant(id)), change).await;
        TestTenant { id, slug: slug.to_owned(), issuer: issuer(&self.base, slug) }
    }

    /// A new person; the password is real, and slow to hash.
    pub async fn user(&self, tenant: &TestTenant, name: &str, password: &str) -> UserId {
        let now = self.app.clock.now();
        let id = UserId::v7(now, self.app.random.bits());
        let new = NewUser {
            id,
            tenant: tenant.id,
            username: name.into(),
            email: None,
            name: None,
            email_verified_at: None,
            password_hash: Some(passwords::hash(password, &*self.app.random).expect("a hash").into()),
            roles: vec!["user".into()],
            created_at: now,
        };
        let change = Change::CreateUser(Box::new(new));
        self.change(tenant.id, (Action::UserCreated, Target::User(id)), change).await;
        id
    }

    /// A new API key.
    pub async fn api_key(
        &self,
        tenant: &TestTenant,
        may: &[Permission],
        expires_at: Option<Micros>,
    ) -> String {
        let now = self.app.clock.now();
        let id = ApiKeyId::v7(now, self.app.random.bits());
        let mut bytes = [0; 32];
        self.app.random.fill(&mut bytes);
        let secret = format!("{API_KEY_PREFIX}{}", base62::random_text(&bytes));
        let permissions: Permissions = may.iter().copied().collect();
        let new = NewApiKey {
            key: ApiKey {
                id,
                tenant: tenant.id,
                name: "test".into(),
                permissions,
                expires_at,
                networks: AllowList::default(),
            },
            hash: self.app.hash_key.hash(&secret),
            last_four: "test".into(),
            created_at: now,
        };
        let change = Change::CreateApiKey(Box::new(new));
        self.change(tenant.id, (Action::ApiKeyCreated, Target::ApiKey(id)), change).await;
        secret
    }

    /// A live opaque token of a client, written without asking the token endpoint.
    pub async fn plant(&self, client: &TestClient, planted: Planted<'_>) -> String {
        let found = self.app.store.client_by_client_id(&client.client_id).await.expect("storage");
        let (row, tenant) = found.expect("the client");
        let now = self.app.clock.now();
        let id = TokenId::v7(now, self.app.random.bits());
        let mut bytes = [0; 48];
        self.app.random.fill(&mut bytes);
        for (place, byte) in bytes.iter_mut().zip(id.to_bytes()) {
            *place = byte;
        }
        let token = format!("{OPAQUE_PREFIX}{}", base62::random_text(&bytes));
        let new = NewAccessToken {
            id,
            tenant: tenant.id,
            client: client.id,
            user: planted.user,
            grant: None,
            hash: sha256(token.as_bytes()),
            scope: Scope::parse(planted.scope).expect("a scope"),
            audience: Audience::new(planted.audience.iter().copied()),
            cnf: None,
            issued_at: now,
            expires_at: now.plus(Seconds(3600)),
            basis: Basis { client_version: row.version, tenant_version: tenant.version },
        };
        let change = Change::IssueAccessToken(Box::new(new));
        self.change(tenant.id, (Action::AccessTokenIssued, Target::AccessToken(id)), change).await;
        token
    }
}
