//! What is written is what is read.

use std::sync::Arc;

use writ_core::change::{Action, Actor, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AnswerRecipients, AssertionAudience, AuthAlg, AuthMethod, Client, ClientKind, ClientSecret,
    ExchangePolicy, GrantType, GrantTypes, IdTokenClaims, SecretHash, TokenChoices, TokenFormat, TokenPolicy,
    TokenRate, Typ,
};
use writ_core::ids::{ApiKeyId, ClientId, SecretId, TokenId, UserId};
use writ_core::key::KeyState;
use writ_core::networks::AllowList;
use writ_core::scope::Scope;
use writ_core::settings::Switch;
use writ_core::subject::Sector;
use writ_core::time::{Micros, Seconds};
use writ_core::token::{GrantState, Parent};
use writ_jose::Algorithm;
use writ_jose::jwe::ContentEncryption;

use super::given::{self, NOW, hash, id, issue, name, new_api_key, new_client, new_signing_key, new_tenant};
use super::given::{new_token, new_user, number_of, records, unit};
use crate::error::{CommitError, Constraint};
use crate::sql::Sql;
use crate::store::{CallerVersions, Store};
use crate::value::Value;

pub(crate) async fn a_new_database_is_empty_and_is_initialised_once(store: &Arc<Store>) {
    store.ping().await.unwrap();
    assert_eq!(store.sealed_hash_key().await.unwrap(), None);
    assert!(store.tenant_by_slug("default").await.unwrap().is_none());

    let first = new_tenant();
    let second = new_tenant();
    let start = |key: u8, tenant: &writ_core::tenant::NewTenant| {
        Changes::new(given::act(tenant.id))
            .with(Change::Initialise { at: NOW, sealed_hash_key: vec![key, 0, 255] })
            .with(Change::CreateTenant(Box::new(tenant.clone())))
    };
    let receipt = store.commit(start(1, &first)).await.unwrap();
    assert_eq!(receipt.affected, [1, 1]);
    assert_eq!(store.commit(start(2, &second)).await, Err(CommitError::Guard));
    assert_eq!(store.sealed_hash_key().await.unwrap(), Some(vec![1, 0, 255]));
    assert!(store.tenant_by_id(second.id).await.unwrap().is_none());
}

pub(crate) async fn tenants(store: &Arc<Store>) {
    for access_token_alg in Algorithm::ALL.into_iter().map(Some).chain([None]) {
        let mut new = new_tenant();
        new.name = "Ünïcode & Söhne".into();
        new.settings.access_token_alg = access_token_alg;
        new.settings.id_token_alg = access_token_alg;
        store.commit(unit(new.id, Change::CreateTenant(Box::new(new.clone())))).await.unwrap();
        for read in [store.tenant_by_id(new.id).await, store.tenant_by_slug(&new.slug).await] {
            let read = read.unwrap().unwrap();
            assert_eq!((read.id, &read.slug, &read.name), (new.id, &new.slug, &new.name));
            assert_eq!((read.enabled, read.settings, read.version), (Enabled::Yes, new.settings.clone(), 1));
        }
    }
    assert!(store.tenant_by_slug("nobody").await.unwrap().is_none());
}

