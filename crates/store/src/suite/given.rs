//! What the cases begin with: tenants, clients, users and tokens, each with ids of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use writ_core::actors::ActorChain;
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Act, Action, Actor, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, GrantType, GrantTypes, NewClient, Recipient, Registration, TokenPolicy,
};
use writ_core::confirmation::Confirmation;
use writ_core::grant::Terms;
use writ_core::ids::{ApiKeyId, AuditId, ClientId, KeyId, TenantId, TokenId, UserId};
use writ_core::key::NewSigningKey;
use writ_core::networks::AllowList;
use writ_core::scope::Scope;
use writ_core::secret::{Digest32, sha256};
use writ_core::tenant::{NewTenant, Tenant, TenantSettings};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, Basis, NewAccessToken};
use writ_core::user::{ApiKey, NewApiKey, NewUser};
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey};

use crate::sql::Sql;
use crate::store::Store;
use crate::value::Value;

/// The time at which every case plays.
pub(crate) const NOW: Micros = Micros::from_secs(1_800_000_000);

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that no other call gives.
pub(crate) fn number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The bytes of a new row id; later ones are greater.
pub(crate) fn id() -> [u8; 16] {
    let n = number();
    TokenId::v7(Micros(NOW.0.saturating_add_unsigned(n)), n.to_be_bytes()).to_bytes()
}

/// A hash that no other call gives.
pub(crate) fn hash() -> Digest32 {
    sha256(&number().to_be_bytes())
}

/// A name that no other call gives.
pub(crate) fn name(kind: &str) -> String {
    format!("{kind}-{}", number())
}

/// The act behind a unit, as the server's own.
pub(crate) fn act(tenant: TenantId) -> Act {
    Act {
        id: AuditId::from_bytes(id()),
        at: NOW,
        tenant,
        actor: Actor::System,
        action: Action::ServerInitialised,
        target: Target::Server,
        origin: Origin::default(),
    }
}

/// A unit of one change.
pub(crate) fn unit(tenant: TenantId, change: Change) -> Changes {
    Changes::new(act(tenant)).with(change)
}

pub(crate) fn new_tenant() -> NewTenant {
    NewTenant {
        id: TenantId::from_bytes(id()),
        slug: name("tenant").into(),
        name: "A tenant".into(),
        settings: TenantSettings::default(),
        created_at: NOW,
    }
}

/// A tenant in the store.
pub(crate) async fn tenant(store: &Store) -> Tenant {
    let new = new_tenant();
    let id = new.id;
    store.commit(unit(id, Change::CreateTenant(Box::new(new)))).await.unwrap();
    store.tenant_by_id(id).await.unwrap().unwrap()
}

/// A client's key that its tokens are encrypted to.
pub(crate) fn recipient(encryption: ContentEncryption) -> Recipient {
    let made = DecryptionKey::generate_on(Curve::P256, encryption).unwrap();
    Recipient { key: made.public_jwk().clone().into(), encryption }
}

pub(crate) fn new_client(tenant: TenantId) -> NewClient {
    let client = Client {
        id: ClientId::from_bytes(id()),
        tenant,
        client_id: name("client").into(),
        name: "A client".into(),
        kind: ClientKind::Machine,
        auth_method: AuthMethod::AnySecret,
        grant_types: GrantTypes::new([GrantType::ClientCredentials]),
        scope: Scope::parse("read write").unwrap(),
        tokens: TokenPolicy::default(),
        secrets: Vec::new(),
        party: writ_core::client::Party::Third,
        enabled: Enabled::Yes,
        version: 1,
    };
    NewClient { client, registration: Registration::at(NOW) }
}

/// A client in the store.
pub(crate) async fn client(store: &Store, tenant: TenantId) -> Client {
    let new = new_client(tenant);
    let client = new.client.clone();
    store.commit(unit(tenant, Change::CreateClient(Box::new(new)))).await.unwrap();
    client
}

pub(crate) fn new_user(tenant: TenantId) -> NewUser {
    NewUser {
        id: UserId::from_bytes(id()),
        tenant,
        username: name("User").into(),
        email: Some("user@example.org".into()),
        name: Some("A User".into()),
        email_verified_at: None,
        password_hash: Some("$argon2id$...".into()),
        roles: vec!["admin".into(), "user".into()],
        created_at: NOW,
    }
}

/// A user in the store.
pub(crate) async fn user(store: &Store, tenant: TenantId) -> UserId {
    let new = new_user(tenant);
    let id = new.id;
    store.commit(unit(tenant, Change::CreateUser(Box::new(new)))).await.unwrap();
    id
}

pub(crate) fn new_api_key(tenant: TenantId) -> NewApiKey {
    NewApiKey {
        key: ApiKey {
            id: ApiKeyId::from_bytes(id()),
            tenant,
            name: "A key".into(),
            permissions: [Permission::OauthRead, Permission::KeysWrite].into_iter().collect::<Permissions>(),
            expires_at: Some(NOW.plus(Seconds(60))),
            networks: AllowList::read(&["10.0.0.0/8"]).unwrap_or_default(),
        },
        hash: hash(),
        last_four: "wxyz".into(),
        created_at: NOW,
    }
}

pub(crate) fn new_signing_key(tenant: TenantId, algorithm: Algorithm) -> NewSigningKey {
    NewSigningKey {
        id: KeyId::from_bytes(id()),
        tenant,
        algorithm,
        kid: name("kid").into(),
        public_jwk: "{\"kty\":\"EC\"}".into(),
        sealed: vec![0, 255, 7],
        created_at: NOW,
        active_from: NOW.plus(Seconds(5)),
        longest_lifetime: Seconds(3600),
    }
}

/// A machine's token, decided on the first version of its client and tenant.
pub(crate) fn new_token(tenant: TenantId, client: ClientId) -> NewAccessToken {
    NewAccessToken {
        id: TokenId::from_bytes(id()),
        tenant,
        client,
        user: None,
        grant: None,
        hash: hash(),
        scope: Scope::parse("read").unwrap(),
        audience: Audience::new(["https://api.example", "https://id.example"]),
        cnf: None,
        issued_at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
        basis: Basis { client_version: 1, tenant_version: 1 },
    }
}

/// What the grants here are bound to.
pub(crate) fn terms() -> Terms {
    Terms {
        audience: Some(Audience::new(["https://a.example", "https://b.example"])),
        cnf: Some(Confirmation::Certificate("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0".into())),
        actors: ActorChain::from_stored("agent app"),
    }
}

/// A unit that records a token.
pub(crate) fn issue(new: NewAccessToken) -> Changes {
    unit(new.tenant, Change::IssueAccessToken(Box::new(new)))
}

/// A token in the store.
pub(crate) async fn token(store: &Store, tenant: TenantId, client: ClientId) -> TokenId {
    let new = new_token(tenant, client);
    let id = new.id;
    store.commit(issue(new)).await.unwrap();
    id
}

/// How many audit records a tenant has.
pub(crate) async fn records(store: &Store, tenant: TenantId) -> usize {
    store.audit_newest(tenant, 100_000).await.unwrap().len()
}

/// The one number that a statement answers.
pub(crate) async fn number_of(store: &Store, sql: &'static Sql, id: impl Into<Value>) -> Option<i64> {
    let found = store.read(sql, &[id.into()], &mut |row| row.maybe_int()).await.unwrap();
    found.into_iter().next().flatten()
}