/// Whoever has a tenant already is given it again for as long as it is what is stored, and no longer.
pub(crate) async fn a_tenant_that_is_known_is_read_again_once_it_has_changed(store: &Arc<Store>) {
    let new = new_tenant();
    store.commit(unit(new.id, Change::CreateTenant(Box::new(new.clone())))).await.unwrap();
    let client = {
        let mut client = new_client(new.id);
        client.client.auth_method = AuthMethod::SecretJwt;
        client
    };
    store.commit(unit(new.id, Change::CreateClient(Box::new(client.clone())))).await.unwrap();
    let first = store.tenant_since(&new.slug, None).await.unwrap().unwrap();
    let again = store.tenant_since(&new.slug, Some(&first)).await.unwrap().unwrap();
    let (found, of) = store.asking_client(&client.client.client_id, &first).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&first, &again) && Arc::ptr_eq(&first, &of));
    assert_eq!(
        found.client.secrets.len(),
        client.client.secrets.len(),
        "what it signs is verified with them"
    );

    let change = Change::UpdateTenant {
        tenant: new.id,
        name: "Another".into(),
        settings: new.settings.clone(),
        enabled: Enabled::No,
        version: first.version,
        at: NOW,
    };
    store.commit(unit(new.id, change)).await.unwrap();
    let then = store.tenant_since(&new.slug, Some(&first)).await.unwrap().unwrap();
    let (_, of) = store.asking_client(&client.client.client_id, &first).await.unwrap().unwrap();
    for read in [&then, &of] {
        assert_eq!((&*read.name, read.enabled, read.version), ("Another", Enabled::No, first.version + 1));
    }
    // Another one is not taken for it, whatever its version.
    let other = given::tenant(store).await;
    let read = store.tenant_since(&other.slug, Some(&first)).await.unwrap().unwrap();
    assert_eq!((read.id, read.version), (other.id, first.version));
    assert!(store.tenant_since("nobody", Some(&first)).await.unwrap().is_none());
}

fn assert_same(read: &Client, written: &Client) {
    assert_eq!((read.id, read.tenant, &read.client_id), (written.id, written.tenant, &written.client_id));
    assert_eq!((&read.name, read.kind), (&written.name, written.kind));
    assert_eq!((&read.grant_types, &read.scope), (&written.grant_types, &written.scope));
    assert_eq!((&read.tokens, read.enabled, read.version), (&written.tokens, written.enabled, 1));
    assert_eq!(read.secrets.len(), written.secrets.len());
    for (read, written) in read.secrets.iter().zip(&written.secrets) {
        assert_eq!(
            (read.id, &read.prefix, &read.last_four),
            (written.id, &written.prefix, &written.last_four)
        );
        assert_eq!((read.created_at, read.expires_at), (written.created_at, written.expires_at));
        match (&read.hash, &written.hash) {
            (SecretHash::Keyed(read), SecretHash::Keyed(written)) => assert!(read.ct_eq(written)),
            (SecretHash::Slow(read), SecretHash::Slow(written)) => assert_eq!(read, written),
            (SecretHash::Sealed(read), SecretHash::Sealed(written)) => assert_eq!(read, written),
            (read, written) => panic!("{read:?} is not {written:?}"),
        }
    }
}

pub(crate) async fn clients_of_every_kind_format_and_order(store: &Arc<Store>) {
    use GrantType::{AuthorizationCode, ClientCredentials, Password, RefreshToken};
    let tenant = given::tenant(store).await;
    let kinds = [ClientKind::Web, ClientKind::Spa, ClientKind::Native, ClientKind::Machine];
    let formats = [
        TokenFormat::Opaque,
        TokenFormat::Jwt(None),
        TokenFormat::Jwt(Some(Algorithm::Es256)),
        TokenFormat::Jwt(Some(Algorithm::EdDsa)),
    ];
    let orders: [&[GrantType]; 4] = [
        &[],
        &[Password],
        &[RefreshToken, AuthorizationCode],
        &[ClientCredentials, RefreshToken, AuthorizationCode],
    ];
    let audiences: [&[&str]; 4] = [&[], &["https://b.example", "https://a.example"], &["api"], &["urn:x:y"]];
    let secret = |hash, expires_at| ClientSecret {
        id: SecretId::from_bytes(id()),
        hash,
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: NOW,
        expires_at,
    };
    let networks: [&[&str]; 4] =
        [&[], &["10.0.0.0/8"], &["::1", "2001:db8::/32", "192.0.2.0/24"], &["0.0.0.0/0"]];
    for (n, kind) in kinds.into_iter().enumerate() {
        let mut new = new_client(tenant.id);
        new.client.name = "\"Ünïcode\" \\ client".into();
        new.client.kind = kind;
        new.client.grant_types = GrantTypes::new(orders[n].iter().copied());
        new.client.scope = Scope::parse(["", "b a", "openid", "oauth:read x"][n]).unwrap();
        new.client.enabled = Enabled::from(n != 2);
        new.client.version = 77;
        new.client.tokens = TokenPolicy {
            sector: Some(Sector::of_host("b.example")),
            format: formats[n],
            access_lifetime: Seconds(60),
            refresh_lifetime: Seconds(1 << 40),
            audience: audiences[n].iter().map(|name| (*name).into()).collect(),
            rotation: Switch::from(n % 2 == 0),
            id_token_alg: (n == 1).then_some(Algorithm::Rs256),
            id_token_recipient: (n > 1).then(|| given::recipient(ContentEncryption::A256Gcm).into()),
            access_token_recipient: (n == 2)
                .then(|| given::recipient(ContentEncryption::A128CbcHs256).into()),
            answers: AnswerRecipients {
                userinfo: (n == 2).then(|| given::recipient(ContentEncryption::A256Gcm).into()),
                authorization: (n == 1).then(|| given::recipient(ContentEncryption::A256Gcm).into()),
                introspection: (n > 1).then(|| given::recipient(ContentEncryption::A128CbcHs256).into()),
            },
            networks: AllowList::read(networks[n]).unwrap(),
            choices: TokenChoices {
                id_token_claims: [None, Some(IdTokenClaims::Minimal), Some(IdTokenClaims::Scopes), None][n],
                typ: Typ::ALL[n % 2],
                authorization_alg: (n == 2).then_some(Algorithm::EdDsa),
                userinfo_alg: (n == 2).then_some(Algorithm::Es256),
                introspection_alg: None,
                rate: [None, Some(TokenRate::new(5, None)), Some(TokenRate::new(1_000_000, Some(1))), None]
                    [n],
                auth_alg: [None, Some(AuthAlg::Secret), Some(AuthAlg::Key(Algorithm::Ps256)), None][n],
                assertion_audience: (n == 2).then_some(AssertionAudience::TokenEndpoint),
                dpop_bound: (n == 2).into(),
                multiple_resources: (n == 1).into(),
            },
            exchange: (n > 1).then(|| {
                Box::new(ExchangePolicy {
                    subjects: vec!["b".into(), "a \"c\"".into()],
                    impersonation: (n == 2).into(),
                    may_act: (n == 3).then(|| "next".into()),
                    agent: (n == 3).into(),
                })
            }),
        };
        if kind.is_confidential() {
            new.client.secrets = vec![
                secret(SecretHash::Keyed(hash()), None),
                secret(SecretHash::Slow("$argon2id$v=19$x".into()), Some(NOW.plus(Seconds(9)))),
                secret(SecretHash::Sealed([7, 0, 255].as_slice().into()), None),
            ];
        }
        store.commit(unit(tenant.id, Change::CreateClient(Box::new(new.clone())))).await.unwrap();
        let (read, of) = store.client_by_client_id(&new.client.client_id).await.unwrap().unwrap();
        assert_same(&read, &new.client);
        assert_eq!((of.id, &of.slug, of.version), (tenant.id, &tenant.slug, tenant.version));
    }
    assert!(store.client_by_client_id("nobody").await.unwrap().is_none());
}

static USER_TEXTS: Sql = Sql::new(
    "USER_TEXTS",
    "SELECT username, username_key, email, name, password_hash, roles, enabled, tenant_id FROM users WHERE id = $1",
);

pub(crate) async fn users(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let mut new = new_user(tenant.id);
    new.username = "ÄNNE".into();
    let mut bare = new_user(tenant.id);
    (bare.email, bare.name, bare.roles) = (None, None, Vec::new());
    for new in [new, bare] {
        store.commit(unit(tenant.id, Change::CreateUser(Box::new(new.clone())))).await.unwrap();
        let read = store
            .read(&USER_TEXTS, &[new.id.into()], &mut |row| {
                let text = |_| Ok::<_, String>(row.maybe_text()?.map(Box::<str>::from));
                let texts = [text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?];
                Ok((texts, row.int()?, row.id()?))
            })
            .await
            .unwrap();
        let (texts, enabled, of) = &read[0];
        let written = [
            Some(new.username.clone()),
            Some(writ_core::people::username_key(&new.username).into()),
            new.email,
            new.name,
            new.password_hash.as_deref().map(Into::into),
            Some(new.roles.join(" ").into()),
        ];
        assert_eq!((texts, *enabled, *of), (&written, 1, tenant.id.to_bytes()));
    }
}

pub(crate) async fn api_keys(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    for expires_at in [None, Some(NOW)] {
        let mut new = new_api_key(tenant.id);
        new.key.expires_at = expires_at;
        store.commit(unit(tenant.id, Change::CreateApiKey(Box::new(new.clone())))).await.unwrap();
        let (read, of) = store.api_key_by_hash(&new.hash).await.unwrap().unwrap();
        assert_eq!((read.id, read.tenant, &read.name), (new.key.id, tenant.id, &new.key.name));
        assert_eq!((read.permissions, read.expires_at), (new.key.permissions, expires_at));
        assert_eq!(read.networks, new.key.networks);
        assert_eq!((of.id, of.version), (tenant.id, tenant.version));
        assert_eq!(read.live(NOW), expires_at.is_none());
    }
    assert!(store.api_key_by_hash(&hash()).await.unwrap().is_none());
}

pub(crate) async fn signing_keys(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let other = given::tenant(store).await;
    let written: Vec<_> = Algorithm::ALL.into_iter().map(|alg| new_signing_key(tenant.id, alg)).collect();
    for new in &written {
        let receipt =
            store.commit(unit(tenant.id, Change::CreateSigningKey(Box::new(new.clone())))).await.unwrap();
        assert_eq!(receipt.affected, [1]);
    }
    let read = store.signing_keys(tenant.id).await.unwrap();
    assert_eq!(read.len(), written.len());
    for (read, new) in read.iter().zip(&written) {
        assert_eq!((read.id, read.algorithm, &read.kid), (new.id, new.algorithm, &new.kid));
        assert_eq!((&read.public_jwk, &read.sealed), (&new.public_jwk, &new.sealed));
        assert_eq!((read.active_from, read.retired_at), (new.active_from, None));
        assert_eq!(read.state(NOW), KeyState::Next);
    }
    let version = store.tenant_by_id(tenant.id).await.unwrap().unwrap().version;
    assert_eq!(version, 1 + 4, "each key makes cached copies of its tenant stale");
    assert!(store.signing_keys(other.id).await.unwrap().is_empty());
}

pub(crate) async fn access_tokens(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let client = given::client(store, tenant.id).await;
    let user = given::user(store, tenant.id).await;
    let machine = new_token(tenant.id, client.id);
    let mut person = new_token(tenant.id, client.id);
    person.user = Some(user);
    for new in [machine, person] {
        assert!(store.token_in_tenant(new.id, tenant.id).await.unwrap().is_none());
        assert_eq!(store.commit(issue(new.clone())).await.unwrap().affected, [1]);
        let seen = store.token_for_client(new.id, client.id).await.unwrap().unwrap();
        assert_eq!(seen.versions, CallerVersions { client: 1, tenant: 1 });
        let (of, anywhere) = store.token_anywhere(new.id).await.unwrap().unwrap();
        assert_eq!(of, tenant.id);
        let in_tenant = store.token_in_tenant(new.id, tenant.id).await.unwrap().unwrap();
        for read in [seen.token.unwrap(), anywhere, in_tenant] {
            assert_eq!((read.id, read.client, read.user), (new.id, client.id, new.user));
            assert!(read.hash.ct_eq(&new.hash));
            assert_eq!((&read.scope, &read.audience), (&new.scope, &new.audience));
            assert_eq!((read.issued_at, read.expires_at), (new.issued_at, new.expires_at));
            assert_eq!((read.revoked_at, read.grant), (None, GrantState::None));
            assert_eq!(read.client_id.as_ref(), Some(&client.client_id));
            let alive = Parent::Present { stored: 0, current: 0 };
            let user_parent = if new.user.is_some() { alive } else { Parent::None };
            assert_eq!(
                (read.client_parent, read.tenant_parent, read.user_parent),
                (alive, alive, user_parent)
            );
            assert_eq!(read.live(NOW), Ok(()));
        }
    }
}

static AUDIT_TEXTS: Sql = Sql::new(
    "AUDIT_TEXTS",
    "SELECT actor_type, actor_name, action, target_type, outcome, ip_address, user_agent, request_id, \
     actor_id, target_id, tenant_id, at FROM audit_logs WHERE id = $1",
);

pub(crate) async fn the_audit_record_of_each_actor(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let (client, user, key) =
        (ClientId::from_bytes(id()), UserId::from_bytes(id()), ApiKeyId::from_bytes(id()));
    let token = TokenId::from_bytes(id());
    let cases = [
        (Actor::System, "system", None, Target::Server, "server", None),
        (
            Actor::Anonymous,
            "anonymous",
            None,
            Target::Tenant(tenant.id),
            "tenant",
            Some(tenant.id.to_bytes()),
        ),
        (
            Actor::Client { id: client, name: "n".into() },
            "client",
            Some(client.to_bytes()),
            Target::Client(client),
            "client",
            Some(client.to_bytes()),
        ),
        (
            Actor::User { id: user, name: "n".into() },
            "user",
            Some(user.to_bytes()),
            Target::User(user),
            "user",
            Some(user.to_bytes()),
        ),
        (
            Actor::ApiKey { id: key, name: "n".into() },
            "api_key",
            Some(key.to_bytes()),
            Target::AccessToken(token),
            "access_token",
            Some(token.to_bytes()),
        ),
    ];
    for (actor, actor_type, actor_id, target, target_type, target_id) in cases {
        let mut act = given::act(tenant.id);
        act.actor = actor;
        act.action = Action::TenantTokensEnded;
        act.target = target;
        act.origin = Origin {
            ip: Some("2001:db8::1".parse().unwrap()),
            user_agent: Some("agent/1".into()),
            request_id: Some("req-1".into()),
            browser: None,
        };
        let record = act.id;
        store.commit(Changes::new(act)).await.unwrap();
        let read = store
            .read(&AUDIT_TEXTS, &[record.into()], &mut |row| {
                let text = |_| Ok::<_, String>(row.maybe_text()?.map(String::from));
                let texts: Vec<Option<String>> = (0..8).map(text).collect::<Result<_, _>>()?;
                Ok((texts, row.maybe_id()?, row.maybe_id()?, row.id()?, row.time()?))
            })
            .await
            .unwrap();
        let name = actor_id.map(|_| "n");
        let action = "tenant.tokens_ended";
        let texts = [
            Some(actor_type),
            name,
            Some(action),
            Some(target_type),
            Some("success"),
            Some("2001:db8::1"),
            Some("agent/1"),
            Some("req-1"),
        ];
        assert_eq!(
            read[0],
            (texts.map(|t| t.map(String::from)).to_vec(), actor_id, target_id, tenant.id.to_bytes(), NOW)
        );
        let newest = store.audit_newest(tenant.id, 1).await.unwrap();
        assert_eq!(newest, [(action.to_owned(), actor_type.to_owned())]);
    }
}

pub(crate) async fn what_is_taken_is_a_named_conflict(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let other = given::tenant(store).await;
    let client = given::client(store, tenant.id).await;
    let mut user = new_user(tenant.id);
    user.username = name("Ünique").into();
    let key = new_api_key(tenant.id);
    let signing_key = new_signing_key(tenant.id, Algorithm::Es256);
    store.commit(unit(tenant.id, Change::CreateUser(Box::new(user.clone())))).await.unwrap();
    store.commit(unit(tenant.id, Change::CreateApiKey(Box::new(key.clone())))).await.unwrap();
    store.commit(unit(tenant.id, Change::CreateSigningKey(Box::new(signing_key.clone())))).await.unwrap();
    let before = records(store, tenant.id).await;

    let mut same_slug = new_tenant();
    same_slug.slug = tenant.slug.clone();
    let mut same_client_id = new_client(other.id);
    same_client_id.client.client_id = client.client_id.clone();
    let mut same_username = new_user(tenant.id);
    same_username.username = user.username.to_uppercase().into();
    let mut same_hash = new_api_key(tenant.id);
    same_hash.hash = key.hash;
    let mut same_kid = new_signing_key(tenant.id, Algorithm::Rs256);
    same_kid.kid = signing_key.kid;
    let mut same_row = new_client(tenant.id);
    same_row.client.id = client.id;
    let cases = [
        (Change::CreateTenant(Box::new(same_slug)), Constraint::TenantSlug),
        (Change::CreateClient(Box::new(same_client_id)), Constraint::ClientId),
        (Change::CreateUser(Box::new(same_username)), Constraint::Username),
        (Change::CreateApiKey(Box::new(same_hash)), Constraint::ApiKey),
        (Change::CreateSigningKey(Box::new(same_kid)), Constraint::Other),
        (Change::CreateClient(Box::new(same_row)), Constraint::Other),
    ];
    for (change, constraint) in cases {
        let error = store.commit(unit(tenant.id, change)).await.unwrap_err();
        assert_eq!(error, CommitError::Conflict(constraint));
    }
    assert_eq!(records(store, tenant.id).await, before, "a failed unit leaves no record");

    let mut elsewhere = new_user(other.id);
    elsewhere.username = user.username.clone();
    store.commit(unit(other.id, Change::CreateUser(Box::new(elsewhere)))).await.unwrap();
}

static SECRETS: Sql =
    Sql::new("SECRETS", "SELECT CAST(COUNT(*) AS BIGINT) FROM client_secrets WHERE client_id = $1");

pub(crate) async fn nothing_of_a_failed_unit_is_left(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let taken = given::client(store, tenant.id).await;
    let version =
        |store: Arc<Store>| async move { store.tenant_by_id(tenant.id).await.unwrap().unwrap().version };
    let before = (records(store, tenant.id).await, version(Arc::clone(store)).await);

    let mut first = new_client(tenant.id);
    first.client.secrets.push(ClientSecret {
        id: SecretId::from_bytes(id()),
        hash: SecretHash::Keyed(hash()),
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: Micros(0),
        expires_at: None,
    });
    let mut last = new_client(tenant.id);
    last.client.client_id = taken.client_id;
    let (first_id, first_name) = (first.client.id, first.client.client_id.clone());
    let changes = Changes::new(given::act(tenant.id))
        .with(Change::EndTenantTokens { tenant: tenant.id })
        .with(Change::CreateClient(Box::new(first)))
        .with(Change::CreateClient(Box::new(last)));
    assert_eq!(store.commit(changes).await, Err(CommitError::Conflict(Constraint::ClientId)));

    assert!(store.client_by_client_id(&first_name).await.unwrap().is_none());
    assert_eq!(number_of(store, &SECRETS, Value::from(first_id)).await, Some(0));
    assert_eq!((records(store, tenant.id).await, version(Arc::clone(store)).await), before);
}
